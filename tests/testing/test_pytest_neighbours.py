"""The pytest plugin beside a project's own names, and what it tells besides verdicts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from simulator import pytest_plugin
from simulator.vendors import vendor_names
from tests.testing.test_pytest_plugin import run

# -- names that others have, too ------------------------------------------------------------------------


def test_the_plugin_knows_all_vendors_without_importing_one() -> None:
    assert pytest_plugin.vendor_names() == vendor_names()


def test_fixtures_of_a_project_that_are_called_as_we_are_change_nothing(pytester: pytest.Pytester) -> None:
    own = ("simulator", "simulator_world", "world", "server", "vendor")
    fixtures = "".join(f"@pytest.fixture\ndef {name}():\n    return 7\n\n" for name in own)
    body = f"{fixtures}def test_it(callo, callo_module, {', '.join(own)}):\n    assert add_call(callo)\n"

    run(pytester, body).assert_outcomes(passed=1)


@pytest.mark.parametrize("program", ["pytest", "python -m pytest"])
def test_a_project_may_have_a_package_called_simulator(
    pytester: pytest.Pytester, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tests run, however pytest was started; one that asks a vendor is told why it cannot."""
    package = pytester.mkpydir("simulator")
    (package / "engine.py").write_text("STARTED = True\n")
    pytester.makepyfile(
        "from simulator.engine import STARTED\n\ndef test_own():\n    assert STARTED\n\n"
        "def test_vendor(callo):\n    assert callo.key\n"
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    first, *more = program.split()
    command = (str(Path(sys.executable).with_name(first)), *more)
    result = pytester.run(*command, "-p", "vendor_simulator_pytest", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*finds {package}/__init__.py, so*cannot be imported*", "*another name*"])


@pytest.mark.parametrize("way", ["add_call", "partial(add_call, post=callo.requests_session().post)"])
def test_a_copy_of_the_process_is_told_that_the_test_would_not_see_what_is_asked_there(
    pytester: pytest.Pytester, way: str
) -> None:
    body = f"""
import os
from functools import partial

def ask(way, callo):
    try:
        return str(way(callo))
    except Exception as error:
        return str(error)

def test_it(callo, tmp_path):
    way = {way}
    if (child := os.fork()) == 0:
        (tmp_path / "answer").write_text(ask(way, callo))
        os._exit(0)
    os.waitpid(child, 0)

    assert "would not see" in (tmp_path / "answer").read_text()
"""
    run(pytester, body).assert_outcomes(passed=1)


# -- what is told besides -------------------------------------------------------------------------------


def test_callbacks_that_nobody_took_are_told_in_the_summary(pytester: pytest.Pytester) -> None:
    """One that is kept in the test counts as taken."""
    body = """
def scenario(url):
    campaign = {"name": "A", "type": "free_text", "postbacks": {"finished": {"url": url}}}
    return {"extends": "happy", "accounts": {"clinic": {"vendors": ["callo"], "campaigns": [campaign]}}}

"""
    for name, url in {"lost": "http://127.0.0.1:9/done", "kept": "https://shop.example/done"}.items():
        body += f"@pytest.mark.simulator(scenario=scenario('{url}'), judged=False)\n"
        body += f"def test_{name}(callo):\n    add_call(callo)\n    callo.clock.run_until_idle()\n\n"
    result = run(pytester, body)

    result.assert_outcomes(passed=2)
    lost = "test_it.py::test_lost: callbacks: 1 of 1 were taken by nobody: callo.call.finished x1; *refused*"
    result.stdout.fnmatch_lines(["=* vendor simulator =*", lost])
    result.stdout.no_fnmatch_line("test_it.py::test_kept: callbacks*")


def test_a_violation_that_there_is_not_is_answered_with_those_there_are(pytester: pytest.Pytester) -> None:
    marked = "@pytest.mark.simulator(expect=['unknown-paramter'])\ndef test_one(callo):\n    pass\n\n"
    result = run(pytester, marked + "def test_two(callo):\n    callo.expect_violation('silent-los')\n")

    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(["*did you mean 'unknown-parameter'?*", "*did you mean 'silent-loss'?*"])


def test_all_vendors_of_a_world_are_one_fixture(pytester: pytest.Pytester) -> None:
    body = (
        "def test_it(simulator_world, callo, simulator_world_package, callr_package):\n"
        "    callo.faults.add('callo.add_call', 'status 503', when='request 1')\n"
        "    assert simulator_world.clock is callo.clock\n"
        "    assert [fault.id for fault in simulator_world.faults] == ['test:1']\n"
        "    assert simulator_world_package.callr.base_url == callr_package.base_url\n"
    )

    run(pytester, body).assert_outcomes(passed=1)
