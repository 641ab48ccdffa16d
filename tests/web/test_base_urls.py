"""A client whose base URL is not quite right is answered as the vendor would, and told what to change."""

from __future__ import annotations

import json

import pytest

from simulator import Simulator
from simulator.exchange import Headers
from simulator.testing.transports import ask
from simulator.vendors import vendor_names
from tests.serving_process import serving

CALLO = "/manager/cabapi_external/api/v1"


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator()


def asked(simulator: Simulator, path: str, host: str = "localhost") -> tuple[int, str]:
    """Return the status of an answer, and the rule that its header tells."""
    headers: Headers = (
        (("x-api-key", simulator.worlds.credentials("callr")["api_key"]),) if "callr" in path else ()
    )
    answer = ask(simulator, "GET", f"http://{host}{path}", headers, b"")
    return answer.status, dict(answer.headers).get("X-Simulator-Rule", "")


EARLY = [
    ("/kaleyra/?method=dial.click2call", "/v1 or /api/v1"),
    ("/kaleyra/api/?method=voice.call", "/v1"),
    ("/callr/sms", "/v2.0"),
    ("/callr/ping", "/v2.0"),
    (f"/callo{CALLO.removeprefix('/manager')}/users/balance/", "/manager"),
    ("/callo/users/balance/", CALLO),
    ("/callo/manager/users/balance/", CALLO.removeprefix("/manager")),
    ("/callo/api/v1/users/balance", "/manager/cabapi_external"),
    ("/jaicp/calls/campaign/1.2.abc/status", "/api"),
    ("/jaicp/1.2.abc/status", "/api/calls/campaign"),
    ("/v2.0/ping", "/callr"),
    (f"{CALLO}/users/balance/", "/callo"),
    ("/api/calls/campaign/1.2.abc/status", "/jaicp"),
]


@pytest.mark.parametrize(("path", "lacking"), EARLY)
def test_a_base_url_that_ends_too_early_is_told_what_to_add(
    simulator: Simulator, path: str, lacking: str
) -> None:
    status, rule = asked(simulator, path)

    assert status == 404
    assert f"your base URL ends too early: add {lacking}" in rule


TWICE = [
    ("/callr/v2.0/v2.0/sms", "/v2.0"),
    ("/callr/callr/v2.0/sms", "/callr"),
    (f"/callo{CALLO}{CALLO}/users/balance/", CALLO),
    (f"/callo{CALLO}/api/v1/users/balance/", "/api/v1"),
    ("/kaleyra/v1/v1/?method=dial", "/v1"),
    ("/jaicp/api/calls/campaign/calls/campaign/1.2.abc/status", "/calls/campaign"),
]


@pytest.mark.parametrize(("path", "doubled"), TWICE)
def test_a_base_url_that_begins_anew_is_told_what_stands_twice(
    simulator: Simulator, path: str, doubled: str
) -> None:
    status, rule = asked(simulator, path)

    assert status == 404
    assert f"your base URL holds {doubled} twice" in rule


@pytest.mark.parametrize("path", ["/callr/v2.0/smss", "/callo/nothing/", "/jaicp/x", "/kaleyra/v2/"])
def test_a_path_that_no_prefix_helps_is_not_blamed_on_the_base_url(simulator: Simulator, path: str) -> None:
    status, rule = asked(simulator, path)

    assert (status, "base URL" in rule) == (404, False)


@pytest.mark.parametrize("path", ["/", "/nothing", "/v3/ping"])
def test_a_path_of_nobody_is_met_by_a_signpost(simulator: Simulator, path: str) -> None:
    answer = ask(simulator, "GET", f"http://localhost{path}", (), b"")

    assert list(json.loads(answer.body)["vendors"]) == vendor_names()


def test_the_only_vendor_answers_at_the_root_too() -> None:
    alone = Simulator(vendors=("callr",))

    for base in ("/callr", "", "/@main", "/@main/callr"):
        answer = ask(alone, "GET", f"http://localhost{base}/v2.0/nothing", (), b"")
        assert "X-Simulator-Exchange" in dict(answer.headers)
    assert asked(alone, "/jaicp/api/calls/campaign/1.2.abc/status") == (404, "")


def test_links_of_the_only_vendor_lead_back_to_the_root() -> None:
    alone = Simulator(vendors=("callo",))
    key = alone.worlds.credentials("callo")["public_key"]
    answer = ask(alone, "GET", f"http://localhost:8070{CALLO}/users/balance/?public_key={key}", (), b"")

    assert answer.status == 200
    assert alone.worlds.sandbox().world.find_account("callo", key).reached_at == "http://localhost:8070"  # type: ignore[union-attr]


def test_the_ready_file_gives_urls_as_clients_are_set_up_with_them() -> None:
    with serving("--vendor", "kaleyra", "--vendor", "jaicp") as served:
        port, ready = served.port, served.ready

    assert ready["origins"] == {name: f"http://{name}.localhost:{port}" for name in ("kaleyra", "jaicp")}
    assert ready["urls"]["kaleyra"] == {
        "VOICE_URL": f"http://127.0.0.1:{port}/kaleyra/v1/",
        "OBD_URL": f"http://127.0.0.1:{port}/kaleyra/api/v1/",
    }


def test_the_origin_of_the_only_vendor_is_the_root() -> None:
    with serving("--vendor", "jaicp") as served:
        assert served.ready["origins"] == {"jaicp": f"http://127.0.0.1:{served.port}"}


@pytest.mark.parametrize("vendor", vendor_names())
def test_each_url_of_a_vendor_leads_to_what_it_has(simulator: Simulator, vendor: str) -> None:
    app = simulator.vendors[vendor]
    paths = [route.path for route in app.vendor.operations()]

    assert app.vendor.urls
    assert all(any(path.startswith(url) for path in paths) for url in app.vendor.urls.values())
