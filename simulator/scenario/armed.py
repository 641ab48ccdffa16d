"""A fault in the words of a scenario that comes from elsewhere: the control API, a test, a log of inputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from simulator.errors import BrokenScenario
from simulator.faults import Fault
from simulator.scenario.building import fault_of
from simulator.scenario.loading import load_text

GIVEN = "fault.yaml"


def read_fault(name: str, where: str, do: str, when: str, reply: Mapping[str, object] | None = None) -> Fault:
    """Return the fault that these words describe; raises ValueError, which says what is wrong with them."""
    rule = {"where": where, "do": do, "when": when} | ({} if reply is None else {"reply": dict(reply)})
    text = json.dumps({"sim": 1, "seed": 0, "faults": [rule]}, ensure_ascii=False, default=str)
    try:
        scenario = load_text(text.encode("utf-8", "replace"), GIVEN)
    except BrokenScenario as error:
        wrong = (finding.splitlines()[0].split(": ", 1)[-1] for finding in error.findings)
        raise ValueError("; ".join(wrong)) from None
    return replace(fault_of(scenario.faults[0]), id=name)
