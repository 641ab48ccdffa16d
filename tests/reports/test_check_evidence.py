"""`check` leaves its evidence in every form: findings, what of the contract was met, inputs to play again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli import main
from simulator.exchange import Request
from simulator.reports.evidence import Evidence, read_evidence
from simulator.reports.ledger import Ledger
from tests.conformance.exchanges import exchange

BALANCE = "ask('GET', 'users/balance/', {})"
WRONG = "ask('POST', 'phones/call/', {'phone': '+447700900310', 'colour': 'red'})"
CLIENT = """
import os, sys, urllib.error, urllib.parse, urllib.request

def ask(verb, path, fields):
    form = urllib.parse.urlencode({{"public_key": os.environ["CALLO_PUBLIC_KEY"], **fields}})
    url = os.environ["CALLO_BASE_URL"] + "/manager/cabapi_external/api/v1/" + path
    data = form.encode() if verb == "POST" else None
    try:
        urllib.request.urlopen(urllib.request.Request(url if data else url + "?" + form, data))
    except urllib.error.HTTPError:
        pass

{lines}
"""


def check(*words: str, client: str) -> Result:
    command = [sys.executable, "-S", "-c", CLIENT.format(lines=client)]
    return CliRunner().invoke(main, ["check", "--vendor", "callo", *words, "--", *command])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a run has left its files that asked one thing well and another wrong."""
    folder = tmp_path_factory.mktemp("run")
    forms = ("evidence", "html", "junit", "ctrf", "sarif", "markdown")
    words = [word for form in forms for word in ("--report", f"{form}={folder / form}")]
    result = check(*words, client=f"{BALANCE}\n{WRONG}")
    assert result.exit_code == 1, result.output
    return folder


@pytest.fixture
def evidence(folder: Path) -> Evidence:
    return read_evidence(folder / "evidence")


def test_every_form_is_written(folder: Path) -> None:
    names = {"evidence", "evidence.inputs.json", "html", "junit", "ctrf", "sarif", "markdown"}

    assert {file.name for file in folder.iterdir()} == names


def test_each_operation_is_a_case_with_requirement_finding_fix_example_and_exchanges(
    evidence: Evidence,
) -> None:
    cases = {case.id: case for case in evidence.cases}
    wrong = cases["callo.add_call"]
    unknown = next(one for one in wrong.findings if "colour" in one.subject)

    assert (cases["command"].outcome, cases["callo.balance"].outcome, wrong.outcome) == (
        "PASS",
        "PASS",
        "FAIL",
    )
    assert wrong.requirement is not None
    assert wrong.requirement.mark == "documented"
    assert (unknown.fix, unknown.mark) == ("leave `colour` out: it is silently ignored", "inferred")
    assert unknown.example.startswith("POST /manager")
    assert unknown.exchanges[0] in [one.id for one in wrong.exchanges]
    assert cases["conduct.double_dials"].outcome == "PASS"


def test_no_key_stands_in_the_evidence(folder: Path, evidence: Evidence) -> None:
    (request,) = [one for case in evidence.cases if case.id == "callo.balance" for one in case.exchanges]

    assert "public_key=" in request.query
    assert "25267a4a" not in (folder / "evidence").read_text()


def test_the_header_says_by_what_was_judged(evidence: Evidence) -> None:
    assert evidence.contracts["callo"].startswith("sha256:")
    assert (evidence.seed, evidence.clock, evidence.made_by) == ("7", "idle", "check")


def test_a_promise_that_was_broken_is_told_in_words(tmp_path: Path) -> None:
    order = "{'phone': '+447700900702', 'campaign_id': os.environ['CALLO_CAMPAIGN_ID']}"
    call = f"ask('POST', 'phones/call/', {order})"
    check("--report", f"evidence={tmp_path / 'twice'}", client=f"{call}\n{call}")
    (case,) = [case for case in read_evidence(tmp_path / "twice").cases if case.id == "conduct.double_dials"]

    rule = "nobody is called or written to twice for one request"
    assert (case.title, [finding.asked for finding in case.findings]) == (rule, [rule])


def test_the_cases_of_a_vendor_stand_together_however_its_requests_came() -> None:
    ledger = Ledger()
    for nth, operation in enumerate(["callo.balance", "callr.get_credit_balance", "callo.campaigns"]):
        vendor, _, name = operation.partition(".")
        ledger.note(exchange(Request("GET", "/"), id=f"main-{nth}", vendor=vendor, operation=name))

    names = ["callo.balance", "callo.campaigns", "callr.get_credit_balance"]
    assert [case.id for case in ledger.cases()] == names


def test_what_of_the_contract_was_met_is_counted_by_operation_parameter_answer_and_callback(
    evidence: Evidence,
) -> None:
    met = evidence.coverage["callo"]

    assert met.operations.met == ("add_call", "balance")
    assert {"balance: public_key", "add_call: phone"} <= {*met.parameters.met}
    assert "add_call: text" in met.parameters.missed
    assert {"balance: 200", "add_call: 400", "add_call: 400 campaign_missing"} <= {*met.answers.met}
    assert met.callbacks.known == len(met.callbacks.missed) > 0


def test_a_case_says_how_it_is_played_again_and_that_works(folder: Path, evidence: Evidence) -> None:
    wrong = next(case for case in evidence.cases if case.id == "callo.add_call")

    assert wrong.replay == f"simulator replay {folder / 'evidence'} main"
    result = CliRunner().invoke(main, wrong.replay.split()[1:])
    assert (result.exit_code, "none with other bytes" in result.output) == (0, True), result.output


def test_a_baseline_forgives_and_an_unused_entry_fails(tmp_path: Path, evidence: Evidence) -> None:
    known = [f"callo.add_call {one.key}  # known" for case in evidence.cases for one in case.findings]
    (tmp_path / "known").write_text("\n".join(known))

    accepted = check("--baseline", str(tmp_path / "known"), client=f"{BALANCE}\n{WRONG}")
    shrunk = check("--baseline", str(tmp_path / "known"), client=BALANCE)

    assert accepted.exit_code == 0, accepted.output
    assert (shrunk.exit_code, "take it out of" in shrunk.output) == (1, True)


def test_too_little_of_a_contract_fails_a_run_that_breaks_nothing() -> None:
    result = check("--min-coverage", "callo=80", client=BALANCE)

    assert result.exit_code == 1
    assert "--min-coverage asks for 80 %" in result.output
