"""Actions: scripts kept under a name, their runs over the API, and the numbers that run them."""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from simulator.exchange import Answer, Loss
from simulator.telephony.accounts import Account
from simulator.telephony.errors import AccountSuspended
from simulator.telephony.script_runs import LineKind, RunState
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.actions.run import RUNS, Run, remark_on
from simulator.vendors.callr.actions.running import cancel, start_run
from simulator.vendors.callr.actions.script import VARIABLE
from simulator.vendors.callr.actions.triggers import new_run
from simulator.vendors.callr.actions.vocabulary import API_INITIATED
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.fields import Body, Query, check_choice, check_text, read_body, refuse
from simulator.vendors.callr.paging import OF_NAMED, Search, name_contains
from simulator.vendors.callr.responses import render_scenario
from simulator.vendors.callr.routes import blueprint
from simulator.vendors.callr.settings import CallrSettings
from simulator.vendors.callr.store import SCENARIOS, Scenario, keep_scenario, read_script, scenario_of

LONGEST_NAME, LONGEST_SCRIPT, LONGEST_RUN = 64, 32_768, 64
MOST_VARIABLES = 64
MEMBERS = ("name", "script", "format")
_LETTER = re.compile(r"[^\W\d_]")


@blueprint.get("/actions")
def search_scenarios(context: RequestContext) -> Answer:
    """Find scripts by a part of their name."""
    account = context.account
    name = Query(context.form).text("name", most=LONGEST_NAME)
    search = Search[Scenario]("scenarios", OF_NAMED, lambda scenario: render_scenario(account, scenario))
    return search.answer(context, list(SCENARIOS.of(account).values()), name_contains(name))


@blueprint.post("/actions")
def create_scenario(context: RequestContext) -> Answer:
    """Keep a script that makes sense."""
    body = read_body(context, known=MEMBERS)
    name, text = _name(body), body.text("script", 1, LONGEST_SCRIPT)
    _check_format(body)
    scenario = keep_scenario(context.world, context.account, name, text)
    return _remarked(answer_json(render_scenario(context.account, scenario), 201), scenario)


@blueprint.get("/actions/<sid>")
def get_scenario(context: RequestContext, sid: str) -> Answer:
    """Tell one script."""
    scenario = scenario_of(context.account, sid)
    return _remarked(answer_json(render_scenario(context.account, scenario)), scenario)


@blueprint.patch("/actions/<sid>")
def update_scenario(context: RequestContext, sid: str) -> Answer:
    """Change what the body names, and leave the rest (documented); runs go on with what they began with."""
    scenario = scenario_of(context.account, sid)
    body = read_body(context, known=MEMBERS)
    name = _name(body) if "name" in body else scenario.name
    text = body.text("script", 1, LONGEST_SCRIPT) if "script" in body else scenario.text
    _check_format(body)
    scenario.script = read_script(CallrSettings.of(context.account), text)
    scenario.name, scenario.text, scenario.updated = name, text, context.world.clock.now
    return _remarked(answer_json(render_scenario(context.account, scenario)), scenario)


@blueprint.delete("/actions/<sid>")
def delete_scenario(context: RequestContext, sid: str) -> Answer:
    """Forget a script; its numbers are detached (inferred)."""
    scenario = scenario_of(context.account, sid)
    for owned in context.account.numbers.values():
        if owned.routed_to == scenario.sid:
            owned.routed_to = None
    del SCENARIOS.of(context.account)[scenario.sid]
    return answer_nothing()


@blueprint.post("/actions/<sid>/runs")
def start_scenario(context: RequestContext, sid: str) -> Answer:
    """Run the branch api-initiated; variables of other names than `$name` are dropped (documented)."""
    account, scenario = context.account, scenario_of(context.account, sid)
    body = read_body(context, known=("variables",), optional=True)
    given: dict[str, Any] = body.object("variables") if "variables" in body else {}
    if len(given) > MOST_VARIABLES:
        refuse("variables", f"have at most {MOST_VARIABLES} properties")
    if API_INITIATED not in scenario.script.branches:
        raise Refused("branch_missing", sid=sid)
    if account.suspended:
        raise AccountSuspended
    variables = {name: value for name, value in given.items() if VARIABLE.fullmatch(name)}
    if dropped := [name for name in given if name not in variables]:
        context.losses.append(Loss("variables_dropped", "/variables", ", ".join(dropped)[:120]))
    network = context.world.network
    ref = str(network.mint(account, "run", RUNS.of(account), sid, network.turn(account, "run")))
    run = new_run(context.world, account, scenario, ref, "api", **variables)
    start_run(run, API_INITIATED)
    return _remarked(answer_json({"runid": ref}, 201), scenario)


@blueprint.get("/actions/<sid>/runs/<runid>", endpoint="get_an_offline_run")
def get_run(context: RequestContext, sid: str, runid: str) -> Answer:
    """Tell the variables of a run (documented: nothing else)."""
    run = _find_run(context.account, sid, runid)
    missed = [line.text for line in run.record.lines if line.kind is LineKind.NOT_SIMULATED]
    return replace(answer_json({"variables": run.variables}), remark=remark_on(missed))


@blueprint.delete("/actions/<sid>/runs/<runid>", endpoint="cancel_an_offline_run")
def cancel_run(context: RequestContext, sid: str, runid: str) -> Answer:
    """Stop a run that goes on."""
    run = _find_run(context.account, sid, runid)
    if run.state is not RunState.RUNNING:
        raise Refused("run_over", runid=runid)
    cancel(run)
    return answer_nothing()


def _remarked(answer: Answer, scenario: Scenario) -> Answer:
    """Tell beside the answer what no run of a script will do here."""
    return replace(answer, remark=remark_on(scenario.script.unsimulated))


def _find_run(account: Account, sid: str, runid: str) -> Run:
    scenario = scenario_of(account, sid)
    check_text("runid", runid, 1, LONGEST_RUN)
    run = RUNS.of(account).get(runid)
    if run is None or run.sid != scenario.sid:
        raise Refused("run_unknown", runid=runid)
    return run


def _name(body: Body) -> str:
    name = body.text("name", 1, LONGEST_NAME)
    if not _LETTER.search(name):
        refuse("name", "contain a letter")
    return name


def _check_format(body: Body) -> None:
    if "format" in body:
        check_choice("format", body.required("format"), ("yaml",))
