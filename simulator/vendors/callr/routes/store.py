"""The store: which numbers there are, a reservation at a time, and buying what is reserved."""

from __future__ import annotations

import re

from simulator.exchange import Answer
from simulator.telephony.errors import AccountSuspended
from simulator.telephony.owned_numbers import Series
from simulator.vendor import CustomerVisit
from simulator.vendors.callr.answers import answer_json, answer_nothing, render_instant
from simulator.vendors.callr.errors import Forbidden, NothingForSale
from simulator.vendors.callr.fields import COUNTRY, Query, check_choice, check_pattern
from simulator.vendors.callr.inventory import CLASSES, COUNTRY_NAMES, TYPES, inventory_of
from simulator.vendors.callr.rendering import render_contract, render_reservation, render_store_item
from simulator.vendors.callr.routes.table import delete, routes
from simulator.vendors.callr.settings import setting

_PREFIX = re.compile(r"\+[1-9][0-9]{0,8}", re.ASCII)
MOST = 100


@routes.get("/numbers/store/countries", "list_available_countries")
def list_countries(visit: CustomerVisit) -> Answer:
    """List the countries that have numbers for sale."""
    codes = dict.fromkeys(series.country for series in inventory_of(visit.account))
    return answer_json([{"code": code, "name": COUNTRY_NAMES.get(code, code)} for code in codes])


@routes.get("/numbers/store/types", "list_available_number_types")
def list_types(visit: CustomerVisit) -> Answer:
    """List the types of numbers for sale in a country."""
    found = _in_country(visit, Query(visit.form))
    return answer_json([{"type": kind} for kind in dict.fromkeys(series.kind for series in found)])


@routes.get("/numbers/store/prefixes", "list_available_prefixes")
def list_prefixes(visit: CustomerVisit) -> Answer:
    """List the prefixes of a type of numbers in a country."""
    query = Query(visit.form)
    found, kind = _in_country(visit, query), check_choice("type", query.required("type"), TYPES)
    told = [
        {"prefix": each.prefix, "area": each.area, "class": each.grade} for each in found if each.kind == kind
    ]
    return answer_json(told)


@routes.post("/numbers/store", "reserve_numbers")
def reserve_numbers(visit: CustomerVisit) -> Answer:
    """Keep numbers for five minutes, all that were asked for or none."""
    query = Query(visit.form)
    found, kind = _in_country(visit, query), check_choice("type", query.required("type"), TYPES)
    quantity = query.integer("quantity", 1, MOST) or 1
    grade = query.choice("class", CLASSES) or "classic"
    prefix, area = query.pattern("prefix", _PREFIX), query.text("area", most=32)
    fitting = [
        series
        for series in found
        if (series.kind, series.grade) == (kind, grade)
        and (prefix is None or series.prefix.startswith(prefix) or series.first.startswith(prefix))
        and (area is None or area.casefold() in series.area.casefold())
    ]
    held = visit.world.numbers.reserve(visit.account, fitting, quantity)
    return answer_json(render_reservation(held), 201)


@routes.post("/numbers/store/<token>", "buy_phone_numbers")
def buy_phone_numbers(visit: CustomerVisit, token: str) -> Answer:
    """Buy what is reserved; what could not be bought is told beside it (documented)."""
    if setting(visit.account, "trial") in (True, "true"):
        raise Forbidden("An account in build mode cannot buy numbers.", "trial-mode")
    if visit.account.suspended:
        raise AccountSuspended
    held = visit.world.numbers.reservation(visit.account, token)
    bought, failed = visit.world.numbers.buy(held)
    errors = [
        {"e164": number, "code": "insufficient-credit", "message": "The credit does not suffice."}
        for number in failed
    ]
    ends = render_instant(bought[0].ends) if bought else None
    items = [render_store_item(owned.number, owned) for owned in bought]
    return answer_json({"contract": render_contract(held.terms, ends), "errors": errors, "items": items})


@routes.get("/numbers/store/<token>", "get_reservation_status")
def get_reservation_status(visit: CustomerVisit, token: str) -> Answer:
    """Tell what is reserved, and until when."""
    return answer_json(render_reservation(visit.world.numbers.reservation(visit.account, token)))


@delete("/numbers/store/<token>", "cancel_reservation")
def cancel_reservation(visit: CustomerVisit, token: str) -> Answer:
    """Let the numbers go."""
    visit.world.numbers.cancel(visit.world.numbers.reservation(visit.account, token))
    return answer_nothing()


def _in_country(visit: CustomerVisit, query: Query) -> list[Series]:
    country = check_pattern("country", query.required("country"), COUNTRY)
    found = [series for series in inventory_of(visit.account) if series.country == country]
    if not found:
        raise NothingForSale(country)
    return found
