"""Kaleyra against its own contract, by Schemathesis: right and wrong requests, answers in every format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import CheckContext
from schemathesis.core.deserialization import DeserializationContext
from schemathesis.core.transport import Response
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.conformance.answer_checks import decode_answer
from simulator.conformance.contract import load_contract
from simulator.scenario.loading import load_scenario

pytestmark = pytest.mark.thorough

CONTRACT = load_contract("kaleyra")
SCENARIO = load_scenario("happy")
SIMULATOR = Simulator(vendors=("kaleyra",))
DOCUMENT = {**CONTRACT.document, "servers": [{"url": "http://localhost/kaleyra"}]}
UNTRUE = {
    # Parameters that the vendor does not know it ignores in silence; `tells_of_violations` stands in.
    "negative_data_rejection": {"enabled": False},
    # A right request may name a call or a group that nobody has, or a day that no month has.
    "positive_data_acceptance": {"enabled": False},
    # All operations share a path, so what one of them does not answer, its neighbour may.
    "unsupported_method": {"enabled": False},
    "allow_header_conformance": {"enabled": False},
    # A missing header is no mistake: the key may equally be a parameter.
    "ignored_auth": {"enabled": False},
    "use_after_free": {"enabled": False},
}
CONFIG = schemathesis.Config.from_dict({"checks": UNTRUE, "generation": {"deterministic": True}})
STEADY = settings(suppress_health_check=list(HealthCheck), max_examples=8)
ALL_FORMATS = ("text", "json", "xml", "jsonp", "php")

schema = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG).exclude(operation_id_regex=r"\.legacy")
schema.app = SIMULATOR


@schemathesis.deserializer("application/xml", "text/plain", "text/html", "application/javascript")
def read_answer(context: DeserializationContext, response: Response) -> Any:
    """Return the value of an answer in a format that only the contract knows; any other is its text."""
    operation = context.operation
    if operation.schema.raw_schema["info"] != DOCUMENT["info"]:
        return response.text
    method, path = operation.method.upper(), operation.path
    variants = [variant for known in CONTRACT.operations for variant in known.variants]
    variant = next(one for one in variants if (one.method, one.path) == (method, path))
    reply, kind = variant.reply(response.status_code), response.headers["content-type"][0].partition(";")[0]
    assert reply
    return decode_answer(CONTRACT.document, reply.bodies[kind], kind, response.content)


def open_world() -> Mapping[str, str]:
    """Put a fresh world with one thing of each kind, and return what they are called."""
    SIMULATOR.worlds.open("main", SCENARIO)
    key = str(SIMULATOR.worlds.credentials("kaleyra")["api_key"])
    SIMULATOR.worlds.sandbox().act("call_in", number="+447700900003")
    return {"api_key": key, **{name: create(key, **sent) for name, sent in BEGINNINGS.items()}}


BEGINNINGS: Mapping[str, Mapping[str, str]] = {
    "c2c": {"method": "dial.click2call", "caller": "447700900001", "receiver": "447700900002", "return": "1"},
    "obd": {"method": "voice.call", "numbers": "447700900004", "play": "1.sound", "return": "1"},
    "followup": {
        "method": "followup",
        "name": "n",
        "phone": "447700900001",
        "follower": "447700900002",
        "ontime": "14-10-2026 19-00",
    },
}


def create(key: str, **sent: str) -> str:
    answer = Client(SIMULATOR).post(
        "/kaleyra/v1/", data={**sent, "format": "json"}, headers={"x-api-key": key}
    )
    assert answer.json
    return str(answer.json["data"]["id"])


def fill_in(case: Case[Any], known: Mapping[str, str], form: str) -> None:
    """Put what exists in the place of well-formed names that nobody has: else only refusals were tested."""
    operation = case.operation.definition.raw["operationId"].partition(".")[0]
    kind = "obd" if "obd" in operation else "followup" if "follow" in operation else "c2c"
    real = {
        "api_key": known["api_key"],
        "id": known[kind],
        "groupid": known["obd"].partition("-")[0],
        "group": "4477",
    }
    for place in (case.query, case.body, (case.query or {}).get("fields")):
        if isinstance(place, dict) and "fields" not in place and "method" in place:
            place.update({name: value for name, value in real.items() if is_well_formed(place.get(name))})
            place["format"] = form
            if case.operation.path.endswith("followup,id"):
                place.pop("action", None)  # which asks for another operation than this one


def is_well_formed(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[\w-]+", value) is not None


def blames_nobody_here(_context: CheckContext, _response: Response, _case: Case[Any]) -> None:
    """Demand that our own judge finds nothing wrong with the answer."""
    *_, exchange = SIMULATOR.worlds.sandbox().recorder.journal
    broken = [violation for violation in exchange.violations if violation.blame != "client"]
    assert not broken, broken


@schema.parametrize()
@STEADY
def test_no_request_upsets_kaleyra_or_its_contract(case: Case[Any]) -> None:
    media = case.operation.definition.raw["responses"]["200"].get("content", {})
    formats = ALL_FORMATS[: max(len(media), 1)]

    fill_in(case, open_world(), formats[crc32(repr((case.query, case.body)).encode()) % len(formats)])
    case.call_and_validate(additional_checks=[blames_nobody_here])
