"""Whether a suite is fit to ship: every case sound, marked, and tried by a world that can be opened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from simulator.conformance.contract import Contract
from simulator.engine.explaining import check_expected
from simulator.engine.known_names import everything_known
from simulator.errors import BrokenScenario, SimulatorError, counted, guess
from simulator.scenario.places import Known
from simulator.scenario.vendor_words import check_vendor_words
from simulator.suites.cases import SITUATIONS, THEMES, Case, Expected, Suite, Task
from simulator.suites.worlds import scenario_of

LEAST_CASES = 30
Problem = tuple[str, tuple[str | int, ...]]
"""What is wrong, and where in the case."""


def lint_suite(suite: Suite, contract: Contract) -> list[str]:
    """Return what is wrong with a suite, each finding with file, line and column."""
    problems = (*_ids(suite), *_themes(suite), *_situations(suite))
    findings = [suite.document.finding(where, what) for what, where in problems]
    for case in suite.cases:
        findings += _case(suite, case, contract)
    return findings


def _ids(suite: Suite) -> Iterator[Problem]:
    counts = Counter(case.id for case in suite.cases)
    for nth, case in enumerate(suite.cases):
        if not case.id.startswith(f"{suite.vendor.upper()}-"):
            known = f"{suite.vendor.upper()}-THEME.NUMBER, with a theme from 1 to {len(THEMES)}"
            yield f"an id is {known}", ("cases", nth, "id")
        if counts[case.id] > 1 or case.id in suite.file.retired:
            yield f"{case.id} is used twice; an id is never used again", ("cases", nth, "id")
    order = [[int(number) for number in re.findall(r"\d+", case.id)] for case in suite.cases]
    if order != sorted(order):
        yield "cases stand in the order of their ids", ("cases",)


def _themes(suite: Suite) -> Iterator[Problem]:
    themes = {case.theme for case in suite.cases}
    missing = [f"{number} ({name})" for number, name in THEMES.items() if number not in themes]
    if missing:
        yield f"no case of theme {', '.join(missing)}", ("cases",)
    if len(suite.cases) < LEAST_CASES:
        yield f"{counted(len(suite.cases), 'case')}; a suite has {LEAST_CASES}", ("cases",)


def _situations(suite: Suite) -> Iterator[Problem]:
    """Yield the situations that no case tries though nothing says why, and those that are both or neither."""
    known = [name for names in SITUATIONS.values() for name in names]
    tried = {name for case in suite.cases for name in case.tries}
    for name in known:
        if name not in tried | suite.file.without.keys():
            yield f"no case tries {name!r}, and `without` does not say why", ("cases",)
    for name in suite.file.without:
        if name in tried or name not in known:
            why = "a case tries it" if name in tried else guess(name, known)
            yield f"{name!r}: {why}", ("without", name)
    for nth, case in enumerate(suite.cases):
        for name in case.tries:
            if name not in known:
                yield f"no situation {name!r}: {guess(name, known)}", ("cases", nth, "tries")


def _case(suite: Suite, case: Case, contract: Contract) -> Iterator[str]:
    for what, where in _problems(suite, case, contract):
        yield suite.document.finding(suite.path(case, *where), f"{case.id}: {what}")
    try:
        scenario = scenario_of(suite, case, {"receiver": "http://127.0.0.1:9000"})
        check_vendor_words(scenario, {suite.vendor: _known().operator(suite.vendor)}, _known())
    except BrokenScenario as error:
        yield from error.findings
    try:
        check_expected(case.refused, [contract])
    except SimulatorError as error:
        what = f"{case.id}: {error}".replace("\n", "; ")
        yield suite.document.finding(suite.path(case, "refused"), what)


def _problems(suite: Suite, case: Case, contract: Contract) -> Iterator[Problem]:
    task = suite.task_of(case)
    for name in case.task.arguments.keys() - task.arguments.keys():
        yield f"the task has no argument {name!r}: {guess(name, task.arguments)}", ("task", "arguments")
    if case.since > suite.file.version:
        yield f"since version {case.since}, and the suite has {suite.file.version}", ("since",)
    yield from _conclusion(task, case, contract)


@cache
def _known() -> Known:
    return everything_known()


def _conclusion(task: Task, case: Case, contract: Contract) -> Iterator[Problem]:
    expected = case.expect.conclusion
    place = ("expect", "conclusion")
    known = [operation.id for operation in contract.operations]
    operations = {
        "sent": [rule.operation for rule in case.expect.sent],
        "asked": [rule.operation for rule in case.expect.asked],
    }
    for word, names in operations.items():
        for nth, name in enumerate(names):
            if name not in known:
                yield f"no operation {name!r}: {guess(name, known)}", ("expect", word, nth)
    if not expected and case.expect == Expected():
        yield "nothing is expected", ("expect",)
    yield from _outcomes(task, case.expect)
    for name, value in expected.items():
        if name != "outcome" and name not in task.conclusion:
            yield f"the task concludes no {name!r}: {guess(name, task.conclusion)}", (*place, name)
        asked = (value.get("answer") or value.get("told")) if isinstance(value, dict) else None
        if asked is not None and asked not in known:
            yield f"no operation {asked!r}: {guess(asked, known)}", (*place, name)


def _outcomes(task: Task, expect: Expected) -> Iterator[Problem]:
    written = expect.conclusion.get("outcome", [])
    outcomes = written if isinstance(written, list) else [written]
    if expect.may_be_silent and not expect.sent and task.outcomes[0] in outcomes:
        what = f"whoever asks nothing and says {task.outcomes[0]!r} keeps this; say what is asked, `least: 1`"
        yield what, ("expect", "asked")
    for outcome in outcomes:
        if outcome not in task.outcomes:
            what = f"no outcome {outcome!r}: {guess(str(outcome), task.outcomes)}"
            yield what, ("expect", "conclusion", "outcome")
