"""Advice on reading page by page: a walk that begins behind the first page, overlaps, or leaves rows out.

Whoever reads a page alone, or pages in any order, may mean it; so a walk through pages is only remarked on.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from simulator.conformance.contract import Contract
from simulator.conformance.document import follow, lookup
from simulator.exchange import Exchange
from simulator.verdicts.evidence import Evidence, grouped
from simulator.verdicts.findings import Finding
from simulator.verdicts.sent_values import sent_values

NUMBERS, SIZES = ("page", "offset"), ("limit", "pageSize")
A_WALK = 2
"""So many pages one behind the other are a walk."""

A_HABIT = 3
"""So many pages show by which step a client goes on."""

MOST_SHOWN = 4


class _Page(NamedTuple):
    """One page that was asked for: of which question, by which parameter, and which one."""

    question: Hashable
    name: str
    number: int
    size: int | None
    exchange: Exchange


def judge_pages(evidence: Evidence) -> Iterator[Finding]:
    """Yield that pages were read in order where some were and nothing is to be said of it; none is broken."""
    if any(True for _ in _walks(evidence)) and not any(advise_on_pages(evidence)):
        yield Finding(True, "page by page")


def advise_on_pages(evidence: Evidence) -> Iterator[str]:
    """Yield what is odd about a walk, once for each operation and oddity."""
    lines: dict[str, None] = {}
    for walk, asked in _walks(evidence):
        for line in (_late(walk, asked, evidence), _steps(walk, asked)):
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
    request = exchange.request
    named = any(name in request.query or name.encode() in request.body for name in NUMBERS)
    if not named or not evidence.reads(exchange) or exchange.refusal is not None:
        return None
    values = [*sent_values(exchange)]
    number = next((value for value in values if value.key in NUMBERS and value.text.isdecimal()), None)
    if number is None:
        return None
    sizes = [value for value in values if value.key in SIZES and value.text.isdecimal()]
    others = (value for value in values if value is not number and value not in sizes)
    asked = sorted((value.where, value.name, value.text) for value in others)
    question = (exchange.vendor, exchange.operation, exchange.account, number.name, *asked)
    size = int(sizes[0].text) if sizes else None
    return _Page(question, number.name, int(number.text), size, exchange)


def _late(walk: Sequence[_Page], asked: set[int], evidence: Evidence) -> str:
    """Return that a walk began behind the first page, which was never read."""
    page = walk[0]
    first = _first_of(page, evidence)
    if first is None or page.number <= first or first in asked:
        return ""
    name = _key(page)
    return f"{_place(page)} was read from {name}={page.number} on, and {name}={first}, the first, never"


def _steps(walk: Sequence[_Page], asked: set[int]) -> str:
    """Return that the pages of a walk overlap, or leave rows out between them."""
    page, steps = walk[0], {later.number - earlier.number for earlier, later in pairwise(walk)}
    size = page.size if _key(page) == "offset" else 1
    if len(walk) < A_HABIT or len(steps) > 1 or not size or size in steps:
        return ""
    if max(steps) > size and page.number + size in asked:  # by others, who read in parallel
        return ""
    what = "what lies between is not read" if max(steps) > size else "the same rows come again"
    numbers = ", ".join(str(one.number) for one in walk[:MOST_SHOWN])
    rows = f" with {size} rows each" if _key(page) == "offset" else ""
    return f"{_place(page)} was read by {_key(page)} {numbers}{rows}: {what}"


def _place(page: _Page) -> str:
    return f"{page.exchange.vendor}.{page.exchange.operation}"


def _key(page: _Page) -> str:
    return page.name.rpartition("/")[2]


def _first_of(page: _Page, evidence: Evidence) -> int | None:
    """Return the number of the first page by the vendor's document, or None where it does not say."""
    contract = evidence.contracts[page.exchange.vendor]
    operation = contract.by_id.get(page.exchange.operation or "")
    for form in operation.variants if operation else ():
        schemas = [group.property(page.name) for group in (form.query, *form.bodies.values())]
        schemas += [_within(contract, pointer, page.name) for pointer in form.json_bodies.values()]
        for schema in schemas:
            if "minimum" in schema:
                return int(schema["minimum"])
    return None


def _within(contract: Contract, pointer: str, name: str) -> dict[str, Any]:
    """Return the schema of a key inside a JSON body, or an empty one."""
    schema, at = follow(contract.document, lookup(contract.document, pointer), pointer)
    for key in name.split("/")[1:]:
        schema, at = follow(contract.document, schema.get("properties", {}).get(key, {}), at)
    return dict(schema)
