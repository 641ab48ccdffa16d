"""Vendors, routes and contracts tell of the same operations, and every list of vendors is derived."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client

from simulator import Simulator
from simulator.conformance.contract import list_contracts, load_contract
from simulator.conformance.keywords import MARKS
from simulator.exchange import Request
from simulator.vendor import RequestContext, Route
from simulator.vendors import load_vendor, vendor_names
from tests.contracts.recorded import read_recordings
from tests.serving_process import serving
from tests.source_tree import CONTRACTS, ROOT

OPERATIONS = [
    (vendor, operation.id) for vendor in vendor_names() for operation in load_contract(vendor).operations
]

SIMULATOR = Simulator()
WORLD = SIMULATOR.worlds.sandbox().world


def routes_of(vendor: str) -> list[Route]:
    return [*load_vendor(vendor).operations()]


@cache
def all_tests_for(vendor: str) -> str:
    return "".join(file.read_text() for file in (ROOT / "tests" / "vendors" / vendor).glob("test_*.py"))


def example_of(path: str) -> str:
    """Return a path that a Werkzeug rule matches."""
    return re.sub(r"<(?:\w+:)?\w+>", "7", path)


def test_every_vendor_has_a_contract_and_every_contract_a_vendor() -> None:
    assert list_contracts() == vendor_names()


@pytest.mark.parametrize(("vendor", "operation_id"), OPERATIONS)
def test_every_form_of_an_operation_is_routed_to_its_handler(vendor: str, operation_id: str) -> None:
    variants = load_contract(vendor).find(operation_id).variants
    selectors = {name: value for variant in variants for name, value in variant.selectors.items()}
    app = SIMULATOR.vendors[vendor]
    for variant in variants:
        query = urlencode({name: value or "7" for name, value in {**selectors, **variant.selectors}.items()})
        path = re.sub(r"\{\w+\}", "7", variant.path.partition("#")[0])
        context = RequestContext(world=WORLD, request=Request(variant.method, path, query))
        app.read(context)

        assert context.operation == operation_id


@pytest.mark.parametrize(("vendor", "operation_id"), OPERATIONS)
def test_every_operation_tells_how_sure_it_is_of_itself(vendor: str, operation_id: str) -> None:
    operation = load_contract(vendor).find(operation_id)
    marks = [operation.provenance]
    for variant in operation.variants:
        marks += [variant.provenance, *(reply.provenance for reply in variant.replies.values())]
        marks += [error.provenance for error in variant.errors]

    assert set(marks) <= set(MARKS)
    assert operation.summary


@pytest.mark.parametrize(("vendor", "operation_id"), OPERATIONS)
def test_every_operation_was_recorded_or_is_tested(vendor: str, operation_id: str) -> None:
    recorded = {recording["operation"] for recording in read_recordings(vendor)}
    tests = all_tests_for(vendor)
    (route, *_) = [route for route in routes_of(vendor) if route.operation == operation_id]
    tail = "/".join(route.path.strip("/").split("/")[-2:])

    mentions = (tail, tail.rpartition("/")[2], f"test_{operation_id}_")
    assert operation_id in recorded or any(words in tests for words in mentions)


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_route_is_an_operation_or_a_download_of_the_contract(vendor: str) -> None:
    contract = load_contract(vendor)
    known = {operation.id for operation in contract.operations}

    strays = [
        route.operation
        for route in routes_of(vendor)
        if route.operation not in known and not contract.is_download(example_of(route.path))
    ]

    assert strays == []


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_source_named_by_a_contract_stands_in_its_readme(vendor: str) -> None:
    readme = (CONTRACTS / vendor / "README.md").read_text()

    assert all(mark in readme for mark in MARKS)
    assert "## Sources" in readme


def test_the_command_line_lists_every_vendor() -> None:
    for words in (["vendors"], ["contracts", "list"]):
        command = [sys.executable, "-m", "simulator", *words]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout

        assert all(vendor in output for vendor in vendor_names())


def test_the_control_api_lists_every_vendor() -> None:
    client = Client(Simulator())

    coverage = client.get("/_simulator/v1/coverage").get_json()
    signpost = client.get("/").get_json()

    assert all(vendor in str(coverage) for vendor in vendor_names())
    assert sorted(signpost["vendors"]) == vendor_names()


def test_the_ready_file_lists_every_vendor_with_what_a_client_needs() -> None:
    with serving() as served:
        ready = served.ready

    assert sorted(ready["base_urls"]) == sorted(ready["credentials"]) == vendor_names()
    assert all(ready["credentials"][vendor] for vendor in vendor_names())


def test_a_vendor_left_out_is_nowhere() -> None:
    simulator = Simulator(vendors=vendor_names()[:1])

    assert list(simulator.vendors) == vendor_names()[:1]
    assert Client(simulator).get("/nobody/").status_code == 404
