"""Verdict on values that were never meant: what a program writes where it had nothing, or the wrong thing.

Such is the name of a missing value, as `undefined`; an object as a language prints it; and text whose letters
were read by another alphabet than that in which they were written. In words that people hear or read it is
also a template that was not filled in, text that was encoded once too often, and a sum that nobody rounded.
All are told only where no text could mean them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from urllib.parse import unquote_to_bytes

from simulator.errors import counted
from simulator.exchange import Exchange
from simulator.scenario.values import Counts
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, describe
from simulator.verdicts.sent_values import SentValue, sent_values

WHOLE = frozenset({"undefined", "null", "NaN", "nan", "None", "[object Object]", "Invalid Date"})
"""What JavaScript and Python write for nothing: wrong wherever it is all there is."""

_WITHIN = re.compile(
    r"""\[object [A-Z][A-Za-z]{1,40}\]
    | (?<![^\W_]|['"-])(?:undefined|NaN)(?![^\W_]|['"-])
    | \ufffd                                                                        # a letter that was lost
    | <nil> | %![a-zA-Z]\((?:MISSING|PANIC|<nil>|[a-z]\w{0,40}=) | %!\(EXTRA         # Go
    | <[A-Za-z_][^<>]{0,80}(?:<locals>[^<>]{1,80})?[ ]at[ ]0x[0-9a-fA-F]{6,16}>      # Python
    | <[A-Z]\w{0,40}\.[A-Z][A-Z0-9_]{0,40}:[ ][^<>]{1,60}>
    | (?<!\w)(?:datetime\.(?:date|datetime|time|timedelta)\(\w | (?:Decimal|UUID)\(['"])
    | \#<[A-Z][\w:]{0,80}:0x[0-9a-f]{6,16}                                           # Ruby
    | \.[A-Z]\w{0,60}@[0-9a-f]{6,8}(?![\w.-])                                        # Java, Kotlin
    | System\.(?:Collections\.Generic\.\w|Threading\.Tasks\.Task|(?:String|Object)\[\])
    | \[(?:Async)?Function(?::[ ]\w{1,80}|[ ]\(anonymous\))\] | Promise[ ]\{[ ]<        # Node
    | \bfunction[ ]?\w{0,40}\([\w,\ ]{0,80}\)[ ]?\{
    """,
    re.VERBOSE,
)
"""What no sentence for people has: `null` and `None` are words, so in a longer text they are left alone."""

_BYTES = re.compile(r"""b(['"]).*\1""", re.DOTALL)
"""What Python writes for bytes: wrong where it is all there is."""

_SEPARATORS = re.compile(r"[,;|^\r\n]+")

_UNFILLED = re.compile(
    r"""\{\{[^{}\n]{1,60}\}\} | \$\{[^{}\n]{1,60}\} | <%[^%<>\n]{1,60}%> | \{[A-Za-z_][\w.]{0,40}\}
    | %\(\w{1,40}\)s | (?<![\w%])%s(?!\w)
    | <<[A-Za-z][\w ]{1,40}>> | \[(?i:first|last|full|user|customer|client)[ _-]?(?i:name)\]
    | (?<![\w%])%(?i:(?:first|last|full|user|customer|client)?_?name|code|amount|order_?(?:id|number))%(?!\w)
    """,
    re.VERBOSE,
)
"""A place in a template where a value should stand."""

_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,5});")
_ESCAPED = re.compile(r"[^\W\d]{2,40}(?:%20|\+)[^\W\d]{2,40}(?:%20|\+)[^\W\d]{2,40}")
"""Words with what a form writes for a blank."""

_OCTETS = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,400} | (?:=[0-9A-F]{2}){2,400}", re.VERBOSE)
"""Letters as a form or a mail writes them, if they are any."""

_IN_SOURCE = re.compile(
    r"""\\u[0-9a-fA-F]{4} | (?:\\x[0-9a-f]{2}){2} | \\r\\n | \\n\\n | (?<=[^\W\d][.,;!?])\\n | :\\/\\/
    | \{'[^'{}]{1,40}':[ ] | \{(?::\w{1,40}|"\w{1,40}")=>""",
    re.VERBOSE,
)
"""Letters, ends of lines and maps as sources of programs have them; a path like `C:\\x64\\new` has none."""

_LONG_FRACTION = re.compile(r"(?<![\w.])\d{1,12}\.\d{6,20}(?![\w.])")
_REST = re.compile(r"0{6}|9{6}")
"""What a float has on its way to the rest of a sum: 0.30000000000000004, 1.7999999999999998."""

_TAG = re.compile(
    r"</(?:p|b|i|u|a|em|strong|span|div|h[1-6]|ul|li|body|html)> | <br[ ]?/?>", re.VERBOSE | re.IGNORECASE
)

_GAPS = {"cp1252": (0x81, 0x8D, 0x8F, 0x90, 0x9D), "cp1251": (0x98,)}
"""The alphabets in which UTF-8 is read by mistake, and the bytes that are no letter of theirs."""

_BYTE_OF = {
    codec: {ord(bytes([byte]).decode(codec)): byte for byte in range(128, 256) if byte not in gaps}
    for codec, gaps in _GAPS.items()
}
_PROOF = {"cp1252": 1, "cp1251": 2}
"""So many letters have to come out of it: a Russian text may have two that happen to be one."""

ADVICE = (
    "look where the value is made: leave out what the client does not have, fill templates in, "
    "and encode text once, as UTF-8"
)


def judge_literals(allowed: Counts, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge the values of all requests for names of missing ones, of which some are `allowed`."""
    met = [(exchange, value, word) for exchange in exchanges for value, word in _literals(exchange, evidence)]
    if not exchanges or (evidence.gap and not met):
        return Finding(None, evidence.gap or "nothing was asked")
    places = dict.fromkeys((exchange.operation, value.name) for exchange, value, _ in met)
    text = f"{counted(len(met), 'value')} in {counted(len(places), 'place')}" if met else "none was sent"
    for exchange, value, word in met[:1]:
        text += f", first {word} as {value.name} in the {value.where} of {describe(exchange)}"
    shown = [f"{exchange.id} {value.name}: {word.rstrip(',')}" for exchange, value, word in met]
    return Finding(len(met) in allowed, text, [*dict.fromkeys(shown)], ADVICE)


def _literals(exchange: Exchange, evidence: Evidence) -> Iterator[tuple[SentValue, str]]:
    """Yield the values that are literals, where the contract's judge has not told so already."""
    blamed = {violation.where for violation in exchange.violations if violation.blame == "client"}
    values = [value for value in sent_values(exchange) if value.name not in blamed]
    if "body" in blamed:  # which could not be read
        values = [value for value in values if value.where != "body"]
    for value in values:
        if literal := literal_in(value.text):
            yield value, literal
    for words, is_read in _words_for_people(exchange, evidence).items():
        if flaw := flaw_in(words, is_read=is_read):
            yield next((one for one in values if one.text == words), SentValue("body", "a text", words)), flaw


def _words_for_people(exchange: Exchange, evidence: Evidence) -> dict[str, bool]:
    """Return what a request had somebody hear from a voice, and what it had somebody read (True)."""
    calls, messages = evidence.placed_by(exchange), evidence.sent_by(exchange)
    scripts = (call.order.script for call in calls if call.order.script != call.campaign.script)
    spoken = (script.opening.text for script in scripts if script is not None)
    return dict.fromkeys(spoken, False) | {message.letter.text: True for message in messages}


def literal_in(text: str) -> str | None:
    """Return the literal that a value is or has in it: alone, as one of a list, or as a word of its own."""
    plain = text.strip()
    if plain in WHOLE or _BYTES.fullmatch(plain):
        return repr(plain[:60])
    if match := _WITHIN.search(text):
        return repr(match[0])
    if " " not in plain and _SEPARATORS.search(plain):
        return next((repr(entry) for entry in _SEPARATORS.split(plain) if entry in WHOLE), None)
    return _written_twice(plain) or _misread(plain)


def _written_twice(text: str) -> str | None:
    """Return JSON within JSON: a text in quotes, escapes and all, that holds an object or a list; or None."""
    if text[:2] not in ('"{', '"[') or text[-2:] not in ('}"', ']"'):
        return None
    with suppress(ValueError, RecursionError):
        return (
            f"{text[:60]}, which is JSON within JSON,"
            if isinstance(json.loads(json.loads(text)), dict | list)
            else None
        )
    return None


def _misread(text: str) -> str | None:
    """Return what UTF-8 became that was read by another alphabet, and what it was, or None."""
    for codec, byte_of in () if text.isascii() else _BYTE_OF.items():
        try:
            meant = text.translate(byte_of).encode("latin-1").decode()
        except UnicodeError:
            continue
        if len([letter for letter in meant if not letter.isascii()]) >= _PROOF[codec]:
            return f"{text[:60]!r}, which is {meant[:40]!r} in UTF-8 read as {codec},"
    return None


def flaw_in(words: str, *, is_read: bool = False) -> str | None:
    """Return what in words for people stands for something else, as `{name}`, `&amp;` and `a%20b` do.

    Tags are told where the words are read as they are (`is_read`): a voice may know some.
    """
    if match := _UNFILLED.search(words):
        return f"{match[0]!r}, which nobody filled in,"
    markup = _TAG.search(words) if is_read else None
    if match := markup or (None if "<" in words else _ENTITY.search(words)):  # in markup it has its place
        return f"{match[0]!r}, which is HTML,"
    if match := _IN_SOURCE.search(words):
        return f"'{match[0]}', which only the source of a program has,"
    return _unrounded(words) or _encoded_twice(words)


def _unrounded(words: str) -> str | None:
    """Return a float as programs print it that is a little off what it is to be, or None."""
    fractions = (match[0] for match in _LONG_FRACTION.finditer(words))
    rests = (text for text in fractions if _REST.search(text) and repr(float(text)) == text)
    return next((f"{text!r}, which nobody rounded," for text in rests), None)


def _encoded_twice(words: str) -> str | None:
    """Return the first escapes in words that are letters, `a%20b%20c` or `=C3=A9`; none of an address."""
    if "://" in words:
        return None
    if " " not in words and (match := _ESCAPED.search(words)):
        return f"{match[0][:60]!r}, which was encoded twice,"
    for match in _OCTETS.finditer(words):
        octets = unquote_to_bytes(match[0].replace("=", "%"))
        with suppress(UnicodeError):
            if (letters := octets.decode()).isprintable() and not letters.isascii():
                return f"{match[0][:60]!r}, which is {letters[:20]!r} encoded,"
    return None
