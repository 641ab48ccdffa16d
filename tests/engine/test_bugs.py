"""A bug of the simulator costs nobody an answer or a callback, and is told wherever somebody judges."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from simulator.conformance import checks, contract
from simulator.conformance.coverage import Coverage
from simulator.engine import answering, recorder, world_setup
from simulator.engine.access_log import LogLine
from simulator.engine.machine import StateMachine
from simulator.engine.outbound_queue import OutboundQueue
from simulator.engine.sandbox import Sandbox
from simulator.engine.waits import Waits
from simulator.engine.worlds import Worlds
from simulator.exchange import Exchange
from simulator.telephony.outbox import Outbox
from simulator.telephony.world import World
from simulator.web.deliveries import OutboundDoor
from simulator.web.faults import FaultPlan
from simulator.web.journal import Journal
from simulator.web.known_secrets import Secrets
from simulator.web.masking import Masker
from simulator.web.vendor_app import VendorApp
from tests.checking.test_checking import client
from tests.serving_process import PATIENCE, command
from tests.testing.test_pytest_plugin import run
from tests.thoroughness import sampled

BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/"
ADD_CALL = "/callo/manager/cabapi_external/api/v1/phones/call/"
PLANTED = {
    "the judge": (recorder, "check"),
    "coverage": (Coverage, "note"),
    "the contract": (world_setup, "load_contract"),
    "the masker": (Masker, "exchange"),
    "the journal": (Journal, "add"),
    "what is secret": (Secrets, "__contains__"),
    "the fault": (answering, "apply_to_answer"),
    "the fault plan": (FaultPlan, "decide"),
}


def break_down(*_arguments: Any, **_named: Any) -> Any:
    raise RuntimeError("planted with +79161234567")


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """A simulator whose account hears of every finished call."""
    hooks = "{finished: {url: 'https://shop.example/done?id={ct_call_id}'}}"
    file = tmp_path / "listening.yaml"
    file.write_text(
        "sim: 1\nextends: happy\nfaults: [{where: callo.add_call, do: slow 1s}]\naccounts:\n"
        f"  clinic: {{vendors: [callo], campaigns: [{{name: R, type: free_text, postbacks: {hooks}}}]}}\n"
    )
    with closing(Simulator(scenario=file, vendors=("callo",), witness=lambda _exchange: None)) as opened:
        yield opened


def add_call(simulator: Simulator) -> TestResponse:
    access = simulator.worlds.credentials("callo")
    form = {
        "public_key": access["public_key"],
        "campaign_id": access["campaign_id"],
        "phone": "+447700900000",
    }
    return Client(simulator).post(ADD_CALL, data=form, buffered=True)


@pytest.mark.parametrize("place", PLANTED)
def test_a_bug_beside_the_vendor_costs_neither_answer_nor_callback(
    simulator: Simulator, place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as planting:
        planting.setattr(*PLANTED[place], break_down)
        answer = add_call(simulator)
    sandbox = simulator.worlds.sandbox()
    sandbox.advance()

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["phone"] == "+447700900000"
    assert answer.headers["X-Simulator-Rule"].startswith("bug: main-1")
    assert [delivery.state for delivery in sandbox.world.outbox.deliveries.values()] == ["delivered"]
    assert "this is a bug of the simulator" in caplog.text
    assert "Traceback" in caplog.text
    assert "9161234567" not in caplog.text
    assert [line.partition(" (")[0] for line in simulator.worlds.bugs][:1] == ["bug: main-1"]


@pytest.mark.parametrize("place", [name for name in PLANTED if name != "the journal"])
def test_the_journal_tells_of_a_bug_where_the_judgement_would_be(
    simulator: Simulator, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as planting:
        planting.setattr(*PLANTED[place], break_down)
        add_call(simulator)

    (exchange,) = Client(simulator).get("/_simulator/v1/exchanges").json["exchanges"]  # type: ignore[index]
    assert exchange["rule"].startswith("bug: main-1")
    assert exchange["answer"]["status"] == 200
    assert exchange["violations"] == []


def test_a_bug_of_a_handler_is_a_page_of_the_vendor_and_fails_whoever_judges(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, "place_call", break_down)
    answer = add_call(simulator)

    assert answer.status_code == 500
    assert answer.headers["X-Simulator-Rule"].startswith("bug: main-1, fault: ")
    assert [line.partition(" (")[0] for line in simulator.worlds.bugs] == ["bug: main-1"]


def test_a_bug_in_what_reads_a_request_is_a_page_of_the_vendor_and_told(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VendorApp, "read", break_down)
    answer = add_call(simulator)

    assert answer.status_code == 500
    assert answer.headers["Server"] == "gunicorn/19.9.0"
    assert answer.headers["X-Simulator-Rule"].startswith("bug: main-1")
    assert [exchange.answer.status for exchange in simulator.worlds.sandbox().recorder.journal] == [500]


@pytest.mark.parametrize(("owner", "name"), [(StateMachine, "reach"), (Worlds, "sandbox")])
def test_a_bug_around_the_world_is_a_page_of_the_vendor_and_told(
    simulator: Simulator, owner: type, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ADD_CALL.replace("/callo", "/@main/callo")
    with monkeypatch.context() as planting:
        planting.setattr(owner, name, break_down if owner is StateMachine else {}.__getitem__)
        answer = Client(simulator).get(path, buffered=True)

    assert answer.status_code == 500
    assert answer.headers["X-Simulator-Rule"].startswith("bug: main")
    assert simulator.worlds.bugs


def test_a_callback_is_delivered_although_its_judge_fails(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "judge_callback", break_down)
    add_call(simulator)
    simulator.worlds.sandbox().advance()

    assert [delivery.state for delivery in simulator.worlds.sandbox().world.outbox.deliveries.values()] == [
        "delivered"
    ]
    assert simulator.worlds.bugs


BESIDE = {
    "the waits": (Waits, "note"),
    "the waits that are over": (Waits, "waited_out"),
    "the memory": (Worlds, "weigh"),
    "how long to wait": (Exchange, "wait"),
}


@pytest.mark.parametrize("place", BESIDE)
def test_a_bug_beside_a_refusal_leaves_it_as_it_is(
    simulator: Simulator, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = simulator.worlds.credentials("callo")
    with monkeypatch.context() as planting:
        path = f"{BALANCE}?public_key={access['public_key']}"
        asked = [Client(simulator).get(path, buffered=True).status_code for _ in range(22)]
        owner, name = BESIDE[place]
        is_property = isinstance(vars(owner)[name], property)
        planting.setattr(owner, name, property(break_down) if is_property else break_down)
        asked.append(Client(simulator).get(path, buffered=True).status_code)

    assert (asked[-1], simulator.worlds.bugs[0][:9]) == (429, "bug: main")


@pytest.mark.parametrize(
    ("owner", "name"),
    [(Outbox, "settle"), (OutboundQueue, "_onward"), (OutboundDoor, "send"), (recorder, "Sending")],
)
def test_a_bug_on_the_way_of_a_callback_is_told_without_numbers(
    tmp_path: Path,
    owner: Any,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    file = tmp_path / "listening.yaml"
    hooks = "{finished: {url: 'http://127.0.0.1:9/done'}}"
    file.write_text(
        "sim: 1\nextends: happy\naccounts:\n"
        f"  clinic: {{vendors: [callo], campaigns: [{{name: R, type: free_text, postbacks: {hooks}}}]}}\n"
    )
    monkeypatch.setattr(owner, name, break_down)
    with closing(Simulator(scenario=file, vendors=("callo",))) as opened:
        add_call(opened)
        with suppress(RuntimeError):
            opened.worlds.sandbox().advance()

        assert opened.worlds.bugs[0].startswith("bug: ")
        assert "this is a bug of the simulator" in caplog.text
        assert "9161234567" not in caplog.text


def test_a_world_that_fails_to_keep_up_is_a_bug_that_fails_whoever_judges(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Sandbox, "keep_up", break_down)
    with closing(Simulator(vendors=("callo",), clock="x60")) as opened:
        opened.worlds.sandbox().drive()

        assert [line.partition(" (")[0] for line in opened.worlds.bugs] == ["bug: main"]


def test_a_line_of_the_access_log_that_cannot_be_masked_tells_so(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_call(simulator)
    (exchange,) = simulator.worlds.sandbox().recorder.journal
    line = LogLine(exchange, simulator.worlds.masker, simulator.worlds.sandbox().recorder.bugs)
    monkeypatch.setattr(Masker, "exchange", break_down)

    assert str(line) == '{"rule": "bug: main-1"}'
    assert simulator.worlds.bugs


PLANT = (
    "from simulator.engine import recorder\n"
    "def fail(*_):\n    raise RuntimeError('planted')\nrecorder.check = fail\n"
)


def test_a_bug_fails_the_test_that_met_it_even_if_that_is_not_strict(pytester: pytest.Pytester) -> None:
    body = (
        "def test_met(callo, monkeypatch):\n"
        "    from simulator.engine import recorder\n"
        "    monkeypatch.setattr(recorder, 'check', None)\n    add_call(callo)\n"
        "def test_spared(callo):\n    add_call(callo)\n"
    )
    result = run(pytester, body, "-o", "simulator_strict=false")

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["the simulator itself failed, which is not the client's fault*", "  bug: *"])


LEAKING = """
import base64, logging, sys, warnings
import pytest

SENT, COUNT = "+79161230077", 79160000000

def say(callo):
    add_call(callo, phone=SENT, odd=SENT)
    return f"{callo.key} {SENT} {COUNT}"

def test_fails(callo):
    said = say(callo)
    print(said)
    print(said, file=sys.stderr)
    logging.getLogger("x").warning(said)
    assert said == COUNT

def test_warns(callo, record_property):
    said = say(callo)
    record_property("said", said)
    warnings.warn(said)
    pytest.fail(said)

def test_skips(callo):
    pytest.skip(say(callo))

def test_nests(callo):
    raise ExceptionGroup("several", [ValueError(say(callo))])

@pytest.fixture
def breaking(callo):
    yield
    raise ValueError(say(callo))

def test_breaks_in_its_teardown(breaking):
    pass
"""


OPTIONS = ("-W", "default", "-o", "junit_family=xunit1", "--junitxml=report.xml")


@pytest.mark.parametrize("style", sampled(["long", "short", "native"], 3))
def test_no_key_and_no_number_that_was_sent_stands_in_what_pytest_prints(
    pytester: pytest.Pytester, style: str
) -> None:
    result = run(pytester, LEAKING, f"--tb={style}", "-l", "-rA", *OPTIONS)
    text = result.stdout.str() + result.stderr.str() + (pytester.path / "report.xml").read_text()

    result.assert_outcomes(failed=3, skipped=1, passed=1, errors=2, warnings=1)
    assert "25267a4a6c5fe463" not in text
    assert [line for line in text.splitlines() if "1230077" in line and "SENT, COUNT" not in line] == []
    assert "79160000000" in text


def test_what_pytest_prints_of_a_failure_has_no_key(pytester: pytest.Pytester) -> None:
    body = (
        "import pathlib\ndef test_it(callo):\n"
        "    add_call(callo)\n    key = callo.key\n    print('printed', key)\n"
        "    pathlib.Path('key').write_text(key)\n    assert callo.exchanges == [key]\n"
    )
    result = run(pytester, body, "-l", "-vv")
    text = result.stdout.str()

    result.assert_outcomes(failed=1)
    assert "assert callo.exchanges == [key]" in text
    assert (pytester.path / "key").read_text() not in text


def test_a_bug_fails_the_check_with_words_that_spare_the_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(PLANT)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(recorder.__file__).parents[2]}")
    line = command("check", "--", *client(tmp_path))
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert done.returncode == 1
    assert "answered 200" in done.stdout
    assert "the simulator itself failed, which is not the client's fault" in done.stdout
    assert "bug: main-1 (RuntimeError: planted)" in done.stdout
    assert "Traceback" in done.stderr


def test_a_rule_that_no_header_can_hold_is_told_with_escapes(tmp_path: Path) -> None:
    file = tmp_path / "limited.yaml"
    file.write_text("sim: 1\nextends: happy\nfaults: [{where: callo.*, do: status 503}]\n")
    with closing(Simulator(scenario=file, vendors=("callo",))) as simulator:
        sandbox = simulator.worlds.sandbox()
        (fault,) = sandbox.faults.list()
        sandbox.faults.remove(fault.id)
        sandbox.faults.add(type(fault)("звонки\r\nX-Evil: 1", fault.where, fault.do, fault.when))
        answer = add_call(simulator)

    assert answer.status_code == 503
    assert "X-Evil" not in answer.headers
    assert "\\u0437" in answer.headers["X-Simulator-Rule"]


def test_a_download_is_an_operation_of_no_document_and_no_bug(simulator: Simulator) -> None:
    Client(simulator).get("/callo/manager/cdr/record/1/2.3/", buffered=True)
    (exchange,) = simulator.worlds.sandbox().recorder.journal

    assert (exchange.operation, exchange.answer.status, exchange.violations) == ("recording", 404, ())
    assert simulator.worlds.bugs == []


def test_the_contract_is_asked_once_for_each_request(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def count(*arguments: Any) -> Any:
        asked.append(arguments[2])
        return contract.match(*arguments)

    monkeypatch.setattr(checks, "match", count)
    add_call(simulator)

    assert len(asked) == 1
