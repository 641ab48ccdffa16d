"""A served simulator ends when it is told to, whatever it is doing, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from simulator.checking import check_command as checking
from tests.serving_process import PATIENCE, Served, add_call, serving

HOLD = """
import os, sys
from collections import deque
from itertools import chain, repeat

def hold(_what):
    deque(chain(map(os.write, [1], [b"held\\n"]), repeat(None)), maxlen=0)
"""
"""One step in C that says it has begun and then never ends, with the interpreter's lock held."""

SERVE = """
from pathlib import Path
from simulator.engine.settings import Settings
from simulator.serving.sockets import Ports
from simulator.serving.ending import watched
from simulator.serving.running import serve

ready_file = Path(sys.argv[1])
with watched(ready_file=ready_file):
    serve(Settings(), Ports(), ready_file, hold)
"""

CHECK = """
import subprocess
from simulator.cli import main

subprocess.Popen.wait = hold
main(["check", "--", sys.executable, "-c", ""])
"""


INTERRUPTED = """
import os, signal, sys

imported = sys.argv.pop(1)

class Interrupting:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == imported:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting)
from simulator.__main__ import run
run()
"""
"""The command line, with a Ctrl-C as a module is imported."""


@contextmanager
def held_in(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program, and go on when it is held."""
    command = [sys.executable, "-c", HOLD + program, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with held_in(SERVE, str(tmp_path / "ready.json")) as process:
        yield process


@pytest.mark.thorough
def test_sigterm_ends_within_12_seconds_also_a_process_that_cannot_notice_it(
    held: subprocess.Popen[str], tmp_path: Path
) -> None:
    held.terminate()

    assert held.wait(12) == -signal.SIGKILL
    assert held.stderr is not None
    assert held.stderr.read().endswith("it is killed\n")
    assert not (tmp_path / "ready.json").exists()


@pytest.mark.thorough
def test_a_second_signal_does_not_wait_for_that_long(held: subprocess.Popen[str]) -> None:
    held.terminate()
    held.send_signal(signal.SIGINT)

    assert held.wait(8) == -signal.SIGKILL


@pytest.mark.thorough
def test_sigterm_ends_also_a_check_that_cannot_notice_it() -> None:
    with held_in(CHECK) as process:
        process.terminate()

        assert process.wait(12) == -signal.SIGKILL


STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("begun", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(
    ("imported", "command"),
    [
        ("click", "words"),
        ("simulator.cli.following", "tail"),
        ("urllib3", "tail"),
        ("simulator.cli.serve", "serve --port 0"),
        ("flask", "serve --port 0"),
        ("simulator.checking.check_command", "check -- touch begun"),
        ("flask", "check -- touch begun"),
        ("simulator.app", "run happy"),
    ],
)
def test_an_interrupt_ends_a_command_without_a_word_however_early_it_comes(
    imported: str, command: str, tmp_path: Path
) -> None:
    program = [sys.executable, "-c", INTERRUPTED, imported, *command.split()]
    done = subprocess.run(
        program, check=False, capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert not (tmp_path / "begun").exists()


def test_an_interrupt_ends_what_follows_a_simulator_without_a_word() -> None:
    with serving("--clock", "virtual") as served:
        add_call(served)
        command = [sys.executable, "-m", "simulator", "tail", "--after", "0", "--count", "99"]
        command += ["--ready-file", str(served.ready_file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tail:
            assert tail.stdout is not None
            assert tail.stderr is not None
            assert tail.stdout.readline()
            tail.send_signal(signal.SIGINT)
            assert (tail.wait(PATIENCE), tail.stderr.read()) == (130, "")


@pytest.mark.thorough
def test_sigterm_ends_a_check_whose_command_ignores_it() -> None:
    check = [sys.executable, "-m", "simulator", "check", "--", sys.executable, "-c", STUBBORN]
    with subprocess.Popen(check, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.terminate()

        assert process.wait(12) == checking.KILLED + signal.SIGKILL
        assert process.stdout.read().startswith("no vendor was called")


def test_a_terminal_that_closes_is_a_good_end() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore it
    try:
        with serving() as served:
            served.process.send_signal(signal.SIGHUP)

            assert served.process.wait(PATIENCE) == 0
            assert not served.ready_file.exists()
    finally:
        signal.signal(signal.SIGHUP, former)


def gone(path: Path) -> bool:
    """Wait until a file is gone, for as long as anybody would."""
    pause, turns = Event(), iter(range(int(PATIENCE * 100)))
    while path.exists() and next(turns, None) is not None:
        pause.wait(0.01)
    return not path.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGQUIT])
def test_no_ready_file_stays_after_a_process_that_was_killed(number: signal.Signals) -> None:
    with serving() as served:
        served.process.send_signal(number)
        served.process.wait(PATIENCE)

        assert gone(served.ready_file)


def test_the_ready_file_of_another_process_is_left_alone() -> None:
    with serving() as served:
        served.ready_file.write_text(json.dumps({**served.ready, "pid": os.getpid()}))

        assert served.end() == 0
        assert served.ready_file.exists()


def reads_to_the_end(served: Served) -> bool:
    """Tell whether nobody holds the output of a process open after its end."""
    assert served.process.stdout is not None
    reader = Thread(target=served.process.stdout.read, daemon=True)
    reader.start()
    reader.join(PATIENCE)
    return not reader.is_alive()


def test_whoever_reads_what_was_printed_comes_to_an_end() -> None:
    with serving() as served:
        served.process.kill()

        assert reads_to_the_end(served)


def test_a_full_disk_leaves_no_half_of_a_ready_file(tmp_path: Path) -> None:
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
    serve = (
        f"from simulator.cli import main; main(['serve', '--port', '0', '--ready-file', '{tmp_path}/r.json'])"
    )
    command = [sys.executable, "-c", f"{full}\n{serve}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "cannot write the ready file" in done.stderr
