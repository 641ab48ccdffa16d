from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, load_contract
from simulator.conformance.coverage import Coverage
from simulator.conformance.report import MOST_KINDS, RunReport
from simulator.conformance.violations import explain
from simulator.exchange import Exchange
from tests.conformance.exchanges import CALL, answer, exchange, get, post, refusal


def judged(contract: Contract, fields: dict[str, str], answered: Any = None, number: str = "7") -> Exchange:
    """Return an add_call with what the judge says of it."""
    seen = exchange(post("/phones/call/", fields), answered, id=number)
    return replace(seen, violations=tuple(check(contract, seen)))


def write_report(contracts: list[Contract], exchanges: Iterable[Exchange]) -> str:
    """Return the verdict on a run of these exchanges."""
    verdict = RunReport()
    for seen in exchanges:
        verdict.note(seen)
    return verdict.write(contracts)


def test_a_violation_is_explained_in_a_few_lines_with_an_example(callo: Contract) -> None:
    (violation,) = judged(callo, {**CALL, "fone": "1"}).violations
    lines = explain(violation).splitlines()

    assert lines[0] == "unknown-parameter at fone (broken by the client)"
    assert [line.split()[0] for line in lines[1:]] == ["asked", "arrived", "fix", "example"]
    assert "[inferred: no vendor says so, our reading]" in lines[1]
    assert lines[3].endswith("(contracts/callo/openapi.yaml#/components/schemas/AddCallForm)")
    assert lines[4].split()[1:3] == ["POST", "/manager/cabapi_external/api/v1/phones/call/"]


def test_coverage_counts_operations_statuses_and_refusals(callo: Contract) -> None:
    coverage = Coverage()
    coverage.note(exchange(post("/phones/call/", CALL)))
    coverage.note(exchange(post("/phones/call/", CALL), refusal("Campaign by id=5 don't found")), callo)
    coverage.note(exchange(post("/phones/call/", CALL), operation=None))
    counts = coverage.as_json()["callo"]["add_call"]

    assert (counts["calls"], counts["statuses"]) == (2, {"200": 1, "400": 1})
    assert counts["errors"] == {"Campaign by id={campaign_id} don't found": 1}
    assert len(coverage.missing(callo)) == 17


def test_a_report_tells_each_violation_once_with_its_first_exchange(callo: Contract) -> None:
    wrong = {**CALL, "fone": "1"}
    text = write_report(
        [callo], [judged(callo, CALL, number="1"), *(judged(callo, wrong, number=n) for n in "23")]
    )

    assert text.count("unknown-parameter at fone") == 1
    assert "callo.add_call, 2 times, first in exchange 2 (POST " in text
    assert "callo: never called 17 of 18 operations: add_confirm_call, " in text
    assert text.splitlines()[-1] == "broken: 1 kind of violation in 3 exchanges (2 by the client)"


def test_a_request_for_no_operation_is_told_by_its_vendor_alone(callo: Contract) -> None:
    lost = replace(judged(callo, {**CALL, "fone": "1"}), operation=None)

    assert write_report([callo], [lost]).startswith("callo, once, first in exchange 7 (POST ")


def test_one_slip_with_many_values_is_one_finding(callo: Contract) -> None:
    wrong = [judged(callo, {**CALL, "phone": phone}) for phone in ("+38 012", "tel:+380", "044-1")]
    text = write_report([callo], wrong)

    assert "callo.add_call, 3 times, first in exchange 7" in text
    assert text.splitlines()[-1] == "broken: 1 kind of violation in 3 exchanges (3 by the client)"


def test_what_follows_from_a_redirect_is_folded_under_its_cause(callo: Contract) -> None:
    path = "/manager/cabapi_external/api/v1/phones/call/"
    moved = answer("", 301, {"Content-Type": "text/html; charset=utf-8", "Location": path})
    lost = exchange(post("/phones/call", CALL), moved, id="1")
    again = exchange(get("/phones/call/", {}), refusal("Form isn't valid: x"), id="2")
    both = [replace(made, violations=tuple(check(callo, made))) for made in (lost, again)]
    text = write_report([callo], both)

    assert len(both[1].violations) == 4
    assert "wrong-path at path" in text
    assert "  and 4 findings that follow from it" in text
    assert text.splitlines()[-1] == "broken: 1 kind of violation in 2 exchanges (1 by the client)"


def test_a_client_that_errs_in_ever_new_ways_costs_bounded_memory_and_every_breach_counts(
    callo: Contract,
) -> None:
    first = judged(callo, {**CALL, "fone": "1"})
    (violation,) = first.violations
    many = (replace(first, violations=(replace(violation, where=str(n)),)) for n in range(MOST_KINDS + 5))
    text = write_report([callo], many)

    assert "and 5 more, of kinds beyond the first 1000" in text
    assert text.splitlines()[-1].endswith("in 1,005 exchanges (1,005 by the client)")


def test_a_report_of_a_clean_run_says_so(callo: Contract) -> None:
    text = write_report([callo], [judged(callo, CALL)])

    assert text.splitlines()[-1] == "kept: no violation in 1 exchange"


@pytest.mark.parametrize("rule", ["guard: the body is longer than 1000000 bytes", "hook: TooManyRequests"])
def test_a_report_owns_up_to_what_was_not_judged(callo: Contract, rule: str) -> None:
    unread = replace(judged(callo, CALL), rule=rule)

    assert write_report([callo], [judged(callo, CALL), unread]).splitlines()[-1] == (
        "kept: no violation in 2 exchanges, 1 of them refused unread and not judged"
    )


def test_a_report_of_nothing_says_that_the_vendor_was_never_called(callo: Contract) -> None:
    assert write_report([callo], []).splitlines() == [
        "callo: never called",
        "kept: no violation in 0 exchanges",
    ]


def test_a_report_tells_which_events_were_never_sent_once_some_were() -> None:
    callr = load_contract("callr")
    sent = [replace(exchange(post("/", {}), operation=event.id), vendor="callr") for event in callr.events]

    assert "; never sent 13 of 14 events: v2.billing.credit.warning, " in write_report([callr], sent[:1])
    assert "; every event was sent" in write_report([callr], sent)
    assert "event" not in write_report([callr], [])
