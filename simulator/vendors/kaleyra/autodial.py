"""autodial.add and autodial.import: numbers for a progressive dialer, called one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.exchange import Loss
from simulator.formats.json_text import find_json, write_compact_json
from simulator.telephony.calls import Order
from simulator.telephony.errors import MalformedNumber
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import Reply, success
from simulator.vendors.kaleyra.endpoint import operation, refuse_blocked, require_credit
from simulator.vendors.kaleyra.fields import Fields
from simulator.vendors.kaleyra.phones import read_number
from simulator.vendors.kaleyra.provisioning import AUTODIAL, campaign_of

DONE = "OK "
"""The trailing space is in every sample, JSON and XML."""

MOST_ENTRIES = 1_000
"""Documented: of more, only the first thousand are considered."""


@operation("autodial.add", "autodial_add", select={"number": "*"})
def autodial_add(context: RequestContext) -> Reply:
    """Add one number."""
    fields = Fields(context)
    name = _campaign_name(fields)
    order = Order(callee=fields.one_number("number"), tags={"meta": fields.json("meta", required=True)})
    return _dial(context, name, [order], 1)


@operation("autodial.import", "autodial_import", verbs=("POST",))
def autodial_import(context: RequestContext) -> Reply:
    """Add the numbers of a JSON body; those that are none are told only by the counter."""
    fields = Fields(context)
    name, body = _campaign_name(fields), fields.body()
    entries = body.get("data") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        raise Refused("parameter_missing", name="data")
    orders = list(_orders(entries[:MOST_ENTRIES]))
    context.losses.extend(_losses(len(entries), len(orders)))
    return _dial(context, name, orders, len(entries))


@operation("autodial.add", "autodial_import")
def autodial_import_by_table(context: RequestContext) -> Reply:
    """Add the numbers of a JSON body by the method that the document's table names for it."""
    return autodial_add(context) if find_json(context.request.body) is None else autodial_import(context)


def _dial(context: RequestContext, name: str, orders: list[Order], total: int) -> Reply:
    require_credit(context)
    refuse_blocked(context, [order.callee for order in orders])
    context.world.place_calls(campaign_of(context.world, context.account, AUTODIAL, name), orders)
    counted = f"Total Records(s) - {total}, Processed Records(s) - {len(orders)}"
    return Reply(success(message=f"Number(s) added Successfully, {counted}", status=DONE))


def _campaign_name(fields: Fields) -> str:
    """Return the campaign's name; letters, digits and what joins them (the sample has an underscore)."""
    name = fields.required("name")
    if not name.replace("_", "").replace("-", "").replace(" ", "").isalnum():
        raise Refused("parameter_invalid", name="name")
    return name


def _losses(sent: int, taken: int) -> Iterator[Loss]:
    """Yield what of the entries nobody will be called for; the answer tells of it by its counter alone."""
    looked_at = min(sent, MOST_ENTRIES)
    if sent > looked_at:
        yield Loss("entries_cut", "/data", f"{sent} entries, of which {sent - looked_at} were not looked at")
    if looked_at > taken:
        yield Loss("entries_skipped", "/data", f"{looked_at - taken} of {looked_at} entries without a number")


def _orders(entries: list[Any]) -> Iterator[Order]:
    for entry in entries:
        row = entry if isinstance(entry, dict) else {}
        try:
            number = read_number(str(row.get("number", "")))
        except MalformedNumber:
            continue
        custom = {key: value for key, value in row.items() if key != "number"}
        yield Order(callee=number, tags={"meta": write_compact_json(custom).decode()})
