"""Tasks: how far background work has come, and stopping it."""

from __future__ import annotations

import re

from simulator.exchange import Answer
from simulator.telephony.jobs import Job
from simulator.vendor import RequestContext
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.fields import check_pattern
from simulator.vendors.callr.rendering import render_task
from simulator.vendors.callr.routes.table import blueprint

_TASK = re.compile(r"[a-zA-Z0-9]{32,256}", re.ASCII)


@blueprint.get("/tasks/<taskid>")
@blueprint.post("/tasks/<taskid>")
def get_task(context: RequestContext, taskid: str) -> Answer:
    """Tell one task; the vendor's migration table prints POST for this, surely by a slip."""
    return answer_json(render_task(_find(context, taskid)))


@blueprint.delete("/tasks/<taskid>")
def cancel_task(context: RequestContext, taskid: str) -> Answer:
    """Stop a task that is pending or running (documented)."""
    context.world.jobs.cancel(_find(context, taskid))
    return answer_nothing()


def _find(context: RequestContext, taskid: str) -> Job:
    return context.world.jobs.find(context.account, check_pattern("taskid", taskid, _TASK))
