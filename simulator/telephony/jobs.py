"""Jobs: long work done in the background, in steps on the clock, that may be watched and cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from simulator.telephony.owners import Owner, Ref

WAIT = timedelta(seconds=1)
LENGTH = timedelta(seconds=4)
STEPS = 4


class JobState(StrEnum):
    """How far a job has come."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobState.PENDING, JobState.RUNNING)

Work = Callable[[], Any]


@dataclass(slots=True, eq=False, kw_only=True)
class Job:
    """One job of an account; `result` is plain data."""

    ref: Ref
    account: Owner = field(repr=False)
    kind: str
    created: datetime
    work: Work = field(repr=False)
    state: JobState = JobState.PENDING
    percent: int = 0
    ended: datetime | None = None
    result: Any = None
    error: str | None = None
