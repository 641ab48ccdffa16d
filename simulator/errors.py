"""Mistakes of the person who runs the simulator, each told with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_SHOWN = 60
_MOST_LISTED = 60
_ALSO_CALLED = {
    "declined": "rejected",
    "delay": "late",
    "delayed": "late",
    "drop": "lose",
    "duplicate": "twice",
    "engaged": "busy",
    "lost": "lose",
    "machine": "voicemail",
    "missed": "no_answer",
    "success": "answered delivered",
    "unanswered": "no_answer",
    "undelivered": "failed",
}
"""What people write for a word of ours that is spelt otherwise; where several are ours, the first known."""


def nearest(word: object, known: Iterable[str], likely: float = 0.6) -> str:
    """Return which of the words that are `known` somebody meant who wrote another; empty where none is near.

    A word that is as good as one of them says that one, however it is spelt: `unanswered` is not `answered`.
    """
    lower, text = {name.lower(): name for name in known}, str(word)[:_SHOWN].lower()
    alike = [one for one in _ALSO_CALLED.get(text, "").split() if one in lower]
    near = alike or get_close_matches(text, lower, 1, likely)
    return lower[near[0]] if near else ""


def guess(word: object, known: Iterable[str]) -> str:
    """Return `did you mean 'x'? known: x, y`, without the question where nothing is near."""
    names = [*known]
    meant = nearest(word, names)
    hint = f"did you mean {meant!r}? " if meant else ""
    listed = ", ".join(islice(names, _MOST_LISTED)) or "none"
    more = f", and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return f"{hint}known: {listed}{more}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 call`, `2 calls`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


class SimulatorError(Exception):
    """A mistake of our user: `message` says what and where, `remedy` what to do next."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class StateError(SimulatorError):
    """Kept state that cannot be used."""


class StateUnavailable(StateError):
    """Kept state that cannot be written or reached just now; what should have been kept was not done."""


class Superseded(StateUnavailable):
    """The inputs that were followed are no more: their world began anew elsewhere, or is closed, or lost."""


class UnknownName(SimulatorError):
    """A vendor, scenario, operation or world that does not exist; the remedy guesses and lists what does."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        super().__init__(f"unknown {kind} {name!r}", guess(name, known))


class _BrokenFile(SimulatorError):
    """A file that cannot be used; `findings` are lines `file:line:column: what`."""

    checks_again = ""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("\n".join(findings), f"mend the lines above; `{self.checks_again}` checks again")
        self.findings = findings


class BrokenScenario(_BrokenFile):
    """A scenario file that cannot be used."""

    checks_again = "simulator scenarios lint FILE"


class BrokenSuite(_BrokenFile):
    """A suite of cases that cannot be used."""

    checks_again = "simulator suite VENDOR --lint"


class BrokenContract(SimulatorError):
    """A contract document that cannot be used to judge anything."""


class PortTaken(SimulatorError):
    """Another program listens where we were asked to."""


class UnsafeBind(SimulatorError):
    """Listening beyond this machine without an admin token."""


ELSEWHERE = "not in the simulator but in "
"""What the note of an error says that was raised by code of our user's."""


def note_place(error: Exception, place: str) -> None:
    """Note on an error that it was raised in code of our user's, such as `the view remind`."""
    error.add_note(f"{type(error).__name__}: {error}, {ELSEWHERE}{place}")


def noted_place(error: Exception) -> str | None:
    """Return the code of our user's in which an error was raised, if that was noted."""
    notes = getattr(error, "__notes__", ())
    return next((note.partition(ELSEWHERE)[2] for note in notes if ELSEWHERE in note), None)
