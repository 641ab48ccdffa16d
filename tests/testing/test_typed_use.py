"""What a user's test touches is typed: this file is checked by mypy, which lets no expression of it be Any.

Each `type: ignore` stands for a mistake that the type checker has to find; one without a mistake is an error.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from shutil import copy, which

import pytest

import simulator
from simulator.errors import SimulatorError
from simulator.testing.fixtures import CalloFixture, CallrFixture
from tests.source_tree import PACKAGE, ROOT

NUMBER = "+447700900310"
SHOP = {
    "accounts": {"shop": {"vendors": ["callo", "callr"], "balance": 9, "caller_ids": ["+33199001234"]}},
    "magic_numbers": False,
    "strangers": "shy",
    "personas": {"shy": {"attempts": ["busy", "answered"]}},
}


def look_into(world: simulator.World) -> list[str]:
    """Ask for all that a test may want to know."""
    callo, callr = world.callo, world.callr
    world.people[NUMBER].next("busy")
    fault = world.faults.add("callo.balance", "status 503", when="request 9")
    world.faults.remove(fault)
    world.limits.add("callo.*", "50 per 1s", by="public_key")
    callo.balance = 3
    result = world.clock.advance("10m")
    counts = world.clock.wait_for(calls=1, callbacks=0)
    call = callo.calls[0]
    ending, disposition = call.ending or "none", call.disposition or "none"
    attempts = [f"{attempt.number} {attempt.disposition.value} {attempt.cost}" for attempt in call.attempts]
    callbacks = [f"{one.event} {one.request.url} {one.state.value}" for one in callo.deliveries]
    asked = [f"{one.request.method} {one.request.path} {one.answer.status}" for one in world.exchanges]
    findings = [f"{one.code}" for one in callo.violations] + [one.write() for one in world.verdicts()]
    texts = [f"{message.ref} {message.state}" for message in callr.messages]
    words = [f"{result.now:%F} {counts['calls']} {callo.balance:.2f}", ending, disposition]
    return words + attempts + callbacks + asked + findings + texts


def order(callo: CalloFixture) -> dict[str, str | int | None]:
    known = callo.credentials
    return {"public_key": known["public_key"], "campaign_id": known["campaign_id"], "phone": NUMBER}


def key_of(callr: CallrFixture) -> str:
    return callr.credentials["api_key"]


async def move(world: simulator.World) -> Decimal:
    await world.clock.aadvance("1h")
    counts = await world.clock.await_for(requests=1)
    return Decimal(counts["requests"])


def test_all_that_a_test_asks_is_there() -> None:
    path = "/manager/cabapi_external/api/v1/phones/call/"
    with simulator.world(SHOP, seed=3, clock="virtual") as world:
        answer = world.callo.requests_session().post(world.callo.base_url + path, data=order(world.callo))
        words = look_into(world)

        assert answer.status_code == 200
        assert words[0].endswith("1 3.00")
        assert key_of(world.callr) != ""
        assert asyncio.run(move(world)) == 1


def test_what_is_misspelt_is_found_by_the_type_checker_and_told_by_us() -> None:
    with simulator.world(SHOP) as world:
        with pytest.raises(AttributeError):
            world.clok  # type: ignore[attr-defined]  # noqa: B018
        with pytest.raises(AttributeError):
            world.callo.cals  # type: ignore[attr-defined]  # noqa: B018
        with pytest.raises(KeyError):
            world.callo.credentials["key"]  # type: ignore[typeddict-item]
        with pytest.raises(SimulatorError, match="did you mean 'callbacks'"):
            world.clock.wait_for(callback=1)  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            world.faults.add("callo.*")  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match=r"known: .*world"):
        simulator.wrold  # type: ignore[attr-defined]  # noqa: B018


def test_this_file_is_checked_without_any() -> None:
    settings = (ROOT / "pyproject.toml").read_text()
    here = "tests.testing." + Path(__file__).stem

    assert f'module = "{here}"\ndisallow_any_expr = true' in settings


@pytest.mark.skipif(which("pyright") is None, reason="pyright is not on the path: `npm install -g pyright`")
def test_this_file_has_no_other_mistakes_for_pyright(tmp_path: Path) -> None:
    config = {
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": True,
        "extraPaths": [str(PACKAGE.parent), str(ROOT)],
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    copy(__file__, tmp_path)
    command = ["pyright", "--pythonpath", sys.executable, "--project", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.stdout.splitlines()[-1:] == ["0 errors, 0 warnings, 0 informations"], done.stdout
