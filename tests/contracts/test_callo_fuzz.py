"""Callo against its own contract, by Schemathesis: right and wrong requests, and chains of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import CheckContext
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response

from simulator import Simulator
from simulator.conformance.contract import load_contract
from simulator.formats.sound import tone
from simulator.scenario.loading import load_text
from tests.acceptance.stage_hands import Stranger, numbers, written

pytestmark = pytest.mark.thorough

SCENARIO = load_text(written("imports: {lag: 0s}").encode(), "fuzzed.yaml")
SIMULATOR = Simulator(vendors=("callo",))
DOCUMENT = {**deepcopy(load_contract("callo").document), "servers": [{"url": "http://localhost/callo"}]}
UNTRUE = {
    # Parameters that the vendor does not know it ignores in silence; `tells_of_violations` stands in.
    "negative_data_rejection": {"enabled": False},
    # A right request may name a campaign of another type, a taken label or a number called too often.
    "positive_data_acceptance": {"enabled": False},
    # Reading by POST is a setting of the account, so a 405 there depends on who asks.
    "unsupported_method": {"enabled": False},
    "allow_header_conformance": {"enabled": False},
    # A call that was removed is still told of, as `deleted`.
    "use_after_free": {"enabled": False},
}
CONFIG = schemathesis.Config.from_dict({"checks": UNTRUE, "generation": {"deterministic": True}})
MOST = {"campaign_id": 10**11, "call_id": 10**16, "audioclip_id": 10**12, "phonelist_id": 10**12}
FORMS = {"public_key": "[0-9a-f]{32}", "phone": r"\+?[0-9]{7,15}", "label": r"\w+"}
CALLED, LABEL = numbers(1, first=1)[0], "order_17"
KINDS = {"add_confirm_call": "pincode", "add_tellcode_call": "tellcode", "add_flashcall": "flashcall"}
STEADY = settings(suppress_health_check=list(HealthCheck), max_examples=40)

schema = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
schema.app = SIMULATOR


def open_world() -> Mapping[str, int | str]:
    """Put a fresh world with one thing of each kind, and return what they are called."""
    SIMULATOR.worlds.open("main", SCENARIO)
    stranger = Stranger(SIMULATOR)
    clip = stranger.upload("audio/upload", "clip_file", "a.wav", tone(0.1, 0), clip_name="a").get_json()
    phones = stranger.post(
        "phones/append/calls", campaign_id=stranger.campaign(), phones=numbers(1)[0]
    ).get_json()
    return {
        "public_key": stranger.credentials["public_key"],
        "campaign_id": stranger.campaign(),
        "call_id": stranger.call(CALLED, label=LABEL).get_json()["call_id"],
        "audioclip_id": clip["audioclip_id"],
        "phonelist_id": phones["phonelist_id"],
    }


def fill_in(case: Case[Any], known: Mapping[str, int | str]) -> None:
    """Put what exists in the place of well-formed names that nobody has: else only refusals were tested."""
    operation = case.operation.definition.raw["operationId"].removesuffix(".get")
    kind = KINDS.get(operation, "free_text")
    real = {**known, "campaign_id": Stranger(SIMULATOR).campaign(kind)}
    if operation.startswith("calls_by_"):
        real |= {"phone": CALLED, "label": LABEL}
    for place in (case.query, case.body, (case.query or {}).get("fields")):
        if isinstance(place, dict):
            place.update(
                {name: real[name] for name in place.keys() & real if is_well_formed(name, place[name])}
            )


def is_well_formed(name: str, value: Any) -> bool:
    if name in FORMS:
        return isinstance(value, str) and re.fullmatch(FORMS[name], value) is not None
    return type(value) is int and name in MOST and 0 < value < MOST[name]


def values_of(case: Case[Any]) -> Iterator[Any]:
    for place in (case.query, case.body, (case.query or {}).get("fields")):
        yield from place.values() if isinstance(place, dict) else ()


def vanishes(value: Any) -> bool:
    """Tell whether a form cannot show how wrong a value is: `False` is text, an empty array is nothing."""
    return isinstance(value, bool | None) or (isinstance(value, list | dict) and len(value) < 2)


def tells_of_violations(_context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Demand that a wrong request that was taken is told to be wrong.

    Wrong headers do not count: the client in between mends the one there is, the Content-Type.
    """
    parts = case.meta.components.items() if case.meta else ()
    wrong = any(part.mode.is_negative for place, part in parts if place is not ParameterLocation.HEADER)
    if wrong and response.status_code == 200 and not any(map(vanishes, values_of(case))):
        assert "x-simulator-violations" in response.headers, (
            f"taken, and nothing said: {case.query!r} {case.body!r}"
        )


@schema.parametrize()
@STEADY
def test_no_request_upsets_callo_or_its_contract(case: Case[Any]) -> None:
    fill_in(case, open_world())

    response = case.call()
    if response.status_code != 414:  # a URL that never gets to the vendor
        case.validate_response(response, additional_checks=[tells_of_violations])


class Chain(schema.as_state_machine()):  # type: ignore[misc]
    """Requests that follow the links of answers: added calls are looked up and removed."""

    def setup(self) -> None:
        self.key = open_world()["public_key"]

    def before_call(self, case: Case[Any]) -> None:
        fill_in(case, {"public_key": self.key})

    def validate_response(self, response: Response, case: Case[Any], **more: Any) -> None:
        if response.status_code != 414:  # a URL that never gets to the vendor
            super().validate_response(response, case, **more)


TestChains = Chain.TestCase
TestChains.settings = settings(STEADY, max_examples=50, stateful_step_count=10, phases=[Phase.generate])
