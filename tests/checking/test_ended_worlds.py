"""Worlds that end while a command is checked, from whichever threads."""

from __future__ import annotations

from contextlib import closing
from threading import Barrier, BrokenBarrierError, Thread

import pytest

from simulator import Simulator
from simulator.checking import ended_worlds
from simulator.checking.ended_worlds import EndedWorlds
from simulator.verdicts.conduct import Conduct
from simulator.verdicts.findings import Verdict

MEETING = 0.3
BROKEN = Conduct(broken=(Verdict(place="", expected="literals", held=False, found="a key"),))


def test_worlds_that_end_at_once_are_judged_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    both, met = Barrier(2), []

    def judge(*_given: object) -> Conduct:
        try:
            met.append(both.wait(MEETING))
        except BrokenBarrierError:
            both.reset()
        return BROKEN

    monkeypatch.setattr(ended_worlds, "conduct_on", judge)
    with closing(Simulator(vendors=("callo",))) as simulator:
        simulator.test_client().get("/callo/manager/cabapi_external/api/v1/users/balance/")
        ended = EndedWorlds(simulator.worlds, [], None)
        threads = [Thread(target=ended.note, args=(simulator.worlds.sandbox(),)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert met == []
    numbers = [verdict.found.split(" no. ")[1][0] for conduct in ended.conduct for verdict in conduct.broken]
    assert numbers == ["1", "2"]
