"""Webhooks: registered by type, switched on and off, and the log of what was tried."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from simulator.exchange import Answer
from simulator.formats.urls import is_web_address
from simulator.telephony.subscriptions import DeliveryRecord, Subscription, SubscriptionState
from simulator.vendor import LOCAL_RECEIVER, Refused, RequestContext
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.callbacks import TYPES
from simulator.vendors.callr.fields import Query, check_choice, check_text, find_by_sid, read_body, refuse
from simulator.vendors.callr.paging import Search
from simulator.vendors.callr.responses import WEBHOOK_STATES, render_delivery, render_webhook
from simulator.vendors.callr.routes import blueprint
from simulator.vendors.callr.settings import ALGORITHMS, CallrSettings
from simulator.vendors.callr.store import register

_STRICT = re.compile(r"https?://(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}(:[0-9]{1,5})?([/?#].*)?", re.ASCII)
"""As far as the documentation prints it; the rest of the pattern is cut off there."""


class EndpointRefused(Refused):
    """A receiver whose name has no dot, or that is called by its address."""

    advice = (
        f"endpoint: a receiver on this machine is {LOCAL_RECEIVER} here, "
        "or any where accounts: NAME: profile: callr: (or profiles: callr:) says endpoints: relaxed"
    )


SIGNING = ("hmacSecret", "hmacAlgo")
LONGEST_URL, LONGEST_ID = 2_000, 50
KINDS = TYPES.values()

WEBHOOKS = Search[Subscription]("webhooks", {"created": lambda hook: hook.created}, render_webhook)
LOG = Search[DeliveryRecord]("webhook logs", {"at": lambda record: record.at}, render_delivery, grows=True)


@blueprint.get("/webhooks")
def search_webhooks(context: RequestContext) -> Answer:
    """Find webhooks, newest first."""
    query, account = Query(context.form), context.account
    sid, kind = query.sid("sid"), query.choice("type", KINDS)
    status = query.choice("status", WEBHOOK_STATES.values())

    def matches(hook: Subscription) -> bool:
        fits = sid in (None, hook.ref) and kind in (None, hook.event)
        return fits and status in (None, WEBHOOK_STATES[hook.state])

    return WEBHOOKS.answer(context, list(account.subscriptions.values()), matches)


@blueprint.post("/webhooks")
def create_webhook(context: RequestContext) -> Answer:
    """Register a webhook: its type stands in the query (documented)."""
    query = Query(context.form)
    kind = check_choice("type", query.required("type"), KINDS)
    body = read_body(context, known=("endpoint", "options"))
    endpoint = check_endpoint(context, "endpoint", body.required("endpoint"))
    options = _check_options(body.object("options")) if "options" in body else {}
    return answer_json(render_webhook(register(context.world, context.account, kind, endpoint, options)), 201)


@blueprint.get("/webhooks/logs")
def search_webhook_logs(context: RequestContext) -> Answer:
    """Find what was tried, newest first."""
    query = Query(context.form)
    filtered = {field.name for field in context.form.fields} - {"offset", "limit", "sort", "order"}
    matches = _filter(context, query)
    return LOG.answer(context, context.account.delivery_log, matches if filtered else None)


def _filter(context: RequestContext, query: Query) -> Callable[[DeliveryRecord], bool]:
    endpoint, at, event = query.get("endpoint"), query.instant("at"), query.text("id", most=LONGEST_ID)
    if endpoint is not None:
        check_endpoint(context, "endpoint", endpoint)
    sid, kind = query.sid("sid"), query.choice("type", KINDS)
    status, nth = query.integer("httpcode", 100), query.integer("try", 0)

    def matches(record: DeliveryRecord) -> bool:
        hook = record.subscription
        return (
            endpoint in (None, hook.url)
            and at in (None, record.at)
            and event in (None, record.event_id)
            and sid in (None, hook.ref)
            and kind in (None, hook.event)
            and status in (None, record.status)
            and nth in (None, record.nth)
        )

    return matches


@blueprint.get("/webhooks/<sid>")
def get_webhook(context: RequestContext, sid: str) -> Answer:
    """Return one webhook; refused where the account has no such one."""
    return answer_json(render_webhook(_find(context, sid)))


@blueprint.patch("/webhooks/<sid>")
def update_webhook(context: RequestContext, sid: str) -> Answer:
    """Switch a webhook on or off; nothing else of it changes (documented)."""
    hook = _find(context, sid)
    body = read_body(context, known=("status",))
    status = check_choice("status", body.required("status"), ("disabled", "enabled"))
    if hook.state is SubscriptionState.DISABLED_BY_OPERATOR:
        raise Refused("webhook_locked", sid=sid)
    hook.enable(context.world.clock.now, enabled=status == "enabled")
    return answer_json(render_webhook(hook))


@blueprint.delete("/webhooks/<sid>")
def delete_webhook(context: RequestContext, sid: str) -> Answer:
    """Forget a webhook; what is still to be tried is not."""
    hook = _find(context, sid)
    hook.enable(context.world.clock.now, enabled=False)
    del context.account.subscriptions[hook.ref]
    return answer_nothing()


def check_endpoint(context: RequestContext, name: str, value: object) -> str:
    """Return a URL that the account may register: with a dotted host name where its profile is strict."""
    url = check_text(name, value, 1, LONGEST_URL)
    if CallrSettings.of(context.account).endpoints == "strict" and not _STRICT.fullmatch(url):
        raise EndpointRefused("value_refused", field=name, rule=f"match ^{_STRICT.pattern}$")
    if not _is_url(url):
        refuse(name, "be an http or https URL, its port 1 to 65535, without spaces or control characters")
    return url


def _is_url(url: str) -> bool:
    is_plain = url.isascii() and not any(letter <= " " or letter in '"<>\\^`{|}\x7f' for letter in url)
    return is_plain and is_web_address(url)


def _check_options(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return options: a secret and an algorithm to sign with, neither of them where it is null.

    All others are kept as they came (inferred).
    """
    if (secret := options.get("hmacSecret")) is not None:
        check_text("options.hmacSecret", secret, 0, 256)
    if (algorithm := options.get("hmacAlgo")) is not None:
        check_choice("options.hmacAlgo", algorithm, ALGORITHMS)
    return {name: value for name, value in options.items() if value is not None or name not in SIGNING}


def _find(context: RequestContext, sid: str) -> Subscription:
    return find_by_sid(context.account.subscriptions, sid, "webhook_unknown")
