"""`simulator numbers`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from simulator.errors import SimulatorError, UnknownName

if TYPE_CHECKING:
    from simulator.telephony.magic_numbers import Keeper, MagicBlock


@click.command()
@click.argument("blocks", nargs=-1, metavar="[COUNTRY | PATTERN]...")
def numbers(blocks: tuple[str, ...]) -> None:
    """List the magic numbers: what their digits say, by country, and which of them look valid.

    A pattern of one's own, such as `+4930123456**`, is looked at like those of a country.
    """
    from simulator.telephony import magic_numbers  # noqa: PLC0415
    from simulator.telephony.messages import ending_of  # noqa: PLC0415

    chosen = [block for name in blocks or magic_numbers.COUNTRIES for block in _blocks_of(name)]
    click.echo("OO  a call to it                                a message to it")
    ends = {code: ending_of(outcome).value for code, outcome in magic_numbers.first_outcomes()}
    for entry in magic_numbers.magic_catalogue(chosen):
        click.echo(f"{entry['code']}  {entry['persona']:<43} {ends[int(entry['code'])]}")
    click.echo(
        "\nOO stands for one of these codes, x for any digit. A scenario chooses: `magic_numbers: [GB, IN]`."
    )
    click.echo("numbers              kind    valid  kept free by")
    for block in chosen:
        click.echo(f"{block.form:<20} {block.kind:<7} {_validity(block):<6} {_kept_by(block.keeper)}")


def _kept_by(keeper: Keeper) -> str:
    from simulator.telephony.magic_numbers import OWN  # noqa: PLC0415

    if keeper.country == OWN:
        return "your scenario"
    return f"{keeper.country} {keeper.name} [{keeper.provenance}]: {keeper.source}"


def _blocks_of(name: str) -> Iterator[MagicBlock]:
    from simulator.scenario.microsyntax import MAGIC  # noqa: PLC0415
    from simulator.scenario.phrase import PhraseError  # noqa: PLC0415
    from simulator.telephony.magic_numbers import COUNTRIES  # noqa: PLC0415

    if not name.startswith("+") and name not in COUNTRIES:
        raise UnknownName("country with magic numbers", name, [*COUNTRIES])
    try:
        yield from MAGIC.read(name).blocks
    except PhraseError as error:
        advice = "two stars stand for the outcome, up to three more for any digit"
        raise SimulatorError(str(error), advice) from None


def _validity(block: MagicBlock) -> str:
    """Return `yes`, `no` or `some`: whether a library of numbering plans takes its numbers for real."""
    import phonenumbers  # noqa: PLC0415

    from simulator.telephony.magic_numbers import MAGIC_PERSONAS  # noqa: PLC0415

    if block.valid is not None:
        return "yes" if block.valid else "no"
    valid = {phonenumbers.is_valid_number(phonenumbers.parse(block.number(code))) for code in MAGIC_PERSONAS}
    return "some" if len(valid) > 1 else "yes" if True in valid else "no"
