"""Each vendor at the root of a port of its own, so that whoever keeps a host alone arrives as well."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from socket import socket
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from simulator.checking.check_command import NOBODY_CALLED, check
from simulator.cli import main
from simulator.engine.settings import Settings
from simulator.errors import PortTaken, UnknownName
from simulator.serving.reach import Reach
from simulator.serving.running import Running, running
from simulator.serving.sockets import Ports, bind, listening, port_of
from simulator.serving.variables import parse_named_value, variables_of, with_named_values
from simulator.vendors import vendor_names
from tests.reach.habits import CALLS, HABITS
from tests.serving_process import PATIENCE, serving


@pytest.fixture(scope="module")
def place() -> Iterator[Running]:
    with running(Settings(clock="virtual"), Ports(vendors=0)) as place:
        yield place


@pytest.mark.parametrize("vendor", CALLS)
@pytest.mark.parametrize("habit", HABITS)
def test_a_client_with_this_habit_arrives(
    place: Running, habit: Callable[[str, Mapping[str, str]], str], vendor: str
) -> None:
    settings = variables_of(place.ready_document())
    with urlopen(CALLS[vendor].request(habit(vendor, settings), settings), timeout=PATIENCE) as answer:
        assert answer.status in {200, 201}
        assert answer.headers["X-Simulator-Violations"] is None


def test_another_vendor_is_not_found_at_a_vendors_own_port(place: Running) -> None:
    port = place.ready_document()["ports"]["callo"]

    with pytest.raises(HTTPError) as answer:
        urlopen(f"http://127.0.0.1:{port}/callr/v2.0/ping")
    with answer.value as refusal:
        assert (refusal.status, refusal.headers["Server"]) == (404, "gunicorn/19.9.0")


def test_banner_and_ready_file_give_the_ports() -> None:
    with serving("--vendor-ports", "0", "--vendor", "callr", "--vendor", "jaicp") as served:
        origins = {name: f"http://127.0.0.1:{port}" for name, port in served.ready["ports"].items()}

    assert served.ready["origins"] == origins
    assert all(f"at the root    {origin}\n" in served.banner for origin in origins.values())


def test_a_taken_port_is_named() -> None:
    with (
        closing(bind("127.0.0.1", 0)) as taken,
        pytest.raises(PortTaken, match=f"port {port_of(taken)} .*--vendor-ports 0"),
        listening(Ports(vendors=port_of(taken)), vendor_names()),
    ):
        pass


def test_ports_follow_one_another_in_the_order_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def bind_any(host: str, port: int, *more: Any) -> socket:
        asked.append(port)
        return bind(host, 0, *more)

    monkeypatch.setattr("simulator.serving.sockets.bind", bind_any)
    with listening(Ports(main=8070, vendors=8071), ("callo", "callr", "jaicp")) as bound:
        assert list(bound.vendors) == ["callo", "callr", "jaicp"]

    assert asked == [8070, 8071, 8072, 8073]


def test_a_lost_visitor_is_told_where_vendors_answer_at_the_root() -> None:
    with running(Settings(vendors=("callo", "callr"))) as place, pytest.raises(HTTPError) as answer:
        urlopen(f"{place.root}/nowhere")

    with answer.value as refusal:
        text = refusal.read().decode()
    assert f"http://callo.localhost:{place.port}" in text
    assert "where your runtime does not resolve them" in text
    assert "--vendor-ports" in text


ASKED = "import os; raise SystemExit(os.environ['VOICE_API'] != os.environ['KALEYRA_VOICE_URL'])"


def test_a_variable_has_the_name_that_the_client_reads() -> None:
    reach = Reach(named_values=[parse_named_value("VOICE_API=kaleyra.voice_url")])
    lines: list[str] = []

    code = check(
        [sys.executable, "-c", ASKED], Settings(vendors=("kaleyra",)), write=lines.append, reach=reach
    )

    assert code == NOBODY_CALLED  # the command itself had nothing against it


def test_a_value_that_there_is_not_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'kaleyra\.voice_url'"):
        with_named_values({"KALEYRA_VOICE_URL": "http://127.0.0.1/v1/"}, [("X", "kaleyra.voice_uri")])


def test_a_wish_without_a_name_is_refused_in_words() -> None:
    done = CliRunner().invoke(main, ["check", "--env", "kaleyra.voice_url", "--", "true"])

    assert (done.exit_code, "is not NAME=vendor.value" in done.output) == (2, True)


ASKS = """
import os, urllib.request
key = {"x-api-key": os.environ["CALLR_API_KEY"]}
urllib.request.urlopen(urllib.request.Request(f"{os.environ['CALLR_BASE_URL']}/v2.0/ping", headers=key))
"""


@pytest.mark.parametrize("proxy", ["http_proxy", "HTTP_PROXY"])
def test_a_command_that_is_sent_through_a_proxy_gets_here_without(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    code = ASKS + "assert os.environ['no_proxy'].startswith('intranet.example,localhost')"
    lines: list[str] = []

    asked = [sys.executable, "-c", code]
    code_of_exit = check(asked, Settings(vendors=("callr",)), write=lines.append, judged=False)

    assert code_of_exit == 0, lines
