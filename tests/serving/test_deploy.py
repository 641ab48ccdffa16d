"""Files that run a simulator elsewhere: as their formats want them, and tried as far as can be here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from simulator.cli import main
from simulator.cli.deploy import FILES
from simulator.cli.serve import serve
from simulator.vendors import load_vendor, vendor_names
from tests.serving_process import PATIENCE
from tests.source_tree import ROOT

BIN = Path(sys.executable).parent
LINTERS: dict[str, list[str]] = {
    "dockerfile": ["hadolint"],
    "compose": ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"],
    "kubernetes": ["kubernetes-validate", "--strict"],
    "github-action": ["check-jsonschema", "--builtin-schema", "vendor.github-actions"],
    "gitlab": ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
}


def printed(kind: str) -> str:
    result = CliRunner().invoke(main, ["deploy", kind])
    assert result.exit_code == 0
    return result.stdout


def run(*line: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in line], capture_output=True, text=True, timeout=PATIENCE, check=False, **options
    )


@pytest.mark.parametrize("kind", LINTERS)
def test_a_file_is_as_its_format_wants_it(kind: str, tmp_path: Path) -> None:
    file = tmp_path / FILES[kind]
    file.write_text(printed(kind))
    command, *options = LINTERS[kind]
    checked = run(BIN / command, *options, file)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("kind", FILES)
def test_the_head_of_a_file_says_what_was_not_tried(kind: str) -> None:
    head = printed(kind).partition("\n\n")[0]

    assert "Tried by the simulator's own tests" in head
    assert kind == "balancer" or "Not tried there" in head


def options_of(words: list[str]) -> list[str]:
    return [word for word in words if word.startswith("--")]


def test_servers_are_started_with_options_that_serve_has() -> None:
    known = {name for parameter in serve.params for name in parameter.opts}
    entry = re.search(r"^ENTRYPOINT (.*)$", printed("dockerfile"), re.MULTILINE)
    compose = yaml.safe_load(printed("compose"))["services"]["simulator"]["command"]
    deployment = next(yaml.safe_load_all(printed("kubernetes")))
    args = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    assert entry is not None

    for words in (json.loads(entry[1]), compose, args):
        assert options_of(words)
        assert {*options_of(words)} <= known


def test_compose_stands_for_every_host_of_every_vendor() -> None:
    networks = yaml.safe_load(printed("compose"))["services"]["simulator"]["networks"]
    aliases = networks["default"]["aliases"]
    for vendor in vendor_names():
        for host in load_vendor(vendor).hosts:
            assert host in aliases or any(alias.endswith(host.lstrip("*")) for alias in aliases)


def test_the_image_installs_what_is_there() -> None:
    """Its steps themselves are run by `make image-steps`, in a clean virtual environment."""
    steps = printed("dockerfile")
    for path in re.findall(r" -r (\S+)", steps):
        assert (ROOT / path).is_file()


def test_the_health_check_asks_a_server_that_is_ready() -> None:
    check = re.search(r"CMD (\[.*\])$", printed("dockerfile"), re.MULTILINE)
    assert check is not None
    code = json.loads(check[1])[2]

    compile(code, "health", "exec")
    assert "/readyz" in code


@pytest.mark.parametrize("kind", ["github-action", "gitlab"])
@pytest.mark.thorough
def test_a_pipelines_script_ends_as_the_check_does_and_keeps_what_it_told(kind: str, tmp_path: Path) -> None:
    if kind == "gitlab":
        job = yaml.safe_load(printed(kind))["check-vendors"]
        script, names = job["script"][-1], {"CLIENT": "exit 3"}
    else:
        steps = yaml.safe_load(printed(kind))["runs"]["steps"]
        script, names = steps[2]["run"], {"COMMAND": "exit 3"}
    shim = tmp_path / "simulator"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m simulator "$@"\n')
    shim.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    environment = {**os.environ, **names, "OPTIONS": "--vendor callr", "PATH": path, "PYTHONPATH": str(ROOT)}
    ended = run("bash", "-e", "-c", script, env=environment, cwd=tmp_path)

    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert (tmp_path / "vendor-check.txt").read_text() == ended.stdout != ""
    report = tmp_path / {"gitlab": "vendor-check.xml", "github-action": "vendor-check.html"}[kind]
    assert "The command ends well" in report.read_text()
