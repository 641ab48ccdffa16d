"""What the vendor itself says to expressions: call, message, recording, run (names are observed)."""

from __future__ import annotations

from typing import Any

from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message, MessageState
from simulator.vendors.callr.actions.run import Run
from simulator.vendors.callr.answers import render_cents, render_instant
from simulator.vendors.callr.javascript.engine import open_interpreter
from simulator.vendors.callr.javascript.values import Interpreter, Scope
from simulator.vendors.callr.numbering import COUNTRY_NAMES, destination_of
from simulator.vendors.callr.responses import render_call, render_message, render_recording
from simulator.vendors.callr.settings import CallrSettings

SEEDS = 2**31
LINE_TYPES = {"mobile": "MOBILE", "geographic": "FIXED_LINE", "tollfree": "TOLL_FREE"}
"""The vendor names types of numbers as a well-known library does (documented)."""


def interpreter_of(run: Run) -> Interpreter:
    """Return what computes a step: it knows the run's variables, what the vendor sets, time and chance."""
    names = {
        **run.variables,
        "run": {"id": run.ref, "type": run.record.began_by},
        "scenario": {"sid": run.sid, "name": run.record.script},
        "integrations": {"defaults": {}},
    }
    if run.call is not None:
        names["call"] = _call(run.call)
    if (recording := run.recording) is not None:
        names["recording"] = {**render_recording(recording), "transcription": recording.transcript}
    if run.message is not None:
        names["sms"] = _sms(run.message)
    seed = run.world.random.below(SEEDS, "script", run.account.name, run.ref, run.root.steps)
    scope = Scope(names, run.world.clock.now, run.world.rules.zone, seed, run.root.work)
    return open_interpreter(scope, CallrSettings.of(run.account).javascript)


def _call(call: LiveCall) -> dict[str, Any]:
    parties = _party("from", call.caller or "") | _party("to", call.callee)
    return {"id": call.ref, **parties, "cdr": render_call(call)}


def _sms(message: Message) -> dict[str, Any]:
    letter, sent = message.letter, render_message(message)
    return {
        "sid": message.ref,
        "direction": sent["direction"],
        **_party("from", letter.sender),
        **_party("to", letter.recipient),
        "status": sent["status"],
        "encoding": sent["encoding"],
        "bodyText": letter.text,
        "parts": message.parts,
        "billingDebit": render_cents(message.cost),
        "billingPaymentType": sent["paymentType"],
        "network": "",
        "deliveredAt": render_instant(message.reached(MessageState.DELIVERED)),
        "createdAt": sent["created"],
        "updatedAt": sent["updated"],
        "sentAt": sent["sent"],
    }


def _party(side: str, number: str) -> dict[str, Any]:
    """Tell of a number what a script may branch on."""
    known = destination_of(number)
    country = known.country if known else ""
    return {
        f"{side}Number": number,
        f"{side}Type": LINE_TYPES.get(known.kind, "UNKNOWN") if known else "UNKNOWN",
        f"{side}Country": country,
        f"{side}Location": COUNTRY_NAMES.get(country, ""),
    }
