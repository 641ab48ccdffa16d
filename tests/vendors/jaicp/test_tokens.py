"""An account with several campaigns: each has a token of its own, and nothing of one shows in another."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.errors import BrokenScenario
from simulator.scenario.loading import load_text

SPRING, AUTUMN = "8231.7056.1b131df1", "8231.7057.2c242ef2"
TWO = f"""
sim: 1
accounts:
  shop:
    vendors: [jaicp]
    keys: {{jaicp: {SPRING}}}
    campaigns:
      - {{name: Spring, type: broadcast, lines: 3}}
      - {{name: Autumn, type: broadcast, lines: 5, key: {AUTUMN}}}
"""


def simulator(text: str = TWO) -> Simulator:
    opened = Simulator(vendors=("jaicp", "callo"))
    opened.worlds.open("main", load_text(text.encode(), "tokens.yaml"))
    return opened


def visit(opened: Simulator, token: str, name: str, body: Any = None, **headers: str) -> Any:
    options = {} if body is None else {"json": body}
    answer = Client(opened).post(f"/jaicp/api/calls/campaign/{token}/{name}", headers=headers, **options)
    return answer.json if answer.data else None


def add(opened: Simulator, token: str, *phones: str, **headers: str) -> list[str]:
    jobs = [{"phone": phone} for phone in phones]
    added: list[str] = visit(opened, token, "addPhones", jobs, **headers)
    return added


def info(opened: Simulator, token: str) -> Any:
    return Client(opened).get(f"/jaicp/api/calls/campaign/{token}").json


def test_each_token_opens_its_own_campaign() -> None:
    opened = simulator()
    add(opened, AUTUMN, "79161234567", "79161234568")

    campaigns = [info(opened, token) for token in (SPRING, AUTUMN)]

    assert [(campaign["name"], campaign["maxSimultaneousCalls"]) for campaign in campaigns] == [
        ("Spring", 3),
        ("Autumn", 5),
    ]
    assert [campaign["shortReport"]["totalNumbers"] for campaign in campaigns] == [0, 2]
    assert {campaign["projectName"] for campaign in campaigns} == {"shop"}


@pytest.mark.parametrize(
    "name", ["getReport", "callJob/getReport", "callJob/cancel", "callAttempt/getReport"]
)
def test_jobs_of_the_other_campaign_are_not_to_be_found(name: str) -> None:
    opened = simulator()
    (job,) = add(opened, SPRING, "79161234567")

    assert visit(opened, AUTUMN, name, {"ids": [job]})["type"] == "id.not.found"
    assert visit(opened, AUTUMN, name, {"phones": ["79161234567"]})["type"] == "phone.not.found"
    assert isinstance(visit(opened, SPRING, name, {"ids": [job]}), list)


def test_pages_hold_the_jobs_of_one_campaign() -> None:
    opened = simulator()
    mine, theirs = add(opened, SPRING, "79161234567"), add(opened, AUTUMN, "79161234567")

    pages = [visit(opened, token, "callJob/getReportByDate", {}) for token in (SPRING, AUTUMN)]

    assert [[job["callJobId"] for job in page["items"]] for page in pages] == [mine, theirs]


def test_a_stop_of_one_campaign_leaves_the_other_alone() -> None:
    opened = simulator()

    assert visit(opened, SPRING, "control/stop") is None
    assert visit(opened, SPRING, "addPhones", [{"phone": "79161234567"}])["state"] == "FINISHED"
    assert len(add(opened, AUTUMN, "79161234567")) == 1


def test_keys_and_repeats_are_remembered_for_each_campaign_apart() -> None:
    opened = simulator()
    key = {"Idempotence-Key": "k"}

    jobs = [add(opened, token, "79161234567", **key) for token in (SPRING, AUTUMN, AUTUMN)]
    path = "/jaicp/api/crmCalls/campaign/%s/addPhone?phone=79161234568"
    hooks = [Client(opened).get(path % token).status_code for token in (SPRING, AUTUMN, SPRING)]

    assert jobs[0] != jobs[1] == jobs[2]
    assert hooks == [200, 200, 400]


def test_all_tokens_are_told_and_one_that_no_one_chose_is_made() -> None:
    text = TWO.replace(f", key: {AUTUMN}", "")

    credentials = simulator(text).worlds.credentials("jaicp")

    assert credentials["token"] == credentials["tokens"]["Spring"] == SPRING
    assert credentials["tokens"].keys() == {"Spring", "Autumn"}
    assert info(simulator(text), credentials["tokens"]["Autumn"])["name"] == "Autumn"


def test_a_token_chooses_its_world_too() -> None:
    opened = simulator("sim: 1")
    opened.worlds.open("second", load_text(TWO.encode(), "tokens.yaml"))

    assert info(opened, AUTUMN)["name"] == "Autumn"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TWO.replace(AUTUMN, SPRING), "two campaigns of shop have the same key"),
        (
            TWO.replace("[jaicp]", "[callo]")
            .replace("{jaicp: " + SPRING + "}", "{}")
            .replace("broadcast", "free_text"),
            "campaigns of callo have no key",
        ),
        (TWO + f"  other: {{vendors: [jaicp], keys: {{jaicp: {AUTUMN}}}}}", "with this credential already"),
    ],
)
def test_a_key_that_cannot_be_is_told_with_its_campaign(text: str, message: str) -> None:
    with pytest.raises(BrokenScenario, match=message):
        simulator(text)
