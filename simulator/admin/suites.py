"""The loop of a suite over HTTP: a resident client asks for a case, does it, and says what it concluded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote

import msgspec
from flask import Response, current_app

from simulator.admin.context import AdminContext, Json, read_object
from simulator.admin.problems import Problem, unusable
from simulator.errors import UnknownName
from simulator.reports.page import render_html
from simulator.suites.gates import choose
from simulator.suites.loading import load_suite
from simulator.suites.loop import TURN_SECONDS, AgentRun, Ask, Assigned, SuiteLoop
from simulator.suites.runs import SuiteRun
from simulator.web.masking import Shown

LOOP = "simulator.suites"
"""Under what name an application keeps its loop."""

NEXT = ("agent", "vendor", "only", "profile", "receiver", "seconds")
"""What `next` knows in its query."""

LONGEST_TURN = 600.0
MOST_OF_NAME = 80
STYLED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


def hand_out_case(context: AdminContext) -> Json:
    """Hand out an agent's next case, in a world of its own; `case` is null where there is no further one."""
    name = _agent_name(context)
    if context.request.method == "HEAD":
        raise Problem(405, "method not allowed", "a case is handed out by GET", "ask with GET")
    agent = _loop().enter(name, lambda: _run(context))
    assigned = _loop().next(agent, _ask(context))
    if assigned is None:
        return {
            "case": None,
            "over": agent.is_over,
            "in_hand": [*agent.in_hand],
            "results": _address(context, "results", name),
        }
    return Shown(_task(context, assigned, agent, name))


def show_case(context: AdminContext, case: str) -> Json:
    """Show a case that an agent has in hand: whether it is `quiet`, so that who listens may conclude."""
    assigned = _loop().in_hand(_agent(context), case)
    return {
        "case": case,
        "turn": assigned.turn,
        "quiet": assigned.is_quiet(),
        "seconds_left": round(max(0.0, assigned.seconds - assigned.took), 1),
    }


def take_case(context: AdminContext, case: str) -> Json:
    """Take the conclusion of a case; `again` tells that it comes a second time, as after a restart."""
    result = _loop().conclude(_agent(context), case, _conclusion(context))
    if result is None:
        return {"case": case, "again": True, "outcome": None, "findings": []}
    findings = [msgspec.to_builtins(finding) for finding in result.findings]
    shown: Json = {"case": case, "again": False, "outcome": result.outcome, "findings": findings}
    return Shown(shown)


def show_results(context: AdminContext) -> Json | Response:
    """Show the evidence of an agent, which `simulator report` reads; without a name, who there is."""
    if "agent" in context.query:
        evidence = _loop().evidence(_agent(context))
        return Response(msgspec.json.encode(evidence), content_type="application/json")
    _loop().sweep()
    return {"agents": [_progress(name, _loop().agent(name)) for name in _loop()]}


def forget_results(context: AdminContext) -> None:
    """Forget an agent and its results, so that it can begin anew."""
    _loop().forget(_agent_name(context))


def render_results(_context: AdminContext) -> Response:
    """Render what all agents have concluded by now, beside each other."""
    loop = _loop()
    runs = [loop.evidence(loop.agent(name)) for name in loop]
    if not runs:
        raise Problem(404, "unknown name", "no agent has asked for a case", "GET suite/next?agent=NAME")
    return Response(render_html(runs), headers={"Content-Security-Policy": STYLED})


def agents() -> list[str]:
    """Return the clients that have asked this application for a case."""
    return [*_loop()]


def _loop() -> SuiteLoop:
    loop: SuiteLoop = current_app.extensions[LOOP]
    return loop


def _progress(name: str, agent: AgentRun) -> Json:
    outcomes = [one.outcome for one in agent.ordered()]
    return {
        "agent": name,
        "vendor": agent.run.suite.vendor,
        "cases": len(agent.run.cases),
        "over": agent.is_over,
        "in_hand": [*agent.in_hand],
        "outcomes": {outcome: outcomes.count(outcome) for outcome in dict.fromkeys(outcomes)},
    }


def _task(context: AdminContext, assigned: Assigned, agent: AgentRun, name: str) -> dict[str, Json]:
    world, case = assigned.world, assigned.case
    listens = world.suite.task_of(case).listens
    return {
        "case": case.id,
        "title": case.title,
        "task": case.task.name,
        "arguments": world.arguments,
        "vendor": world.suite.vendor,
        "base_url": world.url,
        "origin": world.origin,
        "urls": {name.lower(): url for name, url in world.urls.items()},
        "control": f"{world.root}/_simulator/v1",
        "credentials": _plain(world.credentials),
        "receiver": world.receiver if listens else None,
        "turn": assigned.turn,
        "seconds": assigned.seconds,
        "cases_left": len(agent.waiting),
        "conclude": _address(context, f"{case.id}/conclusion", name),
        "look": _address(context, case.id, name),
    }


def _run(context: AdminContext) -> SuiteRun:
    """Return what an agent is given that says so with its first word."""
    vendors, query = [*context.worlds.vendors], context.query
    vendor = query.get("vendor") or (vendors[0] if len(vendors) == 1 else None)
    if vendor is None:
        raise unusable(["?vendor: whose client is it?"], f"one of {', '.join(vendors)}")
    if vendor not in vendors:
        raise UnknownName("vendor", vendor, vendors)
    suite = load_suite(vendor)
    return SuiteRun(suite=suite, cases=choose(suite, [query.get("only", "")], [query.get("profile", "")]))


def _ask(context: AdminContext) -> Ask:
    text = context.query.get("seconds", str(TURN_SECONDS))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_TURN:
        raise unusable([f"?seconds: {text[:40]!r} is not a number up to {LONGEST_TURN:g}"])
    receiver = context.query.get("receiver", "")
    if receiver and not receiver.startswith(("http://", "https://")):
        raise unusable([f"?receiver: {receiver[:80]!r} is no http address"])
    return Ask(root=_root(context), receiver=receiver, seconds=seconds)


def _root(context: AdminContext) -> str:
    return f"http://{context.request.header('Host') or 'localhost'}"


def _address(context: AdminContext, path: str, agent: str) -> str:
    return f"{_root(context)}/_simulator/v1/suite/{path}?agent={quote(agent, safe='')}"


def _agent(context: AdminContext) -> AgentRun:
    return _loop().agent(_agent_name(context))


def _agent_name(context: AdminContext) -> str:
    name = context.query.get("agent", "")
    if not name or len(name) > MOST_OF_NAME or not name.isprintable():
        raise unusable([f"?agent: give your client a name, of {MOST_OF_NAME} letters at most"])
    return name


def _conclusion(context: AdminContext) -> Mapping[str, Json]:
    """Return the conclusion in a body, with every digit of its numbers."""
    value: Mapping[str, Json] = read_object(context.request)
    return json.loads(context.request.body, parse_float=Decimal) if value else {}


def _plain(value: Json) -> Json:
    return {key: _plain(entry) for key, entry in value.items()} if isinstance(value, Mapping) else value
