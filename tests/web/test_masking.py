from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from simulator.exchange import Answer, Exchange, Headers, Request, Violation
from simulator.web.journal import TRUNCATED, shorten
from simulator.web.masking import Masker

CANARY = "kQ7-canary/secret+9"
FORM: Headers = (("Content-Type", "application/x-www-form-urlencoded"),)
JSON: Headers = (("Content-Type", "application/json"),)
SECRETS = frozenset({"api_key", "public_key", "token", "password"})
NUMBERS = frozenset({"phone", "phones", "to", "phones_file"})


def masker(show_numbers: bool = False, salt: str = "salt") -> Masker:
    return Masker(SECRETS, NUMBERS, salt, show_numbers)


def multipart(name: str, value: str, filename: str = "") -> Request:
    named = f'; filename="{filename}"' if filename else ""
    text = f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{value}\r\n--b--\r\n'
    return Request(
        "POST", "/", headers=(("Content-Type", "multipart/form-data; boundary=b"),), body=text.encode()
    )


def kept(request: Request, answer: Answer = Answer(), *credentials: str) -> str:  # noqa: B008
    found = Violation("x", "query/api_key", "a key", CANARY, f"drop {CANARY}", "doc")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    exchange = Exchange("x1", at, "main", "callo", None, request, answer, violations=(found,))
    return repr(masker().exchange(exchange, (CANARY, *credentials)))


def post(body: str, headers: Headers = JSON) -> Request:
    return Request("POST", "/", headers=headers, body=body.encode())


BASIC = base64.b64encode(f"user:{CANARY}".encode()).decode()
DEEP = json.dumps({"a": [{"b": {"c": [{"api_key": CANARY}]}}]})
PLANTED: dict[str, Request] = {
    "query": Request("GET", "/", query=f"a=1&api_key={CANARY}"),
    "query, encoded": Request("GET", "/", query=f"a=1&api_key={quote(CANARY, safe='')}"),
    "query, encoded name": Request("GET", "/", query=f"api%5Fkey={CANARY}"),
    "query, in brackets": Request("GET", "/", query=f"auth[api_key]={CANARY}"),
    "path": Request("GET", f"/v1/{CANARY}/messages"),
    "key header": Request("GET", "/", headers=(("X-Api-Key", CANARY),)),
    "bearer": Request("GET", "/", headers=(("Authorization", f"Bearer {CANARY}"),)),
    "basic": Request("GET", "/", headers=(("Authorization", f"Basic {BASIC}"),)),
    "cookie": Request("GET", "/", headers=(("Cookie", f"sid={CANARY}; a=b"),)),
    "referer": Request("GET", "/", headers=(("Referer", f"https://app/?token={CANARY}"),)),
    "form": post(f"a=1&public_key={CANARY}&b=2", FORM),
    "form, spelled in capitals": post(f"API-KEY={CANARY}", FORM),
    "json in a form": post("json=" + quote(DEEP), FORM),
    "json typed as a form": post(DEEP, FORM),
    "json, five deep": post(DEEP),
    "json, an object": post(json.dumps({"token": {"a": [{"b": CANARY}]}})),
    "json, cut off": post(DEEP[:-8]),
    "json, escaped again": post(json.dumps(DEEP)),
    "multipart": multipart("api_key", CANARY),
    "multipart, file": multipart("token", CANARY, "t.txt"),
    "xml": post(f"<r><api_key>{CANARY}</api_key></r>", (("Content-Type", "text/xml"),)),
    "no content type": post(f"token: {CANARY}", ()),
    "callback url": post(json.dumps({"url": f"https://user:{CANARY.replace('/', '')}@host/x"})),
    "callback url, encoded": post("url=" + quote(f"https://user:{CANARY.replace('/', '')}@host/x"), FORM),
}


@pytest.mark.parametrize("place", PLANTED)
def test_no_planted_secret_is_kept(place: str) -> None:
    shown = kept(PLANTED[place])

    assert "canary" not in shown
    assert BASIC not in shown
    assert "***" in shown


@pytest.mark.parametrize("place", [place for place in PLANTED if "callback" not in place and place != "path"])
def test_names_alone_suffice_where_nobody_knows_the_secret(place: str) -> None:
    request = masker().request(PLANTED[place])

    assert "canary" not in repr(request)
    assert BASIC not in repr(request)


ECHOES: dict[str, Callable[[str], Answer]] = {
    "text": lambda secret: Answer(400, f"bad key {secret}!".encode()),
    "json": lambda secret: Answer(400, json.dumps({"error": [f"no {secret}"]}).encode(), JSON),
    "json with escaped slashes": lambda secret: Answer(400, json.dumps(secret).replace("/", "\\/").encode()),
    "percent-encoded": lambda secret: Answer(302, b"", (("Location", f"/?k={quote(secret, safe='')}"),)),
    "base64": lambda secret: Answer(200, base64.b64encode(secret.encode())),
    "set-cookie": lambda secret: Answer(200, b"", (("Set-Cookie", f"sid={secret}; Path=/"),)),
    "print_r": lambda secret: Answer(200, f"Array\n(\n  [api_key] => {secret} x\n)".encode()),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_a_secret_is_masked_where_the_answer_echoes_it(echo: str) -> None:
    shown = kept(Request("GET", "/"), ECHOES[echo](CANARY))

    assert "canary" not in shown
    assert base64.b64encode(CANARY.encode()).decode() not in shown


@pytest.mark.parametrize(
    "place", ["query", "key header", "bearer", "basic", "cookie", "form", "json, five deep"]
)
def test_a_wrong_key_that_nobody_knows_is_masked_in_its_echo(place: str) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    answer = Answer(401, f"unknown key {CANARY}".encode())
    exchange = Exchange("x1", at, "main", "callo", None, PLANTED[place], answer)

    assert masker().exchange(exchange).answer.body == b"unknown key ***"


def test_a_secret_cut_in_two_by_the_journal_leaves_no_half() -> None:
    at, body = datetime(2026, 3, 2, tzinfo=UTC), b"x" * 990 + CANARY.encode() + b"y" * 2_000
    exchange = Exchange("x1", at, "main", "callo", None, Request("POST", "/", body=body), Answer())

    short = shorten(masker().exchange(shorten(exchange, 1_000 + 100), (CANARY,)), 1_000)

    assert short.request.body == b"x" * 990 + b"***" + b"y" * 7


def test_an_upload_is_cut_before_it_is_searched() -> None:
    at, body = datetime(2026, 3, 2, tzinfo=UTC), b"api_key=x&" * 2_000_000
    exchange = Exchange(
        "x1", at, "main", "callo", None, Request("POST", "/", headers=FORM, body=body), Answer()
    )

    shown = masker().exchange(exchange)

    assert shown == masker().exchange(shorten(exchange, 66_560))
    assert (shown.request.header(TRUNCATED) or "").startswith("bytes=20000000;")


def test_what_is_no_secret_stays_as_it_was() -> None:
    body = '{"id": 123456789012345, "at": "2026-03-02T10:00:00+00:00", "sum": 99.50, "name": "Zoë"}'
    headers = (*JSON, ("Idempotency-Key", "abc"), ("User-Agent", "curl/8.5.0"), ("Host", "localhost:8070"))
    request = Request("POST", "/calls/123456789012345/", "a=1&b=%20x&c=", headers, body.encode())

    assert masker().request(request) == request


def test_foreign_bytes_come_back_unchanged() -> None:
    body = bytes(range(256)) * 4

    assert masker().answer(Answer(200, body, (("Content-Type", "audio/wav"),))).body == body


SPELLINGS = [
    "79161234567",
    "+79161234567",
    "89161234567",
    "0079161234567",
    "7 916 123 45 67",
    "+7 916 123-45-67",
    "+7 (916) 123-45-67",
    "8 (916) 123-45-67",
    "8(916)1234567",
    "8-916-123-45-67",
    "7.916.123.45.67",
    "+7\u00a0916\u00a0123\u00a045\u00a067",
    "７９１６１２３４５６７",
    "＋７９１６１２３４５６７",
    "+7-916-123-4567",
    "7 9161234567",
    "+7(916)123 4567",
    " 79161234567 ",
    "+7 9 1 6 1 2 3 4 5 6 7",
    "7–916–123–45–67",
]


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_every_spelling_of_a_number_gets_one_pseudonym(spelled: str) -> None:
    pseudonym = masker().text("+79161234567")[-4:]
    forms = [
        Request("GET", "/", "phone=" + quote(spelled)),
        post("to=" + quote(spelled), FORM),
        post(json.dumps({"phones": [spelled]})),
        post(json.dumps({"phone": spelled}, ensure_ascii=False)),
        multipart("phone", spelled),
    ]

    for form in forms:
        shown = repr(masker().request(form).query) + masker().request(form).body.decode()
        assert f"67~{pseudonym}" in shown
        assert not any(part in shown for part in ("916", "123", "９１６", "uff19"))


@pytest.mark.parametrize("spelled", [form for form in SPELLINGS if form[0] in "+＋" and "７" not in form])
def test_numbers_with_a_plus_are_masked_in_any_text(spelled: str) -> None:
    shown = masker().text(f"call {spelled}, please")

    assert shown.startswith("call +79…67~")
    assert shown.endswith(", please")


def test_lists_and_files_of_numbers_are_masked_line_by_line() -> None:
    upload = multipart("phones_file", "79161234567;Ann\n79161234568;Bob\n", "phones.csv")

    lines = masker().request(upload).body.decode().split("\r\n\r\n")[1].splitlines()

    assert [line[:5] + line[-4:] for line in lines[:2]] == ["79…67;Ann", "79…68;Bob"]
    assert masker().text("phones=79161234567%2079161234568").count("~") == 2


def test_a_workbook_of_numbers_is_not_kept_at_all() -> None:
    shown = masker().request(multipart("phones_file", "PK\x03\x04\0\0zip", "phones.xlsx")).body

    assert b"PK" not in shown
    assert b"not text" in shown


def test_a_bare_json_number_becomes_a_string_and_the_body_stays_json() -> None:
    shown = json.loads(masker().request(post('{"phone": 79161234567, "id": 79161234567}')).body)

    assert shown["phone"].startswith("79…67~")
    assert shown["id"] == 79161234567


def test_numbers_reserved_for_fiction_stay_readable() -> None:
    text = "+447700900101 phone=447700900999 to: 07700900000 http://hooks.test/?phone=%2B447700900101"

    assert masker().text(text) == text
    assert "…" in masker().text("+447700901000")


def test_numbers_are_shown_only_on_request_and_secrets_never() -> None:
    request = Request("GET", "/", "phone=79161234567&api_key=abc")

    assert masker(show_numbers=True).request(request).query == "phone=79161234567&api_key=***"


def test_the_pseudonym_depends_on_the_salt() -> None:
    assert masker(salt="a").text("+79161234567") != masker(salt="b").text("+79161234567")


@pytest.mark.parametrize(
    "unit",
    ["a", "a=", "a ", '"', "\\", "+1 ", "1", "phone:[", "token:{", "://%41", "a: ", "phone=1 ", "&=", "--b"],
)
def test_hostile_bodies_cost_milliseconds_and_not_minutes(unit: str) -> None:
    text = unit * (65_536 // len(unit)) + "@+%40"

    assert masker().text(text, (CANARY,))
    assert masker().request(post(text, FORM)).body


@pytest.mark.parametrize("given", ["\u00e9", "", "=", "%%%", "A" * 5])
def test_basic_credentials_that_are_none_are_masked_all_the_same(given: str) -> None:
    request = Request("GET", "/", headers=(("Authorization", f"Basic {given}"), ("X-Api-Key", CANARY)))

    assert CANARY not in kept(request)


def test_a_key_that_never_came_is_told_as_such() -> None:
    missing = Violation("missing-parameter", "api_key", "`api_key` is required", "nothing", "send it", "doc")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    exchange = Exchange("x1", at, "main", "callo", None, post(""), Answer(), violations=(missing,))

    assert masker().exchange(exchange).violations == (missing,)
