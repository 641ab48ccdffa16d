"""Whom a scenario describes, without counting every number of a run."""

from __future__ import annotations

from bisect import bisect_right
from math import inf

from simulator.scenario import microsyntax as phrases
from simulator.scenario.schema import PersonWords, Scenario
from simulator.telephony.phone_numbers import E164


class People:
    """The numbers that a scenario describes, each once: spans of whole numbers, in order."""

    def __init__(self, scenario: Scenario) -> None:
        self._spans: list[tuple[int, int]] = []
        for begin, end in sorted(map(_span, scenario.people)):
            joined = bool(self._spans) and begin <= self._spans[-1][1]
            low, high = self._spans.pop() if joined else (begin, end)
            self._spans.append((low, max(end, high)))

    def __contains__(self, number: E164) -> bool:
        """Tell whether the scenario describes who answers `number`."""
        place = bisect_right(self._spans, (int(number), inf)) - 1
        return place >= 0 and int(number) < self._spans[place][1]

    def __len__(self) -> int:
        return sum(high - low for low, high in self._spans)


def _span(person: PersonWords) -> tuple[int, int]:
    if person.numbers is None:
        low = int(phrases.NUMBER.read(person.number))
        return low, low + 1
    pattern = phrases.NUMBER_PATTERN.read(person.numbers)
    low = int(pattern.stem) * 10**pattern.digits
    return low, low + (person.count or 1)
