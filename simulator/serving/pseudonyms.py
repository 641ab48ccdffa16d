"""Numbers that stand for others: the same one always by the same, of its country, kind and length."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import phonenumbers

from simulator.web.phone_masks import NumberMask, plain_digits, respelt

TRIES = 200


class Pseudonyms(NumberMask):
    """Puts another number in the place of each, in the form in which it is written; keyed by `salt`."""

    def __init__(self, salt: str) -> None:
        super().__init__(salt)
        self._salt = salt
        self._stand_in = lru_cache(maxsize=10_000)(self._make)

    def hide(self, text: str, is_json: bool = False) -> str:
        """Return a text with pseudonyms; a bare number of JSON stays one."""
        del is_json
        return super().hide(text)

    def instead_of(self, spelt: str, number: str, tag: str) -> str:
        """Return what stands for a number as it is spelt; its country and what comes before stay."""
        del tag
        digits, other = plain_digits(spelt), self._stand_in(number)
        common = 0
        while common < min(len(digits), len(number)) and digits[-1 - common] == number[-1 - common]:
            common += 1
        return respelt(spelt, digits[: len(digits) - common] + other[len(other) - common :])

    def _make(self, number: str) -> str:
        """Return another number of the country and kind of a real one; of others only the length is kept."""
        try:
            parsed = phonenumbers.parse(f"+{number}", None)
        except phonenumbers.NumberParseException:
            return self._digits(number, 2, 0)
        head = len(str(parsed.country_code)) + 2
        if not phonenumbers.is_valid_number(parsed):
            return self._digits(number, head, 0)
        kind = phonenumbers.number_type(parsed)
        for attempt in range(TRIES):
            kept = min(head + attempt // 20, len(number) - 3)  # a narrow range needs more of the beginning
            other = self._digits(number, kept, attempt)
            candidate = phonenumbers.parse(f"+{other}", None)
            is_like = phonenumbers.is_valid_number(candidate) and phonenumbers.number_type(candidate) == kind
            if other != number and is_like:
                return other
        return self._digits(number, head, TRIES)

    def _digits(self, number: str, kept: int, attempt: int) -> str:
        seed = f"{self._salt}/{number}/{attempt}".encode("utf-8", "surrogatepass")
        drawn = str(int.from_bytes(hashlib.sha256(seed).digest()))[-len(number) :]
        return number[:kept] + drawn[kept:]
