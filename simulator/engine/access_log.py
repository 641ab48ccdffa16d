"""The access log: one masked line an exchange, written by a thread of its own that holds nobody up."""

from __future__ import annotations

import json
import logging
import os
import sys
from queue import Full, Queue
from threading import Thread

from simulator.engine.bugs import Bugs
from simulator.exchange import Exchange
from simulator.web.journal import log_line
from simulator.web.masking import Masker

MOST_WAITING = 10_000
PATIENCE_SECONDS = 1.0
"""How long the end of the process waits for lines that nobody has read yet."""


class LogLine:
    """An exchange that becomes its masked line when somebody writes it."""

    def __init__(self, exchange: Exchange, masker: Masker, bugs: Bugs) -> None:
        self._exchange = exchange
        self._masker = masker
        self._bugs = bugs

    def __str__(self) -> str:
        """Return the line; where a bug keeps it from being masked, one that tells of the bug alone."""
        try:
            return log_line(self._masker.exchange(self._exchange))
        except Exception as error:
            return json.dumps({"rule": self._bugs.report(self._exchange.id, error)})


class AccessLog(logging.Handler):
    """Writes lines to a file descriptor that may be slow or never read; beyond `most`, they are dropped.

    How many were dropped is told in a line of its own as soon as there is room.
    """

    def __init__(self, descriptor: int, most: int = MOST_WAITING) -> None:
        super().__init__()
        self.dropped = 0
        self._reported = 0
        self._descriptor = descriptor
        self._waiting: Queue[logging.LogRecord] = Queue(most)
        self._thread: Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line, or drop it where too many wait."""
        if self._thread is None:
            self._thread = Thread(target=self._write_all, name="access-log", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(record)
        except Full:
            self.dropped += 1

    def flush(self) -> None:
        """Wait a moment for what has not been written; what is left then never is."""
        queue = self._waiting
        with queue.all_tasks_done:
            queue.all_tasks_done.wait_for(lambda: not queue.unfinished_tasks, PATIENCE_SECONDS)

    def _write_all(self) -> None:
        while True:
            record = self._waiting.get()
            try:
                self._write(self.format(record))
                if (dropped := self.dropped) > self._reported:
                    self._write(json.dumps({"dropped": dropped - self._reported}))
                    self._reported = dropped
            except Exception:
                self.handleError(record)
            finally:
                self._waiting.task_done()

    def _write(self, line: str) -> None:
        """Write a line past the buffers of Python, whose locks would outlive a thread that is stuck here."""
        rest = f"{line}\n".encode("ascii", "backslashreplace")
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


def log_exchanges() -> None:
    """Write each exchange to stderr as one line, from now on."""
    access = logging.getLogger("simulator.access")
    handler = AccessLog(sys.stderr.fileno())
    handler.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(handler)
    access.setLevel(logging.INFO)
    access.propagate = False
