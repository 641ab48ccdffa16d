"""The door out: secrets and phone numbers are masked here, and only here, before anything leaves the process.

Works on text that may be cut off, malformed or of any format: secrets are found by the names beside them and
by what is known of them, numbers by their digits. Every pass is linear in the text. Bytes are read as UTF-8
with surrogate escapes, so that foreign ones come back unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote, unquote_plus

from msgspec.structs import replace

from simulator.errors import counted
from simulator.exchange import Answer, Exchange, Headers, Request, Violation
from simulator.web.journal import TRUNCATED, shorten
from simulator.web.known_secrets import HIDDEN, LONGEST, Secrets
from simulator.web.named_values import (
    counted_values,
    hidden_header,
    is_counted,
    is_secret,
    is_secret_header,
    parts_of_header,
    readable_text,
    secret_values,
)
from simulator.web.phone_masks import NumberMask

Json = Any
_Message = TypeVar("_Message", Request, Answer)

_SHOWN = 65_536
_SHOWN_OF_VALUE = 120
_UNSURE_END = 256
_MOST_PRESENTED = 16
_LAYERS = 3

_NAMES_OF_EXCHANGE = frozenset({"id", "world", "vendor", "operation", "edition", "account"})
_NAMES_OF_VIOLATION = frozenset({"code", "asked", "source", "provenance", "blame", "example"})
_EXAMPLE = re.compile(r"\+?\d[\d .:-]{4,}\d")
_SAMPLE = re.compile(r"(?<=^send it like ).+")

_BOUNDARY = re.compile(r"--[^\r\n]{1,200}")
_TOKEN = re.compile(r"[^\s&\"'<>,;]+")
_USERINFO = re.compile(r"(:(?:\\?/){2})[^\s/\"'<>\\?#@]*+(?:@[^\s/\"'<>\\?#@]*+)*@")
_TAG = re.compile(r"~([0-9a-f]{4})")
_BINARY = ("PK\x03\x04", "\x1f\udc8b")


class Shown(dict[str, Json]):
    """A JSON object that is masked already."""


class Masker:
    """Masks what leaves a world: `secrets` are those known by themselves, `salt` keys the tags of numbers.

    `is_id` tells digits that are a reference of the world's. `show_numbers` leaves numbers alone, but never
    secrets. Another mask of `numbers` may take the place of the usual one.
    """

    def __init__(
        self,
        secrets: Secrets,
        salt: str = "",
        show_numbers: bool = False,
        is_id: Callable[[str], bool] = lambda _digits: False,
        numbers: NumberMask | None = None,
    ) -> None:
        self._secrets = secrets
        self._numbers = None if show_numbers else numbers or NumberMask(salt, is_id)
        self._remembered = lru_cache(maxsize=500)(self._header)

    # -- what there is to be shown ----------------------------------------------------------------------

    def text(self, text: str, own: Iterable[str] = ()) -> str:
        """Mask anything that is text: a line, a URL, a traceback; `own` are more secrets to look for."""
        return self._without_numbers(self._without_secrets(text, tuple(own)))

    def known(self, text: str, tags: Container[str] = ()) -> str:
        """Mask nothing but the secrets that are known by themselves, as in the lines of a program.

        Of the numbers in them, those that have one of the `tags` are masked.
        """
        shown = self._secrets.hide(text)
        return self._numbers.among(tags).hide(shown) if self._numbers and tags else shown

    def tags_in(self, exchanges: Iterable[Exchange]) -> frozenset[str]:
        """Return the tags of all numbers in some exchanges."""
        return frozenset(tag for exchange in exchanges for tag in _TAG.findall(repr(self.exchange(exchange))))

    def value(self, value: Json, name: str = "") -> Json:
        """Mask every text in a JSON value; what stands under the name of an id or a time is no number."""
        if isinstance(value, Shown):
            return value
        if isinstance(value, dict):
            return {key: self.value(entry, str(key)) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(entry, name) for entry in value]
        if not isinstance(value, str):
            return value
        return self._without_secrets(value, ()) if is_counted(name) else self.text(value)

    def exchange(self, exchange: Exchange) -> Exchange:
        """Mask a whole exchange, also what the answer and the violations echo of its own secrets.

        Its bodies are cut to 64 KB, and so that no secret is cut in two.
        """
        exchange = shorten(exchange, _SHOWN + _UNSURE_END)
        own = self._presented(exchange.request, exchange.credential)
        masked = {
            **self._texts(exchange, own, _NAMES_OF_EXCHANGE),
            "request": self.request(exchange.request, own),
            "answer": self._message(exchange.answer, own),
            "violations": tuple([self.violation(violation, own) for violation in exchange.violations]),
            "credential": HIDDEN if exchange.credential else None,
        }
        return replace(exchange, **masked)

    def request(self, request: Request, own: Iterable[str] = ()) -> Request:
        """Mask path, query, headers and body of a request."""
        own = tuple(own)
        target = replace(request, path=self.text(request.path, own), query=self.text(request.query, own))
        return self._message(target, own)

    def violation(self, violation: Violation, own: Iterable[str] = ()) -> Violation:
        """Mask what a violation tells of what came; a value under a secret's name is not told at all.

        What is asked is the contract's word, and what came as a time or an id is no number.
        """
        own = tuple(own)
        texts = self._texts(violation, own, _NAMES_OF_VIOLATION)
        quoted = [violation.asked, *_SAMPLE.findall(violation.fix)]
        quoted += _EXAMPLE.findall(unquote_plus(violation.example))
        texts["fix"] = self._beside(quoted, violation.fix, own)
        steps = re.split(r"[/.\[\],]+", violation.where)
        if is_counted(steps[-1]) and violation.arrived[:1] not in ("{", "["):
            texts["arrived"] = self._without_secrets(violation.arrived, own)
        texts = {name: self._secrets.without_beginnings(value, own) for name, value in texts.items()}
        texts["arrived"] = _cut(texts["arrived"])
        if any(map(is_secret, steps)) and violation.arrived[:1] in tuple("\"'{[0123456789"):
            texts["arrived"] = HIDDEN
        return replace(violation, **texts)

    def _beside(self, quoted: Iterable[str], text: str, own: tuple[str, ...]) -> str:
        """Mask a text, but for what it quotes of a contract, which is nobody's: what is asked, an example."""
        shown = sorted({piece for piece in quoted if piece and piece in text}, key=len, reverse=True)
        if not shown:
            return self.text(text, own)
        pieces = re.split(rf"(?<!\d)({'|'.join(map(re.escape, shown))})(?!\d)", text)
        return "".join(piece if piece in shown else self.text(piece, own) for piece in pieces)

    def _texts(self, thing: Any, own: tuple[str, ...], left: Container[str]) -> dict[str, Any]:
        """Return the fields of a thing that are texts, masked, but for those left as they are."""
        texts = {name: getattr(thing, name) for name in thing.__struct_fields__ if name not in left}
        return {name: self.text(value, own) for name, value in texts.items() if isinstance(value, str)}

    def _message(self, message: _Message, own: tuple[str, ...]) -> _Message:
        body = message.body.decode("utf-8", "surrogateescape")
        if message.header(TRUNCATED) is not None:
            body = body[: max(0, min(len(body), _SHOWN + _UNSURE_END) - _UNSURE_END)]
        shown = self._body(body, own).encode("utf-8", "surrogateescape") if body else b""
        return replace(message, headers=self._headers(message.headers, own), body=shown)

    def _headers(self, headers: Headers, own: tuple[str, ...]) -> Headers:
        known = self._secrets.learned  # the same headers come again and again
        return tuple([self._remembered(name, value, own, known) for name, value in headers])

    def _header(self, name: str, value: str, own: tuple[str, ...], _known: int) -> tuple[str, str]:
        if is_secret_header(name):
            shown = hidden_header(value)
        elif is_counted(name) or name == TRUNCATED:
            shown = self._without_secrets(value, own)
        else:
            shown = self.text(value, own)
        return self.text(name, own), shown

    def _body(self, text: str, own: tuple[str, ...]) -> str:
        """Mask a body as a whole, or part by part where some of it is no text."""
        if "\0" not in text and not text.startswith(_BINARY) and "PK\x03\x04" not in text:
            return self.text(text, own)
        if boundary := _BOUNDARY.match(text):
            parts = text.split(boundary[0])
            return boundary[0].join([self._part(part, own) for part in parts])
        return self._binary(text, own)

    def _part(self, part: str, own: tuple[str, ...]) -> str:
        newline = "\r\n\r\n" if "\r\n\r\n" in part else "\n\n"
        head, blank, value = part.partition(newline)
        if "\0" not in value and not value.startswith(_BINARY):
            return self.text(part, own)
        return self.text(head + blank, own) + self._binary(value, own)

    def _binary(self, text: str, own: tuple[str, ...]) -> str:
        """Return what is no text as it is, unless that is a file of texts, or text of a wide encoding."""
        bare = text.replace("\0", "")
        hides = text.startswith(_BINARY) or self.text(bare, own) != bare
        return f"[{counted(len(text), 'character')}, not text]" if hides else text

    # -- secrets ----------------------------------------------------------------------------------------

    def _presented(self, request: Request, credential: str | None) -> tuple[str, ...]:
        """Return the first secrets that a request carries, to find them where they echo."""
        values = {credential: None} if credential else {}
        for name, value in request.headers:
            if is_secret_header(name):
                values.update(dict.fromkeys(parts_of_header(value)))
        for text in (request.query, request.body[:_SHOWN].decode("utf-8", "surrogateescape")):
            readable = readable_text(text)
            for start, end, _ in islice(secret_values(readable), _MOST_PRESENTED):
                value = readable[start:end][:LONGEST].strip("\\\"'")
                values.update({value: None, unquote_plus(value): None})
        secrets = [value for value in values if 4 <= len(value) <= LONGEST and HIDDEN not in value]
        return tuple(sorted(secrets[:_MOST_PRESENTED], key=len, reverse=True))

    def _without_secrets(self, text: str, own: tuple[str, ...], layers: int = _LAYERS) -> str:
        text = readable_text(text)
        if layers and "%" in text:
            text = _TOKEN.sub(lambda match: self._decoded(match[0], own, layers - 1), text)
        pieces: list[str] = []
        done = 0
        for start, end, instead in secret_values(text):
            pieces += (text[done:start], instead)
            done = end
        text = "".join(pieces) + text[done:]
        if "@" in text:
            text = _USERINFO.sub(rf"\g<1>{HIDDEN}@", text)
        text = self._secrets.hide(text)
        for secret in own:
            text = text.replace(secret, HIDDEN)
        return text

    def _decoded(self, token: str, own: tuple[str, ...], layers: int) -> str:
        """Return a token masked behind its percent-encoding; one that hides nothing stays as it was sent."""
        if "%" not in token:
            return token
        plain = unquote_plus(token, errors="surrogateescape")
        shown = self._without_secrets(plain, own, layers) if plain != token else plain
        if shown == readable_text(plain):
            return token
        return quote(shown, safe="=*~:/?", errors="surrogateescape")

    # -- numbers ----------------------------------------------------------------------------------------

    def _without_numbers(self, text: str) -> str:
        if self._numbers is None:
            return text
        pieces: list[str] = []
        done, is_json = 0, text[:1] in ("{", "[")
        for start, end in counted_values(text):
            pieces += (self._numbers.hide(text[done:start], is_json), text[start:end])
            done = end
        return "".join(pieces) + self._numbers.hide(text[done:], is_json)


def _cut(text: str) -> str:
    """Return as much of a value as a line has room for."""
    return text if len(text) <= _SHOWN_OF_VALUE + 3 else f"{text[:_SHOWN_OF_VALUE]}..."
