from __future__ import annotations

import pytest

from simulator.telephony.errors import CallAlreadyEnded, NobodyThere, UnknownCall
from simulator.telephony.live_calls import LiveCall, Party
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.people import Persona
from tests.telephony.exchange_office import CALLER, FRIEND, OWN, SERIES, Office, open_office

PATIENT = Persona(name="patient", ring=seconds(5), talk=seconds(60))


def reached(office: Office, route: str | None = "script") -> LiveCall:
    office.world.numbers.give(office.account, OWN, SERIES).routed_to = route
    return office.world.switchboard.ring(CALLER, OWN)


def test_a_number_that_leads_nowhere_turns_callers_away() -> None:
    call = reached(open_office(), route=None)

    assert (call.cause, call.hung_up_by, call.answered) == (1, Party.NETWORK, None)


def test_a_caller_gives_up_when_nobody_answers() -> None:
    office = open_office()
    call = reached(office)

    office.advance(minutes=1)

    assert (call.hung_up_by, call.answered, call.length.total_seconds()) == (Party.CALLER, None, 45)


def test_an_answered_caller_stays_as_long_as_they_like() -> None:
    office = open_office((CALLER, PATIENT))
    call = reached(office)

    office.world.switchboard.answer(call)
    office.advance(minutes=2)

    assert call.talk.total_seconds() == 60
    assert [news.name for news in office.operator.events][-2:] == ["call.started", "call.ended"]


def test_a_call_goes_on_to_somebody_else_and_ends_with_the_first() -> None:
    office = open_office(
        (CALLER, PATIENT), (FRIEND, Persona(name="long", ring=seconds(5), talk=seconds(999)))
    )
    call = reached(office)
    office.world.switchboard.answer(call)
    seen: list[bool] = []

    leg = office.world.switchboard.forward(call, FRIEND, OWN, lambda leg: seen.append(leg.ended is None))
    office.advance(minutes=2)

    assert seen == [True, False]
    assert (leg.talk.total_seconds(), leg.hung_up_by) == (55, Party.CALLER)
    assert leg.cost > 0


def test_somebody_who_does_not_answer_is_told_by_the_cause() -> None:
    office = open_office((FRIEND, Persona(name="busy", attempts=(Disposition.BUSY,))))
    call = reached(office)
    ended: list[LiveCall] = []

    office.world.switchboard.forward(call, FRIEND, OWN, ended.append)
    office.advance(seconds=1)

    assert [leg.cause for leg in ended] == [17]


@pytest.mark.parametrize(("patience", "length", "by"), [(7, 7, Party.CALLER), (90, 60, Party.NETWORK)])
def test_a_phone_that_nobody_picks_up_rings_until_the_caller_or_the_network_gives_up(
    patience: int, length: int, by: Party
) -> None:
    office = open_office((FRIEND, Persona(name="away", attempts=(Disposition.NO_ANSWER,))))
    board = office.world.switchboard
    leg = board.dial(office.account, FRIEND, OWN, lambda _leg: None)

    office.advance(seconds=patience)
    if leg.ended is None:
        board.hang_up(leg, Party.CALLER)

    assert (leg.length.total_seconds(), leg.hung_up_by) == (length, by)


@pytest.mark.parametrize(("route", "suspended"), [(None, False), ("script", True)])
def test_a_call_that_is_turned_away_began_as_well_as_it_ended(route: str | None, suspended: bool) -> None:
    office = open_office()
    office.account.suspended = suspended

    call = reached(office, route)

    assert office.news("call.started") == office.news("call.ended") == [call]
    assert call.cause == 1


def test_a_live_call_is_hung_up_once() -> None:
    office = open_office()
    call = reached(office)
    board = office.world.switchboard

    board.hang_up(board.live(office.account, call.ref), Party.NETWORK)

    with pytest.raises(CallAlreadyEnded):
        board.live(office.account, call.ref)


def test_nobody_is_called_who_is_not_there() -> None:
    office = open_office()

    with pytest.raises(NobodyThere):
        office.world.switchboard.ring(CALLER, OWN)
    with pytest.raises(UnknownCall):
        office.world.switchboard.live(office.account, 1)


def test_a_recorded_call_is_ready_to_be_heard_soon_after_its_end() -> None:
    office = open_office((CALLER, PATIENT))
    call = reached(office)
    call.record_in = "voicemail"
    office.world.switchboard.answer(call)

    office.advance(minutes=2)

    (recording,) = office.world.recordings.of(office.account).values()
    assert (recording.kind, recording.length.total_seconds(), recording.state) == ("voicemail", 60, "ready")
    assert recording.size == 960_000


def test_whoever_keys_a_code_in_speaks_to_the_operator_once() -> None:
    office = open_office()
    calls: list[LiveCall] = []
    office.world.switchboard.serve(office.account, FRIEND, "123", calls.append)

    office.world.switchboard.ring(CALLER, FRIEND, keys="123")
    office.advance(seconds=10)

    assert [(call.caller, call.talk.total_seconds()) for call in calls] == [(CALLER, 10)]
    assert office.operator.events == []
    with pytest.raises(NobodyThere):
        office.world.switchboard.ring(CALLER, FRIEND, keys="123")
