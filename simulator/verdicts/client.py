"""Verdicts on the client's conduct, word by word as a scenario expects it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simulator.exchange import Exchange
from simulator.scenario import microsyntax as phrases
from simulator.scenario.expectations import ExpectedClient
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, counted, describe
from simulator.verdicts.literals import judge_literals
from simulator.verdicts.polling import judge_polls
from simulator.verdicts.repeats import judge_repeats
from simulator.verdicts.secrets_shown import judge_secrets
from simulator.verdicts.unknown_ids import judge_unknown_ids
from simulator.verdicts.waiting import judge_waiting


def judge_client(expected: ExpectedClient, evidence: Evidence) -> Iterator[Finding]:
    """Judge the requests at a place, word by word."""
    exchanges = evidence.within(expected.where)
    subject = {"where": expected.where} if expected.where else {}
    if expected.honours is not None:
        words = {**subject, "honours": expected.honours}
        yield _honours(words, exchanges, evidence)
    if expected.refused is not None:
        yield _refused({**subject, "refused": expected.refused}, exchanges, evidence)
    judges = {
        "double_dials": judge_repeats,
        "polls": judge_polls,
        "unknown_ids": judge_unknown_ids,
        "literals": judge_literals,
        "secrets_in_url": judge_secrets,
    }
    for word, judge in judges.items():
        if (told := getattr(expected, word)) is not None:
            yield judge({**subject, word: told}, exchanges, evidence)


def _honours(words: Mapping[str, object], exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge waiting: a client that hammered is told so, else whether it heeded refusals."""
    *_, finding = judge_waiting(words, exchanges, evidence)
    return finding


def _refused(words: Mapping[str, object], exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    band = phrases.BAND.read(words["refused"])
    refused = [each for each in exchanges if each.rate_limit]
    if not exchanges or evidence.gap:
        return Finding(words, None, evidence.gap or "no such request was made")
    share = len(refused) / len(exchanges)
    found = f"{share:.1%}: {len(refused)} of {counted(len(exchanges), 'request')}"
    shown = [f"{describe(each)} {each.rule}" for each in refused]
    advice = "let the client pace itself below the limit instead of finding it out by refusals"
    return Finding(words, float(band.low) <= share <= float(band.high), found, shown, advice)
