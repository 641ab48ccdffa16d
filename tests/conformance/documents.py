"""Small contract documents for tests that Callo's cannot serve."""

from __future__ import annotations

import json
from typing import Any

from simulator.conformance.contract import Contract, read_contract

OK = {
    "200": {
        "description": "Done.",
        "x-provenance": "inferred",
        "content": {"application/json": {"schema": {}}},
    }
}


def operation(name: str, **facts: Any) -> dict[str, Any]:
    """Return an operation that answers any JSON."""
    return {"operationId": name, "x-provenance": "inferred", "responses": OK, **facts}


def query(name: str, schema: dict[str, Any], required: bool = True) -> dict[str, Any]:
    """Return a query parameter."""
    return {"name": name, "in": "query", "required": required, "x-provenance": "inferred", "schema": schema}


def contract(paths: dict[str, Any], schemas: dict[str, Any] | None = None, server: str = "/") -> Contract:
    """Return the contract of a document with these paths; JSON is YAML as well."""
    document = {
        "openapi": "3.1.1",
        "info": {"title": "A vendor", "version": "1"},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": schemas or {}},
    }
    return read_contract("small", json.dumps(document).encode(), "small.yaml")


def schema_contract(schema: dict[str, Any], **others: Any) -> Contract:
    """Return a contract whose one parameter `value` has this schema."""
    return contract({"/x": {"get": operation("x", parameters=[query("value", schema)])}}, others)
