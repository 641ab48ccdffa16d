"""Verdicts on calls: what became of one number, of all numbers, and at what hours they were dialed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, tzinfo

from simulator.scenario import microsyntax as phrases
from simulator.scenario import values as meanings
from simulator.scenario.expectations import ExpectedCall, ExpectedCalls, Outside
from simulator.telephony.calls import Call
from simulator.telephony.hours import find_zone
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164
from simulator.verdicts.evidence import Evidence, attempts_of
from simulator.verdicts.findings import Finding, counted
from simulator.verdicts.night import PartyRung, homes_of, parties_rung

LOOK_AT_CALLS = "/v1/calls of the control API has its timeline: what happened, and when"


def judge_call(expected: ExpectedCall, evidence: Evidence) -> Iterator[Finding]:
    """Judge the last call to a number, word by word."""
    number = phrases.NUMBER.read(expected.to)
    calls = [call for call in evidence.calls if call.callee == number]
    subject = {"to": number}
    for word, wanted in _words_of(expected):
        words = {**subject, word: wanted}
        if calls:
            yield _of_call(words, word, calls[-1])
        else:
            unwanted = word == "attempts" and _allows(wanted, 0)
            advice = "did the client ask for it, and was it let in? /v1/exchanges of the control API tells"
            yield Finding(words, unwanted, "nobody called this number", advice=advice)


def _words_of(expected: ExpectedCall) -> list[tuple[str, object]]:
    words = ("outcome", "pressed", "said", "attempts")
    told = [(word, getattr(expected, word)) for word in words if getattr(expected, word) is not None]
    return told or [("attempts", "at least 1")]


def _of_call(words: dict[str, object], word: str, call: Call) -> Finding:
    found = {"outcome": _outcome, "pressed": _pressed, "said": _said, "attempts": _attempts}[word](call)
    if word == "attempts":
        held = _allows(words[word], len(call.attempts))
    else:
        held = found is not None and found == str(words[word])
    told = "nothing" if found is None else f"{found}"
    return Finding(words, held, f"{word}: {told or 'nothing'}", [describe_call(call)], LOOK_AT_CALLS)


def _outcome(call: Call) -> str | None:
    return call.settled.disposition.value if call.settled else None


def _pressed(call: Call) -> str:
    talk = call.settled.conversation if call.settled else None
    return "".join(press.key for press in talk.presses if _is_keyed(press.key)) if talk else ""


def _said(call: Call) -> str:
    talk = call.settled.conversation if call.settled else None
    if talk is None:
        return ""
    return talk.says or "".join(press.key for press in talk.presses if not _is_keyed(press.key))


def _is_keyed(entry: str) -> bool:
    return all(letter in "0123456789*#" for letter in entry)


def _attempts(call: Call) -> str:
    return str(len(call.attempts))


def _allows(wanted: object, number: int) -> bool:
    counts = phrases.COUNTS.read(wanted)
    return counts.low <= number and (counts.high is None or number <= counts.high)


def describe_call(call: Call) -> str:
    """Return how a call is named in a verdict."""
    return f"call {call.ref}"


def judge_calls(expected: ExpectedCalls, evidence: Evidence) -> Iterator[Finding]:
    """Judge all calls: attempts to each number, hours, shares by how they ended."""
    if expected.per_number is not None:
        yield _per_number(str(expected.per_number), evidence)
    if expected.outside is not None:
        yield _outside(expected.outside, evidence)
    for disposition in Disposition:
        if (band := getattr(expected, disposition.value, None)) is not None:
            yield _share(disposition, band, expected.of, evidence)


def _per_number(wanted: str, evidence: Evidence) -> Finding:
    attempts: Counter[E164] = Counter()
    for call in evidence.calls:
        attempts[call.callee] += len([*attempts_of([call])])
    wrong = [
        f"{number}: {counted(count, 'attempt')}"
        for number, count in attempts.items()
        if not _allows(wanted, count)
    ]
    most = max(attempts.values(), default=0)
    found = f"{counted(len(attempts), 'number')} called, {counted(most, 'attempt')} to one at most"
    if wrong:
        found = f"{len(wrong)} of {found}"
    advice = "who adds a number again while it is still retried dials it more often than one series does"
    return Finding({"per_number": wanted}, not wrong, found, wrong, advice)


def _outside(expected: Outside, evidence: Evidence) -> Finding:
    hours, zone = phrases.HOURS.read(expected.hours), phrases.CALLEE_ZONE.read(expected.zone)
    rung = [party for call in evidence.calls for party in parties_rung(call)]
    late = [
        f"{describe_call(party.call)} at {local:%a %H:%M} in {local.tzinfo}"
        for party in rung
        if not _is_within((local := _local(party, zone, evidence)), hours)
    ]
    words = {"outside": {"hours": expected.hours, "zone": expected.zone, "count": expected.count}}
    attempts = len([*attempts_of(evidence.calls)])
    more = f" with {len(rung)} legs" if len(rung) > attempts else ""
    found = f"{len(late)} of {counted(attempts, 'attempt')}{more}"
    advice = "set the hours where the calls are placed, in each callee's own zone"
    return Finding(words, _allows(expected.count, len(late)), found, late, advice)


def _local(party: PartyRung, zone: tzinfo | None, evidence: Evidence) -> datetime:
    """Return when a phone rang where its owner is; where the scenario plays, if that may be several zones."""
    homes = homes_of(party.number, evidence)
    home = homes[0] if len(homes) == 1 else find_zone(evidence.scenario.clock.zone)
    return party.at.astimezone(zone or home)


def _is_within(local: datetime, hours: meanings.Hours) -> bool:
    clock, closes = local.time(), hours.closes
    if hours.opens <= closes:
        return hours.opens <= clock and (clock < closes or closes == time.max)
    return clock >= hours.opens or clock < closes


def _share(disposition: Disposition, wanted: str, of: str, evidence: Evidence) -> Finding:
    band = phrases.BAND.read(wanted)
    ended = [call for call in evidence.calls if call.settled and call.settled.disposition is disposition]
    if of == "people":
        people = evidence.described
        count, total = len({call.callee for call in ended if call.callee in people}), len(people)
    else:
        count, total = len(ended), len(evidence.calls)
    words = {disposition.value: wanted, "of": of}
    if not total:
        return Finding(words, None, f"there are no {of} to take a share of")
    share = count / total
    advice = "the fates are keyed: were all called, as often as planned, and had all calls ended by then?"
    held = float(band.low) <= share <= float(band.high)
    return Finding(words, held, f"{share:.1%}: {count:,} of {total:,} {of}", advice=advice)
