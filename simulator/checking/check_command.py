"""The check of any test command, in any language: a simulator beside it, and a verdict after it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Timer

from msgspec.structs import replace

from simulator.app import Simulator
from simulator.checking.check_evidence import CheckRun, check_evidence
from simulator.checking.ended_worlds import EndedWorlds
from simulator.checking.run_files import Output
from simulator.conformance.report import RunReport
from simulator.engine.real_time import host_now, host_seconds, steady
from simulator.engine.sandbox import Sandbox
from simulator.engine.settings import Settings, scenario_of
from simulator.engine.verification import conduct_on, describe_clock, run_steps, untaken, verdicts_on
from simulator.errors import SimulatorError, counted
from simulator.serving.ending import ENDING
from simulator.serving.reach import Reach
from simulator.serving.running import running
from simulator.suites.runs import RunRecord
from simulator.verdicts.conduct import Conduct, join_conduct
from simulator.verdicts.findings import OUTCOMES, Verdict

KILLED = 128
MASKED_BEFORE = ("  asked    ", "  example  ", "  fix      ")
BUGS = "the simulator itself failed, which is not the client's fault; please report it, with the log above:"
KEPT = "the control API has ended with the run; `--report html=FILE` keeps what came and was answered"
NOBODY_CALLED = 2
COMMAND_SECONDS = 8.0
"""How long a command may take to end when we are asked to end."""
TOLD_WHEN_TO_MOVE = ("virtual", "frozen")


class CannotRun(SimulatorError):
    """A command that is not there, or is none; `exit_code` is what a shell would return."""

    def __init__(self, command: str, error: OSError) -> None:
        is_there = not isinstance(error, FileNotFoundError)
        why = error.strerror if is_there else "there is no such command; is it spelt right and on the PATH?"
        super().__init__(f"cannot run {command!r}: {why}")
        self.exit_code = 126 if is_there else 127


def check(
    command: Sequence[str],
    settings: Settings,
    *,
    strict: bool = False,
    write: Callable[[str], None] = print,
    judged: bool = True,
    allowed: Sequence[str] | None = (),
    reach: Reach = Reach(),
    output: Output = Output(),
) -> int:
    """Run a command against a simulator of its own, tell the verdict and return the exit code.

    That of the command if it fails; else 1 if a client tried to `reach` a real vendor under a guard; else 2
    if it called no vendor; else 1 if the client, or when strict anybody, broke a contract, or an operation
    never succeeded, or if the client is `judged` and did not do what the scenario expects, or broke a rule of
    conduct that is not `allowed` (None: all is), or if strictly nothing was judged; else 0. What the `output`
    asks for is written, and has to be kept, too; what its baseline accepts fails nothing. A clock that nobody
    would move is set to idle. Raises CannotRun, UnknownName, and what opening the scenario raises.
    """
    record, begun, started = output.new_record(), steady(), host_now()
    report, settings = record.ledger.report, _with_moving_clock(replace(settings, witness=record.ledger.note))
    with running(settings, reach.ports, reach.secure()) as place, reach.led(place, os.environ) as led:
        ended = _watch_ends(place.simulator, judged, allowed)
        code = _run(command, led.environment)
        left, past_us = host_seconds(), led.past_us()
    run = CheckRun(
        command=command,
        code=code,
        started=started,
        findings=_conclude(place.simulator, begun, judged),
        conduct=_conduct(place.simulator, ended, left),
        ended=ended,
        past_us=past_us,
    )
    holds, accepted = _finish(output, run, place.simulator, record, write)
    failure = code or int(bool(past_us) and reach.guard)
    if failure or not report.exchanges:
        return failure or NOBODY_CALLED
    return 0 if holds and (accepted or not _is_broken(report, run, strict, place.simulator)) else 1


def _is_broken(report: RunReport, run: CheckRun, strict: bool, simulator: Simulator) -> bool:
    """Tell whether the client, or strictly anybody, is found wanting."""
    vacuous = [*_nothing_judged(report, run.findings), *_unseen(report, run, simulator)]
    broken = (report.blamed or report.warnings or vacuous) if strict else report.blamed["client"]
    unkept = any(one.held is False for one in run.findings) or bool(run.conduct.broken)
    return bool(broken or unkept or report.refusals.never_succeeded or simulator.worlds.bugs)


def _finish(
    output: Output, run: CheckRun, simulator: Simulator, record: RunRecord, write: Callable[[str], None]
) -> tuple[bool, bool]:
    """Tell the verdict and write the files; return if gates hold, and if a baseline accepts what failed."""
    for line in _report(record.ledger.report, run, simulator, is_kept=bool(output.reports)):
        write(line)
    if not output:
        return True, False
    evidence, holds = output.finish(check_evidence(run, simulator, record), write)
    failed = any(case.failed or case.outcome == "BROKEN-US" for case in evidence.cases)
    return holds, output.gates.baseline is not None and not failed


def _report(report: RunReport, run: CheckRun, simulator: Simulator, *, is_kept: bool) -> Iterator[str]:
    """Yield what there is to tell of a run, masked, and where to look when nothing of it `is_kept`."""
    mask = simulator.worlds.masker.text
    for line in _unmasked(report, run, simulator):
        yield _masked(line, mask)
    yield from run.past_us
    if not is_kept and any(one.held is False for one in run.findings):
        yield KEPT


def _unmasked(report: RunReport, run: CheckRun, simulator: Simulator) -> Iterator[str]:
    yield _write(report, simulator)
    for sandbox in simulator.worlds:
        if sandbox.recorder.journal.recorded:
            yield describe_clock(simulator.worlds, sandbox)
    yield from _write_findings(run.findings)
    yield from untaken(simulator.worlds)
    yield from _nothing_judged(report, run.findings)
    yield from run.ended.unjudged()
    yield from run.conduct.write()
    yield from _unseen(report, run, simulator)
    if simulator.worlds.bugs:
        yield "\n".join([BUGS, *(f"  {line}" for line in simulator.worlds.bugs)])


def _masked(text: str, mask: Callable[[str], str]) -> str:
    """Mask a text line by line, but for what quotes the contract: it was masked with its exchange."""
    return "\n".join(line if line.startswith(MASKED_BEFORE) else mask(line) for line in text.split("\n"))


def _nothing_judged(report: RunReport, findings: Sequence[Verdict]) -> Iterator[str]:
    """Yield why a green would mean nothing."""
    if report.exchanges and not report.judged:
        yield f"nothing was judged: all of {counted(report.exchanges, 'request')} were refused unread"
    if findings and all(one.held is None for one in findings):
        yield "nothing was judged of what the scenario expects: see `found` above, or use --strict to fail"


def _unseen(report: RunReport, run: CheckRun, simulator: Simulator) -> Iterator[str]:
    """Yield of how many exchanges nobody judged the conduct: they came to worlds that had just ended."""
    recorders = [sandbox.recorder for sandbox in simulator.worlds]
    kept = sum(one.journal.recorded + one.callbacks.recorded for one in recorders)
    if run.conduct != Conduct() and (gone := report.exchanges - kept - run.ended.exchanges) > 0:
        why = "their worlds began again or were closed before they were over"
        yield f"conduct: not judged of {gone} of {counted(report.exchanges, 'exchange')}: {why}"


def _conclude(simulator: Simulator, begun: timedelta, judged: bool) -> list[Verdict]:
    """Do what the scenarios' `run` says, now that the command has ended, and judge the worlds it used.

    Without `judged` those are left alone that still play the scenario which nobody chose.
    """
    backdrop = None if judged else scenario_of(simulator.settings)
    chosen = [sandbox for sandbox in simulator.worlds if sandbox.scenario != backdrop]
    sandboxes = [sandbox for sandbox in chosen if sandbox.recorder.journal.recorded] or chosen
    for sandbox in sandboxes:
        run_steps(sandbox)
    for sandbox in simulator.worlds:
        if simulator.worlds.setup.pace(sandbox.scenario).mode == "idle":
            _let_lists_appear(sandbox)
    simulator.close()
    took = steady() - begun
    return [verdict for sandbox in sandboxes for verdict in verdicts_on(simulator.worlds, sandbox, took)]


def _let_lists_appear(sandbox: Sandbox) -> None:
    """Let an idle world go on to the calls of lists just handed over: one that came twice is seen by them."""
    accounts, now = sandbox.world.accounts.values(), sandbox.now()
    campaigns = [campaign for account in accounts for campaign in account.campaigns.values()]
    due = [
        phones.created + campaign.importing.lag
        for campaign in campaigns
        for phones in campaign.phone_lists.values()
        if len(phones.calls) < phones.accepted
    ]
    if max(due, default=now) > now:
        sandbox.advance(max(due))


def _watch_ends(simulator: Simulator, judged: bool, allowed: Sequence[str] | None) -> EndedWorlds:
    """Judge worlds that end while the command runs, by the rules that hold for those that stay."""
    pardons = None if allowed is None else [("*", subject) for subject in allowed]
    ended = EndedWorlds(simulator.worlds, pardons, None if judged else scenario_of(simulator.settings))
    simulator.worlds.on_ended = ended.note
    return ended


def _conduct(simulator: Simulator, ended: EndedWorlds, left: float) -> Conduct:
    """Return how clients behaved in all worlds, whatever their scenario, until they had `left`."""
    worlds, pardons = simulator.worlds, ended.pardons
    if pardons is None:
        return Conduct()
    stayed = (conduct_on(worlds, sandbox, ended.judged, pardons, left) for sandbox in worlds)
    return join_conduct([*ended.conduct, *stayed])


def _write_findings(findings: Sequence[Verdict]) -> Iterator[str]:
    yield from (finding.write() for finding in findings)
    counts = Counter(finding.outcome for finding in findings)
    if findings:
        summary = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])
        yield f"expected: {summary}"


def _with_moving_clock(settings: Settings) -> Settings:
    """Hold strange keys against the client, and let time pass where only a test would move it."""
    if settings.clock or str(scenario_of(settings).clock.mode) not in TOLD_WHEN_TO_MOVE:
        return replace(settings, vouches_for_keys=True)
    return replace(settings, vouches_for_keys=True, clock="idle")


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
    """Ask the command to end when we are asked, and see to it; a terminal's Ctrl-C reaches it anyway."""
    limit = Timer(COMMAND_SECONDS, process.kill)
    limit.daemon = True

    def pass_on(number: int, _frame: object) -> None:
        if number != signal.SIGINT or not os.isatty(0):
            process.send_signal(number)
        if number != signal.SIGINT and limit.ident is None:
            limit.start()

    taken = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    former = {number: signal.signal(number, pass_on) for number in taken}
    try:
        yield
    finally:
        limit.cancel()
        for number, handler in former.items():
            signal.signal(number, handler)


def _write(report: RunReport, simulator: Simulator) -> str:
    called = [name for name in simulator.vendors if report.called(name)]
    if not called:
        return "no vendor was called: does the command use the variables *_BASE_URL?"
    return report.write([simulator.worlds.setup.contract(name) for name in called]).rstrip("\n")
