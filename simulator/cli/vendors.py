"""`simulator vendors`."""

from __future__ import annotations

import click


@click.command()
def vendors() -> None:
    """List the vendors: how many operations, which hosts it stands for."""
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.vendors import load_vendor, vendor_names  # noqa: PLC0415

    for name in vendor_names():
        vendor = load_vendor(name)
        count = len(load_contract(name).operations)
        click.echo(f"{name:<10} {vendor.title:<10} {count:>3} operations   {', '.join(vendor.hosts)}")
