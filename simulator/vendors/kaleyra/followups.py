"""followup and followup.reports: whom to call again, when, and whether the vendor places that call."""

from __future__ import annotations

from datetime import timedelta

from simulator.telephony.follow_ups import FollowUp, Plan
from simulator.vendor import RequestContext
from simulator.vendors.kaleyra.answers import Reply, success
from simulator.vendors.kaleyra.endpoint import operation
from simulator.vendors.kaleyra.fields import Fields
from simulator.vendors.kaleyra.phones import render_number
from simulator.vendors.kaleyra.provisioning import CLICK2CALL, campaign_of
from simulator.vendors.kaleyra.times import day_begins, read_follow_up, render_follow_up

UPDATED = "Follow-up updated successfully"


@operation("followup", "create_follow_up")
def create_follow_up(context: RequestContext) -> Reply:
    """Note a follow-up; with autocall=1 the vendor connects both people when its time comes."""
    plan = parse_plan(Fields(context))
    campaign = campaign_of(context.world, context.account, CLICK2CALL)
    return Reply(success({"id": str(context.world.follow_ups.add(campaign, plan).ref)}))


@operation("followup", "edit_follow_up", select={"id": "*"})
def edit_follow_up(context: RequestContext) -> Reply:
    """Give a follow-up another plan; all of it has to be sent again (documented)."""
    follow_up = context.world.follow_ups.find(context.account, Fields(context).required("id"))
    context.world.follow_ups.change(follow_up, parse_plan(Fields(context)))
    return Reply(success({"id": str(follow_up.ref)}, UPDATED))


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
    return Reply(success(rows), {"data": "followup"})


def parse_plan(fields: Fields) -> Plan:
    """Read who calls whom again and when; a time that has passed is no mistake, nor is it acted on."""
    return Plan(
        phone=fields.one_number("phone"),
        name=fields.required("name"),
        follower=fields.one_number("follower"),
        at=fields.instant("ontime", read_follow_up),
        calls=fields.flag("autocall"),
        notes=fields.text("notes"),
    )


def select_follow_ups(context: RequestContext) -> list[FollowUp]:
    """Return the follow-ups that pass the filters: either number, and days that count whole."""
    fields = Fields(context)
    follower, phone = fields.number("follower"), fields.number("number")
    first, last = fields.day("fromdate"), fields.day("todate")
    since = day_begins(first) if first else None
    until = day_begins(last) + timedelta(days=1) if last else None
    return [
        follow_up
        for follow_up in context.world.follow_ups.of(context.account).values()
        if follower in (None, follow_up.plan.follower)
        and phone in (None, follow_up.plan.phone)
        and (since is None or since <= follow_up.plan.at)
        and (until is None or follow_up.plan.at < until)
    ]


def render_follow_up_row(follow_up: FollowUp) -> dict[str, str]:
    """Return a row of the report, its keys in the order of the sample."""
    plan = follow_up.plan
    return {
        "id": str(follow_up.ref),
        "phone": render_number(plan.phone),
        "name": plan.name,
        "follower": render_number(plan.follower),
        "note": plan.notes,
        "ontime": render_follow_up(plan.at),
    }
