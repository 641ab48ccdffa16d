"""A world's input log that lies on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from simulator.state.file import Segment, StateFile
from simulator.state.inputs import Input, InputLog


class DurableLog(InputLog):
    """Keeps inputs in a state file: each is there when `append` returns, which raises StateError if not.

    `host_now` tells the host's time. Nothing of it lies in memory.
    """

    durable = True

    def __init__(
        self, file: StateFile, segment: Segment, host_now: Callable[[], datetime], count: int = 0
    ) -> None:
        super().__init__()
        self._file = file
        self._segment = segment
        self._host_now = host_now
        self._count = count
        self.sync = file.sync

    def append(self, entry: Input) -> None:
        """Add one input at the end."""
        self._file.append(self._segment, self._count + 1, entry, self._host_now())
        self._count += 1

    def __iter__(self) -> Iterator[Input]:
        """Iterate from the first input; raises StateError where one is damaged."""
        return (entry for _, entry in self._file.inputs(self._segment))
