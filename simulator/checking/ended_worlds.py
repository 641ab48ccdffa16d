"""Worlds that are reset or closed while a run lasts: their clients' conduct is judged as they end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from threading import Lock

from msgspec.structs import replace

from simulator.conformance.violations import cut
from simulator.engine.real_time import host_seconds
from simulator.engine.sandbox import Sandbox
from simulator.engine.verification import conduct_on
from simulator.engine.worlds import Worlds
from simulator.errors import counted
from simulator.scenario.schema import Scenario
from simulator.verdicts.conduct import Conduct, Pardons
from simulator.verdicts.findings import Verdict

MOST_SHOWN, MOST_WRITTEN = 2, 3
"""Of what a verdict shows, and of the requests that it names."""


class EndedWorlds:
    """Judges worlds as they end, by the pardons of those that stay; None judges no conduct at all.

    `conduct` is what came of each, `exchanges` counts what they had recorded by then. What a scenario expects
    is not judged there, for its `run` was not done; nobody asks it of the `backdrop`, which nobody chose.
    """

    def __init__(self, worlds: Worlds, pardons: Pardons | None, backdrop: Scenario | None) -> None:
        self.conduct: list[Conduct] = []
        self.exchanges = 0
        self._worlds = worlds
        self.pardons = pardons
        self.judged = backdrop is None
        self._backdrop = backdrop
        self._ended: Counter[str] = Counter()
        self._expecting = 0
        self._lock = Lock()

    def note(self, sandbox: Sandbox) -> None:
        """Judge a world that has just ended; a failure of ours costs nobody the reset."""
        try:
            with self._lock:
                self._judge(sandbox)
        except Exception as error:
            sandbox.recorder.bugs.report(sandbox.world.name, error)

    def _judge(self, sandbox: Sandbox) -> None:
        name, recorder = sandbox.world.name, sandbox.recorder
        if not recorder.journal.recorded:
            return
        self._ended[name] += 1
        if sandbox.scenario != self._backdrop and sandbox.scenario.expect:
            self._expecting += 1
        if self.pardons is None:
            return
        conduct = conduct_on(self._worlds, sandbox, self.judged, self.pardons, host_seconds())
        where = f"; in world {name} no. {self._ended[name]}, which began again or was closed"
        broken = tuple(
            replace(one, found=one.found + where, shown=(*one.shown[:MOST_SHOWN], *_asked(sandbox, one)))
            for one in conduct.broken
        )
        self.conduct.append(replace(conduct, broken=broken))
        self.exchanges += recorder.journal.recorded + recorder.callbacks.recorded

    def unjudged(self) -> Iterator[str]:
        """Yield in how many worlds nobody judged what their scenario expects."""
        if self._expecting:
            where = counted(self._expecting, "world that was", "worlds that were")
            yield f"expected: not judged in {where} reset or closed; leave a world open to have it judged"


def _asked(sandbox: Sandbox, verdict: Verdict) -> Iterator[str]:
    """Yield the first requests that a verdict names, written out: their ids are those of others by now."""
    recorder = sandbox.recorder
    named = re.findall(
        rf"\b{re.escape(sandbox.world.name)}-[0-9]+\b", " ".join([verdict.found, *verdict.shown])
    )
    kept = (recorder.journal.get(name) for name in dict.fromkeys(named) if name in recorder.journal)
    for exchange in map(recorder.masker.exchange, islice(kept, MOST_WRITTEN)):
        request = exchange.request
        target = f"{request.path}?{request.query}" if request.query else request.path
        asked = cut(" ".join([request.method, target, request.body.decode("utf-8", "replace")])).rstrip()
        yield f"{exchange.id} was {asked}, answered {exchange.answer.status}"
