"""`serve` with TLS and a proxy, as a shell uses it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import main
from tests.serving_process import PATIENCE, Served, serving

SIMULATOR = f"{shlex.quote(sys.executable)} -m simulator"
CREDIT = 'curl -sS -H "x-api-key: $CALLR_API_KEY" https://api.callr.com'


@contextmanager
def serving_callr(kept: Path) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMULATOR_CA_DIR", str(kept))
        with serving("--vendor", "callr", "--tls", "--tls-port", "0", "--proxy", "0") as served:
            yield served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_callr(tmp_path_factory.mktemp("kept")) as served:
        yield served


def in_shell(served: Served, script: str) -> str:
    there = {**os.environ, "SIMULATOR_READY_FILE": str(served.ready_file)}
    done = subprocess.run(
        ["sh", "-ec", script], env=there, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_shell_is_led_to_the_proxy(served: Served) -> None:
    assert (
        in_shell(served, f'eval "$({SIMULATOR} env --intercept)"; {CREDIT}/v2.0/billing/credit')
        == '"100000.00"'
    )


def test_a_name_that_leads_here_is_answered_in_tls_at_the_port_chosen(served: Served) -> None:
    port = served.ready["tls_port"]
    trust = f'eval "$({SIMULATOR} env)"; eval "$({SIMULATOR} ca env)"'

    output = in_shell(
        served, f"{trust}; {CREDIT}:{port}/v2.0/billing/credit --resolve api.callr.com:{port}:127.0.0.1"
    )

    assert output == '"100000.00"'


def test_the_banner_tells_both(served: Served) -> None:
    assert f"https at port {served.ready['tls_port']}" in served.banner
    assert f"proxy {served.ready['proxy']}" in served.banner


def test_without_a_proxy_it_is_told_how_to_get_one(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text('{"intercept": {}, "base_urls": {}, "control": ""}')

    done = CliRunner().invoke(main, ["env", "--intercept", "--ready-file", str(ready)])

    assert (done.exit_code, "simulator serve --proxy 8090" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--pass", "pypi.org"), "give --proxy PORT, too"),
        (("--proxy", "0", "--pass", "api.callr.com"), "api.callr.com is a vendor's"),
    ],
)
def test_what_cannot_be_is_refused_in_words(arguments: tuple[str, ...], sentence: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--port", "0", *arguments])

    assert (done.exit_code, sentence in done.output) == (2, True)


def test_at_the_end_the_folder_that_clients_read_from_is_gone(tmp_path: Path) -> None:
    with serving_callr(tmp_path) as served:
        folder = Path(served.ready["intercept"]["PYTHONPATH"]).parent

        assert folder.exists()
        assert served.end() == 0
        assert not folder.exists()
