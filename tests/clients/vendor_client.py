"""What the four clients share: bugs by name, a way through refusals and outages, pauses between looks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any, NamedTuple, TypeVar

from tests.clients.wire import PATIENCE, Answer, Edit, Lost, Request, send

Found = TypeVar("Found")

CLEAN = ""
WIRE, CONCLUDED = "wire", "concluded"
LOOKS = 12
TRIES = 5
MANY_TRIES = 20
PAUSE = 0.35
OUTAGES = range(500, 600)
WAIT_AFTER_OUTAGE = 0.15
WAIT_AFTER_REFUSAL = 1.1
LONGEST_WAIT = 20.0


class Bug(NamedTuple):
    """One planted bug: a switch of that name in the client, or an edit of the requests of one operation.

    `kind` counts in the list of kinds (KINDS.md). `seen` says whether it shows in what is sent, or only in
    what the client concludes. `situation` names the scenario that provokes it; none: the default one.
    """

    name: str
    kind: int
    flow: str
    text: str
    edit: Edit | None = None
    on: str = ""
    seen: str = WIRE
    situation: str = ""


class GaveUp(Exception):
    """The vendor did not serve the client, for longer than it goes on asking."""


class Client:
    """One client of one vendor. A flow is a method; what a flow learns is in `learnt`."""

    vendor = ""
    bugs: Sequence[Bug] = ()

    def __init__(self, environment: Mapping[str, str], bug: str = CLEAN) -> None:
        self.environment = environment
        self.base_url = self.setting("BASE_URL")
        self.bug = next((known for known in self.bugs if known.name == bug), None)
        self.learnt: dict[str, Any] = {}
        if bug and not self.bug:
            raise SystemExit(f"no bug is called {bug!r}")

    def setting(self, name: str) -> str:
        return self.environment[f"{self.vendor.upper()}_{name}"]

    def has(self, *names: str) -> bool:
        """Tell whether one of these bugs is planted."""
        return self.bug is not None and self.bug.name in names

    def now(self) -> float:
        """Return the seconds since 1970 of the vendor's world: a test's client takes its time from there."""
        from datetime import datetime  # noqa: PLC0415 - most flows need no clock

        clock = send(self.environment["SIMULATOR_URL"], Request("clock", "GET", "/_simulator/v1/clock"))
        return datetime.fromisoformat(clock.json()["now"]).timestamp()

    def pause(self, seconds: float = PAUSE) -> None:
        Event().wait(seconds)

    def send(self, request: Request, timeout: float = PATIENCE) -> Answer:
        """Send a request, with the bug where it is one of this operation; raises Lost."""
        if self.bug and self.bug.edit and request.operation == self.bug.on:
            request = request.copy()
            self.bug.edit(request)
        return send(self.base_url, request, timeout)

    def ask(self, request: Request, timeout: float = PATIENCE) -> Answer:
        """Send a request until it is served: wait when told to, and longer each time in an outage."""
        tries = MANY_TRIES if self.has("hammers_outage") else TRIES
        for attempt in range(tries):
            answer = self.send(request, timeout)
            if self.is_limited(answer):
                if not self.wait_for_the_limit(answer):
                    return answer
            elif answer.status in OUTAGES and attempt + 1 < tries:
                self.wait_for_the_end_of_an_outage(attempt)
            elif answer.status not in OUTAGES:
                return answer
        raise GaveUp(request.operation)

    def is_limited(self, answer: Answer) -> bool:
        return answer.status == 429

    def wait_for_the_limit(self, answer: Answer) -> bool:
        """Wait as long as the refusal says; return whether to ask again."""
        if self.has("drops_refused"):
            return False
        if self.has("reads_refusal_as_json"):
            answer.json()["retry"]
        wait = read_wait(answer.headers)
        if not self.has("hammers_refused"):
            self.pause(min(wait, LONGEST_WAIT) * (0.2 if self.has("waits_less") else 1.0))
        return True

    def wait_for_the_end_of_an_outage(self, attempt: int) -> None:
        if not self.has("hammers_outage"):
            self.pause(WAIT_AFTER_OUTAGE * 2**attempt)

    def read(self, request: Request) -> Answer:
        """Ask for what may be asked for twice: again when the answer is lost."""
        for attempt in range(TRIES):
            try:
                return self.ask(request)
            except Lost:
                self.wait_for_the_end_of_an_outage(attempt)
        raise GaveUp(request.operation)

    def until(self, look: Callable[[], Found | None]) -> Found | None:
        """Look a few times, with pauses, until there is something; a later run goes on from there."""
        for _look in range(LOOKS):
            try:
                if value := look():
                    return value
            except GaveUp as error:
                self.note("given_up", str(error))
                return None
            self.pause()
        return None

    def note(self, name: str, value: Any) -> None:
        """Keep what was learnt: the client's conclusion, printed at the end."""
        self.learnt[name] = value


def read_wait(headers: Mapping[str, str]) -> float:
    """Return how many seconds a refusal asks for, in either form of Retry-After; else what is usual."""
    after = headers.get("retry-after", "")
    if not after:
        return WAIT_AFTER_REFUSAL
    if after.isdecimal():
        return float(after)
    until, now = parsedate_to_datetime(after), parsedate_to_datetime(headers["date"])
    return max((until - now).total_seconds(), 0.0)


def main(kind: type[Client], arguments: Sequence[str]) -> int:
    """Run `--flow NAME` (repeatable) of a client, `--bug NAME` planted, and print what it concluded."""
    options: dict[str, list[str]] = {"--bug": [], "--flow": []}
    for name, value in zip(arguments[::2], arguments[1::2], strict=True):
        options[name].append(value)
    client = kind(os.environ, *options["--bug"])
    flows = options["--flow"] or ([client.bug.flow] if client.bug else list(default_flows(kind)))
    for name in flows:
        try:
            getattr(client, name)()
        except Exception as error:
            if not client.bug:
                raise
            client.note("noticed", f"{type(error).__name__}: {error}"[:300])
    sys.stdout.write(json.dumps(client.learnt, default=str) + "\n")
    return 0


def default_flows(kind: type[Client]) -> Iterable[str]:
    """Yield the flows of a client that need no situation of their own: those that its class defines."""
    return [name for name in vars(kind) if getattr(vars(kind)[name], "flow", False)]


def flow(method: Callable[[Any], None]) -> Callable[[Any], None]:
    """Mark a method as a flow that can be run by name."""
    method.flow = True  # type: ignore[attr-defined]
    return method
