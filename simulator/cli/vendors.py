"""`simulator vendors`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from simulator.vendor_settings import Settings


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
        what = "operation" if count == 1 else "operations"
        click.echo(f"{name:<10} {vendor.title:<10} {count:>3} {what:<10}   {', '.join(vendor.hosts)}")


@vendors.command()
@click.argument("vendor")
def show(vendor: str) -> None:
    """List the operations of VENDOR with their verbs and paths, also those that share one."""
    from simulator.vendors import load_vendor  # noqa: PLC0415

    verbs: dict[tuple[str, str], dict[str, None]] = {}
    for route in sorted(load_vendor(vendor).operations()):  # one method may be selected in several ways
        verbs.setdefault((route.operation, route.path), {}).update(dict.fromkeys(route.verbs))
    width = max((len(operation) for operation, _ in verbs), default=0)
    for (operation, path), taken in verbs.items():
        click.echo(f"{operation:<{width}}  {','.join(taken):<9} {path}")


@vendors.command("settings")
@click.argument("vendor")
def show_settings(vendor: str) -> None:
    """List what a scenario may set for accounts of VENDOR: name, default, how sure it is, meaning."""
    from simulator.vendors import load_vendor  # noqa: PLC0415

    rows = list(setting_rows(load_vendor(vendor).settings, vendor))
    name, default, provenance = (max((len(row[column]) for row in rows), default=0) for column in range(3))
    for row in rows:
        click.echo(f"{row[0]:<{name}}  {row[1]:<{default}}  {row[2]:<{provenance}}  {row[3]}")


def setting_rows(kind: type[Settings], vendor: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield what a vendor's accounts may have set: name, default, how sure it is, meaning."""
    from simulator.vendor_settings import settings_schema  # noqa: PLC0415

    return _rows(settings_schema({vendor: kind})[1], kind.__name__, "")


def _rows(parts: Mapping[str, Any], part: str, above: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield each setting of a part of a JSON Schema, and below it what its entries hold."""
    for name, schema in parts[part].get("properties", {}).items():
        words = dict.fromkeys(map(str, schema.get("enum", ())))
        choices = f" One of: {', '.join(words)}." if words else ""
        value = schema.get("default", "")
        default = "" if value == {} else value if isinstance(value, str) else json.dumps(value)
        yield above + name, default, schema["x-provenance"], schema["description"] + choices
        for way, entries in (
            ("", schema),
            ("[]", schema.get("items")),
            (".*", schema.get("additionalProperties")),
        ):
            if isinstance(entries, dict) and "$ref" in entries:
                yield from _rows(parts, entries["$ref"].rpartition("/")[2], f"{above}{name}{way}.")
