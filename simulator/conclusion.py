"""How a scenario ends: its `run` steps are performed, then the client is judged by what it expects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from simulator.exchange import Exchange, Violation
from simulator.scenario import meanings, phrases
from simulator.stage import Advance, Stage
from simulator.telephony.outbox import DeliveryState
from simulator.verdicts.conduct import Conduct, judge_conduct
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Verdict
from simulator.verdicts.judging import judge

if TYPE_CHECKING:
    from simulator.app import Simulator

UNTAKEN = (DeliveryState.FAILED, DeliveryState.LOST)


def perform(stage: Stage) -> list[tuple[str, Advance]]:
    """Do what the scenario's `run` says, step by step; tell what happened in each."""
    return [(step, _perform(stage, phrases.RUN_STEP.read(step))) for step in stage.scenario.run]


def _perform(stage: Stage, step: meanings.RunStep) -> Advance:
    now = _now(stage)
    match step:
        case meanings.Advance(by):
            return stage.advance(now + by)
        case meanings.AdvanceTo(at):
            return stage.advance(next_showing(at, now, phrases.ZONE.read(stage.scenario.clock.zone)))
        case meanings.Resend():
            return _resend(stage)
    return stage.advance()


def _now(stage: Stage) -> datetime:
    now = stage.world.clock.now
    return max(stage.timekeeper(), now) if stage.timekeeper else now


def _resend(stage: Stage) -> Advance:
    """Send again, now, whatever nobody took."""
    with stage.lock:
        untaken = [each.id for each in stage.world.outbox.deliveries.values() if each.state in UNTAKEN]
    for delivery in untaken:
        stage.act("resend", delivery=delivery)
    return stage.advance(_now(stage))


def next_showing(hour: time, now: datetime, zone: tzinfo) -> datetime:
    """Return when a clock in `zone` shows `hour` for the next time."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), hour, zone)
    then = today if today > local else datetime.combine(local.date() + timedelta(days=1), hour, zone)
    return then.astimezone(now.tzinfo)


def verdicts_on(
    simulator: Simulator,
    stage: Stage,
    real_time: timedelta | None = None,
    forgiven: Callable[[Exchange, Violation], bool] = lambda _exchange, _violation: False,
) -> list[Verdict]:
    """Judge a world as it stands, by what its scenario expects; nothing of it changes.

    `forgiven` tells which violations the client need not answer for.
    """
    with stage.lock:
        return judge(evidence_on(simulator, stage, real_time, forgiven))


def conduct_on(
    simulator: Simulator, stage: Stage, judged: bool = True, allowed: Iterable[tuple[str, str]] = ()
) -> Conduct:
    """Judge the conduct of a world's clients that no scenario has to name; nothing of the world changes.

    Where the scenario is `judged` too, what it expects of a subject takes that one's place. `allowed` are
    pairs of a vendor, or `*`, and a subject that its client need not answer for.
    """
    with stage.lock:
        if not stage.record.journal.recorded:
            return Conduct()
        return judge_conduct(evidence_on(simulator, stage), stage.scenario.expect if judged else (), allowed)


def evidence_on(
    simulator: Simulator,
    stage: Stage,
    real_time: timedelta | None = None,
    forgiven: Callable[[Exchange, Violation], bool] = lambda _exchange, _violation: False,
) -> Evidence:
    """Return all that is known of a world's run; hold its lock."""
    clock = simulator.settings.clock or stage.scenario.clock.mode
    journal = stage.record.journal
    masker = next(iter(stage.record.maskers.values()))
    breaches = [
        (exchange, found)
        for exchange, found in journal.violations()
        if found.blame == "client" and not forgiven(exchange, found)
    ]
    return Evidence(
        stage.scenario,
        stage.world,
        [*journal],
        [*stage.record.callbacks],
        stage.record.sendings,
        breaches,
        stage.record.coverage,
        {vendor: simulator.contract(vendor) for vendor in simulator.vendors},
        masker.text,
        journal.dropped + stage.record.callbacks.dropped,
        clock == "idle",
        real_time,
        clock,
    )
