"""Jobs done in the background, in steps on the clock."""

from __future__ import annotations

from functools import partial

from simulator.telephony.accounts import Account
from simulator.telephony.errors import JobAlreadyEnded, UnknownJob
from simulator.telephony.jobs import LENGTH, STEPS, UNFINISHED, WAIT, Job, JobState, Work
from simulator.telephony.network import Network
from simulator.telephony.owners import Ref


class Jobs:
    """The jobs of a world; each change of one is told as `job.updated`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def start(self, account: Account, kind: str, work: Work) -> Job:
        """Begin a job soon; `work` is done at its end and returns its result."""
        ref = self._network.mint(account, "job", account.jobs, kind, len(account.jobs))
        job = account.jobs[ref] = Job(
            ref=ref, account=account, kind=kind, created=self._network.clock.now, work=work
        )
        self._network.tell(account, "job.updated", job)
        self._network.clock.after(WAIT, partial(self._step, job, 0))
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
        self._network.tell(job.account, "job.updated", job)
        self._network.clock.after(LENGTH / STEPS, partial(self._step, job, step + 1))

    def _end(self, job: Job, state: JobState) -> None:
        job.state, job.ended = state, self._network.clock.now
        self._network.tell(job.account, "job.updated", job)
