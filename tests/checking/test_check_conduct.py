"""`simulator check` judges conduct without a scenario, and pytest does so after each strict test."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.checking.test_checking import CLIENT
from tests.command_line import run
from tests.testing.test_pytest_plugin import run as run_suite

AGAIN = """
urllib.request.urlopen(url, urllib.parse.urlencode(form).encode())
"""
LISTS = """
url, form = url.replace("phones/call/", "phones/append/calls/"), {**form, "phones": "+447700900702"}
form.pop("phone")
for _ in range(2):
    urllib.request.urlopen(url, urllib.parse.urlencode(form).encode())
"""
TWICE = "def test_it(callo):\n%s    add_call(callo)\n    add_call(callo)\n"


def client(folder: Path, after: str = "") -> list[str]:
    file = folder / "client.py"
    file.write_text(CLIENT % "" + after)
    return [sys.executable, str(file)]


def test_a_client_that_calls_somebody_twice_fails_and_learns_which_requests_did(tmp_path: Path) -> None:
    done = run("check", "--clock", "virtual", "--vendor", "callo", "--", *client(tmp_path, AGAIN))

    assert done.returncode == 1
    rule = "  asked  nobody is called or written to twice for one request"
    assert f"broken: conduct double_dials\n{rule}\n  found  " in done.stdout
    assert "main-2 (callo.add_call) repeats main-1, whose call was not over yet" in done.stdout


def test_a_list_that_was_handed_over_twice_is_told_though_its_client_ended_at_once(tmp_path: Path) -> None:
    done = run("check", "--vendor", "callo", "--", *client(tmp_path, LISTS))

    assert done.returncode == 1, done.stdout
    assert "main-3 (callo.append_calls) repeats main-2, whose call was not over yet" in done.stdout


@pytest.mark.parametrize("option", [["--no-conduct"], ["--allow-conduct", "double_dials"]])
def test_conduct_may_be_forgiven_wholly_or_by_subject(tmp_path: Path, option: list[str]) -> None:
    done = run("check", *option, "--clock", "virtual", "--vendor", "callo", "--", *client(tmp_path, AGAIN))

    assert done.returncode == 0, done.stdout
    assert "double_dials" not in done.stdout


def test_of_a_client_that_behaves_one_line_tells_what_was_looked_at(tmp_path: Path) -> None:
    done = run("check", "--vendor", "callo", "--", *client(tmp_path))

    assert done.returncode == 0, done.stdout
    (line,) = [line for line in done.stdout.splitlines() if "conduct" in line]
    assert line.startswith("conduct: kept: double_dials, ")
    assert "no occasion: honours, " in line


RESET = """
def ask(path, method):
    asked = os.environ["SIMULATOR_URL"] + "/_simulator/v1" + path
    urllib.request.urlopen(urllib.request.Request(asked, b"", method=method))
ask("/reset", "POST")
"""
CLOSED = """
urllib.request.urlopen(url.replace("/callo/", "/@mine/callo/"), urllib.parse.urlencode(form).encode())
urllib.request.urlopen(url.replace("/callo/", "/@mine/callo/"), urllib.parse.urlencode(form).encode())
ask("/worlds/mine", "DELETE")
"""


def checked(folder: Path, after: str, *options: str) -> str:
    done = run("check", *options, "--clock", "virtual", "--vendor", "callo", "--", *client(folder, after))
    return f"exit {done.returncode}\n{done.stdout}"


@pytest.mark.parametrize(
    ("after", "name"),
    [
        (AGAIN + RESET, "world main no. 1"),
        (RESET + 'ask("/reset", "POST")' + 2 * AGAIN + 'ask("/reset", "POST")', "world main no. 2"),
        (RESET + CLOSED, "world mine no. 1"),
    ],
)
def test_conduct_is_judged_in_a_world_that_began_again_or_was_closed(
    tmp_path: Path, after: str, name: str
) -> None:
    output = checked(tmp_path, after)

    assert "broken: conduct double_dials" in output, output
    assert f"in {name}, which began again or was closed" in output
    written = r" was POST /manager/\S+/call/ public_key=\S+, answered 200"
    assert re.search(rf"  see    .*{written}, \S+{written}\n", output)
    assert "not judged of" not in output
    assert output.startswith("exit 1")


def test_a_world_that_began_again_and_behaved_is_judged_with_the_others_in_one_line(tmp_path: Path) -> None:
    output = checked(tmp_path, RESET + AGAIN + RESET + AGAIN, "--strict")

    (line,) = [line for line in output.splitlines() if "conduct" in line]
    assert line.startswith("conduct: kept: double_dials, ")
    assert output.startswith("exit 0"), output


def test_conduct_is_forgiven_in_a_world_that_began_again_as_well(tmp_path: Path) -> None:
    assert "exit 0" in checked(tmp_path, AGAIN + RESET, "--allow-conduct", "double_dials")
    assert "exit 0" in checked(tmp_path, AGAIN + RESET, "--no-conduct")


def test_what_is_expected_of_a_world_that_began_again_is_told_not_to_be_judged(tmp_path: Path) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text("sim: 1\nextends: happy\nexpect:\n  - client: {double_dials: 1}\n")

    output = checked(tmp_path, RESET + AGAIN, "--scenario", str(scenario))

    assert "expected: not judged in 1 world that was reset or closed" in output


def test_a_misspelt_subject_is_refused_with_those_there_are(tmp_path: Path) -> None:
    done = run("check", "--allow-conduct", "double_dial", "--", *client(tmp_path))

    assert done.returncode == 2
    assert "double_dials" in done.stderr


IN_THE_MIDDLE = """
import os, sys, threading, time
from http.server import BaseHTTPRequestHandler, HTTPServer
came = threading.Event()
class Receiver(BaseHTTPRequestHandler):
    def do_GET(self):
        came.set()
        threading.Event().wait()
server = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
form["phone"], form["ivr_lvl_1_btn_1_webhook"] = "+447700900310", f"http://127.0.0.1:{server.server_port}/"
urllib.request.urlopen(url, urllib.parse.urlencode(form).encode())
came.wait()
"""


def test_a_client_that_ends_while_it_handles_a_callback_is_not_blamed_for_that_one(tmp_path: Path) -> None:
    done = run("check", "--vendor", "callo", "--", *client(tmp_path, IN_THE_MIDDLE))

    assert done.returncode == 0, done.stdout
    assert "receivers" in done.stdout.split("no occasion")[1]


def test_in_pytest_conduct_is_judged_after_a_strict_test(pytester: pytest.Pytester) -> None:
    result = run_suite(pytester, TWICE % "")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["broken: conduct double_dials", "*allow_conduct('double_dials')*"])


@pytest.mark.parametrize(
    ("mark", "first"),
    [
        ("", "    callo.allow_conduct('double_dials')\n"),
        ("", "    callo.allow_violations()\n"),
        ("@pytest.mark.simulator(conduct=False)\n", ""),
        ("@pytest.mark.simulator(strict=False)\n", ""),
    ],
)
def test_a_test_that_is_about_misconduct_says_so(pytester: pytest.Pytester, mark: str, first: str) -> None:
    run_suite(pytester, mark + TWICE % first).assert_outcomes(passed=1)


def test_a_subject_that_nobody_knows_is_refused(pytester: pytest.Pytester) -> None:
    result = run_suite(pytester, TWICE % "    callo.allow_conduct('double_dial')\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*double_dials*"])


WORDS = """
sim: 1
extends: happy
expect:
  - client: {double_dials: at most 1}
"""


def test_what_a_scenario_expects_takes_the_place_of_the_same_subject(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", mine=WORDS)
    result = run_suite(pytester, "@pytest.mark.simulator(scenario='mine.yaml')\n" + TWICE % "")

    assert "conduct double_dials" not in result.stdout.str()
