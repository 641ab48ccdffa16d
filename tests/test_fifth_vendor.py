"""A vendor that another package brings is one like the others, without a line changed here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent / "fifth_vendor"

TEST = """
import requests

def test_a_text_arrives_and_its_sender_hears_of_it(beepline):
    head = {"Authorization": f"Bearer {beepline.credentials['token']}"}
    sent = requests.post(
        f"{beepline.base_url}/api/messages", json={"to": "+447700900001", "text": "Hello"}, headers=head
    )
    beepline.clock.run_until_idle()
    told = requests.get(f"{beepline.base_url}/api/messages/{sent.json()['id']}", headers=head).json()

    assert (sent.status_code, sent.json()["state"], told["state"]) == (201, "moving", "delivered")
"""

BLOCK = """
import requests, simulator
with simulator.world() as world:
    head = {"Authorization": f"Bearer {world.beepline.credentials['token']}"}
    message = {"to": "+447700900001", "text": "Hello", "notify": "http://hook.localhost/done"}
    requests.post(f"{world.beepline.base_url}/api/messages", json=message, headers=head)
    world.clock.run_until_idle()
    bugs = world.fixture.sandbox.recorder.bugs.lines
    print(len(world.beepline.deliveries), bugs, hasattr(world, "bepline"))
"""

BROKEN = """
from simulator import create_app
app = create_app(vendors=("beepline",))
head = {"Authorization": f"Bearer {app.worlds.credentials('beepline')['token']}"}
app.test_client().post("/beepline/api/messages", json={"to": "+447700900001"}, headers=head)
"""

LATE = """
import beepline
from simulator import create_app
app = create_app(vendors=("beepline",))
client, token = app.test_client(), app.worlds.credentials("beepline")["token"]
message = {"to": "+447700900001", "text": "Hi", "notify": "http://hook.localhost/done"}
client.post("/beepline/api/messages", json=message, headers={"Authorization": f"Bearer {token}"})
beepline.render_message = None
print(client.post("/_simulator/v1/clock/advance", json={"by": "1h"}).json["title"])
"""

UNWORDED = """
import beepline
from simulator import create_app
from simulator.vendor import Refused
app = create_app(vendors=("beepline",))
head = {"Authorization": f"Bearer {app.worlds.credentials('beepline')['token']}"}
beepline.Refused = lambda status, word: Refused(word)
app.test_client().get("/beepline/api/messages/none", headers=head)
"""

WRONG = """
import os, requests
head = {"Authorization": f"Bearer {os.environ['BEEPLINE_TOKEN']}"}
url = os.environ["BEEPLINE_BASE_URL"] + "/api/messages"
sent = requests.post(url, json={"to": "+447700900001", "texts": "Hello", "text": "Hi"}, headers=head)
print(sent.status_code)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package into a folder of its own, as pip does it."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    shutil.copytree(PACKAGE, source)
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(folder / "site")]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(source)], check=True)
    return folder / "site"


def run(installed: Path, *command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command where the package is installed."""
    path = os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    command = (sys.executable, "-m", *command)
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


@pytest.mark.thorough
def test_it_is_listed_with_its_operations_and_its_contract_is_fit_to_ship(installed: Path) -> None:
    assert "Beepline     2 operations" in run(installed, "simulator", "vendors").stdout
    assert "send_message  POST" in run(installed, "simulator", "vendors", "show", "beepline").stdout
    assert run(installed, "simulator", "contracts", "lint", "beepline").stdout == "beepline: no findings\n"


def test_it_has_a_fixture_a_clock_and_an_account(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TEST)
    done = run(installed, "pytest", "-q", "-p", "no:cacheprovider", "test_it.py", folder=tmp_path)

    assert "1 passed" in done.stdout, done.stdout


@pytest.mark.thorough
def test_its_clients_are_judged(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG)
    done = run(installed, "simulator", "check", "--", sys.executable, "wrong.py", folder=tmp_path)

    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "201"), done.stdout
    assert "texts" in done.stdout


REFUSED = """
from simulator import create_app
answer = create_app(vendors=("beepline",)).test_client().post("/beepline/api/messages", json={})
print(answer.status_code, answer.data.decode(), answer.headers["X-Simulator-Rule"])
"""


@pytest.mark.thorough
def test_what_it_refuses_is_told_by_the_contracts_name(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "refused.py").write_text(REFUSED)
    done = run(installed, "refused", folder=tmp_path)

    assert done.stdout == '401 {"error":"no_token"} refusal: no_token [documented]\n'


@pytest.mark.thorough
def test_a_world_has_it_by_its_name(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "block.py").write_text(BLOCK)
    done = run(installed, "block", folder=tmp_path)

    assert done.stdout == "4 [] False\n", done.stderr


@pytest.mark.thorough
def test_what_fails_in_it_is_told_as_its_failure_not_as_ours(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)
    done = run(installed, "broken", folder=tmp_path)

    assert "bug: main-1: the vendor of beepline failed" in done.stderr, done.stderr
    assert "KeyError: 'text', not in the simulator but in the vendor of beepline" in done.stderr
    assert "report it" not in done.stderr


@pytest.mark.thorough
def test_a_callback_of_it_that_fails_is_its_failure_too(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(LATE)
    done = run(installed, "late", folder=tmp_path)

    assert done.stdout == "a vendor of another package failed\n", done.stderr
    assert "in the control plane: mend it in the vendor of beepline" in done.stderr


@pytest.mark.thorough
def test_so_is_a_refusal_that_it_has_no_words_for(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "unworded.py").write_text(UNWORDED)
    done = run(installed, "unworded", folder=tmp_path)

    assert "the vendor of beepline failed" in done.stderr, done.stderr
    assert "KeyError: \"there are no words for 'no_message'; there are for none" in done.stderr
