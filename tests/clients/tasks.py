"""How a client does the tasks of a suite: one method a task, one line of JSON about what it concluded.

`python -m tests.clients.callo_tasks TASK ARGUMENTS [--bug NAME]`, with the arguments as JSON: so the two
words {task} and {arguments} of `simulator suite callo --task '*=...'` are all that it needs.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.clients.receiver import Receiver
from tests.clients.vendor_client import Client, Found, GaveUp
from tests.clients.wire import Answer, Lost

UNSUPPORTED = 12
ROUNDS = 3
UNKNOWN = {"outcome": "unknown"}


class Refused(Exception):
    """The vendor said no, and why."""


class Unreadable(Exception):
    """An answer that is none: whether the work was done is unknown."""


def read_json(answer: Answer) -> Any:
    """Return the JSON of an answer, with money as text; raises Unreadable."""
    try:
        return json.loads(answer.content, parse_float=str)
    except ValueError as error:
        raise Unreadable(str(error)) from error


def try_again(ask: Callable[[], Any]) -> Any:
    """Ask for what may be asked twice, a few times where the answer cannot be read; raises Unreadable."""
    for _try in range(2):
        try:
            return ask()
        except Unreadable:
            pass
    return ask()


class TaskClient(Client):
    """A client with a method `do_TASK` for each task that it can do."""

    wait_for_the_end: Callable[[], object] = staticmethod(sys.stdin.read)

    def perform(self, task: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Do a task and return what was concluded; None where it is none of ours."""
        method = getattr(self, f"do_{task}", None)
        return None if method is None else conclude(lambda: method(**arguments))

    def until(self, look: Callable[[], Found | None]) -> Found | None:
        """Look, with pauses, until there is something: often enough for a machine that is busy."""
        for _round in range(ROUNDS):
            if found := super().until(look):
                return found
        return None

    def handled(self, remembers: bool = True) -> Handled:
        return Handled(Path(self.environment["SIMULATOR_STATE"]) / "handled.json", remembers)


def run(kind: type[TaskClient], arguments: Sequence[str]) -> int:
    """Do one task and print what was concluded; return the exit code."""
    task, given, *options = arguments
    conclusion = kind(os.environ, options[1] if options else "").perform(task, json.loads(given))
    if conclusion is None:
        return UNSUPPORTED
    sys.stdout.write(json.dumps(conclusion) + "\n")
    return 0


def conclude(work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what a task concludes; whatever was lost on the way is unknown."""
    try:
        return work()
    except Refused:
        return {"outcome": "refused"}
    except (Lost, GaveUp, Unreadable):
        return UNKNOWN


class Handled:
    """What has been handled already, kept where it survives a restart."""

    def __init__(self, file: Path, remembers: bool = True) -> None:
        self._file, self._remembers = file, remembers
        kept = json.loads(file.read_text()) if remembers and file.exists() else {}
        self.known: dict[str, bool] = kept.get("known", {})
        self.placed: list[str] = kept.get("placed", [])
        self.fresh: list[str] = []

    def note(self, name: str) -> bool:
        """Note that something is handled; tell whether it had not been."""
        if name in self.known:
            return False
        self.known[name] = True
        self.fresh.append(name)
        self._keep()
        return True

    def note_placed(self, name: str) -> None:
        """Note that something was asked for, of which word will come."""
        self.placed.append(name)
        self._keep()

    def _keep(self) -> None:
        if self._remembers:
            self._file.write_text(json.dumps({"known": self.known, "placed": self.placed}))


def listen(address: str, handle: Callable[[str, dict[str, str], bytes], int]) -> Receiver:
    """Listen at the port of an address."""
    return Receiver(handle, urlsplit(address).port or 0)
