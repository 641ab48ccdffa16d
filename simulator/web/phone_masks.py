"""Phone numbers in any text: told by their digits, and masked one digit by one, so that their form stays."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Container
from copy import copy
from functools import lru_cache
from unicodedata import digit

from simulator.telephony.magic_numbers import is_reserved
from simulator.telephony.phone_numbers import E164

_P = r"%(?:25)*+"  # percent-encoded once, or again and again
_DIGIT = rf"(?:\d|{_P}3[0-9]|{_P}EF{_P}BC{_P}9[0-9])"
_BETWEEN = (
    r"(?:[ \u00a0\u00ad\u00b7\u200b-\u200f\u202a-\u202f\u2060-\u2064\ufeff().+\u2010-\u2015-]"
    rf"|{_P}(?:2[089BDE]|C2{_P}(?:A[0D]|B7)|E2{_P}80{_P}(?:8[B-F]|9[0-5]|A[A-F])|E2{_P}81{_P}A[0-4]|EF{_P}BB{_P}BF)"
    r"|\\u(?:00(?:a[0d]|b7)|20(?:0[b-f]|1[0-5]|2[a-f]|6[0-4])|feff))"
)
_TIME = r"(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?)?"
_YEAR = r"(?:[12]\d{3}|000[01]|3000|9999)"  # ours, and those that stand for ever and never
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_SCAN = re.compile(
    r"(?:(?<!\d)(?<!\d\.)(?:"
    rf"[12]\d{{3}}-[01]\d-[0-3]\d{_TIME}(?!\d)|[0-3]\d\.[01]\d\.[12]\d{{3}}(?!\d)"  # dates
    rf"|(?<!\+)(?:(?:(?:19|2[01])\d\d-\d\d-\d\d|{_YEAR}-[01]\d-[0-3]\d){_TIME}"  # and what nearly are
    rf"|[0-3]\d(?:-[01]\d-|\.[01]\d\.){_YEAR})(?!(?!\.\.){_BETWEEN}{{0,2}}+{_DIGIT}(?!\d?:))"
    r"|[12]\d{3}[01]\d[0-3]\d(?:T\d{6}|[0-2]\d[0-5]\d[0-5]\d(?!\d))"
    rf"|{_BYTE}(?:\.{_BYTE}){{3}}(?!\.?\d))"  # an address
    r"|(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"  # a UUID
    r"|(?<![0-9A-Za-z])(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{16,}+(?![0-9A-Za-z])"  # a hash
    r"|\\u[0-9A-Fa-f]{4})"
    rf"|({_DIGIT}(?:{_BETWEEN}{{0,3}}+{_DIGIT}){{7,}}+(?!~[0-9a-f]{{4}}| bytes))"
    r"|%[0-9A-Fa-f]{2}",
    re.IGNORECASE,
)
_ONE = re.compile(rf"{_BETWEEN}|({_DIGIT})", re.IGNORECASE)
_BLANK = re.compile(rf"((?:[ \u00a0\u202f+]|{_P}20|{_P}2B|{_P}C2{_P}A0)+)", re.IGNORECASE)
_PLUS = re.compile(rf"(?:[+\uff0b]|{_P}2B|{_P}EF{_P}BC{_P}8B)\(?\Z", re.IGNORECASE)
_BASE64 = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{11,}+={0,2}")
_URLSAFE = str.maketrans("-_", "+/")
_FEWEST, _MOST = 8, 15
_EXAMPLES = frozenset({"12125552368"})
"""What libraries print beside a number that is none, as django-phonenumber-field does; nobody's affair."""


class NumberMask:
    """Masks phone numbers: `+7 (916) 123-45-67` becomes `+9 (999) 999-99-99~1c9e`.

    What follows the tilde is the same for every spelling of a number, and keyed by `salt`. Any 8 to 15 digits
    are a number, unless `is_id` knows them; those reserved for fiction stay readable.
    """

    def __init__(self, salt: str, is_id: Callable[[str], bool] = lambda _digits: False) -> None:
        self._key = hashlib.sha256(salt.encode("utf-8", "surrogatepass")).digest()
        self._is_id = is_id
        self._tag = lru_cache(maxsize=1_000)(self._make_tag)
        self.only: Container[str] | None = None

    def among(self, tags: Container[str]) -> NumberMask:
        """Return what masks nothing but the numbers that have one of these tags."""
        chosen = copy(self)
        chosen.only = tags
        return chosen

    def hide(self, text: str, is_json: bool = False) -> str:
        """Return a text with all of its phone numbers masked, also within Base64.

        In JSON a bare one becomes a text.
        """
        quoted = -1  # where the last bare number of a JSON list ended

        def masked(match: re.Match[str]) -> str:
            nonlocal quoted
            if match[1] is None:
                return match[0]
            shown = self._shown(match)
            if is_json and shown != match[0] and _is_bare(text, match, quoted):
                quoted = match.end()
                return f'"{shown}"'
            return shown

        return _SCAN.sub(masked, _BASE64.sub(self._encoded, text))

    def _encoded(self, match: re.Match[str]) -> str:
        """Mask what is Base64 of a text with a number in it."""
        bare = match[0].rstrip("=")
        try:
            plain = b64decode(bare.translate(_URLSAFE) + "=" * (-len(bare) % 4)).decode("ascii")
        except ValueError:
            return match[0]
        masked = self.hide(plain)
        return match[0] if masked == plain else b64encode(masked.encode()).decode()

    def _shown(self, match: re.Match[str]) -> str:
        spelt = match[1]
        count = len(plain_digits(spelt))
        if count <= _MOST:
            marked = _PLUS.search(match.string, max(0, match.start() - 10), match.start()) is not None
            return self._one(spelt, marked)
        if len(spelt) == count:  # too long for a number, and nothing between
            return spelt
        words = _BLANK.split(spelt)
        return "".join(self._word(word) for word in words)

    def _word(self, word: str) -> str:
        """Mask one of several numbers that stand side by side, or a piece of one."""
        count = len(plain_digits(word))
        if count > _MOST and count == len(word):
            return word
        if count < _FEWEST:
            return _ONE.sub(_nine, word) if self.only is None else word
        return self._one(word, marked=False)

    def _one(self, spelt: str, marked: bool) -> str:
        digits = plain_digits(spelt)
        if digits == spelt and self._is_id(digits):
            return spelt
        number = digits if marked else _international(digits)
        if is_reserved(E164("+" + number)) or number in _EXAMPLES:
            return spelt
        tag = self._tag(number)
        if self.only is not None and tag not in self.only:
            return spelt
        return self.instead_of(spelt, number, tag)

    def instead_of(self, spelt: str, number: str, tag: str) -> str:
        """Return what stands for a number, by its digits with the country's, in the place of its spelling."""
        del number
        return f"{_ONE.sub(_nine, spelt)}~{tag}"

    def _make_tag(self, number: str) -> str:
        return hashlib.blake2s(number.encode(), key=self._key, digest_size=2).hexdigest()


def _is_bare(text: str, match: re.Match[str], quoted: int) -> bool:
    """Return whether digits are a JSON number, which cannot be masked unless it becomes a text."""
    before = text[max(0, match.start() - 20) : match.start()].rstrip()
    after = text[match.end() : match.end() + 20].lstrip()[:1]
    listed = 0 < match.start() - quoted < 20 and quoted > 0 and text[quoted : match.start()].strip() == ","
    return (before.endswith((":", "[")) or listed) and after in (",", "}", "]", "")


def plain_digits(spelt: str) -> str:
    """Return the digits of a number as ASCII, however each is written."""
    pieces = filter(None, _ONE.findall(spelt))
    return "".join([str(digit(piece)) if len(piece) == 1 else piece[-1] for piece in pieces])


def respelt(spelt: str, digits: str) -> str:
    """Return a spelling with other digits, each in the place and the encoding of one there."""
    left = iter(digits)

    def other(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        return next(left) if len(match[1]) == 1 else match[1][:-1] + next(left)

    return _ONE.sub(other, spelt)


def _nine(match: re.Match[str]) -> str:
    spelt = match[1]
    if spelt is None:
        return match[0]
    return chr(ord(spelt) + 9 - digit(spelt)) if len(spelt) == 1 else spelt[:-1] + "9"


def _international(digits: str) -> str:
    """Guess the E.164 digits of a number written without a plus: `00`, Russia's 8, Britain's 0."""
    if digits.startswith("00"):
        return digits[2:]
    if len(digits) == 11 and digits.startswith("8"):
        return "7" + digits[1:]
    return "44" + digits[1:] if digits.startswith("07700900") else digits
