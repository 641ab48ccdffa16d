"""Advice on reading page by page: a walk that begins behind the first page, overlaps, or leaves rows out.

Whoever reads a page alone, or pages in any order, may mean it; so a walk through pages is only remarked on.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from simulator.conformance.paging import find_page_parameter
from simulator.exchange import Exchange
from simulator.verdicts.evidence import Evidence, grouped
from simulator.verdicts.findings import Finding
from simulator.verdicts.sent_values import SentValue, sent_values

A_WALK = 2
"""So many pages one behind the other are a walk."""

A_HABIT = 3
"""So many pages show by which step a client goes on."""

MOST_SHOWN = 4


class _Page(NamedTuple):
    """One page that was asked for: of which question, by which parameter, and which one.

    `first` is the number of the first page by the vendor's document, None where it does not say. Each page is
    one step behind another; of offsets a step is as long as a page.
    """

    question: Hashable
    name: str
    number: int
    size: int | None
    first: int | None
    by_offset: bool
    exchange: Exchange


def judge_pages(evidence: Evidence) -> Iterator[Finding]:
    """Yield that pages were read in order where some were and nothing is to be said of it; none is broken."""
    if any(True for _ in _walks(evidence)) and not any(advise_on_pages(evidence)):
        yield Finding(True, "page by page")


def advise_on_pages(evidence: Evidence) -> Iterator[str]:
    """Yield what is odd about a walk, once for each operation and oddity."""
    lines: dict[str, None] = {}
    for walk, asked in _walks(evidence):
        for line in (_late(walk[0], asked), _steps(walk, asked)):
            if line:
                lines.setdefault(line)
    yield from lines


def _walks(evidence: Evidence) -> Iterator[tuple[Sequence[_Page], set[int]]]:
    """Yield pages that were asked for one behind the other, with all that were of the same question."""
    pages = (page for exchange in evidence.exchanges if (page := _page_of(exchange, evidence)) is not None)
    for same in grouped(pages, lambda page: page.question).values():
        asked = {page.number for page in same}
        for alike in grouped(same, lambda page: page.size).values():
            for walk in _rising(alike):
                if len(walk) >= A_WALK:
                    yield walk, asked


def _rising(pages: Sequence[_Page]) -> Iterator[Sequence[_Page]]:
    """Yield the pages in runs of which each page is behind the one before it."""
    first = 0
    for end in range(1, len(pages) + 1):
        if end == len(pages) or pages[end].number <= pages[end - 1].number:
            yield pages[first:end]
            first = end


def _page_of(exchange: Exchange, evidence: Evidence) -> _Page | None:
    """Return which page a request read; None for one that was refused, or that names none."""
    if not evidence.reads(exchange) or exchange.refusal is not None:
        return None
    contract, values = evidence.contracts[exchange.vendor], [*sent_values(exchange)]
    leading: dict[str, tuple[SentValue, int | None]] = {}
    for value in (value for value in values if value.where != "path" and value.text.isdecimal()):
        if (parameter := find_page_parameter(contract, exchange.operation, value.name)) is not None:
            leading[parameter.kind] = (value, parameter.first)
    if not leading.keys() & {"number", "offset"}:
        return None
    number, first = leading.get("number") or leading["offset"]
    size = leading["size"][0] if "size" in leading else None
    asked = sorted((value.where, value.name, value.text) for value in values if value not in (number, size))
    return _Page(
        question=(exchange.vendor, exchange.operation, exchange.account, number.name, *asked),
        name=number.key,
        number=int(number.text),
        size=int(size.text) if size else None,
        first=first,
        by_offset="number" not in leading,
        exchange=exchange,
    )


def _late(page: _Page, asked: set[int]) -> str:
    """Return that a walk began with a page behind the first one, which was never read."""
    name, first = page.name, page.first
    if first is None or page.number <= first or first in asked:
        return ""
    return f"{_place(page)} was read from {name}={page.number} on, and {name}={first}, the first, never"


def _steps(walk: Sequence[_Page], asked: set[int]) -> str:
    """Return that the pages of a walk overlap, or leave rows out between them."""
    page, steps = walk[0], {later.number - earlier.number for earlier, later in pairwise(walk)}
    size = page.size if page.by_offset else 1
    if len(walk) < A_HABIT or len(steps) > 1 or not size or size in steps:
        return ""
    if max(steps) > size and page.number + size in asked:  # by others, who read in parallel
        return ""
    what = "what lies between is not read" if max(steps) > size else "the same rows come again"
    numbers = ", ".join(str(one.number) for one in walk[:MOST_SHOWN])
    rows = f" with {size} rows each" if page.by_offset else ""
    return f"{_place(page)} was read by {page.name} {numbers}{rows}: {what}"


def _place(page: _Page) -> str:
    return f"{page.exchange.vendor}.{page.exchange.operation}"
