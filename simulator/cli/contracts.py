"""`simulator contracts`: what each vendor's document says, and whether it is fit to ship."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import Finite, with_keys
from simulator.cli.terminal import tell
from simulator.errors import counted

PHASES = ("examples", "coverage", "fuzzing", "stateful")
EFFECTS = ("calls", "messages", "money", "changes")


@click.group(invoke_without_command=True)
@click.pass_context
def contracts(ctx: click.Context) -> None:
    """List, show and check the vendors' contracts."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_contracts)


@contracts.command("list")
def list_contracts() -> None:
    """List the contracts and how many operations each has."""
    from simulator.conformance.contract import list_contracts as names  # noqa: PLC0415
    from simulator.conformance.contract import load_contract  # noqa: PLC0415

    for name in names():
        contract = load_contract(name)
        click.echo(f"{name:<10} {counted(len(contract.operations), 'operation')}  ({contract.source})")


@contracts.command("show")
@click.argument("vendor")
@click.argument("operation", required=False)
def show_contract(vendor: str, operation: str | None) -> None:
    """Show the operations of a vendor, or one of them with all that it takes, answers and refuses."""
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.conformance.outline import describe_operation  # noqa: PLC0415

    contract = load_contract(vendor)
    if operation is not None:
        tell(describe_operation(contract, contract.find(operation)))
        return
    for one in contract.operations:
        click.echo(f"{one.id:<24} {'|'.join(one.verbs):<9} {one.path}  [{one.provenance}]")


@contracts.command("words")
def list_own_words() -> None:
    """List the words that a contract has beside those of OpenAPI, with what each tells."""
    from simulator.conformance.own_words import OWN_WORDS  # noqa: PLC0415

    tell(f"{word:<20} {meaning}" for word, meaning in OWN_WORDS.items())


@contracts.command("lint")
@click.argument("names", nargs=-1, metavar="[VENDOR]...")
@click.pass_context
def lint_contracts(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Check that contracts are marked and exemplified throughout and fit their vendors; all by default."""
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.conformance.lint import lint_contract  # noqa: PLC0415
    from simulator.engine.fitting import misfits  # noqa: PLC0415
    from simulator.vendors import load_vendor, vendor_names  # noqa: PLC0415

    known = {name: load_vendor(name) for name in names or vendor_names()}
    contracts = {name: load_contract(name) for name in known}
    findings = {
        name: [*lint_contract(contracts[name]), *misfits(vendor, contracts[name])]
        for name, vendor in known.items()
    }
    for name, problems in findings.items():
        tell(f"{name}{line}" for line in problems)
        click.echo(f"{name}: {counted(len(problems), 'finding') if problems else 'no findings'}")
    ctx.exit(1 if any(findings.values()) else 0)


@contracts.command("fuzz")
@click.argument("vendor")
@click.option("--target", metavar="URL", help="A real vendor's root, instead of the simulated one.")
@with_keys
@click.option(
    "--allow", multiple=True, type=click.Choice(EFFECTS), help="At a target also what has this effect."
)
@click.option(
    "--examples", type=click.IntRange(1, 1_000), default=10, show_default=True, help="An operation."
)
@click.option("--seconds", type=Finite(1), default=60.0, show_default=True, help="At most.")
@click.option("--phase", "phases", multiple=True, type=click.Choice(PHASES), help="Only this; repeatable.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Other examples; the same ones without it.")
@click.option("--rate", type=Finite(0.01), default=2.0, show_default=True, help="A second at a target.")
def fuzz_vendor(
    *, vendor: str, target: str | None, allow: tuple[str, ...], rate: float, **given: Any
) -> None:
    """Try VENDOR, or `control`, by requests made from its contract, right and wrong, alone and in chains.

    Each answer is judged by the contract: to examples of the document, at its borders, to invented requests
    and in chains that follow links. A --target is only asked what changes nothing, unless --allow says more.
    The exit code is 1 where an answer breaks the contract. It needs the extra `contract`.
    """
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.live.fuzz_command import describe_finding, fuzz_simulated, fuzz_target  # noqa: PLC0415
    from simulator.live.fuzzing import FuzzPlan  # noqa: PLC0415
    from simulator.live.targets import Target  # noqa: PLC0415

    plan = FuzzPlan(
        examples=given["examples"],
        seconds=given["seconds"],
        phases=tuple(phase for phase in PHASES if phase in (given["phases"] or PHASES)),
        seed=given["seed"],
        known=dict(given["known"]),
    )
    if target is None:
        result = fuzz_simulated(vendor, plan)
    else:
        contract = load_contract(vendor)
        operations = frozenset(contract.allowed(allow))
        result = fuzz_target(contract, Target(target, rate), replace(plan, operations=operations))
    for finding in result.findings.values():
        tell([*describe_finding(finding, plan.known), ""])
    tell(f"trouble: {line}" for line in result.troubles)
    requests = ", ".join(f"{count} {phase}" for phase, count in result.requests.items())
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(result.statuses.items()))
    click.echo(f"{vendor}: requests: {requests or 'none'}; answers: {answers or 'none'}")
    count = counted(len(result.findings), "finding") if result.findings else "no findings"
    click.echo(f"{counted(len(result.operations), 'operation')} succeeded; {count}")
    raise SystemExit(1 if result.findings else 2 if result.troubles or not result.requests else 0)


@contracts.command("judge")
@click.argument("recordings", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--vendor", metavar="NAME", help="Whose they are, where the files do not say.")
@click.option("--max-age", type=click.IntRange(1), metavar="DAYS", help="Fail where one is older.")
def judge_recordings(*, recordings: tuple[Path, ...], vendor: str | None, max_age: int | None) -> None:
    """Judge RECORDINGS, files or folders that `simulator record` wrote, by the contract as it is now.

    What the vendor answered otherwise is drift, what the client asked wrongly a violation. The exit code is 1
    where there is either, or a recording is too old.
    """
    from simulator.engine.real_time import host_now  # noqa: PLC0415
    from simulator.live.recording import judge_files, summary_of  # noqa: PLC0415

    judged = list(judge_files(recordings, vendor))
    for one in judged:
        tell(one.lines)
    lines, failed = summary_of(judged, host_now().date(), max_age)
    tell(lines)
    raise SystemExit(1 if failed else 0)
