"""The check of any test command, in any language: a simulator beside it, and a verdict after it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Thread
from typing import Any

from simulator.app import Settings, Simulator
from simulator.conclusion import perform, verdicts_on
from simulator.conformance.report import Verdict
from simulator.errors import SimulatorError
from simulator.pump import host_now
from simulator.scenario.loading import load_scenario
from simulator.serving import Running, bind
from simulator.verdicts.findings import OUTCOMES
from simulator.verdicts.findings import Verdict as Finding

KILLED = 128
TOLD_WHEN_TO_MOVE = ("virtual", "frozen")


class CannotRun(SimulatorError):
    """A command that is not there, or is none; `exit_code` is what a shell would return."""

    def __init__(self, command: str, error: OSError) -> None:
        found = not isinstance(error, FileNotFoundError)
        why = error.strerror if found else "there is no such command; is it spelt right and on the PATH?"
        super().__init__(f"cannot run {command!r}: {why}")
        self.exit_code = 126 if found else 127


def check(
    command: Sequence[str],
    settings: Settings,
    strict: bool = False,
    tell: Callable[[str], None] = print,
    judged: bool = True,
) -> int:
    """Run a command against a simulator of its own, tell the verdict and return the exit code.

    That of the command if it fails; else 1 if the client, or when strict anybody, broke a contract, or if the
    client is `judged` and did not do what the scenario expects; else 0. A clock that nobody would move is set
    to idle. Raises CannotRun, and what opening the scenario raises.

    Exchanges are judged as they happen, so a run may be of any length, and worlds may be reset meanwhile.
    """
    verdict, begun = Verdict(), host_now()
    with running(replace(_with_moving_clock(settings), witness=verdict.note)) as place:
        code = _run(command, {**os.environ, **environment(place)})
    findings = _conclude(place.simulator, begun, judged)
    tell(_write(verdict, place.simulator))
    for told in _write_findings(findings):
        tell(told)
    broken = verdict.blamed if strict else verdict.blamed["client"]
    failed = broken or any(each.held is False for each in findings)
    return 1 if code == 0 and failed else code


def _conclude(simulator: Simulator, begun: datetime, judged: bool) -> list[Finding]:
    """Do what the scenarios' `run` says, now that the command has ended, and judge the worlds it used.

    Without `judged` those are left alone that still play the scenario which nobody chose.
    """
    backdrop = None if judged else load_scenario(simulator.settings.scenario)
    stages = [stage for stage in simulator.stages if stage.scenario != backdrop and stage.scenario.expect]
    stages = [stage for stage in stages if stage.record.journal.recorded] or stages
    for stage in stages:
        perform(stage)
    simulator.close()
    took = host_now() - begun
    return [verdict for stage in stages for verdict in verdicts_on(simulator, stage, took)]


def _write_findings(findings: Sequence[Finding]) -> Iterator[str]:
    yield from (finding.write() for finding in findings)
    counts = Counter(finding.outcome for finding in findings)
    if findings:
        told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])
        yield f"expected: {told}"


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """Serve on a free port of this machine until the block ends."""
    place = Running(settings, bind("127.0.0.1", 0))
    thread = Thread(target=place.run, name="simulator-listener", daemon=True)
    thread.start()
    try:
        yield place
    finally:
        place.drain()
        thread.join()


def environment(place: Running) -> dict[str, str]:
    """Return what a command finds in its environment: where each vendor is and how to get in.

    `CALLO_BASE_URL`, `CALLO_ORIGIN` where it answers at the root, the URLs that its clients are set up with
    (`CALLO_API_URL`), a variable for each credential (`CALLO_PUBLIC_KEY`), and for ids by name, such as those
    of Callo's `campaigns`, one for each name (`CALLO_CAMPAIGN_ID_PINCODE`); likewise for credentials by name,
    such as `tokens` beside a `token` (`JAICP_TOKEN_SPRING_SURVEY`).
    """
    told = place.ready_document()
    variables = {"SIMULATOR_URL": place.root}
    for vendor, url in told["base_urls"].items():
        variables[f"{vendor.upper()}_BASE_URL"] = url
        variables[f"{vendor.upper()}_ORIGIN"] = told["origins"][vendor]
        variables |= {f"{vendor.upper()}_{name}": full for name, full in told["urls"][vendor].items()}
        variables |= _variables(vendor.upper(), told["credentials"][vendor])
    return variables


def _variables(prefix: str, credentials: Mapping[str, Any]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for name, value in credentials.items():
        if isinstance(value, Mapping):
            one = name.removesuffix("s")
            stem = f"{prefix}_{one.upper()}" + ("" if one in credentials else "_ID")
            variables |= {f"{stem}_{_capitals(key)}": str(entry) for key, entry in value.items()}
        else:
            variables[f"{prefix}_{name.upper()}"] = str(value)
    return variables


def _capitals(name: str) -> str:
    return re.sub(r"\W+", "_", name.upper())


def _with_moving_clock(settings: Settings) -> Settings:
    """Let time pass when nobody said how: a command cannot wait for a clock that only a test would move."""
    mode = settings.clock or load_scenario(settings.scenario).clock.mode
    return replace(settings, clock="idle") if mode in TOLD_WHEN_TO_MOVE and not settings.clock else settings


def _run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a command whose input and output are ours, and return its exit code as a shell would."""
    try:
        process = subprocess.Popen(command, env=variables)  # noqa: S603 - the command is what our user asks for
    except OSError as error:
        raise CannotRun(command[0], error) from None
    with _signals_passed_to(process):
        code = process.wait()
    return KILLED - code if code < 0 else code


@contextmanager
def _signals_passed_to(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let the command end when we are asked to; a Ctrl-C at a terminal reaches it without us."""

    def pass_on(number: int, _frame: object) -> None:
        if number != signal.SIGINT or not os.isatty(0):
            process.send_signal(number)

    former = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _write(verdict: Verdict, simulator: Simulator) -> str:
    called = [name for name in simulator.vendors if verdict.called(name)]
    if not called:
        return "no vendor was called: does the command use the variables *_BASE_URL?"
    return verdict.write([simulator.contract(name) for name in called]).rstrip("\n")
