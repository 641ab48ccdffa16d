"""Secrets and phone numbers are masked here, before an exchange is kept, logged or exported anywhere.

Works on text that may be cut off or malformed: values are found by the names beside them, never by a parse
of the whole. Bodies are read as UTF-8 with surrogate escapes, so that foreign bytes come back unchanged.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote_plus

from simulator.exchange import Answer, Exchange, Headers, Request, Violation
from simulator.web.journal import shorten

HIDDEN = "***"
_SEARCHED = 66_560
_REMEMBERED = 1_000

_SECRET_HEADER = re.compile(r"key|token|secret|auth|passw|cookie|signature|session|credential", re.IGNORECASE)
_PLAIN_HEADER = frozenset({"idempotency-key", "x-idempotency-key", "www-authenticate", "sec-websocket-key"})
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
_MARKED = re.compile(r"(?:\+|\uff0b|%2[Bb]|\\u002[Bb])\(?\d(?:[ \u00a0().-]{0,2}\d){7,14}(?!\d)")
_BARE = re.compile(r"[+\uff0b]?\(?\d(?:[^\S\r\n]?[().\-\u2010-\u2015]?[^\S\r\n]?\d){7,}")
_PLAIN_NUMBER = re.compile(r"\+?[0-9]{8,15}")
_ONE_NUMBER = re.compile(r"(?:%2B)?[0-9]{8,15}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BRACKETS = re.compile(r"[\[\].]+")
_PART_NAME = re.compile(r"\bname=\"?([^\";\r\n]+)", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})', re.IGNORECASE)
_ENCODED_PLUS = re.compile(r"%2B|\\u002B", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"[^0-9]+")
_RESERVED = re.compile(r"[^\w~*….-]")
_FICTION = re.compile(r"447700900\d{3}")

_Change = Callable[[str], str]


class Masker:
    """Masks by the names of one vendor: `secret_names`, and `number_names` that hold phone numbers.

    Names match whatever their case, dashes and underscores. A number keeps two digits at each end and gets a
    pseudonym keyed by `salt`, the same for every spelling: `+79…67~1c9e`. UK numbers reserved for
    fiction stay readable. `show_numbers` leaves all numbers alone. `credentials` are the literal secrets of
    one exchange; those shorter than 4 characters are masked by name only.
    """

    def __init__(
        self, secret_names: frozenset[str], number_names: frozenset[str], salt: str, show_numbers: bool
    ) -> None:
        self._salt = hashlib.sha256(salt.encode()).digest()
        self._show_numbers = show_numbers
        self._headers_seen: dict[str, bool] = {}
        self._clear_headers: set[tuple[str, str]] = set()
        self._names_seen: dict[str, _Change | None] = {}
        self._spelt = lru_cache(maxsize=_REMEMBERED)(_spellings)
        self._known_pseudonym = lru_cache(maxsize=_REMEMBERED)(self._new_pseudonym)
        numbers = () if show_numbers else number_names
        self._changes: dict[str, _Change] = {_plain(name): self._numbers_in_value for name in numbers}
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
        )

    def request(self, request: Request, credentials: tuple[str, ...] = ()) -> Request:
        """Mask path, query, headers and body of a request."""
        return self._request(request, _spellings(credentials))

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
        return self._answer(answer, _spellings(credentials))

    def _answer(self, answer: Answer, literals: tuple[str, ...]) -> Answer:
        body = self._body(answer.body, answer.content_type, literals)
        return Answer(answer.status, body, self._headers(answer.headers, literals))

    def text(self, text: str, credentials: tuple[str, ...] = ()) -> str:
        """Mask a log line, a URL, a traceback: anything that is not one body."""
        return self._text(text, _spellings(credentials))

    def presented(self, request: Request) -> tuple[str, ...]:
        """Return the secrets that a request carries, as written and decoded, to find them where they echo."""
        found: dict[str, None] = {}
        for name, value in request.headers:
            if self._is_secret_header(name):
                found.update(dict.fromkeys(_parts_of_header(value)))
        for text in (request.query, request.body.decode("utf-8", "surrogateescape")):
            if text:
                found.update(dict.fromkeys(self._named_secrets(text)))
        return tuple(found)

    def _named_secrets(self, text: str) -> Iterable[str]:
        for match in _KEY.finditer(text):
            if self._change_for(match[1]) is _hide and (value := _VALUE.match(text, match.end())):
                bare = value[0].strip("\\\"'")
                yield bare
                if "%" in bare or "+" in bare:
                    yield unquote_plus(bare)

    def _violation(self, found: Violation, literals: tuple[str, ...]) -> Violation:
        change = self._change_for(found.where.replace("/", "."))
        arrived = change(found.arrived) if change else found.arrived
        return replace(found, arrived=self._text(arrived, literals), fix=self._text(found.fix, literals))

    def _headers(self, headers: Headers, literals: tuple[str, ...]) -> Headers:
        """Mask headers; most come again and again, and nothing in them is to be masked."""
        clear, told = self._clear_headers, "\n".join([value for _, value in headers])
        if clear.issuperset(headers) and not any(literal in told for literal in literals):
            return headers
        return tuple([self._header(header, literals) for header in headers])

    def _header(self, header: tuple[str, str], literals: tuple[str, ...]) -> tuple[str, str]:
        name, value = header
        if self._is_secret_header(name):
            return name, _hidden_header(value)
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
            known = self._pseudonym("+" + value[3:] if value[0] == "%" else value)
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
        return self._marked_numbers(text)

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

    def _marked_numbers(self, text: str) -> str:
        if self._show_numbers or not ("+" in text or "\uff0b" in text or "%2" in text or "\\u00" in text):
            return text
        return _MARKED.sub(self._marked, text)

    def _marked(self, match: re.Match[str]) -> str:
        return self._pseudonym(match[0])

    def _numbers_in_value(self, text: str) -> str:
        if _PLAIN_NUMBER.fullmatch(text):
            return self._pseudonym(text)
        if "\0" in text:
            return f"[{len(text)} characters, not text]"
        if "\\u" in text:
            text = _ESCAPED.sub(_unescaped, text)
        return _BARE.sub(lambda match: self._one_or_more(match[0]), text)

    def _one_or_more(self, spelled: str) -> str:
        """Mask a run of digits; one too long for a number may be several, with blanks between."""
        words = spelled.split()
        if sum(map(str.isdecimal, spelled)) > 15 and all(len(word) >= 8 for word in words):
            return " ".join(map(self._pseudonym, words))
        return self._pseudonym(spelled)

    def _pseudonym(self, spelled: str) -> str:
        """Return `+79…67~1c9e`, for an exchange nearly always tells of the same number again."""
        return self._known_pseudonym(spelled) if len(spelled) < 64 else self._new_pseudonym(spelled)

    def _new_pseudonym(self, spelled: str) -> str:
        """Make a pseudonym: the plus only where one was written, the digest without regard to it."""
        spelled = _ENCODED_PLUS.sub("+", spelled)
        marked = spelled[0] in "+\uff0b"
        digits = _NOT_DIGIT.sub("", spelled if spelled.isascii() else _ascii_digits(spelled))
        number = digits if marked else _international(digits)
        if _FICTION.fullmatch(number):
            return spelled
        digest = hashlib.blake2s(number.encode(), key=self._salt, digest_size=2).hexdigest()
        return f"{'+' if marked else ''}{digits[:2]}…{digits[-2:]}~{digest}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _ascii_digits(text: str) -> str:
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)


def _hide(_value: str) -> str:
    return HIDDEN


def _unescaped(match: re.Match[str]) -> str:
    sign = chr(int(match[1], 16))
    return sign if sign.isdecimal() or sign in "+\uff0b\u00a0\u2010\u2011\u2012\u2013\u2014" else match[0]


def _international(digits: str) -> str:
    """Guess the E.164 digits of a number written without a plus: `00`, Russia's 8, Britain's 0."""
    if digits.startswith("00"):
        return digits[2:]
    if len(digits) == 11 and digits.startswith("8"):
        return "7" + digits[1:]
    return "44" + digits[1:] if digits.startswith("07700900") else digits


def _hidden_header(value: str) -> str:
    """Hide a credential and leave its scheme, which is half of most mistakes."""
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {HIDDEN}" if space and scheme.isalpha() and len(scheme) < 12 else HIDDEN


def _parts_of_header(value: str) -> Iterable[str]:
    """Yield a credential header's secrets: whole, without its scheme, cookie by cookie, Basic decoded."""
    _, _, given = value.partition(" ")
    yield value
    if value.lower().startswith("basic "):
        yield from _basic(given)
    for piece in re.split(r"[;,\s]+", value):
        yield piece.partition("=")[2] or piece


def _basic(given: str) -> Iterable[str]:
    try:
        user, _, password = base64.b64decode(given + "==").decode("utf-8", "replace").partition(":")
    except ValueError:  # not Base64, or not even ASCII
        return
    yield password
    if len(user) >= 8:
        yield user


_SCHEMES = frozenset({"basic", "bearer", "token", "digest", "path", "httponly", "secure"})


def _spellings(credentials: tuple[str, ...]) -> tuple[str, ...]:
    """Return every literal form in which a credential may echo, longest first."""
    found: dict[str, None] = {}
    for secret in credentials:
        if len(secret) < 4 or secret.lower() in _SCHEMES or HIDDEN in secret:
            continue
        found[secret] = None
        if not secret.isalnum():
            forms = (quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
            found.update(dict.fromkeys((*forms, forms[2].replace("/", "\\/"))))
        if len(secret) >= 8:
            found[base64.b64encode(secret.encode("utf-8", "surrogateescape")).decode()] = None
    return tuple(sorted(found, key=len, reverse=True))


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
        masked = quote(masked, safe="~*").replace("%E2%80%A6", "…")
    return before + masked
