"""Jobs: long work done in the background, in steps on the clock, that may be watched and cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.telephony.accounts import Account, Ref
from simulator.telephony.errors import JobAlreadyEnded, UnknownJob

if TYPE_CHECKING:
    from simulator.telephony.world import World

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


@dataclass(slots=True, eq=False)
class Job:
    """One job of an account; `result` is plain data."""

    ref: Ref
    account: Account = field(repr=False)
    kind: str
    created: datetime
    work: Work = field(repr=False)
    state: JobState = JobState.PENDING
    percent: int = 0
    ended: datetime | None = None
    result: Any = None
    error: str | None = None


class Jobs:
    """The jobs of a world; each change of one is told as `job.updated`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def start(self, account: Account, kind: str, work: Work) -> Job:
        """Begin a job soon; `work` is done at its end and returns its result."""
        ref = self._world.mint(account, "job", account.jobs, kind, len(account.jobs))
        job = account.jobs[ref] = Job(ref, account, kind, self._world.clock.now, work)
        self._world.tell(account, "job.updated", job)
        self._world.clock.after(WAIT, partial(self._step, job, 0))
        return job

    def find(self, account: Account, ref: Ref) -> Job:
        """Return a job of `account`; raises UnknownJob."""
        try:
            return account.jobs[ref]
        except KeyError:
            raise UnknownJob(ref) from None

    def cancel(self, job: Job) -> None:
        """Stop a job before its end: nothing of its work is done; raises JobAlreadyEnded."""
        if job.state not in UNFINISHED:
            raise JobAlreadyEnded(job.ref, job.state)
        self._end(job, JobState.CANCELLED)

    def _step(self, job: Job, step: int) -> None:
        if job.state not in UNFINISHED:
            return
        job.percent = 100 * step // STEPS
        if step == STEPS:
            job.result = job.work()
            self._end(job, JobState.DONE)
            return
        job.state = JobState.RUNNING
        self._world.tell(job.account, "job.updated", job)
        self._world.clock.after(LENGTH / STEPS, partial(self._step, job, step + 1))

    def _end(self, job: Job, state: JobState) -> None:
        job.state, job.ended = state, self._world.clock.now
        self._world.tell(job.account, "job.updated", job)
