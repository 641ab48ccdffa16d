"""Verdicts on messages: what became of what was written to one number, and of all that was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from simulator.errors import counted
from simulator.scenario.expectations import ExpectedMessage, ExpectedMessages
from simulator.scenario.values import Counts, Quantity
from simulator.telephony.messages import Message, MessageState
from simulator.verdicts.effects import DONE
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, Judged, judge_each, judge_quantity, judge_words


def judge_message(expected: ExpectedMessage, written: Mapping[str, object], evidence: Evidence) -> Judged:
    """Judge what was written to a number: the last message, word by word, and how many there were."""
    messages = [message for message in evidence.messages if message.letter.recipient == expected.to]
    judges: dict[str, Callable[..., Finding]] = {"count": _count, "state": _state, "text": _text}
    if all(getattr(expected, word) is None for word in judges):
        yield {"to": written["to"], "count": "at least 1"}, _count(Counts(1, None), messages)
    yield from judge_words(judges, expected, written, messages, about=("to",))


def _count(allowed: Counts, messages: Sequence[Message]) -> Finding:
    advice = "one too many was sent twice for one request; one too few was refused"
    return Finding(
        len(messages) in allowed, counted(len(messages), "message"), _names(messages), advice, "exchanges"
    )


def _state(state: MessageState, messages: Sequence[Message]) -> Finding:
    return _of_last("state", str(state), [str(message.state) for message in messages], messages)


def _text(text: str, messages: Sequence[Message]) -> Finding:
    return _of_last("text", text, [message.letter.text for message in messages], messages)


def _of_last(word: str, expected: str, values: Sequence[str], messages: Sequence[Message]) -> Finding:
    if not values:
        advice = "did the client ask for it, and was it let in?"
        return Finding(False, "nobody wrote to this number", advice=advice, look="exchanges")
    return Finding(values[-1] == expected, f"{word}: {values[-1]}", _names(messages[-1:]), look="messages")


def judge_messages(expected: ExpectedMessages, written: Mapping[str, object], evidence: Evidence) -> Judged:
    """Judge all messages: how many went to each number, and the shares by how they ended."""
    judges: dict[str, Callable[..., Finding]] = {"per_number": _per_number, "count": _count}
    yield from judge_words(judges, expected, written, evidence.messages)
    for state in DONE:
        if (quantity := getattr(expected, state.value)) is not None:
            yield {state.value: written[state.value]}, _ended(state, quantity, evidence.messages)


def _per_number(allowed: Counts, messages: Sequence[Message]) -> Finding:
    counts = Counter(message.letter.recipient for message in messages)
    advice = "look up what became of a message before it is sent again, and take a callback's id once"
    return judge_each(allowed, counts, "message", "written to", advice=advice)


def _ended(state: MessageState, quantity: Quantity, messages: Sequence[Message]) -> Finding:
    ended = [message for message in messages if message.state is state]
    amount = (len(ended), len(messages))
    return judge_quantity(quantity, amount, "messages", shown=_names(ended), look="messages")


def _names(messages: Sequence[Message]) -> list[str]:
    return [f"message {message.ref}" for message in messages]
