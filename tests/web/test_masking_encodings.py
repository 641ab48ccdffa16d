"""A number or a key is masked however it is encoded, and an instant is not taken for one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.web.test_masking import masker

KNOWN = "25267a4a6c5fe4638764a33e6c42e27e"


def again(text: str, write: Callable[[str], str], times: int = 1) -> str:
    return again(write(text), write, times - 1) if times else text


ENCODINGS: dict[str, Callable[[str], str]] = {
    "percent": lambda text: "".join(f"%{ord(sign):02x}" for sign in text),
    "percent twice": lambda text: quote("".join(f"%{ord(sign):02X}" for sign in text)),
    "percent thrice": lambda text: again("".join(f"%{ord(sign):02x}" for sign in text), quote, 2),
    "JSON": lambda text: '{"a": "' + "".join(f"\\u{ord(sign):04x}" for sign in text) + '"}',
    "JSON in JSON": lambda text: again("".join(f"\\u{ord(sign):04X}" for sign in text), json.dumps, 2),
    "YAML": lambda text: "".join(f"\\x{ord(sign):02x}" for sign in text),
    "XML": lambda text: "<a>" + "".join(f"&#{ord(sign)};" for sign in text) + "</a>",
    "XML, in hex": lambda text: "<a>" + "".join(f"&#x{ord(sign):X};" for sign in text) + "</a>",
    "Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "Base64 for URLs": lambda text: "x=" + base64.urlsafe_b64encode(f"??>{text}~~".encode()).decode(),
    "copied from a page": "\u202d\u2060{}\u202c".format,
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_encoding_shows_a_number_or_a_key(encoding: str) -> None:
    write = ENCODINGS[encoding]
    hidden = masker(KNOWN)

    for secret in ("+79161234567", "79161234567", "7 (916) 123-45-67", KNOWN):
        written = write(secret)
        kept = hidden.text(written)
        assert kept != written
        assert write("1234567")[-12:] not in kept
        assert secret[-7:] not in kept
        assert hidden.text(kept) == kept
    assert "~" not in hidden.text(write("+447700900101"))


UNSEEN = ("\u200b", "\u2060", "\u00ad", "\ufeff", "\u00b7", "%C2%B7", "%E2%80%8B", "%25E2%2580%258B")


@pytest.mark.parametrize("between", UNSEEN)
def test_signs_that_are_hardly_seen_hide_no_number(between: str) -> None:
    assert "916" not in masker().text(f"to {between.join(('7', '916', '1234567'))}")


@pytest.mark.parametrize(
    "date",
    [
        *(
            "2026-02-31",
            "2026-13-01",
            "2026-09-99",
            "0000-00-00",
            "0001-01-01T00:00:00Z",
            "3000-01-01",
            "9999-12-31 23:59",
        ),
        *("9999-12-31T00:00:00.000Z", "01-03-2026 10:30", "31-02-2026", "01.01.3000", "31-12-9999"),
        *("2026-02-31..2026-03-40", "from=2026-02-31&to=9999-12-31"),
    ],
)
def test_a_date_stays_readable_also_where_no_calendar_has_it(date: str) -> None:
    assert masker().text(date) == date


@pytest.mark.parametrize(
    "number",
    [
        "+3001-01-01-22",
        "3001-01-01-22",
        "+33-01-2345",
        "33-01-2345-678",
        "2026-02-3110",
        "12026-02-31",
        "+7 916-01-01-2026",
        "916.01-01-3001",
        *("+2012-34-56-789", "2012-34-56-78", "+1912-55-12 345", "tel 2012-34-56 78", "+2012-34-56"),
        *("7700-10-20", "20-12-3456", "20.12.3456"),
        *("+31.12.4455", "31.12.4455 789", "30-12-4455 789", "22-11-3344-5"),
    ],
)
def test_what_is_only_like_a_date_is_a_number(number: str) -> None:
    assert number not in masker().text(number)


@pytest.mark.parametrize("name", ["calls-{}.csv", "{}", '{{"at": "{}"}}', "calls_{}_1.wav"])
@pytest.mark.parametrize("instant", ["20261129T122442Z", "20261129T122442+0300", "20261129122442"])
def test_instants_in_the_basic_format_stay_readable(name: str, instant: str) -> None:
    assert masker().text(name.format(instant)) == name.format(instant)
