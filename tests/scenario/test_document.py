from __future__ import annotations

import sys

import pytest
import yaml

from simulator.errors import BrokenScenario
from simulator.resources import shipped
from simulator.scenario import yaml_reading
from simulator.scenario.yaml_reading import read_document

ALIAS_BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
MERGE_BOMB = "m0: &m0 {k: v}\n" + "".join(
    f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}\n" for n in range(1, 23)
)
HOSTILE = {
    "alias bomb": ALIAS_BOMB,
    "merge bomb": MERGE_BOMB,
    "90,000 keys": "".join(f"k{n}: 1\n" for n in range(90_000)),
    "python tag": "a: !!python/object/apply:os.system [ls]\n",
    "binary tag": "a: !!binary aGVsbG8=\n",
    "set tag": "a: !!set {x, y}\n",
    "unknown tag": "a: !boom x\n",
    "recursion": "a: &a [*a]\n",
    "depth 500": "a: " + "[" * 500,
    "depth 20,000": "[" * 20_000,
    "depth 200,000": "[" * 200_000,
    "spaced depth": "[ " * 200_000,
    "dashes": "- " * 200_000,
    "maps": "{" * 200_000,
    "questions": "? " * 200_000,
    "long integer": "a: " + "9" * 100_000,
    "too many bytes": "x" * 1_000_001,
    "two documents": "a: 1\n---\nb: 2\n",
    "YAML 1.1": "%YAML 1.1\n---\na: 1\n",
    "merge key": "<<: {a: 1}\n",
    "list key": "? [a]\n: 1\n",
    "boolean key": "true: 1\n",
    "duplicate key": "a: 1\na: 2\n",
    "NUL": "a: \0\n",
    "escape": "a: \x1b[31m\n",
    "infinity": "a: .inf\n",
    "large float": "a: 1e999\n",
    "unquoted phone": "a: +447700900310\n",
    "leading zero": "a: 012\n",
    "no map": "- a\n",
    "empty": "",
    "open quote": "a: 'b\n",
    "tab": "a:\n\tb: 1\n",
}


def findings_of(text: str | bytes) -> list[str]:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(BrokenScenario) as caught:
        read_document(content, "bad.yaml")
    return caught.value.findings


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_at_its_place(text: str) -> None:
    findings = findings_of(text)

    assert findings[0].startswith("bad.yaml:")
    assert all(part.isdigit() for part in findings[0].split(":")[1:3])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_pure_parser_refuses_the_same_files(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reading, "_PARSER", yaml.SafeLoader)

    assert findings_of(text)


def test_a_tag_imports_nothing() -> None:
    findings_of("a: !!str b")  # what any file makes Python import
    before = set(sys.modules)
    findings_of("a: !!python/module:this\nb: !!python/name:antigravity.geohash x\n")

    assert set(sys.modules) == before


@pytest.mark.parametrize(
    "word", ["no", "on", "y", "12:34", "2026-03-02", "2026-03-02T10:00:00", "+1d2h", "1_000"]
)
def test_words_that_yaml_1_1_converts_stay_text(word: str) -> None:
    assert read_document(f"a: {word}\n".encode(), "x.yaml").value == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("null", None),
        ("~", None),
        ("7", 7),
        ("-7", -7),
        ("0x1F", 31),
        ("0o14", 12),
        ("1.50", 1.5),
    ],
)
def test_core_scalars_are_converted(word: str, value: object) -> None:
    assert read_document(f"a: {word}\n".encode(), "x.yaml").value == {"a": value}


@pytest.mark.parametrize("word", ["no", "12:34", "2026-03-02", "1e5", "1_000"])
def test_a_word_that_yaml_1_1_reads_otherwise_is_doubted(word: str) -> None:
    (doubt,) = read_document(f"a: {word}\n".encode(), "x.yaml").doubts

    assert doubt.startswith("x.yaml:1:4: YAML 1.1 tools read")


def test_an_unquoted_phone_number_is_shown_in_quotes() -> None:
    (finding,) = findings_of("people:\n  - number: +447700900310\n")

    assert finding.splitlines() == [
        'bad.yaml:2:13: unquoted, a phone number loses its plus; write it in quotes: "+447700900310"',
        "    - number: +447700900310",
        "              ^",
    ]


def test_every_problem_is_told_at_once() -> None:
    findings = findings_of("a: 1\na: 2\nb: *c\nd: 012\n5: x\n")

    assert [finding.split(":")[1] for finding in findings] == ["2", "3", "4", "5"]


def test_a_flood_of_problems_is_curtailed() -> None:
    findings = findings_of("a: [" + ", ".join(["*x"] * 500) + "]\n")

    assert len(findings) == 51
    assert findings[-1] == "and more of the same"


def test_a_terminal_escape_never_reaches_the_terminal() -> None:
    assert "\x1b" not in "".join(findings_of("a: \x1b]0;owned\x07\n"))


def test_bytes_that_are_not_utf_8_are_pointed_at() -> None:
    (finding,) = findings_of("a: ы".encode() + b"\xff")

    assert finding.startswith("bad.yaml:1:5: not UTF-8")


def test_a_byte_order_mark_is_skipped() -> None:
    assert read_document("\ufeffa: 1\n".encode(), "x.yaml").value == {"a": 1}


def test_a_position_counts_from_one_and_falls_back_to_the_parent() -> None:
    read = read_document(b"clock:\n  at: x\n", "x.yaml")

    for place, spot in (
        (read.place(("clock", "at")), (2, 7)),
        (read.place(("clock", "at"), of_key=True), (2, 3)),
        (read.place(("clock", "zone")), (2, 3)),
    ):
        assert (place.line, place.column) == spot


@pytest.mark.parametrize("name", ["happy", "flaky", "campaign"])
def test_the_shipped_files_read_alike_under_yaml_1_1(name: str) -> None:
    content = (shipped("scenarios") / f"{name}.yaml").read_bytes()
    read = read_document(content, name)

    assert read.value == yaml.safe_load(content)
    assert read.doubts == ()


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? "])
def test_200_000_levels_are_told_in_our_words_by_every_version_of_the_parser(unit: str) -> None:
    with pytest.raises(BrokenScenario, match="nested deeper than 32 levels"):
        read_document(unit.encode() * 200_000, "deep.yaml")
