"""The body of a request that a hook may read before whoever answers does."""

from __future__ import annotations

from io import SEEK_SET, RawIOBase, UnsupportedOperation
from typing import Any


class KeptInput(RawIOBase):
    """A WSGI input of which what was read is read again after `seek(0)`; the rest comes as it came."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._kept = bytearray()
        self._at = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next, and return how many bytes that were."""
        if self._at == len(self._kept):
            self._kept += self._stream.read(len(buffer))
        piece = self._kept[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Go back to the start; raises UnsupportedOperation for any other place."""
        if (offset, whence) != (0, SEEK_SET):
            raise UnsupportedOperation
        self._at = 0
        return 0
