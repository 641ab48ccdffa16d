"""Callo as a client meets it: through the whole simulator, by path and by host."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from simulator.scenario.loading import load_text
from simulator.vendors.callo import vendor
from simulator.vendors.callo.requests import SERVICE_NUMBERS
from tests.acceptance.stage_hands import Stranger

API = "/manager/cabapi_external/api/v1"
PHONE = "+447700900001"


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(vendors=("callo",))


def customer(simulator: Simulator) -> Mapping[str, Any]:
    return simulator.worlds.credentials("callo")


def order(simulator: Simulator) -> dict[str, str]:
    credentials = customer(simulator)
    return {name: credentials[name] for name in ("public_key", "campaign_id")} | {"phone": PHONE}


def add_call(simulator: Simulator, base: str = "/callo", **options: Any) -> TestResponse:
    return Client(simulator).post(f"{base}{API}/phones/call/", data=order(simulator), **options)


def read_result(simulator: Simulator, call_id: int) -> Any:
    query = {"public_key": customer(simulator)["public_key"], "call_id": call_id}
    answer = Client(simulator).get(f"/callo{API}/phones/call_by_id/", query_string=query)
    assert answer.json
    return answer.json[0]


def test_a_call_is_added_and_seen_answered(simulator: Simulator) -> None:
    call = add_call(simulator).json["call_id"]  # type: ignore[index]
    before = read_result(simulator, call)["status"]
    sandbox = simulator.worlds.sandbox()

    sandbox.advance(sandbox.world.clock.now + timedelta(minutes=5))

    assert (before, read_result(simulator, call)["status"]) == ("in_process", "compl_finished")


HOSTS = ["callo.localhost:8070", "callo.com", "zvonok.com", "calltools.ru", "zvanok.by"]


@pytest.mark.parametrize("host", HOSTS)
def test_the_vendors_hosts_lead_to_its_root(simulator: Simulator, host: str) -> None:
    answer = add_call(simulator, base="", headers={"Host": host})

    assert answer.status_code == 200


def test_a_recording_downloads_from_where_the_client_asked(simulator: Simulator) -> None:
    call = add_call(simulator).json["call_id"]  # type: ignore[index]
    sandbox = simulator.worlds.sandbox()
    sandbox.advance(sandbox.world.clock.now + timedelta(minutes=5))

    url = read_result(simulator, call)["recorded_audio"]
    answer = Client(simulator).get(url.removeprefix("http://localhost"))

    assert (answer.status_code, answer.content_type) == (200, "audio/x-wav")


def test_a_client_that_follows_the_redirect_of_a_post_loses_its_body(simulator: Simulator) -> None:
    answer = Client(simulator).post(f"/callo{API}/phones/call", data=order(simulator), follow_redirects=True)

    assert answer.status_code == 400
    assert answer.json
    assert "public_key" in answer.json["data"]


def test_the_twenty_first_request_in_a_second_is_met_by_a_page(simulator: Simulator) -> None:
    answers = [add_call(simulator) for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [400] * 15 + [429]
    assert answers[-1].mimetype == "text/html"


def stranger(words: str) -> Stranger:
    """Return somebody in a world with these words at its top level."""
    simulator = Simulator(vendors=("callo",))
    text = f"sim: 1\ntitle: A world of its own\n{words}"
    simulator.worlds.open("main", load_text(text.encode(), "own.yaml"))
    return Stranger(simulator)


OWN_NUMBER = "{shop: {vendors: [callo], caller_ids: ['+447700900200']}}"
WITH_CAMPAIGN = "{shop: {vendors: [callo], campaigns: [{name: Orders, type: free_text}]}}"


@pytest.mark.parametrize(
    ("accounts", "numbers"), [(OWN_NUMBER, ("+447700900200",)), (WITH_CAMPAIGN, SERVICE_NUMBERS)]
)
def test_a_call_comes_from_the_accounts_numbers_or_else_from_the_vendors(
    accounts: str, numbers: tuple[str, ...]
) -> None:
    client = stranger(f"accounts: {accounts}")

    call = client.post("phones/call", campaign_id=client.campaign(), phone=PHONE).json

    assert call
    assert call["callerid"] in numbers


@pytest.mark.parametrize("key", ["", "nonsense", "f" * 32])
def test_a_bad_key_may_be_met_by_a_page(key: str) -> None:
    client = stranger("profiles: {callo: {bad_key: page}}\naccounts: {shop: {vendors: [callo]}}")

    answer = client.get("users/balance", public_key=key)

    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert answer.headers["X-Simulator-Rule"].endswith("[inferred]")


def test_a_misspelt_key_is_a_mistake_in_a_form_where_nothing_else_is_set() -> None:
    client = stranger("accounts: {shop: {vendors: [callo]}}")

    answer = client.get("users/balance", public_key="f" * 32)

    assert answer.json == {
        "status": "error",
        "data": "Form isn't valid: * public_key\n  * Invalid public key",
    }


def test_a_typed_setting_reaches_an_account_that_a_stranger_opens() -> None:
    client = stranger("admit: anyone\nprofiles: {callo: {campaigns: array}}")

    rows = client.get("campaigns", public_key="a" * 32, mode="active").json

    assert isinstance(rows, list)
    assert len(rows) == 6


def test_banner_and_finding_name_one_receiver_on_this_machine() -> None:
    client = stranger("accounts: {shop: {vendors: [callo]}}")
    webhook = {"ivr_lvl_1_btn_1_webhook": "localhost:9000/called"}
    client.post("phones/call", campaign_id=client.campaign(), phone=PHONE, **webhook)

    [(_, violation)] = client.sandbox.recorder.journal.violations()

    assert vendor.receiver == "http://hook.localhost:PORT"
    assert vendor.receiver in violation.fix


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("%ff", "refusal: bad_request [inferred]"),  # a page that nobody shows, under a documented status
        ("x", "refusal: key_malformed [inferred]"),
    ],
)
def test_a_page_is_as_sure_as_the_page_and_not_as_its_status(
    simulator: Simulator, key: str, rule: str
) -> None:
    path, kind = f"/callo{API}/phones/call/", "application/x-www-form-urlencoded"
    answer = Client(simulator).post(path, data=f"public_key={key}", content_type=kind)

    assert (answer.status_code, answer.headers["X-Simulator-Rule"]) == (400, rule)


def test_the_page_of_the_limit_is_documented_as_its_status_is(simulator: Simulator) -> None:
    """The document: "If RPS is exceeded, the API returns a page with a 429 error status"."""
    answers = [add_call(simulator) for _ in range(21)]

    assert "too_many_requests [documented]" in answers[-1].headers["X-Simulator-Rule"]


def test_a_campaign_of_another_type_is_told_with_the_types_that_go() -> None:
    client = stranger("accounts: {shop: {vendors: [callo]}}")

    answer = client.post("phones/confirm", campaign_id=client.campaign(), phone=PHONE)

    rule = answer.headers["X-Simulator-Rule"]
    assert "of type free_text" in rule
    assert rule.endswith("serves pincode, pincode_short, pincode_incoming")


@pytest.mark.parametrize(
    ("name", "file", "start", "reason"),
    [
        ("phones/append/calls", "phones_file", "d0cf11e0a1b11ae1", "save it as a plain .xlsx"),
        ("audio/upload", "clip_file", "89504e47", "WAV, MP3, OGG, FLAC and M4A are read here"),
    ],
)
def test_why_a_file_is_refused_is_told_beside_the_vendors_words(
    name: str, file: str, start: str, reason: str
) -> None:
    client = stranger("accounts: {shop: {vendors: [callo]}}")

    fields = {"campaign_id": client.campaign(), "clip_name": "a"}
    answer = client.upload(name, file, "a.b", bytes.fromhex(start), **fields)

    assert answer.status_code == 400
    assert reason in answer.headers["X-Simulator-Rule"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_mistake_of_a_form_is_named_and_a_single_one_with_its_place(language: str) -> None:
    client = stranger(f"accounts: {{shop: {{vendors: [callo], language: {language}}}}}")
    known = {"campaign_id": client.campaign(), "phone": PHONE}

    several = client.post("phones/call", **known, label="-", max_call_time=0)
    single = client.post("phones/call", **known, max_call_time=0)

    assert several.headers["X-Simulator-Rule"] == "refusal: label_invalid, value_too_small [inferred]"
    assert single.headers["X-Simulator-Rule"] == "refusal: value_too_small [inferred], at max_call_time"


def test_a_list_of_numbers_is_taken_as_a_field_of_a_form_as_well_as_in_a_file() -> None:
    """The document: "Try to use mass creation of calls"; it names no end of a list."""
    client = stranger("accounts: {shop: {vendors: [callo]}}")
    phones = "\n".join(f"+4479{number}" for number in range(10_000_000, 10_100_000))

    answer = client.post("phones/append/calls", campaign_id=client.campaign(), phones=phones)

    assert answer.json
    assert answer.json["calls_count"] == 100_000


def test_a_list_that_is_too_long_for_us_is_told_so_and_not_to_be_malformed() -> None:
    client = stranger("accounts: {shop: {vendors: [callo]}}")

    fields = {"campaign_id": client.campaign(), "phones": "+4479\n" * 1_400_000}
    answer = client.upload("phones/append/calls", "clip_file", "none", b"", **fields)

    [(_, violation)] = client.sandbox.recorder.journal.violations()
    assert (answer.status_code, violation.where) == (413, "content_too_large")
    assert violation.fix.endswith("send less at once, in several requests")


def test_an_answer_has_the_date_of_the_worlds_clock_as_the_samples_have_one() -> None:
    """The document: `Date: Tue, 18 Jun 2019 10:00:37 GMT`, beside a call created at 10:00:36.667Z."""
    client = stranger("clock: {at: 2019-06-18T10:00:37, mode: virtual}\naccounts: {shop: {vendors: [callo]}}")

    answer = client.post("phones/call", campaign_id=client.campaign(), phone=PHONE)

    assert answer.headers["Date"] == "Tue, 18 Jun 2019 10:00:37 GMT"


READS_BY_POST = b"""
sim: 1
title: Reading by POST
seed: 7
strangers: listens
personas: {listens: {attempts: [answered], ring: 8s, talk: 40s}}
accounts: {a: {vendors: [callo], profile: {callo: {post_reads: true}}}}
"""


@pytest.mark.parametrize(("verb", "name"), [("POST", "mode_missing"), ("PUT", "method_not_allowed")])
def test_a_refusal_has_the_name_of_its_mistake_whatever_the_verb(
    simulator: Simulator, verb: str, name: str
) -> None:
    simulator.worlds.open("main", load_text(READS_BY_POST, "post.yaml"))
    key = customer(simulator)["public_key"]
    answer = Client(simulator).open(f"/callo{API}/campaigns/", method=verb, data={"public_key": key})
    (exchange,) = simulator.worlds.sandbox().recorder.journal

    assert answer.headers["X-Simulator-Rule"] == f"refusal: {name} [inferred]"
    assert exchange.refusal is not None
    assert exchange.refusal.name == name
