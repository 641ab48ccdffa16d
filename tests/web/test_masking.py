from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from simulator.exchange import Answer, Exchange, Headers, Request, Violation
from simulator.web.journal import TRUNCATED, shorten
from simulator.web.known_secrets import Secrets
from simulator.web.masking import Masker
from simulator.web.phone_masks import NumberMask
from tests.growth import grows_in_step, undisturbed
from tests.thoroughness import sampled

CANARY = "kQ7-canary/secret+9"
FORM: Headers = (("Content-Type", "application/x-www-form-urlencoded"),)
JSON: Headers = (("Content-Type", "application/json"),)
AT = datetime(2026, 3, 2, tzinfo=UTC)


def masker(*known: str, show_numbers: bool = False, salt: str = "salt") -> Masker:
    secrets = Secrets()
    for secret in known:
        secrets.learn(secret)
    return Masker(secrets, salt, show_numbers, lambda digits: digits == "1459666765")


def exchange(request: Request, answer: Answer = Answer(), **more: Any) -> Exchange:  # noqa: B008
    parts: dict[str, Any] = {"id": "x1", "at": AT, "world": "main", "vendor": "callo", "operation": None}
    return Exchange(**parts, request=request, answer=answer, **more)


def multipart(name: str, value: str, filename: str = "") -> Request:
    named = f'; filename="{filename}"' if filename else ""
    text = f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{value}\r\n--b--\r\n'
    return Request(
        "POST", "/", headers=(("Content-Type", "multipart/form-data; boundary=b"),), body=text.encode()
    )


def shown(request: Request, answer: Answer = Answer(), known: str = CANARY) -> str:  # noqa: B008
    violation = Violation(
        code="x", where="query/api_key", asked="a key", arrived=CANARY, fix=f"drop {CANARY}", source="doc"
    )
    return repr(masker(known).exchange(exchange(request, answer, violations=(violation,))))


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
def test_no_planted_secret_is_shown(place: str) -> None:
    text = shown(PLANTED[place])

    assert "canary" not in text
    assert BASIC not in text
    assert "***" in text


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
    text = shown(Request("GET", "/"), ECHOES[echo](CANARY))

    assert "canary" not in text
    assert base64.b64encode(CANARY.encode()).decode() not in text


@pytest.mark.parametrize(
    "place", ["query", "key header", "bearer", "basic", "cookie", "form", "json, five deep"]
)
def test_a_wrong_key_that_nobody_knows_is_masked_in_its_echo(place: str) -> None:
    answer = Answer(401, f"unknown key {CANARY}".encode())

    assert masker().exchange(exchange(PLANTED[place], answer)).answer.body == b"unknown key ***"


def test_a_secret_cut_in_two_by_the_journal_leaves_no_half() -> None:
    body = b"x" * 65_530 + CANARY.encode() + b"y" * 2_000
    cut = shorten(exchange(Request("POST", "/", body=body)), 65_536)

    assert cut.request.body.endswith(CANARY[:6].encode())
    assert masker(CANARY).exchange(cut).request.body == b"x" * 65_280


def test_a_secret_cut_in_two_by_a_violation_leaves_no_half() -> None:
    violation = Violation(
        code="bad-parameter",
        where="label",
        asked="less",
        arrived=f'"{"x" * 99} {CANARY[:12]}...',
        fix="",
        source="doc",
    )

    assert masker(CANARY).violation(violation).arrived == f'"{"x" * 99} ***...'


def test_an_upload_is_cut_before_it_is_searched() -> None:
    body = b"api_key=x&" * 2_000_000

    masked = masker().exchange(exchange(Request("POST", "/", headers=FORM, body=body)))

    assert len(masked.request.body) < 80_000
    assert (masked.request.header(TRUNCATED) or "").startswith("bytes=20000000;")


def test_what_is_no_secret_stays_as_it_was() -> None:
    body = {
        "id": 123456789012345,
        "at": "2026-03-02T10:00:00+00:00",
        "sum": 99.5,
        "name": "Zo\u00eb",
        "ts": 1772445600,
    }
    more = {
        "campaign": 1459666765,
        "on": "02.03.2026 10:00",
        "ip": "192.168.100.200",
        "etag": "d41d8cd98f00b204e9800998ecf8427e",
    }
    headers = (*JSON, ("Idempotency-Key", "abc"), ("User-Agent", "curl/8.5.0"), ("Host", "localhost:8070"))
    text = json.dumps(body | more, ensure_ascii=False)
    request = Request(
        "POST",
        "/calls/2603021459666765/",
        "a=1&b=%20x&c=",
        (*headers, ("Content-Length", "12345678")),
        text.encode(),
    )

    assert masker().request(request) == request


@pytest.mark.parametrize(
    "line",
    [
        "secrets_in_url: public_key is written into logs with every address",
        "broken: a.yaml:8 client: {secrets_in_url: 0}",
        "broken: a.yaml:8 hooks: {signature: checked}",
        "missing-parameter at api_key: nothing",
        "GET /calls/?api_key=undefined&token=null",
        "nothing was changed; #/token: unknown; known: name, at",
        "nothing was changed; #/credential: malformed credential",
    ],
)
def test_words_about_secrets_stay_readable(line: str) -> None:
    assert masker().text(line) == line


def test_foreign_bytes_come_back_unchanged() -> None:
    body = bytes(byte for byte in range(256) if not chr(byte).isdigit()) * 4
    sound = Answer(200, body, (("Content-Type", "audio/wav"),))

    assert masker().exchange(exchange(Request("GET", "/"), sound)).answer.body == body


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
@pytest.mark.parametrize("name", ["phone", "label", "text", "anything"])
def test_every_spelling_of_a_number_gets_one_tag_under_any_name(spelled: str, name: str) -> None:
    tag = masker().text("+79161234567")[-5:]
    forms = [
        Request("GET", "/", f"{name}=" + quote(spelled)),
        post(f"{name}=" + quote_plus(spelled), FORM),
        post(json.dumps({name: [spelled]})),
        post(json.dumps({name: f"call {spelled}, please"}, ensure_ascii=False)),
        multipart(name, spelled),
    ]

    for form in forms:
        masked = masker().request(form)
        text = masked.query + masked.body.decode()
        assert tag in text
        assert not any(part in text for part in ("916", "123", "９１６", "uff19"))


@pytest.mark.parametrize(
    ("spelled", "beginning"),
    [
        ("+91 98765 43210", "+99 99999 99999~"),
        ("+7 (916) 123-45-67", "+9 (999) 999-99-99~"),
        ("８９１６１２３４５６７", "９９９９９９９９９９９~"),
        ("%2B7%20916%20123-45-67", "%2B9%20999%20999-99-99~"),
        ("tel:79161234567", "tel:99999999999~"),
        ("call_79161234567_now", "call_99999999999~"),
    ],
)
def test_a_number_keeps_its_form(spelled: str, beginning: str) -> None:
    assert masker().text(spelled).startswith(beginning)


def test_masking_twice_is_masking_once() -> None:
    once = masker().text(f"phone=79161234567&api_key={CANARY} +7 (916) 123-45-67")

    assert masker().text(once) == once


def test_lists_and_files_of_numbers_are_masked_line_by_line() -> None:
    upload = multipart("phones_file", "79161234567;Ann\n79161234568;Bob\n", "phones.csv")

    lines = masker().request(upload).body.decode().split("\r\n\r\n")[1].splitlines()

    assert [line[:11] + line[-4:] for line in lines[:2]] == ["99999999999;Ann", "99999999999;Bob"]
    for between in ("%20", "+", ",", "%2C", "^", ";", "|"):
        assert masker().text(f"phones=79161234567{between}79161234568").count("~") == 2


@pytest.mark.parametrize(
    "file", ["PK\x03\x04\0\0zip", "7\x009\x001\x006\x001\x002\x003\x004\x005\x006\x007\0"]
)
def test_a_workbook_or_a_wide_text_of_numbers_is_not_shown_at_all(file: str) -> None:
    body = masker().request(multipart("phones_file", file, "phones.xlsx")).body

    assert b"PK" not in body
    assert b"6\0" not in body
    assert b"not text" in body


def test_a_bare_json_number_becomes_a_string_and_the_body_stays_json() -> None:
    body = '{"phone": 79161234567, "id": 79161234567, "all": [79161234567, 79161234568, 79161234569]}'
    masked = json.loads(masker().request(post(body)).body)

    assert masked["phone"].startswith("99999999999~")
    assert masked["id"] == 79161234567
    assert [number[:12] for number in masked["all"]] == ["99999999999~"] * 3


def test_numbers_reserved_for_fiction_stay_readable() -> None:
    text = "+447700900101 phone=447700900999 to: 07700900000 http://hooks.test/?phone=%2B447700900101"

    assert masker().text(text) == text
    assert "~" in masker().text("+447700901000")


def test_numbers_that_differ_anywhere_have_tags_that_differ() -> None:
    numbers = ["79161234567", "79161234568", "79161234577", "79161334567"]

    shown = masker().text(" and ".join(numbers)).split(" and ")

    assert len({tag.partition("~")[2] for tag in shown}) == len(numbers)


def test_numbers_are_shown_only_on_request_and_secrets_never() -> None:
    request = Request("GET", "/", "phone=79161234567&api_key=abc")

    assert masker(show_numbers=True).request(request).query == "phone=79161234567&api_key=***"


def test_the_pseudonym_depends_on_the_salt() -> None:
    assert masker(salt="a").text("+79161234567") != masker(salt="b").text("+79161234567")


HOSTILE = [
    *(
        "a",
        "a=",
        "a ",
        '"',
        "\\",
        "+1 ",
        "1",
        "phone:[",
        "token:{",
        "://%41",
        "a: ",
        "phone=1 ",
        "&=",
        "--b",
    ),
    *(
        "key:",
        "key=",
        "<key>",
        '"key":"',
        "api_key=k&",
        ";name=key\r\n\r\n",
        "%25",
        "://@",
        "\\u0031",
        "id:1,",
        "a/b",
        "%25%32",
        "\\\\u",
        "&#5",
        "&#55;",
        "QUJD",
        "Nzkx",
        "\u200b7",
    ),
    *("kQ7-cana", "1-1-", "2026-03-02", "PK\x03\x04", "\0", "1.1.", "abcdef0", '"x-api-key","', "key[a]"),
]


@pytest.mark.parametrize("unit", sampled(HOSTILE, 4))
def test_hostile_bodies_are_masked(unit: str) -> None:
    text = unit * (65_536 // len(unit)) + "@+%40"

    assert masker(CANARY).text(text, (CANARY,))
    assert masker().exchange(exchange(post(text, FORM))).request.body


@pytest.mark.parametrize("unit", HOSTILE)
def test_twice_the_text_is_twice_the_work(unit: str) -> None:
    def mask(length: int) -> None:
        masker(CANARY).exchange(exchange(post(unit * (length // len(unit)), FORM)))

    with undisturbed():
        assert grows_in_step(mask, 16_000)


@pytest.mark.parametrize("given", ["\u00e9", "", "=", "%%%", "A" * 5])
def test_basic_credentials_that_are_none_are_masked_all_the_same(given: str) -> None:
    request = Request("GET", "/", headers=(("Authorization", f"Basic {given}"), ("X-Api-Key", CANARY)))

    assert CANARY not in shown(request)


def test_a_key_that_never_came_is_told_as_such() -> None:
    missing = Violation(
        code="missing-parameter",
        where="api_key",
        asked="`api_key` is required",
        arrived="nothing",
        fix="send it",
        source="doc",
    )

    assert masker().violation(missing) == missing


def test_an_instant_with_fractions_and_an_offset_is_no_number() -> None:
    shown = NumberMask("salt").hide(
        '{"created": "2026-11-29T12:09:32.731123+00:00", "to": "+79161234567"}', True
    )

    assert '"2026-11-29T12:09:32.731123+00:00"' in shown
    assert "79161234567" not in shown


@pytest.mark.parametrize(
    "sentence",
    [
        "invalid.token: No campaign has this token",
        "key: the key is missing",
        "password: is required, send one",
        "signature: Signature has expired already",
        '{"message": "token: Campaign is stopped"}',
    ],
)
def test_a_sentence_after_a_colon_is_no_secret(sentence: str) -> None:
    assert masker().text(sentence) == sentence


@pytest.mark.parametrize(
    "kept",
    [
        "token: hunter",
        "password: hunter two",
        "token: No",
        "key: is4me not",
        "token=no campaign",
        'token: "No such thing"',
        "secret: notebook paper",
    ],
)
def test_a_word_after_a_colon_that_begins_no_sentence_is_a_secret(kept: str) -> None:
    assert "***" in masker().text(kept)


@pytest.mark.parametrize(
    ("fix", "shown"),
    [
        ("send it like 9876543210", "send it like 9876543210"),
        ("send it like 01-03-2026 10:30", "send it like 01-03-2026 10:30"),
        ("send 9876543210, not 9123456780", "send 9876543210, not 9999999999"),
        ('send it like "9876543210,9500000000"', 'send it like "9876543210,9500000000"'),
    ],
)
def test_the_example_of_a_contract_is_shown_in_the_fix(fix: str, shown: str) -> None:
    example = "POST /v1/ caller=9876543210%2C9500000000&ontime=01-03-2026+10%3A30"
    breach = Violation(
        code="bad-parameter", where="caller", asked="ten digits", arrived="98765", fix=fix, source="x",
        example=example,
    )  # fmt: skip

    assert re.sub(r"~\w{4}", "", masker().violation(breach).fix) == shown


@pytest.mark.parametrize(
    ("where", "text", "bounds"),
    [("page", "x", "0..1000000"), ("callid", "0", "1..2147483647"), ("callid", "-1", "more than 10000000")],
)
def test_the_bounds_of_a_contract_are_nobodys_number(where: str, text: str, bounds: str) -> None:
    breach = Violation(
        code="bad-parameter", where=where, asked=bounds, arrived=text, fix=f"send {bounds}", source="x",
        rule="maximum",
    )  # fmt: skip

    assert masker().violation(breach) == breach


@pytest.mark.parametrize(
    ("where", "arrived", "shown"),
    [
        ("ontime", '"03-03-2026 10-30 PM"', '"03-03-2026 10-30 PM"'),
        ("/call/0/scheduletime", '"02-03-2026 16-00-00"', '"02-03-2026 16-00-00"'),
        ("id", '"309743279-1,309743279-2"', '"309743279-1,309743279-2"'),
        ("ids", '["+79161234567"]', '["+99999999999"]'),
        ("phone", '"03-03-2026 10-30 PM"', '"99-99-9999 99-99 PM"'),
    ],
)
def test_what_arrived_under_the_name_of_a_time_or_an_id_stays_readable(
    where: str, arrived: str, shown: str
) -> None:
    breach = Violation(
        code="bad-parameter", where=where, asked="a day", arrived=arrived, fix="send it", source="x"
    )

    assert re.sub(r"~\w{4}", "", masker().violation(breach).arrived) == shown
