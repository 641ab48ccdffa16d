"""Kaleyra's operations: which method selects each, what it reads, and the one thing it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from simulator.exchange import Answer, Loss
from simulator.formats.json_text import find_json
from simulator.telephony.calls import Call, Order
from simulator.telephony.follow_ups import Plan
from simulator.telephony.live_calls import AnyCall
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import OK, Reply, keyed, success
from simulator.vendors.kaleyra.endpoint import PLAY_PATH, blueprint, operation
from simulator.vendors.kaleyra.fields import Fields
from simulator.vendors.kaleyra.media import answer_recording, find_recording
from simulator.vendors.kaleyra.paging import (
    DAY,
    began,
    parse_filters,
    remark_on_days,
    select_calls,
    select_follow_ups,
)
from simulator.vendors.kaleyra.phones import render_number
from simulator.vendors.kaleyra.placing import (
    place_broadcasts,
    refuse_blocked,
    require_credit,
    why_turned_away,
)
from simulator.vendors.kaleyra.provisioning import AUTODIAL, CLICK2CALL, INCOMING, campaign_of
from simulator.vendors.kaleyra.references import (
    another_campaigns,
    find_call,
    find_group,
    find_incoming,
    find_obd_call,
)
from simulator.vendors.kaleyra.requests import (
    parse_click_to_call,
    parse_entries,
    parse_form,
    parse_options,
    parse_plan,
    read_campaign_name,
    text_of,
    without_nulls,
)
from simulator.vendors.kaleyra.responses import (
    click_id,
    incidents_of,
    obd_id,
    render_click_to_call,
    render_follow_up_row,
    render_incident,
    render_incoming,
    render_obd_call,
    render_report,
)
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.statuses import SENT, TURNED_AWAY, statuses_of
from simulator.vendors.kaleyra.times import day_begins, render_stamp

__all__ = ["blueprint"]

EVER = datetime.min.replace(tzinfo=UTC)
LAST_DAYS = timedelta(days=3)
"""Documented: older calls are not told by c2cstatus."""

DIAL_ROWS, VOICE_ROWS, FOLLOW_UP_ROWS = {"data": "dial"}, {"data": "voice"}, {"data": "followup"}
MONITOR_ROWS = {"incidents": "monitor", "numbers": "monitor"}
"""How XML names rows; an incident and a number alike (the samples)."""

DONE = "OK "
"""The trailing space is in every sample, JSON and XML."""

UPDATED = "Follow-up updated successfully"


@operation("dial.click2call", "click_to_call")
def click_to_call(context: RequestContext) -> Reply:
    """Ring the caller, then the receiver; the id is told only with return=1 (documented)."""
    order, wants_id = parse_click_to_call(context)
    require_credit(context)
    refuse_blocked(context, (order.callee, *order.others))
    refuse_blocked(context, order.bridge)
    campaign = campaign_of(context.world, context.account, CLICK2CALL)
    if word := why_turned_away(context, campaign, order):
        order = replace(order, tags={**order.tags, TURNED_AWAY: word})
    call = context.world.place_call(campaign, order)
    if word:
        context.world.turn_away(call)
    return Reply(success({"id": click_id(call)} if wants_id else None))


@operation("dial.c2cstatus", "click_to_call_status")
def click_to_call_status(context: RequestContext) -> Reply:
    """Tell of click2calls; an id whose call was not dialed yet has no row (observed)."""
    fields, campaign = Fields(context), campaign_of(context.world, context.account, CLICK2CALL)
    oldest = context.world.clock.now - LAST_DAYS
    if ref := fields.text("id"):
        calls = [call for call in (find_call(context, ref),) if call.attempts]
        rows = [render_click_to_call(call) for call in calls if began(call) >= oldest]
        if len(rows) < len(calls):
            context.losses.append(Loss("days_cut", "id", ref))
        return Reply(success(rows), DIAL_ROWS)
    filters = parse_filters(context)
    for name, day in (("fromdate", filters.first), ("todate", filters.last)):
        if day and day_begins(day) + DAY <= oldest:
            context.losses.append(Loss("days_cut", name, fields.text(name)))
            break
    rows = [render_click_to_call(call) for call in select_calls(context, campaign.log, filters, oldest)]
    return Reply(success(rows), DIAL_ROWS, remark=remark_on_days(context, filters))


@operation("dial", "call_details")
def call_details(context: RequestContext) -> Reply:
    """Tell of incoming calls that were forwarded to agents."""
    fields, campaign = Fields(context), campaign_of(context.world, context.account, INCOMING)
    if ref := fields.text("id"):
        return Reply(success([render_incoming(find_incoming(context, ref))]), DIAL_ROWS)
    filters = parse_filters(context)
    calls = select_calls(context, campaign.received, filters, EVER)
    rows = [render_incoming(call) for call in calls]
    return Reply(success(rows), DIAL_ROWS, remark=remark_on_days(context, filters))


@operation("dial.callreports", "call_reports")
def call_reports(context: RequestContext) -> Reply:
    """Tell of one call by its id once it is reconciled; undocumented, but live clients use it (observed)."""
    ref = Fields(context).required("id")
    call = find_call(context, ref) if ref.startswith("c2c_") else find_incoming(context, ref)
    return Reply(success([render_report(call)] if is_reconciled(context, call) else []), DIAL_ROWS)


def is_reconciled(context: RequestContext, call: AnyCall) -> bool:
    """Return whether dial.callreports has a row of a call: after its end, of some calls never (observed)."""
    settings, world = KaleyraSettings.of(context.account), context.world
    if call.ended is None or statuses_of(call) is None:
        return False
    if isinstance(call, Call) and not call.attempts and TURNED_AWAY not in call.order.tags:
        return False
    if world.random.below(100, "unreported", context.account.name, call.ref) < settings.unreported:
        return False
    return world.clock.now >= call.ended + timedelta(seconds=settings.reports_after)


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


@operation("followup", "create_follow_up")
def create_follow_up(context: RequestContext) -> Reply:
    """Note a follow-up; with autocall=1 the vendor connects both people when its time comes."""
    plan = parse_plan(Fields(context))
    campaign = campaign_of(context.world, context.account, CLICK2CALL)
    ref = str(context.world.follow_ups.add(campaign, plan).ref)
    return Reply(success({"id": ref}), remark=_plan_remark(context, plan))


@operation("followup", "edit_follow_up", select={"id": "*"})
def edit_follow_up(context: RequestContext) -> Reply:
    """Give a follow-up another plan; all of it has to be sent again (documented)."""
    follow_up = context.world.follow_ups.find(context.account, Fields(context).required("id"))
    plan = parse_plan(Fields(context))
    context.world.follow_ups.change(follow_up, plan)
    return Reply(success({"id": str(follow_up.ref)}, UPDATED), remark=_plan_remark(context, plan))


def _plan_remark(context: RequestContext, plan: Plan) -> str | None:
    """Return what to say where both were to be called at a time that the world's clock has passed."""
    now = context.world.clock.now
    if not plan.calls or plan.at >= now:
        return None
    return f"clock: it is {render_stamp(now)} in India here, after ontime: nobody is called"


@operation("followup", "edit_follow_up", select={"action": "delete"})
@operation("followup", "edit_follow_up", select={"id": "*", "action": "delete"})
def delete_follow_up(context: RequestContext) -> Reply:
    """Forget a follow-up; of the other parameters none is needed (inferred, as is the answer)."""
    follow_up = context.world.follow_ups.find(context.account, Fields(context).required("id"))
    context.world.follow_ups.drop(follow_up)
    return Reply(success())


@operation("followup.reports", "follow_up_report")
def follow_up_report(context: RequestContext) -> Reply:
    """Tell of the account's follow-ups, in the order in which they were made (inferred)."""
    rows = [render_follow_up_row(row) for row in select_follow_ups(context)]
    return Reply(success(rows), FOLLOW_UP_ROWS)


@operation("monitor", "health")
def health(context: RequestContext) -> Reply:
    """Tell the incidents; without the plugin, or without incidents, refuse (both documented)."""
    if not KaleyraSettings.of(context.account).monitor:
        raise Refused("plugin_inactive")
    if not (incidents := incidents_of(context.account)):
        raise Refused("no_incidents")
    return Reply(success({"incidents": [render_incident(incident) for incident in incidents]}), MONITOR_ROWS)


@operation("autodial.add", "autodial_add", select={"number": "*"})
def autodial_add(context: RequestContext) -> Reply:
    """Add one number."""
    fields = Fields(context)
    name = read_campaign_name(fields)
    order = Order(callee=fields.one_number("number"), tags={"meta": fields.json_object("meta")})
    return _dial(context, name, [order], 1)


@operation("autodial.import", "autodial_import", verbs=("POST",))
def autodial_import(context: RequestContext) -> Reply:
    """Add the numbers of a JSON body; those that are none are told only by the counter."""
    fields = Fields(context)
    name, body = read_campaign_name(fields), fields.body()
    return _dial(context, name, *parse_entries(context, body))


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


@operation("voice.call", "start_obd_call", "obd_api_start_call")
def start_obd_call(context: RequestContext) -> Reply:
    """Call numbers or groups; the samples tell nothing but OK, clients get an id with return=1 (observed)."""
    fields = Fields(context)
    broadcast = parse_form(fields, context)
    campaign, calls = place_broadcasts(context, fields.text("campaign"), fields.flag("newgroup"), [broadcast])
    wants_id = fields.flag("return") or KaleyraSettings.of(context.account).tells_obd_id
    data = {"id": obd_id(calls[0])} if wants_id else None
    return Reply(success(data), only_in_text={"GID": str(campaign.ref)})


@operation("voice.json", "obd_call_json", verbs=("POST",))
def obd_call_json(context: RequestContext) -> Reply:
    """Call the numbers of a JSON body, whose entries may each override its defaults.

    Each request is a group of its own (the samples: ids count from 1).
    """
    body = Fields(context).body()
    if not isinstance(body, dict):
        raise Refused("body_malformed", reason="a JSON object is expected")
    entries = body.get("call")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise Refused("parameter_missing", name="call")
    options = [{**body, **without_nulls(entry)} for entry in entries]
    broadcasts = [parse_options(entry, context) for entry in options]
    campaign, calls = place_broadcasts(
        context, text_of(body, "campaign"), new_group=True, broadcasts=broadcasts
    )
    rows = [{"id": obd_id(call), "mobile": render_number(call.callee), "status": SENT} for call in calls]
    return Reply(success({**dict(keyed(rows)), "group_id": campaign.ref}), VOICE_ROWS)


@operation("voice.status", "obd_status", "obd_api_status")
def obd_status_of_call(context: RequestContext) -> Reply:
    """Tell of one call; `mobile` filters (documented)."""
    fields = Fields(context)
    call = find_obd_call(context.account, fields.required("id"))
    calls = [call] if fields.number("mobile") in (None, call.callee) else []
    return _obd_rows(calls)


@operation("voice.groupstatus", "obd_group_status", "obd_api_group_status")
def obd_status_of_group(context: RequestContext) -> Reply:
    """Tell of all calls of a group, in their order."""
    fields = Fields(context)
    ref, name = fields.required("groupid"), fields.text("campaign")
    campaign = find_group(context.account, ref)
    if name not in ("", campaign.name):
        raise another_campaigns(ref)
    return _obd_rows(campaign.calls)


def _obd_rows(calls: Sequence[Call]) -> Reply:
    """Return rows of OBD calls: here `data` stands before `message`, and XML has no prolog (the samples)."""
    rows = keyed([render_obd_call(call) for call in calls])
    return Reply({"status": OK, "data": rows, "message": "OK"}, VOICE_ROWS, prolog=False)


@blueprint.public(PLAY_PATH)
def recording(context: RequestContext) -> Answer:
    """Play what was recorded of a call."""
    return answer_recording(find_recording(context.world, context.form.get("id") or ""))
