"""Jobs: long work done in the background, in steps on the clock, that may be watched and cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from simulator.telephony.errors import JobAlreadyEnded, UnknownJob
from simulator.telephony.network import Network
from simulator.telephony.owners import Entity, Owner, Ref, look_up

WAIT = timedelta(seconds=1)
LENGTH = timedelta(seconds=4)
STEPS = 4


class JobState(StrEnum):
    """How far a job has come."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


UNFINISHED = (JobState.PENDING, JobState.RUNNING)

Work = Callable[[], Any]


class Job(Entity, kw_only=True):
    """One job of an account; `result` is plain data."""

    ref: Ref
    account: Owner
    kind: str
    created: datetime
    work: Work
    state: JobState = JobState.PENDING
    percent: int = 0
    ended: datetime | None = None
    result: Any = None


class Jobs:
    """The jobs of a world; each change of one is told as `job.updated`."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._jobs: dict[Owner, dict[Ref, Job]] = {}

    def start(self, account: Owner, kind: str, work: Work) -> Job:
        """Begin a job soon; `work` is done at its end and returns its result."""
        own = self._jobs.setdefault(account, {})
        ref = self._network.mint(account, "job", own, kind, len(own))
        job = own[ref] = Job(ref=ref, account=account, kind=kind, created=self._network.clock.now, work=work)
        self._network.tell(account, "job.updated", job)
        self._network.clock.after(WAIT, partial(self._step, job, 0))
        return job

    def all(self) -> Iterator[Job]:
        """Yield the jobs of all accounts."""
        for own in self._jobs.values():
            yield from own.values()

    def find(self, account: Owner, ref: Ref) -> Job:
        """Return a job of `account`; raises UnknownJob."""
        return look_up(self._jobs.get(account, {}), ref, UnknownJob)

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
        self._network.tell(job.account, "job.updated", job)
        self._network.clock.after(LENGTH / STEPS, partial(self._step, job, step + 1))

    def _end(self, job: Job, state: JobState) -> None:
        job.state, job.ended = state, self._network.clock.now
        self._network.tell(job.account, "job.updated", job)
