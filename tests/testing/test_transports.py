"""Into a simulator without a socket: the same answers, and the same errors as over one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from simulator import faults
from simulator.admin.faults import render_action
from simulator.app import Simulator
from simulator.testing.fixtures import VendorFixture
from simulator.testing.transports import httpx_mounts, mount

API = "/manager/cabapi_external/api/v1"
LIBRARIES = {"requests": requests, "httpx": httpx, "httpx2": httpx2}
PATIENCE = 60.0
IMPATIENCE = 0.2
"""How long a client reads where no answer ever comes."""
REAL_HOSTS = ["https://callo.com", "https://zvonok.com", "http://callo.com"]

every_library = pytest.mark.parametrize("library", LIBRARIES)


def session_of(callo: VendorFixture, library: str) -> Any:
    return callo.requests_session() if library == "requests" else callo.httpx_client(library)  # type: ignore[arg-type]


def plain_session(library: str) -> Any:
    return (
        requests.Session() if library == "requests" else vars(LIBRARIES[library])["Client"](trust_env=False)
    )


def form_of(callo: VendorFixture, **changes: str) -> dict[str, str]:
    known = {"public_key": callo.key, "campaign_id": str(callo.credentials["campaign_id"])}
    return {**known, "phone": "+447700900000", **changes}


def arm(callo: VendorFixture, do: faults.Action) -> None:
    callo.world.sandbox.act("arm", fault="armed", where="*", do=render_action(do))


def add_call(callo: VendorFixture, session: Any, root: str | None = None, read: float = PATIENCE) -> Any:
    timeout = (PATIENCE, read) if isinstance(session, requests.Session) else (PATIENCE, read, PATIENCE, None)
    return session.post(f"{root or callo.base_url}{API}/phones/call/", data=form_of(callo), timeout=timeout)


@every_library
def test_a_session_reaches_the_test_s_world_at_its_base_url(callo: VendorFixture, library: str) -> None:
    with session_of(callo, library) as session:
        answer = add_call(callo, session)

    assert answer.json()["call_id"] == callo.calls[0].ref


@every_library
@pytest.mark.parametrize("host", REAL_HOSTS)
def test_a_session_reaches_the_same_world_at_the_real_hosts(
    callo: VendorFixture, library: str, host: str
) -> None:
    with session_of(callo, library) as session:
        answer = add_call(callo, session, host)

    assert answer.json()["call_id"] == callo.calls[0].ref


@every_library
def test_a_query_and_a_redirect_for_want_of_a_slash_arrive(callo: VendorFixture, library: str) -> None:
    callo.allow_violations()
    with session_of(callo, library) as session:
        query = {"public_key": callo.key}
        redirect = {"allow_redirects" if library == "requests" else "follow_redirects": True}
        answer = session.get(f"https://callo.com{API}/users/balance", params=query, **redirect)

    assert answer.status_code == 200
    assert [exchange.answer.status for exchange in callo.exchanges] == [301, 200]


@every_library
def test_a_clip_is_uploaded_as_a_file(callo: VendorFixture, library: str) -> None:
    callo.allow_violations()
    with session_of(callo, library) as session:
        files = {"file": ("clip.wav", BytesIO(b"no sound"), "audio/wav")}
        session.post(f"{callo.base_url}{API}/audio/upload/", data={"public_key": callo.key}, files=files)

    assert b"no sound" in callo.exchanges[0].request.body
    assert callo.exchanges[0].operation is not None


@every_library
@pytest.mark.parametrize(
    "fault",
    [faults.Reset(), faults.Cut(0.5), faults.Hang(timedelta(minutes=2))],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_raises_what_it_raises_over_a_socket(
    callo: VendorFixture, library: str, fault: faults.Action
) -> None:
    read = IMPATIENCE if isinstance(fault, faults.Hang) else PATIENCE
    callo.allow_conduct("double_dials")  # the same call is placed by both ways in
    arm(callo, fault)

    with session_of(callo, library) as inside, plain_session(library) as outside:
        errors = [raised(partial(add_call, callo, session, read=read)) for session in (inside, outside)]

    assert errors[0] is errors[1]


def raised(act: Callable[[], object]) -> type[Exception]:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is the question
        act()
    return caught.type


@contextmanager
def mounted(simulator: Simulator, world: str) -> Iterator[requests.Session]:
    with requests.Session() as session:
        mount(session, simulator, world)
        yield session


def test_a_call_whose_answer_never_comes_still_takes_place(tmp_path: Path) -> None:
    with closing(Simulator(scenario=listening(tmp_path))) as simulator:
        sandbox, access = simulator.worlds.sandbox(), simulator.worlds.credentials("callo")
        sandbox.act("arm", fault="armed", where="*", do="hang 2m")
        form = {"public_key": access["public_key"], "campaign_id": access["campaign_id"]}
        with mounted(simulator, "main") as session, pytest.raises(requests.ReadTimeout):
            session.post(f"https://callo.com{API}/phones/call/", data={**form, "phone": "+447700900000"})
        sandbox.advance()

        assert [len(delivery.attempts) > 0 for delivery in sandbox.world.outbox.deliveries.values()] == [True]


def listening(folder: Path) -> Path:
    """Return a scenario whose account hears of every finished call."""
    campaign = "{name: Reminders, type: free_text, postbacks: {finished: {url: 'http://127.0.0.1:9/'}}}"
    file = folder / "listening.yaml"
    file.write_text(
        f"sim: 1\nextends: happy\naccounts: {{clinic: {{vendors: [callo], campaigns: [{campaign}]}}}}\n"
    )
    return file


def test_two_worlds_of_one_simulator_are_reached_apart() -> None:
    simulator = Simulator()
    simulator.worlds.open("other")
    form = {"public_key": simulator.worlds.credentials("callo")["public_key"]}
    with mounted(simulator, "main") as main, mounted(simulator, "other") as other:
        main.get(f"https://callo.com{API}/users/balance/", params=form)
        other.get(f"https://callo.com{API}/users/balance/", params=form)
        other.get(f"https://callo.com{API}/users/balance/", params=form)

    assert [len(sandbox.recorder.journal) for sandbox in simulator.worlds] == [1, 2]


@pytest.mark.parametrize(
    "body",
    [b"public_key=k", "public_key=k", BytesIO(b"public_key=k"), iter([b"public_", b"key=k"])],
    ids=["bytes", "text", "file", "pieces"],
)
def test_a_body_may_come_in_any_form_that_requests_takes(body: Any) -> None:
    simulator = Simulator()
    with mounted(simulator, "main") as session:
        session.post(f"https://callo.com{API}/phones/call/", data=body)

    assert len(next(iter(simulator.worlds.sandbox().recorder.journal)).request.body) == len("public_key=k")


def test_other_hosts_are_left_alone() -> None:
    with requests.Session() as session:
        session.mount("https://", other := OtherAdapter())
        mount(session, Simulator())
        session.get("https://callo.com.example/")
        session.get("https://callo.com/x")

    assert other.urls == ["https://callo.com.example/"]


class OtherAdapter(HTTPAdapter):
    """Takes what is no vendor's, and answers nothing."""

    urls: tuple[str, ...] | list[str] = ()

    def send(self, request: requests.PreparedRequest, *_given: Any, **_options: Any) -> requests.Response:
        self.urls = [*self.urls, request.url or ""]
        return self.build_response(request, HTTPResponse(BytesIO(), status=200))


@pytest.mark.parametrize("host", ["www.zvonok.com", "api.kaleyra.com", "a.b.just-ai.com"])
def test_a_vendor_that_nobody_stands_in_for_is_refused_and_told(host: str) -> None:
    tries: list[tuple[str, int, str]] = []
    simulator = Simulator()
    mounts: Any = httpx_mounts(httpx, simulator, tried=lambda *trial: tries.append(trial))
    with requests.Session() as session, httpx.Client(mounts=mounts) as client:
        mount(session, simulator, tried=lambda *trial: tries.append(trial))
        with pytest.raises(requests.ConnectionError, match="a real vendor's"):
            session.get(f"https://{host}/")
        with pytest.raises(httpx.ConnectError, match="a real vendor's"):
            client.get(f"https://{host}/")

    assert tries == [(host, 443, "requests"), (host, 443, "httpx")]


def test_a_host_below_a_vendors_star_is_stood_in_for() -> None:
    with mounted(Simulator(), "main") as session:
        assert session.get("https://bot.just-ai.com/nothing").headers["X-Simulator-Exchange"]


def test_httpx_mounts_name_every_real_host() -> None:
    mounts = httpx_mounts(httpx, Simulator(), root="http://127.0.0.1:1")

    assert {"all://callo.com", "all://*.kaleyra.com", "http://127.0.0.1:1"} <= set(mounts)


# -- in a coroutine -------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_coroutines_ask_at_once_and_without_a_socket(callo: VendorFixture, library: Any) -> None:
    async def ask() -> list[int]:
        numbers = [f"+4477009003{nth:02}" for nth in range(10, 18)]
        async with callo.httpx_async_client(library) as client:
            orders = [client.post(f"https://callo.com{API}/phones/call/", data=form_of(callo, phone=one))
                      for one in numbers]  # fmt: skip
            return [answer.status_code for answer in await asyncio.gather(*orders)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", lambda *_address: pytest.fail("a socket was opened"))
        assert asyncio.run(ask()) == [200] * 8
    assert len(callo.calls) == 8


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.Reset(), "ReadError"),
        (faults.Cut(0.5), "RemoteProtocolError"),
        (faults.Hang(timedelta(minutes=2)), "ReadTimeout"),
    ],
)
def test_a_fault_raises_in_a_coroutine_what_it_raises_elsewhere(
    callo: VendorFixture, library: Any, fault: faults.Action, error: str
) -> None:
    async def ask() -> None:
        async with callo.httpx_async_client(library) as client:
            await client.get(f"{API}/users/balance/", params={"public_key": callo.key})

    arm(callo, fault)
    with pytest.raises(getattr(LIBRARIES[library], error)):
        asyncio.run(ask())
