from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from simulator import conformance
from simulator.conformance.lint import lint_contract
from simulator.conformance.own_words import OWN_WORDS
from tests.conformance.documents import OK, contract, operation, query

PATH = "#/paths/~1x/get"


def lint(**facts: Any) -> list[str]:
    """Return what lint says of an operation with these facts."""
    return lint_contract(contract({"/x": {"get": operation("x", **facts)}}))


@pytest.mark.parametrize(
    ("facts", "finding"),
    [
        ({"responses": {"200": {"description": "x"}}}, f"{PATH}/responses/200: no x-provenance"),
        ({"x-errors": [{"status": 400, "text": "a", "when": "b"}]}, f"{PATH}/x-errors/0: no x-provenance"),
        (
            {"x-provenance": "guess"},
            f"{PATH}: x-provenance 'guess' is none of documented, observed, inferred",
        ),
        ({"parameters": [query("a", {})]}, f"{PATH}: no example of a request"),
        (
            {"x-errors": [{"status": 400, "text": "a", "x-provenance": "inferred"}]},
            f"{PATH}/x-errors/0: an error needs `when`",
        ),
        (
            {"x-provenanc": "inferred"},
            f"{PATH}: 'x-provenanc' is no word of contracts; did you mean 'x-provenance'? known: "
            + ", ".join(OWN_WORDS),
        ),
        (
            {"responses": {**OK, "400": {**OK["200"], "headers": {"A": {"schema": {}}}}}},
            f"{PATH}/responses/400/headers/A: no x-provenance",
        ),
    ],
)
def test_what_is_not_marked_or_shown_is_found(facts: dict[str, Any], finding: str) -> None:
    assert lint(**facts) == [finding]


def test_what_a_vendor_calls_its_own_is_no_word_of_ours() -> None:
    schema = {"type": "object", "properties": {"x-own": {"type": "string"}}, "example": {"x-own": "a"}}

    assert lint(parameters=[{**query("a", schema), "required": False}]) == []


def test_each_word_of_ours_is_read_by_somebody_but_one_that_is_written_for_people() -> None:
    paths = (path for path in Path(conformance.__file__).parent.glob("*.py") if path.stem != "own_words")
    read = {*re.findall(r"[\"'](x-[a-z-]+)[\"']", "".join(path.read_text() for path in paths))}

    assert read | {"x-drift"} == {*OWN_WORDS}


def test_an_example_that_breaks_its_schema_is_found() -> None:
    parameter = {**query("a", {"type": "integer"}), "example": "one"}

    assert lint(parameters=[parameter]) == [f"{PATH}/parameters/0/example: a whole number"]


def test_a_text_that_a_comma_ended_is_found() -> None:
    cut = {"description": "Number of a column", "from 0.": None, "type": "string"}

    (line,) = lint(parameters=[{**query("a", cut), "example": "one"}])
    words = "'from 0.' is the end of a text that has a comma: put it in quotes"
    assert line == f"{PATH}/parameters/0/schema: {words}"


@pytest.mark.parametrize(
    ("schema", "finding"),
    [
        ({"maximum": 5}, "`maximum` has no mark under x-provenance-of"),
        ({"items": {"enum": ["a"]}}, "/items: `enum` has no mark under x-provenance-of"),
        (
            {"pattern": "a", "x-provenance-of": {"pattern": "inferred"}},
            "a pattern without a description, which is what a client is told",
        ),
        ({"x-provenance-of": {"pattern": "inferred"}}, "`pattern` is marked and not there"),
        ({"minimum": 1, "x-provenance-of": {"minimum": "sure"}}, "'sure' is none of documented"),
    ],
)
def test_a_keyword_needs_its_own_mark_and_a_pattern_its_words(schema: dict[str, Any], finding: str) -> None:
    (line,) = lint(parameters=[{**query("a", schema), "example": ["a"]}])

    assert finding in line


def test_an_operation_with_everything_passes() -> None:
    assert lint() == []


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        ({}, "x-cause None is none of request, credential, state, limit, server"),
        (
            {"x-cause": "request"},
            "an error whose cause is the request needs `fix`: what a client has to change",
        ),
    ],
)
def test_an_error_tells_its_cause_and_a_fix_where_the_client_is_to_blame(
    error: dict[str, Any], finding: str
) -> None:
    whole = contract({"/x": {"get": operation("x")}})
    whole.document.setdefault("components", {})["x-errors"] = {"a": error}

    assert lint_contract(whole) == [f"#/components/x-errors/a: {finding}"]
