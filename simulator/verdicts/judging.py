"""The judge: each word of a scenario's `expect` against the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from simulator.errors import counted
from simulator.exchange import Exchange
from simulator.scenario.expectations import Expectation, ExpectedClient
from simulator.scenario.values import Band
from simulator.verdicts.callbacks import judge_hook, judge_hooks
from simulator.verdicts.calls import judge_call, judge_calls
from simulator.verdicts.contracts import judge_contract, judge_coverage, judge_real_time
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, Judged, Verdict, describe, judge_words, spell
from simulator.verdicts.literals import judge_literals
from simulator.verdicts.messages import judge_message, judge_messages
from simulator.verdicts.polling import judge_polls, judge_unknown_ids
from simulator.verdicts.repeats import judge_repeats
from simulator.verdicts.requests import judge_request
from simulator.verdicts.sent_values import judge_secrets
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
    return judge_words(judges, expected, written, exchanges, evidence, about=("where",))


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


JUDGES = {
    "call": judge_call,
    "calls": judge_calls,
    "message": judge_message,
    "messages": judge_messages,
    "request": judge_request,
    "hook": judge_hook,
    "hooks": judge_hooks,
    "client": judge_client,
    "contract": judge_contract,
    "coverage": judge_coverage,
    "real_time": judge_real_time,
}


def judge(expected: Iterable[tuple[Expectation, Mapping[str, Any]]], evidence: Evidence) -> list[Verdict]:
    """Return a verdict for each word that is expected, in its order; hold the world's lock.

    Every expectation comes with the map that a scenario writes for it.
    """
    return [
        verdict for expectation, written in expected for verdict in _judge(expectation, written, evidence)
    ]


def _judge(expectation: Expectation, written: Mapping[str, Any], evidence: Evidence) -> Iterator[Verdict]:
    for subject, judge_subject in JUDGES.items():
        if (expected := getattr(expectation, subject)) is not None:
            judged: Judged = judge_subject(expected, written[subject], evidence)  # type: ignore[operator]
            for words, finding in judged:
                yield finding.verdict(expectation.id, f"{subject}: {spell(words)}")
