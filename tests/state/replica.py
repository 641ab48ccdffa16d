"""A simulator as a process that tells how a world stands whenever it is asked.

Its processes are forked from one that has imported everything, so that a start takes no longer than what a
server does at its start.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread
from typing import Any

from simulator.engine.real_time import host_seconds
from simulator.engine.settings import Settings
from simulator.serving.running import Running, serve
from simulator.serving.sockets import Ports
from tests.serving_process import PATIENCE
from tests.state.digest import digest
from tests.state.histories import Ending

BRIEF = 0.02
"""Seconds between two looks at something that is awaited."""

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "simulator.app", "simulator.state.streams"])


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that will come; raises AssertionError where it does not in a very long time."""
    deadline = host_seconds() + PATIENCE
    while not holds():
        assert host_seconds() < deadline, "what was waited for did not come"
        Event().wait(BRIEF)


@dataclass
class Replica:
    """One server, which can be asked how its world stands."""

    state: str
    scenario: Path
    ready_file: Path
    clock: str = "x600"
    ready: dict[str, Any] = field(default_factory=dict)
    _process: BaseProcess = field(init=False)
    _line: Connection = field(init=False)

    @property
    def port(self) -> int:
        return int(self.ready["port"])

    def start(self) -> None:
        self.ready_file.unlink(missing_ok=True)
        self._line, theirs = _FORKS.Pipe()
        settings = Settings(scenario=str(self.scenario), state=self.state, clock=self.clock)
        self._process = _FORKS.Process(target=_serve, args=(settings, self.ready_file, theirs), daemon=True)
        self._process.start()
        theirs.close()
        wait_until(self._is_ready)
        self.ready = json.loads(self.ready_file.read_text())

    def _is_ready(self) -> bool:
        assert self._process.is_alive(), f"a server of {self.state} ended before it was ready"
        return self.ready_file.exists()

    def send(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._line.close()

    @property
    def processor_seconds(self) -> float:
        """How long it has kept a processor busy; Linux alone tells."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ending(self, world: str = "main") -> tuple[Ending, bool]:
        """Return how a world stands, and whether anything is still to happen in it."""
        self._line.send(world)
        calls, state, is_due = self._line.recv()
        return Ending(calls, state), is_due


def _serve(settings: Settings, ready_file: Path, line: Connection) -> None:
    """Serve until SIGTERM."""

    def listen(running: Running) -> None:
        Thread(target=_answer, args=(running, line), daemon=True).start()

    serve(settings, Ports(), ready_file, on_ready=listen)


def _answer(running: Running, line: Connection) -> None:
    while True:
        sandbox = running.simulator.worlds.current(line.recv())
        with sandbox.lock:
            calls = [(int(call.ref), str(call.callee)) for call in sandbox.world.calls]
            is_due = sandbox.world.clock.next_due is not None or bool(sandbox._outbound._open)
            line.send((calls, digest([sandbox.world, sandbox.faults]), is_due))
