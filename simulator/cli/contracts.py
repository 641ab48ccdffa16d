"""`simulator contracts`: what each vendor's document says, and whether it is fit to ship."""

from __future__ import annotations

import click

from simulator.cli.terminal import tell


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
        click.echo(f"{name:<10} {len(contract.operations)} operations  ({contract.source})")


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


@contracts.command("lint")
@click.argument("names", nargs=-1, metavar="[VENDOR]...")
@click.pass_context
def lint_contracts(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Check that contracts are marked and exemplified throughout; all of them by default."""
    from simulator.conformance.contract import list_contracts as known  # noqa: PLC0415
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.conformance.lint import lint_contract  # noqa: PLC0415

    findings = {name: lint_contract(load_contract(name)) for name in names or known()}
    for name, problems in findings.items():
        tell(f"{name}{line}" for line in problems)
        click.echo(f"{name}: {len(problems) or 'no'} findings")
    ctx.exit(1 if any(findings.values()) else 0)
