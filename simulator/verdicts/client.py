"""Verdicts on the client's conduct, word by word as a scenario expects it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulator.exchange import Exchange
from simulator.scenario.expectations import ExpectedClient
from simulator.scenario.values import Band
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, Judged, counted, describe, judge_words
from simulator.verdicts.literals import judge_literals
from simulator.verdicts.polling import judge_polls
from simulator.verdicts.repeats import judge_repeats
from simulator.verdicts.secrets_shown import judge_secrets
from simulator.verdicts.unknown_ids import judge_unknown_ids
from simulator.verdicts.waiting import judge_waiting


def judge_client(expected: ExpectedClient, written: Mapping[str, object], evidence: Evidence) -> Judged:
    """Judge the requests at a place, word by word."""
    judges: Mapping[str, Callable[..., Finding]] = {
        "honours": _honours,
        "refused": _refused,
        "double_dials": judge_repeats,
        "polls": judge_polls,
        "unknown_ids": judge_unknown_ids,
        "literals": judge_literals,
        "secrets_in_url": judge_secrets,
    }
    exchanges = evidence.within(expected.where)
    return judge_words(judges, expected, written, exchanges, evidence, about="where")


def _honours(_after: str, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge waiting: a client that hammered is told so, else whether it heeded refusals."""
    *_, finding = judge_waiting(exchanges, evidence)
    return finding


def _refused(band: Band, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    refused = [exchange for exchange in exchanges if exchange.rate_limit]
    if not exchanges or evidence.gap:
        return Finding(None, evidence.gap or "no such request was made")
    share = len(refused) / len(exchanges)
    text = f"{share:.1%}: {len(refused)} of {counted(len(exchanges), 'request')}"
    shown = [f"{describe(exchange)} {exchange.rule}" for exchange in refused]
    advice = "let the client pace itself below the limit instead of finding it out by refusals"
    return Finding(share in band, text, shown, advice)
