"""Whatever a client sends, Callo refuses it in its own words, and the next request is served."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults

import pytest
from werkzeug.test import TestResponse

from simulator.formats.sound import tone
from simulator.vendors.callo import vendor
from tests.acceptance.hostile_files import BOMBS, GOOD, SOUNDS, TABLES, cell, claiming, row, workbook
from tests.acceptance.stage_hands import API, Stranger, enter, written

POSTED = [route.path for route in vendor.operations() if "POST" in route.verbs and not route.public]
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    stranger = enter(written())
    yield stranger
    assert not [exchange for exchange in stranger.sandbox.recorder.journal if exchange.answer.status >= 500]


def refuses_in_its_own_words(answer: TestResponse) -> bool:
    """Tell whether an answer is a form's mistakes or one of the vendor's pages."""
    if answer.mimetype == "text/html":
        return 400 <= answer.status_code < 500 and (answer.data == b"" or answer.data.startswith(b"<h1>"))
    body = json.loads(answer.data)
    return answer.status_code == 400 and body.keys() == {"status", "data"} and body["status"] == "error"


def lives(stranger: Stranger) -> bool:
    return stranger.get("users/balance").status_code == 200


DEEP = [b"[" * depth + b"]" * depth for depth in (65, 1_000, 100_000)]
LONG_NUMBERS = [b'{"phone": ' + b"9" * digits + b"}" for digits in (400, 4_300, 5_000)]
ODD_JSON = [
    *DEEP,
    *LONG_NUMBERS,
    *(b'{"phone": NaN}', b'{"phone": Infinity}', b'{"phone": 1e999}', b'{"phone": 1, "phone": 2}'),
    *(
        b'{"phone": "\\ud800"}',
        '{"phone": 1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b'{"\xff": 1}',
        b"",
        b"null",
    ),
]


@pytest.mark.parametrize("path", POSTED)
def test_json_of_any_oddity_is_read_as_no_form_at_all(stranger: Stranger, path: str) -> None:
    for body in ODD_JSON:
        for kind in ("application/json", FORM, "text/plain", "multipart/form-data", "", "\u00e9/*"):
            answer = stranger.ask("POST", path, data=body, content_type=kind)

            assert refuses_in_its_own_words(answer), (body[:40], kind, answer.data)
    assert lives(stranger)


def part(name: str, value: bytes = b"x", extra: bytes = b"") -> bytes:
    return (
        b'--b\r\nContent-Disposition: form-data; name="'
        + name.encode()
        + b'"'
        + extra
        + b"\r\n\r\n"
        + value
        + b"\r\n"
    )


FLOODS: Mapping[str, tuple[bytes, str]] = {
    "a million fields": (b"a=1&" * 240_000, FORM),
    "a body beyond eight megabytes": (b"a=" + b"x" * 8_000_000, FORM),
    "one field too many": (b"&".join(b"f%d=1" % place for place in range(1_001)), FORM),
    "1,001 parts": (b"".join(part(f"f{place}") for place in range(1_001)) + b"--b--\r\n", PARTS),
    "a part header of 5 MB": (part("a", extra=b'; x="' + b"y" * 5_000_000 + b'"') + b"--b--\r\n", PARTS),
    "200,000 part headers": (b"--b\r\n" + b"A: b\r\n" * 200_000 + b"\r\nx\r\n--b--\r\n", PARTS),
    "26 MB of a file": (part("clip_file", b"x" * 26_000_000, b'; filename="a.wav"') + b"--b--\r\n", PARTS),
}


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("name", ["phones/call", "audio/upload"])
def test_floods_are_met_by_a_page(stranger: Stranger, name: str, flood: str) -> None:
    body, kind = FLOODS[flood]

    answer = stranger.ask("POST", f"{API}/{name}/", data=body, content_type=kind)

    assert answer.status_code in (400, 413)
    assert answer.mimetype == "text/html"
    assert lives(stranger)


BROKEN_PARTS = [
    *(b"", b"--b", b"--b\r\n", b"--b--", b"--b\r\n\r\n\r\n", b"--c\r\n\r\nx\r\n--c--\r\n", b"\x00" * 100),
    part("phone", b"1"),
    part("phone", b"\xff\xfe") + b"--b--\r\n",
    b"--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data; name*=UTF-8''%ff\r\n\r\nx\r\n--b--\r\n",
    part("a", extra=b"\r\nContent-Transfer-Encoding: base64") + b"--b--\r\n",
    b'--b\r\nContent-Disposition: form-data; name="phone"; filename=""\r\n\r\n\r\n--b--\r\n',
]


@pytest.mark.parametrize("path", POSTED)
def test_broken_multipart_is_refused(stranger: Stranger, path: str) -> None:
    for body in BROKEN_PARTS:
        for kind in (PARTS, "multipart/form-data; boundary=", f"multipart/form-data; boundary={'b' * 300}"):
            answer = stranger.ask("POST", path, data=body, content_type=kind)

            assert refuses_in_its_own_words(answer), (body[:60], kind, answer.data)
    assert lives(stranger)


PIECES = [
    *("%zz", "%", "%0", "=", "&&&&", "a=b=c=d", "%00=%00", "phone=%ff%fe", "phone=%ed%a0%80", ";;", "+=+"),
    *("phone[]=1", "phone=1&phone=2", "\u00ad=1", "%u0041=1", "public_key=%0d%0aSet-Cookie:x=1"),
]


@pytest.mark.parametrize("path", POSTED)
def test_broken_forms_are_refused(stranger: Stranger, path: str) -> None:
    for piece in PIECES:
        answer = stranger.ask("POST", path, data=piece.encode(), content_type=FORM)

        assert refuses_in_its_own_words(answer), (piece, answer.data)
    assert lives(stranger)


LINES = ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\x00b", "a\x7fb", "\u2028", "Привет", "\U0001f600", "\u202e"]


@pytest.mark.parametrize("line", LINES)
def test_no_parameter_becomes_a_header(stranger: Stranger, line: str) -> None:
    sent = dict.fromkeys(
        ("phone", "label", "text", "speaker", "pincode", "clip_name", "mode", "labels"), line
    )
    for path in POSTED:
        form = {"public_key": stranger.credentials["public_key"], "campaign_id": stranger.campaign()}
        answer = stranger.ask("POST", path, data={**form, **sent})
        redirect = stranger.ask("GET", path.rstrip("/"), query_string={"next": line})

        assert "X-Evil" not in answer.headers
        assert "X-Evil" not in redirect.headers
        assert redirect.status_code in (301, 400)
        assert answer.status_code in (200, 400, 405)


def append(stranger: Stranger, file: bytes, name: str = "list.xlsx", **more: object) -> TestResponse:
    campaign = stranger.campaign()
    return stranger.upload("phones/append/calls", "phones_file", name, file, campaign_id=campaign, **more)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_hostile_spreadsheet_is_an_invalid_file(stranger: Stranger, bomb: str) -> None:
    answer = append(stranger, BOMBS[bomb]())

    assert answer.status_code == 400, answer.data
    assert "phones_file" in answer.get_json()["data"]
    assert lives(stranger)


def test_a_spreadsheet_with_two_far_corners_gives_its_one_number(stranger: Stranger) -> None:
    sheet = row(1, cell("A1", GOOD)) + row(1_048_576, cell("XFD1048576", "7"))

    answer = append(stranger, workbook(sheet))

    assert answer.status_code in (200, 400)
    assert lives(stranger)


TAKEN = {"UTF-16", "cp1251", "a byte order mark"}


@pytest.mark.parametrize("table", TABLES)
def test_a_hostile_table_is_taken_or_refused(stranger: Stranger, table: str) -> None:
    answer = append(stranger, TABLES[table](), "list.csv", text_from_column=1)

    assert answer.status_code in (200, 400), answer.data
    if table in TAKEN:
        assert answer.get_json()["calls_count"] == 1
    assert lives(stranger)


@pytest.mark.parametrize("column", ["-1", "1.5", "٣", "9" * 30, "a", "16384", "1e3"])
def test_a_column_that_is_none_is_a_form_error(stranger: Stranger, column: str) -> None:
    answer = append(stranger, GOOD.encode(), "list.csv", text_from_column=column)

    assert answer.status_code in (200, 400), answer.data


@pytest.mark.parametrize("sound", SOUNDS)
def test_what_is_no_sound_is_an_invalid_file(stranger: Stranger, sound: str) -> None:
    answer = stranger.upload("audio/upload", "clip_file", "a.wav", SOUNDS[sound], clip_name="a")

    assert answer.status_code == 400, answer.data
    assert answer.get_json()["data"] == "Form isn't valid: * clip_file\n  * Upload a valid audio file."
    assert lives(stranger)


def test_a_wav_is_as_long_as_its_bytes_whatever_it_claims(stranger: Stranger) -> None:
    for seconds in (1, 74 * 3600):
        answer = stranger.upload("audio/upload", "clip_file", "a.wav", claiming(seconds), clip_name="a")

        assert answer.status_code == 400 or answer.get_json()["length"] < 0.01


def test_a_clip_named_like_a_page_comes_back_as_sound(stranger: Stranger) -> None:
    clip = stranger.upload("audio/upload", "clip_file", "x.html", tone(1, 0), clip_name="<script>").get_json()
    info = stranger.get("audio/info", audioclip_id=clip["audioclip_id"]).get_json()

    for url in (clip["url"], info["converted_url"], info["original_url"]):
        path = url.removeprefix("http://localhost/callo")
        assert stranger.ask("GET", path).mimetype == "audio/x-wav"


PATHS = [
    *(
        "/",
        "//",
        "/..",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e/",
        "/a/../../b",
        "/%00",
        "/\x7f",
        "/%ff%fe",
    ),
    *(
        "/manager",
        "/manager/",
        "/manager/%2fcabapi_external",
        "/\\..\\",
        "/./././",
        "/;a=b/",
        "/%0d%0aX-Evil:1",
    ),
    *(
        "/favicon.ico",
        "/.git/config",
        "/manager/cdr/record/1/2/",
        "/manager/cdr/record/x/../",
        "/@/",
        "/@nobody/",
    ),
    *("/manager/directcdr/k/1/99999999999999999999999999/f.mp3", "/manager/media/converted/1/2/3.wav"),
    *("/manager/cdr/record/1/1.9999999999999999999/", "/manager/cdr/record/1/1.\u0663/", "/" + "a/" * 4_000),
    *(API, f"{API}/phones/call/extra/", f"{API}/phones/call//", f"/{API}//phones//call/", "/" + "x" * 9_000),
]
VERBS = [
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "BREW",
    "get",
    "G\u00cbT",
    "-",
]


@pytest.mark.parametrize("verb", VERBS)
def test_no_path_upsets_the_vendor_by_any_verb(stranger: Stranger, verb: str) -> None:
    for path in PATHS:
        status, headers = raw(stranger, verb, "/callo" + path)

        assert 301 <= status < 500, (verb, path, status)
        assert "X-Evil" not in headers
    assert lives(stranger)


def raw(stranger: Stranger, verb: str, path: str, **environ: str) -> tuple[int, dict[str, str]]:
    """Send a request past any client's manners; `path` is percent-decoded as a server would."""
    answers: list[tuple[int, dict[str, str]]] = []
    setting: dict[str, object] = {
        "REQUEST_METHOD": verb,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
    }
    setting.update({"SCRIPT_NAME": "", "QUERY_STRING": "", "REQUEST_URI": path, **environ})
    setup_testing_defaults(setting)
    body = stranger.simulator.wsgi_app(
        setting, lambda status, headers: answers.append((int(status[:3]), dict(headers)))
    )
    b"".join(body)
    getattr(body, "close", lambda: None)()
    return answers[0]


@pytest.mark.parametrize(
    "host", ["", "a b", "callo.com:99999", "[::1", "x" * 300, "callo.com, evil", "\u00e9"]
)
def test_no_host_upsets_the_vendor(stranger: Stranger, host: str) -> None:
    status, _ = raw(stranger, "GET", f"/callo{API}/users/balance/", HTTP_HOST=host)

    assert status == 400


LONG: Mapping[str, tuple[int, dict[str, str]]] = {
    "a query of 9 KB": (414, {"QUERY_STRING": "a=" + "b" * 9_000}),
    "1,001 fields in the query": (413, {"QUERY_STRING": "&".join("a" for _ in range(1_001))}),
    "101 headers": (431, {f"HTTP_X_{place}": "1" for place in range(101)}),
    "a header of 17 KB": (431, {"HTTP_COOKIE": "a" * 17_000}),
    "a line end in a header": (400, {"HTTP_USER_AGENT": "a\r\nX-Evil: 1"}),
    "a length that is none": (400, {"CONTENT_LENGTH": "+5"}),
    "a negative length": (400, {"CONTENT_LENGTH": "-1"}),
    "two ways to end": (400, {"CONTENT_LENGTH": "1", "HTTP_TRANSFER_ENCODING": "chunked"}),
    "an unknown way to end": (400, {"HTTP_TRANSFER_ENCODING": "xchunked"}),
    "a body that never comes": (400, {"CONTENT_LENGTH": "5"}),
    "300 MB announced": (413, {"CONTENT_LENGTH": "300000000"}),
}


@pytest.mark.parametrize("what", LONG)
def test_what_is_too_long_or_in_doubt_is_met_by_its_status(stranger: Stranger, what: str) -> None:
    expected, environ = LONG[what]

    status, headers = raw(stranger, "POST", f"/callo{API}/phones/call/", **environ)

    assert (status, headers["Content-Type"]) == (expected, "text/html; charset=utf-8")
    assert lives(stranger)
