"""`simulator check`: a command's environment, the verdict on what it sent, the exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.conformance.report import RunReport
from tests.command_line import run
from tests.serving_process import PATIENCE, command

CLIENT = """
import json, os, urllib.parse, urllib.request

form = {
    "public_key": os.environ["CALLO_PUBLIC_KEY"],
    "campaign_id": os.environ["CALLO_CAMPAIGN_ID"],
    "phone": "+447700900000",
    %s
}
url = os.environ["CALLO_BASE_URL"] + "/manager/cabapi_external/api/v1/phones/call/"
answer = urllib.request.urlopen(url, urllib.parse.urlencode(form).encode())
print("answered", answer.status)
"""

LOOK_ONCE = """
query = urllib.parse.urlencode({"public_key": form["public_key"], "call_id": json.load(answer)["call_id"]})
url = os.environ["CALLO_BASE_URL"] + "/manager/cabapi_external/api/v1/phones/call_by_id/?" + query
status = lambda: json.load(urllib.request.urlopen(url))[0]["status"]
print(status())
"""

UNTIL_IT_IS_OVER = (
    LOOK_ONCE
    + """
import time
while status() in ("", "in_process"):
    time.sleep(0.4)
print("over")
"""
)


def client(folder: Path, extra: str = "", after: str = "") -> list[str]:
    """Return a command that adds a call, with more in its form, and goes on as told."""
    file = folder / "client.py"
    file.write_text(CLIENT % extra + after)
    return [sys.executable, str(file)]


def checked(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run("check", *arguments)


def test_a_client_that_keeps_the_contract_passes(tmp_path: Path) -> None:
    done = checked("--", *client(tmp_path))

    assert done.returncode == 0, done.stdout
    assert "answered 200" in done.stdout
    assert "kept: no violation in 1 exchange" in done.stdout
    assert "never called 17 of 18 operations" in done.stdout


def test_a_misspelt_parameter_fails_and_is_explained_once(tmp_path: Path) -> None:
    done = checked("--", *client(tmp_path, '"pin_code": "1234",'))

    assert done.returncode == 1
    assert done.stdout.count("unknown-parameter at pin_code") == 1
    assert "did you mean `pincode`?" in done.stdout


@pytest.mark.parametrize("shown", [False, True])
def test_what_is_printed_has_no_key_and_no_number_unless_that_is_asked_for(
    tmp_path: Path, shown: bool
) -> None:
    extra = '"phone": "+7 (916) 123-45-67", "label": "x " + os.environ["CALLO_PUBLIC_KEY"],'
    print_key = "\nprint('key', os.environ['CALLO_PUBLIC_KEY'])\n"
    file = client(tmp_path, extra)[1]
    Path(file).write_text(Path(file).read_text().replace("form =", print_key + "form =", 1))
    done = checked(*["--show-numbers"] * shown, "--", sys.executable, file)
    key = done.stdout.partition("key ")[2].partition("\n")[0]

    assert len(key) == 32
    assert done.stdout.count(key) == 1
    assert ("+7 (916) 123-45-67" in done.stdout, "+9 (999) 999-99-99~" in done.stdout) == (shown, not shown)


def test_a_failing_command_keeps_its_exit_code() -> None:
    done = checked("--", sys.executable, "-c", "raise SystemExit(7)")

    assert done.returncode == 7
    assert "no vendor was called" in done.stdout


def test_a_command_that_a_signal_killed_ends_as_in_a_shell() -> None:
    done = checked("--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")

    assert done.returncode == 137


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = checked("--", str(tmp_path / "nothing"))

    assert done.returncode == 127
    assert "there is no such command" in done.stderr


def test_a_file_that_is_no_command_is_told(tmp_path: Path) -> None:
    done = checked("--", str(tmp_path))

    assert done.returncode == 126
    assert "cannot run" in done.stderr


@pytest.mark.parametrize(
    "name",
    [
        *("SIMULATOR_URL", "CALLO_BASE_URL", "CALLO_CAMPAIGN_ID_PINCODE", "JAICP_TOKEN_OUTGOING_CALLS"),
        *("JAICP_ORIGIN", "CALLO_API_URL", "KALEYRA_VOICE_URL", "KALEYRA_OBD_URL", "CALLR_API_URL"),
    ],
)
def test_the_command_finds_its_way_in_its_environment(name: str) -> None:
    done = checked("--", sys.executable, "-c", f"import os; print('found', os.environ['{name}'])")

    assert "found " in done.stdout


def test_options_after_the_dashes_are_the_commands() -> None:
    done = checked("--strict", "--", sys.executable, "-c", "import sys; print(sys.argv)", "--seed", "x")

    assert "'--seed', 'x'" in done.stdout


def test_a_misspelt_option_is_not_taken_for_the_command() -> None:
    done = checked("--strickt", "--", sys.executable, "--version")

    assert done.returncode == 2
    assert "--strickt" in done.stderr


BREACH = """
body = urllib.parse.urlencode({"public_key": form["public_key"], "fone": "1"})
place = urllib.parse.urlsplit(os.environ["CALLO_BASE_URL"])
import http.client
line = http.client.HTTPConnection(place.netloc)
def ask(method, path, body=None, headers={}):
    line.request(method, path, body, headers)
    answer = line.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
ask("GET", place.path + "/manager/cabapi_external/api/v1/users/balance/?" + body)
"""

RESET = """
ask("POST", "/_simulator/v1/reset")
"""


def test_a_breach_is_not_forgotten_when_the_world_is_reset(tmp_path: Path) -> None:
    done = checked("--", *client(tmp_path, after=BREACH + RESET))

    assert done.returncode == 1
    assert "unknown-parameter at fone" in done.stdout


def test_a_run_longer_than_the_journal_is_vouched_for() -> None:
    report = RunReport()
    simulator = Simulator(vendors=("callo",), witness=report.note)
    simulator.worlds.sandbox().recorder.journal.max_entries = 5
    for _ in range(8):
        Client(simulator).get("/callo/manager/cabapi_external/api/v1/users/balance/")

    assert simulator.worlds.sandbox().recorder.journal.dropped == 3
    assert report.exchanges == 8


def test_the_clock_moves_by_itself(tmp_path: Path) -> None:
    done = checked("--", *client(tmp_path, after=UNTIL_IT_IS_OVER))

    assert "over" in done.stdout
    assert "clock: idle; it ran with the host's time and took 1 step" in done.stdout
    assert done.returncode == 0


def test_a_clock_that_is_told_when_to_move_stays_where_it_is(tmp_path: Path) -> None:
    done = checked("--clock", "virtual", "--", *client(tmp_path, after=LOOK_ONCE))

    assert "in_process" in done.stdout


def test_sigterm_reaches_the_command() -> None:
    script = """import signal, time
signal.signal(15, lambda *_: exit(5))
print("up", flush=True)
while True:  # and not signal.pause(), which a signal just before it does not end
    time.sleep(0.05)
"""
    with subprocess.Popen(
        command("check", "--", sys.executable, "-c", script), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.terminate()

        assert process.wait(PATIENCE) == 5


def test_a_fix_quotes_the_contract_unmasked_and_the_client_masked() -> None:
    form = "method=dial.click2call&caller=12&receiver=919876543210&format=json&api_key=$KALEYRA_API_KEY"

    done = checked("--vendor", "kaleyra", "--", "sh", "-c", f'curl -s -d "{form}" "$KALEYRA_BASE_URL/v1/"')

    assert "fix      send it like 9500000000 " in done.stdout
    assert "9876543210" not in done.stdout
