"""The other views: clock, callbacks, findings, coverage, campaigns, faults, scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from shlex import quote

from flask import Response, request

from simulator.admin import contracts, exchanges, faults, suites
from simulator.admin import worlds as world_endpoints
from simulator.admin.context import Json
from simulator.admin.deliveries import waiting_rules
from simulator.admin.events import render_change
from simulator.admin.page.causes import CAUSES
from simulator.admin.page.lists import list_rows
from simulator.admin.page.visit import Visit
from simulator.admin.pictures import day_picture, find_campaign, picture_of_coverage
from simulator.admin.rendering import (
    account_name,
    render_account,
    render_delivery,
    render_exchange,
    render_verdict,
)
from simulator.engine.sandbox import MAIN
from simulator.engine.verification import conduct_on
from simulator.scenario.files import list_scenarios
from simulator.scenario.loading import load_scenario
from simulator.telephony.campaigns import Campaign
from simulator.telephony.clock import write_length
from simulator.telephony.outcomes import Disposition
from simulator.telephony.world import World
from simulator.web.masking import Shown

MOST_HAPPENED = 200


def show_clock(visit: Visit) -> Response:
    """Show the clock, how to move it, and what happened on the way since the event named by `since`."""
    since = visit.query.get("since", "")
    with visit.sandbox.lock:
        feed = visit.sandbox.recorder.feed
        after = int(since) if since.isdecimal() and len(since) < 18 else max(feed.last - 12, 0)
        changes, _ = feed.since(after, 10_000)
        rows = [render_change(change, visit.sandbox) for change in changes[-MOST_HAPPENED:]][::-1]
        waiting = visit.sandbox.world.clock.waiting
    return visit.show("clock", "Clock", happened=rows, waiting=waiting, count=len(changes), moved=bool(since))


def show_callbacks(visit: Visit) -> Response:
    """Show callbacks, newest first, of one state or all."""
    with visit.sandbox.lock:
        table = list_rows(visit, "callbacks", {"verdict": visit.query.get("state", "")})
        states = Counter(str(one.state) for one in visit.sandbox.world.outbox.deliveries.values())
    spoilt = [f"{rule['how']} ({rule['where']})" for rule in waiting_rules(visit.sandbox)]
    return visit.show("callbacks", "Callbacks", table=table, states=states, spoilt=spoilt)


def show_callback(visit: Visit, delivery: str) -> Response:
    """Show one callback with its tries."""
    sandbox = visit.sandbox
    with sandbox.lock:
        found_at = sandbox.world.outbox.find(delivery)
        masker = sandbox.recorder.masker
        record = render_delivery(found_at, masker)
        kept = [exchange for exchange in sandbox.recorder.callbacks if exchange.id.startswith(f"{delivery}.")]
        answers = [render_exchange(exchange, masker) for exchange in kept]
    causes = Shown(CAUSES)
    return visit.show("callback", f"Callback {delivery}", delivery=record, answers=answers, causes=causes)


def show_exchange(visit: Visit, exchange: str) -> Response:
    """Show one request with its answer, and how to send it again."""
    shown = exchanges.show_exchange(visit.context, exchange)
    curl = Shown(text=_curl(shown), base=request.host_url.rstrip("/"))
    return visit.show("request", f"Request {exchange}", exchange=shown, curl=curl)


_NOT_REPEATED = frozenset({"host", "content-length", "connection", "user-agent", "accept-encoding", "accept"})


def _curl(exchange: Json) -> str:
    """Return a masked request as a line for a shell, to which what a client sent is words and no more."""
    asked, world = exchange["request"], exchange["world"]
    query = f"?{asked['query']}" if asked["query"] else ""
    prefix = "" if world == MAIN else f"/@{world}"
    address = quote(f"{prefix}/{exchange['vendor']}{asked['path']}{query}")
    flags = "-g -X" if any(sign in address for sign in "[]{}") else "-X"  # which curl would take for ranges
    words = [f'curl {flags} {quote(asked["method"])} "$BASE"{address}']
    words += [
        f"-H {quote(f'{name}: {value}')}"
        for name, value in asked["headers"]
        if name.lower() not in _NOT_REPEATED
    ]
    if text := asked["body"].get("text"):
        words.append(f"--data-raw {quote(text)}")
    return " \\\n  ".join(words)


def show_findings(visit: Visit) -> Response:
    """Show what clients did wrong, each once, with its evidence and what mends it."""
    listed = exchanges.list_violations(visit.context)
    verdicts = world_endpoints.list_verdicts(visit.context)
    conduct = [*map(render_verdict, conduct_on(visit.worlds, visit.sandbox).broken)]
    return visit.show(
        "findings", "Findings", findings=listed["findings"], verdicts=verdicts["verdicts"], conduct=conduct
    )


def show_coverage(visit: Visit) -> Response:
    """Show which operations of the contracts were called."""
    vendors = contracts.show_coverage(visit.context)["vendors"]
    return visit.show(
        "coverage",
        "Coverage",
        vendors=Shown(vendors),
        picture=Shown(svg=picture_of_coverage(visit.context)),
        agents=len(suites.agents()),
    )


def show_campaigns(visit: Visit) -> Response:
    """Show accounts with their money, campaigns with their progress, and limits."""
    with visit.sandbox.lock:
        world = visit.sandbox.world
        owners = [
            {
                **render_account(account),
                "campaigns": [_progress(one) for one in account.campaigns.values()],
            }
            for account in world.accounts.values()
        ]
        limits = _limits(visit, world)
    return visit.show("campaigns", "Accounts and campaigns", accounts=owners, limits=limits)


def _progress(campaign: Campaign) -> Json:
    total, over = len(campaign.calls), len(campaign.over)
    answered = sum(call.disposition is Disposition.ANSWERED for call in campaign.over)
    return {
        "ref": str(campaign.ref),
        "name": campaign.name,
        "type": campaign.kind,
        "state": campaign.state,
        "calls": total,
        "over": over,
        "answered": answered,
        "attempts": len(campaign.attempts),
        "busy": campaign.busy_lines,
        "lines": campaign.lines,
        "cost": str(campaign.cost),
        "key": f"{campaign.account.vendor}:{campaign.ref}",
    }


def _limits(visit: Visit, world: World) -> list[Json]:
    """Return the limits with how often each has refused anybody."""
    refusals = Counter(
        rule.partition(",")[0].removeprefix("limit: ")
        for exchange in visit.sandbox.recorder.journal
        if (rule := exchange.rule or "").startswith("limit: ")
    )
    return [
        {
            "rule": rule.name,
            "where": rule.where,
            "allow": rule.allow,
            "per": write_length(rule.per),
            "by": ", ".join(rule.by) or "everybody together",
            "most": most,
            "refused": refusals[rule.name],
        }
        for rule, most in world.limits.usage(world.clock.now)
    ]


def show_campaign(visit: Visit, name: str) -> Response:
    """Show one campaign, drawn over its hours."""
    with visit.sandbox.lock:
        campaign = find_campaign(visit.sandbox.world, name)
        row = _progress(campaign)
        outcomes = Counter(str(attempt.disposition) for attempt in campaign.finished_attempts)
        account = account_name(campaign.account)
        picture = Shown(svg=day_picture(campaign, visit.now.tzinfo, visit.sandbox.recorder.masker.text))
    return visit.show(
        "campaign",
        f"Campaign {campaign.name}",
        row=row,
        outcomes=outcomes.most_common(),
        account=account,
        picture=picture,
    )


def show_faults(visit: Visit) -> Response:
    """Show the faults that are armed, and a form to arm one."""
    operations = {
        vendor: [operation.id for operation in visit.worlds.setup.contract(vendor).operations]
        for vendor in visit.worlds.vendors
    }
    return visit.show(
        "faults", "Faults", faults=faults.list_faults(visit.context)["faults"], operations=Shown(operations)
    )


def show_scenario(visit: Visit) -> Response:
    """Show what the world was made of, to be edited and applied."""
    chosen = visit.query.get("name")
    lines = load_scenario(chosen).document.source.lines if chosen in list_scenarios() and chosen else None
    return scenario_view(visit, "\n".join(lines) if lines else None, ())


def scenario_view(visit: Visit, text: str | None, errors: Sequence[str], status: int = 200) -> Response:
    """Return the view of a scenario, its own or a `text` somebody works on, with what is wrong about it."""
    source = visit.sandbox.scenario.document.source
    return visit.show(
        "scenario",
        "Scenario",
        status=status,
        text=Shown(text=text) if text is not None else None,
        own="\n".join(source.lines),
        name=str(source.name),
        errors=list(errors),
        shipped=list_scenarios(),
    )
