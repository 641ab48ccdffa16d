"""How a client does the tasks of a suite: one method a task, one line of JSON about what it concluded.

`python -m tests.clients.callo_tasks TASK ARGUMENTS [--bug NAME]`, with the arguments as JSON: so the two
words {task} and {arguments} of `simulator suite callo --task '*=...'` are all that it needs.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tests.clients.receiver import Handle, Receiver
from tests.clients.vendor_client import Client, Found, GaveUp
from tests.clients.wire import Answer, Lost, Request

UNSUPPORTED = 12
ROUNDS = 3
UNKNOWN = {"outcome": "unknown"}
DEFERRED = {"outcome": "deferred"}
ZONES = {"+1212": "America/New_York", "+44": "Europe/London", "+33": "Europe/Paris"}
BY_DAY = range(9, 20)
Conclusion = Mapping[str, Any]


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

    repeats: Sequence[str] = ("repeats_what_was_lost",)
    """The bugs in which what calls people is asked for again when the answer is lost."""

    def perform(self, task: str, arguments: Mapping[str, Any]) -> Conclusion | None:
        """Do a task and return what was concluded; None where it is none of ours."""
        method = getattr(self, f"do_{task}", None)
        return None if method is None else conclude(lambda: method(**arguments))

    def until(self, look: Callable[[], Found | None]) -> Found | None:
        """Look, with pauses, until there is something: often enough for a machine that is busy."""
        for _round in range(ROUNDS):
            if value := super().until(look):
                return value
        return None

    def result(self, answer: Answer) -> Any:
        """Return what the vendor says; raises Refused, Lost and Unreadable."""
        raise NotImplementedError

    def look_at(self, request: Request) -> Any:
        """Ask for what only reads, again where the answer is lost."""
        return try_again(lambda: self.result(self.read(request)))

    def order(self, request: Request) -> Any:
        """Ask for something that calls people: once, whatever becomes of the answer."""
        try:
            return self.order_once(request)
        except (Lost, Unreadable):
            if not self.has(*self.repeats):
                raise
            return self.order_once(request)

    def order_once(self, request: Request) -> Any:
        answer = self.send(request)
        while self.is_limited(answer) and self.wait_for_the_limit(answer):
            answer = self.send(request)
        return self.result(answer)

    def is_night(self, phones: Sequence[str], now: str, zone: str = "UTC") -> bool:
        """Tell whether it is night for one of those who are called; `zone` is that of plain numbers."""
        if not now or self.has("calls_at_night"):
            return False
        asked = phones[:1] if self.has("asks_of_the_first_leg_only") else phones
        return any(not is_day(phone, now, zone) for phone in asked)

    def handled(self) -> Handled:
        remembers = not self.has("forgets_at_a_restart")
        return Handled(Path(self.environment["SIMULATOR_STATE"]) / "handled.json", remembers)

    def hear(
        self,
        receiver: str,
        handle: Callable[[Handled], Handle],
        place: Callable[[Handled], None],
        is_over: Callable[[str], bool],
    ) -> list[str]:
        """Listen, place what is to be heard of, and return what was handled, the silent ones looked up."""
        handled = self.handled()
        receiving = listen(receiver, handle(handled))
        if not handled.placed:
            place(handled)
        if not self.has("gone_too_early"):
            self.wait_for_the_end()
        receiving.close()
        if not self.has("trusts_events_alone"):
            for name in handled.placed:
                if name not in handled.known and is_over(name):
                    handled.note(name)
        names = handled.every if self.has("handles_each_copy") else handled.fresh
        if self.has("counts_what_is_not_its_own"):
            return names
        return [name for name in names if name in handled.placed]


def run(kind: type[TaskClient], arguments: Sequence[str]) -> int:
    """Do one task and print what was concluded; return the exit code."""
    task, given, *options = arguments
    conclusion = kind(os.environ, options[1] if options else "").perform(task, json.loads(given))
    if conclusion is None:
        return UNSUPPORTED
    sys.stdout.write(json.dumps(conclusion) + "\n")
    return 0


def conclude(work: Callable[[], Conclusion]) -> Conclusion:
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
        self.every: list[str] = []

    def note(self, name: str) -> None:
        """Note that something is handled, which it may have been before."""
        self.every.append(name)
        if name not in self.known:
            self.known[name] = True
            self.fresh.append(name)
            self._keep()

    def note_placed(self, name: str) -> None:
        """Note that something was asked for, of which word will come."""
        self.placed.append(name)
        self._keep()

    def _keep(self) -> None:
        if self._remembers:
            self._file.write_text(json.dumps({"known": self.known, "placed": self.placed}))


def is_day(phone: str, now: str, zone: str = "UTC") -> bool:
    """Tell whether it is day where a number is called."""
    zone = next((zone for prefix, zone in ZONES.items() if phone.startswith(prefix)), zone)
    return datetime.fromisoformat(now).astimezone(ZoneInfo(zone)).hour in BY_DAY


def listen(address: str, handle: Handle) -> Receiver:
    """Listen at the port of an address."""
    return Receiver(handle, urlsplit(address).port or 0)
