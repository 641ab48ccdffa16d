"""What clients' scripts did, and what they could not do here."""

from __future__ import annotations

from itertools import islice

from simulator.admin.rendering import account_name
from simulator.admin.visits import Json, Visit
from simulator.telephony.script_runs import LineKind, ScriptRun


def list_script_runs(visit: Visit) -> Json:
    """List the runs of all accounts' scripts, newest first, each with every line it wrote."""
    limit, sandbox = visit.limit, visit.sandbox
    with sandbox.lock:
        runs = [run for account in sandbox.world.accounts.values() for run in account.script_runs.values()]
        runs.sort(key=lambda run: run.started, reverse=True)
        shown = [_run(run) for run in islice(runs, limit)]
        return {"script_runs": shown, "total": len(runs)}


def _run(run: ScriptRun) -> Json:
    return {
        "ref": run.ref,
        "vendor": run.account.vendor,
        "account": account_name(run.account),
        "script": run.script,
        "began_by": run.began_by,
        "state": run.state,
        "started": run.started.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
        "lines": [{"at": line.at.isoformat(), "kind": line.kind, "text": line.text} for line in run.lines],
        "not_simulated": [line.text for line in run.lines if line.kind is LineKind.NOT_SIMULATED],
    }
