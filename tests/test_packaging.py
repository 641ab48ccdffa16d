"""The built wheel works where the sources are not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.source_tree import ROOT

pytestmark = pytest.mark.thorough

AT_THE_TOP = Path("simulator/testing/vendor_simulator_pytest.py")
"""What the wheel has under its bare name instead."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(folder),
        str(wheel),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def run(installed: Path, empty: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_wheel_holds_one_package_with_contracts_and_scenarios(wheel: Path) -> None:
    """And the module that pytest loads, under a name that no project has."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}

    assert tops == {"simulator", "vendor_simulator_pytest.py"}
    assert "simulator/_data/contracts/callo/openapi.yaml" in names
    assert "simulator/_data/scenarios/happy.yaml" in names


@pytest.mark.parametrize("folder", ["simulator", "contracts", "scenarios"])
def test_the_wheel_holds_every_file_of_the_checkout(wheel: Path, folder: str) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = Path() if folder == "simulator" else Path("simulator/_data")
    files = [path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()]
    known = [path for path in files if "__pycache__" not in path.parts and path != AT_THE_TOP]

    assert [str(path) for path in known if str(inside / path) not in names] == []


def test_the_suite_runs_against_an_installed_wheel_where_the_sources_are_not(
    installed: Path, tmp_path: Path
) -> None:
    for name in ("tests", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(installed), str(tmp_path)))}
    core = (
        "tests/formats/test_jsonp.py",
        "tests/contracts/test_kaleyra_recordings.py",
        "tests/test_layers.py",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", *core]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-2_000:]
    assert " passed" in done.stdout


def test_an_installed_wheel_finds_its_own_files(installed: Path, tmp_path: Path) -> None:
    output = run(installed, tmp_path, "-c", "import simulator; print(simulator.__file__)")

    assert output.strip() == str(installed / "simulator" / "__init__.py")
    assert "happy" in run(installed, tmp_path, "-m", "simulator", "scenarios", "list")
    assert "add_call" in run(installed, tmp_path, "-m", "simulator", "contracts", "show", "callo")


def test_an_installed_wheel_answers_a_call(installed: Path, tmp_path: Path) -> None:
    client = (
        "import os, urllib.request as u\n"
        "url = os.environ['CALLO_BASE_URL'] + '/manager/cabapi_external/api/v1/users/balance/?public_key='\n"
        "print(u.urlopen(url + os.environ['CALLO_PUBLIC_KEY']).read().decode())\n"
    )
    output = run(installed, tmp_path, "-m", "simulator", "check", "--", sys.executable, "-c", client)

    assert '{"balance": "' in output


def test_an_installed_wheel_gives_fixtures_beside_a_package_called_simulator(
    installed: Path, tmp_path: Path
) -> None:
    own = tmp_path / "simulator"
    own.mkdir()
    (own / "__init__.py").write_text("STARTED = True\n")
    (tmp_path / "test_own.py").write_text(
        "from simulator import STARTED\n\ndef test_own():\n    assert STARTED\n"
    )
    plugin = ("-p", "vendor_simulator_pytest", "-p", "no:cacheprovider")

    assert "1 passed" in run(installed, tmp_path, "-m", "pytest", "-q", *plugin)
    assert "callo -- " in run(installed, tmp_path, "-m", "pytest", "--fixtures", *plugin)
