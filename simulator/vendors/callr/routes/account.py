"""The account as a whole: its credit, what calls cost, its background tasks, and whether anybody answers."""

from __future__ import annotations

import re

from simulator.exchange import Answer
from simulator.telephony.jobs import Job
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.answers import answer_json, answer_nothing, render_cents, render_instant
from simulator.vendors.callr.fields import check_pattern
from simulator.vendors.callr.responses import render_destinations, render_task
from simulator.vendors.callr.routes import blueprint
from simulator.vendors.callr.settings import CallrSettings

_TASK = re.compile(r"[a-zA-Z0-9]{32,256}", re.ASCII)


@blueprint.get("/ping", endpoint="ping_the_api")
def ping(context: RequestContext) -> Answer:
    """Answer, with the time; milliseconds are always there (the sample)."""
    at = render_instant(context.world.clock.now) or ""
    return answer_json({"pong": "pong", "time": at if "." in at else at.replace("Z", ".000Z")})


@blueprint.get("/billing/credit")
def get_credit_balance(context: RequestContext) -> Answer:
    """Tell the credit in cents, as a bare JSON string (documented); prepaid accounts alone have one."""
    if CallrSettings.of(context.account).payment == "postpaid":
        raise Refused("credit_postpaid")
    return answer_json(render_cents(context.account.balance))


@blueprint.get("/billing/destinations")
def get_billing_destinations(context: RequestContext) -> Answer:
    """List the destinations."""
    return answer_json(render_destinations(context.account.tariff))


@blueprint.get("/tasks/<taskid>")
@blueprint.post("/tasks/<taskid>")
def get_task(context: RequestContext, taskid: str) -> Answer:
    """Tell one task; the vendor's migration table prints POST for this, surely by a slip."""
    return answer_json(render_task(_find_task(context, taskid)))


@blueprint.delete("/tasks/<taskid>")
def cancel_task(context: RequestContext, taskid: str) -> Answer:
    """Stop a task that is pending or running (documented)."""
    context.world.jobs.cancel(_find_task(context, taskid))
    return answer_nothing()


def _find_task(context: RequestContext, taskid: str) -> Job:
    return context.world.jobs.find(context.account, check_pattern("taskid", taskid, _TASK))
