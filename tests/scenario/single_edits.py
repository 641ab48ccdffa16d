"""Single edits of the shipped scenarios, each of which happens by accident and none of which is ever meant.

They are made from the files alone, in the order of their words and without a draw: a letter that is missing,
twice or changed, a unit or a quote forgotten, bounds the wrong way round, a number that nobody owns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from simulator.resources import shipped
from simulator.scenario.files import list_scenarios

Path = tuple[str | int, ...]

CHOSEN_FREELY = re.compile(r"accounts|personas|(?:.*\.)?(?:groups|notes|agent_names|words)")
"""Paths of keys that a file's author invents."""

FREE_TEXT = re.compile(
    r"title|.*\b(?:text|label|name|prompt|area|region|region_code|says|said|result|script|hmacSecret|body)"
    r"|.*\.notes\..*|.*\.agent_names\..*|seed|extends|.*\.customer_time"
)
"""Paths of values of which any is as good as another."""


BELOW_ZERO = ("price", "setup", "monthly", "backoff", "count", "lines", "attempts", "portion", "shuffle")
"""Words whose numbers are never less than nothing."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: of which file, at which line from 1, what was there, what is there, and the whole text."""

    file: str
    line: int
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        """Tell it in a line."""
        return f"{self.file}:{self.line}: {self.before.strip()} -> {self.after.strip()}"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a file: the way to it, where it stands, how it is written there, and whether it is a key."""

    path: str
    start: int
    end: int
    raw: str
    is_key: bool


def edits() -> Iterator[Edit]:
    """Yield all edits of all shipped files, in the order of their words."""
    for name in list_scenarios():
        yield from edits_of(f"{name}.yaml", (shipped("scenarios") / f"{name}.yaml").read_text())


def edits_of(name: str, text: str) -> Iterator[Edit]:
    """Yield all edits of one file."""
    for word in [*_words(text), *_words_of_scripts(text)]:
        replacements = _of_key(word) if word.is_key else _of_value(word)
        for after in dict.fromkeys(replacements):
            whole = text[: word.start] + after + text[word.end :]
            yield Edit(name, text.count("\n", 0, word.start) + 1, word.raw, after, whole)


# -- the words of a file ----------------------------------------------------------------------------------


def _words(text: str) -> Iterator[Word]:
    """Yield every key and every scalar of a file with its path, joined by dots."""
    events = iter(yaml.parse(text, Loader=yaml.SafeLoader))
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            yield from _below(event, events, ())


def _below(event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Iterator[Word]:
    if isinstance(event, yaml.ScalarEvent):
        if event.style not in ("|", ">"):
            yield _word(event, path, is_key=False)
    elif isinstance(event, yaml.SequenceStartEvent):
        for nth, entry in enumerate(iter(lambda: next(events), None)):
            if isinstance(entry, yaml.SequenceEndEvent):
                return
            yield from _below(entry, events, (*path, nth))
    elif isinstance(event, yaml.MappingStartEvent):
        for key in iter(lambda: next(events), None):
            if not isinstance(key, yaml.ScalarEvent):
                return
            yield _word(key, path, is_key=True)
            yield from _below(next(events), events, (*path, key.value))


def _word(event: Any, path: Path, is_key: bool) -> Word:
    start, end = event.start_mark.index, event.end_mark.index
    raw = event.start_mark.buffer[start:end] if event.start_mark.buffer else ""
    return Word(".".join(map(str, path)), start, end, raw, is_key)


_SCRIPT_WORD = re.compile(
    r"(?P<key>(?<=[ {])(?:maxDigits|transcription|language|what|targets|number|timeout|branch|params|action|"
    r"actions|result|message|then|goto|if|branches|defaults)(?=:))"
    r"|(?P<value>(?<=action: )\w+@v\d|(?<=branch: )\w+(?=\})|(?<=\$\{\{ \$)\w+)"
)


def _words_of_scripts(text: str) -> Iterator[Word]:
    """Yield what a vendor's script, which stands in a block of text, is written in."""
    for block in re.finditer(r"script: \|\n((?: {14}.*\n)+)", text):
        for word in _SCRIPT_WORD.finditer(block[1]):
            start, end = block.start(1) + word.start(), block.start(1) + word.end()
            yield Word("a.script.word", start, end, word[0], is_key=word["key"] is not None)


# -- what is done to them ---------------------------------------------------------------------------------


def _shorter(word: str) -> str:
    """Return a word without a letter in its middle, or with one twice where it is too short for that."""
    middle = len(word) // 2
    return word[:middle] + word[middle + 1 :] if len(word) > 3 else word + word[-1:]


def _turned(word: str) -> str:
    """Return a word of which two neighbours have changed places."""
    for place in range(len(word) - 2, 0, -1):
        if word[place] != word[place - 1]:
            return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]
    return word + "x"


def _of_key(word: Word) -> Iterator[str]:
    if CHOSEN_FREELY.fullmatch(word.path) or word.raw.startswith('"'):
        return
    yield _shorter(word.raw)
    if len(word.raw) > 3 and word.path.count(".") % 2:
        yield _turned(word.raw)


def _of_value(word: Word) -> Iterator[str]:
    if FREE_TEXT.fullmatch(word.path) and word.path != "a.script.word":
        return
    quote = word.raw[0] if word.raw[:1] in ("'", '"') else ""
    bare = word.raw.strip(quote) if quote else word.raw
    if bare.isdigit() and int(bare) and word.path.endswith(BELOW_ZERO):
        yield f"{quote}-{bare}{quote}"
    for pattern, change in _CHANGES:
        if match := re.fullmatch(pattern, bare, re.DOTALL):
            yield from (after if after.startswith("!") else quote + after + quote for after in change(match))
            return


def _of_number(match: re.Match[str]) -> Iterator[str]:
    yield match[0][:-1] + "o"
    yield match[0].removeprefix("+")


def _of_length(match: re.Match[str]) -> Iterator[str]:
    yield match[0].rstrip("smhd")
    yield match[0] + "ec"


def _of_range(match: re.Match[str]) -> Iterator[str]:
    yield f"{match[2]}..{match[1]}"
    yield f"{match[1]}.{match[2]}"


def _of_share(match: re.Match[str]) -> Iterator[str]:
    yield match[0].removesuffix("%")
    yield f"{match[0]}%"


def _of_address(match: re.Match[str]) -> Iterator[str]:
    yield match[0].replace("http", "htp", 1)
    if "{" in match[0]:
        yield re.sub(r"\{(\w+)\}", lambda hole: "{" + _shorter(hole[1]) + "}", match[0], count=1)


def _of_phrase(match: re.Match[str]) -> Iterator[str]:
    """Change the first word of several, and leave all others out, where that is no phrase of its own."""
    first, _, rest = match[0].partition(" ")
    if first.isdigit():
        yield f"{first} {_shorter(rest)}"
        return
    yield f"{_shorter(first)} {rest}"
    if whom := re.search(r" to \\?\"(\+\d+)", rest):  # a number that nobody owns
        last = str((int(whom[1][-1]) + 5) % 10)
        yield f"{first} {rest[: whom.end(1) - 1]}{last}{rest[whom.end(1) :]}"
    if first in ("advance", "call", "text", "balance", "top_up", "status", "cut", "hang", "first", "outage"):
        yield first


def _of_words(match: re.Match[str]) -> Iterator[str]:
    yield _shorter(match[0])
    yield _turned(match[0])


_LENGTH = r"(?:\d+(?:ms|[smhd]))+"
_CHANGES: tuple[tuple[str, Callable[[re.Match[str]], Iterator[str]]], ...] = (
    (r"\+\d{7,}", _of_number),
    (r"\+\d+\*+", lambda match: iter((match[0].replace("*", "x"), match[0][1:]))),
    (_LENGTH, _of_length),
    (rf"({_LENGTH})\.\.({_LENGTH})", _of_range),
    (r"(\d+%)\.\.(\d+%)", _of_range),
    (r"[\d.]+%", _of_share),
    (r"https?://.*", _of_address),
    (
        r"\d\d:\d\d-\d\d:\d\d",
        lambda match: iter((match[0].replace("-", " to "), match[0].replace(":", ".", 1))),
    ),
    (r"\d{4}-.*", lambda match: iter((match[0].replace("T", " "), match[0][:10]))),
    (r"\+\d.*[a-z]", lambda match: iter((match[0][1:], match[0][:-1]))),
    (r"\+\d+", lambda match: iter((match[0][1:],))),
    (r"-?[\d.]+", lambda match: iter((f"{match[0]}o",))),
    (r"(\w+)\.(\w+|\*)", lambda match: iter((f"{_shorter(match[1])}.{match[2]}", f"{match[1]}{match[2]}"))),
    (r".* .*", _of_phrase),
    (r"[A-Za-z][\w./@-]+", _of_words),
)
