"""All actions there are, and how a run that knows them is begun."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from simulator.telephony.accounts import Account
from simulator.telephony.script_runs import ScriptRun
from simulator.telephony.world import World
from simulator.vendors.callr.actions.dialing import DIALING
from simulator.vendors.callr.actions.run import Run
from simulator.vendors.callr.actions.steps import PLAIN, Action
from simulator.vendors.callr.actions.talking import TALKING
from simulator.vendors.callr.actions.texting import TEXTING
from simulator.vendors.callr.store import Scenario

ACTIONS: Mapping[str, Action] = MappingProxyType({**PLAIN, **TALKING, **DIALING, **TEXTING})


def new_run(world: World, account: Account, scenario: Scenario, ref: str, kind: str, **variables: Any) -> Run:
    """Return a run to begin, with the variables given over those of the script."""
    script = scenario.script
    return Run(
        ref=ref,
        kind=kind,
        account=account,
        sid=scenario.sid,
        name=scenario.name,
        script=script,
        variables={**script.variables, **variables},
        record=ScriptRun(
            ref=ref,
            account=account,
            script=scenario.name,
            began_by=kind,
            started=world.clock.now,
            born=world.clock.cause,
        ),
        repertoire=ACTIONS,
    )
