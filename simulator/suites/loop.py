"""The loop for resident clients: cases are handed out, several at a time, and conclusions taken back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import count
from threading import Lock
from typing import Any

import msgspec

from simulator.engine.real_time import host_now, host_seconds
from simulator.engine.verification import run_steps
from simulator.engine.worlds import Worlds
from simulator.errors import SimulatorError, UnknownName
from simulator.reports.evidence import CaseEvidence, Evidence
from simulator.suites.cases import Case
from simulator.suites.conclusions import UNSUPPORTED, Conclusion, take_conclusion
from simulator.suites.judging import Turn, judge_case, not_supported
from simulator.suites.runs import SuiteRun, run_evidence
from simulator.suites.worlds import NOWHERE, CaseWorld

TURN_SECONDS = 30.0
FIX = "POST a conclusion to the address in `conclude`, in the words of the task"
MOST_AGENTS = 100


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says when it asks for its next case: where it reaches us, and where it listens.

    A turn takes `seconds` of the host at most. Without a `receiver` it is given no task that listens.
    """

    root: str
    receiver: str = ""
    seconds: float = TURN_SECONDS


class Assigned:
    """A case that a client has in hand: its world, since when, and which turn of how many it is."""

    def __init__(self, world: CaseWorld, seconds: float) -> None:
        self.world = world
        self.seconds = seconds
        self.turn = 0
        self.given = 0.0
        self._has_heard = False

    @property
    def case(self) -> Case:
        """The case."""
        return self.world.case

    def begin(self) -> None:
        """Begin the next turn."""
        self.turn += 1
        self.given = host_seconds()

    @property
    def took(self) -> float:
        """How many seconds of the host this turn has taken."""
        return host_seconds() - self.given if self.turn else 0.0

    def is_quiet(self) -> bool:
        """Tell whether all has been said; who listens again after a restart hears everything once more."""
        if self.turn == 2 and not self._has_heard:
            self._has_heard = True
            self.world.resend()
            return False
        return self.world.is_quiet()


class AgentRun:
    """One client's run: the cases not yet handed out, those in hand, and what came of the others."""

    def __init__(self, run: SuiteRun, number: int) -> None:
        self.run = run
        self.prefix = f"suite-{number}-"
        self.waiting = deque(run.cases)
        self.again: deque[Assigned] = deque()
        self.in_hand: dict[str, Assigned] = {}
        self.results: dict[str, CaseEvidence] = {}
        self.started: datetime = host_now()
        self.begun = self.asked = host_seconds()

    @property
    def is_over(self) -> bool:
        """Whether every case has its outcome."""
        return len(self.results) == len(self.run.cases)

    def take_late(self) -> list[Assigned]:
        """Take out of the client's hand what has taken too long, also what waits for its second turn."""
        late = [one for one in (*self.in_hand.values(), *self.again) if one.took > one.seconds]
        for one in late:
            self.in_hand.pop(one.case.id, None)
        self.again = deque(one for one in self.again if one not in late)
        return late

    def ordered(self) -> list[CaseEvidence]:
        """Return the results, in the order of the cases."""
        return [self.results[case.id] for case in self.run.cases if case.id in self.results]


class SuiteLoop:
    """Hands the cases of suites to resident clients, each known by the name of its agent.

    Safe for threads. `plan` is the run of every agent where it is given; `on_case` is told each outcome.
    """

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self._lock = Lock()
        self._agents: dict[str, AgentRun] = {}
        self._numbers = count(1)
        self.plan: SuiteRun | None = None
        self.on_case: Callable[[str, CaseEvidence], None] = lambda _agent, _case: None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the agents, in the order in which they came."""
        with self._lock:
            return iter([*self._agents])

    def agent(self, name: str) -> AgentRun:
        """Return the run of an agent; raises UnknownName."""
        with self._lock:
            if name not in self._agents:
                raise UnknownName("agent", name, [*self._agents])
            return self._agents[name]

    def enter(self, name: str, choose: Callable[[], SuiteRun]) -> AgentRun:
        """Return an agent's run, which begins with its first word; `choose` says what is run.

        Raises SimulatorError where there are too many, and what `choose` does.
        """
        with self._lock:
            if name not in self._agents:
                if len(self._agents) >= MOST_AGENTS:
                    raise SimulatorError(f"{MOST_AGENTS} agents are here", "DELETE the results of some")
                plan = self.plan or choose()
                run = msgspec.structs.replace(plan, agent=name, record=plan.record.anew())
                self._agents[name] = AgentRun(run, next(self._numbers))
            return self._agents[name]

    def next(self, agent: AgentRun, ask: Ask) -> Assigned | None:
        """Hand out the next case, or the second turn of one; None where there is no further one."""
        self.sweep()
        with self._lock:
            agent.asked = host_seconds()
            assigned = agent.again.popleft() if agent.again else None
        while assigned is None:
            with self._lock:
                if not agent.waiting:
                    return None
                case = agent.waiting.popleft()
            assigned = self._open(agent, case, ask)
        assigned.begin()
        with self._lock:
            agent.in_hand[assigned.case.id] = assigned
        return assigned

    def _open(self, agent: AgentRun, case: Case, ask: Ask) -> Assigned | None:
        """Open a case's world; return None where the client cannot do it, which is judged then."""
        suite = agent.run.suite
        listens = suite.task_of(case).listens
        receiver = f"{ask.receiver.rstrip('/')}/{case.id.lower()}" if listens and ask.receiver else NOWHERE
        try:
            world = CaseWorld(self._worlds, suite, case, ask.root, receiver, run=agent.prefix)
        except BaseException:
            with self._lock:
                agent.waiting.appendleft(case)
            raise
        assigned = Assigned(world, ask.seconds)
        if listens and not ask.receiver:
            self._judge(agent, assigned, not_supported("the client asked without ?receiver=ADDRESS"))
            return None
        return assigned

    def in_hand(self, agent: AgentRun, case: str) -> Assigned:
        """Return a case that a client has in hand; raises UnknownName, SimulatorError for one concluded."""
        self.sweep()
        with self._lock:
            return _in_hand(agent, case)

    def conclude(self, agent: AgentRun, case: str, value: Mapping[str, Any]) -> CaseEvidence | None:
        """Take a conclusion; return the outcome, or None where the case has a second turn.

        Raises as `in_hand` does.
        """
        self.sweep()
        with self._lock:
            agent.asked = host_seconds()
            assigned = _in_hand(agent, case)
            del agent.in_hand[case]
            conclusion = take_conclusion(assigned.world.suite.task_of(assigned.case), value)
            if assigned.case.twice and assigned.turn == 1 and conclusion.outcome != UNSUPPORTED:
                agent.again.append(assigned)
                return None
        turn = Turn(conclusion=conclusion, seconds=assigned.took, left=host_seconds(), fix=FIX)
        return self._judge(agent, assigned, turn)

    def sweep(self) -> None:
        """Judge the cases whose client has taken too long: a forgotten one fails."""
        with self._lock:
            late = [(agent, one) for agent in self._agents.values() for one in agent.take_late()]
        for agent, assigned in late:
            why = f"no conclusion came within {assigned.seconds:g} s"
            turn = Turn(conclusion=Conclusion(outcome=""), mistake=why, seconds=assigned.took, fix=FIX)
            self._judge(agent, assigned, turn)

    def evidence(self, agent: AgentRun) -> Evidence:
        """Return the evidence of what an agent has concluded by now."""
        self.sweep()
        seed = self._worlds.sandbox().world.random.seed
        return run_evidence(agent.run, agent.ordered(), agent.started, agent.begun, seed)

    def forget(self, name: str) -> None:
        """Forget an agent: its next word begins a run anew; raises UnknownName."""
        agent = self.agent(name)
        with self._lock:
            del self._agents[name]
            left = [*agent.in_hand.values(), *agent.again]
        self._close(left)

    def _judge(self, agent: AgentRun, assigned: Assigned, turn: Turn) -> CaseEvidence:
        run_steps(assigned.world.sandbox)
        agent.run.record.keep(assigned.world.sandbox, "idle", assigned.case.id)
        self._close([assigned])
        result = judge_case(assigned.world, turn, agent.run)
        with self._lock:
            agent.results[assigned.case.id] = result
        self.on_case(agent.run.agent, result)
        return result

    def _close(self, left: Iterable[Assigned]) -> None:
        for assigned in left:
            with suppress(UnknownName):  # closed by somebody, or since nobody asked there for long
                assigned.world.close()


def _in_hand(agent: AgentRun, case: str) -> Assigned:
    if case in agent.results:
        outcome = agent.results[case].outcome
        raise SimulatorError(f"{case} has its outcome already: {outcome}", "ask for the next case")
    if case not in agent.in_hand:
        raise UnknownName("case in hand", case, [*agent.in_hand])
    return agent.in_hand[case]
