"""Mistakes of the person who runs the simulator, each told with its place and its remedy."""

from __future__ import annotations

from difflib import get_close_matches


class SimulatorError(Exception):
    """A mistake of our user: `message` says what and where, `remedy` what to do next."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class UnknownName(SimulatorError):
    """A vendor, scenario, operation or world that does not exist; the remedy guesses and lists what does."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        listed = ", ".join(known) if known else "none"
        near = get_close_matches(name[:60], known, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        super().__init__(f"unknown {kind} {name!r}", f"{hint}known: {listed}")


class BrokenScenario(SimulatorError):
    """A scenario file that cannot be used; `findings` are lines `file:line:column: what`."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__(
            "\n".join(findings), "mend the lines above; `simulator scenarios lint FILE` checks again"
        )
        self.findings = findings


class BrokenContract(SimulatorError):
    """A contract document that cannot be used to judge anything."""


class PortTaken(SimulatorError):
    """Another program listens where we were asked to."""


class UnsafeBind(SimulatorError):
    """Listening beyond this machine without an admin token."""
