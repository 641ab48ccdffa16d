"""The control plane keeps its own OpenAPI document, as it asks of everybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from simulator.admin.plane import ENDPOINTS
from simulator.conformance.document import walk
from tests.admin.control_room import ANSWERS_AND_PRESSES_ONE as NUMBER
from tests.admin.control_room import Room, open_room

FAULT = {"where": "callo.add_call", "when": "request 4", "do": "cut 40%"}
ACTS: list[tuple[str, str, Any]] = [
    ("POST", "/v1/clock/advance", {"by": "10s"}),
    ("POST", f"/v1/people/{NUMBER}/press", {"key": "1"}),
    ("POST", f"/v1/people/{NUMBER}/speak", {"text": "yes"}),
    ("POST", f"/v1/people/{NUMBER}/hang-up", None),
    ("POST", f"/v1/people/{NUMBER}/reject", None),
    ("POST", f"/v1/people/{NUMBER}/let-ring", None),
    ("POST", f"/v1/people/{NUMBER}/take", None),
    ("POST", f"/v1/people/{NUMBER}/put-back", None),
    ("POST", f"/v1/people/{NUMBER}/next", {"outcome": "busy"}),
    ("POST", "/v1/accounts/callo/top-up", {"amount": "5.00"}),
    ("POST", "/v1/accounts/callo/subscriptions", {"barred": True}),
    ("POST", "/v1/faults", FAULT),
    ("DELETE", "/v1/faults/control:1", None),
    ("POST", "/v1/worlds", {"name": "other"}),
    ("DELETE", "/v1/worlds/other", None),
    ("POST", "/v1/snapshots", {"name": "noon", "at": "10:00"}),
    ("GET", "/v1/snapshots", None),
    ("POST", "/v1/restore", {"snapshot": "noon"}),
    ("POST", "/v1/fork", {"name": "beside"}),
    ("DELETE", "/v1/worlds/beside", None),
    ("DELETE", "/v1/snapshots/noon", None),
    ("POST", "/v1/clock/advance", {"until": "idle"}),
    ("POST", "/v1/deliveries/delivery-1/resend", None),
    ("POST", "/v1/next-callback", {"how": "twice"}),
    ("POST", "/v1/run", None),
]  # fmt: skip
LAST: list[tuple[str, str, Any]] = [
    ("POST", "/v1/reset", None),
    ("PUT", "/v1/scenario", {"name": "happy"}),
    ("POST", "/v1/people/12/answer", None),
    ("POST", "/v1/people/+447700900310/call-in", None),
    ("POST", "/v1/people/+447700900310/call", {"to": "+33199001234"}),
    ("POST", "/v1/people/+447700900310/text", {"to": "+33199001234", "text": "Hello"}),
]


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


def schema_of(document: Any, verb: str, path: str, status: int) -> Any:
    """Return the documented schema of an answer, to be read within the whole document."""
    plain = path.removeprefix("/_simulator").partition("?")[0]
    template = next(
        known for known in document["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), plain)
    )
    answers = document["paths"][template][verb.lower()]["responses"]
    answer = answers.get(str(status)) or answers["default"]
    while "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    ((_, content),) = answer.get("content", {"": {"schema": True}}).items()
    return document | {"allOf": [content["schema"]]}


def check(room: Room, document: Any, verb: str, path: str, body: Any = None) -> None:
    answer = room.ask(verb, path, body)
    schema = schema_of(document, verb, path, answer.status_code)

    assert answer.status_code < 500
    if answer.is_json:
        Draft202012Validator(schema).validate(answer.json)


def test_the_document_is_valid_openapi(room: Room) -> None:
    validate(room.get("/openapi.json"))


def test_no_text_of_the_document_is_cut_at_a_comma(room: Room) -> None:
    nodes = walk(room.get("/openapi.json"))

    assert [key for _, node in nodes for key, value in node.items() if value is None and " " in key] == []


def test_the_document_lists_exactly_the_routes_there_are(room: Room) -> None:
    served = {
        (verb.lower(), re.sub(r"<(?:path:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/_simulator")))
        for rule in room.simulator.url_map.iter_rules()
        if rule.endpoint.startswith("control.")
        for verb in (rule.methods or set()) - {"HEAD"}
    }
    listed = {(verb, path) for path, verbs in room.get("/openapi.json")["paths"].items() for verb in verbs}

    assert served == listed


def test_the_document_names_exactly_the_query_parameters_that_are_read(room: Room) -> None:
    document = room.get("/openapi.json")
    shared = document["components"]["parameters"]
    for path, verbs in document["paths"].items():
        for operation in verbs.values():
            parameters = [
                shared.get(entry.get("$ref", "").rpartition("/")[2], entry)
                for entry in operation.get("parameters", ())
            ]
            names = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
            endpoint = next(
                (one for one in ENDPOINTS if one.handler.__name__ == operation["operationId"]), None
            )

            assert endpoint is None or names == {"world", *endpoint.query}, path


def test_every_answer_is_as_the_document_says(room: Room) -> None:
    document = room.get("/openapi.json")
    room.call()
    for verb, path, body in ACTS:
        check(room, document, verb, path, body)
    for verb, path in room.routes():
        if verb == "GET":
            check(room, document, verb, path.removeprefix("/_simulator"))
    for verb, path, body in LAST:
        check(room, document, verb, path, body)
