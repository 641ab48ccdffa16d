"""Whether the service answers, and the files that its answers link to."""

from __future__ import annotations

from werkzeug.exceptions import NotFound

from simulator.exchange import Answer
from simulator.vendor import RequestContext
from simulator.vendors.callr.answers import answer_json, render_instant
from simulator.vendors.callr.routes.table import blueprint
from simulator.vendors.callr.store import EXPORTS


@blueprint.get("/ping", endpoint="ping_the_api")
def ping(context: RequestContext) -> Answer:
    """Answer, with the time; milliseconds are always there (the sample)."""
    at = render_instant(context.world.clock.now) or ""
    return answer_json({"pong": "pong", "time": at if "." in at else at.replace("Z", ".000Z")})


@blueprint.public("/exports/<file>")
def download_export(context: RequestContext, file: str) -> Answer:
    """Hand out the table of an export, for as long as it is kept; its name is the secret."""
    for account in context.world.accounts.values():
        export = EXPORTS.of(account).get(file) if account.vendor == "callr" else None
        if export is not None and context.world.clock.now < export.expires:
            headers = (
                ("Content-Type", "text/csv; charset=utf-8"),
                ("Content-Disposition", f'attachment; filename="{file}"'),
            )
            return Answer(200, export.body, headers)
    raise NotFound
