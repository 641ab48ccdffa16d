"""What a suite is made of, tasks that a client can be given and cases that use them, read from its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from simulator.scenario.document import Document
from simulator.scenario.document import Path as Steps

Level = Literal["must", "should", "info"]
Mark = Literal["documented", "observed", "inferred"]
Kind = Literal["id", "ids", "text", "count", "money", "instant", "flag"]


THEMES: Mapping[int, str] = {
    1: "request shapes",
    2: "success and refusal",
    3: "ids, numbers, money, times",
    4: "paging",
    5: "limits",
    6: "lost answers",
    7: "outages",
    8: "bulk and polling",
    9: "receivers",
    10: "manners",
}
"""The themes of every suite: the first number of a case's id."""

SITUATIONS: Mapping[int, tuple[str, ...]] = {
    4: ("no_rows", "one_row", "full_page", "one_row_more", "rows_meanwhile"),
    5: ("wait_in_seconds", "wait_until_an_instant", "no_wait_told"),
    6: ("hang", "cut", "reset", "garble", "status_after_the_work"),
    7: ("short_outage", "long_outage"),
    9: (
        *("twice", "reordered", "late", "lost", "wrong_signature", "right_signature"),
        *("unknown_event", "restart"),
    ),
    10: ("hours", "secrets", "pace", "edition"),
}
"""What each suite has a case of, by theme, or says why its vendor has no such thing."""

OUTCOMES_OF_TASKS: Mapping[int, str] = {0: "done", 10: "refused", 11: "unknown", 12: "unsupported"}
"""What the exit code of a command says where it prints no conclusion."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a suite's file; a word that it does not know is a mistake."""


class Argument(Part, frozen=True, kw_only=True):
    """What a task is given under a name."""

    about: str
    kind: Literal["text", "number", "list", "address"] = "text"


class Field(Part, frozen=True, kw_only=True):
    """What a client says of a task under a name; the kind tells how it is compared."""

    about: str
    kind: Kind


class Task(Part, frozen=True, kw_only=True):
    """Something that a client can do: the first of its outcomes is the one when it is done."""

    about: str
    outcomes: tuple[str, ...] = ("done", "refused", "unknown")
    arguments: dict[str, Argument] = {}
    conclusion: dict[str, Field] = {}
    listens: bool = False


class Source(Part, frozen=True, kw_only=True):
    """The vendor's rule in our words, where it stands, and how sure that is."""

    rule: str
    at: str
    mark: Mark


class Given(Part, frozen=True, kw_only=True):
    """A request that the suite makes before the client's turn, or a time that passes."""

    post: str | None = None
    get: str | None = None
    form: dict[str, Any] | None = None
    json: Any = None
    query: dict[str, Any] = {}
    headers: dict[str, str] = {}
    advance: str | None = None


class Assignment(Part, frozen=True, kw_only=True):
    """The task that a case gives its client, with arguments that may hold `{campaign_id}` and the like."""

    name: str
    arguments: dict[str, Any] = {}


class Sent(Part, frozen=True, kw_only=True):
    """What a request of the client has to bring: in a field of its query or form, or at a JSON pointer.

    The last request of the operation counts. A value of null means that it is not sent at all, or not in the
    `place` that is named.
    """

    operation: str
    field: str
    value: Any
    place: Literal["query", "body"] | None = None


class Asked(Part, frozen=True, kw_only=True):
    """How often an operation is asked for: between two counts."""

    operation: str
    least: int = 0
    most: int = 1_000_000


class Expected(Part, frozen=True, kw_only=True):
    """What the case expects: words of a scenario's `expect`, what is sent, how often, and the conclusion."""

    wire: tuple[dict[str, Any], ...] = ()
    sent: tuple[Sent, ...] = ()
    asked: tuple[Asked, ...] = ()
    conclusion: dict[str, Any] = {}

    @property
    def may_be_silent(self) -> bool:
        """Whether a client may do right without asking anything, as one that calls nobody at night."""
        return any(rule.most == 0 for rule in self.asked) and not any(rule.least for rule in self.asked)


class Case(Part, frozen=True, kw_only=True):
    """One requirement, tried: a world, a task in it, and what must come of that.

    It `tries` situations that every suite has. `since` is the version of the suite that brought it. `twice`
    starts the client a second time, which finds what it had kept. Refusals in `refused` belong to the
    case, and so does conduct that is `pardoned`.
    """

    id: str
    title: str
    level: Level = "must"
    profile: str
    tries: tuple[str, ...] = ()
    source: Source
    scenario: dict[str, Any] = {}
    given: tuple[Given, ...] = ()
    task: Assignment
    expect: Expected
    refused: tuple[str, ...] = ()
    pardoned: tuple[str, ...] = ()
    advice: str
    since: int = 1
    twice: bool = False

    @property
    def theme(self) -> int:
        """The number of its theme."""
        return int(self.id.rpartition("-")[2].partition(".")[0])


class SuiteFile(Part, frozen=True, kw_only=True):
    """A file `client_suite.yaml`: a vocabulary of tasks, and cases whose ids are never used again.

    It is `without` a case of some situations, each for a reason.
    """

    suite: Literal[1]
    vendor: str
    version: int
    title: str
    tasks: dict[str, Task]
    cases: tuple[Case, ...]
    retired: tuple[str, ...] = ()
    without: dict[str, str] = {}


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """A suite that has been read, with the document that it was read from, to point into."""

    file: SuiteFile
    document: Document

    @property
    def vendor(self) -> str:
        """Whose clients it certifies."""
        return self.file.vendor

    @property
    def cases(self) -> tuple[Case, ...]:
        """Its cases, in the order of their ids."""
        return self.file.cases

    def path(self, case: Case, *more: str | int) -> Steps:
        """Return where a case, or a part of it, stands in the document."""
        return ("cases", self.file.cases.index(case), *more)

    def place(self, case: Case, *more: str | int) -> str:
        """Return file and line of a case, or of a part of it."""
        place = self.document.place(self.path(case, *more))
        return f"{place.source.name}:{place.line}"

    def task_of(self, case: Case) -> Task:
        """Return the task that a case gives."""
        return self.file.tasks[case.task.name]
