"""The secrets that are known by themselves: found wherever they stand, whatever is beside them."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator

HIDDEN = "***"
SHORTEST, LONGEST = 8, 200
"""How long a secret is that is looked for without a name beside it."""

_MOST = 100_000
_RUN = re.compile(r"[\w.~%:@!$*+/=-]{8,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_URLSAFE = str.maketrans("-_", "+/")


class Secrets:
    """Literal secrets, the newest 100,000 of all `learned`, such as the credentials of a simulator's worlds.

    What it costs to look for them depends on the text alone, however many there are.
    """

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._lengths: dict[str, set[int]] = {}
        self.learned = 0

    def __contains__(self, secret: str) -> bool:
        return secret in self._known

    def learn(self, credential: str) -> None:
        """Add a credential, and the key in one such as `sid:key`; what is too short is not."""
        for secret in dict.fromkeys((credential, *credential.split(":"))):
            if SHORTEST <= len(secret) <= LONGEST and _RUN.fullmatch(secret) and secret not in self._known:
                self.learned += 1
                for spelt in (secret, secret.lower(), secret.upper()):
                    self._known[spelt] = None
                    self._lengths.setdefault(spelt[:SHORTEST], set()).add(len(spelt))
        while len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def hide(self, text: str) -> str:
        """Return a text without them, in the clear or in Base64."""
        return _RUN.sub(self._without, text) if self._known else text

    def without_beginnings(self, text: str, own: Iterable[str] = ()) -> str:
        """Return a text without the beginnings of secrets that were cut at its end, or where it has dots."""
        return "...".join([self._without_beginning(piece, own) for piece in text.split("...")])

    def _without_beginning(self, text: str, own: Iterable[str]) -> str:
        bare = text.rstrip(".\"'")
        for start in range(max(0, len(bare) - LONGEST), len(bare) - SHORTEST + 1):
            tail = bare[start:]
            if tail[:SHORTEST] in self._lengths or any(secret.startswith(tail) for secret in own):
                return bare[:start] + HIDDEN + text[len(bare) :]
        return text

    def _without(self, match: re.Match[str]) -> str:
        run, done = match[0], 0
        pieces: list[str] = []
        for start, end in self._places(run):
            pieces += (run[done:start], HIDDEN)
            done = end
        return "".join(pieces) + _BASE64.sub(self._without_encoded, run[done:])

    def _without_encoded(self, match: re.Match[str]) -> str:
        text = match[0]
        if text.isdecimal() or (text.isalpha() and (text.islower() or text.istitle())):  # a word
            return text
        return HIDDEN if any(map(self._is_in, _decoded(text))) else text

    def _is_in(self, text: str) -> bool:
        return next(self._places(text), None) is not None

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where known secrets stand, from left to right, the longest where several begin."""
        lengths, done = self._lengths, 0
        for start in range(len(text) - SHORTEST + 1):
            sizes = lengths.get(text[start : start + SHORTEST])
            if sizes is None or start < done:
                continue
            for length in sorted(sizes, reverse=True):
                if text[start : start + length] in self._known:
                    done = start + length
                    yield start, done
                    break


def _decoded(text: str) -> Iterator[str]:
    """Yield what a text says in Base64, wherever in it that begins."""
    plain = text.translate(_URLSAFE)
    for start in range(4):
        whole = len(plain) - (len(plain) - start) % 4
        try:
            yield b64decode(plain[start:whole] + _rest(plain[whole:])).decode("latin-1")
        except binascii.Error:
            continue


def _rest(letters: str) -> str:
    return letters + "=" * (4 - len(letters)) if len(letters) > 1 else ""
