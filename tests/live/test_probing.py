"""`probe` against another simulator as the live vendor: planted drift is named, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

import simulator
from simulator.cli import main
from simulator.conformance.contract import Contract, load_contract
from simulator.live.probing import Prober
from simulator.live.targets import Target
from simulator.testing.opening import OpenWorld

ROOT = "/manager/cabapi_external/api/v1"


def reply(where: str, status: int, body: object) -> dict[str, Any]:
    """A fault that answers in words of its own."""
    content = {"status": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
    return {"where": where, "do": "reply", "reply": content}


PLANTED = [
    reply("callo.balance", 200, {"credit": "100.000000"}),
    reply("callo.campaign_cost", 200, {"campaign_id": "one", "forever_cost": "0.000", "daily_cost": "0.000",
                                       "currency": "EUR"}),
    reply("callo.camp_stats", 451, {"status": "error", "data": "no"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def drifted() -> Iterator[OpenWorld]:
    with simulator.world({"extends": "happy", "faults": PLANTED, "expect": []}, strict=False) as world:
        yield world


@pytest.fixture(scope="module")
def sound() -> Iterator[OpenWorld]:
    with simulator.world(strict=False) as world:
        yield world


def probe(world: OpenWorld, *arguments: str | Path, vendor: str = "callo", code: int = 0) -> str:
    place = world.vendor(vendor)
    keys = [
        f"--key={name}={value}" for name, value in place.credentials.items() if isinstance(value, str | int)
    ]
    line = ["probe", vendor, "--target", place.base_url, "--rate", "20", *keys, *map(str, arguments)]
    result = CliRunner().invoke(main, line)
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize("vendor", ["callo", "callr", "jaicp", "kaleyra"])
def test_a_vendor_that_keeps_its_document_has_no_drift(sound: OpenWorld, vendor: str) -> None:
    before = [len(sound.vendor(vendor).calls), len(sound.vendor(vendor).messages)]
    printed = probe(sound, vendor=vendor)

    assert printed.endswith("no drift\n")
    assert printed.count("as documented") >= 8
    assert "not asked" not in printed
    assert [len(sound.vendor(vendor).calls), len(sound.vendor(vendor).messages)] == before
    secrets = [
        value for name, value in sound.vendor(vendor).credentials.items() if "key" in name or name == "token"
    ]
    assert not [secret for secret in secrets if str(secret) in printed]


def test_drift_is_named_with_its_place_and_a_change_of_the_document_that_mends_it(
    drifted: OpenWorld, tmp_path: Path
) -> None:
    printed = probe(drifted, "--write", tmp_path / "proposal.yaml", code=1)
    drift = [line.strip() for line in printed.splitlines() if line.startswith("  ") and line[2] != " "]

    assert drift == [
        "camp_stats, status: status 451 is not documented (200, 301, 400, 403, 405, 429 are)",
        "balance, /: `credit` is not in the document; `balance` is missing there, so it may be renamed",
        "balance, /: `balance` is required and missing",
        "campaign_cost, /campaign_id: integer is documented, string arrived",
    ]
    assert sorted(line.split()[0] for line in printed.splitlines() if line.endswith("DRIFT")) == [
        "balance", "camp_stats", "campaign_cost"
    ]  # fmt: skip
    assert str(drifted.callo.key) not in printed

    proposal = yaml.safe_load((tmp_path / "proposal.yaml").read_text())
    document = deepcopy(load_contract("callo").document)
    for change in proposal["changes"]:
        for patch in change["patch"]:
            apply(document, patch)
    mended = Contract("callo", document, "mended")
    target = Target(drifted.callo.base_url)
    assert [one.drift for one in Prober(mended, target, dict(drifted.callo.credentials)).probe(
        ["balance", "campaign_cost"]
    )] == [(), ()]  # fmt: skip


def apply(document: Any, patch: dict[str, Any]) -> None:
    """Apply one change of a JSON Patch."""
    *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in patch["path"].split("/")[1:]]
    for step in steps:
        document = document[int(step)] if isinstance(document, list) else document[step]
    document[last] = patch["value"]


def test_nobody_is_called_without_leave_and_a_number_of_ones_own(sound: OpenWorld) -> None:
    refused = probe(sound, "--only", "add_call", code=2)
    stranger = probe(sound, "--only", "add_call", "--allow", "calls", code=2)
    before = len(sound.callo.calls)
    called = probe(sound, "--only", "add_call", "--allow", "calls", "--key=phone=+447700900311")

    assert "unless you say --allow calls" in refused
    assert "give your own by --key phone=..." in stranger
    assert "200  as documented" in called
    assert [str(call.callee) for call in sound.callo.calls[before:]] == ["+447700900311"]


def test_a_target_that_is_not_there_is_told() -> None:
    line = ["probe", "callo", "--target", "http://127.0.0.1:9", "--only", "balance"]
    nobody = CliRunner().invoke(main, line)
    nonsense = CliRunner().invoke(main, ["probe", "callo", "--target", "callo.com"])

    assert nobody.exit_code == nonsense.exit_code == 2
    assert "http://127.0.0.1:9 did not answer" in nobody.output
    assert "is not the root of a vendor" in nonsense.output


def test_a_wait_that_the_vendor_asks_for_is_kept_once() -> None:
    busy = {"status": 503, "headers": {"Retry-After": "30", "Content-Type": "text/html"}, "body": "later"}
    fault = {"where": "callo.balance", "when": "request 1", "do": "reply", "reply": busy}
    waits: list[timedelta] = []
    with simulator.world({"extends": "happy", "faults": [fault], "expect": []}, strict=False) as world:
        target = Target(world.callo.base_url)
        prober = Prober(load_contract("callo"), target, dict(world.callo.credentials), waits.append)
        (one,) = prober.probe(["balance"])

    assert waits == [timedelta(seconds=30)]
    assert one.exchange is not None
    assert (one.exchange.answer.status, one.drift) == (200, ())
