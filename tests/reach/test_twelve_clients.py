"""Small clients with the vendors' real addresses in their code: they arrive unmodified, and nowhere else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.checking.check_command import check
from simulator.cli import main
from simulator.engine.settings import Settings
from simulator.serving.reach import Reach
from simulator.serving.secure import every_host
from simulator.vendors import vendor_names
from simulator.web.host_names import domains_of
from tests.reach import side_by_side
from tests.serving_process import PATIENCE, run
from tests.source_tree import PACKAGE

FOLDER = Path(__file__).parent / "clients"
CLIENTS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in side_by_side.INTERPRETERS)
WAYS = sorted(map(str, (Path(__file__).parent / "ways").iterdir()))
COMMAND = [sys.executable, side_by_side.__file__]
PATHS = [str(FOLDER / client) for client in CLIENTS]
ROW = re.compile(r"^\| ([^|]+?) \| [^|]+ \| [^|]+ \| (test|by hand|no) \|$", re.MULTILINE)
ENDED = {
    "callo": r"user|compl_finished",
    "kaleyra": "ANSWER",
    "jaicp": "longCallWithNoResult|longCallWithResult|noAnswer",
    "callr": "delivered",
}


def vendor_of(client: str) -> str:
    return next(name for name in vendor_names() if client.lower().startswith(name))


def test_there_are_three_clients_of_each_vendor_whose_code_knows_no_address_of_ours() -> None:
    assert sorted(map(vendor_of, CLIENTS)) == sorted(vendor_names() * 3)
    for client in CLIENTS:
        code = (FOLDER / client).read_text()
        assert any(domain in code for domain in domains_of(every_host()))
        assert not re.search("localhost|127|BASE_URL|ORIGIN|proxy", code, re.IGNORECASE)


@pytest.fixture(scope="module")
def intercepted() -> subprocess.CompletedProcess[str]:
    """Let everybody ask at once: the twelve, all ways that runtimes have, and one client with a mistake."""
    wrong = ["--slip", str(FOLDER / "callr_client.php")]
    return run("check", "--intercept", "--guard", "--clock", "x60", "--", *COMMAND, *PATHS, *WAYS, *wrong)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.thorough
def test_a_client_reaches_the_simulator_and_reads_its_result(
    intercepted: subprocess.CompletedProcess[str], client: str
) -> None:
    ended = ENDED[vendor_of(client)]

    assert re.search(f"^{client} ({ended})$", intercepted.stdout, re.MULTILINE), intercepted.stdout


@pytest.mark.thorough
def test_they_are_judged_and_the_one_mistake_is_what_fails_the_run(
    intercepted: subprocess.CompletedProcess[str],
) -> None:
    assert "unknown-parameter at traffictype (broken by the client)" in intercepted.stdout
    summary = r"^broken: 1 kind of violation in \d\d+ exchanges \(1 by the client\)$"
    assert re.search(summary, intercepted.stdout, re.MULTILINE)
    assert all(f"{vendor}: never called" in intercepted.stdout for vendor in vendor_names())
    assert "a real vendor was tried" not in intercepted.stdout
    assert intercepted.returncode == 1


def rows(tried: str) -> set[str]:
    """Return the rows of the table that were tried in a way."""
    table = (PACKAGE / "serving/README.md").read_text()
    return {name for name, how in ROW.findall(table) if how == tried}


@pytest.mark.thorough
def test_every_row_of_the_table_that_says_so_is_true(intercepted: subprocess.CompletedProcess[str]) -> None:
    answers = re.findall(r"^(.+): (\d{3})$", intercepted.stdout, re.MULTILINE)

    assert {name for name, status in answers if status == "200"} | {"Java HttpClient"} == rows("test")
    assert rows("by hand")
    assert any("own context" in row for row in rows("no"))


@pytest.mark.thorough
def test_without_the_proxy_all_of_them_fail_under_the_guard_and_are_named() -> None:
    done = run("check", "--guard", "--", *COMMAND, *PATHS)

    assert done.returncode != 0
    assert [client for client in CLIENTS if f"{client} failed: " not in done.stdout] == []
    tried = [line for line in done.stdout.splitlines() if line.startswith("a real vendor was tried")]
    for client in CLIENTS:
        if client.endswith((".py", ".mjs")) and client not in PROXIED:
            assert any(re.search(rf"[ /]{client}\)", line) for line in tried), (client, tried)
    assert {domain for domain in domains_of(every_host()) if any(domain in line for line in tried)} >= {
        *("zvonok.com", "callo.com", "calltools.ru", "kaleyra.com", "solutionsinfini.com"),
        *("jaicp.com", "just-ai.com", "callr.com"),
    }


PROXIED = ("callo_client.py", "kaleyra_client.py", "jaicp_client.py")
"""Those whose library asks the proxy, which refuses and tells."""


def test_a_client_that_swallows_its_failure_fails_the_run_all_the_same() -> None:
    quiet = "import socket\ntry: socket.getaddrinfo('api.callr.com', 443)\nexcept OSError: pass"
    lines: list[str] = []

    code = check(
        [sys.executable, "-c", quiet],
        Settings(vendors=("callr",)),
        write=lines.append,
        reach=Reach(guard=True),
    )

    tried = "a real vendor was tried past the simulator: api.callr.com:443 (Python, socket.getaddrinfo"
    assert code == 1
    assert any(line.startswith(tried) for line in lines)


def can_isolate() -> bool:
    covered = ["sh", "-c", "mount --bind /etc/hosts /etc/hosts"]
    tried = ["unshare", "--map-root-user", "--mount", "--net", *covered]
    return subprocess.run(tried, capture_output=True, check=False, timeout=PATIENCE).returncode == 0


STRIPPED = """
import os, subprocess, sys
kept = {name: value for name, value in os.environ.items() if name.startswith("CALLR") or name == "PATH"}
kept["CURL_CA_BUNDLE"] = os.environ["CURL_CA_BUNDLE"]
url = "https://api.callr.com/v2.0/billing/credit"
curl = ["curl", "-sS", "-H", "x-api-key: " + kept["CALLR_API_KEY"]]
print("ours", subprocess.run([*curl, url], env=kept, capture_output=True).stdout)
print("other", subprocess.run([*curl, "https://example.com"], env=kept, capture_output=True).stderr)
"""


@pytest.mark.thorough
def test_isolated_even_who_reads_no_variable_reaches_us_and_nothing_else() -> None:
    done = run("check", "--isolate", "--guard", "--vendor", "callr", "--", sys.executable, "-c", STRIPPED)

    if not can_isolate():  # such as in a container that is not let
        assert done.returncode == 2
        assert "--isolate needs Linux's network namespaces" in done.stderr
        return
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ours b'\"100000.00\"'" in done.stdout
    assert "Could not resolve host: example.com" in done.stdout


def test_isolated_nothing_can_be_let_through() -> None:
    result = CliRunner().invoke(main, ["check", "--isolate", "--pass", "pypi.org", "--", "true"])

    assert (result.exit_code, "--isolate lets nothing out" in result.output) == (2, True)
