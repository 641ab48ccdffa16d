"""Bytes that are no text, wherever they stand: a vendor's own refusal or answer, kept, and never a bug."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from io import BytesIO
from urllib.parse import quote_from_bytes

import pytest

from simulator import Simulator
from simulator.scenario.loading import load_text
from simulator.vendors import vendor_names
from tests.acceptance.repeated_units import FORM, JSON, Door, doors

OPEN = "sim: 1\ntitle: No limits\nlimits: [{where: VENDOR.*, allow: 1000000 per 1s}]\nextends: happy\n"
HOSTILE = (
    *(b"\xff", b"caf\xe9cafe", b"\xed\xa0\x80dc00", b"\x00", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\\ud800"),
    *(b"7916\xff1234567", b"\xe2\x80\xae", b"+7\x00916", b"http://a/\xe9"),
)
NAMES = (b"public_key", b"api_key", b"token", b"phone", b"to", b"callback", b"key")
PARTS = "multipart/form-data; boundary=b"


@pytest.fixture(scope="module", params=vendor_names())
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    with closing(Simulator(vendors=(request.param,))) as simulator:
        scenario = OPEN.replace("VENDOR", request.param).encode()
        simulator.worlds.open("main", load_text(scenario, "open.yaml"))
        yield simulator


def bodies(hostile: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield bodies of each kind in which every field that is masked, or any, holds hostile bytes."""
    fields = b"&".join(name + b"=" + hostile for name in NAMES)
    part = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    yield from ((kind, fields) for kind in (FORM, "text/plain", "text/csv; charset=\xe9", "", JSON, PARTS))
    yield PARTS, b"".join(part % (name, hostile) for name in NAMES) + b"--b--\r\n"
    yield PARTS, b"".join(part % (hostile, name) for name in NAMES) + b"--b--\r\n"
    yield PARTS, (part % (b'f"; filename="' + hostile, b"1")) + b"--b--\r\n"
    members = b",".join(b'"' + name + b'":"' + hostile + b'"' for name in NAMES)
    yield from ((kind, b"{" + members + b"}") for kind in (JSON, FORM, "application/xml"))
    yield JSON, b'{"' + hostile + b'":1}'
    yield "application/xml", b"<token>" + hostile + b"</token>"


def settings(door: Door, hostile: bytes) -> Iterator[Mapping[str, str]]:
    """Yield environs with hostile bytes in the path, the query or a header, as a server passes them on."""
    path, _, query = door.url.removeprefix("http://localhost").partition("?")
    text, quoted = hostile.decode("latin-1"), quote_from_bytes(hostile)
    yield from ({"PATH_INFO": path + more} for more in (text, "/" + text))
    for value in (text, quoted):
        yield {"QUERY_STRING": f"{query}&" + "&".join(f"{name.decode()}={value}" for name in NAMES)}
        yield {"QUERY_STRING": f"{query}&{value}=1"}
    for name in (
        "X_API_KEY",
        "API_KEY",
        "COOKIE",
        "USER_AGENT",
        "IDEMPOTENCE_KEY",
        "X_SIMULATOR_HOP",
        "HOST",
    ):
        yield {f"HTTP_{name}": text}
    yield from ({"HTTP_AUTHORIZATION": f"{scheme} {text}"} for scheme in ("Basic", "Bearer", ""))
    yield from ({"CONTENT_TYPE": kind + text} for kind in ("", JSON, FORM, PARTS))
    yield {"REQUEST_METHOD": text}


def answer(simulator: Simulator, door: Door, body: bytes = b"", **environ: str) -> str:
    """Send a request past any client's manners and return what is wrong with the answer, if anything is."""
    path, _, query = door.url.removeprefix("http://localhost").partition("?")
    answers: list[tuple[int, dict[str, str]]] = []
    setting: dict[str, object] = {
        "REQUEST_METHOD": door.method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "HTTP_HOST": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in door.headers},
        **environ,
        "wsgi.input": BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
    }
    pieces = simulator.wsgi_app(
        setting, lambda status, headers: answers.append((int(status[:3]), dict(headers)))
    )
    b"".join(pieces)
    getattr(pieces, "close", lambda: None)()
    status, headers = answers[0]
    bug = status >= 500 or "bug" in headers.get("X-Simulator-Rule", "")
    return f"{status} {headers.get('X-Simulator-Rule')}" if bug else ""


def one_door_each(simulator: Simulator) -> list[Door]:
    """Return one door of each operation."""
    by_operation = {door.place.partition(":")[0]: door for door in doors(simulator) if door.in_query}
    return list(by_operation.values())


def test_hostile_bytes_in_a_body_are_the_clients_fault_and_kept(simulator: Simulator) -> None:
    journal, asked, bugs = simulator.worlds.sandbox().recorder.journal, 0, Counter[str]()
    before = journal.recorded
    for place, door in enumerate(one_door_each(simulator)):
        for hostile in (HOSTILE[place % len(HOSTILE)], HOSTILE[(place + 1) % len(HOSTILE)]):
            for kind, body in bodies(hostile):
                bugs[answer(simulator, door, body, CONTENT_TYPE=kind)] += 1
                asked += 1

    assert set(bugs) == {""}
    assert journal.recorded == before + asked


def test_hostile_bytes_around_a_body_are_the_clients_fault(simulator: Simulator) -> None:
    bugs = Counter(
        answer(simulator, door, b"1" if "CONTENT_TYPE" in environ else b"", **environ)
        for place, door in enumerate(one_door_each(simulator))
        for hostile in (HOSTILE[place % len(HOSTILE)], HOSTILE[(place + 3) % len(HOSTILE)])
        for environ in settings(door, hostile)
    )

    assert set(bugs) == {""}
