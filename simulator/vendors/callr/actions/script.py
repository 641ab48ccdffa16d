"""Scripts: YAML read whole into branches of steps, and refused with the place of what makes no sense.

Documented in parts only: the reference prints one script, the vendor's guides show the rest; what a JSON
Schema of the vendor's would tell is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from simulator.formats.yaml_text import MalformedYaml, read_yaml
from simulator.vendor import Refused
from simulator.vendors.callr.actions.expressions import Expression, check_places, parse_condition
from simulator.vendors.callr.actions.javascript import read_code
from simulator.vendors.callr.actions.methods import MalformedExpression
from simulator.vendors.callr.refusals import message_of

INBOUND_CALL, INBOUND_SMS, API_INITIATED, HANGUP = "inbound-call", "inbound-sms", "api-initiated", "hangup"
ACTIONS = (
    "log", "say", "play", "ringing", "answer", "hangup", "dial", "bridge", "gather", "record",
    "startRecording", "sms", "fetch", "javascript", "memcache", "voicebot",
)  # fmt: skip
"""The actions that the vendor's guides show; any other name is refused."""

UNSIMULATED = ("memcache", "voicebot")
"""Those of which nobody shows what they take and return; a run tells that it passed them over."""

EVENTS: Mapping[str, tuple[str, ...]] = {
    "startRecording": ("ready",),
    "record": ("ready",),
    "dial": ("answered", "ended"),
    "bridge": ("answered", "ended"),
}
"""What actions tell of later: `ready` is observed, the others are inferred."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "log": ("message",),
    "say": ("what", "text"),
    "fetch": ("url",),
    "javascript": ("code",),
    "sms": ("to",),
}
"""Of these parameters one has to be there; observed but for `text`, which is inferred for older versions."""

VARIABLE = re.compile(r"\$[a-zA-Z][a-zA-Z0-9_]{0,254}", re.ASCII)
_ACTION = re.compile(r"([a-zA-Z]+)@v([0-9]{1,3})", re.ASCII)
_BRANCH = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,63}", re.ASCII)
_TOP = ("description", "compat", "variables", "defaults", "branches")
_STEP = ("action", "params", "result", "events", "if", "then", "else", "goto", "id", "name", "description")


class ScriptError(Refused):
    """A script that cannot be used, with the reason and where it lies."""

    def __str__(self) -> str:
        return message_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One item of a branch: an action, a jump to another branch, or a condition on what follows.

    `then` and `otherwise` are for a condition; `events` are steps that an action sets off later.
    """

    action: str = ""
    version: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    result: str | None = None
    condition: Expression | None = None
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()
    goto: str | None = None
    events: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script; `variables` are what it starts with, `unsimulated` is what no run of it will do."""

    branches: Mapping[str, tuple[Step, ...]]
    variables: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    unsimulated: tuple[str, ...] = ()


def parse_script(text: str, *, lenient: bool = False) -> Script:
    """Read a script; raises ScriptError with the first thing found wrong.

    Read leniently, actions that nobody knows are no mistake: runs tell that they passed them over.
    """
    try:
        value = read_yaml(text)
    except MalformedYaml as error:
        raise ScriptError("script_malformed", reason=error) from None
    reader = _Reader(lenient)
    document = reader.mapping(value, "the script")
    reader.only(document, _TOP, "the script")
    variables = reader.mapping(document.get("variables") or {}, "variables")
    for name in variables:
        if not VARIABLE.fullmatch(name):
            reader.refuse(f"variables: {name!r} does not match ^{VARIABLE.pattern}$")
    defaults = reader.mapping(document.get("defaults") or {}, "defaults")
    entries = reader.mapping(document.get("branches"), "branches")
    reader.branches = tuple(entries)
    branches = {name: reader.branch(name, entry) for name, entry in entries.items()}
    if not branches:
        reader.refuse("branches: there must be at least one")
    return Script(branches, variables, defaults, tuple(reader.unsimulated))


class _Reader:
    """Reads the parts of one script, whose branches may be gone to from anywhere."""

    def __init__(self, lenient: bool) -> None:
        self.lenient = lenient
        self.branches: tuple[str, ...] = ()
        self.unsimulated: list[str] = []

    def refuse(self, reason: str) -> NoReturn:
        raise ScriptError("script_refused", reason=reason)

    def mapping(self, value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.refuse(f"{where} must be a map")
        entries: dict[str, Any] = value
        return entries

    def only(self, value: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for name in value:
            if name not in known:
                self.refuse(f"{where}: {name!r} is not known; known: {', '.join(known)}")

    def branch(self, name: str, value: Any) -> tuple[Step, ...]:
        """Read a branch: a map with `actions`, or the list itself (one example of the vendor's has that)."""
        where = f"branches.{name}"
        if not _BRANCH.fullmatch(name):
            self.refuse(f"{where}: a branch is called by letters, digits, - and _")
        if isinstance(value, dict):
            self.only(value, ("actions", "description"), where)
            value = value.get("actions", [])
        return self.steps(value, where)

    def steps(self, value: Any, where: str) -> tuple[Step, ...]:
        if not isinstance(value, list):
            self.refuse(f"{where} must be a list of actions")
        return tuple(self.step(entry, f"{where}[{place}]") for place, entry in enumerate(value))

    def step(self, value: Any, where: str) -> Step:
        """Read one item; `if` may stand beside `action`, which is then done on that condition (observed)."""
        item = self.mapping(value, where)
        self.only(item, _STEP, where)
        goto = self.goto(item["goto"], where) if "goto" in item else None
        if "if" in item:
            return self.conditional(item, goto, where)
        if "action" not in item:
            if goto is None:
                self.refuse(f"{where} has none of action, if, goto")
            return Step(goto=goto)
        return self.action(item, goto, where)

    def conditional(self, item: Mapping[str, Any], goto: str | None, where: str) -> Step:
        if not {"then", "action"} & item.keys() and goto is None:
            self.refuse(f"{where}: `if` needs `then`, `action` or `goto`")
        first = (self.action(item, None, where),) if "action" in item else ()
        then = self.steps(item.get("then", []), f"{where}.then")
        otherwise = self.steps(item.get("else", []), f"{where}.else")
        try:
            condition = parse_condition(item["if"])
        except MalformedExpression as error:
            self.unsimulated.append(f"{where}.if: {error}")
            return Step(action="if", params={"if": item["if"]}, then=otherwise)
        return Step(condition=condition, then=first + then, otherwise=otherwise, goto=goto)

    def action(self, item: Mapping[str, Any], goto: str | None, where: str) -> Step:
        match = _ACTION.fullmatch(item["action"]) if isinstance(item["action"], str) else None
        if match is None or (match[1] not in ACTIONS and not self.lenient):
            known = ", ".join(ACTIONS)
            self.refuse(
                f"{where}.action: {item['action']!r} is no action; known, each with @v and a number: {known}"
            )
        params = self.mapping(item.get("params") or {}, f"{where}.params")
        result = item.get("result")
        if result is not None and not (isinstance(result, str) and VARIABLE.fullmatch(result)):
            self.refuse(f"{where}.result: {result!r} does not match ^{VARIABLE.pattern}$")
        self.check_params(match[1], params, where)
        events = self.mapping(item.get("events") or {}, f"{where}.events")
        later = {name: self.steps(steps, f"{where}.events.{name}") for name, steps in events.items()}
        self.foresee(match[0], match[1], params, later, where)
        return Step(
            action=match[1], version=int(match[2]), params=params, result=result, goto=goto, events=later
        )

    def check_params(self, action: str, params: Mapping[str, Any], where: str) -> None:
        needed = NEEDED.get(action, ())
        if needed and not any(name in params for name in needed):
            self.refuse(f"{where}.params: {action} needs {needed[0]}")

    def foresee(
        self,
        named: str,
        action: str,
        params: Mapping[str, Any],
        events: Mapping[str, object],
        where: str,
    ) -> None:
        """Note what no run will do, so that whoever keeps the script is told."""
        missed = [named] if action in UNSIMULATED or action not in ACTIONS else []
        try:
            if action == "javascript":
                read_code(params["code"])
        except MalformedExpression as error:
            missed.append(f"{named}: {error}")
        missed += [f"{named}: {reason}" for reason in check_places(params) if action != "javascript"]
        missed += [f"{named}: the event {name}" for name in events if name not in EVENTS.get(action, ())]
        self.unsimulated += [f"{where}: {reason}" for reason in missed]

    def goto(self, value: Any, where: str) -> str:
        """Read `goto: {branch: name}`, or the name alone."""
        name = value.get("branch") if isinstance(value, dict) else value
        if name not in self.branches:
            self.refuse(f"{where}.goto: there is no branch {name!r}")
        return str(name)
