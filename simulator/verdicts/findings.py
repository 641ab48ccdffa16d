"""What a verdict says: what was expected, whether it held, what was found, and what to look at next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import asdict

from simulator.errors import counted
from simulator.exchange import Exchange
from simulator.scenario.values import Band, Counts, Quantity
from simulator.telephony.phone_numbers import E164

MOST_SHOWN = 5
OUTCOMES = ("kept", "broken", "not judged")


class Finding(Struct, frozen=True):
    """The judgement of one expected word.

    `held` is None where it could not be judged, and `found` tells why. `shown` are the exchanges, calls and
    callbacks behind it, `advice` is what to do next where it did not hold, and `look` names what has more of
    it: one of the collections of the control API, which is not served everywhere.
    """

    held: bool | None
    found: str
    shown: Sequence[str] = ()
    advice: str = ""
    look: str = ""

    def verdict(self, place: str, expected: str, rule: str = "") -> Verdict:
        """Return it as the verdict on what is `expected` at a place, such as `file:line`."""
        found = {**asdict(self), "shown": tuple(self.shown)}
        return Verdict(place=place, expected=expected, rule=rule, **found)


Judged = Iterator[tuple[object, Finding]]
"""Words of a scenario, as they are written there, with what was found of them."""


def judge_words(
    judges: Mapping[str, Callable[..., Finding]],
    expected: object,
    written: Mapping[str, object],
    *evidence: object,
    about: Sequence[str] = (),
) -> Judged:
    """Judge each word that is `expected` by the judge of its name, which gets its value and the evidence.

    The words are shown as they are `written`, with those that say what they are `about`.
    """
    for word, judge in judges.items():
        if (value := getattr(expected, word)) is not None:
            shown = [name for name in (*about, word) if name in written]
            yield {name: written[name] for name in shown}, judge(value, *evidence)


class Verdict(Struct, frozen=True, kw_only=True):
    """One finding with its place: `place` is `file:line`, `expected` the scenario's words.

    Of conduct they are `conduct` and its subject, and `rule` says in a sentence what is asked.
    """

    place: str
    expected: str
    rule: str = ""
    held: bool | None
    found: str
    shown: tuple[str, ...] = ()
    advice: str = ""
    look: str = ""

    @property
    def outcome(self) -> str:
        """What is said of it in a word or two."""
        return OUTCOMES[(True, False, None).index(self.held)]

    def write(self) -> str:
        """Return the verdict as plain lines; only one that was not kept has more than one."""
        line = f"{self.outcome}: {self.place} {self.expected}"
        if self.held:
            return f"{line} ({self.found})"
        more = [f"  asked  {self.rule}"] if self.rule else []
        more += [f"  found  {self.found}"]
        more += [f"  see    {', '.join(self.shown[:MOST_SHOWN])}{self._others}"] if self.shown else []
        more += [f"  next   {self.advice}"] if self.advice and self.held is False else []
        return "\n".join([line, *more])

    @property
    def _others(self) -> str:
        more = len(self.shown) - MOST_SHOWN
        return f" and {more} more" if more > 0 else ""


def spell(value: object) -> str:
    """Return a value as a scenario writes it, in flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {spell(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    quoted = text.startswith("+") or not text or (text.isdecimal() and isinstance(value, str))
    return f'"{text}"' if quoted else text


def describe(exchange: Exchange) -> str:
    """Return how a request is named in a verdict."""
    return f"{exchange.id} ({exchange.vendor}.{exchange.operation or '?'})"


def tell_length(length: timedelta) -> str:
    """Return a length of time in seconds, as short as it can be said."""
    return f"{length.total_seconds():.4g}s"


def judge_each(allowed: Counts, counts: Mapping[E164, int], what: str, done: str, *, advice: str) -> Finding:
    """Judge how much of `what` each number got, by how much may be; `done` tells what was done to them."""
    wrong = [f"{number}: {counted(count, what)}" for number, count in counts.items() if count not in allowed]
    most = max(counts.values(), default=0)
    text = f"{counted(len(counts), 'number')} {done}, {counted(most, what)} to one at most"
    return Finding(not wrong, f"{len(wrong)} of {text}" if wrong else text, wrong, advice)


def judge_quantity(
    quantity: Quantity,
    amount: tuple[int, int],
    of: str,
    *,
    shown: Sequence[str],
    advice: str = "",
    look: str = "",
) -> Finding:
    """Judge an `amount`, how many of how many there are, by the count or the share that may be."""
    count, total = amount
    if isinstance(quantity, Counts):
        return Finding(count in quantity, f"{count:,} of {total:,} {of}", shown, advice, look)
    if not total:
        return Finding(None, f"there are no {of} to take a share of")
    held = isinstance(quantity, Band) and count / total in quantity
    return Finding(held, f"{count / total:.1%}: {count:,} of {total:,} {of}", shown, advice, look)
