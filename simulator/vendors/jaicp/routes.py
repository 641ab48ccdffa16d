"""JAICP's operations: where each lives, what it reads, and the one thing it does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial, wraps
from hashlib import sha256

from msgspec.structs import replace

from simulator.errors import counted
from simulator.exchange import Answer, Loss
from simulator.formats.json_text import MalformedJson, read_json
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Order
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import WrongCampaignState
from simulator.telephony.owners import Ref, Slot
from simulator.vendor import RequestContext, VendorBlueprint
from simulator.vendors.jaicp import paging
from simulator.vendors.jaicp.refusals import OtherEdition
from simulator.vendors.jaicp.replays import FIRST_ANSWERS, FirstAnswer, check_repeat
from simulator.vendors.jaicp.requests import KEY, find_jobs, parse_call_jobs, parse_order, read_body
from simulator.vendors.jaicp.responses import (
    DONE,
    answer_json,
    render_attempt,
    render_campaign,
    render_job,
    render_status,
)
from simulator.vendors.jaicp.settings import BOTH, CURRENT, FORMER, MOST_VALUES, JaicpSettings
from simulator.vendors.jaicp.statuses import STATES_IN_CAPITALS

CALLS = "/api/calls/campaign/<token>"
CRM = "/api/crmCalls/campaign/<token>"

blueprint = VendorBlueprint("jaicp")

MISNAMED_KEYS = ("Idempotency-Key", "X-Idempotency-Key", "X-Idempotence-Key")
"""What the header is called elsewhere."""

Handler = Callable[[RequestContext, Campaign], Answer]
"""Answers a visit to the campaign that the token opens."""


def serve(verb: str, path: str, operation: str, edition: str = "") -> Callable[[Handler], Handler]:
    """Serve one operation; for an account on another `edition` of the API than its own it is not there."""

    def keep(handler: Handler) -> Handler:
        @wraps(handler)
        def guarded(context: RequestContext, token: str) -> Answer:
            used = JaicpSettings.of(context.account).profile
            if edition and used not in (edition, BOTH):
                raise OtherEdition(operation, edition, used)
            return handler(context, campaign_of(context.account, token))

        blueprint.add_url_rule(path, operation, guarded, methods=(verb,))
        return handler

    return keep


def campaign_of(account: Account, token: str) -> Campaign:
    """Return the campaign that a token opens; a token of the account alone opens its first."""
    campaigns = list(account.campaigns.values())
    return next((campaign for campaign in campaigns if campaign.key == token), campaigns[0])


def once(kind: str) -> Callable[[Handler], Handler]:
    """Let an `Idempotence-Key` bring the first answer again for 24 hours, and do nothing else."""

    def keep(handler: Handler) -> Handler:
        @wraps(handler)
        def replayed(context: RequestContext, campaign: Campaign) -> Answer:
            if not (key := _key_of(context)):
                return handler(context, campaign)
            memory, place = FIRST_ANSWERS.of(campaign.account), (campaign.ref, kind, key)
            now, request = context.world.clock.now, _digest(context)
            if (first := memory.find(place, now)) is not None:
                if first.request != request:
                    context.losses.append(
                        Loss("other_body_replayed", KEY, f"{key}, as before with another body")
                    )
                return first.answer
            answer = handler(context, campaign)
            replay = replace(answer, remark=f"replay of {context.world.name}-{context.world.inputs}")
            memory.keep(place, now, FirstAnswer(replay, request))
            return answer

        return replayed

    return keep


def _key_of(context: RequestContext) -> str:
    """Return the key that a request has: in its header, or in the query of a GET.

    One under another name is not read, and told as lost.
    """
    request = context.request
    key = request.header(KEY) or (context.form.get(KEY) if request.method == "GET" else None) or ""
    for name in MISNAMED_KEYS:
        if not key and (other := request.header(name)):
            context.losses.append(Loss("key_misnamed", name, other[:64]))
    return key


def _digest(context: RequestContext) -> bytes:
    """Return a digest of what a request asks for, equal however its JSON or form is written."""
    try:
        body = json.dumps(read_json(context.request.body, MOST_VALUES), sort_keys=True)
    except MalformedJson:
        body = ""
    return sha256(f"{sorted(context.form.values.items())} {body}".encode("utf-8", "surrogatepass")).digest()


@serve("POST", f"{CALLS}/addPhones", "add_phones")
@once("addPhones")
def add_phones(context: RequestContext, campaign: Campaign) -> Answer:
    """Add numbers, all or none."""
    orders = parse_call_jobs(context, campaign)
    answer = answer_json([call.ref for call in context.world.place_calls(campaign, orders)])
    return replace(answer, remark="; ".join(_order_remarks(orders, context.world.clock.now)) or None)


def _order_remarks(orders: Sequence[Order], now: datetime) -> Iterator[str]:
    """Yield what to say of jobs that nobody is called for: their end has passed, or no hours are left."""
    policies = [order.policy for order in orders]
    jobs = counted(len(orders), "job")
    if over := sum(policy.latest is not None and policy.latest <= now for policy in policies):
        yield f"clock: it is {now.isoformat()} here, after finishDateTime of {over} of {jobs}"
    if idle := sum(policy.windows is not None and not any(policy.windows.values()) for policy in policies):
        yield f"hours: none are left for {idle} of {jobs}"


@serve("POST", f"{CALLS}/getReport", "get_report", FORMER)
def get_report(context: RequestContext, campaign: Campaign) -> Answer:
    """Report on jobs, in the former edition's words."""
    return answer_json([render_job(call, FORMER) for call in find_jobs(context, campaign)])


@serve("POST", f"{CALLS}/callJob/getReport", "call_job_report", CURRENT)
def call_job_report(context: RequestContext, campaign: Campaign) -> Answer:
    """Report on jobs."""
    return answer_json([render_job(call, CURRENT) for call in find_jobs(context, campaign)])


@serve("POST", f"{CALLS}/callJob/getReportByDate", "call_job_report_by_date", CURRENT)
def call_job_report_by_date(context: RequestContext, campaign: Campaign) -> Answer:
    """Report on the jobs between two dates."""
    dates, page = paging.parse_dates(context, read_body(context), "createdAt")
    calls = paging.jobs_between(campaign, dates, page)
    answer = answer_json(page.render([render_job(call, CURRENT) for call in calls]))
    return replace(answer, remark=_dates_remark(context, dates))


@serve("POST", f"{CALLS}/callJob/getUnfinished", "unfinished_call_jobs", CURRENT)
def unfinished_call_jobs(context: RequestContext, campaign: Campaign) -> Answer:
    """Report on the jobs that are not over, in the order of their adding."""
    page = paging.parse_page(read_body(context))
    calls = paging.unfinished(campaign, page)
    return answer_json(page.render([render_job(call, CURRENT) for call in calls]))


@serve("POST", f"{CALLS}/callAttempt/getReport", "call_attempt_report", CURRENT)
def call_attempt_report(context: RequestContext, campaign: Campaign) -> Answer:
    """Report on the attempts of jobs."""
    calls = find_jobs(context, campaign)
    return answer_json([render_attempt(attempt) for call in calls for attempt in call.attempts])


@serve("POST", f"{CALLS}/callAttempt/getReportByDate", "call_attempt_report_by_date", CURRENT)
def call_attempt_report_by_date(context: RequestContext, campaign: Campaign) -> Answer:
    """Report on the attempts between two dates."""
    dates, page = paging.parse_dates(context, read_body(context), "startedAt")
    attempts = paging.attempts_between(campaign, dates, page)
    answer = answer_json(page.render([render_attempt(attempt) for attempt in attempts]))
    return replace(answer, remark=_dates_remark(context, dates))


def _dates_remark(context: RequestContext, dates: paging.Dates) -> str | None:
    """Return what to say where dates are asked for that the clock has not reached."""
    now, spans = context.world.clock.now, [span for span in (dates.begun, dates.finished) if span]
    is_ahead = any(span.begin > now for span in spans)
    return f"clock: it is {now.isoformat()} here, before the dates of the filter" if is_ahead else None


@serve("POST", f"{CALLS}/callJob/cancel", "cancel")
@once("cancel")
def cancel(context: RequestContext, campaign: Campaign) -> Answer:
    """Let no further attempt be made for jobs; those already over are passed by (inferred)."""
    waiting = [call for call in find_jobs(context, campaign) if call.ending is None]
    for call in waiting:
        context.world.remove_call(call)
    return answer_json([call.ref for call in waiting])


PLANNED, ACTIVE, PAUSED = CampaignState.PLANNED, CampaignState.ACTIVE, CampaignState.PAUSED
MOVES: Mapping[str, tuple[tuple[CampaignState, ...], CampaignState]] = {
    "start": ((PLANNED,), ACTIVE),
    "pause": ((ACTIVE,), PAUSED),
    "resume": ((PAUSED,), ACTIVE),
    "stop": ((PLANNED, ACTIVE, PAUSED), CampaignState.FINISHED),
}
"""From which states an action leads to which (inferred from the descriptions)."""

STARTED: Slot[set[Ref]] = Slot("started", set)
"""The campaigns of an account that a request has started."""


def move(context: RequestContext, campaign: Campaign, action: str) -> Answer:
    """Start, pause, resume or stop the campaign; raises WrongCampaignState.

    Where both editions are served, a campaign that began to dial by itself may still be started by a request
    once, so that a client of either edition finds its way (inferred).
    """
    allowed, then = MOVES[action]
    started = STARTED.of(context.account)
    both = JaicpSettings.of(context.account).profile == BOTH
    if action == "start" and both and campaign.ref not in started:
        allowed = (PLANNED, ACTIVE)
    if campaign.state not in allowed:
        raise WrongCampaignState(campaign.ref, STATES_IN_CAPITALS[campaign.state])
    if action == "start":
        started.add(campaign.ref)
    context.world.set_state(campaign, then)
    return DONE


for _action in MOVES:
    serve("POST", f"{CALLS}/control/{_action}", _action, FORMER if _action == "start" else "")(
        once(_action)(partial(move, action=_action))
    )


@serve("GET", CALLS, "campaign_info", CURRENT)
def campaign_info(_context: RequestContext, campaign: Campaign) -> Answer:
    """Tell about the campaign."""
    return answer_json(render_campaign(campaign))


@serve("GET", f"{CALLS}/status", "campaign_status", CURRENT)
def campaign_status(_context: RequestContext, campaign: Campaign) -> Answer:
    """Tell the campaign's state, as a bare JSON string."""
    return answer_json(render_status(campaign))


@serve("GET", f"{CALLS}/addPhone", "add_phone", CURRENT)
@serve("POST", f"{CRM}/addPhone", "crm_add_phone_post", CURRENT)
@serve("GET", f"{CRM}/addPhone", "crm_add_phone_get", CURRENT)
@once("addPhone")
def add_phone(context: RequestContext, campaign: Campaign) -> Answer:
    """Add one number by a form, but not twice a day with the same payload."""
    order = parse_order(context)
    context.world.check_order(campaign, order)
    check_repeat(campaign, order, context.world.clock.now)
    return answer_json(context.world.place_call(campaign, order).ref)


@serve("GET", f"{CRM}/test/addPhone", "crm_add_phone_test", CURRENT)
@once("test/addPhone")
def add_phone_for_test(context: RequestContext, campaign: Campaign) -> Answer:
    """Add one number by a form, however often it came before (observed)."""
    return answer_json(context.world.place_call(campaign, parse_order(context)).ref)
