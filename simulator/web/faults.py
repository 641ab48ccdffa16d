"""Faults on purpose: where, when, for whom, and what is done to an exchange that would have gone well.

Nothing here waits, draws or closes a socket: a plan decides, the caller acts on the world's clock.
The plan counts, so it is used under the world's lock.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Answer, Request
from simulator.faults import (
    Action,
    Cut,
    Drip,
    Fault,
    FaultContext,
    FirstPerNumber,
    Garble,
    Hang,
    Reply,
    ReplyOverride,
    Reset,
    Share,
    Slow,
    Status,
)
from simulator.formats.json_text import MalformedJson, find_json, read_json
from simulator.telephony.errors import MalformedNumber
from simulator.vendor import Vendor

Draw = Callable[..., float]
"""A keyed draw of the world: the same subject gives the same number in [0, 1), whatever happened before."""

_REMEMBERED = 100_000  # fingerprints whose repetitions a rule counts, to keep its memory bounded


class Decision(Struct, frozen=True):
    """What to do to one exchange: wait `delay` on the world's clock, then apply `do`."""

    rule: str
    do: Action
    delay: timedelta = timedelta()

    @property
    def reset(self) -> bool:
        """Whether the connection is closed without an answer."""
        return isinstance(self.do, Reset)

    @property
    def hangs(self) -> bool:
        """Whether the client is not expected to be there when the answer comes."""
        return isinstance(self.do, Hang)

    @property
    def drips(self) -> bool:
        """Whether the answer comes piece by piece."""
        return isinstance(self.do, Drip)

    @property
    def loses_the_answer(self) -> bool:
        """Whether the client never learns what the vendor answered; one that is only slow it does."""
        return isinstance(self.do, Reset | Hang | Cut | Garble) or (
            isinstance(self.do, Status | Reply) and self.do.accepted
        )

    @property
    def spares_the_vendor(self) -> bool:
        """Whether the request never reaches the vendor: it stopped in front of it."""
        return isinstance(self.do, Reset | Status | Reply) and not self.do.accepted


class _Tally(Struct):
    """What one rule has seen."""

    requests: int = 0
    of_number: dict[str, int] = field(default_factory=dict)
    of_subject: OrderedDict[str, int] = field(default_factory=OrderedDict)


class FaultPlan:
    """The fault rules of a world, in order: the first whose trigger fires wins, all of them count.

    `can` tells whether something can be done to an operation; a rule whose act cannot passes it by uncounted.
    """

    def __init__(
        self,
        rules: Iterable[Fault],
        draw: Draw,
        can: Callable[[Action, str], bool] = lambda _action, _where: True,
    ) -> None:
        self._draw = draw
        self._can = can
        self._rules: list[Fault] = list(rules)
        self._tallies = {rule.id: _Tally() for rule in self._rules}

    def any(self) -> bool:
        """Return whether there is a rule."""
        return bool(self._rules)

    def list(self) -> tuple[Fault, ...]:
        """Return the rules in the order in which they are asked."""
        return tuple(self._rules)

    def add(self, rule: Fault) -> None:
        """Arm a rule before all others; raises SimulatorError when its id is taken."""
        if rule.id in self._tallies:
            raise SimulatorError(f"a fault {rule.id!r} is armed already", "remove it or choose another id")
        self._rules.insert(0, rule)
        self._tallies[rule.id] = _Tally()

    def remove(self, rule_id: str) -> None:
        """Disarm a rule; raises UnknownName."""
        if rule_id not in self._tallies:
            raise UnknownName("fault", rule_id, [rule.id for rule in self._rules])
        self._rules = [rule for rule in self._rules if rule.id != rule_id]
        del self._tallies[rule_id]

    def decide(
        self, where: str, subject: str | None, callees: Sequence[str], since_start: timedelta
    ) -> Decision | None:
        """Decide about one request to `where`, counting it; None lets it pass.

        `subject` is the request's fingerprint: equal requests share it, and a share is drawn by it and by
        how often it came, so that traffic beside it changes nothing. `callees` are the numbers it is about.
        """
        decision = None
        for rule in self._rules:
            if not (rule.concerns(where) and self._can(rule.do, where)):
                continue
            key = self._count(rule, subject, callees)
            if decision is None and rule.when.fires(self._context_of(rule, key, callees, since_start)):
                decision = Decision(rule.id, rule.do, self._delay(rule, key))
        return decision

    def asks_for_callees(self, where: str) -> bool:
        """Return whether a decision about `where` depends on which numbers a request is about."""
        return any(isinstance(rule.when, FirstPerNumber) and rule.concerns(where) for rule in self._rules)

    def _count(self, rule: Fault, subject: str | None, callees: Sequence[str]) -> tuple[str, str, int]:
        """Count a request and return what its draws are keyed by."""
        tally = self._tallies[rule.id]
        tally.requests += 1
        for number in callees if isinstance(rule.when, FirstPerNumber) else ():
            tally.of_number[number] = tally.of_number.get(number, 0) + 1
        if subject is None:
            return rule.id, "", tally.requests
        if not isinstance(rule.when, Share) and not isinstance(rule.do, Slow):
            return rule.id, subject, 1
        seen = tally.of_subject.get(subject, 0) + 1
        tally.of_subject[subject] = seen
        if len(tally.of_subject) > _REMEMBERED:
            tally.of_subject.popitem(last=False)
        return rule.id, subject, seen

    def _context_of(
        self, rule: Fault, key: tuple[str, str, int], callees: Sequence[str], since_start: timedelta
    ) -> FaultContext:
        tally = self._tallies[rule.id]
        drawn = self._draw(*key, "gate") if isinstance(rule.when, Share) else 0.0
        of_number = min((tally.of_number.get(number, 0) for number in callees), default=tally.requests)
        return FaultContext(tally.requests, of_number, since_start, drawn)

    def _delay(self, rule: Fault, key: tuple[str, str, int]) -> timedelta:
        if isinstance(rule.do, Hang | Drip):
            return rule.do.duration
        if isinstance(rule.do, Slow):
            return rule.do.low + (rule.do.high - rule.do.low) * self._draw(*key, "delay")
        return timedelta()


def apply_to_answer(decision: Decision, answer: Answer) -> Answer:
    """Return the answer as the fault leaves it.

    A cut answer still declares its whole length: the server has to write these bytes and close.
    """
    do = decision.do
    if isinstance(do, Status):
        return Answer(do.code, b"", (("Content-Type", "text/html"),))
    if isinstance(do, Reply):
        return reword(do.wording, answer if do.accepted else _canned(do.wording))
    if isinstance(do, Cut):
        return _cut(answer, do.share)
    if isinstance(do, Garble):
        return replace(answer, body=_garbled(answer.body))
    return answer


def reword(wording: ReplyOverride, answer: Answer) -> Answer:
    """Return an answer in the words of a scenario, by the content type that the vendor's own has."""
    kind = answer.media_type
    body = wording.bodies.get(kind, wording.bodies.get("*"))
    replaced = {name.lower() for name in wording.headers}
    kept = tuple(pair for pair in answer.headers if pair[0].lower() not in replaced)
    return Answer(
        answer.status if wording.status is None else wording.status,
        answer.body if body is None else body.encode(),
        (*kept, *wording.headers.items()),
    )


def _canned(wording: ReplyOverride) -> Answer:
    """Return an empty answer of the type that the words have, which their headers may still replace."""
    body = wording.bodies.get("*", "").lstrip()
    kind = "application/json" if body.startswith(("{", "[")) else "text/plain; charset=utf-8"
    return Answer(200, b"", (("Content-Type", kind),) if body else ())


def _cut(answer: Answer, share: float) -> Answer:
    kept = len(answer.body) - round(len(answer.body) * share)
    others = tuple(pair for pair in answer.headers if pair[0].lower() != "content-length")
    return replace(
        answer, body=answer.body[:kept], headers=(*others, ("Content-Length", str(len(answer.body))))
    )


def _garbled(body: bytes) -> bytes:
    spoilt = bytearray(body)
    spoilt[::4] = bytes(byte ^ 0x80 for byte in spoilt[::4])
    return bytes(spoilt)


MOST_VALUES = 2_000_000
_BETWEEN = re.compile(r"[,;\r\n]+")


def callees_of(request: Request, fields: Mapping[str, str], vendor: Vendor) -> tuple[str, ...]:
    """Return the numbers under the first of the vendor's names for callees that is there, once each.

    Looked for among the parameters and at any depth of a JSON body; a value may be one number or a list. Each
    is E.164 as the vendor reads it, or as it is written where that is none.
    """
    values: dict[str, list[str]] = {}
    for name, value in (*fields.items(), *_pairs(_json_of(request))):
        if (known := name.lower()) in vendor.callees:
            values.setdefault(known, []).extend(_texts(value))
    spelt = next((values[name] for name in vendor.callees if values.get(name)), [])
    return tuple(dict.fromkeys(_number(text, vendor) for text in spelt))


def _json_of(request: Request) -> Any:
    try:
        return read_json(find_json(request.body) or b"", MOST_VALUES)
    except MalformedJson:
        return None


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key with its value, at any depth; JSON that was read is not deep."""
    if isinstance(value, dict):
        yield from value.items()
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _pairs(item)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, str | int) and not isinstance(value, bool):
        return [text for text in _BETWEEN.split(str(value)) if text.strip()]
    return []


def _number(text: str, vendor: Vendor) -> str:
    try:
        return vendor.read_number(text)
    except MalformedNumber:
        return text
