"""Answers as Callo's server sends them: JSON, pages, tables and sound, with the documented headers."""

from __future__ import annotations

from functools import lru_cache

from simulator.exchange import Answer, Headers
from simulator.formats.json_text import write_json

FOLLOWING: Headers = (
    ("Server", "gunicorn/19.9.0"),
    ("X-Frame-Options", "ALLOW-FROM HTTPS://CALLO.COM/*"),
)
"""Documented with the samples of `phones/call/`, down to the capitals."""


def answer(body: bytes, kind: str, language: str = "en", status: int = 200, extra: Headers = ()) -> Answer:
    """Return `body` under the content type `kind`, with the headers every answer carries."""
    return Answer(status, body, _headers(kind, language) + extra)


@lru_cache(maxsize=100)  # there are few kinds, and every answer asks
def _headers(kind: str, language: str) -> Headers:
    spoken: Headers = (("Content-Language", language), ("Vary", "Accept-Language, Cookie"))
    return (("Content-Type", kind), *FOLLOWING, *spoken)


def answer_json(value: object, language: str = "en", status: int = 200) -> Answer:
    """Return a JSON answer; its content type names no charset (documented)."""
    return answer(write_json(value), "application/json", language, status)


def answer_page(html: str, language: str, status: int, extra: Headers = ()) -> Answer:
    """Return a page as Django or the server before it shows one."""
    return answer(html.encode(), "text/html; charset=utf-8", language, status, extra)
