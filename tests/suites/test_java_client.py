"""The client of Callo in Java passes its suite: a language in which nothing here is written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import which

import pytest

from simulator.checking.suite_command import CommandDriver
from simulator.checking.task_commands import read_commands
from simulator.suites.loading import load_suite
from tests.suites.driving import failures, run_with

SOURCES = Path(__file__).parent.parent / "clients" / "java"
JAVA = "java -Xshare:auto -XX:TieredStopAtLevel=1"
EVERY = 1 if os.environ.get("CORPUS") == "all" else 9
PATIENCE = 30.0

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        not which("javac"), reason="there is no javac here: install default-jdk-headless, as .ci/run does"
    ),
]


def test_the_client_in_java_passes(tmp_path: Path) -> None:
    sources = [str(source) for source in sorted(SOURCES.glob("*.java"))]
    subprocess.run(["javac", "-d", str(tmp_path), *sources], check=True)
    suite = load_suite("callo")
    commands = read_commands((f"*={JAVA} -cp {tmp_path} CalloTasks {{task}} {{arguments}}",), suite)

    cases = [case.id for case in suite.cases[::EVERY]]
    assert failures(run_with("callo", CommandDriver(commands, PATIENCE), cases, jobs=2)) == []
