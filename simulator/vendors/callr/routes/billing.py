"""Billing: the credit that is left, and what calls cost where."""

from __future__ import annotations

from simulator.exchange import Answer
from simulator.vendor import CustomerVisit
from simulator.vendors.callr.answers import answer_json, render_cents
from simulator.vendors.callr.destinations import render_destinations
from simulator.vendors.callr.errors import Forbidden
from simulator.vendors.callr.routes.table import routes
from simulator.vendors.callr.settings import POSTPAID, setting


@routes.get("/billing/credit", "get_credit_balance")
def get_credit_balance(visit: CustomerVisit) -> Answer:
    """Tell the credit in cents, as a bare JSON string (documented); prepaid accounts alone have one."""
    if setting(visit.account, "payment") == POSTPAID:
        raise Forbidden("A postpaid account has no credit balance.")
    return answer_json(render_cents(visit.account.balance))


@routes.get("/billing/destinations", "get_billing_destinations")
def get_billing_destinations(visit: CustomerVisit) -> Answer:
    """List the destinations."""
    return answer_json(render_destinations(visit.account.tariff))
