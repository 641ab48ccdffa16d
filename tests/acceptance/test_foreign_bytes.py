"""Bytes that are no UTF-8, half surrogates and NUL, anywhere in a request to any vendor: refused and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import pytest

from simulator.app import Simulator
from simulator.vendors import vendor_names

NASTY = {
    "not UTF-8": b"caf\xe9",
    "half a surrogate": b"\xed\xa0\x80x",
    "NUL": b"a\x00b",
    "escaped": b"%ff%00",
    "lone": b"\xff",
}
NAMES = (
    "public_key",
    "api_key",
    "phone",
    "caller",
    "to",
    "text",
    "method",
    "x\xe9".encode("latin-1").decode("latin-1"),
)
PLACES = {
    "callo": "/callo/manager/cabapi_external/api/v1/phones/call/",
    "kaleyra": "/kaleyra/v1/",
    "jaicp": "/jaicp/api/calls/campaign/{key}/addPhones",
    "callr": "/callr/v2.0/sms",
}
Ways = Callable[[bytes], dict[str, object]]


def form(value: bytes) -> dict[str, object]:
    body = b"&".join(name.encode() + b"=" + value for name in NAMES) + b"&" + value + b"=1"
    return {"CONTENT_TYPE": "application/x-www-form-urlencoded", "body": body}


def parts(value: bytes) -> dict[str, object]:
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n"
        for name in (*map(str.encode, NAMES), value)
    )
    return {"CONTENT_TYPE": "multipart/form-data; boundary=b", "body": body + b"--b--\r\n"}


def in_json(value: bytes) -> dict[str, object]:
    body = b"{" + b",".join(b'"%s": "%s"' % (name.encode(), value) for name in NAMES) + b"}"
    return {"CONTENT_TYPE": "application/json", "body": body}


def escapes(value: bytes) -> dict[str, object]:
    text = {name: "\ud800\u0000" + value.decode("latin-1") for name in (*NAMES, "\udfff")}
    return {"CONTENT_TYPE": "application/json", "body": json.dumps([text, text["to"]]).encode()}


def basic(value: bytes) -> dict[str, object]:
    return {"HTTP_AUTHORIZATION": "Basic " + quote(value), "HTTP_X_API_KEY": value.decode("latin-1")}


WAYS: dict[str, Ways] = {
    "query": lambda value: {"QUERY_STRING": "&".join(f"{name}={quote(value)}" for name in NAMES)},
    "raw query": lambda value: {
        "QUERY_STRING": "&".join(f"{name}={value.decode('latin-1')}" for name in NAMES)
    },
    "path": lambda value: {"under": value},
    "headers": lambda value: {
        f"HTTP_{name}": value.decode("latin-1") for name in ("X_API_KEY", "AUTHORIZATION", "COOKIE")
    },
    "basic": basic,
    "form": form,
    "multipart": parts,
    "JSON": in_json,
    "JSON with escapes": escapes,
    "content type": lambda value: {"CONTENT_TYPE": value.decode("latin-1"), "body": value},
}


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator()


def ask(simulator: Simulator, path: bytes, verb: str, **environ: object) -> tuple[int, dict[str, str], bytes]:
    """Send a request past any client's manners."""
    head: list[tuple[int, dict[str, str]]] = []
    body = environ.pop("body", b"")
    assert isinstance(body, bytes)
    setting: dict[str, object] = {
        "REQUEST_METHOD": verb,
        "PATH_INFO": path.decode("latin-1"),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    setting.update(environ)
    setup_testing_defaults(setting)
    answered = simulator.wsgi_app(
        setting, lambda status, headers: head.append((int(status[:3]), dict(headers)))
    )
    content = b"".join(answered)
    getattr(answered, "close", lambda: None)()
    return (*head[0], content)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("vendor", vendor_names())
def test_no_byte_upsets_a_vendor_or_goes_untold(simulator: Simulator, vendor: str, way: str) -> None:
    known = next(iter(simulator.worlds.credentials(vendor).values()))
    for name, value in NASTY.items():
        for key in (str(known).encode(), value):
            for verb in ("GET", "POST"):
                environ = WAYS[way](value)
                under = environ.pop("under", b"")
                assert isinstance(under, bytes)
                path = PLACES[vendor].encode().replace(b"{key}", key) + under
                before = simulator.worlds.sandbox().recorder.journal.recorded
                status, headers, _ = ask(simulator, path, verb, **environ)

                assert status < 500, (name, verb, headers)
                assert simulator.worlds.sandbox().recorder.journal.recorded == before + 1
                assert headers["X-Simulator-Exchange"]
    assert simulator.worlds.bugs == []


@pytest.mark.parametrize(
    "path", ["exchanges?limit=1000", "violations", "calls", "deliveries", "accounts", "coverage"]
)
def test_all_of_it_can_be_shown(simulator: Simulator, path: str) -> None:
    status, _, body = ask(
        simulator,
        f"/_simulator/v1/{path.partition('?')[0]}".encode(),
        "GET",
        QUERY_STRING=path.partition("?")[2],
    )

    assert status == 200
    assert json.loads(body)
