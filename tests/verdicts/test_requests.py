"""What a scenario expects of requests, of callbacks by receiver, and of counts beside shares."""

from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.test import Client

from simulator import Simulator
from simulator.engine.verification import verdicts_on
from simulator.scenario.loading import load_text
from simulator.verdicts.findings import Verdict

ANN, BEN = "+447700900310", "+447700900102"
API = "/callo/manager/cabapi_external/api/v1"
SCENARIO = """
sim: 1
seed: 1
accounts:
  shop:
    vendors: [callo]
    key: 25267a4a6c5fe4638764a33e6c42e27e
    campaigns:
      - name: Sale
        type: free_text
        text: Hello
        retry: {attempts: 2, after: 5m}
        postbacks: {finished: {url: "http://hooks.test/done?call={ct_call_id}"}}
people:
  - {number: "+447700900310", attempts: [answered]}
  - {number: "+447700900102", attempts: [busy]}
expect:
  - %s
"""


@pytest.fixture(scope="module")
def evidence() -> Simulator:
    """A client that calls Ann twice within a second, Ben once, and asks for its balance; callbacks stay."""
    simulator = Simulator(vendors=("callo",))
    sandbox = simulator.worlds.open("main", load_text((SCENARIO % "contract: {}").encode(), "mine.yaml"))
    known = simulator.worlds.credentials("callo")
    client, key = Client(simulator), {"public_key": known["public_key"]}
    for number in (ANN, BEN, ANN):
        order = {**key, "campaign_id": known["campaign_id"], "phone": number, "text": "Hello"}
        client.post(f"{API}/phones/call/", data=order, buffered=True)
    client.get(f"{API}/users/balance/", query_string=key, buffered=True)
    sandbox.advance(sandbox.now() + timedelta(hours=1))
    return simulator


def judged(simulator: Simulator, words: str) -> list[Verdict]:
    sandbox = simulator.worlds.sandbox()
    scenario = load_text((SCENARIO % words).encode(), "mine.yaml")
    sandbox.scenario = scenario
    return verdicts_on(simulator.worlds, sandbox)


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ("request: {where: callo.add_call, count: 3}", True),
        ("request: {where: callo.add_call, count: at most 2}", False),
        (f'request: {{where: callo.add_call, with: {{phone: "{ANN}"}}, count: 2}}', True),
        (f'request: {{where: callo.*, with: {{phone: "{BEN}", text: Hello}}, count: 1}}', True),
        (f'request: {{where: callo.*, with: {{phone: "{BEN}", text: Hi}}, count: 1}}', False),
        ("request: {where: callo.*, status: 200, count: 4}", True),
        ("request: {where: callo.*, status: 404, count: 0}", True),
        ("request: {where: callo.*, pace: at most 4 per 1s}", True),
        ("request: {where: callo.add_call, pace: at most 2 per 1s}", False),
        ('hook: {to: "http://hooks.test/done", due: 2, delivered: 2, tries: 1}', True),
        ('hook: {to: "http://hooks.test", event: call.finished, due: 2}', True),
        ('hook: {to: "http://hooks.test/do", due: 0}', True),
        ('hook: {to: "http://hooks.test/", tries: 2}', False),
        ("calls: {count: 3, answered: 2, busy: 1, no_funds: 0}", True),
        ("calls: {answered: at most 1}", False),
        ("calls: {answered: 60%..70%, of: calls}", True),
        ("calls: {of: people, answered: 1, busy: 50%}", True),
        ('calls: {outside: {hours: ["mon-fri 09:00-12:00", "sat 10:00-11:00"], zone: UTC}}', True),
        ('calls: {outside: {hours: "sat,sun 09:00-12:00", zone: UTC}}', False),
    ],
)
def test_each_word_is_judged(evidence: Simulator, words: str, held: bool) -> None:
    verdicts = judged(evidence, words)

    assert all(verdict.held for verdict in verdicts) is held, [verdict.write() for verdict in verdicts]


def test_a_verdict_names_what_it_is_about_and_what_to_look_at(evidence: Simulator) -> None:
    words = f'request: {{where: callo.add_call, with: {{phone: "{ANN}"}}, count: 1}}'
    (verdict,) = judged(evidence, words)

    assert verdict.expected == words
    assert verdict.found == "2 such requests"
    assert len(verdict.shown) == 2
    assert verdict.look == "exchanges"


SHOP = "sim: 1\nseed: 1\naccounts: {shop: {vendors: [jaicp]}}\n"
BY_DATE = {"filter": {"createdAtFrom": "2026-03-02T00:00:00Z"}, "pagination": {"page": 3, "pageSize": 20}}


@pytest.mark.parametrize(
    ("parameters", "count"),
    [('ids: "778"', 1), ('ids: "77"', 0), ("page: 3", 1), ("page: 0", 0), ("createdAtFrom: 2026", 0)],
)
def test_a_value_in_json_is_known_by_its_key_also_in_a_list(parameters: str, count: int) -> None:
    words = f"expect: [{{request: {{where: jaicp.*, with: {{{parameters}}}, count: {count}}}}}]"
    simulator = Simulator(vendors=("jaicp",))
    sandbox = simulator.worlds.open("main", load_text((SHOP + words).encode(), "mine.yaml"))
    path = f"/jaicp/api/calls/campaign/{simulator.worlds.credentials('jaicp')['token']}/callJob"
    for name, body in (("getReport", {"ids": ["777", "778"]}), ("getReportByDate", BY_DATE)):
        Client(simulator).post(f"{path}/{name}", json=body, buffered=True)

    assert [verdict.held for verdict in verdicts_on(simulator.worlds, sandbox)] == [True]
