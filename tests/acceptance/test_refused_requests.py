"""What a vendor refuses because of the request is held against the client; how things stand is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from simulator.errors import SimulatorError
from simulator.exchange import Exchange
from simulator.scenario.loading import load_text

CALLO = "/callo/manager/cabapi_external/api/v1"
JAICP = "/jaicp/api/calls/campaign"
GROUP = "groups: {'4477': {name: Patients, numbers: ['+919876543211']}}"
LISTED = (
    f"sim: 1\naccounts: {{shop: {{vendors: [callo, kaleyra, jaicp, callr], {GROUP}}}}}\nstrangers: listens\n"
)
PERSONA = "personas: {listens: {first: {answered: 100%}}}\n"


class Door:
    """All vendors, and what their first account needs to get in."""

    def __init__(self, text: str = LISTED + PERSONA, **settings: Any) -> None:
        self.simulator = Simulator(**settings)
        self.sandbox = self.simulator.worlds.open("main", load_text(text.encode(), "mine.yaml"))
        self.client = Client(self.simulator)
        self.known = {name: self.simulator.worlds.credentials(name) for name in self.simulator.vendors}

    def ask(self, verb: str, path: str, **options: Any) -> TestResponse:
        filled = path.format(**self.known)
        return self.client.open(filled, method=verb, buffered=True, **self._fill(options))

    def _fill(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self._fill(entry) for name, entry in value.items()}
        return value.format(**self.known) if isinstance(value, str) and "{" in value else value

    @property
    def last(self) -> Exchange:
        return list(self.sandbox.recorder.journal)[-1]


KEYED = {"x-api-key": "{callr[api_key]}"}
CALLO_FORM = {"public_key": "{callo[public_key]}", "campaign_id": "{callo[campaign_id]}"}
CALLO_FORM_KEY = {"public_key": "{callo[public_key]}"}
KALEYRA = {"x-api-key": "{kaleyra[api_key]}"}
NUMBERS = ",".join(f"98765{place:05}" for place in range(201))
OBD = {"method": "voice.call", "play": "1.sound", "format": "json"}
JOBS = JAICP + "/{jaicp[token]}/addPhones"
OVERLAP = {
    "mon": [
        {"localTimeFrom": "09:00", "localTimeTo": "12:00"},
        {"localTimeFrom": "11:00", "localTimeTo": "13:00"},
    ]
}
ASKED: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/kaleyra/v1/", {"data": {**OBD, "numbers": NUMBERS}, "headers": KALEYRA}, "limit_exceeded"),
    (
        "POST",
        "/kaleyra/v1/",
        {"data": {**OBD, "numbers": "9876543210", "scheduletime": "2020-01-01 10:00:00"}, "headers": KALEYRA},
        "schedule_invalid",
    ),
    (
        "POST",
        "/kaleyra/v1/",
        {"data": {**OBD, "numbers": "9876543210", "meta": "{{"}, "headers": KALEYRA},
        "parameter_invalid",
    ),
    ("POST", JOBS, {"json": [{"phone": "79161234567", "allowedTime": OVERLAP}]}, "allowed_time_invalid"),
    ("POST", JOBS, {"json": [{"phone": "79161234567"}, {"phone": "79161234567"}]}, "phone_duplicated"),
    (
        "POST",
        JAICP + "/{jaicp[token]}/callJob/getReport",
        {"json": {"phones": ["tel:79161234567"]}},
        "phone_is_none",
    ),
    (
        "POST",
        f"{CALLO}/phones/append/calls/",
        {"data": {**CALLO_FORM, "campaign_id": "{callo[campaigns][flashcall]}", "phones": "+380630000001"}},
        "campaign_wrong_type",
    ),
    ("GET", "/callr/v2.0/sms", {"headers": {"Authorization": "Bearer x"}}, "key_absent"),
    ("GET", "/callr/v2.0/sms", {"headers": {"x-api-key": "nobody"}}, "key_wrong"),
    (
        "POST",
        "/callr/v2.0/calls/export?direction=inbound&from=2024-01-01T00:00:00Z&to=2024-03-01T00:00:00Z",
        {"headers": KEYED},
        "export_range",
    ),
]


@pytest.mark.parametrize(("verb", "path", "options", "name"), ASKED, ids=[row[3] for row in ASKED])
def test_a_refusal_that_the_request_caused_is_held_against_the_client(
    verb: str, path: str, options: dict[str, Any], name: str
) -> None:
    door = Door()
    answer = door.ask(verb, path, **options)

    refusal = door.last.refusal
    assert refusal is not None
    assert refusal.name == name, answer.data
    assert answer.headers["X-Simulator-Rule"].startswith(f"refusal: {name} [{refusal.mark}]")
    blamed = [violation for violation in door.last.violations if violation.blame == "client"]
    assert [violation.code for violation in blamed] == [f"refused-{refusal.cause}"]
    assert (blamed[0].where.split()[0], blamed[0].provenance) == (name, refusal.mark)


def client_violations(door: Door) -> list[str]:
    return [violation.code for violation in door.last.violations if violation.blame == "client"]


def test_an_id_that_exists_nowhere_is_how_things_stand() -> None:
    door = Door()
    door.ask("GET", f"{CALLO}/phones/call_by_id/", query_string={**CALLO_FORM_KEY, "call_id": "7"})

    assert door.last.refusal is not None
    assert (door.last.refusal.name, door.last.refusal.cause) == ("call_unknown", "state")
    assert client_violations(door) == []


@pytest.mark.parametrize("cut", [lambda ref: (ref + 2**31) % 2**32 - 2**31, lambda ref: ref % 2**32])
def test_an_id_that_was_cut_to_32_bits_is_the_clients_doing(cut: Any) -> None:
    door = Door()
    door.ask("POST", f"{CALLO}/phones/call/", data={**CALLO_FORM, "phone": "+380630000001"})
    (ref,) = next(iter(door.sandbox.world.accounts.values())).calls
    door.ask("GET", f"{CALLO}/phones/call_by_id/", query_string={**CALLO_FORM_KEY, "call_id": str(cut(ref))})

    refused = next(violation for violation in door.last.violations if violation.code == "refused-request")
    assert f"is the id {ref} cut to 32 bits" in refused.fix


def ask_of_callo(door: Door, **fields: str) -> None:
    query = {
        **CALLO_FORM_KEY,
        **{name: text.format(**placed_at_callo(door)) for name, text in fields.items()},
    }
    door.ask("GET", f"{CALLO}/phones/call_by_id/", query_string=query)


def placed_at_callo(door: Door) -> dict[str, str]:
    """Return the ids of the one call that was placed."""
    account = next(iter(door.sandbox.world.accounts.values()))
    (call,) = account.calls.values()
    return {"call": str(call.ref), "campaign": str(call.campaign.ref), "number": call.callee[1:]}


@pytest.mark.parametrize(
    ("sent", "advice"),
    [
        ("{number}", "a number stands in call_id, where a call is asked for"),
        ("{campaign}", "{campaign} is the id of a campaign, where a call is asked for"),
        ("7", ""),
    ],
)
def test_the_id_of_something_else_is_named_and_held_against_nobody(sent: str, advice: str) -> None:
    door = Door()
    door.ask("POST", f"{CALLO}/phones/call/", data={**CALLO_FORM, "phone": "+380630000001"})
    ask_of_callo(door, call_id=sent)

    assert door.last.refusal is not None
    assert door.last.refusal.advice == advice.format(**placed_at_callo(door))
    assert client_violations(door) == []


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        ({"ids": ["79161234567"]}, "a number stands in body, where a call is asked for"),
        ({"phones": ["{job}"]}, "{job} is the id of a call, where a number is asked for"),
    ],
)
def test_the_id_of_something_else_is_named_in_json_too(asked: dict[str, list[str]], advice: str) -> None:
    door = Door()
    door.ask("POST", JOBS, json=[{"phone": "79161234567"}])
    (job,) = (ref for account in door.sandbox.world.accounts.values() for ref in account.calls)
    body = {name: [text.format(job=job) for text in texts] for name, texts in asked.items()}
    door.ask("POST", JOBS.replace("addPhones", "callJob/getReport"), json=body)

    assert door.last.refusal is not None
    assert door.last.refusal.advice == advice.format(job=job)


def test_several_refusals_in_one_text_are_all_named() -> None:
    door = Door()
    answer = door.ask("POST", f"{CALLO}/phones/call/", data={"public_key": "{callo[public_key]}"})

    assert answer.headers["X-Simulator-Rule"] == "refusal: phone_missing, campaign_missing [inferred]"
    assert client_violations(door) == ["missing-parameter", "missing-parameter"]


def test_a_number_that_comes_again_is_told_apart_from_one_twice_in_a_list() -> None:
    door = Door(LISTED.replace("callr]", "callr], profile: {jaicp: {profile: both}}") + PERSONA)
    path = "/jaicp/api/crmCalls/campaign/{jaicp[token]}/addPhone?phone=79161234567"
    door.ask("GET", path)
    answer = door.ask("GET", path)

    assert answer.headers["X-Simulator-Rule"] == "refusal: phone_repeated [inferred]"
    assert client_violations(door) == []


def test_a_replay_names_the_exchange_whose_answer_comes_again() -> None:
    door = Door()
    headers = {"Idempotence-Key": "7"}
    door.ask("POST", JOBS, json=[{"phone": "79161234567"}], headers=headers)
    answer = door.ask("POST", JOBS, json=[{"phone": "79161234567"}], headers=headers)

    assert answer.headers["X-Simulator-Rule"] == "replay of main-1"


@pytest.mark.parametrize(
    ("second", "lost"),
    [({"phone": "79161234567", "payload": {"a": 1, "b": 2}}, 0), ({"phone": "79161234568"}, 1)],
)
def test_a_key_used_again_for_another_body_loses_it(second: dict[str, Any], lost: int) -> None:
    door, headers = Door(), {"Idempotence-Key": "7"}
    door.ask("POST", JOBS, json=[{"payload": {"b": 2, "a": 1}, "phone": "79161234567"}], headers=headers)
    answer = door.ask("POST", JOBS, json=[second], headers=headers)

    assert client_violations(door) == ["silent-loss"] * lost
    assert answer.headers["X-Simulator-Rule"].startswith("replay of main-1")


ANYONE = "sim: 1\nadmit: anyone\nstrangers: listens\n" + PERSONA


@pytest.mark.parametrize("vouches", [True, False])
def test_a_key_that_nobody_handed_out_is_told_once_and_may_be_held_against_the_client(
    vouches: bool,
) -> None:
    door = Door(ANYONE, vouches_for_keys=vouches)
    balance = f"{CALLO}/users/balance/"
    issued = door.ask("GET", balance, query_string=CALLO_FORM_KEY)
    blamed = client_violations(door)
    rules = [
        door.ask("GET", balance, query_string={"public_key": "0" * 32}).headers.get("X-Simulator-Rule")
        for _ in range(2)
    ]

    assert (blamed, issued.headers.get("X-Simulator-Rule")) == ([], None)
    assert rules == ["admitted: new account", None]
    assert client_violations(door) == (["unissued-key"] if vouches else [])


CLICK = {"method": "dial.click2call", "caller": "9876543210", "receiver": "9876543211", "format": "json"}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"{CALLO}/users/balance/", CALLO_FORM_KEY),
        ("/kaleyra/v1/", {"api_key": "{kaleyra[api_key]}", **CLICK}),
        (JAICP + "/{jaicp[token]}", {}),
    ],
)
def test_a_key_that_a_scenario_chose_is_not_held_against_the_client_that_sends_it(
    path: str, query: dict[str, str]
) -> None:
    door = Door(LISTED.replace("callr]", "callr], key: a-key-of-ours") + PERSONA)

    assert door.ask("GET", path, query_string=query).status_code == 200
    assert client_violations(door) == []
    door.ask("GET", f"{CALLO}/users/balance/", query_string={"public_key": "a-key-of-others"})
    assert client_violations(door) == ["bad-parameter"]


MANY = [{"number": f"98765{place:05}", "row": place} for place in range(1002)]
OBD_JSON, HOOKS = "/kaleyra/v1/?method=voice.json&format=json", "/callr/v2.0/webhooks?type=sms.mo"
IMPORT = "/kaleyra/v1/?method=autodial.import&name=a&format=json"
TUESDAY = {"phone": "79161234567", "allowedDays": ["tue"]}
MON = {"mon": [{"localTimeFrom": "09:00", "localTimeTo": "12:00"}]}
GROUPED = {**OBD, "numbers": "9876543210", "group": "4477"}
CALLO_CALL = {**CALLO_FORM, "phone": "+380630000001"}
LOST: list[tuple[str, str, dict[str, Any], list[str]]] = [
    (
        "POST",
        "/kaleyra/v1/?method=autodial.import&name=a&format=json",
        {"json": {"data": MANY}, "headers": KALEYRA},
        ["entries_cut"],
    ),
    (
        "POST",
        f"{CALLO}/phones/append/calls/",
        {"data": {**CALLO_FORM, "phones": "+380630000001\nnobody 7\n"}},
        ["rows_skipped"],
    ),
    (
        "POST",
        f"{CALLO}/phones/append/calls/",
        {"data": {**CALLO_FORM, "phones": '+380630000001,<audio id="5"/>', "text_from_column": "1"}},
        ["clip_silent"],
    ),
    (
        "POST",
        f"{CALLO}/phones/append/calls/",
        {"data": {**CALLO_FORM, "phones": "+380630000001,Hello\n+380630000002,Hi", "text_from_column": "2"}},
        ["column_missing"],
    ),
    ("POST", f"{CALLO}/phones/call/", {"data": {**CALLO_CALL, "pincode": "4711"}}, ["code_ignored"]),
    ("POST", "/kaleyra/v1/", {"data": GROUPED, "headers": KALEYRA}, ["numbers_ignored"]),
    (
        "POST",
        JOBS,
        {"json": [{**TUESDAY, "allowedTime": MON, "localTimeTo": "20:00"}]},
        ["hours_of_other_days", "former_hours_ignored"],
    ),
    ("DELETE", "/callr/v2.0/recordings?sid=abcdefgh", {"headers": KEYED}, ["sids_skipped"]),
    (
        "POST",
        "/callr/v2.0/sms?to=%2B33639980001&encoding=gsm",
        {"json": {"text": "Привет"}, "headers": KEYED},
        ["letters_replaced"],
    ),
]


@pytest.mark.parametrize(("verb", "path", "options", "names"), LOST, ids=[row[3][0] for row in LOST])
def test_what_a_vendor_drops_in_silence_is_held_against_the_client(
    verb: str, path: str, options: dict[str, Any], names: list[str]
) -> None:
    door = Door()
    answer = door.ask(verb, path, **options)

    assert re.findall(r"loss: (\w+) \[", answer.headers.get("X-Simulator-Rule", answer.text)) == names
    assert client_violations(door) == ["silent-loss"] * len(names)


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        (OBD_JSON, {"call": [{"to": "9876543210", "plai": "1"}]}, "/call/0/plai"),
        (IMPORT, {"data": [{"number": "9876543210", "x": 1}], "dta": 1}, "/dta"),
        (HOOKS, {"endpoint": "http://a.example/", "options": {"secret": "x"}}, "/options/secret"),
    ],
)
def test_a_key_of_a_body_that_nobody_reads_is_held_against_the_client(
    path: str, body: Any, where: str
) -> None:
    door = Door()
    door.ask("POST", path, json=body, headers={**KEYED, **(KALEYRA if "kaleyra" in path else {})})

    unknown = [violation for violation in door.last.violations if violation.code == "unknown-key"]
    assert [(violation.where, violation.provenance) for violation in unknown] == [(where, "inferred")]


def test_to_delete_every_recording_is_allowed_and_warned_of() -> None:
    door = Door()
    door.ask("DELETE", "/callr/v2.0/recordings", headers=KEYED)

    (loss,) = door.last.violations
    assert (loss.code, loss.severity, loss.provenance) == ("silent-loss", "warning", "documented")


def test_a_message_beside_a_sound_file_is_never_spoken_and_warned_of() -> None:
    door = Door()
    door.ask(
        "POST", "/kaleyra/v1/", data={**OBD, "numbers": "9876543210", "message": "Hello"}, headers=KALEYRA
    )

    (violation,) = door.last.violations
    assert (violation.where, violation.severity, violation.provenance) == ("message", "warning", "documented")


@pytest.mark.parametrize("custom", ["a b", "a;b", "[]", "заказ"])
def test_a_reference_that_is_not_alphanumeric_breaks_a_documented_rule(custom: str) -> None:
    door, call = Door(), {"to": "9876543210", "custom": custom}
    door.ask("POST", "/kaleyra/v1/", data={**OBD, "numbers": "9876543210", "custom": custom}, headers=KALEYRA)
    (form,) = door.last.violations
    door.ask("POST", OBD_JSON, json={"play": "1.sound", "call": [call]}, headers=KALEYRA)
    (body,) = door.last.violations

    assert (form.where, body.where) == ("custom", "/call/0/custom")
    assert (form.provenance, body.provenance) == ("documented", "documented")


@pytest.mark.parametrize("custom", ["order-17", "A1,B2", "0f8fad5b-d9cb-469f-a165-70867728950e"])
def test_references_that_are_in_use_are_taken(custom: str) -> None:
    door = Door()
    door.ask("POST", "/kaleyra/v1/", data={**OBD, "numbers": "9876543210", "custom": custom}, headers=KALEYRA)

    assert client_violations(door) == []


def test_an_entry_of_a_list_for_the_dialer_has_a_value_of_its_own() -> None:
    door = Door()
    door.ask("POST", IMPORT, json={"data": [{"number": "9876543210"}]}, headers=KALEYRA)

    (violation,) = door.last.violations
    assert (violation.where, violation.provenance) == ("/data/0", "documented")


def test_a_value_that_the_account_cuts_to_its_limit_is_a_loss() -> None:
    door = Door(LISTED.replace("callr]", "callr], profile: {kaleyra: {over_limit: clamp}}") + PERSONA)
    data = {**OBD, "numbers": NUMBERS, "retries": "9", "scheduletime": "2020-01-01 10:00:00"}
    answer = door.ask("POST", "/kaleyra/v1/", data=data, headers=KALEYRA)

    assert answer.headers["X-Simulator-Rule"].count("loss: value_clamped [inferred], at ") == 3
    assert client_violations(door).count("silent-loss") == 3


def test_a_key_that_a_client_chose_does_not_stand_in_a_header() -> None:
    door = Door(LISTED.replace("callr]", "callr], profile: {callr: {unknown_keys: refuse}}") + PERSONA)
    body = {"text": "a", "Ж\r\nX-Evil: 1": 1}
    answer = door.ask("POST", "/callr/v2.0/sms?to=%2B33639980001", json=body, headers=KEYED)

    assert answer.headers["X-Simulator-Rule"] == "refusal: value_unknown [inferred]"


def test_a_refusal_that_is_expected_is_no_finding() -> None:
    door = Door(LISTED + "expect_refusals: [key_absent]\n" + PERSONA)
    door.ask("GET", "/callr/v2.0/sms")

    assert door.last.refusal is not None
    assert door.last.refusal.expected
    assert client_violations(door) == []


def test_an_expected_refusal_that_nobody_knows_is_refused_with_a_guess() -> None:
    with pytest.raises(SimulatorError, match="did you mean 'label_taken'"):
        Door(LISTED + "expect_refusals: [label_takn]\n" + PERSONA)


CLASSES = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}\b")
VENDORS, PLACES = (
    ("callo", "kaleyra", "jaicp", "callr"),
    ("/", "/nowhere", "/v1/", "/v2.0/sms", "/api/calls/"),
)
BAD_FORM = {"data": b"\xff=\xff", "content_type": "application/x-www-form-urlencoded"}
BROKEN: list[tuple[str, str, dict[str, Any]]] = [
    *[(verb, path, options) for verb, path, options, _ in ASKED],
    *[(verb, f"/{name}{path}", {}) for name in VENDORS for verb in ("GET", "PUT") for path in PLACES],
    *[("POST", f"/{name}/x", BAD_FORM) for name in VENDORS],
    ("GET", f"{CALLO}/users/balance", {}),
    ("PUT", f"{CALLO}/users/balance/", {}),
]


@pytest.fixture(scope="module")
def door() -> Door:
    return Door()


@pytest.mark.parametrize(("verb", "path", "options"), BROKEN)
def test_no_rule_is_the_name_of_a_class(door: Door, verb: str, path: str, options: dict[str, Any]) -> None:
    rule = door.ask(verb, path, **options).headers["X-Simulator-Rule"]

    assert not CLASSES.search(rule)
    assert re.search(r"\[(documented|observed|inferred)\]", rule), rule
