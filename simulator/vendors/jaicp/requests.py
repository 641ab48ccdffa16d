"""What JAICP's clients send: lists of call jobs with the terms on which each may be dialed, and forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from simulator.errors import counted
from simulator.exchange import Loss
from simulator.formats.forms import read_form
from simulator.formats.json_text import MalformedJson, read_json
from simulator.formats.urls import is_web_address
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call, Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.phone_numbers import E164, digits_of
from simulator.telephony.policies import ALL_DAY, FOLLOWS, Clearance, Policy, Windows
from simulator.vendor import LOCAL_RECEIVER, Refused, RequestContext
from simulator.vendors.jaicp.fields import (
    parse_instant,
    parse_object,
    parse_phone,
    parse_time,
    parse_whole,
    parse_zone,
    plain_number,
)
from simulator.vendors.jaicp.refusals import InvalidField, duplicated
from simulator.vendors.jaicp.settings import MOST_VALUES

Json = dict[str, Any]
Intervals = tuple[tuple[time, time], ...]
Pair = tuple[time | None, time | None]
Known = dict[str, Policy]
"""Terms that were read before in the same list, by how they are written: most numbers have them in common."""

FORM = "application/x-www-form-urlencoded"
KEY = "Idempotence-Key"
"""The header, or the field of a query, that makes requests one."""

OWN_FIELDS = ("phone", "gmtZone")
FORMER_HOURS = ("localTimeFrom", "localTimeTo")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ASK_AGAIN = timedelta(seconds=10)
QUESTIONS_BY_DEFAULT = 3
"""How often it is asked again where it names no number: that it has one is observed, which is inferred."""

LONGEST_URL = 2000
MOST_QUESTIONS = 100
"""How often a client is asked again at most, whatever it allows (inferred; the vendor names no limit)."""

TERMS = (
    *("startDateTime", "finishDateTime", "allowedDays", "allowedTime", *FORMER_HOURS),
    *("retryIntervalInMinutes", "maxAttempts", "gmtZone", "dialerPriority", "externalCheck"),
)
WITHOUT_TERMS = repr([None] * len(TERMS))


def parse_call_jobs(context: RequestContext, campaign: Campaign) -> list[Order]:
    """Return an order for each element of the body of `addPhones`, in its order.

    One bad element refuses them all: raises InvalidField with its place, or Refused.
    """
    body = read_body(context)
    if not isinstance(body, list):
        raise InvalidField("body", "an array of call jobs is expected")
    orders: dict[E164, Order] = {}
    doubled: list[E164] = []
    known: Known = {WITHOUT_TERMS: FOLLOWS}
    for place, fields in enumerate(body):
        if not isinstance(fields, dict):
            raise InvalidField(f"[{place}]", "an object is expected")
        try:
            order = _parse_call_job(campaign, fields, known)
        except InvalidField as error:
            raise error.below(f"[{place}]") from None
        if order.callee in orders:
            doubled.append(order.callee)
        orders[order.callee] = order
    if doubled:
        raise duplicated("phone_duplicated", [digits_of(callee) for callee in dict.fromkeys(doubled)])
    context.losses.extend(_find_losses(campaign, body))
    context.losses.extend(_find_past_ends(list(orders.values()), context.world.clock.now, body))
    return list(orders.values())


def _parse_call_job(campaign: Campaign, fields: Json, known: Known) -> Order:
    callee = parse_phone(fields.get("phone"), "phone")
    payload = None if fields.get("payload") is None else parse_object(fields["payload"], "payload")
    terms = repr(list(map(fields.get, TERMS)))
    if terms not in known:
        known[terms] = _parse_policy(campaign, fields, callee)
    return Order(callee=callee, policy=known[terms], payload=payload)


def _parse_policy(campaign: Campaign, fields: Json, callee: E164) -> Policy:
    earliest, latest = parse_instant(fields, "startDateTime"), parse_instant(fields, "finishDateTime")
    if earliest is not None and latest is not None and earliest >= latest:
        raise InvalidField("startDateTime", "must be before finishDateTime")
    wait = parse_whole(fields, "retryIntervalInMinutes", range(1, 2881))
    zone = fields.get("gmtZone")
    return Policy(
        attempts=parse_whole(fields, "maxAttempts", range(1, 51)),
        retry_after=None if wait is None else timedelta(minutes=wait),
        windows=_windows(campaign, fields),
        zone=None if zone is None else parse_zone(zone, callee),
        earliest=earliest,
        latest=latest,
        priority=_priority(fields),
        clearance=_clearance(fields.get("externalCheck")),
    )


def _priority(fields: Json) -> int | None:
    value = fields.get("dialerPriority")
    if isinstance(value, int | float) and not isinstance(value, bool) and not 1 <= value <= 5:
        raise Refused("priority_invalid")
    return parse_whole(fields, "dialerPriority", range(1, 6))


def _windows(campaign: Campaign, fields: Json) -> Windows | None:
    """Return when a number may be called, or None where its campaign alone says so.

    What is left out is the campaign's (observed): its days, the hours of a day, half of a pair. Hours of days
    that are not allowed are ignored (observed).
    """
    days, hours, pair = _days(fields.get("allowedDays")), _hours(fields), _pair(fields)
    if days is None and not hours and pair == (None, None):
        return None
    former = open_days(campaign)
    usual = next(iter(former.values()), ALL_DAY)
    allowed = former if days is None else map(DAYS.index, days)
    return {day: _hours_of(DAYS[day], hours, pair, former.get(day, usual)) for day in sorted(allowed)}


def open_days(campaign: Campaign) -> dict[int, Intervals]:
    """Return the hours of the days (0 is Monday) on which a campaign dials at all."""
    return {day: hours for day, hours in sorted(campaign.hours.windows.items()) if hours}


def _hours_of(day: str, hours: Mapping[str, Intervals], pair: Pair, inherited: Intervals) -> Intervals:
    """Return the hours of one day; a pair that lies outside of what it inherits leaves none (inferred)."""
    if hours or pair == (None, None):
        return hours.get(day) or hours.get("default") or inherited
    if None not in pair:
        inherited = ALL_DAY
    spans = (_within_pair(inherited, place, pair) for place in range(len(inherited)))
    return tuple((opens, closes) for opens, closes in spans if opens < closes)


def _within_pair(inherited: Intervals, place: int, pair: Pair) -> tuple[time, time]:
    """Return one of inherited intervals: a pair moves the day's first opening and its last closing.

    The pauses between them stay, for nothing of them was said (inferred).
    """
    opens, closes = inherited[place]
    if pair[0] is not None:
        opens = pair[0] if place == 0 else max(opens, pair[0])
    if pair[1] is not None:
        closes = pair[1] if place == len(inherited) - 1 else min(closes, pair[1])
    return opens, closes


def _days(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= 7 or any(day not in DAYS for day in value):
        raise InvalidField("allowedDays", f"one to seven of {', '.join(DAYS)} are expected")
    return tuple(value)


def _hours(fields: Json) -> Mapping[str, Intervals]:
    """Return the intervals of `allowedTime` by day, `default` for the days not named."""
    value = parse_object(fields.get("allowedTime"), "allowedTime")
    if any(day not in (*DAYS, "default") for day in value):
        raise InvalidField("allowedTime", f"an object with keys of {', '.join(DAYS)}, default is expected")
    named = {day: intervals for day, intervals in value.items() if intervals is not None}
    return {day: _intervals(intervals, f"allowedTime.{day}") for day, intervals in named.items()}


def _pair(fields: Json) -> Pair:
    """Return the deprecated pair of times, each None where it is absent."""
    opens, closes = (
        None if fields.get(name) is None else parse_time(fields[name], name) for name in FORMER_HOURS
    )
    if opens is not None and closes is not None:
        _apart([(opens, closes)], FORMER_HOURS[0])
    return opens, closes


def _intervals(value: object, field: str) -> Intervals:
    if not isinstance(value, list) or not value:
        raise InvalidField(field, "an array of at least one interval is expected")
    if not all(isinstance(interval, dict) for interval in value):
        raise InvalidField(field, "an interval is an object")
    return _apart([_interval(interval, field) for interval in value], field)


def _interval(fields: Json, field: str) -> tuple[time, time]:
    return (
        parse_time(fields.get("localTimeFrom"), f"{field}.localTimeFrom"),
        parse_time(fields.get("localTimeTo"), f"{field}.localTimeTo"),
    )


def _apart(intervals: list[tuple[time, time]], field: str) -> Intervals:
    """Return intervals in order; overlaps are refused (observed), and ends before beginnings (inferred)."""
    ordered = tuple(sorted(intervals))
    backwards = any(opens >= closes for opens, closes in ordered)
    if backwards or any(later[0] < former[1] for former, later in pairwise(ordered)):
        raise Refused("allowed_time_invalid", field=field)
    return ordered


def _clearance(value: object) -> Clearance | None:
    if value is None:
        return None
    fields = parse_object(value, "externalCheck")
    url = fields.get("externalCheckUrl")
    if not isinstance(url, str) or len(url) > LONGEST_URL or not is_web_address(url):
        reason = f"an http or https URL is expected, for a receiver here {LOCAL_RECEIVER}/check"
        raise InvalidField("externalCheck.externalCheckUrl", reason)
    again = parse_whole(fields, "externalCheckMaxRetries", range(2**31), "externalCheck.")
    again = QUESTIONS_BY_DEFAULT if again is None else min(again, MOST_QUESTIONS)
    return Clearance(url, (ASK_AGAIN,) * again)


def _find_losses(campaign: Campaign, body: list[Json]) -> list[Loss]:
    """Return what is ignored of jobs that were taken, each kind once, with its first place and count."""
    days = [DAYS[day] for day in open_days(campaign)]
    first: dict[str, Loss] = {}
    times: dict[str, int] = {}
    for place, fields in enumerate(body):
        for loss in _job_losses(fields, f"/{place}", days):
            first.setdefault(loss.name, loss)
            times[loss.name] = times.get(loss.name, 0) + 1
    return [
        Loss(name, loss.place, f"{loss.arrived}, in {times[name]} of {counted(len(body), 'job')}")
        for name, loss in first.items()
    ]


def _find_past_ends(orders: list[Order], now: datetime, body: list[Json]) -> Iterator[Loss]:
    """Yield that jobs, with the first place and their count, were over before they were asked for."""
    ends = ((place, order.policy.latest) for place, order in enumerate(orders))
    if past := [place for place, latest in ends if latest is not None and latest <= now]:
        shown = f"{body[past[0]]['finishDateTime']}, in {len(past)} of {counted(len(body), 'job')}"
        yield Loss("end_past", f"/{past[0]}/finishDateTime", shown)


def _job_losses(fields: Json, at: str, campaign_days: list[str]) -> Iterator[Loss]:
    hours, days = fields.get("allowedTime") or {}, fields.get("allowedDays") or campaign_days
    if idle := [day for day in hours if day in DAYS and day not in days and hours[day] is not None]:
        yield Loss("hours_of_other_days", f"{at}/allowedTime/{idle[0]}", f"hours of {', '.join(idle)}")
    former = [name for name in FORMER_HOURS if fields.get(name) is not None]
    if any(hours.values()) and former:
        yield Loss("former_hours_ignored", f"{at}/{former[0]}", " and ".join(former))
    again = (fields.get("externalCheck") or {}).get("externalCheckMaxRetries")
    if again is not None and again > MOST_QUESTIONS:
        yield Loss("questions_clamped", f"{at}/externalCheck/externalCheckMaxRetries", str(again))


def read_body(context: RequestContext) -> Any:
    """Return the JSON of a request, which must have a body whose type says so (inferred)."""
    if not context.request.body:
        raise Refused("json_malformed", reason="Required request body is missing")
    kind = context.request.media_type
    if kind != "application/json":
        reason = f"Content-Type application/json is expected, not {kind[:64] or 'none'}"
        raise Refused("json_malformed", reason=reason)
    try:
        return read_json(context.request.body, MOST_VALUES)
    except MalformedJson as error:
        raise Refused("json_malformed", reason=error) from None


def parse_order(context: RequestContext) -> Order:
    """Return the order for the one number of a query, or of a POST's form; all else there is its payload.

    A form's type must say that it is one, and a query beside it is not read (both inferred).
    """
    own: tuple[str, ...] = (*OWN_FIELDS, KEY)
    form, request = context.form, context.request
    if request.method == "POST":
        if request.body and request.media_type != FORM:
            raise Refused("json_malformed", reason=f"Content-Type {FORM} is expected")
        form, own = read_form("", request.content_type, request.body), OWN_FIELDS
    callee, zone = parse_phone(form.get("phone"), "phone"), form.get("gmtZone")
    payload = {field.name: field.value for field in form.fields if field.name not in own}
    policy = FOLLOWS if zone is None else Policy(zone=parse_zone(zone, callee))
    return Order(callee=callee, policy=policy, payload=payload or None)


def find_jobs(context: RequestContext, campaign: Campaign) -> list[Call]:
    """Return the jobs that a request asks for by `ids` and by `phones`, each once.

    Raises Refused for the first that does not exist, whatever else was asked (inferred).
    """
    body = read_body(context)
    if not isinstance(body, dict):
        raise InvalidField("body", "an object with ids or phones is expected")
    jobs: dict[Call, None] = {}
    for ref in _listed(body.get("ids"), "ids"):
        jobs[_job(context.account, campaign, str(plain_number(ref)))] = None
    for phone in _listed(body.get("phones"), "phones"):
        jobs.update(dict.fromkeys(reversed(_jobs_to(context.account, campaign, phone))))
    return list(jobs)


def _job(account: Account, campaign: Campaign, ref: str) -> Call:
    """Return a job of a campaign by its id; those of the account's other campaigns are not to be found."""
    job = account.calls.get(ref)
    if job is not None and job.campaign is campaign:
        return job
    error = Refused("id_unknown", id=ref)
    if job is not None:
        error.advice = "it is a job of another campaign of the account: use the token of that one"
    elif any(call.campaign is campaign for call in account.history(E164(f"+{ref}"))):
        error.advice = "it is a phone: ask for it by `phones`"
    raise error


def _jobs_to(account: Account, campaign: Campaign, phone: str | float) -> list[Call]:
    try:
        callee = parse_phone(phone, "phones")
    except InvalidField:
        raise
    except Refused:
        raise Refused("phone_is_none", phone=phone) from None
    if jobs := [call for call in account.history(callee) if call.campaign is campaign]:
        return jobs
    error = Refused("phone_unknown", phone=digits_of(callee))
    if (job := account.calls.get(str(plain_number(phone)))) is not None and job.campaign is campaign:
        error.advice = "it is the id of a job: ask for it by `ids`"
    raise error


def _listed(value: object, field: str) -> list[str | float]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(map(_is_name, value)):
        raise InvalidField(field, "an array of texts or whole numbers is expected")
    return value


def _is_name(value: object) -> bool:
    return isinstance(plain_number(value), str | int) and not isinstance(value, bool)
