"""Answers as JAICP sends them: JSON without an envelope, or nothing at all."""

from __future__ import annotations

from simulator.exchange import Answer, Headers
from simulator.formats.json_text import write_compact_json

DONE = Answer(200)
"""What `control` answers: no body, and so no type (from the vendor's interface description)."""


def answer_json(value: object, status: int = 200, extra: Headers = ()) -> Answer:
    """Return a JSON answer."""
    return Answer(status, write_compact_json(value), (("Content-Type", "application/json"), *extra))
