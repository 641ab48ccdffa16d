"""Tasks: how far background work has come, and stopping it."""

from __future__ import annotations

import re

from simulator.exchange import Answer
from simulator.telephony.jobs import Job
from simulator.vendor import CustomerVisit
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.fields import check_pattern
from simulator.vendors.callr.rendering import render_task
from simulator.vendors.callr.routes.table import delete, routes

_TASK = re.compile(r"[a-zA-Z0-9]{32,256}", re.ASCII)


@routes.get("/tasks/<taskid>", "get_task")
@routes.post("/tasks/<taskid>", "get_task")
def get_task(visit: CustomerVisit, taskid: str) -> Answer:
    """Tell one task; the vendor's migration table prints POST for this, surely by a slip."""
    return answer_json(render_task(_find(visit, taskid)))


@delete("/tasks/<taskid>", "cancel_task")
def cancel_task(visit: CustomerVisit, taskid: str) -> Answer:
    """Stop a task that is pending or running (documented)."""
    visit.world.jobs.cancel(_find(visit, taskid))
    return answer_nothing()


def _find(visit: CustomerVisit, taskid: str) -> Job:
    return visit.world.jobs.find(visit.account, check_pattern("taskid", taskid, _TASK))
