"""URLs: what is an address on the web, and what of one is escaped."""

from __future__ import annotations

from base64 import b64encode

import pytest

from simulator.formats.urls import escape_url, is_web_address, without_credentials


@pytest.mark.parametrize(
    "text",
    [
        "http://a.example",
        "HTTPS://a.example:8443/hook?x=1",
        "http://127.0.0.1:9000",
        "http://a b@a.example/c d",
    ],
)
def test_a_scheme_of_the_web_and_a_host_make_an_address(text: str) -> None:
    assert is_web_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "a.example/hook", "ftp://a.example", "http:///hook", "http://[::1"),
        *("http://:80/", "http://a.example:x/", "http://a.example:65536/", "http://a.example:0/"),
        *("http://a example/", "http://a\n.example/", " http://a.example/", "ht\ttp://a.example/"),
    ],
)
def test_all_else_is_none(text: str) -> None:
    assert not is_web_address(text)


def test_only_what_no_url_may_hold_is_escaped_and_escapes_stay() -> None:
    assert escape_url("http://a.example/a b?x={y}&z=%20é") == "http://a.example/a%20b?x=%7By%7D&z=%20%C3%A9"
    assert escape_url("http://a.example/{y}", also="{}") == "http://a.example/{y}"


@pytest.mark.parametrize(
    ("url", "bare", "pair"),
    [
        ("http://me:pass@a.example:9000/x?y=@#@", "http://a.example:9000/x?y=@#@", b"me:pass"),
        ("HTTPS://m%40e:p@ss@[::1]/", "HTTPS://[::1]/", b"m@e:p@ss"),
        ("http://оля:%D0%BF@a.example", "http://a.example", "оля:п".encode()),
        ("http://token@a.example/", "http://a.example/", b"token"),
    ],
)
def test_a_name_and_password_before_the_host_become_a_header(url: str, bare: str, pair: bytes) -> None:
    header = ("Authorization", "Basic " + b64encode(pair).decode())

    assert without_credentials(url) == (bare, (header,))


@pytest.mark.parametrize(
    "url", ["http://a.example/@", "http://a.example?x=me:pass@b", "me:pass@a.example", ""]
)
def test_an_address_without_them_stays_as_it_is(url: str) -> None:
    assert without_credentials(url) == (url, ())


def test_where_nothing_stands_before_the_host_nothing_is_presented() -> None:
    assert without_credentials("http://@a.example/") == ("http://a.example/", ())
