"""`simulator words`: every word of a scenario, and every name of a vendor that stands in one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from simulator.errors import UnknownName

if TYPE_CHECKING:
    from simulator.scenario.reference import Page, Word
    from simulator.vendor import Vendor

Sections = Iterator[tuple[str, Iterator[str]]]
"""Headings, each with the lines of Markdown below it."""

OVERVIEW = """\
A scenario is one YAML file that starts with `sim: 1`. Everything else may be left out. Words stand in maps,
and each map has a page here, named by the words that lead to it; `simulator words WORD` shows one, and
`simulator words --all` all of them. `simulator scenarios init` writes a file to begin with, `lint` checks it,
`explain` says in sentences what it will do."""


@click.command()
@click.argument("topic", required=False)
@click.option("--all", "everything", is_flag=True, help="Print the whole reference, as Markdown.")
def words(topic: str | None, everything: bool) -> None:
    """Tell what can be said in a scenario, of one TOPIC: a word, a map, a vendor, an operation, or a list."""
    if everything:
        click.echo(reference(), nl=False)
        return
    lines: Iterator[str] = _overview() if topic is None else _about(topic)
    text = "\n".join(lines)
    if sys.stdout.isatty():
        click.echo_via_pager(f"{text}\n")
    else:
        click.echo(text)


def reference() -> str:
    """Return the whole reference as Markdown."""
    lines = ["# Scenario words", "", OVERVIEW, "", "Made by `simulator words --all`: edit nothing here.", ""]
    for heading, body in _sections():
        lines += [f"## {heading}", "", *body, ""]
    return "\n".join(lines).rstrip() + "\n"


def _overview() -> Iterator[str]:
    from simulator.scenario.reference import pages  # noqa: PLC0415

    yield from (OVERVIEW, "")
    width = max(len(page.place) for page in pages())
    yield from (f"{page.place:<{width}}  {page.meaning}" for page in pages())
    yield from ("", f"lists: {', '.join((*_lists(), *_vendors()))}")


def _about(topic: str) -> Iterator[str]:
    """Yield what there is to say about a topic; raises UnknownName."""
    from simulator.engine.known_names import everything_known  # noqa: PLC0415
    from simulator.scenario.reference import find_pages, pages  # noqa: PLC0415

    name = topic.lower()
    if name in (lists := _lists()):
        yield from lists[name][1]
    elif name in _vendors():
        yield from _vendor_page(name)
    elif matching := find_pages(topic):
        for page in matching:
            word = page.find(name) if page.place.rpartition(".")[2] != name else None
            yield from (_page(page) if word is None else _one(page, word))
            yield ""
    elif settings := [*_settings(name)]:
        yield from settings
    elif operation := [*_operations(*topic.split(".", 1))]:
        yield from operation
    else:
        known = [*(page.place for page in pages()), *lists, *_vendors()]
        known += [word.name for page in pages() for word in page.words]
        operations = {vendor: everything_known().interface(vendor).operations for vendor in _vendors()}
        known += [f"{vendor}.{name}" for vendor, names in operations.items() for name in names]
        raise UnknownName("topic", topic, list(dict.fromkeys(known)))


def _sections() -> Sections:
    from simulator.scenario.reference import pages  # noqa: PLC0415

    for page in pages():
        yield page.place, _page(page)
    yield from _lists().values()
    for name, vendor in _vendors().items():
        yield vendor.title, _vendor_page(name)


# -- pages of maps --------------------------------------------------------------------------------------


def _page(page: Page) -> Iterator[str]:
    yield page.meaning
    if page.context != "…":
        yield from ("", f"It stands here: `{page.context}`")
    for word in page.words:
        yield from ("", *_word(word))


def _one(page: Page, word: Word) -> Iterator[str]:
    yield from (f"In {page.place}:", "", *_word(word))


def _word(word: Word) -> Iterator[str]:
    default = f" Default: `{word.default}`." if word.default not in ("", "needed") else ""
    needed = " It has to be there." if word.default == "needed" else ""
    below = f" Its words: {word.below}." if word.below else ""
    yield f"- **{word.name}**: {word.form}. {word.meaning}{default}{needed}{below}"
    yield f"  `{word.example}`"


# -- lists ----------------------------------------------------------------------------------------------


def _lists() -> dict[str, tuple[str, Iterator[str]]]:
    return {
        "phrases": ("Phrases", _phrases()),
        "outcomes": ("Outcomes of attempts", _outcomes()),
        "events": ("Events", _events()),
        "numbers": ("Magic numbers", _numbers()),
    }


def _phrases() -> Iterator[str]:
    from simulator.scenario.phrase import listed  # noqa: PLC0415
    from simulator.scenario.words import PHRASES  # noqa: PLC0415

    for phrase in PHRASES.values():
        yield f"- {phrase.name}: {listed(phrase.forms)}"


def _outcomes() -> Iterator[str]:
    from simulator.telephony.messages import ending_of  # noqa: PLC0415
    from simulator.telephony.outcomes import Disposition  # noqa: PLC0415

    yield from ("What a call's attempt, and by the same person a message, ends as:", "")
    for outcome in Disposition:
        yield f"- **{outcome}**: {outcome.meaning} A message ends `{ending_of(outcome)}`."


def _events() -> Iterator[str]:
    from simulator.engine.known_names import everything_known  # noqa: PLC0415

    known = everything_known()
    yield from ("What `hooks: where` and `expect: hook: event` may name, and who tells of it:", "")
    for event in known.events:
        vendors = [name for name in known.vendors if event in known.operator(name).vocabulary.events]
        vendors = vendors or [name for name in known.vendors if event in known.interface(name).events]
        yield f"- `{event}`: {', '.join(vendors)}"


def _numbers() -> Iterator[str]:
    from simulator.telephony.magic_numbers import COUNTRIES, blocks_of  # noqa: PLC0415
    from simulator.telephony.messages import ending_of  # noqa: PLC0415
    from simulator.telephony.people import first_outcomes, magic_catalogue  # noqa: PLC0415

    ends = {f"{code:02}": ending_of(outcome) for code, outcome in first_outcomes()}
    yield from ("Digits that say what happens, for calls and for messages, in these blocks of numbers:", "")
    for country in COUNTRIES:
        yield f"- {country}: {', '.join(f'`{block.form}`' for block in blocks_of(country))}"
    yield ""
    for entry in magic_catalogue():
        yield f"- `{entry['code']}`: {entry['persona']}; a message ends `{ends[entry['code']]}`"


# -- vendors --------------------------------------------------------------------------------------------


def _vendors() -> dict[str, Vendor]:
    from simulator.vendors import load_vendor, vendor_names  # noqa: PLC0415

    return {name: load_vendor(name) for name in vendor_names()}


def _setting(row: tuple[str, str, str, str]) -> str:
    setting, default, provenance, meaning = row
    return f"- **{setting}** ({provenance}): {meaning}{f' Default: `{default}`.' if default else ''}"


def _settings(word: str) -> Iterator[str]:
    """Yield the settings of all vendors that are called by a word."""
    from simulator.cli.vendors import setting_rows  # noqa: PLC0415

    for name, vendor in _vendors().items():
        rows = setting_rows(vendor.settings, name)
        matching = [row for row in rows if row[0].rpartition(".")[2].lower() == word]
        yield from (f"At {name}: {_setting(row)[2:]}" for row in matching)


def _vendor_page(name: str) -> Iterator[str]:
    from simulator.cli.vendors import setting_rows  # noqa: PLC0415
    from simulator.engine.known_names import everything_known  # noqa: PLC0415

    vendor, known = _vendors()[name], everything_known()
    vocabulary = vendor.vocabulary
    yield f"Settings of accounts at {vendor.title}, under `accounts: NAME: profile: {{{name}: {{…}}}}`:"
    yield from ("", *map(_setting, setting_rows(vendor.settings, name)))
    for what, names in (
        ("Types of campaign", vocabulary.campaigns),
        ("Postbacks of campaigns", vocabulary.postbacks),
        ("Placeholders in addresses", [f"{{{hole}}}" for hole in vocabulary.placeholders]),
        ("Actions of menus", vocabulary.actions),
        ("Languages", vocabulary.languages),
        ("Events", vocabulary.events),
        ("Its own names of events", known.interface(name).events),
    ):
        if names:
            yield from ("", f"{what}: {', '.join(f'`{word}`' for word in names)}.")
    yield from ("", f"Operations, as `{name}.OPERATION`, with what `do: refuse` may say there:", "")
    yield from _operations(name)


def _operations(vendor: str, only: str = "") -> Iterator[str]:
    """Yield a vendor's operations, or one alone, with the refusals of each; nothing of another vendor."""
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.engine.known_names import everything_known  # noqa: PLC0415

    if vendor not in _vendors():
        return
    interface = everything_known().interface(vendor)
    for operation in load_contract(vendor).operations:
        refusals = interface.operations[operation.id].refusals
        says = f" Refusals: {', '.join(refusals)}." if refusals else ""
        if only in ("", operation.id):
            yield f"- **{operation.id}** ({operation.provenance}): {operation.summary.rstrip('.')}.{says}"
