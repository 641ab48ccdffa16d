"""Kaleyra as a client meets it: through the whole simulator, by path and by host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec import structs
from msgspec.structs import replace
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from simulator.conformance.checks import check
from simulator.conformance.contract import load_contract, match
from simulator.errors import UnknownName
from simulator.vendors.kaleyra import vendor

HOSTS = [
    "kaleyra.localhost:8070",
    "api-voice.kaleyra.com",
    "obd.kaleyra.com",
    "api-voice.solutionsinfini.com",
    "obd.solutionsinfini.com",
]
SENT = {
    "method": "dial.click2call",
    "caller": "447700900001",
    "receiver": "447700900002",
    "return": "1",
    "format": "json",
}


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(vendors=("kaleyra",))


def key(simulator: Simulator) -> Mapping[str, str]:
    return {"x-api-key": simulator.worlds.credentials("kaleyra")["api_key"]}


def connect(simulator: Simulator, base: str = "/kaleyra/v1/", **headers: str) -> TestResponse:
    return Client(simulator).post(base, data=SENT, headers={**key(simulator), **headers})


def row(simulator: Simulator, ref: str) -> Any:
    query = {"method": "dial.c2cstatus", "id": ref, "format": "json"}
    answer = Client(simulator).get("/kaleyra/v1", query_string=query, headers=key(simulator))
    assert answer.json
    return answer.json["data"][0]


def pass_minutes(simulator: Simulator, count: int) -> None:
    sandbox = simulator.worlds.sandbox()
    sandbox.advance(sandbox.world.clock.now + timedelta(minutes=count))


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/v1/", "/api/v1/", "/api/v1/index.php"])
def test_the_vendors_hosts_lead_to_its_root(simulator: Simulator, host: str, path: str) -> None:
    answer = connect(simulator, path, Host=host)

    assert answer.json
    assert answer.json["status"] == "200"
    assert "X-Simulator-Violations" not in answer.headers


def test_a_recording_downloads_from_where_the_client_asked(simulator: Simulator) -> None:
    ref = connect(simulator).json["data"]["id"]  # type: ignore[index]
    pass_minutes(simulator, 5)
    url = row(simulator, ref)["recording"]

    answer = Client(simulator).get(url.removeprefix("//localhost"))
    wrong = Client(simulator).get(re.sub(".$", "z", url.removeprefix("//localhost")))

    assert (answer.status_code, answer.content_type, wrong.status_code) == (200, "audio/x-wav", 404)


MARKED: list[tuple[dict[str, str], str]] = [
    ({"method": "nope"}, "refusal: method_unknown [inferred]"),
    ({"method": "block"}, "refusal: parameter_missing [inferred], at number"),
    ({"method": "monitor"}, "refusal: no_incidents [documented]"),
    ({"method": "voice.status", "id": "1-1"}, "refusal: call_unknown [inferred]"),
    (
        {"method": "dial.c2cstatus", "id": "123456789-1"},
        "refusal: call_unknown [inferred], "
        "an id with a dash is of voice.call or voice.json: ask voice.status for it",
    ),
    ({"method": "voice.groupstatus", "groupid": "1"}, "refusal: group_unknown [inferred]"),
    ({"method": "followup", "id": "1", "action": "delete"}, "refusal: follow_up_unknown [inferred]"),
    ({"method": "dial", "api_key": ""}, "refusal: key_missing [inferred]"),
    ({"method": "dial", "api_key": "x"}, "refusal: key_malformed [inferred]"),
    ({"method": "dial", "api_key": "f" * 32}, "refusal: key_unknown [inferred]"),
    (
        {"method": "dial.click2call", "caller": "9876543210", "receiver": "9123456789"},
        "refusal: credit_low [inferred]",
    ),
    (
        {"method": "dial", "a": "b" * 9_000},
        "guard: the URL is longer than 8192 bytes, any_other [inferred]",
    ),
]


@pytest.mark.parametrize(("sent", "rule"), MARKED)
def test_the_tester_reads_how_sure_the_words_of_a_refusal_are(
    simulator: Simulator, sent: dict[str, str], rule: str
) -> None:
    world = simulator.worlds.sandbox().world
    world.rules = replace(world.rules, admits_anyone=False)
    account = world.accounts["kaleyra", key(simulator)["x-api-key"]]
    account.balance, account.profile = Decimal(0), {"incidents": []}
    query = {"api_key": key(simulator)["x-api-key"], "format": "json", **sent}
    answer = Client(simulator).get("/kaleyra/v1/", query_string=query)

    assert answer.headers["X-Simulator-Rule"] == rule
    assert answer.json
    assert answer.json["status"].startswith("E")


@pytest.mark.parametrize(
    ("method", "name", "ref", "asked"),
    [
        ("dial.c2cstatus", "id", "373428513", "voice.groupstatus"),
        ("dial.c2cstatus", "id", "69a55fa0cc4f25be470a3e", "dial"),
        ("dial", "id", "c2c_5a7d85903dd7abcd", "dial.c2cstatus"),
        ("dial.callreports", "id", "373428513-1", "voice.status"),
        ("voice.status", "id", "373428513", "voice.groupstatus"),
        ("voice.status", "id", "c2c_5a7d85903dd7abcd", "dial.c2cstatus"),
        ("voice.groupstatus", "groupid", "373428513-1", "voice.status"),
    ],
)
def test_an_id_of_another_method_is_told_where_it_belongs(
    simulator: Simulator, method: str, name: str, ref: str, asked: str
) -> None:
    query = {"method": method, name: ref, "format": "json"}
    answer = Client(simulator).get("/kaleyra/v1/", query_string=query, headers=key(simulator))

    assert answer.json
    assert answer.json["status"] == ("E621" if name == "groupid" else "E620")
    assert answer.headers["X-Simulator-Rule"].endswith(f": ask {asked} for it")


def test_a_group_of_another_campaign_is_told_to_be_there(simulator: Simulator) -> None:
    client, sent = Client(simulator), {"format": "json", "return": "1", "numbers": "9876543210"}
    call = {**sent, "method": "voice.call", "play": "1.sound", "campaign": "spring"}
    ref = client.post("/kaleyra/v1/", data=call, headers=key(simulator)).json["data"]["id"]  # type: ignore[index]
    query = {"method": "voice.groupstatus", "groupid": ref.partition("-")[0], "campaign": "autumn"}
    answer = client.get("/kaleyra/v1/", query_string=query, headers=key(simulator))

    assert answer.headers["X-Simulator-Rule"] == (
        "refusal: group_unknown [inferred], the group is there, and its campaign has another name"
    )


@pytest.mark.parametrize("fields", [{"method": "voice.status", "id": "1-1"}, {"method": "nope"}])
def test_the_status_that_a_scenario_gives_a_refusal_is_nobodys_breach(
    simulator: Simulator, fields: dict[str, str]
) -> None:
    own = {fact: {"http_status": 404} for fact in ("call_unknown", "method_unknown")}
    simulator.worlds.sandbox().world.accounts["kaleyra", key(simulator)["x-api-key"]].profile = {
        "errors": own
    }
    answer = Client(simulator).get("/kaleyra/v1/", query_string=fields, headers=key(simulator))
    (exchange,) = simulator.worlds.sandbox().recorder.journal

    assert answer.status_code == 404
    assert [one for one in exchange.violations if one.blame == "simulator"] == []


def test_a_bug_of_ours_is_told_in_the_envelope_and_marked(simulator: Simulator) -> None:
    simulator.worlds.sandbox().world.limits = None  # type: ignore[assignment]
    answer = connect(simulator)

    assert answer.json == {"status": "E699", "message": "Internal error"}
    assert answer.headers["X-Simulator-Rule"] == "bug: main-1, internal_error [inferred]"


@pytest.mark.parametrize("path", ["/kaleyra/v2/", "/kaleyra/play/"])
def test_an_unknown_address_is_marked_as_well(simulator: Simulator, path: str) -> None:
    answer = Client(simulator).get(path)

    assert answer.headers["X-Simulator-Rule"] == "refusal: path_unknown [inferred]"


def test_a_pure_simulator_keeps_its_marks_to_itself() -> None:
    client = Client(Simulator(vendors=("kaleyra",), pure=True))

    for query in ("method=nope", "a=" + "b" * 9_000):
        assert "X-Simulator-Rule" not in client.get(f"/kaleyra/v1/?{query}").headers


def test_a_misspelt_parameter_is_ignored_by_the_vendor_and_told_by_the_judge(simulator: Simulator) -> None:
    answer = Client(simulator).post("/kaleyra/v1/", data={**SENT, "reciever": "1"}, headers=key(simulator))
    (exchange,) = simulator.worlds.sandbox().recorder.journal

    assert answer.json
    assert answer.json["status"] == "200"
    assert [(violation.code, violation.where) for violation in exchange.violations] == [
        ("unknown-parameter", "reciever")
    ]


def test_the_operation_of_a_request_is_known_by_its_method(simulator: Simulator) -> None:
    connect(simulator)
    Client(simulator).get("/kaleyra/api/v1/?method=voice.STATUS&id=1-1", headers=key(simulator))

    assert [exchange.operation for exchange in simulator.worlds.sandbox().recorder.journal] == [
        "click_to_call",
        "obd_api_status",
    ]


@pytest.mark.parametrize("word", ["number", "phone"])
def test_the_journal_shows_neither_keys_nor_numbers(simulator: Simulator, word: str) -> None:
    secret = key(simulator)["x-api-key"]
    query = {"method": "block", "number": "9876543210", "api_key": secret, word: "9876543210"}
    Client(simulator).get("/kaleyra/v1/", query_string=query)
    (exchange,) = simulator.worlds.sandbox().recorder.journal

    shown = repr(simulator.worlds.sandbox().recorder.masker.exchange(exchange))
    assert secret not in shown
    assert "9876543210" not in shown


@pytest.mark.parametrize("shows", [False, True])
def test_callbacks_are_shown_without_numbers_whatever_the_client_calls_them(shows: bool) -> None:
    simulator = Simulator(vendors=("kaleyra",), show_numbers=shows)
    hook = "http://127.0.0.1:9/h/{caller}?from={receiver}&when={starttime}"
    sent = {**SENT, "caller": "9876543210", "receiver": "9123456789^9123456780", "callback": hook}
    Client(simulator).post("/kaleyra/v1/", data=sent, headers=key(simulator), buffered=True)
    pass_minutes(simulator, 5)
    recorder = simulator.worlds.sandbox().recorder
    kept = [str(recorder.masker.exchange(exchange).request) for exchange in recorder.callbacks]
    listed = Client(simulator).get("/_simulator/v1/deliveries").text

    assert len(kept) > 1
    for text in (*kept, listed):
        assert ("9876543210" in text, "9123456789" in text) == (shows, shows)
        assert "when=17724" in text


def test_an_action_of_a_tester_lets_somebody_call_in(simulator: Simulator) -> None:
    simulator.worlds.sandbox().act("call_in", number="+447700900001")
    pass_minutes(simulator, 3)
    answer = Client(simulator).get("/kaleyra/v1/?method=dial&format=json", headers=key(simulator))

    assert answer.json
    assert answer.json["data"][0]["callfrom"] == "447700900001"


SPELLINGS = ["/v1", "/v1/", "/v1/index.php", "/api/v1", "/api/v1/", "/api/v1/index.php"]


@pytest.mark.parametrize("path", SPELLINGS)
@pytest.mark.parametrize(("method", "verb"), [("voice.status", "GET"), ("dial", "POST")])
def test_a_judge_of_its_own_knows_every_spelling(
    simulator: Simulator, path: str, method: str, verb: str
) -> None:
    sent = {"method": method, "id": "1-1", "format": "json"}
    host, query = {**key(simulator), "Host": "obd.kaleyra.com"}, urlencode(sent)
    Client(simulator).open(f"{path}?{query}", method=verb, headers=host)
    (exchange,) = simulator.worlds.sandbox().recorder.journal
    as_sent = structs.replace(exchange, request=structs.replace(exchange.request, path=path))
    variant = match(load_contract("kaleyra"), verb, path, sent)

    assert variant is not None
    assert variant.operation == exchange.operation
    assert exchange.operation in ("obd_status", "obd_api_status", "call_details")
    assert check(load_contract("kaleyra"), as_sent) == []


def test_the_contract_and_the_vendor_spell_alike() -> None:
    paths = load_contract("kaleyra").same_paths

    assert {path: vendor.canonical_path(path) for path in paths} == paths
    assert {*paths, *paths.values()} == {*SPELLINGS}


def test_there_is_no_other_vendor_in_this_simulator(simulator: Simulator) -> None:
    with pytest.raises(KeyError):
        simulator.worlds.credentials("callo")
    with pytest.raises(UnknownName):
        simulator.worlds.sandbox("elsewhere")


def test_a_call_to_a_number_of_several_accounts_reaches_the_one_with_a_key_of_its_own() -> None:
    client, key = Client(Simulator(vendors=("kaleyra",))), {"x-api-key": "A" + "1" * 32}
    dial = {"method": "dial", "format": "json"}
    client.post("/kaleyra/v1/", data={**dial, "method": "monitor"}, headers=key).close()
    number = "/_simulator/v1/people/+919876543210/call"
    client.post(number, json={"to": "+918000000001"}).close()
    client.post("/_simulator/v1/clock/advance", json={"by": "5m"}).close()

    rows = client.post("/kaleyra/v1/", data=dial, headers=key).json
    assert [row["callfrom"] for row in (rows or {})["data"]] == ["9876543210", "6010000003"]
