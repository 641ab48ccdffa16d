"""Billing: the credit that is left, and what calls cost where."""

from __future__ import annotations

from simulator.exchange import Answer
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.answers import answer_json, render_cents
from simulator.vendors.callr.destinations import render_destinations
from simulator.vendors.callr.routes.table import blueprint
from simulator.vendors.callr.settings import CallrSettings


@blueprint.get("/billing/credit")
def get_credit_balance(context: RequestContext) -> Answer:
    """Tell the credit in cents, as a bare JSON string (documented); prepaid accounts alone have one."""
    if CallrSettings.of(context.account).payment == "postpaid":
        raise Refused("credit_postpaid")
    return answer_json(render_cents(context.account.balance))


@blueprint.get("/billing/destinations")
def get_billing_destinations(context: RequestContext) -> Answer:
    """List the destinations."""
    return answer_json(render_destinations(context.account.tariff))
