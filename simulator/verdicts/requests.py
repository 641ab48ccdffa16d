"""Verdicts on requests: how often something was asked, with what, and how fast one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from simulator.errors import counted
from simulator.exchange import Exchange
from simulator.scenario.expectations import ExpectedRequest
from simulator.scenario.values import Counts, Rate
from simulator.verdicts.evidence import Evidence, find_crowd
from simulator.verdicts.findings import Finding, Judged, describe, judge_words, tell_length
from simulator.verdicts.sent_values import sent_values

_NUMBER = re.compile(r"\+?[0-9]{7,15}")
_SEPARATORS = re.compile(r"[,;|\s]+")
_SUBJECTS = ("where", "with", "status")


def judge_request(expected: ExpectedRequest, written: Mapping[str, object], evidence: Evidence) -> Judged:
    """Judge the requests to some operations, of which `with` and `status` may pick some out."""
    concerned = [one for one in evidence.within(expected.where) if _fits(one, expected)]
    judges: Mapping[str, Callable[..., Finding]] = {"count": _count, "pace": _pace}
    return judge_words(judges, expected, written, concerned, evidence, about=_SUBJECTS)


def _count(allowed: Counts, concerned: Sequence[Exchange], evidence: Evidence) -> Finding:
    number = len(concerned)
    if evidence.gap and not (allowed.high is not None and number > allowed.high):
        return Finding(None, evidence.gap)
    count = counted(number, "such request")
    advice = "was it left out, or sent again?" if number else "was it sent at all, and with these values?"
    return Finding(number in allowed, count, [*map(describe, concerned)], advice, "exchanges")


def _pace(most: Rate, concerned: Sequence[Exchange], evidence: Evidence) -> Finding:
    crowd = find_crowd(concerned, most.count, most.per, evidence)
    if not crowd:
        held = None if evidence.gap else True
        return Finding(held, evidence.gap or f"{counted(len(concerned), 'such request')}, none too fast")
    length = tell_length(evidence.between(crowd[0].at, crowd[-1].at))
    advice = "let the client send them one after the other, with pauses"
    return Finding(False, f"{len(crowd)} within {length}", [*map(describe, crowd)], advice, "exchanges")


def _fits(exchange: Exchange, expected: ExpectedRequest) -> bool:
    if expected.status not in (None, exchange.answer.status):
        return False
    if not expected.parameters:
        return True
    sent = list(_carried(exchange))
    return all(_carries(sent, name, str(value)) for name, value in expected.parameters.items())


def _carries(sent: Sequence[tuple[str, str]], name: str, value: str) -> bool:
    """Return whether a request has a parameter with a value, alone or in a list; or the value in its path."""
    named = [text for known, text in sent if known == name]
    texts = named or [text for known, text in sent if not known]
    return any(_is_same(text, value) for text in texts) or any(
        _is_same(entry, value) for text in named for entry in _SEPARATORS.split(text)
    )


def _is_same(text: str, value: str) -> bool:
    """Return whether two values are the same, of telephone numbers however they are written."""
    if _NUMBER.fullmatch(value) and value.startswith("+"):
        return re.sub(r"[^0-9]", "", text) == value[1:]
    return text == value


def _carried(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Yield the values that a request carries by the name of each; those of its path have none."""
    for value in sent_values(exchange):
        yield ("" if value.where == "path" else value.key), value.text
