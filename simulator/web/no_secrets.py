"""What stands behind the name of a secret and is none: a word or a sentence about it."""

from __future__ import annotations

import re

_WORDS = frozenset({"checked", "nothing", "null", "None", "undefined"})
_SENTENCE = re.compile(
    r"(?:[A-Za-z]{1,20}[ ])?"
    r"(?:an?|the|no|not|is|are|was|has|must|should|cannot|unknown|invalid|missing|wrong)[ ][A-Za-z]{2}",
    re.IGNORECASE,
)
"""A word that stands in sentences comes first or second, bare, and another word follows."""


def is_prose(text: str, start: int, end: int, after_colon: bool) -> bool:
    """Return whether `text` tells of a secret from `start` on, where its value up to `end` would be."""
    if text[start:end].strip("\"'") in _WORDS:
        return True
    return after_colon and _SENTENCE.match(text, start) is not None
