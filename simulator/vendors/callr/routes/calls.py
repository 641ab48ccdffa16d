"""Calls: live ones are hung up, past ones are exported as a table, as a task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from msgspec import Struct
from werkzeug.exceptions import NotFound

from simulator.exchange import Answer
from simulator.formats.csv_table import write_csv
from simulator.telephony.calls import Direction
from simulator.telephony.live_calls import LiveCall, Party
from simulator.telephony.owners import Slot
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.fields import Query, check_choice, check_instant, check_integer, refuse
from simulator.vendors.callr.responses import DIRECTIONS, render_call
from simulator.vendors.callr.routes import blueprint
from simulator.vendors.callr.settings import CallrSettings


class Export(Struct, frozen=True):
    """A table of calls that can be fetched until `expires`."""

    body: bytes
    expires: datetime


EXPORTS: Slot[dict[str, Export]] = Slot("exports", dict)
"""The exports of an account by the name of their file."""

LONGEST = timedelta(days=31)
KEPT = timedelta(hours=24)
"""Both documented."""


@blueprint.delete("/calls/<callid>", endpoint="hangup_a_live_call")
@blueprint.post("/calls/<callid>/hangup", endpoint="hangup_a_live_call")
def hang_up(context: RequestContext, callid: str) -> Answer:
    """End a live call."""
    board = context.world.switchboard
    board.hang_up(board.live(context.account, check_integer("callid", callid, 1)), Party.NETWORK)
    return answer_nothing()


@blueprint.post("/calls/export")
def export_calls(context: RequestContext) -> Answer:
    """Begin an export: at most 31 days of calls, at most five a day (documented); answers a task id."""
    query, account = Query(context.form), context.account
    direction = check_choice("direction", query.required("direction"), DIRECTIONS.values())
    since = check_instant("from", query.required("from"))
    until = check_instant("to", query.required("to"))
    scenario, number = query.sid("scenario"), query.number("number")
    if until < since:
        refuse("to", "be after from")
    if until - since > LONGEST:
        raise Refused("export_range")
    _count_export(context)

    def matches(call: LiveCall) -> bool:
        own = call.origin.callee if call.origin else _own(call)
        return (
            DIRECTIONS[call.direction] == direction
            and since <= call.started <= until
            and call.ended is not None
            and scenario in (None, call.route)
            and number in (None, own)
        )

    exports, network = EXPORTS.of(account), context.world.network
    name = f"{network.mint(account, 'event', exports, 'export', network.turn(account, 'export'))}.csv"
    base = account.reached_at
    job = context.world.jobs.start(account, "export", partial(_export, context, matches, name, base))
    return answer_json(job.ref, 202)


def _own(call: LiveCall) -> str | None:
    """Return the number of the account's in a call that goes on from no other."""
    return call.callee if call.direction is Direction.INCOMING else call.caller


EXPORTS_BY_DAY: Slot[Counter[date]] = Slot("exports by day", Counter)


def _count_export(context: RequestContext) -> None:
    account, today = context.account, context.world.clock.now.date()
    allowed = CallrSettings.of(account).exports_per_day
    spent = EXPORTS_BY_DAY.of(account)
    if spent[today] >= allowed:
        raise Refused("exports_spent", count=allowed)
    spent[today] += 1


def _export(
    context: RequestContext, matches: Callable[[LiveCall], bool], name: str, base: str
) -> dict[str, str]:
    """Write the table and return where it is."""
    records = [render_call(call) for call in context.account.line_calls.values() if matches(call)]
    rows = [[_text(record[column]) for column in COLUMNS] for record in records]
    EXPORTS.of(context.account)[name] = Export(write_csv(rows, COLUMNS), context.world.clock.now + KEPT)
    return {"url": f"{base}/v2.0/exports/{name}"}


COLUMNS = (
    "callid", "direction", "callee", "callerNumber", "callerName", "callerRestricted", "started", "answered",
    "ended", "durationTotal", "durationAnswered", "durationBilled", "hangupCause", "hangupSource",
    "hangupTech", "billingCredit", "billingDebit", "billingPaymentType", "billingDestinationLabel",
)  # fmt: skip


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


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
