"""The action sms: a message sent in the middle of a script (observed: `to`, `from`, `body`)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from simulator.telephony.errors import TelephonyError
from simulator.telephony.world import World
from simulator.vendor import Refused
from simulator.vendors.callr.actions.run import Run
from simulator.vendors.callr.actions.script import Step
from simulator.vendors.callr.actions.steps import Action, Params, Pause
from simulator.vendors.callr.actions.values import to_text
from simulator.vendors.callr.refusals import message_of
from simulator.vendors.callr.sending import SmsRequest, send


def _sms(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Send the body to everybody; who cannot be sent it is told in the result (inferred)."""
    recipients: Any = params.get("to")
    body = params.get("body")
    sids, errors = [], []
    for to in recipients if isinstance(recipients, list) else [recipients]:
        try:
            request = SmsRequest(
                to,
                body,
                sender=params.get("from"),
                encoding=params.get("encoding"),
                traffic=params.get("trafficType"),
            )
            message = send(world, run.account, request)
            sids.append(str(message.ref))
            run.record.messages.append(message)
        except (Refused, TelephonyError) as error:
            text = message_of(error) if isinstance(error, Refused) else str(error)
            reason = text or type(error).__name__
            errors.append({"to": to_text(to), "message": reason})
            run.note(world.clock.now, f"sms: not sent to {to_text(to)}: {reason}")
        else:
            run.note(world.clock.now, f"sms: sent to {to_text(to)}")
    run.keep(step, {"ok": not errors, "sids": sids, "errors": errors})
    return None


TEXTING: Mapping[str, Action] = MappingProxyType({"sms": _sms})
