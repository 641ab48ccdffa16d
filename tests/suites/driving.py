"""Suites run in this process: a client that does tasks, right or with a bug, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from simulator.checking.suite_command import run_suite
from simulator.reports.evidence import CaseEvidence, Evidence
from simulator.suites.gates import choose
from simulator.suites.loading import load_suite
from simulator.suites.runs import SuiteRun
from simulator.testing.client_suites import ObjectDriver, TaskAtHand
from tests.clients.tasks import TaskClient

Conclusion = Mapping[str, Any]
PATIENCE = 60.0
CLASSES = {"callo": "CalloTasks", "kaleyra": "KaleyraTasks", "jaicp": "JaicpTasks", "callr": "CallrTasks"}


def client_of(vendor: str) -> type[TaskClient]:
    kind: type[TaskClient] = getattr(import_module(f"tests.clients.{vendor}_tasks"), CLASSES[vendor])
    return kind


def driver_of(vendor: str, bug: str = "") -> ObjectDriver:
    kind = client_of(vendor)

    def do(task: TaskAtHand) -> Conclusion | None:
        client = kind(task.environment, bug)
        client.wait_for_the_end = task.wait_for_the_end
        return client.perform(task.name, task.arguments)

    return ObjectDriver(do, PATIENCE)


def run_client(vendor: str, only: Sequence[str] = (), bug: str = "", jobs: int = 4) -> Evidence:
    """Run cases of a vendor with our own client."""
    return run_with(vendor, driver_of(vendor, bug), only, jobs)


def run_with(vendor: str, drive: Callable[..., Any], only: Sequence[str] = (), jobs: int = 4) -> Evidence:
    suite = load_suite(vendor)
    run = SuiteRun(suite=suite, cases=choose(suite, only, ()), jobs=jobs)
    return run_suite(run, drive)


def result_of(vendor: str, case: str, conclude: Callable[[TaskAtHand], Conclusion | None]) -> CaseEvidence:
    """Run one case with a function that does its task."""
    return run_with(vendor, ObjectDriver(conclude), [case]).cases[0]


def failures(evidence: Evidence) -> list[str]:
    """Return the cases that did not pass, in words."""
    return [
        f"{case.id} {case.outcome}: {[(one.subject, one.asked, one.arrived) for one in case.findings]}"
        for case in evidence.cases
        if case.outcome != "PASS"
    ]
