"""`simulator numbers`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from simulator.cli.control import Control, Json, with_control
from simulator.errors import SimulatorError, UnknownName

if TYPE_CHECKING:
    from simulator.telephony.magic_numbers import MagicBlock


@click.command()
@click.argument("blocks", nargs=-1, metavar="[COUNTRY | PATTERN]...")
@with_control
def numbers(control: Control, blocks: tuple[str, ...]) -> None:
    """List the magic numbers: what their digits say, by country, and which of them look valid.

    A pattern of one's own, such as `+4930123456**`, is looked at like those of a country. With --url,
    --ready-file or --world those of a running world are listed.
    """
    if control.named:
        if blocks:
            raise click.UsageError("a running world knows which numbers are magic: name no countries")
        listed = control.get("numbers")
        rows = [block for block in listed["blocks"] if block["magic"]]
    else:
        listed = _catalogue(blocks)
        rows = listed["blocks"]
    control.show(listed, _lines(listed, rows))


def _catalogue(names: tuple[str, ...]) -> Json:
    """Return what a simulator would say of these blocks if they were all magic."""
    from simulator.telephony.magic_numbers import COUNTRIES  # noqa: PLC0415
    from simulator.telephony.messages import ending_of  # noqa: PLC0415
    from simulator.telephony.people import first_outcomes, magic_catalogue  # noqa: PLC0415

    chosen = [block for name in names or COUNTRIES for block in _blocks_of(name)]
    return {
        "numbers": magic_catalogue(chosen),
        "messages": {f"{code:02}": ending_of(how).value for code, how in first_outcomes()},
        "blocks": [
            {
                "form": block.form,
                "kind": block.kind,
                "valid": _are_valid(block),
                "country": block.keeper.country,
                "provenance": block.keeper.provenance,
                "source": block.keeper.source,
                "kept_by": block.keeper.name,
            }
            for block in chosen
        ],
    }


def _lines(listed: Json, blocks: list[Json]) -> Iterator[str]:
    yield "OO  a call to it                                a message to it"
    for entry in listed["numbers"]:
        yield f"{entry['code']}  {entry['persona']:<43} {listed['messages'][entry['code']]}"
    yield "\nOO is one of these codes, x any digit. A scenario chooses: `magic_numbers: [GB, IN]`."
    yield "numbers              kind    valid  kept free by"
    for block in blocks:
        valid = {True: "yes", False: "no"}.get(block["valid"], "some")
        yield f"{block['form']:<20} {block['kind']:<7} {valid:<6} {_kept_by(block)}"


def _kept_by(block: Json) -> str:
    from simulator.telephony.magic_numbers import OWN  # noqa: PLC0415

    if block["country"] == OWN:
        return "your scenario"
    return f"{block['country']} {block['kept_by']} [{block['provenance']}]: {block['source']}"


def _blocks_of(name: str) -> Iterator[MagicBlock]:
    from simulator.scenario.microsyntax import MAGIC  # noqa: PLC0415
    from simulator.scenario.phrase import PhraseError  # noqa: PLC0415
    from simulator.telephony.magic_numbers import COUNTRIES  # noqa: PLC0415

    if not name.startswith("+") and name not in COUNTRIES:
        raise UnknownName("country with magic numbers", name, [*COUNTRIES])
    try:
        yield from MAGIC.read(name).blocks
    except PhraseError as error:
        raise SimulatorError(str(error)) from None


def _are_valid(block: MagicBlock) -> bool | None:
    """Return whether a library of numbering plans takes its numbers for real; None where only some."""
    import phonenumbers  # noqa: PLC0415

    from simulator.telephony.people import MAGIC_PERSONAS  # noqa: PLC0415

    if block.valid is not None:
        return block.valid
    valid = {phonenumbers.is_valid_number(phonenumbers.parse(block.number(code))) for code in MAGIC_PERSONAS}
    return valid.pop() if len(valid) == 1 else None
