"""From a client's turn to an outcome: what it did, what it said, and whose fault it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from simulator.checking.suite_command import run_suite
from simulator.suites.gates import choose
from simulator.suites.judging import Turn
from simulator.suites.loading import load_suite
from simulator.suites.runs import SuiteRun
from simulator.suites.worlds import CaseWorld
from simulator.testing.client_suites import ObjectDriver, TaskAtHand
from tests.clients.wire import Request, send
from tests.suites.driving import result_of, run_with

API = "/manager/cabapi_external/api/v1"
CASE = "CALLO-1.1"
WRONG = ObjectDriver(lambda _task: {"outcome": "refused"})


def place(task: TaskAtHand, **changed: Any) -> Any:
    """Do what CALLO-1.1 asks for, with changes, and return the answer."""
    key, campaign = task.credentials["public_key"], task.credentials["campaign_id"]
    fields = {"public_key": key, "campaign_id": campaign, **task.arguments, **changed}
    return send(task.base_url, Request("add_call", "POST", f"{API}/phones/call/", form=fields.items())).json()


def placed(task: TaskAtHand, by: int = 0, **changed: Any) -> dict[str, Any]:
    return {"outcome": "placed", "id": place(task, **changed)["call_id"] + by}


def test_a_client_that_does_and_says_what_is_right_passes() -> None:
    result = result_of("callo", CASE, placed)

    assert result.outcome == "PASS"
    assert result.findings == ()
    assert [exchange.operation for exchange in result.exchanges] == ["add_call"]


def test_a_wrong_conclusion_fails_with_what_is_true() -> None:
    result = result_of("callo", CASE, lambda task: placed(task, by=1))

    (finding,) = result.findings
    assert result.outcome == "FAIL"
    assert (finding.about, finding.subject) == ("conclusion", "id")
    assert int(finding.arrived) == int(finding.asked) + 1
    assert finding.example == f'{{"outcome": "placed", "id": {finding.asked}}}'


def test_a_breach_of_the_contract_fails_with_its_fix_and_an_example() -> None:
    result = result_of("callo", CASE, lambda task: placed(task, speeker="M"))

    finding = next(one for one in result.findings if one.about == "contract")
    assert result.outcome == "FAIL"
    assert "speaker" in finding.fix
    assert finding.example.startswith("POST /manager/")
    assert finding.mark == "inferred"


def test_what_is_sent_is_compared_with_the_task() -> None:
    result = result_of("callo", CASE, lambda task: placed(task, text="Hi"))

    (finding,) = result.findings
    assert (finding.subject, finding.arrived) == ("add_call: text", '"Hi"')


def test_a_client_that_asks_nothing_fails_whatever_it_says() -> None:
    result = result_of("callo", CASE, lambda _task: {"outcome": "placed", "id": "1"})

    assert result.outcome == "FAIL"
    assert result.findings[0].subject == "nothing was asked"
    assert [finding.about for finding in result.findings] == ["command", "conclusion"]
    assert result.findings[1].asked == "what is true: what add_call answered at /call_id"


def test_a_field_that_the_task_does_not_have_is_told_where_one_is_missing() -> None:
    result = result_of("callo", CASE, lambda task: {"outcome": "placed", "call": place(task)["call_id"]})

    (finding,) = result.findings
    assert finding.arrived == "it is not said; 'call' is no field of this task"


def test_a_body_that_nests_for_ever_brings_nothing() -> None:
    def add(task: TaskAtHand) -> dict[str, Any]:
        path = f"/api/calls/campaign/{task.credentials['token']}/addPhones"
        asked = Request("add_phones", "POST", path)
        asked.raw, asked.content_type = b"[" * 3000, "application/json"
        send(task.base_url, asked)
        return {"outcome": "accepted"}

    result = result_of("jaicp", "JAICP-1.1", add)

    assert "add_phones: /1/phone" in [finding.subject for finding in result.findings]


@pytest.mark.parametrize(
    ("vendor", "case", "conclusion"),
    [
        ("jaicp", "JAICP-10.3", {"outcome": "accepted"}),
        ("callr", "CALLR-8.5", {"outcome": "done", "count": 0}),
    ],
)
def test_who_has_to_leave_one_thing_alone_has_to_do_the_other(
    vendor: str, case: str, conclusion: dict[str, Any]
) -> None:
    result = result_of(vendor, case, lambda _task: conclusion)

    assert result.outcome == "FAIL"
    assert result.findings[0].subject == "nothing was asked"


def test_what_is_not_done_is_not_implemented() -> None:
    result = result_of("callo", CASE, lambda _task: None)

    assert (result.outcome, result.findings) == ("UNIMPLEMENTED", ())


def test_a_broken_should_is_not_strict() -> None:
    result = result_of("callo", "CALLO-10.1", placed)

    assert result.outcome == "NON-STRICT"


def test_what_is_only_worth_a_word_is_info() -> None:
    suite = load_suite("callo")
    (case,) = choose(suite, [CASE], ())
    case = replace(case, level="info")
    suite = replace(suite, file=replace(suite.file, cases=(case,)))

    (result,) = run_suite(SuiteRun(suite=suite, cases=[case]), ObjectDriver(lambda _task: None)).cases
    (wrong,) = run_suite(SuiteRun(suite=suite, cases=[case]), WRONG).cases

    assert (result.outcome, wrong.outcome) == ("UNIMPLEMENTED", "INFO")


def test_a_failure_of_the_simulator_is_never_the_clients() -> None:
    def drive(world: CaseWorld, folder: Path) -> Turn:
        world.sandbox.recorder.bugs.report(world.name, RuntimeError("ours"))
        return WRONG(world, folder)

    result = run_with("callo", drive, [CASE]).cases[0]

    assert result.outcome == "BROKEN-US"
    assert (result.findings[0].about, result.failed) == ("simulator", False)


def test_keys_and_numbers_are_masked_in_what_is_kept() -> None:
    secrets: list[str] = []

    def conclude(task: TaskAtHand) -> dict[str, Any]:
        secrets.append(task.credentials["public_key"])
        place(task, phone="+79161234567")
        return {"outcome": "placed", "id": secrets[0]}

    text = repr(result_of("callo", CASE, conclude))

    assert secrets[0] not in text
    assert "79161234567" not in text
