"""Scripts: YAML read whole into branches of steps, and refused with the place of what makes no sense.

Documented in parts only: the reference prints one script, the vendor's guides show the rest; what a JSON
Schema of the vendor's would tell is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NoReturn

from msgspec import Struct, field

from simulator.errors import guess
from simulator.formats.yaml_text import MalformedYaml, read_yaml
from simulator.vendor import Refused
from simulator.vendors.callr.actions.vocabulary import (
    ACTIONS,
    DEFAULTS,
    unknown_members,
    unknown_parameters,
    variables_in,
    words_of,
)
from simulator.vendors.callr.javascript.engine import open_interpreter
from simulator.vendors.callr.javascript.templates import condition, expressions
from simulator.vendors.callr.javascript.values import NotSimulated, Scope
from simulator.vendors.callr.refusals import message_of

Place = tuple[str | int, ...]

VARIABLE = re.compile(r"\$[a-zA-Z][a-zA-Z0-9_]{0,254}", re.ASCII)
_ACTION = re.compile(r"([a-zA-Z]+)@v([0-9]{1,3})", re.ASCII)
_BRANCH = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,63}", re.ASCII)
_STEPS_OF_PLACE = re.compile(r"[^.\[\]]+")
UNREADABLE = ""
"""The place in a script that cannot be read at all: wherever reading it ends."""

_TOP = ("description", "compat", "variables", "defaults", "branches")
_STEP = ("action", "params", "result", "events", "if", "then", "else", "goto", "id", "name", "description")


class ScriptError(Refused):
    """A script that cannot be used, with the reason and where it lies.

    `place` leads there through the maps and lists of the script, to a key where it is `of_key`; the `others`
    are what else is wrong.
    """

    place: Place = ()
    of_key = False
    others: tuple[ScriptError, ...] = ()

    def __str__(self) -> str:
        return message_of(self)


class Step(Struct, frozen=True, kw_only=True):
    """One item of a branch: an action, a jump to another branch, or a condition on what follows.

    `then` and `otherwise` are for a condition, which is an expression; `events` are steps that an action sets
    off later.
    """

    action: str = ""
    version: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    result: str | None = None
    condition: str | None = None
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()
    goto: str | None = None
    events: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)


class Script(Struct, frozen=True):
    """A whole script; `variables` are what it starts with, `unsimulated` is what no run of it will do."""

    branches: Mapping[str, tuple[Step, ...]]
    variables: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    unsimulated: tuple[str, ...] = ()


def parse_script(
    text: str, *, lenient: bool = False, javascript: str = "engine", careful: bool = False
) -> Script:
    """Read a script; raises ScriptError with the first thing found wrong.

    Read leniently, actions that nobody knows are no mistake: runs tell that they passed them over.
    `javascript` is the interpreter that will run it: `engine` where one is installed, or `plain`. Read with
    care, names that mean nothing and that the API takes all the same are mistakes, too.
    """
    try:
        value = read_yaml(text)
    except MalformedYaml as error:
        malformed = ScriptError("script_malformed", reason=error)
        malformed.place = (UNREADABLE,)
        raise malformed from None
    reader = _Reader(lenient, javascript, careful)
    document = reader.mapping(value, "the script")
    reader.only(document, _TOP, "the script")
    variables = reader.mapping(document.get("variables") or {}, "variables")
    for name in variables:
        if not VARIABLE.fullmatch(name):
            reader.refuse(f"variables: {name!r} does not match ^{VARIABLE.pattern}$", "variables", name)
    defaults = reader.mapping(document.get("defaults") or {}, "defaults")
    reader.known(defaults, DEFAULTS, "defaults")
    entries = reader.mapping(document.get("branches"), "branches")
    reader.branches = tuple(entries)
    branches = {name: reader.branch(name, entry) for name, entry in entries.items()}
    if not branches:
        reader.refuse("branches: there must be at least one", "branches")
    reader.check_variables(variables)
    reader.tell_all()
    return Script(branches, variables, defaults, tuple(reader.unsimulated))


class _Reader:
    """Reads the parts of one script, whose branches may be gone to from anywhere."""

    def __init__(self, lenient: bool, javascript: str, careful: bool) -> None:
        self.lenient = lenient
        self.careful = careful
        self.set: set[str] = set()
        self.used: list[tuple[str, str]] = []
        self.interpreter = open_interpreter(Scope(), javascript)
        self.branches: tuple[str, ...] = ()
        self.unsimulated: list[str] = []
        self.wrapped: set[str] = set()
        self.errors: list[ScriptError] = []

    def refuse(self, reason: str, where: str, key: str | None = None) -> NoReturn:
        """Raise ScriptError about what is at a place, or about a key in there."""
        error = ScriptError("script_refused", reason=reason)
        error.place = (*self.place_of(where), *(() if key is None else (key,)))
        error.of_key = key is not None
        raise error

    def place_of(self, where: str) -> Place:
        """Return the way to a place that is told as `branches.name[2].action`."""
        words = [] if where == "the script" else _STEPS_OF_PLACE.findall(where)
        if len(words) > 2 and words[1] in self.wrapped:
            words.insert(2, "actions")
        return tuple(int(word) if word.isdigit() else word for word in words)

    def tell_all(self) -> None:
        """Raise the first of the errors found, which knows the others."""
        if self.errors:
            self.errors[0].others = tuple(self.errors[1:])
            raise self.errors[0]

    def mapping(self, value: Any, where: str) -> dict[str, Any]:
        return value if isinstance(value, dict) else self.refuse(f"{where} must be a map", where)

    def only(self, value: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for name in value:
            if name not in known:
                self.refuse(f"{where}: {name!r} is not known; known: {', '.join(known)}", where, name)

    def known(self, value: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        """Refuse, where that is asked for, a name that the API would take and nothing would read."""
        for name in value if self.careful else ():
            if name not in known:
                self.refuse(f"{where}: nothing reads {name!r}; {guess(name, known)}", where, name)

    def check_variables(self, variables: Mapping[str, Any]) -> None:
        """Refuse a variable that nobody sets and that is spelt much like one that somebody does."""
        names = [*variables, *self.set]
        for name, where in self.used if self.careful else ():
            if name not in names and (near := get_close_matches(name, names, 1, 0.8)):
                error = ScriptError(
                    "script_refused", reason=f"{where}: nobody sets {name}; {near[0]!r} is set"
                )
                error.place = self.place_of(where)
                self.errors.append(error)

    def branch(self, name: str, value: Any) -> tuple[Step, ...]:
        """Read a branch: a map with `actions`, or the list itself (one example of the vendor's has that)."""
        where = f"branches.{name}"
        if not _BRANCH.fullmatch(name):
            self.refuse(f"{where}: a branch is called by letters, digits, - and _", "branches", name)
        if isinstance(value, dict):
            self.wrapped.add(name)
            self.only(value, ("actions", "description"), where)
            value = value.get("actions", [])
        return self.steps(value, where)

    def steps(self, value: Any, where: str) -> tuple[Step, ...]:
        if not isinstance(value, list):
            self.refuse(f"{where} must be a list of actions", where)
        steps: list[Step] = []
        for place, entry in enumerate(value):
            try:
                steps.append(self.step(entry, f"{where}[{place}]"))
            except ScriptError as error:  # the first one is told by the API, and all of them to an author
                self.errors.append(error)
        return tuple(steps)

    def step(self, value: Any, where: str) -> Step:
        """Read one item; `if` may stand beside `action`, which is then done on that condition (observed)."""
        item = self.mapping(value, where)
        self.only(item, _STEP, where)
        goto = self.goto(item["goto"], where) if "goto" in item else None
        if "if" in item:
            return self.conditional(item, goto, where)
        if "action" not in item:
            if goto is None:
                self.refuse(f"{where} has none of action, if, goto", where)
            return Step(goto=goto)
        return self.action(item, goto, where)

    def conditional(self, item: Mapping[str, Any], goto: str | None, where: str) -> Step:
        if not {"then", "action"} & item.keys() and goto is None:
            self.refuse(f"{where}: `if` needs `then`, `action` or `goto`", f"{where}.if")
        first = (self.action(item, None, where),) if "action" in item else ()
        then = self.steps(item.get("then", []), f"{where}.then")
        otherwise = self.steps(item.get("else", []), f"{where}.else")
        test = condition(item["if"])
        if test is not None and (reason := self.reason_against(test)):
            self.unsimulated.append(f"{where}.if: {reason}")
        self.used += [(name, f"{where}.if") for name in variables_in(test or "")]
        test = test or str(bool(item["if"])).lower()
        return Step(condition=test, then=first + then, otherwise=otherwise, goto=goto)

    def reason_against(self, source: Any, *, code: bool = False) -> str | None:
        """Return why an expression, or statements, will not be computed, or not as it is meant; or None."""
        try:
            self.interpreter.check(str(source), code=code)
        except NotSimulated as error:
            return str(error)
        return "; ".join(unknown_members(str(source))) or None

    def action(self, item: Mapping[str, Any], goto: str | None, where: str) -> Step:
        match = _ACTION.fullmatch(item["action"]) if isinstance(item["action"], str) else None
        if match is None or (match[1] not in ACTIONS and not self.lenient):
            known = ", ".join(ACTIONS)
            self.refuse(
                f"{where}.action: {item['action']!r} is no action; known, each with @v and a number: {known}",
                f"{where}.action",
            )
        params = self.mapping(item.get("params") or {}, f"{where}.params")
        result = item.get("result")
        if result is not None and not (isinstance(result, str) and VARIABLE.fullmatch(result)):
            self.refuse(f"{where}.result: {result!r} does not match ^{VARIABLE.pattern}$", f"{where}.result")
        self.check_params(match[1], params, where)
        self.set.update([result] if result else ())
        if match[1] == "javascript":
            self.set.update(variables_in(str(params["code"])))
        for key, value in params.items():
            names = [name for source in expressions(value) for name in variables_in(source)]
            self.used += [(name, f"{where}.params.{key}") for name in names]
        events = self.mapping(item.get("events") or {}, f"{where}.events")
        later = {name: self.steps(steps, f"{where}.events.{name}") for name, steps in events.items()}
        step = Step(
            action=match[1], version=int(match[2]), params=params, result=result, goto=goto, events=later
        )
        self.foresee(step, where)
        return step

    def check_params(self, action: str, params: Mapping[str, Any], where: str) -> None:
        for way, name, known in unknown_parameters(action, params):
            here = f"{where}.params{way}"
            reason = f"{here}: {action} reads no {name!r}; {guess(name, known)}"
            if self.careful:
                self.refuse(reason, here, name)
            self.unsimulated.append(reason)
        needed = words_of(action).needed
        if needed and not any(name in params for name in needed):
            self.refuse(f"{where}.params: {action} needs {needed[0]}", f"{where}.params")

    def foresee(self, step: Step, where: str) -> None:
        """Note what no run will do, so that whoever keeps the script is told."""
        words, named = words_of(step.action), f"{step.action}@v{step.version}"
        missed = [""] if words.parameters is None else []
        if words.versions and step.version not in words.versions:
            missed.append(f": no guide shows this version; done like v{words.versions[-1]}")
        code = step.action == "javascript"
        sources = [step.params["code"]] if code else expressions(step.params)
        reasons = [self.reason_against(source, code=code) for source in sources]
        missed += [f": {reason}" for reason in reasons if reason]
        missed += [f": the event {name}" for name in step.events if name not in words.events]
        branch = step.params.get("answerOnBranch")
        if branch is not None and "${{" not in str(branch) and branch not in self.branches:
            missed.append(f": there is no branch {str(branch)[:80]!r}")
        self.unsimulated += [f"{where}: {named}{reason}" for reason in missed]

    def goto(self, value: Any, where: str) -> str:
        """Read `goto: {branch: name}`, or the name alone."""
        name = value.get("branch") if isinstance(value, dict) else value
        if name not in self.branches:
            self.refuse(f"{where}.goto: there is no branch {name!r}", f"{where}.goto")
        return str(name)
