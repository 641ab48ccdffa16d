from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.conformance.contract import Contract, list_contracts, load_contract, read_contract
from simulator.errors import BrokenContract, UnknownName
from tests.conformance.documents import contract, operation, query, schema_contract


def test_shipped_contracts_are_listed_and_others_refused_with_the_list() -> None:
    with pytest.raises(UnknownName, match="callo"):
        load_contract("nobody")

    assert "callo" in list_contracts()


def test_an_operation_is_found_by_its_id_in_all_its_forms(callo: Contract) -> None:
    add_call = callo.find("add_call")

    assert (add_call.verbs, add_call.provenance) == (("POST", "GET"), "documented")
    assert add_call.path == "/manager/cabapi_external/api/v1/phones/call/"
    with pytest.raises(UnknownName, match="add_flashcall"):
        callo.find("add_cal")


def test_a_contract_is_read_once_a_process() -> None:
    assert (
        load_contract("callo")
        is load_contract("callo")
        is Simulator(vendors=("callo",)).worlds.setup.contract("callo")
    )


@pytest.mark.parametrize(
    "reference",
    ["file:///etc/hostname", "other.yaml#/x", "../callo/openapi.yaml", "http://169.254.169.254/latest", "#"],
)
def test_a_reference_that_leaves_the_document_is_refused_at_load(reference: str) -> None:
    with pytest.raises(BrokenContract, match=r"small\.yaml#/paths.* leaves the document"):
        schema_contract({"$ref": reference})


def test_a_remote_reference_is_refused_without_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        with pytest.raises(BrokenContract):
            schema_contract({"$ref": f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"})

        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_reference_to_a_file_that_exists_and_would_do_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "schema.json"
    target.write_text("{}")

    with pytest.raises(BrokenContract, match="leaves the document"):
        schema_contract({"$ref": target.as_uri()})


@pytest.mark.parametrize("keyword", ["$id", "$dynamicRef", "$anchor"])
def test_a_schema_may_not_move_its_own_base(keyword: str) -> None:
    with pytest.raises(BrokenContract, match="is refused"):
        schema_contract({keyword: "http://127.0.0.1:9/x"})


@pytest.mark.parametrize("target", ["#/components/schemas/None", "#/paths/0/x"])
def test_a_reference_to_nothing_is_refused(target: str) -> None:
    with pytest.raises(BrokenContract, match="nothing stands at"):
        schema_contract({"$ref": target})


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/Loop"},
        {"allOf": [{"$ref": "#/components/schemas/Loop"}]},
        {"not": {"anyOf": [{}, {"$ref": "#/components/schemas/Loop"}]}},
    ],
)
def test_a_schema_that_is_made_of_itself_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(BrokenContract, match="itself"):
        schema_contract({"$ref": "#/components/schemas/Loop"}, Loop=schema)


def test_a_schema_may_hold_its_own_kind_in_a_property() -> None:
    tree = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Tree"}}}
    known = schema_contract({"type": "string"}, Tree=tree)

    assert known.schemas.at("#/components/schemas/Tree").is_valid({"child": {"child": {}}})


def test_a_schema_that_doubles_22_times_is_refused() -> None:
    steps = {f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}] * 2} for n in range(22)}

    with pytest.raises(BrokenContract, match="expands to more than"):
        schema_contract({"$ref": "#/components/schemas/S0"}, **steps, S22={"type": "string"})


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?<!a)b", r"(a)\1", "(", "(a{1000}){1000}", "a" * 513])
def test_a_pattern_that_is_not_linear_is_refused(pattern: str) -> None:
    with pytest.raises(BrokenContract, match="pattern"):
        schema_contract({"type": "string", "pattern": pattern})


@pytest.mark.parametrize(
    "text", [b"a: &x 1\nb: *x", b"[" * 70 + b"]" * 70, b"a: 1\na: 2", b"- 1", b"a: 2020-01-01"]
)
def test_hostile_or_careless_yaml_is_refused_with_its_file(text: bytes) -> None:
    with pytest.raises(BrokenContract, match=r"bad\.yaml"):
        read_contract("bad", text, "bad.yaml")


@pytest.mark.parametrize(
    "text", [b"1: x", b"no: x", b"a: !!python/name:os.system x", b"a: {<<: {b: 1}}", b"a: ["]
)
def test_yaml_that_says_more_than_json_is_refused(text: bytes) -> None:
    with pytest.raises(BrokenContract, match=r"bad\.yaml"):
        read_contract("bad", text, "bad.yaml")


def test_200_000_nested_brackets_do_not_end_the_process() -> None:
    with pytest.raises(BrokenContract, match="nested deeper"):
        read_contract("bad", b"[" * 200_000, "bad.yaml")


def test_a_server_with_a_path_stands_before_every_path() -> None:
    known = contract(
        {"/x": {"get": operation("x", parameters=[query("a", {})])}}, server="https://a.example/v1"
    )

    assert known.find("x").path == "/v1/x"
