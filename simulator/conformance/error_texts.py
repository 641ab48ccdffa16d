"""The words of a contract's refusals, and what its vendor drops in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from msgspec import Struct

from simulator.exchange import Cause

Json = Any

_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
_NAMING = ("{name}", "{field}", "{parameter}")
LONGEST_PLACE = 80
_PLACE = re.compile(r"[A-Za-z0-9_.$/\[\]-]{1,80}", re.ASCII)


def name_in(text: object) -> str:
    """Return the name of a place as it may stand in a header, or nothing where a client chose the letters."""
    return text if isinstance(text, str) and _PLACE.fullmatch(text) else ""


class ErrorText(Struct, frozen=True, dict=True, kw_only=True):
    """The words of one refusal; `text` has `{placeholders}`, `when` tells what brings it about.

    `code` is what stands beside the words for programs, where the vendor has such codes; `translated` are the
    same words in other languages. `name` is what the document calls it, `cause` whose affair it is (see
    Refusal), `asks` what was asked for by an unknown id, `fix` what a client changes, `source` where it
    stands.
    """

    status: int
    text: str
    when: str
    provenance: str
    code: str | None = None
    translated: tuple[str, ...] = ()
    name: str = ""
    cause: Cause = "request"
    asks: str = ""
    fix: str = ""
    source: str = ""

    @cached_property
    def _wordings(self) -> list[list[str]]:
        return [_PLACEHOLDER.split(text) for text in (self.text, *self.translated)]

    def has_code(self, code: Json) -> bool:
        """Return whether `code` may stand beside these words; one that ends in an ellipsis stands for any."""
        return self.code in (None, code) or self.is_open

    @property
    def is_open(self) -> bool:
        """Whether its code stands for any."""
        return str(self.code).endswith("…")

    @cached_property
    def weight(self) -> int:
        """How many letters of it are fixed: of several that fit, the one with most is meant."""
        return sum(map(len, self._wordings[0]))

    def place_in(self, text: str) -> str:
        """Return the parameter that the text names, where it is the first gap of these words."""
        if not (placeholder := _PLACEHOLDER.search(self.text)) or placeholder[0] not in _NAMING:
            return ""
        if (wording := next((pieces for pieces in self._wordings if _fills(pieces, text)), None)) is None:
            return ""
        before, after = wording[:2]
        rest = text.removeprefix(before)[: LONGEST_PLACE + len(after)]
        return name_in(rest.partition(after)[0] if after else rest)

    def matches(self, text: str) -> bool:
        """Return whether `text` is this refusal with its placeholders filled in; linear in its length."""
        return any(_fills(pieces, text) for pieces in self._wordings)


def error_called(errors: Sequence[ErrorText], name: str) -> ErrorText | None:
    """Return the refusal with this name; else the first with this code, or with just these words; or None."""
    called = [error for word in ("name", "code", "text") for error in errors if getattr(error, word) == name]
    return next(iter(called), None)


def _fills(pieces: list[str], text: str) -> bool:
    """Return whether `text` has all the pieces in their order, with anything in the gaps."""
    first, *middle = pieces
    if not middle:
        return text == first
    last = middle.pop()
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
        return False
    rest = text[len(first) : len(text) - len(last)]
    for piece in middle:
        _, is_there, rest = rest.partition(piece) if piece else ("", True, rest)
        if not is_there:
            return False
    return True


class LossText(Struct, frozen=True, kw_only=True):
    """What a vendor drops in silence: `when` it does, what a client changes, how sure that is."""

    name: str
    when: str
    fix: str
    provenance: str
    source: str
    severity: Literal["error", "warning"] = "error"


def read_errors(document: Json) -> Mapping[str, ErrorText]:
    """Return every refusal of the document by its name."""
    written = document.get("components", {}).get("x-errors", {})
    return {name: read_error(error, f"#/components/x-errors/{name}", ()) for name, error in written.items()}


def read_losses(document: Json) -> Mapping[str, LossText]:
    """Return everything that the document says is dropped in silence, by its name."""
    return {
        name: LossText(
            name=name,
            when=str(loss["when"]),
            fix=str(loss["fix"]),
            provenance=str(loss["x-provenance"]),
            source=f"#/components/x-losses/{name}",
            severity=loss.get("x-severity", "error"),
        )
        for name, loss in document.get("components", {}).get("x-losses", {}).items()
    }


def read_error(error: Json, pointer: str, translated: tuple[str, ...]) -> ErrorText:
    """Return one refusal as the document has it at `pointer`, with its words in other languages."""
    return ErrorText(
        status=int(error["status"]),
        text=str(error["text"]),
        when=str(error.get("when", "")),
        provenance=error.get("x-provenance", "inferred"),
        code=error.get("code"),
        translated=translated,
        name=pointer.rpartition("/")[2],
        cause=error.get("x-cause", "request"),
        asks=error.get("x-asks", ""),
        fix=str(error.get("fix", "")),
        source=pointer,
    )
