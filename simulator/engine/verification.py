"""How a scenario ends: its `run` steps are performed, then the client is judged by what it expects.

And what became of callbacks that nobody took, in words for whoever runs a client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta, tzinfo

from msgspec.structs import replace

from simulator.engine.advances import AdvanceResult
from simulator.engine.real_time import IdleTime
from simulator.engine.sandbox import Sandbox
from simulator.engine.worlds import Worlds
from simulator.errors import counted
from simulator.exchange import Exchange, Violation
from simulator.scenario import values
from simulator.scenario.personas import run_of
from simulator.scenario.schema import Scenario
from simulator.telephony.outbox import DeliveryState
from simulator.verdicts.conduct import Conduct, Pardons, judge_conduct
from simulator.verdicts.evidence import Evidence, People
from simulator.verdicts.findings import Verdict
from simulator.verdicts.judging import judge

UNTAKEN = (DeliveryState.FAILED, DeliveryState.LOST)


def run_steps(sandbox: Sandbox) -> list[tuple[str, AdvanceResult]]:
    """Run the scenario's `run` steps; return each step with what happened in it."""
    steps = sandbox.scenario.run
    texts = sandbox.scenario.document.text(("run",)) if steps else ()
    return [(text, _run_step(sandbox, step)) for text, step in zip(texts, steps, strict=True)]


def _run_step(sandbox: Sandbox, step: values.RunStep) -> AdvanceResult:
    now = sandbox.now()
    match step:
        case values.Advance(by):
            return sandbox.advance(by)
        case values.AdvanceTo(at):
            return sandbox.advance(next_showing(at, now, sandbox.scenario.clock.zone))
        case values.Resend():
            return _resend(sandbox)
    return sandbox.advance()


def _resend(sandbox: Sandbox) -> AdvanceResult:
    """Send again, now, whatever nobody took."""
    with sandbox.lock:
        deliveries = sandbox.world.outbox.deliveries.values()
        untaken = [delivery.id for delivery in deliveries if delivery.state in UNTAKEN]
    for delivery in untaken:
        sandbox.act("resend", delivery=delivery)
    return sandbox.advance(sandbox.now())


def next_showing(hour: time, now: datetime, zone: tzinfo) -> datetime:
    """Return when a clock in `zone` shows `hour` for the next time."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), hour, zone)
    then = today if today > local else datetime.combine(local.date() + timedelta(days=1), hour, zone)
    return then.astimezone(now.tzinfo)


def describe_clock(worlds: Worlds, sandbox: Sandbox) -> str:
    """Return by which clock a world was run, and why its verdicts hold under that one."""
    pace = worlds.setup.pace(sandbox.scenario)
    keeper, steps = sandbox.timekeeper, len(sandbox.steps)
    if isinstance(keeper, IdleTime):
        skipped = sum((later - earlier for earlier, later in sandbox.steps), timedelta(0))
        after = f"each after {keeper.pause.total_seconds():g}s without a request"
        taken = f"{counted(steps, 'step')} of {_rounded(skipped)} in all, {after}" if steps else "no step"
        return (
            f"clock: idle; it ran with the host's time and took {taken}: waits and polls are judged by the "
            "time that the client itself spent, calls and callbacks by the world's"
        )
    if keeper is None:
        return (
            f"clock: {pace}; it stood still but for `run` and waits that the client really made: waits and "
            "polls are judged as if no other time had passed, calls and callbacks by the world's time"
        )
    if pace.speed == 1:
        return "clock: real; the world's time is the host's: every verdict holds as it would at the vendor"
    return (
        f"clock: {pace}; {pace.speed} s of the world pass in one of the host's: waits and polls are judged "
        "by the world's time, so one too short for the vendor may pass; --clock idle or real tells"
    )


def _rounded(length: timedelta) -> timedelta:
    return timedelta(seconds=round(length.total_seconds()))


def verdicts_on(
    worlds: Worlds,
    sandbox: Sandbox,
    real_time: timedelta | None = None,
    forgiven: Callable[[Exchange, Violation], bool] = lambda _exchange, _violation: False,
) -> list[Verdict]:
    """Judge a world as it stands, by what its scenario expects; nothing of it changes.

    `forgiven` tells which violations the client need not answer for.
    """
    with sandbox.lock:
        return verdicts_of(sandbox.scenario, evidence_on(worlds, sandbox, real_time, forgiven))


def verdicts_of(scenario: Scenario, evidence: Evidence) -> list[Verdict]:
    """Judge evidence by what a scenario expects, which it may have of one that it extends; hold the lock."""
    document = scenario.document
    written = document.value.get("expect", ())
    verdicts = judge(zip(scenario.expect, written, strict=True), evidence)
    source = document.place(("expect",)).source
    if source == document.source:
        return verdicts
    whose = f"({source.name}, which the scenario extends, expects it; `expect: []` leaves that out)"
    return [
        replace(one, advice=f"{one.advice} {whose}".strip()) if one.held is False else one for one in verdicts
    ]


def conduct_on(
    worlds: Worlds,
    sandbox: Sandbox,
    judged: bool = True,
    allowed: Pardons = (),
    left: float | None = None,
) -> Conduct:
    """Judge the conduct of a world's clients that no scenario has to name; nothing of the world changes.

    Where the scenario is `judged` too, what it expects of a subject takes that one's place. `allowed` are
    pairs of a vendor, or `*`, and a subject that its client need not answer for. By the host's stopwatch the
    client had `left` then.
    """
    with sandbox.lock:
        if not sandbox.recorder.journal.recorded:
            return Conduct()
        evidence = replace(evidence_on(worlds, sandbox), left=left)
        return judge_conduct(evidence, sandbox.scenario.expect if judged else (), allowed)


def evidence_on(
    worlds: Worlds,
    sandbox: Sandbox,
    real_time: timedelta | None = None,
    forgiven: Callable[[Exchange, Violation], bool] = lambda _exchange, _violation: False,
) -> Evidence:
    """Return all that is known of a world's run; hold its lock."""
    pace, journal = worlds.setup.pace(sandbox.scenario), sandbox.recorder.journal
    breaches = [
        (exchange, violation)
        for exchange, violation in journal.violations()
        if violation.blame == "client" and violation.severity == "error" and not forgiven(exchange, violation)
    ]
    return Evidence(
        world=sandbox.world,
        zone=sandbox.scenario.clock.zone,
        described=People(map(run_of, sandbox.scenario.people)),
        exchanges=[*journal],
        callbacks=[*sandbox.recorder.callbacks],
        sendings=sandbox.recorder.sendings,
        breaches=breaches,
        coverage=sandbox.recorder.coverage,
        contracts={vendor: worlds.setup.contract(vendor) for vendor in worlds.vendors},
        dropped=journal.dropped + sandbox.recorder.callbacks.dropped,
        steps=sandbox.steps,
        real_time=real_time,
        speed=pace.speed if pace.mode == "real" else None,
    )


def untaken(sandboxes: Iterable[Sandbox]) -> Iterator[str]:
    """Yield what became of callbacks that were tried and taken by nobody, by their events."""
    for sandbox in sandboxes:
        with sandbox.lock:
            sendings, deliveries = list(sandbox.recorder.sendings), dict(sandbox.world.outbox.deliveries)
        tried = {sending.delivery for sending in sendings}
        lost = tried - {sending.delivery for sending in sendings if sending.taken}
        if lost:
            known = [deliveries[ref] for ref in sorted(lost) if ref in deliveries]
            events = Counter(f"{one.vendor}.{one.event}" for one in known)
            counts = ", ".join(f"{event} x{count}" for event, count in events.items())
            why = [sending.why for sending in sendings if sending.delivery in lost and sending.error]
            last = f"; the last error was {why[-1]}" if why else ""
            yield f"callbacks: {len(lost)} of {len(tried)} were taken by nobody: {counts}{last}"
