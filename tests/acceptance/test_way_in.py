"""What is tried first with a simulator: its root, the index of its API, a world of one's own."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from werkzeug.test import Client

from simulator import create_app
from simulator.admin.plane import ENDPOINTS
from simulator.app import Simulator
from simulator.engine.settings import Settings
from simulator.serving.running import running
from simulator.testing.transports import ask, mount

BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def simulator() -> Simulator:
    return create_app(vendors=("callo",))


def balance_of(simulator: Simulator, world: str = "main") -> str:
    return f"{BALANCE}?public_key={simulator.worlds.credentials('callo', world)['public_key']}"


# -- the root -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/nobody/has/this", 404)])
def test_a_browser_is_shown_a_page_and_a_program_is_given_json(path: str, status: int) -> None:
    client = Client(create_app())
    page, data = client.get(path, headers=BROWSER), client.get(path, headers={"Accept": "*/*"})

    assert (page.status_code, data.status_code) == (status, status)
    assert page.mimetype == "text/html"
    assert data.mimetype in ("application/json", "application/problem+json")
    assert {page.headers["Vary"], data.headers["Vary"]} == {"Accept"}
    for link in ("http://localhost/_simulator/", "http://localhost/_simulator/v1", "http://localhost/callr"):
        assert f'<a href="{link}">' in page.text


def test_the_page_of_the_root_runs_nothing_and_repeats_no_markup() -> None:
    page = Client(create_app()).get("/x", headers={**BROWSER, "Host": 'callo.localhost"<b>'})

    assert "<b>" not in page.text
    assert page.status_code == 400 or "default-src 'none'" in page.headers["Content-Security-Policy"]


# -- the index of the control API -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/_simulator/v1", "/_simulator/v1/", "/@main/_simulator/v1"])
def test_the_control_api_lists_what_can_be_asked(simulator: Simulator, path: str) -> None:
    index = Client(simulator).get(path).get_json()

    listed = {(endpoint["method"], endpoint["path"]) for endpoint in index["endpoints"]}
    assert {(endpoint.verb, f"/_simulator{endpoint.path}") for endpoint in ENDPOINTS} <= listed
    assert all(endpoint["does"].endswith(".") for endpoint in index["endpoints"])
    assert index["openapi"] == "/_simulator/openapi.json"
    assert index["worlds"] == ["main"]


# -- a world of one's own -------------------------------------------------------------------------------


def test_the_first_request_opens_the_world_that_it_names(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(simulator)
    with caplog.at_level(logging.WARNING, "simulator"):
        first = client.get(f"/@mine{balance_of(simulator)}")
    again = client.get(f"/@mine{balance_of(simulator, 'mine')}")

    assert (first.status_code, again.status_code) == (200, 200)
    assert "world: mine is new, this request opened it" in first.headers["X-Simulator-Rule"]
    assert "is new" not in again.headers.get("X-Simulator-Rule", "")
    assert "world mine is opened by the first request, to callo" in caplog.text
    rows = client.get("/_simulator/v1/worlds").get_json()["worlds"]
    assert [(row["name"], row["opened_by"]) for row in rows] == [
        ("main", None),
        ("mine", "the first request, to callo"),
    ]


@pytest.mark.parametrize("url", ["http://mine.callo.localhost", "http://callo.com/@mine"])
def test_it_may_be_named_by_the_host_or_at_the_vendors_own(simulator: Simulator, url: str) -> None:
    path = balance_of(simulator).removeprefix("/callo")

    assert ask(simulator, "GET", url + path, (), b"").status == 200
    assert simulator.worlds.sandbox("mine").recorder.journal.recorded == 1


def test_the_control_api_opens_it_by_path_and_by_no_parameter(simulator: Simulator) -> None:
    client = Client(simulator)

    assert client.get("/_simulator/v1/clock?world=mine").status_code == 404
    armed = client.post("/@mine/_simulator/v1/faults", json={"where": "callo.*", "do": "status 503"})
    assert armed.status_code == 201
    assert client.get(f"/@mine{balance_of(simulator)}").status_code == 503


def test_a_session_in_process_opens_it_as_a_served_one_does(simulator: Simulator) -> None:
    with requests.Session() as session:
        mount(session, simulator, "mine")
        assert session.get(f"https://callo.com{balance_of(simulator)[6:]}").status_code == 200
    with running(Settings(vendors=("callo",))) as place:
        assert requests.get(f"{place.root}/@mine{balance_of(place.simulator)}", timeout=10).status_code == 200


def test_clients_that_come_at_once_share_the_one_that_is_opened(simulator: Simulator) -> None:
    url = f"/@mine{balance_of(simulator)}"
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: Client(simulator).get(url).status_code, range(16))]

    assert answers == [200] * 16
    assert simulator.worlds.sandbox("mine").recorder.journal.recorded == 16


@pytest.mark.parametrize("name", ["Mine", "a_b", "-a", "a" * 64, "", "a.b"])
def test_a_name_that_no_world_can_have_is_refused_with_the_reason(simulator: Simulator, name: str) -> None:
    answer = Client(simulator).get(f"/@{name}{BALANCE}")

    assert answer.status_code == 404
    assert "letters a to z, digits and inner dashes" in answer.get_json()["detail"]


def test_where_worlds_are_given_out_by_their_owner_none_is_opened() -> None:
    simulator = Simulator(vendors=("callo",), opens_worlds=False)

    answer = Client(simulator).get(f"/@mine{BALANCE}")

    assert (answer.status_code, "known: main" in answer.get_json()["detail"]) == (404, True)
