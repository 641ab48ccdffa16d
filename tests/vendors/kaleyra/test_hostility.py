"""Bad input of every kind is refused in the envelope, in the format asked for, and the server lives on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_to_bytes, urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from werkzeug.test import Client, TestResponse

from simulator.app import Simulator
from tests.acceptance.test_hostile_requests import BROKEN_PARTS, FLOODS, LINES, LONG, ODD_JSON, PIECES, VERBS
from tests.thoroughness import sampled
from tests.vendors.customers import FORM
from tests.vendors.kaleyra.desk import ASHA, RAVI
from tests.vendors.kaleyra.test_fuzz import METHODS, NAMES

JSON_METHODS = ("voice.json", "autodial.import", "autodial.add")
KINDS = ("application/json", FORM, "text/plain", "multipart/form-data", "", "\u00e9/*")
PATHS = [
    *(
        "/",
        "//",
        "/..",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e/",
        "/v1/../../b",
        "/%00",
        "/\x7f",
        "/%ff%fe",
    ),
    *("/v1//x", "//v2/", "/v1/%0d%0aX-Evil:1", "/v1/index.php/x", "/api", "/api/v2/", "/V1/", "/v1/;a=b"),
    *("/play/x", "/play", "/" + "a/" * 4_000, "/" + "x" * 9_000, "/@/", "/\\..\\", "/api/v1/.git/config"),
]
KEYS = ["\u00e9" * 32, "A" * 5_000, "A" + "\u0663" * 32, "null", "' OR 1=1 --", "{{7*7}}", "%00", " "]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    simulator = Simulator(vendors=("kaleyra",))
    yield simulator
    journal = simulator.worlds.sandbox().recorder.journal
    assert [exchange for exchange in journal if exchange.answer.status >= 500] == []
    assert [
        (exchange.request, violation)
        for exchange in journal
        for violation in exchange.violations
        if violation.blame != "client"
    ] == []


def ask(simulator: Simulator, method: str, body: bytes = b"", kind: str = FORM, **more: str) -> TestResponse:
    """Post a body with the method, the key and the format in the query."""
    key = simulator.worlds.credentials("kaleyra")["api_key"]
    query = urlencode({"method": method, "api_key": key, "format": "json", "name": "n", **more})
    return Client(simulator).post(f"/kaleyra/v1/?{query}", data=body, content_type=kind, buffered=True)


def envelope(answer: TestResponse) -> dict[str, str]:
    """Return what is told in JSON, after a look at its form."""
    body = json.loads(answer.data)
    assert list(body)[:2] == ["status", "message"], body
    assert body["message"]
    assert "X-Evil" not in answer.headers
    return dict(body)


def is_refused(answer: TestResponse) -> bool:
    return answer.status_code < 500 and envelope(answer)["status"].startswith("E")


def lives(simulator: Simulator) -> bool:
    return envelope(ask(simulator, "dial"))["status"] == "200"


@pytest.mark.parametrize("method", JSON_METHODS)
def test_json_of_any_oddity_is_refused(simulator: Simulator, method: str) -> None:
    for body in ODD_JSON:
        for kind in KINDS:
            assert is_refused(ask(simulator, method, body, kind)), (body[:40], kind)
    assert lives(simulator)


@pytest.mark.parametrize("flood", FLOODS)
def test_floods_are_refused(simulator: Simulator, flood: str) -> None:
    answer = ask(simulator, "voice.call", *FLOODS[flood])

    assert is_refused(answer)
    assert (answer.status_code, envelope(answer)["status"]) in ((413, "E651"), (200, "E614"), (200, "E615"))
    assert lives(simulator)


@pytest.mark.parametrize("method", ["dial.click2call", "voice.call", "voice.json"])
def test_broken_multipart_is_refused(simulator: Simulator, method: str) -> None:
    for body in BROKEN_PARTS:
        for boundary in ("b", "", "b" * 300):
            kind = f"multipart/form-data; boundary={boundary}"
            assert is_refused(ask(simulator, method, body, kind)), (body[:60], kind)
    assert lives(simulator)


@pytest.mark.parametrize("method", ["dial.click2call", "voice.call", "followup", "block"])
def test_broken_forms_are_refused(simulator: Simulator, method: str) -> None:
    for piece in PIECES:
        assert is_refused(ask(simulator, method, piece.encode())), piece
    assert lives(simulator)


@pytest.mark.parametrize(
    "line", [*LINES, "]]>", "<i>&amp;", "\n[x] => y\n)", "a=b\nstatus=200", "');alert(1)//"]
)
@pytest.mark.parametrize("form", ["text", "json", "jsonp", "xml", "php"])
def test_no_parameter_becomes_a_line_or_a_header(simulator: Simulator, form: str, line: str) -> None:
    for method in ("voice.status", "voice.json", "dial.click2call", "followup", line):
        sent = urlencode({**dict.fromkeys(NAMES, line), "format": form})
        answer = ask(simulator, method, sent.encode(), format=form)

        assert (answer.status_code, "X-Evil" in answer.headers) == (200, False)
        assert b"status=200" not in answer.data.splitlines()
    assert lives(simulator)


@pytest.mark.parametrize("method", sampled(METHODS, 9))
def test_texts_of_any_length_and_alphabet_are_refused_or_taken(simulator: Simulator, method: str) -> None:
    known = {
        "caller": ASHA,
        "receiver": RAVI,
        "numbers": ASHA,
        "play": "1.sound",
        "number": ASHA,
        "meta": "{}",
    }
    for odd in ("x" * 200_000, "\U0001f600" * 999, "\u202e", "9" * 5_000, "-" * 999, "," * 5_000, "^" * 999):
        for name in NAMES:
            answer = ask(simulator, method, urlencode({**known, name: odd, "format": "json"}).encode())

            assert answer.status_code == 200
            envelope(answer)


@pytest.mark.parametrize("key", KEYS)
def test_odd_keys_are_refused(simulator: Simulator, key: str) -> None:
    fields = {"method": "dial", "format": "json", "api_key": key}

    assert is_refused(Client(simulator).get("/kaleyra/v1/", query_string=fields))
    assert is_refused(Client(simulator).post("/kaleyra/v1/", data=fields))


def raw(simulator: Simulator, verb: str, path: str, **environ: str) -> tuple[int, Mapping[str, str], bytes]:
    """Send a request past any client's manners; `path` is percent-decoded as a server would."""
    heads: list[tuple[int, dict[str, str]]] = []
    setting: dict[str, object] = {
        "REQUEST_METHOD": verb,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "SCRIPT_NAME": "",
        "QUERY_STRING": "format=json",
        "REQUEST_URI": path,
        **environ,
    }
    setup_testing_defaults(setting)
    body = simulator.wsgi_app(setting, lambda status, headers: heads.append((int(status[:3]), dict(headers))))
    content = b"".join(body)
    getattr(body, "close", lambda: None)()
    return (*heads[0], content)


@pytest.mark.parametrize("verb", VERBS)
def test_no_path_upsets_the_vendor_by_any_verb(simulator: Simulator, verb: str) -> None:
    for path in PATHS:
        status, headers, body = raw(simulator, verb, "/kaleyra" + path)

        assert 400 <= status < 500, (verb, path, status)
        assert "X-Evil" not in headers
        assert verb == "HEAD" or b'"status"' in body, (verb, path)
    assert lives(simulator)


@pytest.mark.parametrize("what", LONG)
def test_what_is_too_long_or_in_doubt_is_met_by_its_status(simulator: Simulator, what: str) -> None:
    expected, environ = LONG[what]

    status, headers, body = raw(simulator, "POST", "/kaleyra/v1/", **environ)

    assert status == expected
    assert headers["X-Simulator-Rule"].endswith(", any_other [inferred]")
    assert b"E651" in body
    assert lives(simulator)
