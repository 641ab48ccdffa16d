"""Pseudonyms for phone numbers: the same for every spelling of a number, and of no use to find it by."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

_MARKED = re.compile(r"(?:\+|\uff0b|%2[Bb]|\\u002[Bb])\(?\d(?:[ \u00a0().-]{0,2}\d){7,14}(?!\d)")
_BARE = re.compile(r"[+\uff0b]?\(?\d(?:[^\S\r\n]?[().\-\u2010-\u2015]?[^\S\r\n]?\d){7,}")
_PLAIN = re.compile(r"\+?[0-9]{8,15}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_ENCODED_PLUS = re.compile(r"%2B|\\u002B", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"[^0-9]+")
_FICTION = re.compile(r"447700900\d{3}")
_LONGEST_REMEMBERED = 64


class Pseudonyms:
    """Gives each number a pseudonym keyed by `salt`: `+79…67~1c9e`.

    Two digits stay readable at each end, and all of the UK numbers that are reserved for fiction.
    """

    def __init__(self, salt: str) -> None:
        self._key = hashlib.sha256(salt.encode()).digest()
        self._remembered = lru_cache(maxsize=1_000)(self._make)

    def of(self, spelled: str) -> str:
        """Return the pseudonym of one number, for an exchange nearly always tells it more than once."""
        return self._remembered(spelled) if len(spelled) < _LONGEST_REMEMBERED else self._make(spelled)

    def put_for_marked(self, text: str) -> str:
        """Replace numbers that a plus marks as such, in any text."""
        if not ("+" in text or "\uff0b" in text or "%2" in text or "\\u00" in text):
            return text
        return _MARKED.sub(lambda match: self.of(match[0]), text)

    def put_for_all(self, text: str) -> str:
        """Replace whatever looks like a number, in a value that is known to hold some."""
        if _PLAIN.fullmatch(text):
            return self.of(text)
        if "\0" in text:
            return f"[{len(text)} characters, not text]"
        if "\\u" in text:
            text = _ESCAPED.sub(_unescaped, text)
        return _BARE.sub(lambda match: self._one_or_more(match[0]), text)

    def _one_or_more(self, spelled: str) -> str:
        """Mask a run of digits; one too long for a number may be several, with blanks between."""
        words = spelled.split()
        if sum(map(str.isdecimal, spelled)) > 15 and all(len(word) >= 8 for word in words):
            return " ".join(map(self.of, words))
        return self.of(spelled)

    def _make(self, spelled: str) -> str:
        """Make a pseudonym: the plus only where one was written, the digest without regard to it."""
        written, spelled = spelled, _ENCODED_PLUS.sub("+", spelled)
        marked = spelled[0] in "+\uff0b"
        digits = _NOT_DIGIT.sub("", spelled if spelled.isascii() else _ascii_digits(spelled))
        number = digits if marked else _international(digits)
        if _FICTION.fullmatch(number):
            return written
        digest = hashlib.blake2s(number.encode(), key=self._key, digest_size=2).hexdigest()
        return f"{'+' if marked else ''}{digits[:2]}…{digits[-2:]}~{digest}"


def _ascii_digits(text: str) -> str:
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)


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
