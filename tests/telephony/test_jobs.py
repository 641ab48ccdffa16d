from __future__ import annotations

import pytest

from simulator.telephony.errors import JobAlreadyEnded, UnknownJob
from simulator.telephony.jobs import Job
from tests.telephony.exchange_office import Office, open_office


def begin(office: Office) -> Job:
    return office.world.jobs.start(office.account, "counting", lambda: 42)


def test_a_job_runs_in_steps_and_ends_with_its_result() -> None:
    office = open_office()
    job, seen = begin(office), []

    for _ in range(6):
        seen.append((str(job.state), job.percent))
        office.advance(seconds=1)

    assert seen == [
        ("pending", 0), ("running", 0), ("running", 25), ("running", 50), ("running", 75), ("done", 100),
    ]  # fmt: skip
    assert (job.result, len(office.news("job.updated"))) == (42, 6)


def test_a_cancelled_job_does_nothing_of_its_work() -> None:
    office = open_office()
    job = begin(office)
    office.advance(seconds=2)

    office.world.jobs.cancel(job)
    office.advance(seconds=9)

    assert (job.state, job.percent, job.result) == ("cancelled", 25, None)


def test_a_job_that_is_over_cannot_be_cancelled() -> None:
    office = open_office()
    job = begin(office)
    office.advance(seconds=9)

    with pytest.raises(JobAlreadyEnded):
        office.world.jobs.cancel(job)


def test_a_job_is_found_by_its_reference_alone() -> None:
    office = open_office()
    job = begin(office)

    assert office.world.jobs.find(office.account, job.ref) is job
    with pytest.raises(UnknownJob):
        office.world.jobs.find(office.account, "another")
