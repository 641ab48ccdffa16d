"""One sync of a file for all who wait for one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Condition

from simulator.errors import StateUnavailable


def sync_descriptor(descriptor: int) -> None:
    """Return when what was written to a file lies where a loss of power cannot reach it; raises OSError."""
    if sys.platform == "darwin":  # whose fsync stops at the disk's own memory
        import fcntl  # noqa: PLC0415

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    elif sys.platform == "linux":
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)


class GroupSync:
    """Called after a write, it returns when that is synced; those who come during one sync share the next.

    Raises StateUnavailable, and ever after a failure: nobody knows then what the disk holds.
    """

    def __init__(self, path: Path, sync: Callable[[int], None] = sync_descriptor) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR)
        self._sync = sync
        self._turn = Condition()
        self._begun = self._ended = 0
        self._failure: OSError | None = None

    def __call__(self) -> None:
        """Wait until what was written before this call is synced."""
        with self._turn:
            needed = self._begun + 1  # one that has begun may have missed it
            while self._ended < needed and self._failure is None:
                if self._begun == self._ended:
                    self._lead()
                else:
                    self._turn.wait()
            if self._failure is not None:
                problem = f"{self._path} could not be synced: {self._failure.strerror}"
                raise StateUnavailable(problem, "look after the disk, then start again")

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _lead(self) -> None:
        """Sync for all who wait, without keeping others from coming to wait."""
        self._begun += 1
        self._turn.release()
        try:
            self._sync(self._descriptor)
        except OSError as error:
            self._failure = error
        finally:
            self._turn.acquire()
            self._ended = self._begun
            self._turn.notify_all()
