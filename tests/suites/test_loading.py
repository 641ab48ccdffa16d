"""Suites from files: what is wrong is told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.conformance.contract import load_contract
from simulator.errors import BrokenSuite, UnknownName
from simulator.suites.lint import lint_suite
from simulator.suites.loading import load_suite

SUITE = """\
suite: 1
vendor: callo
version: 1
title: A suite
tasks:
  place:
    {about: Call, outcomes: [placed], arguments: {phone: {about: N}}, conclusion: {id: {about: I, kind: id}}}
cases:
  - id: CALLO-1.1
    title: A call
    profile: voice
    source: {rule: a rule, at: add_call, mark: documented}
    task: {name: place, arguments: {phone: "+447700900310"}}
    expect: {conclusion: {outcome: placed}}
    advice: Do it right.
"""


def load(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a suite, but that it is small and tries little."""
    file = folder / "suite.yaml"
    file.write_text(text)
    findings = lint_suite(load_suite(str(file)), load_contract("callo"))
    small = ("no case of theme", "case; a suite has", "no case tries")
    return [line for line in findings if not any(words in line for words in small)]


def findings_of(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a suite, also where it cannot be loaded."""
    try:
        return load(folder, text)
    except BrokenSuite as error:
        return error.findings


def test_a_sound_suite_has_no_findings(tmp_path: Path) -> None:
    assert load(tmp_path, SUITE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "line", "says"),
    [
        ("CALLO-1.1", "CALLO-11.1", 9, "with a theme from 1 to 10"),
        ("CALLO-1.1", "JAICP-1.1", 9, "an id is CALLO-THEME.NUMBER"),
        ("name: place", "name: plaec", 13, "did you mean 'place'?"),
        ('arguments: {phone: "', 'arguments: {phon: "', 13, "no argument 'phon': did you mean 'phone'?"),
        ("{outcome: placed}", "{outcome: plcaed}", 14, "did you mean 'placed'?"),
        ("{outcome: placed}", "{idd: 1}", 14, "did you mean 'id'?"),
        ("{outcome: placed}", "{id: {answer: addcall, at: /x}}", 14, "did you mean 'add_call'?"),
        ("expect: {conclusion: {outcome: placed}}", "expect: {}", 14, "nothing is expected"),
        (
            "expect: {conclusion: {outcome: placed}}",
            "expect: {conclusion: {outcome: placed}, asked: [{operation: balance, most: 0}]}",
            14,
            "whoever asks nothing and says 'placed' keeps this",
        ),
        ("title: A call\n", "title: A call\n    since: 2\n", 11, "since version 2"),
        ("title: A call\n", "title: A call\n    scenario: {peeple: []}\n", 11, "did you mean 'people'?"),
        ("title: A call\n", "title: A call\n    tries: [twise]\n", 11, "did you mean 'twice'?"),
        ("version: 1\n", "version: 1\nwithout: {lots: of it}\n", 4, "'lots': did you mean 'lost'?"),
        ("version: 1\n", "version: 1\nretired: [CALLO-1.1]\n", 10, "never used again"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, says: str
) -> None:
    findings = findings_of(tmp_path, SUITE.replace(right, wrong, 1))

    assert any(says in finding and f"suite.yaml:{line}:" in finding for finding in findings), findings


OUTCOME = "{outcome: placed}"


def concluding(value: str) -> str:
    return f"{{outcome: placed, id: {value}}}"


@pytest.mark.parametrize(
    ("value", "column", "says"),
    [
        ("{answer: add_call}", 48, "'at' is missing: write {answer: OPERATION, at: /call_id}"),
        ("{answer: add_call, at: 5}", 71, "`at` is text"),
        ("{answer: add_call, at: call_id}", 71, "a place begins with a slash"),
        ("{answer: add_call, at: /call_id, before: 3}", 89, "`before` is text"),
        ("{answer: add_call, at: /call_id, bogus: 3}", 88, "no word 'bogus' here"),
        ("{told: all_calls}", 48, "'at' and 'word' is missing"),
        ("{told: all_calls, at: /*/id, word: summ}", 83, "did you mean 'sum'?"),
        ("{told: all_calls, at: /*/id, word: sum, least: x}", 95, "`least` is a whole number"),
        ("{calls: number}", 56, "no 'number' of them: known: count, sum, ids, id"),
        ("{calls: [id]}", 56, "`calls` is text"),
        ("{calls: id, as: '{x}'}", 64, "{} where the reference stands"),
        ("{calls: id, to: 5}", 64, "`to` is text"),
        ("{repeat: 3}", 48, "'each' is missing"),
        ("{repeat: x, each: 1}", 57, "`repeat` is a whole number"),
        ("{repeat: 1000000000, each: 1}", 57, "from 0 to 100,000 times"),
        ("{repeat: -1, each: 1}", 57, "from 0 to 100,000 times"),
        ("{repeat: 2, each: 1, join: ''}", 66, "only text is joined"),
        ("{given: 0, at: /x}", 56, "there is none before this"),
        ("{given: x, at: /x}", 56, "`given` is a whole number"),
        ("[{repeat: 2, each: {given: 0}}]", 67, "'at' is missing"),
    ],
)
def test_a_value_of_the_wrong_shape_is_told_before_any_case_is_run(
    tmp_path: Path, value: str, column: int, says: str
) -> None:
    (finding,) = findings_of(tmp_path, SUITE.replace(OUTCOME, concluding(value)))

    assert says in finding
    assert f"suite.yaml:14:{column}: CALLO-1.1: " in finding


FOUND = '{post: "/x", form: {id: {given: 1, at: /x}}}'


@pytest.mark.parametrize(
    ("right", "wrong", "place", "says"),
    [
        (OUTCOME, "{outcome: []}", "14:36", "an outcome is a word of the task"),
        (OUTCOME, "{outcome: 5}", "14:36", "an outcome is a word of the task"),
        ("    task:", "    given: [{}]\n    task:", "13:13", "write one of `post`, `get` and `advance`"),
        ("    task:", "    given: [{post: x, get: y}]\n    task:", "13:13", "write one of"),
        ("    task:", "    given: [{advance: soon}]\n    task:", "13:23", "'soon' is not a length of time"),
        ("    task:", f"    given: [{FOUND}]\n    task:", "13:45", "no answer 1 of what is given"),
        ("vendor: callo", "vendor: calo", "2:9", "no vendor 'calo': did you mean 'callo'?"),
        ("outcomes: [placed]", "outcomes: []", "7:29", "a task has outcomes"),
        ("    title: A call", "    title: A call\n    pardoned: [polling]", "11:16", "did you mean 'polls'?"),
        ("    title: A call", "    title: A call\n    scenario: {clock: idle}", "11:23", "a map"),
        ("    title: A call", "    title: A call\n    scenario: {repeat: 3}", "11:15", "'each' is missing"),
        (f"{OUTCOME}}}", f"{OUTCOME}, wire: [{{cal: {{}}}}]}}", "14:53", "did you mean 'call'?"),
        (
            f"{OUTCOME}}}",
            f"{OUTCOME}, asked: [{{operation: add_call, least: 5, most: 1}}]}}",
            "14:53",
            "`most` no less",
        ),
        ("CALLO-1.1", "x", "9:9", "an id is CALLO-THEME.NUMBER"),
        (SUITE, "[]", "1:1", "a suite is a map that starts with `suite: 1`"),
    ],
)
def test_what_could_not_be_run_is_told_with_its_place(
    tmp_path: Path, right: str, wrong: str, place: str, says: str
) -> None:
    findings = findings_of(tmp_path, SUITE.replace(right, wrong, 1))

    assert any(says in one and f"suite.yaml:{place}:" in one for one in findings), findings


def test_a_situation_without_a_case_has_a_reason(tmp_path: Path) -> None:
    text = SUITE.replace("version: 1\n", "version: 1\nwithout: {hang: never}\n")
    (tmp_path / "suite.yaml").write_text(text)

    findings = lint_suite(load_suite(str(tmp_path / "suite.yaml")), load_contract("callo"))

    assert any("no case tries 'twice', and `without` does not say why" in line for line in findings)
    assert not any("hang" in line for line in findings)


@pytest.mark.parametrize(
    ("right", "wrong", "line", "says"),
    [
        ("profile: voice", "profil: voice", 9, "profil"),
        ("mark: documented", "mark: sure", 12, "sure"),
        ("suite: 1", "suite: 2", 1, "2"),
        ("title: A suite", "title: A suite\n title: x", 5, "not YAML"),
    ],
)
def test_what_is_no_suite_is_refused_with_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, says: str
) -> None:
    with pytest.raises(BrokenSuite) as raised:
        load(tmp_path, SUITE.replace(right, wrong, 1))

    assert f"suite.yaml:{line}:" in str(raised.value)
    assert says in str(raised.value)


def test_a_vendor_without_a_suite_is_told_which_have_one() -> None:
    with pytest.raises(UnknownName, match="did you mean 'callo'"):
        load_suite("calo")
