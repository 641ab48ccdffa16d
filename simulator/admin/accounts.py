"""Accounts, their money, and the calls they placed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from simulator.admin.problems import unusable
from simulator.admin.rendering import account_name, render_account, render_call
from simulator.admin.visits import AMOUNT, TEXT, Json, Visit
from simulator.errors import UnknownName
from simulator.telephony.accounts import Account
from simulator.telephony.live_calls import AnyCall, LiveCall

_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)
_NAMES_LISTED = 20


def list_accounts(visit: Visit) -> Json:
    """List the accounts of the world with their money and campaigns."""
    with visit.sandbox.lock:
        return {"accounts": [render_account(account) for account in visit.sandbox.world.accounts.values()]}


def top_up(visit: Visit, vendor: str) -> Json:
    """Add money to an account, or take it away; with one account at the vendor its key may be left out."""
    said = visit.fields({"amount": AMOUNT}, {"credential": TEXT})
    amount = str(said["amount"])
    credential = credential_of(visit, vendor, said.get("credential"))
    if not _AMOUNT.fullmatch(amount):
        raise unusable([f"#/amount: {amount[:40]!r} is not an amount such as 50.00 or -3"])
    account: Account = visit.sandbox.act("top_up", vendor=vendor, credential=credential, amount=amount)
    with visit.sandbox.lock:
        return render_account(account)


def list_calls(visit: Visit) -> Json:
    """List calls newest first with their timelines, of one account or campaign, or all."""
    limit, sandbox = visit.limit, visit.sandbox
    with sandbox.lock:
        fitting = _calls(visit)
        found = [render_call(call, sandbox) for call in islice(fitting, limit)]
        total = len(sandbox.world.calls) + len(sandbox.world.switchboard.calls)
        return {"calls": found, "total": total}


def credential_of(visit: Visit, vendor: str, said: str | None) -> str:
    """Return the key said, or the only one there is; raises UnknownName for a vendor that is none."""
    if vendor not in visit.worlds.vendors:
        raise UnknownName("vendor", vendor, list(visit.worlds.vendors))
    if said:
        return said
    with visit.sandbox.lock:
        keys = [credential for owner, credential in visit.sandbox.world.accounts if owner == vendor]
    if len(keys) != 1:
        raise unusable([f"#/credential: needed, because {vendor} has {len(keys)} accounts in this world"])
    return keys[0]


def _calls(visit: Visit) -> Iterator[AnyCall]:
    """Yield the calls asked for, newest first; raises UnknownName where a filter names nothing there is."""
    name, campaign = visit.query.get("account"), visit.query.get("campaign")
    accounts = list(visit.sandbox.world.accounts.values())
    _check("account", name, [account_name(account) for account in accounts])
    refs = [str(ref) for account in accounts for ref in account.campaigns]
    _check("campaign", campaign, refs)
    return (
        call
        for call in visit.sandbox.world.newest_calls()
        if name in (None, account_name(call.account)) and campaign in (None, _campaign_of(call))
    )


def _campaign_of(call: AnyCall) -> str:
    return str(call.route if isinstance(call, LiveCall) else call.campaign.ref)


def _check(kind: str, given: str | None, known: list[str]) -> None:
    if given is not None and given not in known:
        raise UnknownName(kind, given, known[:_NAMES_LISTED])
