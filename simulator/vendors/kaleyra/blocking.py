"""block: numbers that are never called, and may not call in, until that is undone."""

from __future__ import annotations

from simulator.vendor import RequestContext
from simulator.vendors.kaleyra.answers import Reply, success
from simulator.vendors.kaleyra.endpoint import operation
from simulator.vendors.kaleyra.fields import Fields


@operation("block", "blacklist")
def blacklist(context: RequestContext) -> Reply:
    """Block numbers, separated by commas."""
    for number in Fields(context).numbers("number"):
        context.world.stop_list(context.account, number)
    return Reply(success())


@operation("block", "undo_blacklist", select={"action": "delete"})
def undo_blacklist(context: RequestContext) -> Reply:
    """Unblock numbers; one that was not blocked is no mistake (inferred)."""
    for number in Fields(context).numbers("number"):
        context.world.forgive(context.account, number)
    return Reply(success())
