"""Accounts: their money, the calls they placed, what their scripts did, what they subscribe to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from simulator.admin.context import AdminContext, Json
from simulator.admin.problems import unusable
from simulator.admin.rendering import (
    account_name,
    members,
    named,
    render_account,
    render_call,
    render_message,
)
from simulator.errors import UnknownName
from simulator.telephony.accounts import Account
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.script_runs import LineKind, ScriptRun

_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)
_NAMES_LISTED = 20


def list_accounts(context: AdminContext) -> Json:
    """List the accounts of the world with their money and campaigns."""
    with context.sandbox.lock:
        return {"accounts": [render_account(account) for account in context.sandbox.world.accounts.values()]}


def top_up(
    context: AdminContext, vendor: str, *, amount: str | int | float, credential: str | None = None
) -> Json:
    """Add money to an account, or take it away; with one account at the vendor its key may be left out."""
    credential, money = _credential_of(context, vendor, credential), str(amount)
    if not _AMOUNT.fullmatch(money):
        raise unusable([f"#/amount: {money[:40]!r} is not an amount such as 50.00 or -3"])
    account: Account = context.sandbox.act("top_up", vendor=vendor, credential=credential, amount=money)
    with context.sandbox.lock:
        return render_account(account)


def list_calls(context: AdminContext) -> Json:
    """List calls newest first with their timelines, of one account or campaign, or all."""
    limit, sandbox = context.limit, context.sandbox
    with sandbox.lock:
        calls = [render_call(call, sandbox) for call in islice(_calls(context), limit)]
        total = len(sandbox.world.calls) + len(sandbox.world.switchboard.calls)
        return {"calls": calls, "total": total}


def _credential_of(context: AdminContext, vendor: str, given: str | None) -> str:
    """Return the credential given, or the only one there is; raises UnknownName for an unknown vendor."""
    if vendor not in context.worlds.vendors:
        raise UnknownName("vendor", vendor, list(context.worlds.vendors))
    if given:
        return given
    with context.sandbox.lock:
        keys = [credential for owner, credential in context.sandbox.world.accounts if owner == vendor]
    if len(keys) != 1:
        raise unusable([f"#/credential: needed, because {vendor} has {len(keys)} accounts in this world"])
    return keys[0]


def _calls(context: AdminContext) -> Iterator[AnyCall]:
    """Yield the calls asked for, newest first; raises UnknownName where a filter names nothing there is."""
    name, campaign = context.query.get("account"), context.query.get("campaign")
    accounts = list(context.sandbox.world.accounts.values())
    _check("account", name, [account_name(account) for account in accounts])
    refs = [str(ref) for account in accounts for ref in account.campaigns]
    _check("campaign", campaign, refs)
    return (
        call
        for call in context.sandbox.world.newest_calls()
        if name in (None, account_name(call.account)) and campaign in (None, _campaign_of(call))
    )


def _campaign_of(call: AnyCall) -> str:
    return str(call.route if isinstance(call, LiveCall) else call.campaign.ref)


def _check(kind: str, given: str | None, known: list[str]) -> None:
    if given is not None and given not in known:
        raise UnknownName(kind, given, known[:_NAMES_LISTED])


def list_messages(context: AdminContext) -> Json:
    """List messages newest first with their histories, of one account or all."""
    name, limit, sandbox = context.query.get("account"), context.limit, context.sandbox
    with sandbox.lock:
        _check("account", name, [account_name(account) for account in sandbox.world.accounts.values()])
        kept = reversed(sandbox.world.messages.all())
        chosen = [message for message in kept if name in (None, account_name(message.account))]
        return {"messages": [render_message(message) for message in chosen[:limit]], "total": len(chosen)}


def list_script_runs(context: AdminContext) -> Json:
    """List the runs of all accounts' scripts, newest first, each with every line it wrote."""
    limit, sandbox = context.limit, context.sandbox
    with sandbox.lock:
        runs = [run for account in sandbox.world.accounts.values() for run in account.script_runs.values()]
        runs.sort(key=lambda run: run.started, reverse=True)
        return {"script_runs": [_run(run) for run in runs[:limit]], "total": len(runs)}


def _run(run: ScriptRun) -> Json:
    return {
        **named(run),
        **members(run, "script", "began_by", "state", "started", "ended"),
        "lines": [members(line, "at", "kind", "text") for line in run.lines],
        "not_simulated": [line.text for line in run.lines if line.kind is LineKind.NOT_SIMULATED],
    }


def bar_subscriptions(
    context: AdminContext,
    vendor: str,
    *,
    barred: bool,
    event: str | None = None,
    credential: str | None = None,
) -> Json:
    """Bar an account's callbacks of one event or all, or allow them again; the client cannot undo it."""
    credential = _credential_of(context, vendor, credential)
    with context.sandbox.lock:
        subscriptions = context.sandbox.world.admit(vendor, credential).subscriptions.values()
        known = sorted({subscription.event for subscription in subscriptions})
    if event is not None and event not in known:
        raise UnknownName("event that is subscribed to", event, known)
    account: Account = context.sandbox.act(
        "bar_subscriptions", vendor=vendor, credential=credential, barred=barred, event=event
    )
    with context.sandbox.lock:
        names = ("ref", "event", "state", "failed")
        return {"subscriptions": [members(one, *names) for one in account.subscriptions.values()]}
