"""Suites from files: what is wrong is told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.conformance.contract import load_contract
from simulator.errors import BrokenSuite, UnknownName
from simulator.suites.cases import load_suite
from simulator.suites.lint import lint_suite

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
    small = ("no case of theme", "cases; a suite has", "no case tries")
    return [line for line in findings if not any(words in line for words in small)]


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
    findings = load(tmp_path, SUITE.replace(right, wrong, 1))

    assert any(says in finding and f"suite.yaml:{line}:" in finding for finding in findings), findings


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
