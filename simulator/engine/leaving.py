"""How an answer leaves that a fault holds back or takes away: by a server that knows how, or without one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from simulator.engine.real_time import IdleTime
from simulator.engine.sandbox import Sandbox
from simulator.web.faults import Decision
from simulator.web.handover import ConnectionCut, Drip, Hold, NoAnswer, Outgoing

MOST_PIECES = 20
"""In so many pieces at most an answer drips."""


def move_on(sandbox: Sandbox, number: int, fault: Decision) -> None:
    """Hold the answer to input `number` back where nothing waits: move the world's clock on instead.

    Raises NoAnswer for an answer that a client would no longer be there to receive, and ConnectionCut.
    """
    if fault.reset:
        raise ConnectionCut(f"{fault.rule}: the connection was reset")
    if fault.hangs:
        raise NoAnswer(f"{fault.rule}: the answer is held back for {fault.delay}")
    if fault.delay:
        sandbox.let_pass(fault.delay, number)


def leave_later(
    sandbox: Sandbox,
    number: int,
    fault: Decision,
    body: Outgoing,
    hold: Callable[[Sandbox, timedelta], Hold],
) -> None:
    """Say how the answer to an input leaves over a socket; `hold` keeps one back for a time of the host.

    The host's time passes when a client hangs, and where it moves the world's; else the world's clock is
    moved on before the answer leaves.
    """
    keeper = None if isinstance(sandbox.timekeeper, IdleTime) else sandbox.timekeeper
    if fault.reset:
        body.reset = True
    elif fault.hangs:
        body.hold = hold(sandbox, fault.delay)
    elif fault.drips and keeper is not None:
        sandbox.hold_back(number)
        body.drip = _drip(body, keeper.host_length(fault.delay))
    elif fault.delay and keeper is not None:
        sandbox.hold_back(number)
        body.hold = hold(sandbox, keeper.host_length(fault.delay))
    elif fault.delay:
        body.first = partial(_let_pass, sandbox, fault.delay, number)
        body.drip = _drip(body, timedelta(0)) if fault.drips else None


def _drip(body: Outgoing, length: timedelta) -> Drip:
    """Return how a body takes so long of the host's time, its first piece leaving at once."""
    size = max(1, -(-len(body.content) // MOST_PIECES))
    pauses = max(1, -(-len(body.content) // size) - 1)
    return Drip(size, length.total_seconds() / pauses)


def _let_pass(sandbox: Sandbox, length: timedelta, number: int) -> None:
    sandbox.sync()
    sandbox.let_pass(length, number)
