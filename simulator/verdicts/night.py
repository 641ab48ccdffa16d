"""Verdict on hours that nobody named: no client rings people out of their beds.

What is judged without a word of the scenario is only what is plainly the client's choice:

- A night is what is night everywhere the callee may live: from 22:00 to 07:00 by the zone that `people` gives
  them, else in every zone of the country that the number belongs to. Unknown codes have no night.
- Every leg counts: who is called, and whom they are connected to. Only the first attempt of a call does, for
  later ones come when the vendor's dialer likes.
- A call that had waited (in a queue, for a window) was dialed by the vendor, unless the client itself had
  named an instant in the night from which to dial.
- A call that waits for an instant which the client named will ring then, whether or not the run gets there.
- A client cannot see a clock that a test moves, or that jumps or runs ahead. Where it came from a day into a
  night, the hour was not the client's choice; nor is it where the world's time is the host's, for tests run
  at any hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from msgspec import Struct

from simulator.errors import counted
from simulator.telephony.calls import Attempt, Call
from simulator.telephony.campaigns import hours_of
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.magic_numbers import DEFAULT
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import find_zone
from simulator.verdicts.evidence import Evidence, attempts_of
from simulator.verdicts.findings import Finding

NIGHTFALL, MORNING = time(22), time(7)
AT_ONCE = timedelta(minutes=5)
"""A call that is dialed within this time did not wait for anything."""

ADVICE = (
    "look at the callee's own clock before the call is asked for, or give the vendor hours in their zone; "
    "`calls: {outside: ...}` under `expect` names other hours, `clock: {at: ...}` another start"
)


class PartyRung(Struct, frozen=True):
    """Somebody whose phone rang, when, and for which call."""

    number: E164
    at: datetime
    call: AnyCall
    first: bool


def parties_rung(call: AnyCall) -> Iterator[PartyRung]:
    """Yield each party of each attempt of a call: the callee, and whom they were connected to."""
    for nth, attempt in enumerate(attempts_of([call])):
        for leg in _legs(attempt, call):
            yield PartyRung(leg[0], leg[1], call, nth == 0)


def _legs(attempt: Attempt, call: AnyCall) -> list[tuple[E164, datetime]]:
    """Return who was rung and when; whom a callee will be connected to counts from the start."""
    if isinstance(call, LiveCall):
        return [(leg.party, leg.started) for leg in call.legs]
    rung = [(leg.party, leg.started) for leg in attempt.legs]
    known = {party for party, _ in rung}
    return rung + [(party, attempt.started) for party in call.order.bridge if party not in known]


def _parties_awaited(call: AnyCall, evidence: Evidence) -> Iterator[PartyRung]:
    """Yield each party of a call that waits to be dialed, as soon as its client's own instant has come."""
    if not isinstance(call, Call) or call.attempts or call.ending is not None:
        return
    named = call.order.policy.earliest
    if named is not None and hours_of(call, evidence.world.people).contain(named):
        yield from (PartyRung(party, named, call, first=True) for party in (call.callee, *call.order.bridge))


def judge_nights(evidence: Evidence) -> Iterator[Finding]:
    """Judge whether somebody was called at night by the client's own choice."""
    calls = [call for call in evidence.calls if call.account.vendor not in evidence.spared]
    rung = [party for call in calls for party in (*parties_rung(call), *_parties_awaited(call, evidence))]
    if not rung:
        yield Finding(None, "nobody was called")
        return
    woken = [party for party in rung if party.first and _is_night(party.at, party.number, evidence)]
    chosen = [party for party in woken if _is_chosen(party, evidence)]
    text = (
        f"{counted(len(chosen), 'person', 'people')} called at night, or to be called" if chosen else "by day"
    )
    for party in chosen[:1]:
        local = party.at.astimezone(homes_of(party.number, evidence)[0])
        text += f", first {party.number} at {local:%H:%M} in {local.tzinfo}"
    shown = [f"call {party.call.ref}" for party in chosen]
    yield Finding(not chosen, text, shown, ADVICE)


def _is_chosen(party: PartyRung, evidence: Evidence) -> bool:
    """Tell whether the client could know, and decide, that the phone would ring at this hour."""
    named = party.call.order.policy.earliest if isinstance(party.call, Call) else None
    if named is not None and named - party.call.created > AT_ONCE:
        return _is_night(named, party.number, evidence) and party.at - named <= AT_ONCE
    if party.at - party.call.created > AT_ONCE:
        return False
    by_the_host = evidence.speed == 1
    return not by_the_host and _is_night(evidence.world.clock.start, party.number, evidence)


def _is_night(at: datetime, number: E164, evidence: Evidence) -> bool:
    zones = homes_of(number, evidence)
    return bool(zones) and all(_is_dark(at.astimezone(zone).time()) for zone in zones)


def _is_dark(clock: time) -> bool:
    return clock >= NIGHTFALL or clock < MORNING


def homes_of(number: E164, evidence: Evidence) -> tuple[tzinfo, ...]:
    """Return the zones where somebody may live; none where nobody knows.

    Who is described without a zone, or has a number kept for drama, lives where the scenario plays.
    """
    named = evidence.world.people.find(number).zone
    if named:
        return (find_zone(named),)
    british = any(block.code_of(number) is not None for block in DEFAULT)
    if british or number in evidence.described:
        return (evidence.zone,)
    code = next((number[1:end] for end in (4, 3, 2) if number[1:end] in ZONES), None)
    return tuple(map(ZoneInfo, ZONES[code].split())) if code else ()


ZONES: Mapping[str, str] = {
    "1": "America/St_Johns America/New_York America/Chicago America/Denver America/Los_Angeles "
    "America/Anchorage Pacific/Honolulu",
    "7": "Europe/Kaliningrad Europe/Moscow Asia/Yekaterinburg Asia/Almaty Asia/Novosibirsk "
    "Asia/Irkutsk Asia/Yakutsk Asia/Vladivostok Asia/Kamchatka",
    "20": "Africa/Cairo",
    "27": "Africa/Johannesburg",
    "30": "Europe/Athens",
    "31": "Europe/Amsterdam",
    "32": "Europe/Brussels",
    "33": "Europe/Paris",
    "34": "Europe/Madrid Atlantic/Canary",
    "36": "Europe/Budapest",
    "39": "Europe/Rome",
    "40": "Europe/Bucharest",
    "41": "Europe/Zurich",
    "43": "Europe/Vienna",
    "44": "Europe/London",
    "45": "Europe/Copenhagen",
    "46": "Europe/Stockholm",
    "47": "Europe/Oslo",
    "48": "Europe/Warsaw",
    "49": "Europe/Berlin",
    "51": "America/Lima",
    "52": "America/Cancun America/Mexico_City America/Tijuana",
    "54": "America/Argentina/Buenos_Aires",
    "55": "America/Noronha America/Sao_Paulo America/Manaus America/Rio_Branco",
    "56": "America/Punta_Arenas America/Santiago Pacific/Easter",
    "57": "America/Bogota",
    "58": "America/Caracas",
    "60": "Asia/Kuala_Lumpur",
    "61": "Australia/Sydney Australia/Adelaide Australia/Darwin Australia/Perth",
    "62": "Asia/Jayapura Asia/Makassar Asia/Jakarta",
    "63": "Asia/Manila",
    "64": "Pacific/Auckland Pacific/Chatham",
    "65": "Asia/Singapore",
    "66": "Asia/Bangkok",
    "81": "Asia/Tokyo",
    "82": "Asia/Seoul",
    "84": "Asia/Ho_Chi_Minh",
    "86": "Asia/Shanghai",
    "90": "Europe/Istanbul",
    "91": "Asia/Kolkata",
    "92": "Asia/Karachi",
    "94": "Asia/Colombo",
    "98": "Asia/Tehran",
    "212": "Africa/Casablanca",
    "213": "Africa/Algiers",
    "216": "Africa/Tunis",
    "233": "Africa/Accra",
    "234": "Africa/Lagos",
    "254": "Africa/Nairobi",
    "351": "Europe/Lisbon Atlantic/Azores",
    "353": "Europe/Dublin",
    "358": "Europe/Helsinki",
    "359": "Europe/Sofia",
    "370": "Europe/Vilnius",
    "371": "Europe/Riga",
    "372": "Europe/Tallinn",
    "373": "Europe/Chisinau",
    "374": "Asia/Yerevan",
    "375": "Europe/Minsk",
    "380": "Europe/Kyiv",
    "381": "Europe/Belgrade",
    "385": "Europe/Zagreb",
    "386": "Europe/Ljubljana",
    "420": "Europe/Prague",
    "421": "Europe/Bratislava",
    "852": "Asia/Hong_Kong",
    "880": "Asia/Dhaka",
    "886": "Asia/Taipei",
    "966": "Asia/Riyadh",
    "971": "Asia/Dubai",
    "972": "Asia/Jerusalem",
    "977": "Asia/Kathmandu",
    "992": "Asia/Dushanbe",
    "993": "Asia/Ashgabat",
    "994": "Asia/Baku",
    "995": "Asia/Tbilisi",
    "996": "Asia/Bishkek",
    "998": "Asia/Tashkent",
}
"""The zones of a calling code, where there are several from east to west; other codes are unknown."""
