"""On this machine's own address a simulator answers under names that no web page can take."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from werkzeug.test import EnvironBuilder, run_wsgi_app

from simulator import Simulator
from simulator.cli import main
from simulator.exchange import Headers
from simulator.testing.transports import WsgiAnswer, ask
from tests.serving_process import converse, serving

PING = "/callr/v2.0/ping"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    simulator = Simulator(loopback=True, host_names=("sim.example",))
    yield simulator
    simulator.close()


def ping(simulator: Simulator, host: str, *headers: tuple[str, str], path: str = PING) -> WsgiAnswer:
    key = simulator.worlds.credentials("callr")["api_key"]
    sent: Headers = (("x-api-key", key), *headers)
    return ask(simulator, "GET", f"http://{host}{path}", sent, b"")


OURS = [
    *("localhost", "localhost:8070", "LOCALHOST", "127.0.0.1", "127.8.9.10:99", "[::1]:8070", "a.localhost"),
    *("callr.localhost", "api.callr.com", "sim.example", "SIM.example:80", "[::ffff:127.0.0.1]"),
]
FOREIGN = [
    *(
        "evil.example",
        "evil.example:8070",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "0.0.0.0",
        "10.0.0.7",
    ),
    *("localhosts", "xlocalhost", "169.254.169.254", "callr.com", "api.callr.com.evil.example", "[fe80::1]"),
]


@pytest.mark.parametrize("host", OURS)
def test_a_name_of_ours_is_answered(simulator: Simulator, host: str) -> None:
    path = PING.removeprefix("/callr") if "callr" in host else PING

    assert ping(simulator, host, path=path).status == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", [PING, "/", "/@main/callr/v2.0/ping", "/v2.0/ping"])
def test_any_other_name_is_told_what_to_do(simulator: Simulator, host: str, path: str) -> None:
    answer = ping(simulator, host, path=path)

    detail = json.loads(answer.body)["detail"]
    assert answer.status == 421
    assert f"--host-name {host.partition(':')[0] if '[' not in host else host}" in detail


PAGES: tuple[Headers, ...] = (
    (("Origin", "http://evil.example"),),
    (("Origin", "https://evil.example:8070"), ("Sec-Fetch-Site", "cross-site")),
    (("Origin", "null"),),
    (("Origin", "http://localhost.evil.example"),),
    (("Sec-Fetch-Site", "cross-site"),),
    (("Sec-Fetch-Site", "cross-site"), ("Referer", "http://evil.example/localhost")),
    (("Sec-Fetch-Site", "cross-site"), ("Referer", "http://localhost@evil.example/")),
)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_of_a_foreign_site_is_refused(simulator: Simulator, page: Headers) -> None:
    assert ping(simulator, "localhost", *page).status == 403


OWN_PAGES: tuple[Headers, ...] = (
    (("Origin", "http://localhost:3000"), ("Sec-Fetch-Site", "cross-site")),
    (("Origin", "https://api.callr.com"),),
    (("Origin", "http://sim.example"),),
    (("Referer", "http://127.0.0.1:3000/page"), ("Sec-Fetch-Site", "cross-site")),
    (("Referer", "https://client.example/"),),
)


@pytest.mark.parametrize("page", OWN_PAGES)
def test_pages_of_this_machine_and_programs_that_name_themselves_are_let_in(
    simulator: Simulator, page: Headers
) -> None:
    assert ping(simulator, "localhost", *page).status == 200


def test_a_simulator_that_does_not_listen_takes_any_name() -> None:
    assert ping(Simulator(), "anything.example").status == 200


def test_a_script_is_no_proxy_for_a_page_that_takes_a_name_of_its_own() -> None:
    with serving("--host-name", "sim.example") as served:
        key = served.ready["credentials"]["callr"]["api_key"]
        body = b'{"script": "branches: {main: [{action: fetch@v1, params: {url: http://127.0.0.1:1/}}]}"}'
        head = (
            f"POST /callr/v2.0/actions HTTP/1.0\r\nx-api-key: {key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nOrigin: http://evil.example:{served.port}\r\n"
            f"Sec-Fetch-Site: same-origin\r\nHost: "
        )
        rebound, named = (
            converse(served.port, f"{head}{host}:{served.port}\r\n\r\n".encode() + body)
            for host in ("evil.example", "sim.example")
        )

    assert rebound.startswith(b"HTTP/1.0 421 Misdirected Request")
    assert named.startswith(b"HTTP/1.0 403 ")  # the name is ours, the page is not


@pytest.mark.parametrize("option", ["--host-name", "--admin-host"])
@pytest.mark.parametrize("name", ["*", "*.example", "http://sim.example", "sim.example:80", "", "a b"])
def test_what_is_no_host_name_is_refused_with_what_is_one(option: str, name: str) -> None:
    result = CliRunner().invoke(main, ["serve", option, name])

    assert result.exit_code == 2
    assert "is not a host name" in result.output
    assert "sim.example, without a port" in " ".join(result.output.split())


def test_what_is_no_host_at_all_is_refused_in_the_vendors_words_and_kept() -> None:
    simulator = Simulator(loopback=True)
    environ = EnvironBuilder("/callo/").get_environ() | {"HTTP_HOST": "\xff"}

    _, status, headers = run_wsgi_app(simulator, environ)

    assert status == "400 Bad Request"
    assert headers["Content-Type"].startswith("text/html")
    assert [exchange.answer.status for exchange in simulator.worlds.sandbox().recorder.journal] == [400]
