from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Direction
from simulator.telephony.messages import Alphabet, Criteria, Letter, Message, MessageLog, MessageState
from simulator.telephony.phone_numbers import E164

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
STATES = (MessageState.DELIVERED, MessageState.FAILED, MessageState.PENDING)
WORDS = ("Hello Bob", "STRASSE", "call me", "")
SOME, COUNT = 100, 307


def message(nth: int) -> Message:
    sender = f"SHOP{nth % 5}"
    letter = Letter(sender, E164(f"+3363998{nth % 50:04}"), WORDS[nth % 4], Alphabet.GSM, f"why {nth % 3}")
    state, at = STATES[nth % 7 % 3], START + timedelta(seconds=nth)
    return Message(
        ref=nth,
        account=Account(name="a", vendor="x", credential="k", opened=START),
        direction=Direction.INCOMING if nth % 2 else Direction.OUTGOING,
        letter=letter,
        created=at,
        cost=Decimal(0),
        state=state,
        history=[(state, at)],
    )


def log_of(count: int) -> MessageLog:
    log = MessageLog()
    for nth in range(count):
        log.append(message(nth))
    return log


LOG = log_of(COUNT)
MIDDLE = START + timedelta(seconds=COUNT // 2)


def plainly(criteria: Criteria, messages: MessageLog) -> list[Any]:
    """Find by looking at each."""
    return [
        one.ref
        for one in messages
        if criteria.state in (None, one.state)
        and criteria.direction in (None, one.direction)
        and criteria.purpose in (None, one.letter.purpose)
        and criteria.sender in (None, one.letter.sender)
        and criteria.recipient in (None, one.letter.recipient)
        and criteria.text.casefold() in one.letter.text.casefold()
        and (criteria.after is None or one.created > criteria.after)
        and (criteria.before is None or one.created < criteria.before)
        and criteria.place in (None, one.place)
    ]


CRITERIA = [
    Criteria(),
    Criteria(state=MessageState.FAILED),
    Criteria(state=MessageState.EXPIRED),
    Criteria(direction=Direction.INCOMING, purpose="why 2"),
    Criteria(purpose="never said"),
    Criteria(sender="SHOP3"),
    Criteria(sender="SHOP3", state=MessageState.PENDING),
    Criteria(sender="SHOP3", recipient="+33639980003", after=MIDDLE),
    Criteria(recipient="+33639980004", text="hello"),
    Criteria(recipient="+33000000000"),
    Criteria(text="straße"),
    Criteria(text="Bob\nSTR"),
    Criteria(text="ME", before=MIDDLE, direction=Direction.OUTGOING),
    Criteria(after=MIDDLE),
    Criteria(before=MIDDLE, state=MessageState.DELIVERED),
    Criteria(after=MIDDLE, before=START),
    Criteria(place=5),
    Criteria(place=5, state=MessageState.PENDING, text="str"),
    Criteria(place=5, sender="SHOP1"),
]


@pytest.mark.parametrize("criteria", CRITERIA)
def test_a_log_finds_what_looking_at_each_message_finds(criteria: Criteria) -> None:
    matches, expected = LOG.find(criteria), plainly(criteria, LOG)

    assert len(matches) == len(expected)
    assert [one.ref for one in matches[0 : len(matches)]] == expected
    assert [one.ref for one in matches[SOME : SOME + 3]] == expected[SOME : SOME + 3]
    assert [one.ref for one in LOG.find(criteria)[len(expected) - 2 : 2 * COUNT]] == expected[-2:]


@pytest.mark.parametrize("criteria", CRITERIA)
def test_a_log_tells_by_what_changed_last(criteria: Criteria) -> None:
    log = log_of(SOME + 9)
    (one,) = log[5:6]
    one.history.append((one.state, START + timedelta(days=2)))
    log.note(one)

    matches = log.find_by_update(criteria)

    assert sorted(str(match.ref) for match in matches[0 : len(matches)]) == sorted(
        map(str, plainly(criteria, log))
    )
    if one.ref in plainly(criteria, log):
        assert matches[len(matches) - 1 : len(matches)] == [one]


@pytest.mark.parametrize("criteria", CRITERIA)
def test_what_was_found_stays_as_it_was_while_messages_come_and_change(criteria: Criteria) -> None:
    log = log_of(SOME)
    matches = log.find(criteria)
    before = [one.ref for one in matches[0 : len(matches)]]

    for nth in range(SOME, 2 * SOME):
        log.append(message(nth))
    for one in list(log)[:50]:
        one.state = MessageState.EXPIRED
        log.note(one)

    assert [one.ref for one in matches[0:COUNT]] == before
    assert [one.ref for one in log.find(criteria)[0:COUNT]] == plainly(criteria, log)


def test_a_state_is_found_as_soon_as_it_is_reached() -> None:
    log = log_of(3)
    (first,) = log[:1]
    first.state = MessageState.EXPIRED
    log.note(first)

    assert log.find(Criteria(state=MessageState.EXPIRED))[0:9] == [first]
    assert first not in log.find(Criteria(state=MessageState.DELIVERED))[0:9]
