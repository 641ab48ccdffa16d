"""JAICP as a client meets it: through the whole simulator, by path and by host."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from simulator.scenario.loading import load_text
from simulator.vendors.jaicp import vendor
from tests.web.receiver import answering, receiving

WORLD = """
sim: 1
title: A client's world
seed: 7
clock: {at: 2026-03-02T10:00, zone: UTC}
strangers: listens
accounts: {shop: {vendors: [jaicp], profile: {jaicp: {profile: %s}}}}
personas:
  listens:
    first: {answered: 60%%, no_answer: 20%%, busy: 15%%, invalid: 5%%}
    ring: 4s..15s
    talk: 20s..60s
    result: Agreed
    notes: {Mood: good}
"""


class Customer:
    """Whoever has the token; paths start at the campaign's."""

    def __init__(
        self, edition: str = "both", extra: str = "", scenario: str | None = None, **settings: Any
    ) -> None:
        self.simulator = Simulator(vendors=("jaicp",), **settings)
        text = (WORLD % edition + extra).encode()
        self.simulator.worlds.open("main", scenario or load_text(text, "client.yaml"))
        self.sandbox = self.simulator.worlds.sandbox()
        self.token: str = self.simulator.worlds.credentials("jaicp")["token"]
        self.client = Client(self.simulator)

    def post(self, name: str, body: Any = None, base: str = "/jaicp", **options: Any) -> TestResponse:
        path = f"{base}/api/calls/campaign/{self.token}/{name}"
        return self.client.post(path, buffered=True, **({} if body is None else {"json": body}), **options)

    def read(self, name: str, body: Any) -> Any:
        """Return the JSON of a success."""
        answer = self.post(name, body)
        assert answer.status_code == 200, answer.data
        return answer.json

    def add(self, count: int, first: int = 79160000000, **terms: Any) -> list[str]:
        jobs = [{"phone": str(first + place), **terms} for place in range(count)]
        added: list[str] = self.read("addPhones", jobs)
        return added

    def advance(self, seconds: float) -> None:
        self.sandbox.advance(self.sandbox.world.clock.now + timedelta(seconds=seconds))

    def statuses(self, jobs: list[str], name: str = "callJob/getReport") -> list[str]:
        return [row["jobStatus"] for row in self.read(name, {"ids": jobs})]

    def random(self) -> dict[str, list[str]]:
        """Return how each attempt to each number ended."""
        return {
            call.callee: [attempt.disposition for attempt in call.attempts]
            for call in self.sandbox.world.calls
        }

    def findings(self) -> list[str]:
        return [
            violation.code for exchange in self.sandbox.recorder.journal for violation in exchange.violations
        ]


@pytest.mark.parametrize(
    "host",
    [
        *("jaicp.localhost:8070", "app.jaicp.com", "zb04.just-ai.com", "bot.just-ai.com:8070"),
        *("app.aimylogic.com", "platform.tovie.ai"),
    ],
)
def test_the_vendors_hosts_lead_to_its_root(host: str) -> None:
    customer = Customer()

    answer = customer.post("addPhones", [{"phone": "79161234567"}], base="", headers={"Host": host})

    assert answer.status_code == 200
    assert len(customer.sandbox.world.calls) == 1


@pytest.mark.parametrize("host", ["just-ai.com", "a.b.just-ai.com", "evil-just-ai.com"])
def test_hosts_that_are_not_the_vendors_lead_nowhere(host: str) -> None:
    answer = Client(Simulator()).post("/x", base_url=f"http://{host}")

    assert answer.status_code == 404


def test_the_token_is_nowhere_in_what_the_journal_shows() -> None:
    customer = Customer()
    customer.add(1)
    customer.post("nowhere")
    customer.client.get(f"/jaicp/api/calls/campaign/{customer.token}")

    mask = customer.sandbox.recorder.masker.exchange
    kept = [str(mask(exchange)) for exchange in customer.sandbox.recorder.journal]

    assert len(kept) == 3
    assert not any(customer.token in text for text in kept)


def test_a_limit_is_met_only_where_a_scenario_sets_one() -> None:
    limit = "\nlimits:\n  - {where: jaicp.*, allow: 3 per 1s, by: token}\n"
    statuses = [Customer(extra=extra) for extra in ("", limit)]

    answers = [[customer.post("getReport", {}).status_code for _ in range(5)] for customer in statuses]
    refused = statuses[1].post("getReport", {})

    assert answers == [[200] * 5, [200] * 3 + [429] * 2]
    assert refused.headers["Retry-After"] == "1"
    assert b"too.many.requests" in refused.data


@pytest.mark.parametrize("edition", ["1.10.3", "current"])
def test_the_whole_life_of_a_campaign_runs_by_plain_http(edition: str) -> None:
    customer = Customer(edition)
    report = "getReport" if edition == "1.10.3" else "callJob/getReport"
    if edition == "1.10.3":
        assert customer.post("control/start").status_code == 200

    jobs = [job for thousand in range(10) for job in customer.add(1000, 79160000000 + thousand * 1000)]
    customer.advance(600)
    polled = customer.read(report, {"ids": jobs[:100]})
    assert customer.post("control/pause").status_code == 200
    customer.advance(600)
    assert customer.post("control/resume").status_code == 200
    cancelled = customer.read("callJob/cancel", {"ids": jobs[-50:]})
    customer.advance(3600)
    assert customer.post("control/stop").status_code == 200
    customer.advance(600)
    rows = customer.read(report, {"ids": jobs})

    statuses = {row["jobStatus"] for row in rows}
    assert len(set(jobs)) == len(rows) == 10_000
    assert len(cancelled) == 50
    assert any(row["attemptsCount"] for row in polled)
    assert statuses >= {"longCallWithResult", "notDone", "nonexistentNumber"}
    assert {row["jobStatus"] for row in rows[-50:]} == {
        "canceled" if edition == "1.10.3" else "cancelledByUser"
    }
    assert customer.findings() == []


def test_polling_and_order_change_no_fate() -> None:
    quiet, loud = Customer(), Customer()
    quiet.add(200)
    jobs = {phone: loud.add(1, phone) for phone in reversed(range(79160000000, 79160000200))}

    for _ in range(120):
        loud.advance(30)
        loud.post("callJob/getReport", {"ids": jobs[79160000007]})
        loud.post("callJob/getUnfinished", {})
    quiet.advance(3600)

    assert quiet.random() == loud.random()


def test_fates_are_the_same_when_eight_threads_add_at_once() -> None:
    alone, crowd = Customer(), Customer()
    alone.add(200)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda place: crowd.add(25, 79160000000 + place * 25), range(8)))
    alone.advance(3600)
    crowd.advance(3600)

    assert alone.random() == crowd.random()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", "longCall"),
        (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "notDone"),
    ],
)
def test_the_client_is_really_asked_through_the_outbound_door(answer: bytes, status: str) -> None:
    with receiving(answering(answer)) as receiver:
        customer = Customer(profile="local")
        url = receiver.url("/check").replace("http://", "http://me:secret@")
        (job,) = customer.add(1, 447700900000, externalCheck={"externalCheckUrl": url})
        customer.advance(600)

    row = customer.read("callJob/getReport", {"ids": [job]})[0]
    assert row["jobStatus"].startswith(status)
    assert b"POST /check HTTP/1.1" in receiver.requests[0]
    assert b"Authorization: Basic bWU6c2VjcmV0" in receiver.requests[0]


@pytest.mark.parametrize(("body", "status"), [(b"true", "longCall"), (b'{"allowed":false}', "notDone")])
def test_the_body_of_a_clients_answer_comes_in_through_the_outbound_door(body: bytes, status: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with receiving(answering(head + body)) as receiver:
        customer = Customer("both, external_check_answer: body", profile="local")
        (job,) = customer.add(1, 447700900000, externalCheck={"externalCheckUrl": receiver.url("/check")})
        customer.advance(600)

    assert customer.statuses([job])[0].startswith(status)


def test_every_question_is_held_against_the_contract() -> None:
    with receiving(answering(b"HTTP/1.1 204 No Content\r\n\r\n")) as receiver:
        customer = Customer(profile="local")
        check = {"externalCheckUrl": receiver.url("/check")}
        customer.add(2, 447700900000, externalCheck=check, payload={"deal": 7})
        customer.advance(600)

    judged = [(exchange.operation, exchange.violations) for exchange in customer.sandbox.recorder.callbacks]
    assert set(judged) == {("external_check", ())}
    assert len(judged) == len(receiver.requests) >= 2


def test_a_replayed_world_hears_the_same_answers_without_asking() -> None:
    with receiving(answering(b"HTTP/1.1 204 No Content\r\n\r\n")) as receiver:
        customer = Customer(profile="local")
        customer.add(5, externalCheck={"externalCheckUrl": receiver.url()})
        customer.advance(600)
    again = Customer()

    again.sandbox.replay(customer.sandbox.inputs)

    assert again.random() == customer.random()
    assert len(receiver.requests) >= 5


def test_an_operation_outside_the_profile_is_filed_as_a_finding() -> None:
    customer = Customer("1.10.3")

    answer = customer.post("callJob/getReport", {})

    assert answer.status_code == 404
    assert customer.findings() == ["outside-edition"]


def test_a_list_of_numbers_has_no_end_at_a_megabyte() -> None:
    customer = Customer()

    jobs = customer.add(40_000, payload={"deal": 7})

    assert len(set(jobs)) == len(customer.sandbox.world.calls) == 40_000
    assert customer.findings() == []


def test_a_body_too_large_is_refused_in_the_vendors_words() -> None:
    body = b" " * 25_000_001

    answer = Customer().post("addPhones", data=body, content_type="application/json")

    assert answer.status_code == 413
    assert b"request.too.large" in answer.data


def test_the_token_is_all_that_a_client_needs() -> None:
    customer = Customer()
    credentials = customer.simulator.worlds.credentials("jaicp")

    assert credentials["tokens"] == {"Outgoing calls": credentials["token"]}
    assert set(credentials) == {"token", "campaign_id", "tokens"}
    assert credentials["token"] in vendor.try_it("http://127.0.0.1:8070/jaicp", credentials)


@pytest.mark.parametrize("scenario", ["happy", "flaky", "campaign"])
def test_every_shared_scenario_can_be_played_with_this_vendor(scenario: str) -> None:
    simulator = Simulator(scenario=scenario, vendors=("jaicp",))

    assert simulator.worlds.sandbox().world.operators["jaicp"] is simulator.vendors["jaicp"].vendor


def test_thirty_two_threads_with_one_key_make_one_job() -> None:
    customer = Customer()

    def add(_: int) -> str:
        jobs = [{"phone": "79161234567"}]
        return customer.post("addPhones", jobs, headers={"Idempotence-Key": "one"}).get_data(as_text=True)

    with ThreadPoolExecutor(32) as threads:
        answers = set(threads.map(add, range(200)))

    assert len(answers) == len(customer.sandbox.world.calls) == 1


def test_the_same_inputs_bring_the_same_reports_to_the_byte() -> None:
    customer, again = Customer(), Customer()
    customer.add(50, maxAttempts=2, gmtZone="Europe/Moscow", dialerPriority=1)
    customer.advance(3600)
    customer.post("control/pause")

    again.sandbox.replay(customer.sandbox.inputs)

    pages = [
        client.post("callJob/getReportByDate", {"pagination": {"pageSize": 200}}).data
        for client in (customer, again)
    ]
    assert pages[0] == pages[1]
