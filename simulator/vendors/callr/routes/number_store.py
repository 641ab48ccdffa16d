"""The store: which numbers there are, a reservation at a time, and buying what is reserved."""

from __future__ import annotations

import re

from simulator.exchange import Answer
from simulator.telephony.errors import AccountSuspended
from simulator.telephony.owned_numbers import Series
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.answers import answer_json, answer_nothing, render_instant
from simulator.vendors.callr.fields import COUNTRY, Query, check_choice, check_pattern
from simulator.vendors.callr.numbering import COUNTRY_NAMES, inventory_of
from simulator.vendors.callr.responses import render_contract, render_reservation, render_store_item
from simulator.vendors.callr.routes import blueprint
from simulator.vendors.callr.settings import CLASSES, TYPES, CallrSettings

_PREFIX = re.compile(r"\+[1-9][0-9]{0,8}", re.ASCII)
MOST = 100


@blueprint.get("/numbers/store/countries", endpoint="list_available_countries")
def list_countries(context: RequestContext) -> Answer:
    """List the countries that have numbers for sale."""
    codes = dict.fromkeys(series.country for series in inventory_of(context.account))
    return answer_json([{"code": code, "name": COUNTRY_NAMES.get(code, code)} for code in codes])


@blueprint.get("/numbers/store/types", endpoint="list_available_number_types")
def list_types(context: RequestContext) -> Answer:
    """List the types of numbers for sale in a country."""
    for_sale = _in_country(context, Query(context.form))
    return answer_json([{"type": kind} for kind in dict.fromkeys(series.kind for series in for_sale)])


@blueprint.get("/numbers/store/prefixes", endpoint="list_available_prefixes")
def list_prefixes(context: RequestContext) -> Answer:
    """List the prefixes of a type of numbers in a country."""
    query = Query(context.form)
    for_sale, kind = _in_country(context, query), check_choice("type", query.required("type"), TYPES)
    prefixes = [
        {"prefix": series.prefix, "area": series.area, "class": series.grade}
        for series in for_sale
        if series.kind == kind
    ]
    return answer_json(prefixes)


@blueprint.post("/numbers/store")
def reserve_numbers(context: RequestContext) -> Answer:
    """Keep numbers for five minutes, all that were asked for or none."""
    query = Query(context.form)
    for_sale, kind = _in_country(context, query), check_choice("type", query.required("type"), TYPES)
    quantity = query.integer("quantity", 1, MOST) or 1
    grade = query.choice("class", CLASSES) or "classic"
    prefix, area = query.pattern("prefix", _PREFIX), query.text("area", most=32)
    fitting = [
        series
        for series in for_sale
        if (series.kind, series.grade) == (kind, grade)
        and (prefix is None or series.prefix.startswith(prefix) or series.first.startswith(prefix))
        and (area is None or area.casefold() in series.area.casefold())
    ]
    held = context.world.numbers.reserve(context.account, fitting, quantity)
    return answer_json(render_reservation(held), 201)


@blueprint.post("/numbers/store/<token>")
def buy_phone_numbers(context: RequestContext, token: str) -> Answer:
    """Buy what is reserved; what could not be bought is told beside it (documented)."""
    if CallrSettings.of(context.account).trial:
        raise Refused("trial_mode")
    if context.account.suspended:
        raise AccountSuspended
    held = context.world.numbers.reservation(context.account, token)
    bought, failed = context.world.numbers.buy(held)
    errors = [
        {"e164": number, "code": "insufficient-credit", "message": "The credit does not suffice."}
        for number in failed
    ]
    ends = render_instant(bought[0].ends) if bought else None
    items = [render_store_item(owned.number, owned) for owned in bought]
    return answer_json({"contract": render_contract(held.terms, ends), "errors": errors, "items": items})


@blueprint.get("/numbers/store/<token>")
def get_reservation_status(context: RequestContext, token: str) -> Answer:
    """Tell what is reserved, and until when."""
    return answer_json(render_reservation(context.world.numbers.reservation(context.account, token)))


@blueprint.delete("/numbers/store/<token>")
def cancel_reservation(context: RequestContext, token: str) -> Answer:
    """Let the numbers go."""
    context.world.numbers.cancel(context.world.numbers.reservation(context.account, token))
    return answer_nothing()


def _in_country(context: RequestContext, query: Query) -> list[Series]:
    country = check_pattern("country", query.required("country"), COUNTRY)
    for_sale = [series for series in inventory_of(context.account) if series.country == country]
    if not for_sale:
        raise Refused("country_unknown", country=country)
    return for_sale
