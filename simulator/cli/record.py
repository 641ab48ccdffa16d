"""`simulator record`: what a live vendor really answers, kept without keys and without anybody's number."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.options import OutputFile, with_keys
from simulator.errors import counted

if TYPE_CHECKING:
    from simulator.exchange import Exchange

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--target", required=True, metavar="URL", help="The root of the live vendor, which alone is asked."
)
@click.option("--vendor", metavar="NAME", help="Whose contract it is, where the host does not tell.")
@click.option("--out", type=FOLDER, required=True, help="The folder of recordings; one that is there grows.")
@with_keys
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8072, show_default=True, help="Of this machine; 0: any."
)
@click.option("--scenario", type=OutputFile(), help="Write one that replays them.")
def record(
    *,
    target: str,
    vendor: str | None,
    out: Path,
    known: tuple[tuple[str, str], ...],
    port: int,
    scenario: Path | None,
) -> None:
    """Pass requests on to a live vendor, and keep them with the answers, redacted first.

    Point your client at this address instead of the vendor's. Keys are replaced by the document's examples,
    also those not named by --key; each number by another one of its country and length, the same in
    the whole folder. Its file `salt` keys that: do not give it away. Names and texts stay as
    they are. `contracts judge FOLDER` judges the recordings again. Ctrl-C ends it.
    """
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.live.recording import (  # noqa: PLC0415
        Corpus,
        RecordingProxy,
        record_until_ended,
        replaying_scenario,
        vendor_of,
    )
    from simulator.live.redaction import Redactor  # noqa: PLC0415
    from simulator.live.targets import Target  # noqa: PLC0415

    asked, contract = Target(target), load_contract(vendor or vendor_of(target))
    corpus = Corpus(out, contract.vendor)
    redact = Redactor(contract, dict(known), corpus.salt(lambda: os.urandom(32)))
    proxy = RecordingProxy(contract, asked, redact, corpus, _tell)
    with record_until_ended(proxy, port) as (address, wait):
        click.echo(f"{address} passes on to {target}; recordings go to {out}; Ctrl-C ends it")
        wait()
    if scenario is not None:
        scenario.write_text(replaying_scenario(contract.vendor, corpus.kept), "utf-8")
    count = sum(map(len, corpus.kept.values()))
    more = f"; {corpus.left_out} more left out, for there is no room" if corpus.left_out else ""
    kept = f"{counted(count, 'recording')} of {counted(len(corpus.kept), 'operation')}"
    click.echo(f"{out}: {kept}{more}")


def _tell(exchange: Exchange) -> None:
    broken = [one for one in exchange.violations if one.blame != "client"]
    state = click.style("DRIFT", "red") if broken else "as documented"
    click.echo(f"{exchange.operation or exchange.request.path:<28} {exchange.answer.status}  {state}")
