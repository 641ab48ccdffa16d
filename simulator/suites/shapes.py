"""What is wrong with the values of a suite, each with its place: they are read when a case is run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from simulator.errors import UnknownName, guess
from simulator.resources import contract_documents
from simulator.scenario.document import Document
from simulator.scenario.document import Path as Steps
from simulator.scenario.microsyntax import LENGTH
from simulator.scenario.phrase import PhraseError
from simulator.suites.cases import THEMES, Case, Given, SuiteFile
from simulator.suites.values import COUNTED, REPEAT, TRUTHS
from simulator.verdicts.conduct import find_subject

Json = Any
Problem = tuple[str, Steps]
"""What is wrong, and where it stands."""

ID = re.compile(r"(?P<vendor>[A-Z]+)-(?P<theme>[1-9][0-9]?)\.(?P<number>[1-9][0-9]?)")
MOST_REPEATED = 100_000
_NEEDS: Mapping[str, Mapping[str, type]] = {
    "answer": {"answer": str, "at": str},
    "told": {"told": str, "at": str, "word": str},
    "calls": {"calls": str},
    "messages": {"messages": str},
    "repeat": {"repeat": int, "each": object},
    "given": {"given": int, "at": str},
}
_MAY_HAVE: Mapping[str, Mapping[str, type]] = {
    "answer": {"before": str},
    "told": {"least": int},
    "calls": {"as": str, "to": str},
    "messages": {"as": str, "to": str},
    "repeat": {"join": str},
    "given": {},
}
_FORMS = {
    "answer": "{answer: OPERATION, at: /call_id}",
    "told": "{told: OPERATION, at: /*/id, word: sum}",
    "calls": "{calls: id}",
    "messages": "{messages: id}",
    "repeat": "{repeat: 60, each: X}",
    "given": "{given: 0, at: /call_id}",
}
_KINDS = {str: "text", int: "a whole number"}


def find_misshapen(file: SuiteFile, document: Document) -> list[str]:
    """Return what would end a run of the suite, each with file, line and column."""
    problems = chain(_of_suite(file), *(_of_case(file, case, nth) for nth, case in enumerate(file.cases)))
    return [document.finding(path, what) for what, path in problems]


def _of_suite(file: SuiteFile) -> Iterator[Problem]:
    vendors = [*contract_documents()]
    if file.vendor not in vendors:
        yield f"no vendor {file.vendor!r}: {guess(file.vendor, vendors)}", ("vendor",)
    for name, task in file.tasks.items():
        if not task.outcomes:
            yield "a task has outcomes, the first for when it is done", ("tasks", name, "outcomes")


def _of_case(file: SuiteFile, case: Case, nth: int) -> Iterator[Problem]:
    """Yield what is wrong with a case, whose place it is that it has in the file."""
    for what, path in chain(_named(file, case), _values(case), _expected(case)):
        yield f"{case.id}: {what}", ("cases", nth, *path)


def _named(file: SuiteFile, case: Case) -> Iterator[Problem]:
    match = ID.fullmatch(case.id)
    if match is None or int(match["theme"]) not in THEMES:
        known = f"{file.vendor.upper()}-THEME.NUMBER, with a theme from 1 to {len(THEMES)}"
        yield f"an id is {known}", ("id",)
    if case.task.name not in file.tasks:
        yield f"no task {case.task.name!r}: {guess(case.task.name, file.tasks)}", ("task", "name")
    for nth, subject in enumerate(case.pardoned):
        try:
            find_subject(subject)
        except UnknownName as error:
            yield f"{error.message}: {error.remedy}", ("pardoned", nth)


def _values(case: Case) -> Iterator[Problem]:
    """Yield what is wrong with the values that are filled in before the client's turn."""
    answers = 0
    for nth, given in enumerate(case.given):
        yield from _given(given, answers, ("given", nth))
        answers += given.advance is None
    yield from _filled(case.task.arguments, answers, ("task", "arguments"))
    yield from _filled(case.scenario, 0, ("scenario",))
    yield from _filled([*case.expect.wire], 0, ("expect", "wire"))


def _given(given: Given, answers: int, path: Steps) -> Iterator[Problem]:
    if sum(one is not None for one in (given.post, given.get, given.advance)) != 1:
        yield "write one of `post`, `get` and `advance`", path
    if given.advance is not None:
        try:
            LENGTH.read(given.advance)
        except PhraseError as error:
            yield str(error), (*path, "advance")
    for word in ("form", "json", "query"):
        yield from _filled(getattr(given, word), answers, (*path, word))


def _expected(case: Case) -> Iterator[Problem]:
    """Yield what is wrong with what is expected in the end."""
    answers = sum(given.advance is None for given in case.given)
    for name, value in case.expect.conclusion.items():
        path: Steps = ("expect", "conclusion", name)
        if name == "outcome":
            words = value if isinstance(value, list) else [value]
            if not words or not all(isinstance(word, str) for word in words):
                yield "an outcome is a word of the task, or a list of them", path
        elif isinstance(value, dict) and (word := next((one for one in TRUTHS if one in value), None)):
            yield from _form(word, value, path)
        else:
            yield from _filled(value, answers, path)
    for nth, limit in enumerate(case.expect.asked):
        if not 0 <= limit.least <= limit.most:
            yield "`least` is 0 at least, and `most` no less than that", ("expect", "asked", nth)


def _filled(value: Json, answers: int, path: Steps) -> Iterator[Problem]:
    """Yield what is wrong with a value in which lists are made, and `answers` may be quoted."""
    if isinstance(value, list):
        for nth, entry in enumerate(value):
            yield from _filled(entry, answers, (*path, nth))
    elif isinstance(value, dict):
        word = next((one for one in (REPEAT, "given") if one in value), None)
        if word is not None:
            yield from _form(word, value, path, answers)
        for name in value if word is None else ["each"] if word == REPEAT else []:
            yield from _filled(value.get(name), answers, (*path, name))


def _form(word: str, value: Mapping[str, Json], path: Steps, answers: int = 0) -> Iterator[Problem]:
    """Yield what is wrong with a map that stands for a value, by the word that tells which it is."""
    kinds = {**_NEEDS[word], **_MAY_HAVE[word]}
    if missing := [name for name in _NEEDS[word] if name not in value]:
        yield f"{' and '.join(map(repr, missing))} is missing: write {_FORMS[word]}", path
        return
    wrong = False
    for name, entry in value.items():
        kind = kinds.get(name)
        if kind is None:
            yield f"no word {name!r} here: {guess(name, kinds)}", (*path, name)
        elif not isinstance(entry, kind) or isinstance(entry, bool):
            wrong = True
            yield f"`{name}` is {_KINDS.get(kind, 'a value')}: write {_FORMS[word]}", (*path, name)
    if not wrong:
        yield from ((what, (*path, name)) for name, what in _senses(word, value, answers))


def _senses(word: str, value: Mapping[str, Json], answers: int) -> Iterator[tuple[str, str]]:
    """Yield words whose value is of the right kind and makes no sense, with what is wrong."""
    counted = "word" if word == "told" else word if word in ("calls", "messages") else None
    if counted and value[counted] not in COUNTED:
        yield counted, f"no {value[counted]!r} of them: {guess(value[counted], COUNTED)}"
    if value.get("at") and not value["at"].startswith("/"):
        yield "at", f"a place begins with a slash: write {_FORMS[word]}"
    if "as" in value and (value["as"].count("{}") != 1 or len(value["as"].split("{")) != 2):
        yield "as", "write the vendor's form with {} where the reference stands, as c2c_{}"
    if word == REPEAT and not 0 <= value[REPEAT] <= MOST_REPEATED:
        yield REPEAT, f"from 0 to {MOST_REPEATED:,} times"
    if "join" in value and not isinstance(value["each"], str):
        yield "each", "only text is joined: write it in quotes"
    if word == "given" and not 0 <= value["given"] < answers:
        which = f"there are {answers}, counted from 0" if answers else "there is none before this"
        yield "given", f"no answer {value['given']} of what is given: {which}"
