"""A simulator as a process that tells how a world stands whenever its name comes in by stdin."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from threading import Thread

from simulator.engine.settings import Settings
from simulator.serving.listening import Ports
from simulator.serving.running import Running, serve
from tests.state.digest import digest


def main(state: str, scenario: str, ready_file: str) -> int:
    """Serve until SIGTERM."""
    settings = Settings(scenario=scenario, state=state, clock="x600")
    return serve(settings, Ports(), Path(ready_file), on_ready=_listen)


def _listen(running: Running) -> None:
    Thread(target=_answer, args=(running,), daemon=True).start()


def _answer(running: Running) -> None:
    for line in sys.stdin:
        sandbox = running.simulator.worlds.current(line.strip())
        with sandbox.lock:
            calls = [(call.ref, str(call.callee)) for call in sandbox.world.calls]
            due = sandbox.world.clock.next_due is not None or bool(sandbox._outbound._open)
            ending = {"calls": calls, "digest": digest([sandbox.world, sandbox.faults]), "due": due}
        sys.stdout.write(json.dumps(ending, default=str) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
