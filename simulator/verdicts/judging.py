"""The judge: each word of a scenario's `expect` against the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulator.scenario.expectations import Expectation
from simulator.verdicts.callbacks import judge_hook, judge_hooks
from simulator.verdicts.calls import judge_call, judge_calls
from simulator.verdicts.client import judge_client
from simulator.verdicts.contracts import judge_contract, judge_coverage, judge_real_time
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Judged, Verdict, spell
from simulator.verdicts.messages import judge_message, judge_messages
from simulator.verdicts.requests import judge_request

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
