"""Worlds of one simulator share nothing, however a client names the one it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from werkzeug.test import Client

from simulator import Simulator
from simulator.exchange import Exchange
from simulator.scenario.loading import load_text
from tests.acceptance.stage_hands import API, Stranger, numbers, written

WORLDS = [f"w{place}" for place in range(8)]
STEPS = 200
CROWD = numbers(12)
Step = Callable[[Stranger], object]


def key_of(world: str) -> str:
    return f"{int(world[1:]):032x}"


def open_worlds(simulator: Simulator, names: list[str]) -> dict[str, Stranger]:
    """Open worlds that differ by seed and key, each met in one of four ways."""
    for name in names:
        extra = f"accounts: {{clinic: {{vendors: [callo], key: '{key_of(name)}'}}}}"
        text = written(extra).replace("seed: 7", f"seed: 7{name[1:]}")
        simulator.worlds.open(name, load_text(text.encode(), f"{name}.yaml"))
    return {name: client_of(simulator, name) for name in names}


def client_of(simulator: Simulator, name: str) -> Stranger:
    """Return a client that finds its world by prefix, host label, credential, or prefix at a real host."""
    place = int(name[1:]) % 4
    base = [f"/@{name}/callo", "", "/callo", f"/@{name}"][place]
    host = ["localhost", f"{name}.callo.localhost", "localhost", "zvonok.com"][place]
    return Stranger(simulator, name, base, host)


def steps_of(world: str) -> Iterator[Step]:
    """Yield random steps, the same ones each time for the same world."""
    draw = Random(world)  # noqa: S311 - steps, not secrets
    for _ in range(STEPS):
        phone, page, wait = draw.choice(CROWD), draw.randrange(1, 3), draw.random() * 40
        kinds: list[Step] = [
            lambda one, phone=phone: one.call(phone, text=f"Hello {phone}"),  # type: ignore[misc]
            lambda one, phone=phone: one.calls_to(phone),  # type: ignore[misc]
            lambda one, page=page: one.get("phones/all_calls", campaign_id=one.campaign(), page=page),  # type: ignore[misc]
            lambda one, phone=phone: one.post("phones/stoplist", phone=phone),  # type: ignore[misc]
            lambda one: one.post("phones/append/calls", campaign_id=one.campaign(), phones="\n".join(CROWD)),
            lambda one, phone=phone: one.post("phones/remove_call", campaign_id=one.campaign(), phone=phone),  # type: ignore[misc]
            lambda one: one.get("users/balance"),
            lambda one, wait=wait: one.advance(seconds=wait),  # type: ignore[misc]
        ]
        yield draw.choices(kinds, [8, 4, 2, 1, 1, 2, 2, 4])[0]


def journal_of(stranger: Stranger) -> list[Exchange]:
    return list(stranger.sandbox.recorder.journal)


@pytest.fixture(scope="module")
def solo() -> dict[str, list[Exchange]]:
    """What each world's journal holds when its client was alone."""
    journals = {}
    for world in WORLDS:
        stranger = open_worlds(Simulator(vendors=("callo",)), [world])[world]
        for step in steps_of(world):
            step(stranger)
        journals[world] = journal_of(stranger)
    return journals


def test_eight_worlds_taking_turns_live_as_each_alone(solo: dict[str, list[Exchange]]) -> None:
    strangers = open_worlds(Simulator(vendors=("callo",)), WORLDS)

    for steps in zip(*(steps_of(world) for world in WORLDS), strict=True):
        for world, step in zip(WORLDS, steps, strict=True):
            step(strangers[world])

    assert {world: journal_of(strangers[world]) for world in WORLDS} == solo


def test_eight_worlds_at_once_live_as_each_alone(solo: dict[str, list[Exchange]]) -> None:
    strangers = open_worlds(Simulator(vendors=("callo",)), WORLDS)

    with ThreadPoolExecutor(len(WORLDS)) as threads:
        list(threads.map(lambda world: [step(strangers[world]) for step in steps_of(world)], WORLDS))

    assert {world: journal_of(strangers[world]) for world in WORLDS} == solo


def test_no_call_of_one_world_is_known_in_another() -> None:
    strangers = open_worlds(Simulator(vendors=("callo",)), WORLDS)
    ids = {world: one.call(CROWD[0]).get_json()["call_id"] for world, one in strangers.items()}

    for world, one in strangers.items():
        own = one.get("phones/call_by_id", call_id=ids[world])
        others = [
            one.get("phones/call_by_id", call_id=ids[other]) for other in WORLDS if ids[other] != ids[world]
        ]
        assert own.status_code == 200
        assert {answer.status_code for answer in others} == {400}


@pytest.mark.parametrize(
    "host", ["callo.com", "zvonok.com", "callo.localhost", "callo.localhost:8070", "CALLO.COM"]
)
def test_the_vendors_own_hosts_lead_to_the_main_world(host: str) -> None:
    simulator = Simulator(vendors=("callo",))
    open_worlds(simulator, ["w1"])
    main = Stranger(simulator, "main", "", host)

    assert main.call(CROWD[0]).status_code == 200
    assert len(simulator.worlds.sandbox("main").world.calls) == 1


@pytest.mark.parametrize(
    ("host", "path"),
    [("localhost", "/@nobody/callo"), ("nobody.callo.localhost", ""), ("callo.com", "/@nobody")],
)
def test_a_world_that_may_not_be_opened_is_a_404_that_lists_those_that_are(host: str, path: str) -> None:
    simulator = Simulator(vendors=("callo",), opens_worlds=False)

    answer = Client(simulator).get(f"{path}{API}/users/balance/", base_url=f"http://{host}")

    assert answer.status_code == 404
    assert "nobody" in answer.text
    assert "main" in answer.text


def test_links_lead_back_to_the_world_they_came_from() -> None:
    strangers = open_worlds(Simulator(vendors=("callo",)), WORLDS[:4])
    for one in strangers.values():
        one.call(CROWD[0])
        one.sandbox.act("next_outcome", number=CROWD[1], outcome="answered")
        one.call(CROWD[1])
        one.advance(hours=1)

        url = one.get("phones/calls_by_phone", campaign_id=one.campaign(), phone=CROWD[1]).get_json()[0]
        answer = one.fetch(url["recorded_audio"])

        assert (answer.status_code, answer.mimetype) == (200, "audio/x-wav")


def test_a_world_put_in_the_place_of_another_knows_nothing_of_it() -> None:
    simulator = Simulator(vendors=("callo",))
    one = open_worlds(simulator, ["w0"])["w0"]
    call = one.call(CROWD[0]).get_json()["call_id"]

    one = open_worlds(simulator, ["w0"])["w0"]

    assert one.get("phones/call_by_id", call_id=call).status_code == 400
    assert len(one.sandbox.recorder.journal) == 1
