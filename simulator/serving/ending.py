"""How a served simulator ends: asked to by a signal, and in the last resort from outside.

A handler of Python's runs between two steps of Python, so one long step in C would keep the process alive
for good. What is done at a signal without Python is that one byte goes into a pipe. A second process, forked
before anything else is there, waits at the other end for nothing but that.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Timer, active_count

DRAIN_SECONDS = 10.0
LAST_RESORT_SECONDS = 11.0
"""After the first signal, when the process did not even notice that it should have given up."""
GRACE_SECONDS = 1.0
"""After a second signal, which ends a process at once if it can notice anything."""

MOST_FILES = 65_536

ENDING: tuple[signal.Signals, ...] = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)
)

log = logging.getLogger("simulator")


def end_on_signals(drain: Callable[[], None], ready_file: Path | None) -> None:
    """Call `drain` at the first signal that asks for the end; end at once at the second, or after 10 s.

    A SIGHUP that somebody ignores on our behalf, as nohup does, stays ignored.
    """
    limit = Timer(DRAIN_SECONDS, _give_up, (ready_file,))
    limit.daemon = True
    taken = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]

    def end(_signal: int, _frame: object) -> None:
        for number in taken:
            signal.signal(number, partial(_die, ready_file))
        limit.start()
        drain()

    for number in taken:
        signal.signal(number, end)


def forget(ready_file: Path | None, process: int) -> None:
    """Remove the ready file, if there is one and it is still that of `process`."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        if ready_file is not None and json.loads(ready_file.read_bytes())["pid"] == process:
            ready_file.unlink(missing_ok=True)


@contextmanager
def watched(signals: Sequence[signal.Signals] = ENDING, ready_file: Path | None = None) -> Iterator[None]:
    """Let a second process end this one, asked to by `signals`, where it cannot, and tidy up if it is killed.

    Nobody watches where processes cannot fork, nor where other threads run, which a fork would cut off.
    """
    if not hasattr(os, "fork") or active_count() > 1:
        yield
        return
    process = os.getpid()
    reading, writing = os.pipe()
    watcher = os.fork()
    if watcher == 0:
        try:
            _leave_everything_but(reading)
            _watch(reading, process, signals, ready_file)
        finally:
            os._exit(0)
    os.close(reading)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(-1)
        os.close(writing)
        os.waitpid(watcher, 0)


def _leave_everything_but(pipe: int) -> None:
    """Keep nothing open that others wait for, and hear no signal that is meant for the other process."""
    os.setsid()
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.closerange(3, pipe)
    os.closerange(pipe + 1, min(os.sysconf("SC_OPEN_MAX"), MOST_FILES))


def _watch(pipe: int, process: int, signals: Sequence[signal.Signals], ready_file: Path | None) -> None:
    """Wait for the end of a process, and for signals to it that ask for its end."""
    patience: float | None = None
    while select.select([pipe], [], [], patience)[0]:
        numbers = os.read(pipe, 64)
        if not numbers:
            forget(ready_file, process)
            return
        asked = sum(number in signals for number in numbers)
        if asked:
            patience = LAST_RESORT_SECONDS if patience is None and asked == 1 else GRACE_SECONDS
    os.write(2, b"simulator: something held the process, which was asked to end; it is killed\n")
    if os.getppid() == process:
        os.kill(process, signal.SIGKILL)
    forget(ready_file, process)


def _die(ready_file: Path | None, number: int, _frame: object) -> None:
    """End at once by the signal, as whoever sent it can tell from the exit code."""
    forget(ready_file, os.getpid())
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


def _give_up(ready_file: Path | None) -> None:
    log.warning("not everything could be answered and delivered within %d s", DRAIN_SECONDS)
    forget(ready_file, os.getpid())
    os._exit(0)
