"""Secrets and phone numbers are masked here, before an exchange is kept, logged or exported anywhere.

Works on text that may be cut off or malformed: values are found by the names beside them, never by a parse
of the whole. Bodies are read as UTF-8 with surrogate escapes, so that foreign bytes come back unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, unquote_plus

from simulator.exchange import Answer, Exchange, Headers, Request, Violation
from simulator.web.credentials import HIDDEN, hidden_header, parts_of_header, spellings
from simulator.web.journal import shorten
from simulator.web.pseudonyms import Pseudonyms

_SEARCHED = 66_560
_REMEMBERED = 1_000

_SECRET_HEADER = re.compile(r"key|token|secret|auth|passw|cookie|signature|session|credential", re.IGNORECASE)
_PLAIN_HEADER = frozenset(
    {"idempotency-key", "x-idempotency-key", "idempotence-key", "www-authenticate", "sec-websocket-key"}
)
_KEY = re.compile(r"([A-Za-z_](?<![\w-].)[\w-]*+)\\*+[\"'\]]?+\s*+(?:=>|[:=>])[ \t\r\n]*+")
_VALUE = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?|\\+[\"'][^\"'\\]*+|[^\s&\"'<>,;}\]]++", re.DOTALL
)
_ELEMENT = re.compile(r"[^<]*+")
_LINE = re.compile(r"[^\"'\s][^\r\n]*+")
_FLAT_LIST = re.compile(r"\[[^\[\]{}]*+")
_USERINFO = re.compile(r"(:(?:\\?/){2})[^\s/\"'<>\\?#]*(@)")
_ENCODED_USERINFO = re.compile(
    r"(%3A(?:%2F|/){2})(?:[^\s/\"'<>&%]|%(?!2F|3F|23)[0-9A-F]{2})*(%40)", re.IGNORECASE
)
_ONE_NUMBER = re.compile(r"(?:%2B)?[0-9]{8,15}")
_BRACKETS = re.compile(r"[\[\].]+")
_PART_NAME = re.compile(r"\bname=\"?([^\";\r\n]+)", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})', re.IGNORECASE)
_RESERVED = re.compile(r"[^\w~*….-]")

_Change = Callable[[str], str]


class Masker:
    """Masks by the names of one vendor: `secret_names`, and `number_names` that hold phone numbers.

    Names match whatever their case, dashes and underscores. Numbers get a pseudonym keyed by `salt`, unless
    `show_numbers` leaves them alone. `credentials` are the literal secrets of one exchange; those shorter
    than 4 characters are masked by name only.
    """

    def __init__(
        self, secret_names: frozenset[str], number_names: frozenset[str], salt: str, show_numbers: bool
    ) -> None:
        self._pseudonyms = Pseudonyms(salt)
        self._show_numbers = show_numbers
        self._headers_seen: dict[str, bool] = {}
        self._clear_headers: set[tuple[str, str]] = set()
        self._names_seen: dict[str, _Change | None] = {}
        self._spelt = lru_cache(maxsize=_REMEMBERED)(spellings)
        numbers = () if show_numbers else number_names
        self._changes: dict[str, _Change] = {_plain(name): self._pseudonyms.put_for_all for name in numbers}
        self._changes |= {_plain(name): _hide for name in secret_names}

    def exchange(self, exchange: Exchange, credentials: tuple[str, ...] = ()) -> Exchange:
        """Mask a whole exchange, also what the answer and the violations echo of its own secrets.

        Bodies are cut first, a little longer than the journal keeps them: an upload costs no more than a
        form, and a secret that the journal would cut in two is masked before it does.
        """
        exchange = shorten(exchange, _SEARCHED)
        literals = self._spelt(credentials + self.presented(exchange.request))
        return Exchange(  # not `replace`, which takes as long as half of the masking
            exchange.id,
            exchange.at,
            exchange.world,
            exchange.vendor,
            exchange.operation,
            self._request(exchange.request, literals),
            self._answer(exchange.answer, literals),
            exchange.rule,
            tuple([self._violation(found, literals) for found in exchange.violations]),
            exchange.edition,
            exchange.account,
            exchange.haste,
            exchange.beside,
            exchange.lost,
        )

    def request(self, request: Request, credentials: tuple[str, ...] = ()) -> Request:
        """Mask path, query, headers and body of a request."""
        return self._request(request, spellings(credentials))

    def _request(self, request: Request, literals: tuple[str, ...]) -> Request:
        return Request(
            request.method,
            self._text(request.path, literals),
            self._literals(self._form(request.query), literals),
            self._headers(request.headers, literals),
            self._body(request.body, request.content_type, literals),
            request.remote,
            request.base,
        )

    def answer(self, answer: Answer, credentials: tuple[str, ...] = ()) -> Answer:
        """Mask headers and body of an answer."""
        return self._answer(answer, spellings(credentials))

    def _answer(self, answer: Answer, literals: tuple[str, ...]) -> Answer:
        body = self._body(answer.body, answer.content_type, literals)
        return Answer(answer.status, body, self._headers(answer.headers, literals))

    def text(self, text: str, credentials: tuple[str, ...] = ()) -> str:
        """Mask a log line, a URL, a traceback: anything that is not one body."""
        return self._text(text, spellings(credentials))

    def presented(self, request: Request) -> tuple[str, ...]:
        """Return the secrets that a request carries, as written and decoded, to find them where they echo."""
        found: dict[str, None] = {}
        for name, value in request.headers:
            if self._is_secret_header(name):
                found.update(dict.fromkeys(parts_of_header(value)))
        if request.query:
            found.update(dict.fromkeys(self._named_secrets(request.query)))
        if request.body:
            text = request.body.decode("utf-8", "surrogateescape")
            found.update(dict.fromkeys(self._named_secrets(text)))
        return tuple(found)

    def _named_secrets(self, text: str) -> Iterable[str]:
        done = 0  # what stands inside a secret is a part of it, or the parts of one would be as long as many
        for match in _KEY.finditer(text):
            hides = match.start() >= done and self._change_for(match[1]) is _hide
            if hides and (value := _VALUE.match(text, match.end())):
                bare, done = value[0].strip("\\\"'"), value.end()
                yield bare
                if "%" in bare or "+" in bare:
                    yield unquote_plus(bare)

    def _violation(self, found: Violation, literals: tuple[str, ...]) -> Violation:
        if found.code == "missing-parameter":  # nothing came that could be hidden
            return found
        change = self._change_for(found.where.replace("/", "."))
        arrived = change(found.arrived) if change else found.arrived
        return replace(found, arrived=self._text(arrived, literals), fix=self._text(found.fix, literals))

    def _headers(self, headers: Headers, literals: tuple[str, ...]) -> Headers:
        """Mask headers; most come again and again, and nothing in them is to be masked."""
        clear, told = self._clear_headers, "\n".join([value for _, value in headers])
        for literal in literals:
            if literal in told:
                return tuple([self._header(header, literals) for header in headers])
        if clear.issuperset(headers):
            return headers
        return tuple([header if header in clear else self._header(header, literals) for header in headers])

    def _header(self, header: tuple[str, str], literals: tuple[str, ...]) -> tuple[str, str]:
        name, value = header
        if self._is_secret_header(name):
            return name, hidden_header(value)
        masked = self._text(value, literals)
        if masked == value and len(self._clear_headers) < 1_000 and len(value) < 256:
            self._clear_headers.add(header)
        return name, masked

    def _is_secret_header(self, name: str) -> bool:
        known = self._headers_seen.get(name)
        if known is None:
            known = _SECRET_HEADER.search(name) is not None and name.lower() not in _PLAIN_HEADER
            if len(self._headers_seen) < 1_000 and len(name) < 64:
                self._headers_seen[name] = known
        return known

    def _body(self, body: bytes, content_type: str, literals: tuple[str, ...]) -> bytes:
        if not body:
            return body
        text = body.decode("utf-8", "surrogateescape")
        kind = content_type[:40].lower()
        if kind.startswith("multipart/") and (boundary := _BOUNDARY.search(content_type)):
            text = self._multipart(text, "--" + boundary[1])
        elif kind.startswith("application/x-www-form-urlencoded"):
            return self._literals(self._form(text), literals).encode("utf-8", "surrogateescape")
        return self._text(text, literals).encode("utf-8", "surrogateescape")

    def _form(self, text: str) -> str:
        """Mask a query or urlencoded body field by field: by name, and JSON or URLs inside a value."""
        return "&".join(map(self._field, text.split("&"))) if text else text

    def _field(self, field: str) -> str:
        name, _, value = field.partition("=")
        if '"' in name or ":" in name or ">" in name:  # another format under this content type
            return self._named(field)
        change = self._change_for(unquote_plus(name) if "%" in name else name)
        if change is None:
            if "%" not in value and ":" not in value and "=" not in value:
                return field
            change = self._named_and_marked
        elif change is _hide:
            return f"{name}={HIDDEN}"
        elif _ONE_NUMBER.fullmatch(value):  # what nearly every call brings
            known = self._pseudonyms.of("+" + value[3:] if value[0] == "%" else value)
            return f"{name}={known.replace('+', '%2B')}"
        return _encoded(change, value, f"{name}=") or field

    def _named_and_marked(self, text: str) -> str:
        return self._literals(self._named(text), ())

    def _change_for(self, name: str) -> _Change | None:
        """Find what is done to a value by its name, also inside `calls[0][phone]`."""
        if name in self._names_seen:
            return self._names_seen[name]
        change = self._changes.get(_plain(name))
        if change is None and ("[" in name or "." in name):
            parts = map(_plain, _BRACKETS.split(name))
            change = next((self._changes[part] for part in parts if part in self._changes), None)
        if len(self._names_seen) < 1_000 and len(name) < 64:  # clients choose the names
            self._names_seen[name] = change
        return change

    def _multipart(self, text: str, boundary: str) -> str:
        return boundary.join(map(self._part, text.split(boundary)))

    def _part(self, part: str) -> str:
        newline = "\r\n" if "\r\n" in part else "\n"
        head, blank, value = part.partition(newline * 2)
        name = _PART_NAME.search(head)
        change = self._change_for(name[1]) if name else None
        if change is None or not blank:
            return part
        ending = newline if value.endswith(newline) else ""
        return head + blank + change(value.removesuffix(newline)) + ending

    def _text(self, text: str, literals: tuple[str, ...]) -> str:
        return self._literals(self._named(text), literals)

    def _literals(self, text: str, literals: tuple[str, ...]) -> str:
        """Mask what needs no name: this exchange's secrets, URL userinfo, numbers with a plus."""
        if not text:
            return text
        for literal in literals:
            text = text.replace(literal, HIDDEN)
        if "@" in text:
            text = _USERINFO.sub(rf"\g<1>{HIDDEN}\g<2>", text)
        if "%40" in text:
            text = _ENCODED_USERINFO.sub(rf"\g<1>{HIDDEN}\g<2>", text)
        return text if self._show_numbers else self._pseudonyms.put_for_marked(text)

    def _named(self, text: str) -> str:
        """Mask what stands beside a known name: JSON, print_r, XML, CSV headers, queries, prose."""
        if not ("=" in text or ":" in text or ">" in text):  # no mark that stands beside a name
            return text
        pieces: list[str] = []
        done = 0
        for match in _KEY.finditer(text):
            change = self._change_for(match[1])
            if change is None or match.start() < done:
                continue
            end = _end_of_value(text, match, whole=change is _hide)
            value = _quoted(change, text[match.end() : end], json_like=":" in match[0])
            pieces += (text[done : match.end()], value)
            done = end
        return "".join(pieces) + text[done:] if pieces else text


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _hide(_value: str) -> str:
    return HIDDEN


def _end_of_value(text: str, key: re.Match[str], *, whole: bool) -> int:
    """Return where the value after `key` ends; `whole` takes an object or a nested list with it."""
    start = key.end()
    if text[start : start + 1] in ("[", "{"):
        if not whole:
            flat = _FLAT_LIST.match(text, start)
            return flat.end() if flat else start
        try:
            return json.JSONDecoder().raw_decode(text, start)[1]
        except (ValueError, RecursionError):
            return len(text)
    mark = key[0].rstrip()
    shape = _VALUE
    if mark.endswith(">"):
        shape = _LINE if mark.endswith("=>") else _ELEMENT
    value = shape.match(text, start) or _VALUE.match(text, start)
    return value.end() if value else start


def _quoted(change: _Change, value: str, *, json_like: bool) -> str:
    """Change a value inside its quotes; a masked bare JSON number becomes a string."""
    for mark in ('"', "'", '\\"', "\\'"):
        if value.startswith(mark):
            ending = mark if value.endswith(mark) and len(value) > len(mark) else ""
            return mark + change(value[len(mark) : len(value) - len(ending)]) + ending
    if "%" in value:
        return _encoded(change, value, "") or value
    masked = change(value) if value else value
    return f'"{masked}"' if json_like and masked != value and value.isdigit() else masked


def _encoded(change: _Change, value: str, before: str) -> str:
    """Change a percent-encoded value; an empty string says that nothing changed."""
    plain = unquote_plus(value) if "%" in value or "+" in value else value
    masked = change(plain)
    if masked == plain:
        return ""
    if _RESERVED.search(masked):
        masked = quote(masked, safe="~*", errors="surrogateescape").replace("%E2%80%A6", "…")
    return before + masked
