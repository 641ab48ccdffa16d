"""`simulator probe`: whether a live vendor still answers what its document says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.contracts import EFFECTS
from simulator.cli.options import Finite, OutputFile, with_keys
from simulator.cli.terminal import tell
from simulator.errors import counted

if TYPE_CHECKING:
    from simulator.conformance.contract import Contract
    from simulator.conformance.drift import Drift


@click.command()
@click.argument("vendor")
@click.option("--target", required=True, metavar="URL", help="The root of the live vendor.")
@with_keys
@click.option(
    "--allow", multiple=True, type=click.Choice(EFFECTS), help="Also ask for what does this; repeatable."
)
@click.option("--only", multiple=True, metavar="OPERATION", help="Only this operation; repeatable.")
@click.option("--rate", type=Finite(0.01, 20), default=1.0, show_default=True, help="Requests a second.")
@click.option("--write", type=OutputFile(), help="Propose changes of the document here.")
def probe(
    *,
    vendor: str,
    target: str,
    known: tuple[tuple[str, str], ...],
    allow: tuple[str, ...],
    only: tuple[str, ...],
    rate: float,
    write: Path | None,
) -> None:
    """Ask a live VENDOR once for each operation of its document, and tell where it answers something else.

    Only what changes nothing is asked, unless --allow says more; what calls or writes to somebody wants the
    numbers of your own by --key. Ids come from earlier answers, or by --key. The exit code is 1 if something
    has drifted, 2 if nothing could be asked. Keys are never shown.
    """
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.engine.real_time import host_now  # noqa: PLC0415
    from simulator.live.probing import Prober, describe_drift, line_of, write_proposal  # noqa: PLC0415
    from simulator.live.targets import Target  # noqa: PLC0415

    contract, secrets = load_contract(vendor), dict(known)
    asked = 0
    drifts: list[Drift] = []
    for one in Prober(contract, Target(target, rate), secrets).probe(_chosen(contract, allow, only)):
        click.echo(line_of(one))
        asked += one.exchange is not None
        for drift in one.drift:
            tell(describe_drift(drift, secrets))
        drifts += one.drift
    if write is not None:
        write.write_text(write_proposal(drifts, contract, target, host_now().date()), "utf-8")
        click.echo(f"proposal: {write}")
    outcome = f"{len(drifts) or 'no'} drift" if asked else "so nothing is known of drift"
    click.echo(f"{vendor}: {counted(asked, 'operation') if asked else 'no operations'} asked, {outcome}")
    raise SystemExit(2 if not asked else 1 if drifts else 0)


def _chosen(contract: Contract, allow: tuple[str, ...], only: tuple[str, ...]) -> list[str]:
    """Return the operations to ask for; raises UsageError for one that nobody allowed."""
    operations = contract.allowed(allow)
    barred = [name for name in only if contract.find(name).id not in operations]
    if barred:
        effect = contract.effect_of(barred[0])
        raise click.UsageError(f"{barred[0]} is not asked for unless you say --allow {effect}")
    return [*only] or operations
