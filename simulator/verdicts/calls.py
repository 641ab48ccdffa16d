"""Verdicts on calls: what became of one number, of all numbers, and at what hours they were dialed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import partial
from operator import attrgetter
from typing import Any

from simulator.errors import counted
from simulator.scenario.expectations import ExpectedCall, ExpectedCalls, Outside
from simulator.scenario.values import Counts, Hours, Quantity
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164
from simulator.verdicts.evidence import Evidence, attempts_of
from simulator.verdicts.findings import Finding, Judged, judge_each, judge_quantity, judge_words
from simulator.verdicts.night import PartyRung, homes_of, parties_rung

KEYS = frozenset("0123456789*#")


def judge_call(expected: ExpectedCall, written: Mapping[str, object], evidence: Evidence) -> Judged:
    """Judge the last call to a number, word by word."""
    onward = (leg for leg in evidence.dialed_live if leg.origin is not None)
    calls = [call for call in (*evidence.calls, *onward) if call.callee == expected.to]
    calls.sort(key=attrgetter("created"))
    judges = {word: partial(_of_call, word) for word in ("outcome", "pressed", "said", "attempts")}
    if all(getattr(expected, word) is None for word in judges):
        yield {"to": written["to"], "attempts": "at least 1"}, _of_call("attempts", Counts(1, None), calls)
    yield from judge_words(judges, expected, written, calls, about=("to",))


def _of_call(word: str, value: Counts | str, calls: Sequence[AnyCall]) -> Finding:
    if not calls:
        advice = "did the client ask for it, and was it let in?"
        held = isinstance(value, Counts) and 0 in value
        return Finding(held, "nobody called this number", advice=advice, look="exchanges")
    call = calls[-1]
    if isinstance(value, Counts):
        held, text = len(call.attempts) in value, str(len(call.attempts))
    else:
        text = {"outcome": _outcome, "pressed": _pressed, "said": _said}[word](call)
        held = text == str(value)
    return Finding(held, f"{word}: {text or 'nothing'}", [describe_call(call)], look="calls")


def _outcome(call: AnyCall) -> str:
    return call.settled.disposition.value if call.settled else ""


def _pressed(call: AnyCall) -> str:
    talk = call.settled.conversation if call.settled else None
    return "".join(press.key for press in talk.presses if KEYS.issuperset(press.key)) if talk else ""


def _said(call: AnyCall) -> str:
    talk = call.settled.conversation if call.settled else None
    if talk is None:
        return ""
    return talk.says or "".join(press.key for press in talk.presses if not KEYS.issuperset(press.key))


def describe_call(call: AnyCall) -> str:
    """Return how a call is named in a verdict."""
    return f"call {call.ref}"


def judge_calls(expected: ExpectedCalls, written: Mapping[str, Any], evidence: Evidence) -> Judged:
    """Judge all calls: attempts to each number, hours, shares by how they ended."""
    if expected.per_number is not None:
        yield {"per_number": str(written["per_number"])}, _per_number(expected.per_number, evidence)
    if expected.outside is not None:
        outside = {"hours": "", "zone": "callee", "count": 0, **written["outside"]}
        yield {"outside": outside}, _outside(expected.outside, evidence)
    if expected.count is not None:
        yield {"count": written["count"]}, _number(expected.count, evidence)
    for disposition in Disposition:
        if (quantity := getattr(expected, disposition.value, None)) is not None:
            words = {disposition.value: written[disposition.value], "of": expected.of}
            yield words, _ended(disposition, quantity, expected.of, evidence)


def _per_number(allowed: Counts, evidence: Evidence) -> Finding:
    attempts: Counter[E164] = Counter()
    for call in evidence.calls:
        attempts[call.callee] += len([*attempts_of([call])])
    advice = "who adds a number again while it is still retried dials it more often than one series does"
    return judge_each(allowed, attempts, "attempt", "called", advice=advice)


def _outside(expected: Outside, evidence: Evidence) -> Finding:
    rung = [party for call in evidence.calls for party in parties_rung(call)]
    windows = (expected.hours,) if isinstance(expected.hours, Hours) else expected.hours
    late = [
        f"{describe_call(party.call)} at {local:%a %H:%M} in {local.tzinfo}"
        for party in rung
        if not any(window.contains(local := _local(party, expected.zone, evidence)) for window in windows)
    ]
    attempts = len([*attempts_of(evidence.calls)])
    more = f" with {len(rung)} legs" if len(rung) > attempts else ""
    text = f"{len(late)} of {counted(attempts, 'attempt')}{more}"
    advice = "set the hours where the calls are placed, in each callee's own zone"
    return Finding(len(late) in expected.count, text, late, advice)


def _local(party: PartyRung, zone: tzinfo | None, evidence: Evidence) -> datetime:
    """Return when a phone rang where its owner is; where the scenario plays, if that may be several zones."""
    homes = homes_of(party.number, evidence)
    home = homes[0] if len(homes) == 1 else evidence.zone
    return party.at.astimezone(zone or home)


def _number(allowed: Counts, evidence: Evidence) -> Finding:
    number = len(evidence.calls)
    advice = "did the client ask for all, once each?"
    return Finding(number in allowed, counted(number, "call"), advice=advice, look="calls")


def _ended(disposition: Disposition, quantity: Quantity, of: str, evidence: Evidence) -> Finding:
    """Judge how many calls, or people who were called, or what share of them, ended in one way."""
    ended = [call for call in evidence.calls if call.settled and call.settled.disposition is disposition]
    if of == "people":
        people = evidence.described
        count, total = len({call.callee for call in ended if call.callee in people}), len(people)
    else:
        count, total = len(ended), len(evidence.calls)
    shown = [describe_call(call) for call in ended]
    advice = "the fates are keyed: were all called, as often as planned, and had all calls ended by then?"
    return judge_quantity(quantity, (count, total), of, shown=shown, advice=advice)
