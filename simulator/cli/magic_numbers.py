"""`simulator numbers`."""

from __future__ import annotations

import click

from simulator.errors import UnknownName


@click.command()
@click.argument("countries", nargs=-1, metavar="[COUNTRY]...")
def numbers(countries: tuple[str, ...]) -> None:
    """List the magic numbers: what their digits say, by country, and which of them look valid."""
    from simulator.telephony import magic_numbers  # noqa: PLC0415
    from simulator.telephony.messages import ending_of  # noqa: PLC0415

    for country in (name for name in countries if name not in magic_numbers.COUNTRIES):
        raise UnknownName("country with magic numbers", country, [*magic_numbers.COUNTRIES])
    chosen = countries or magic_numbers.COUNTRIES
    blocks = [block for name in chosen for block in magic_numbers.blocks_of(name)]
    click.echo("OO  a call to it                                a message to it")
    ends = {code: ending_of(outcome).value for code, outcome in magic_numbers.first_outcomes()}
    for entry in magic_numbers.magic_catalogue(blocks):
        click.echo(f"{entry['code']}  {entry['persona']:<43} {ends[int(entry['code'])]}")
    click.echo(
        "\nOO stands for one of these codes, x for any digit. A scenario chooses: `magic_numbers: [GB, IN]`."
    )
    click.echo("     numbers             kind    valid  kept free by")
    for block in blocks:
        valid = "yes" if block.valid else "no"
        kept = f"{block.keeper.name} [{block.keeper.provenance}]: {block.keeper.source}"
        click.echo(f"{block.keeper.country}   {block.form:<19} {block.kind:<7} {valid:<6} {kept}")
