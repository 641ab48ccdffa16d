"""`simulator vendors`."""

from __future__ import annotations

import click


@click.group(invoke_without_command=True)
@click.pass_context
def vendors(ctx: click.Context) -> None:
    """List the vendors: how many operations, which hosts it stands for."""
    if ctx.invoked_subcommand is not None:
        return
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.vendors import load_vendor, vendor_names  # noqa: PLC0415

    for name in vendor_names():
        vendor = load_vendor(name)
        count = len(load_contract(name).operations)
        click.echo(f"{name:<10} {vendor.title:<10} {count:>3} operations   {', '.join(vendor.hosts)}")


@vendors.command()
@click.argument("vendor")
def show(vendor: str) -> None:
    """List the operations of VENDOR with their verbs and paths, also those that share one."""
    from simulator.vendors import load_vendor  # noqa: PLC0415

    routes = sorted(load_vendor(vendor).operations())
    width = max(len(route.operation) for route in routes)
    for operation, verbs, path, _public in routes:
        click.echo(f"{operation:<{width}}  {','.join(verbs):<9} {path}")
