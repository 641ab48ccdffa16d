"""Pictures of a world for documents: a call, a campaign, coverage."""

from __future__ import annotations

from simulator.admin.call_pictures import callbacks_about, timeline_picture
from simulator.admin.context import AdminContext, Written
from simulator.admin.contracts import show_coverage
from simulator.admin.finding import find_call, find_campaign
from simulator.admin.pictures import day_picture
from simulator.reports.drawing import coverage_picture

SVG = "image/svg+xml"


def draw_call(context: AdminContext, call: str) -> Written:
    """Draw the timeline of a call, called `vendor:ref` or by its reference alone."""
    sandbox = context.sandbox
    with sandbox.lock:
        world = sandbox.world
        subject = find_call(world, call)
        callbacks = callbacks_about(subject, world.outbox.deliveries.values())
        return Written(
            timeline_picture(subject, callbacks, world.clock.now, sandbox.recorder.masker.text), SVG
        )


def draw_campaign(context: AdminContext, campaign: str) -> Written:
    """Draw a campaign over its hours: lines in use, attempts answered, not answered and made again."""
    sandbox = context.sandbox
    with sandbox.lock:
        return Written(day_picture(find_campaign(sandbox.world, campaign), sandbox.recorder.masker.text), SVG)


def draw_coverage(context: AdminContext) -> Written:
    """Draw which operations of each vendor were called."""
    vendors = show_coverage(context)["vendors"].items()
    operations = [
        (vendor, [(one["operation"], one["calls"]) for one in counts["operations"]])
        for vendor, counts in vendors
    ]
    return Written(coverage_picture(operations), SVG)
