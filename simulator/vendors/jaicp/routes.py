"""JAICP's operations: where each lives, what it reads, and the one thing it does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial, wraps
from hashlib import sha256
from typing import Any

from simulator.exchange import Answer, Loss
from simulator.formats.json_text import MalformedJson, read_json
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call, Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import UnknownCall
from simulator.vendor import Refused, RequestContext, VendorBlueprint
from simulator.vendors.jaicp import paging
from simulator.vendors.jaicp.answers import DONE, answer_json
from simulator.vendors.jaicp.campaigns import MOVES, campaign_of, control, render_campaign, render_status
from simulator.vendors.jaicp.errors import InvalidField, OtherEdition
from simulator.vendors.jaicp.fields import parse_phone
from simulator.vendors.jaicp.jobs import KEY, parse_call_jobs, parse_order
from simulator.vendors.jaicp.losses import find_losses
from simulator.vendors.jaicp.replays import FirstAnswer, check_repeat, first_answers
from simulator.vendors.jaicp.reports import render_attempt, render_job
from simulator.vendors.jaicp.settings import BOTH, CURRENT, FORMER, MOST_VALUES, JaicpSettings

CALLS = "/api/calls/campaign/<token>"
FORM = "application/x-www-form-urlencoded"
CRM = "/api/crmCalls/campaign/<token>"

blueprint = VendorBlueprint("jaicp")

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


def once(kind: str) -> Callable[[Handler], Handler]:
    """Let an `Idempotence-Key` bring the first answer again for 24 hours, and do nothing else."""

    def keep(handler: Handler) -> Handler:
        @wraps(handler)
        def replayed(context: RequestContext, campaign: Campaign) -> Answer:
            key = context.request.header(KEY) or context.form.get(KEY)
            if not key:
                return handler(context, campaign)
            memory, now, request = first_answers(campaign), context.world.clock.now, _digest(context)
            if (first := memory.find((kind, key), now)) is not None:
                if first.request != request:
                    context.losses.append(
                        Loss("other_body_replayed", KEY, f"{key}, as before with another body")
                    )
                return first.answer
            answer = handler(context, campaign)
            replay = replace(answer, remark=f"replay of {context.world.name}-{context.world.inputs}")
            memory.keep((kind, key), now, FirstAnswer(replay, request))
            return answer

        return replayed

    return keep


def _digest(context: RequestContext) -> bytes:
    """Return a digest of what a request asks for, equal however its JSON or form is written."""
    try:
        body = json.dumps(read_json(context.request.body, MOST_VALUES), sort_keys=True)
    except MalformedJson:
        body = ""
    return sha256(f"{sorted(context.form.values.items())} {body}".encode("utf-8", "surrogatepass")).digest()


def read_body(context: RequestContext) -> Any:
    """Return the JSON of a request, whose type must say so (inferred)."""
    kind = context.request.media_type
    if kind != "application/json":
        reason = f"Content-Type application/json is expected, not {kind[:64] or 'none'}"
        raise Refused("json_malformed", reason=reason)
    try:
        return read_json(context.request.body, MOST_VALUES)
    except MalformedJson as error:
        raise Refused("json_malformed", reason=error) from None


@serve("POST", f"{CALLS}/addPhones", "add_phones")
@once("addPhones")
def add_phones(context: RequestContext, campaign: Campaign) -> Answer:
    """Add numbers, all or none."""
    body = read_body(context)
    orders = parse_call_jobs(campaign, body)
    context.losses.extend(find_losses(campaign, body))
    return answer_json([call.ref for call in context.world.place_calls(campaign, orders)])


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
    dates, page = paging.parse_dates(read_body(context), "createdAt")
    key = ("jobs", campaign.ref, dates)
    calls = paging.page_of(context.account, key, page, paging.jobs_between(context.account, campaign, dates))
    return answer_json(page.render([render_job(call, CURRENT) for call in calls]))


@serve("POST", f"{CALLS}/callJob/getUnfinished", "unfinished_call_jobs", CURRENT)
def unfinished_call_jobs(context: RequestContext, campaign: Campaign) -> Answer:
    """Report on the jobs that are not over, in the order of their adding."""
    page, key = paging.parse_page(read_body(context)), ("unfinished", campaign.ref)
    calls = paging.page_of(context.account, key, page, paging.unfinished(context.account, campaign))
    return answer_json(page.render([render_job(call, CURRENT) for call in calls]))


@serve("POST", f"{CALLS}/callAttempt/getReport", "call_attempt_report", CURRENT)
def call_attempt_report(context: RequestContext, campaign: Campaign) -> Answer:
    """Report on the attempts of jobs."""
    calls = find_jobs(context, campaign)
    return answer_json([render_attempt(attempt) for call in calls for attempt in call.attempts])


@serve("POST", f"{CALLS}/callAttempt/getReportByDate", "call_attempt_report_by_date", CURRENT)
def call_attempt_report_by_date(context: RequestContext, campaign: Campaign) -> Answer:
    """Report on the attempts between two dates."""
    dates, page = paging.parse_dates(read_body(context), "startedAt")
    key = ("attempts", campaign.ref, dates)
    attempts = paging.page_of(
        context.account, key, page, paging.attempts_between(context.account, campaign, dates)
    )
    return answer_json(page.render([render_attempt(attempt) for attempt in attempts]))


@serve("POST", f"{CALLS}/callJob/cancel", "cancel")
@once("cancel")
def cancel(context: RequestContext, campaign: Campaign) -> Answer:
    """Let no further attempt be made for jobs; those already over are passed by (inferred)."""
    waiting = [call for call in find_jobs(context, campaign) if call.ending is None]
    for call in waiting:
        context.world.remove_call(call)
    return answer_json([call.ref for call in waiting])


def move(context: RequestContext, campaign: Campaign, action: str) -> Answer:
    """Start, pause, resume or stop the campaign."""
    control(context.world, campaign, action)
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


def read_order(context: RequestContext) -> Order:
    """Return the order of a form, whose type must say so where it is the body (inferred)."""
    if context.request.body and context.request.media_type != FORM and not context.form.get("phone"):
        raise Refused("json_malformed", reason=f"Content-Type {FORM} is expected")
    return parse_order(context.form)


@serve("GET", f"{CALLS}/addPhone", "add_phone", CURRENT)
@serve("POST", f"{CRM}/addPhone", "crm_add_phone_post", CURRENT)
@serve("GET", f"{CRM}/addPhone", "crm_add_phone_get", CURRENT)
@once("addPhone")
def add_phone(context: RequestContext, campaign: Campaign) -> Answer:
    """Add one number by a form, but not twice a day with the same payload."""
    order = read_order(context)
    context.world.check_order(campaign, order)
    check_repeat(campaign, order, context.world.clock.now)
    return answer_json(context.world.place_call(campaign, order).ref)


@serve("GET", f"{CRM}/test/addPhone", "crm_add_phone_test", CURRENT)
@once("test/addPhone")
def add_phone_for_test(context: RequestContext, campaign: Campaign) -> Answer:
    """Add one number by a form, however often it came before (observed)."""
    return answer_json(context.world.place_call(campaign, read_order(context)).ref)


def find_jobs(context: RequestContext, campaign: Campaign) -> list[Call]:
    """Return the jobs that a request asks for by `ids` and by `phones`, each once.

    Raises UnknownCall or UnknownNumber for the first that does not exist, whatever else was asked (inferred).
    """
    body = read_body(context)
    if not isinstance(body, dict):
        raise InvalidField("body", "an object with ids or phones is expected")
    jobs: dict[Call, None] = {}
    for ref in _listed(body.get("ids"), "ids"):
        jobs[_job(campaign, context.account.call(str(int(ref) if isinstance(ref, float) else ref)))] = None
    for phone in _listed(body.get("phones"), "phones"):
        jobs.update(dict.fromkeys(reversed(_jobs_to(context.account, campaign, phone))))
    return list(jobs)


def _job(campaign: Campaign, call: Call) -> Call:
    """Return a job of this campaign; those of the account's others are not to be found."""
    if call.campaign is not campaign:
        raise UnknownCall(call.ref)
    return call


def _jobs_to(account: Account, campaign: Campaign, phone: str | float) -> list[Call]:
    try:
        callee = parse_phone(phone, "phones")
    except InvalidField:
        raise
    except Refused:
        raise Refused("phone_is_none", phone=phone) from None
    return account.calls_to(callee, campaign)


def _listed(value: object, field: str) -> Iterable[str | float]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(map(_is_name, value)):
        raise InvalidField(field, "an array of texts or whole numbers is expected")
    return value


def _is_name(value: object) -> bool:
    whole = isinstance(value, float) and value.is_integer()
    return whole or (isinstance(value, str | int) and not isinstance(value, bool))
