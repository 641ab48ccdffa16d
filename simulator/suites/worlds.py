"""The world of one case: its scenario, what was done there before the client's turn, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec.structs import replace

from simulator.engine.real_time import IdleTime, host_seconds
from simulator.engine.sandbox import Sandbox
from simulator.engine.verification import evidence_on
from simulator.engine.worlds import Worlds
from simulator.errors import BrokenSuite
from simulator.exchange import Request
from simulator.scenario.loading import load_part
from simulator.scenario.microsyntax import LENGTH
from simulator.scenario.schema import Scenario
from simulator.suites.cases import Case, Given, Suite
from simulator.suites.values import Truth, fill, read_answer
from simulator.telephony.outbox import DeliveryState
from simulator.verdicts.evidence import Evidence

Json = Any
PAUSE = timedelta(milliseconds=120)
"""How long a client is silent before the clock of its case steps."""

QUIET_SECONDS = 0.8
"""How long a client that listens does nothing before it is taken to be done: its next request may be near."""

SETTLED = (DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.LOST)
CLOCK = {"mode": "idle", "pause": "120ms"}
LISTENING = {"mode": "idle", "pause": "50ms"}
"""Where a client listens, nobody waits between two looks: the next callback may come soon."""

WORDS: Mapping[str, Any] = {"run": [], "expect": []}
MOST_KEPT = 4_000_000
"""Bytes of an answer that are kept: the truth is read from whole ones."""

NOWHERE = "http://127.0.0.1:9"
"""The receiver of a client that does not listen."""

FAR = timedelta(days=2)
"""What is due later than this is nothing that a client waits for."""


def scenario_of(suite: Suite, case: Case, names: Mapping[str, object]) -> Scenario:
    """Return the scenario of a case, laid over `happy`, with the wire that it expects.

    `names` replace `{receiver}` and their like. Raises BrokenScenario, which points into the suite.
    """
    words = fill(case.scenario, names)
    path = suite.path(case, *(["scenario"] if case.scenario else []))
    expected = fill([*case.expect.wire], names)
    more = {"title": case.title, "expect": expected, "expect_refusals": [*case.refused]}
    clock = words.get("clock", {})
    if isinstance(clock, dict):  # else it is told what that is
        more["clock"] = (LISTENING if suite.task_of(case).listens else CLOCK) | clock
    elsewhere = {"expect": suite.path(case, "expect", "wire"), "expect_refusals": suite.path(case, "refused")}
    return load_part(suite.document, path, {**WORDS, **words, **more}, elsewhere)


class CaseWorld:
    """A case's world while it is open: `names` are what its task may need, `url` where the vendor is.

    Two runs in one simulator differ in what stands before their worlds' names, which is that of the `run`.
    """

    def __init__(
        self, worlds: Worlds, suite: Suite, case: Case, root: str, receiver: str = "", *, run: str = ""
    ) -> None:
        self.suite, self.case, self.receiver = suite, case, receiver
        self.name = f"{run}{case.id.lower().replace('.', '-')}"
        scenario = scenario_of(suite, case, {"receiver": receiver})
        self._worlds = worlds
        self.sandbox: Sandbox = worlds.open(self.name, scenario, scenario.clock.mode)
        self.sandbox.recorder.journal.body_kept = MOST_KEPT
        self.sandbox.recorder.terms = replace(self.sandbox.recorder.terms, vouches_for_keys=True)
        self.root = f"{root}/@{self.name}"
        self.credentials = dict(worlds.credentials(suite.vendor, self.name))
        self.answers: list[Json] = []
        if (keeper := self.sandbox.timekeeper) is not None:
            keeper.stop()  # or what is given would come some milliseconds late on a busy machine
        for given in case.given:
            self._do(given)
        self._before = self.sandbox.recorder.journal.recorded
        self._quiet = (0, host_seconds())
        self._stand_still()

    @property
    def url(self) -> str:
        """Where the vendor answers in this world."""
        return f"{self.root}/{self.suite.vendor}"

    @property
    def urls(self) -> dict[str, str]:
        """The addresses of the vendor as its clients hold them, by name."""
        paths = self.sandbox.vendors[self.suite.vendor].vendor.urls
        return {name: self.url + path for name, path in paths.items()}

    @property
    def origin(self) -> str:
        """Where the vendor answers at the root, for clients that keep scheme and host alone."""
        return f"http://{self.name}.{self.suite.vendor}.localhost:{urlsplit(self.root).port}"

    @property
    def names(self) -> dict[str, object]:
        """What stands behind names in braces: credentials, the receiver, the vendor's address."""
        plain = {name: value for name, value in self.credentials.items() if isinstance(value, str | int)}
        return {**plain, **_by_name(self.credentials), "receiver": self.receiver, "base_url": self.url}

    @property
    def arguments(self) -> dict[str, Json]:
        """The arguments of the task, filled in."""
        return dict(fill(self.case.task.arguments, self.names, self.answers))

    def evidence(self, left: float | None = None) -> Evidence:
        """Return all that is known of the client's turn; hold the sandbox's lock."""
        evidence = evidence_on(self._worlds, self.sandbox)
        own = evidence.exchanges[max(0, self._before - self.sandbox.recorder.journal.dropped) :]
        ids = {exchange.id for exchange in own}
        breaches = [(one, breach) for one, breach in evidence.breaches if one.id in ids]
        return replace(evidence, exchanges=own, breaches=breaches, left=left, speed=None)

    def truth(self, evidence: Evidence) -> Truth:
        """Return what is true now; hold the sandbox's lock."""
        calls = [(str(call.ref), str(call.callee)) for call in evidence.calls]
        messages = [(str(one.ref), str(one.letter.recipient)) for one in evidence.messages]
        return Truth(evidence.exchanges, calls, messages, self.names, self.answers)

    def is_quiet(self) -> bool:
        """Tell whether the client was there, is silent for a while, and nothing more will come of it."""
        with self.sandbox.lock:
            world = self.sandbox.world
            due, now = world.clock.next_due, self.sandbox.now()
            asked = self.sandbox.recorder.journal.recorded > self._before
            sent = all(one.state in SETTLED for one in world.outbox.deliveries.values())
            is_over = asked and sent and (due is None or due - now >= FAR)
            inputs = world.inputs
        if not is_over or inputs != self._quiet[0]:
            self._quiet = (inputs, host_seconds())
        return is_over and host_seconds() - self._quiet[1] >= QUIET_SECONDS

    def resend(self) -> None:
        """Send every callback once more, as a vendor does whose note of the first time is lost."""
        with self.sandbox.lock:
            sent = [*self.sandbox.world.outbox.deliveries]
        for delivery in sent:
            self.sandbox.act("resend", delivery=delivery)

    def close(self) -> None:
        """Forget the world."""
        self._worlds.close(self.name)

    def _do(self, given: Given) -> None:
        if given.advance:
            self.sandbox.advance(LENGTH.read(given.advance))
            return
        request = self._request(given)
        reply = self.sandbox.answer(self.suite.vendor, request)
        self.sandbox.written(reply.number)
        if reply.answer.status >= 300 or reply.exchange.violations:
            why = reply.answer.body[:200].decode("utf-8", "replace")
            answered = f"{request.path} answered {reply.answer.status} {why}"
            what = f"{self.case.id}: what is given is refused: {answered}"
            place = self.suite.path(self.case, "given", self.case.given.index(given))
            raise BrokenSuite([self.suite.document.finding(place, what)])
        self.answers.append(read_answer(reply.answer.body) if reply.answer.body else None)

    def _request(self, given: Given) -> Request:
        names = self.names
        path, body, kind = fill(given.post or given.get, names), b"", ""
        if given.form is not None:
            body = urlencode(fill(given.form, names, self.answers)).encode()
            kind = "application/x-www-form-urlencoded"
        elif given.json is not None:
            body, kind = json.dumps(fill(given.json, names, self.answers)).encode(), "application/json"
        headers = [*fill(given.headers, names).items(), *([("Content-Type", kind)] if kind else [])]
        query = urlencode(fill(given.query, names, self.answers))
        return Request("POST" if given.post else "GET", path, query, tuple(headers), body)

    def _stand_still(self) -> None:
        """Let an idle clock stand until the client's first request, whatever was done before."""
        keeper = self.sandbox.timekeeper
        if isinstance(keeper, IdleTime):
            with self.sandbox.lock:
                keeper.begin_again(self.sandbox.world.clock.now)
                self.sandbox.steps.clear()


def _by_name(credentials: Mapping[str, Any]) -> dict[str, object]:
    """Return ids that have names, such as `{campaign_id_pincode}` for one of Callo's `campaigns`."""
    return {
        f"{group.removesuffix('s')}_id_{name}".lower().replace(" ", "_"): value
        for group, rows in credentials.items()
        if isinstance(rows, Mapping)
        for name, value in rows.items()
    }
