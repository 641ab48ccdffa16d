"""`simulator replay`: a recorded run once more, and whether its answers have the same bytes."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.terminal import tell
from simulator.errors import counted


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("case", required=False, default="")
@click.option("--quiet", is_flag=True, help="Print only what differs, and the sum.")
def replay(file: Path, case: str, quiet: bool) -> None:
    """Play the recorded inputs of FILE again, all or those of CASE, and compare all answers and callbacks.

    FILE is what a run left: its evidence, beside which its inputs are kept, or those themselves. They hold
    keys and numbers in clear. The exit code is 1 if a byte of them differs.
    """
    from simulator.checking.replaying import find_recorded, version_remark  # noqa: PLC0415
    from simulator.checking.replaying import replay as replayed  # noqa: PLC0415

    answers = callbacks = differing = 0
    for world in find_recorded(file, case):
        click.echo(
            f"{world.case or world.world}: {world.scenario}, seed {world.seed}, "
            f"{counted(len(world.inputs), 'input')}"
        )
        for one in replayed(world):
            callbacks += not one.number.isdecimal()
            answers += one.number.isdecimal()
            differing += bool(one.difference)
            if one.difference or not quiet:
                click.echo(f"  {one.number:>5} {'DIFFERS' if one.difference else 'same':<8} {one.line}")
            tell(f"        {line}" for line in one.difference)
        if differing and (remark := version_remark(world)):
            click.echo(f"  {remark}")
    count = counted(answers, "answer") + (f" and {counted(callbacks, 'callback')}" if callbacks else "")
    click.echo(f"{count}, {differing or 'none'} with other bytes")
    raise SystemExit(1 if differing else 0)
