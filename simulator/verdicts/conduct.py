"""Conduct that is judged without a word of the scenario: what no client of any vendor may do.

Each subject speaks only where it is sure, so that it accuses nobody who behaves; a scenario that expects
something of the same subject says more, and has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from simulator.errors import UnknownName
from simulator.exchange import Exchange
from simulator.scenario.expectations import Expectation
from simulator.scenario.values import Counts
from simulator.verdicts.blocked_numbers import advise_on_blocked
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, Verdict
from simulator.verdicts.handling import judge_handling
from simulator.verdicts.impossible_numbers import advise_on_numbers, judge_numbers
from simulator.verdicts.literals import judge_literals
from simulator.verdicts.night import judge_nights
from simulator.verdicts.pages import advise_on_pages, judge_pages
from simulator.verdicts.polling import advise_on_waits, judge_breathless, judge_unknown_ids
from simulator.verdicts.receivers import (
    advise_on_receivers,
    judge_failing,
    judge_lateness,
    judge_order,
    judge_signature,
)
from simulator.verdicts.repeats import advise_on_repeats, judge_repeats
from simulator.verdicts.sent_values import advise_on_secrets, judge_secrets
from simulator.verdicts.waiting import judge_waiting

CONDUCT = "conduct"
"""The place of a verdict on what no scenario has to say."""

Judge = Callable[[Evidence], Iterable[Finding]]
Pardons = Sequence[tuple[str, str]]
"""Pairs of a vendor, or `*`, and a subject that its client need not answer for."""


class Subject(Struct, frozen=True):
    """One kind of conduct, by its `rule`; `expected` are the words of a scenario that take its place."""

    rule: str
    judge: Judge
    expected: tuple[tuple[str, str], ...]
    advise: Callable[[Evidence], Iterable[str]] = lambda _evidence: ()


def _none(judge: Callable[[Counts, Sequence[Exchange], Evidence], Finding]) -> Judge:
    """Return the judge by which there may be none of something in all requests."""
    return lambda evidence: [judge(Counts(0, 0), evidence.exchanges, evidence)]


SUBJECTS: Mapping[str, Subject] = {
    "double_dials": Subject(
        "nobody is called or written to twice for one request",
        _none(judge_repeats),
        (("client", "double_dials"),),
        advise_on_repeats,
    ),
    "honours": Subject(
        "a client waits after a refusal, and longer each time at a vendor that is down",
        lambda evidence: judge_waiting(evidence.exchanges, evidence, lenient=True),
        (("client", "honours"),),
    ),
    "polls": Subject(
        "the same is asked with pauses, and not again once it is over",
        judge_breathless,
        (("client", "polls"),),
        advise_on_waits,
    ),
    "pages": Subject(
        "pages are read from the first on, and none of their rows twice or never",
        judge_pages,
        (),
        advise_on_pages,
    ),
    "unknown_ids": Subject(
        "what is always refused is not asked for again and again",
        _none(judge_unknown_ids),
        (("client", "unknown_ids"),),
    ),
    "literals": Subject(
        "every value is meant: none is a name of nothing, an object, or text that nobody finished",
        _none(judge_literals),
        (("client", "literals"),),
    ),
    "secrets_in_url": Subject(
        "no key stands in an address where a body could carry it, nor in any other value",
        _none(judge_secrets),
        (("client", "secrets_in_url"),),
        advise_on_secrets,
    ),
    "numbers": Subject(
        "every number can exist, and none is blocked",
        judge_numbers,
        (),
        lambda evidence: chain(advise_on_numbers(evidence), advise_on_blocked(evidence)),
    ),
    "hours": Subject("nobody is rung at night", judge_nights, (("calls", "outside"),)),
    "handled_once": Subject(
        "a callback that comes twice has one effect",
        lambda evidence: [judge_handling(evidence)],
        (("hooks", "handled_once"),),
    ),
    "receivers": Subject(
        "callbacks are answered 2xx, in time",
        lambda evidence: [judge_failing(Counts(0, 0), evidence)],
        (("hooks", "failed"), ("hook", "delivered")),
        advise_on_receivers,
    ),
    "signature": Subject(
        "a callback is taken if its signature is right, and only then",
        lambda evidence: [judge_signature(evidence)],
        (("hooks", "signature"),),
    ),
    "order": Subject(
        "a callback that comes out of order is taken",
        lambda evidence: [judge_order(evidence)],
        (("hooks", "order"),),
    ),
    "late": Subject(
        "a callback that comes late is taken",
        lambda evidence: [judge_lateness(evidence)],
        (("hooks", "late"),),
    ),
}


def find_subject(name: str) -> str:
    """Return the name of a subject; raises UnknownName, which lists those there are."""
    if name not in SUBJECTS:
        raise UnknownName("subject of conduct", name, [*SUBJECTS])
    return name


class Conduct(Struct, frozen=True):
    """What was found of each subject: `broken` in full, `advice` that fails nothing, and of the others names.

    `unjudged` tells why; `idle` are subjects for which nothing happened that could be judged.
    """

    broken: tuple[Verdict, ...] = ()
    kept: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    unjudged: tuple[tuple[str, str], ...] = ()
    advice: tuple[str, ...] = ()

    def write(self) -> Iterator[str]:
        """Yield lines for people: what is broken, advice, and one line for everything else."""
        for verdict in self.broken:
            yield verdict.write()
        for line in self.advice:
            yield f"advice: {line}"
        parts = [f"kept: {', '.join(self.kept)}"] if self.kept else []
        parts += [f"no occasion: {', '.join(self.idle)}"] if self.idle else []
        parts += [f"not judged: {name} ({why})" for name, why in self.unjudged]
        if parts:
            yield f"conduct: {'; '.join(parts)}"


def join_conduct(parts: Iterable[Conduct]) -> Conduct:
    """Return the conduct in several worlds as one: what was kept in one may be broken in another."""
    several = [*parts]
    broken = tuple(verdict for one in several for verdict in one.broken)
    spoilt = {verdict.expected for verdict in broken}
    kept = [name for one in several for name in one.kept if name not in spoilt]
    unjudged = {name: why for one in several for name, why in one.unjudged if name not in spoilt}
    advice = dict.fromkeys(line for one in several for line in one.advice)
    judged = spoilt.union(kept, unjudged, (line.partition(":")[0] for line in advice))
    idle = [name for one in several for name in one.idle if name not in judged]
    return Conduct(
        broken, tuple(_in_order(kept)), tuple(_in_order(idle)), tuple(unjudged.items()), tuple(advice)
    )


def _in_order(names: Sequence[str]) -> list[str]:
    """Return the names of subjects once each, in the order of SUBJECTS."""
    return [name for name in SUBJECTS if name in names]


def judge_conduct(
    evidence: Evidence,
    expected: Sequence[Expectation] = (),
    allowed: Pardons = (),
) -> Conduct:
    """Judge each subject that no expectation covers, but for what is `allowed`."""
    pardons = allowed
    broken: list[Verdict] = []
    kept, idle, unjudged, advice = [], [], [], []
    for name, subject in SUBJECTS.items():
        spared = frozenset(vendor for vendor, pardoned in pardons if pardoned == name)
        if "*" in spared or _is_expected(subject, expected):
            continue
        seen = _without(evidence, spared)
        findings = [*subject.judge(seen)]
        advised = [f"{name}: {line}" for line in subject.advise(seen)]
        advice += advised
        wrong = [finding for finding in findings if finding.held is False]
        broken += [finding.verdict(CONDUCT, name, subject.rule) for finding in wrong]
        if wrong:
            continue
        if any(finding.held for finding in findings):
            kept.append(name)
        elif evidence.gap and any(finding.found == evidence.gap for finding in findings):
            unjudged.append((name, evidence.gap))
        elif not advised:
            idle.append(name)
    return Conduct(tuple(broken), tuple(kept), tuple(idle), tuple(unjudged), tuple(advice))


def _is_expected(subject: Subject, expected: Iterable[Expectation]) -> bool:
    return any(
        getattr(getattr(entry, about), word) is not None
        for entry in expected
        for about, word in subject.expected
        if getattr(entry, about) is not None
    )


def _without(evidence: Evidence, spared: frozenset[str]) -> Evidence:
    """Return the evidence without that of some vendors."""
    if not spared:
        return evidence
    left = [exchange for exchange in evidence.exchanges if exchange.vendor not in spared]
    return replace(evidence, exchanges=left, spared=spared)
