"""`record` in front of another simulator: what is kept has no key and no number, and can be judged."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
import yaml
from click.testing import CliRunner
from werkzeug.test import Client

import simulator
from simulator.cli import main
from simulator.conformance.contract import load_contract
from simulator.conformance.recordings import read_recordings, recorded_body, recorded_request
from simulator.errors import SimulatorError
from simulator.exchange import Answer, Exchange, Request
from simulator.live.recording import (
    MOST_OF_ONE,
    Corpus,
    RecordingProxy,
    replaying_scenario,
    vendor_of,
)
from simulator.live.redaction import Pseudonyms, Redactor
from simulator.live.targets import Target
from simulator.testing.opening import OpenWorld
from tests.growth import calls_made
from tests.live.test_probing import PLANTED

ROOT = "/manager/cabapi_external/api/v1"
DAYS = {"from_date": "2026-03-01", "to_date": "2026-03-02"}
ALICE, BOB = "+447911123456", "+491711234567"


def proxy_to(world: OpenWorld, vendor: str, folder: Path, seen: list[Exchange] | None = None) -> Client:
    """Return a client of a recording proxy in front of a vendor, which is told no key."""
    contract, corpus = load_contract(vendor), Corpus(folder, vendor)
    redact = Redactor(contract, {}, corpus.salt(lambda: b"a salt"))
    note = (seen if seen is not None else []).append
    return Client(RecordingProxy(contract, Target(world.vendor(vendor).base_url), redact, corpus, note))


def use_callo(world: OpenWorld, http: Client) -> dict[str, Any]:
    """Do what a client does: calls for two people, one in bulk as well, and questions about them."""
    keys = {"public_key": world.callo.key, "campaign_id": world.callo.credentials["campaign_id"]}
    placed = http.post(f"{ROOT}/phones/call/", data=keys | {"phone": ALICE}).json
    http.post(f"{ROOT}/phones/append/calls/", data=keys | {"phones": f"{ALICE}\r\n{BOB}\r\n"})
    http.get(f"{ROOT}/phones/calls_by_phone/", query_string=keys | {"phone": ALICE})
    http.get(f"{ROOT}/users/balance/", query_string={"public_key": world.callo.key})
    http.get(f"{ROOT}/phones/cost/", query_string=keys)
    http.get(f"{ROOT}/phones/camp_stats/", query_string=keys | DAYS)
    assert placed is not None
    return dict(placed)


def kept(folder: Path) -> str:
    return "\n".join(file.read_text() for file in sorted(folder.glob("*.yaml")))


def judge(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["contracts", "judge", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def test_what_is_kept_has_no_key_and_no_number_and_keeps_its_contract(tmp_path: Path) -> None:
    with simulator.world(strict=False) as world:
        placed = use_callo(world, proxy_to(world, "callo", tmp_path))
        use_callo(world, proxy_to(world, "callo", tmp_path))  # the folder grows, and stays consistent
        key = str(world.callo.key)
    text = kept(tmp_path)
    entry = yaml.safe_load((tmp_path / "add_call.yaml").read_text())["exchanges"][0]
    stand_in = entry["request"]["fields"]["phone"]

    assert key not in text
    assert not [number for number in (ALICE, BOB) if number[1:] in text or number[3:] in text]
    assert stand_in != ALICE
    assert phonenumbers.is_valid_number(phonenumbers.parse(stand_in))
    assert (stand_in[:5], len(stand_in)) == (ALICE[:5], len(ALICE))
    assert stand_in in (tmp_path / "append_calls.yaml").read_text()
    assert placed["phone"] == ALICE
    assert entry["answer"]["body"]["phone"] == stand_in
    assert entry["recorded"] == date.fromisoformat(str(entry["recorded"]))
    assert judge(tmp_path) == "12 recordings, 0 days old; none with findings\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            "vendor: callo\nexchanges: [5]",
            "entry 1 is no recording: `request` and `answer` are not written as",
        ),
        ("vendor: callo\nexchanges: [{answer: {}}]", "entry 1 is no recording: it lacks 'request'"),
        ("vendor: callo\nexchanges: [{request: {}, answer: {status: x}}]", "entry 1 is no recording"),
        (
            "vendor: callo\nexchanges: [{request: {method: [GET], path: /x}, answer: {status: 200}}]",
            "entry 1 is no recording: `request`",
        ),
        (
            "vendor: callo\nexchanges:\n- {request: {method: G, path: /}, answer: {status: 200, headers: 1}}",
            "entry 1 is no recording: `request`",
        ),
        ("vendor: [callo]\nexchanges: []", "its `vendor` is no name: ['callo']"),
        ("vendor: callo\nexchanges: [\n", "it is no YAML at line 3, column 1: "),
        ("exchanges: " + "[" * 5_000, "it is no YAML at line 1, column 83: nested deeper than 72 levels"),
        ("exchanges: " + "{a: " * 5_000, "it is no YAML at line 1, column 296: nested deeper than 72 levels"),
        ("\x00", "it is no YAML: "),
    ],
)
def test_a_file_that_is_no_recording_is_told_with_its_place(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "mine.yaml").write_text(content)

    assert f"mine.yaml: {why}" in judge(tmp_path, code=2)


def test_recordings_that_nest_for_ever_are_refused_without_reading_ahead() -> None:
    def read() -> None:
        with pytest.raises(ValueError, match="nested deeper than 72 levels"):
            read_recordings(b"[" * 20_000)

    assert calls_made(read) < 20_000


@pytest.mark.parametrize("levels", [60, 200, 900])
def test_what_nests_deep_is_kept_so_that_it_can_be_read_again(tmp_path: Path, levels: int) -> None:
    body = b"[" * levels + b"]" * levels
    request = Request("POST", "/x", headers=(("Content-Type", "application/json"),), body=body)
    exchange = Exchange(
        id="x", at=datetime(2026, 3, 2, tzinfo=UTC), world="w", vendor="callo", operation="balance",
        request=request, answer=Answer(200, body),
    )  # fmt: skip
    Corpus(tmp_path, "callo").add(exchange, date(2026, 3, 2))
    (kept,) = Corpus(tmp_path, "callo").kept["balance"]

    assert recorded_body(kept["answer"]).replace(b" ", b"") == body
    assert recorded_request(kept["request"]).body == body


def test_a_folder_without_recordings_is_told_so(tmp_path: Path) -> None:
    assert judge(tmp_path, code=1).startswith("no recordings: name files or folders")


@pytest.mark.parametrize("vendor", ["callr", "jaicp", "kaleyra"])
def test_keys_of_every_vendor_are_gone(tmp_path: Path, vendor: str) -> None:
    with simulator.world(strict=False) as world:
        place = world.vendor(vendor)
        http, key = proxy_to(world, vendor, tmp_path), place.key.rpartition(":")[2]
        if vendor == "callr":
            http.get("/v2.0/billing/credit", headers={"x-api-key": key})
            http.get("/v2.0/billing/credit", auth=(str(place.credentials["account_sid"]), key))
        elif vendor == "jaicp":
            http.get(f"/api/calls/campaign/{key}")
            http.post(f"/api/calls/campaign/{key}/addPhones", json=[{"phone": ALICE[1:], "payload": {}}])
        else:
            http.get("/v1/", query_string={"method": "dial", "api_key": key, "format": "json"})
            http.post("/v1/", data={"method": "dial", "format": "json"}, headers={"x-api-key": key})
    text = kept(tmp_path)

    assert text.count("recorded: ") == 2
    assert key not in text
    assert ALICE[3:] not in text
    assert judge(tmp_path).endswith("none with findings\n")


def test_drift_of_the_live_vendor_is_named_and_nothing_else(tmp_path: Path) -> None:
    seen: list[Exchange] = []
    with simulator.world({"extends": "happy", "faults": PLANTED, "expect": []}, strict=False) as world:
        use_callo(world, proxy_to(world, "callo", tmp_path, seen))
    printed = judge(tmp_path, code=1)
    drifted = {one.operation for one in seen for broken in one.violations if broken.blame != "client"}

    assert drifted == {"balance", "campaign_cost", "camp_stats"}
    assert {line.split(": ")[1].split(",")[0] for line in printed.splitlines()[:-1]} == drifted
    assert printed.count("DRIFT") == len(printed.splitlines()) - 1
    assert printed.splitlines()[-1].endswith("3 with findings")


def test_what_was_recorded_is_answered_again_by_a_scenario(tmp_path: Path) -> None:
    with simulator.world(strict=False) as world:
        http = proxy_to(world, "callo", tmp_path / "corpus")
        use_callo(world, http)
        world.callo.balance = 7
        key = {"public_key": world.callo.key}
        http.get(f"{ROOT}/users/balance/", query_string=key)
    file = tmp_path / "replayed.yaml"
    file.write_text(replaying_scenario("callo", Corpus(tmp_path / "corpus", "callo").kept))

    assert CliRunner().invoke(main, ["scenarios", "lint", str(file)]).exit_code == 0
    with simulator.world(file, strict=False) as again:
        session = again.callo.requests_session()
        url, key = f"{again.callo.base_url}{ROOT}/users/balance/", {"public_key": again.callo.key}
        balances = [session.get(url, params=key).json()["balance"] for _ in range(2)]
    assert [float(balance) for balance in balances] == [100.0, 7.0]


def test_a_folder_has_bounds_and_one_vendor(tmp_path: Path) -> None:
    with simulator.world(strict=False) as world:
        http, key = proxy_to(world, "callo", tmp_path), {"public_key": world.callo.key}
        for _ in range(MOST_OF_ONE + 3):
            http.get(f"{ROOT}/users/balance/", query_string=key)
    assert len(Corpus(tmp_path, "callo").kept["balance"]) == MOST_OF_ONE
    with pytest.raises(SimulatorError, match="recordings of callo, not of callr"):
        Corpus(tmp_path, "callr")
    old = tmp_path / "balance.yaml"
    old.write_text(old.read_text().replace(f"recorded: {date.today()}", "recorded: 2020-01-01"))  # noqa: DTZ011
    assert "older than 30 days: record them anew" in judge(tmp_path, "--max-age", "30", code=1)


def test_a_vendor_that_does_not_answer_is_a_bad_gateway(tmp_path: Path) -> None:
    contract, corpus = load_contract("callo"), Corpus(tmp_path, "callo")
    proxy = RecordingProxy(contract, Target("http://127.0.0.1:9"), Redactor(contract, {}, "s"), corpus)
    answer = Client(proxy).get(f"{ROOT}/users/balance/")

    assert (answer.status_code, "did not answer" in answer.text, corpus.kept) == (502, True, {})


def test_the_host_tells_the_vendor_or_the_user_does() -> None:
    assert vendor_of("https://api.callr.com/v2.0") == "callr"
    with pytest.raises(SimulatorError, match="is no vendor's host"):
        vendor_of("https://example.com")


@pytest.mark.parametrize(
    "number", ["447911123456", "491711234567", "919876543210", "33612345678", "79161234567"]
)
def test_a_pseudonym_is_another_number_of_the_same_kind(number: str) -> None:
    names = Pseudonyms("one salt")
    other = names.hide(f"+{number}")
    parsed = phonenumbers.parse(other)

    assert other == Pseudonyms("one salt").hide(f"+{number}") != Pseudonyms("another").hide(f"+{number}")
    assert phonenumbers.is_valid_number(parsed)
    assert phonenumbers.number_type(parsed) == phonenumbers.number_type(phonenumbers.parse(f"+{number}"))
    assert other != f"+{number}"
