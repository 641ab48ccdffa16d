"""The loop for resident clients: cases in hand, several at a time, conclusions, forgotten ones, results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.checking.run_files import write_runs
from simulator.checking.suite_command import Waiting, wait_for_clients
from simulator.cli import main
from simulator.engine.settings import Settings
from simulator.reports.evidence import Evidence
from simulator.serving.running import running
from simulator.suites.gates import choose
from simulator.suites.loading import load_suite
from simulator.suites.runs import SuiteRun
from tests.clients.resident import Resident, ask
from tests.suites.driving import client_of, failures

PLACE, REFUSED = "CALLO-1.1", "CALLO-2.1"


@pytest.fixture
def http() -> Iterator[Client]:
    simulator = Simulator(vendors=("callo",))
    yield Client(simulator)
    simulator.close()


def next_case(http: Client, agent: str = "ours", **query: str) -> Any:
    return http.get("/_simulator/v1/suite/next", query_string={"agent": agent, **query}).json


def conclude(http: Client, task: Any, **conclusion: Any) -> Any:
    return http.post(task["conclude"], json=conclusion).json


def evidence(http: Client, agent: str = "ours") -> Evidence:
    answer = http.get("/_simulator/v1/suite/results", query_string={"agent": agent})
    return msgspec.json.decode(answer.data, type=Evidence)


def test_a_resident_client_passes_the_suite_of_callo_and_cases_of_each_other_vendor() -> None:
    with running(Settings(clock="real")) as place:
        control = f"{place.root}/_simulator/v1"
        Resident(control, "ours", client_of("callo"), vendor="callo").work(3)
        for vendor in ("kaleyra", "jaicp", "callr"):
            own = {"vendor": vendor, "only": f"{vendor.upper()}-1.1,{vendor.upper()}-9.1"}
            Resident(control, vendor, client_of(vendor), **own).work(2)
        agents = ask(f"{control}/suite/results")["agents"]
        runs = [ask(f"{control}/suite/results?agent={one['agent']}") for one in agents]

    assert [(one["agent"], one["over"]) for one in agents] == [
        ("ours", True), ("kaleyra", True), ("jaicp", True), ("callr", True),
    ]  # fmt: skip
    assert [failures(msgspec.convert(run, Evidence)) for run in runs] == [[], [], [], []]
    assert len(runs[0]["cases"]) == len(load_suite("callo").cases)


def test_several_cases_may_be_in_hand_and_each_has_a_world_and_keys_of_its_own(http: Client) -> None:
    first, second = (next_case(http, only="CALLO-1.1,CALLO-2.1") for _ in range(2))

    assert (first["case"], second["case"]) == (PLACE, REFUSED)
    assert first["base_url"] != second["base_url"]
    over = next_case(http)
    assert (over["case"], over["over"], over["in_hand"]) == (None, False, [PLACE, REFUSED])


def test_a_conclusion_gets_its_outcome_and_the_end_is_told(http: Client) -> None:
    task = next_case(http, only=PLACE)
    answer = conclude(http, task, outcome="unsupported")

    assert (answer["outcome"], answer["again"]) == ("UNIMPLEMENTED", False)
    assert next_case(http)["over"] is True
    assert [case.id for case in evidence(http).cases] == [PLACE]


def test_a_forgotten_case_fails_with_its_reason(http: Client) -> None:
    task = next_case(http, only=PLACE, seconds="1e-09")

    (case,) = evidence(http).cases
    assert case.outcome == "FAIL"
    assert "no conclusion came within 1e-09 s" in [finding.arrived for finding in case.findings]
    late = http.post(task["conclude"], json={"outcome": "placed"})
    assert (late.status_code, "has its outcome already" in late.text) == (409, True)


def test_two_agents_stand_beside_each_other_in_the_report(http: Client) -> None:
    for agent, outcome in (("left", "unsupported"), ("right", "refused")):
        conclude(http, next_case(http, agent, only=PLACE), outcome=outcome)

    page = http.get("/_simulator/v1/suite/report.html")
    seen = http.get("/_simulator/coverage", headers={"Accept": "text/html"})

    assert "v1/suite/report.html" in seen.text
    assert page.mimetype == "text/html"
    assert '<td class="UNIMPLEMENTED">' in page.text
    assert '<td class="FAIL">' in page.text
    assert "style-src" in page.headers["Content-Security-Policy"]


def test_a_look_at_the_headers_takes_no_case(http: Client) -> None:
    assert http.head("/_simulator/v1/suite/next?agent=ours").status_code == 405
    assert next_case(http, only=PLACE)["case"] == PLACE


def test_an_agent_that_is_forgotten_begins_anew(http: Client) -> None:
    conclude(http, next_case(http, only=PLACE), outcome="unsupported")

    assert http.delete("/_simulator/v1/suite/results?agent=ours").status_code == 204
    assert next_case(http, only=PLACE)["case"] == PLACE


def test_a_case_that_listens_is_not_given_without_a_receiver(http: Client) -> None:
    over = next_case(http, only="CALLO-9.1")

    assert (over["case"], over["over"]) == (None, True)
    assert evidence(http).cases[0].reason == "the client asked without ?receiver=ADDRESS"


def test_a_conclusion_that_is_none_fails_and_says_what_to_send(http: Client) -> None:
    answer = conclude(http, next_case(http, only=PLACE), outcome="plcaed")

    assert answer["outcome"] == "FAIL"
    (own,) = (one for one in answer["findings"] if one["subject"] == "the command")
    assert own["fix"] == "POST a conclusion to the address in `conclude`, in the words of the task"


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("", 422, "give your client a name"),
        ("agent=x&vendor=calo", 404, "did you mean"),
        ("agent=x&only=CALLO-99", 409, "no case of callo"),
        ("agent=x&seconds=0", 422, "up to 600"),
        ("agent=x&receiver=here", 422, "no http address"),
        ("agent=x&agnt=y", 422, "did you mean `agent`"),
    ],
)
def test_what_cannot_be_handed_out_is_told(http: Client, query: str, status: int, says: str) -> None:
    answer = http.get(f"/_simulator/v1/suite/next?{query}")

    assert (answer.status_code, says in answer.text) == (status, True), answer.text


def test_a_suite_waits_for_its_clients_and_judges_each(tmp_path: Path) -> None:
    clients: list[Thread] = []

    def come(url: str) -> None:
        for agent, outcome in (("left", "unsupported"), ("right", "refused")):
            clients.append(Thread(target=_do_one, args=(f"{url}?agent={agent}", outcome)))
            clients[-1].start()

    suite = load_suite("callo")
    run = SuiteRun(suite=suite, cases=choose(suite, [PLACE], ()))
    waiting = Waiting(agents=("left", "right"), patience=20)
    runs = wait_for_clients(run, waiting, come, lambda _agent, _case: None)
    for client in clients:
        client.join()

    written = [*write_runs(runs, [("junit", tmp_path / "run.xml"), ("html", tmp_path / "run.html")])]
    outcomes = {run.agent: [case.outcome for case in run.cases] for run, _ in runs}
    assert outcomes == {"left": ["UNIMPLEMENTED"], "right": ["FAIL"]}
    assert {file.name for file in written} == {"run.left.xml", "run.right.xml", "run.html"}


def _do_one(url: str, outcome: str) -> None:
    ask(ask(url)["conclude"], {"outcome": outcome})


def test_a_suite_to_which_nobody_comes_fails() -> None:
    result = CliRunner().invoke(main, ["suite", "callo", "--wait", "--agent", "ours", "--patience", "0.1"])

    assert result.exit_code == 1
    assert "cases were never asked for by ours" in result.output
