"""Callbacks that were tried and taken by nobody, in words for whoever runs a client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from simulator.engine.sandbox import Sandbox


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
            why = [sending.error for sending in sendings if sending.delivery in lost and sending.error]
            last = f"; the last error was {why[-1]}" if why else ""
            yield f"callbacks: {len(lost)} of {len(tried)} were taken by nobody: {counts}{last}"
