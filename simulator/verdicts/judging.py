"""The judge: each word of a scenario's `expect` against the evidence."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenario.expectations import Expectation
from simulator.verdicts.callbacks import judge_hook, judge_hooks
from simulator.verdicts.calls import judge_call, judge_calls
from simulator.verdicts.client import judge_client
from simulator.verdicts.contracts import judge_contract, judge_coverage, judge_real_time
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, Verdict, spell

JUDGES = {
    "call": judge_call,
    "calls": judge_calls,
    "hook": judge_hook,
    "hooks": judge_hooks,
    "client": judge_client,
    "contract": judge_contract,
    "coverage": judge_coverage,
    "real_time": judge_real_time,
}


def judge(evidence: Evidence) -> list[Verdict]:
    """Return a verdict for each word that the scenario expects, in its order; hold the world's lock."""
    return [verdict for expected in evidence.scenario.expect for verdict in _judge(expected, evidence)]


def _judge(expected: Expectation, evidence: Evidence) -> Iterator[Verdict]:
    for subject, judge_subject in JUDGES.items():
        said = getattr(expected, subject)
        if said is not None:
            findings: Iterator[Finding] = judge_subject(said, evidence)  # type: ignore[operator]
            for each in findings:
                words = f"{subject}: {spell(each.words or said)}"
                yield Verdict(expected.id, words, each.held, each.found, tuple(each.shown), each.advice)
