"""What the control plane needs of a simulator, so that it imports neither scenarios nor contracts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from simulator.exchange import Exchange
from simulator.faults import Action, Gate
from simulator.telephony.world import World
from simulator.web.faults import FaultPlan
from simulator.web.journal import Journal
from simulator.web.masking import Masker

Json = Any


class Pending(Protocol):
    """What was due and is not done."""

    @property
    def what(self) -> str:
        """A delivery by its id, or the clock."""

    @property
    def reason(self) -> str:
        """Why it is not done."""


class Advance(Protocol):
    """What happened while time moved; `idle` tells that nothing more is due."""

    @property
    def since(self) -> datetime:
        """When it began."""

    @property
    def now(self) -> datetime:
        """When it ended."""

    @property
    def acts(self) -> int:
        """How much was done."""

    @property
    def deliveries(self) -> tuple[str, ...]:
        """The callbacks sent, by id."""

    @property
    def idle(self) -> bool:
        """Whether nothing more is due."""

    @property
    def pending(self) -> Sequence[Pending]:
        """What was due and is not done."""


class Recorder(Protocol):
    """What was said in one world; `coverage` is opaque here: a Simulation describes it."""

    @property
    def journal(self) -> Journal:
        """What was asked and answered, as it came."""

    @property
    def callbacks(self) -> Journal:
        """What receivers were told, as it was sent; each entry is one attempt."""

    @property
    def masker(self) -> Masker:
        """What hides secrets and phone numbers."""

    @property
    def coverage(self) -> Any:
        """What of the contracts was exercised."""


class WorldStage(Protocol):
    """One world and everything around it; read it under `lock`, change it by `act` and `advance` alone.

    `scenario` is opaque here: a Simulation describes it.
    """

    @property
    def world(self) -> World:
        """The world itself."""

    @property
    def record(self) -> Recorder:
        """What was said in it."""

    @property
    def faults(self) -> FaultPlan:
        """The faults armed."""

    @property
    def scenario(self) -> Any:
        """What the world was made of."""

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Keeps every input out while it is held."""

    def now(self) -> datetime:
        """Return what time it is."""

    def act(self, name: str, **arguments: Any) -> Any:
        """Lay a hand on the world by the name of an action."""

    def advance(self, until: datetime | None = None) -> Advance:
        """Move time to `until`, or until nothing is due."""


class Simulation(Protocol):
    """A simulator as the control plane sees it.

    `check_place` and the `read_*` methods raise ValueError or SimulatorError, in words for whoever wrote the
    phrase.
    """

    @property
    def version(self) -> str:
        """The simulator's own version."""

    @property
    def admin_hosts(self) -> tuple[str, ...]:
        """Host names that reach the control plane, besides those of this machine."""

    @property
    def admin_token(self) -> str | None:
        """The token to present, or None when none is asked for."""

    @property
    def masker(self) -> Masker:
        """What hides the secrets of every world."""

    def note_bug(self, line: str) -> None:
        """Learn that the simulator itself failed, in words that may be shown."""

    @property
    def vendors(self) -> Sequence[str]:
        """The vendors that answer here."""

    @property
    def sandboxes(self) -> Sequence[WorldStage]:
        """All open worlds, the main one first."""

    def sandbox(self, name: str) -> WorldStage:
        """Return an open world; raises UnknownName."""

    def open_world(self, name: str, scenario: str | bytes | None) -> WorldStage:
        """Open or replace a world by a shipped scenario's name, by YAML text, or as the main one began.

        Raises UnknownName or BrokenScenario, and then nothing has changed.
        """

    def reset(self, name: str) -> WorldStage:
        """Put a fresh world of the same scenario in the place of an open one."""

    def perform(self, name: str) -> Json:
        """Do what the scenario of an open world says under `run`; return what happened, step by step."""

    def describe_verdicts(self, name: str) -> Json:
        """Return a verdict for each word that the scenario of an open world expects, as things stand."""

    def close_world(self, name: str) -> None:
        """Forget a world; raises UnknownName, and SimulatorError for the main one."""

    def pace(self, scenario: Any) -> str:
        """Return how the clock of a world of this scenario runs: `virtual`, `idle`, `real`, `x60`."""

    def describe_scenario(self, scenario: Any) -> Json:
        """Return a scenario's words as they were loaded, its credentials masked."""

    def describe_coverage(self, coverage: Any) -> Json:
        """Return by vendor what was called and what never was, each with its provenance."""

    def findings(self, exchanges: Iterable[Exchange]) -> Iterable[Any]:
        """Return the violations of exchanges by what they have in common, each mistake once.

        Each has its first `violation` and `exchange`, how many `times` it was made, and its `consequences`.
        """

    def describe_operations(self, vendor: str) -> Json:
        """Return the operations of a contract, each thing with its provenance; raises UnknownName."""

    @property
    def memory(self) -> Mapping[str, int]:
        """Return the bytes that all worlds remember and may, and how many were closed for which reason."""

    def scenarios(self) -> Sequence[str]:
        """Return the names of the scenarios that ship."""

    def read_length(self, text: str) -> timedelta:
        """Read a length of time such as `1h30m`."""

    def read_moment(self, text: str, now: datetime, scenario: Any) -> datetime:
        """Read an ISO instant, or the next time a clock in the scenario's zone shows `20:00`."""

    def check_place(self, where: str) -> None:
        """Raise where no vendor has the place, since nothing would ever come to pass there."""

    def read_gate(self, text: str) -> Gate:
        """Read which requests a fault meets, such as `requests 4..6`."""

    def read_action(self, text: str, where: str) -> Action:
        """Read what a fault does at a place, such as `status 503`; a refusal is one that it knows."""
