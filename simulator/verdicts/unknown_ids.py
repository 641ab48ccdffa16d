"""Verdict on insisting: what a vendor refuses for what the world is, it refuses again until that changes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simulator.exchange import Exchange
from simulator.scenario.values import Counts
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, counted, describe
from simulator.verdicts.repetition import RequestIdentity, question_of

OFTEN = 3
"""So many times is no chance and no second look."""

NOT_BY_STATE = frozenset({401, 403, 405, 429})
_REFUSED = re.compile(r"refusal\b|.*\[(?:documented|observed|inferred)\]")
_NO_REFUSAL = re.compile(r"limit|fault|scenario|bug|replay|admitted|clamp|cut")
ADVICE = (
    "is the id the one that the vendor answered, whole, and of this account? "
    "Look at the refusal, and stop asking once it is final"
)


def judge_unknown_ids(allowed: Counts, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge how much was asked again and again that was always refused, against what is `allowed`."""
    asked: dict[RequestIdentity, list[Exchange]] = {}
    for exchange in exchanges:
        if exchange.operation is not None and not exchange.rate_limit and not exchange.lost:
            asked.setdefault(question_of(exchange), []).append(exchange)
    refused = [crowd for crowd in asked.values() if all(map(refused_by_state, crowd))]
    insisting = [crowd for crowd in refused if len(crowd) >= OFTEN]
    if not insisting and (evidence.gap or not refused):
        return Finding(None, evidence.gap or "nothing was refused for what it named")
    held = len(insisting) in allowed
    text = f"{counted(len(insisting), 'question')} asked again and again in vain"
    for worst in insisting[:1]:
        text += f", first {describe(worst[0])} {len(worst)} times: {worst[0].rule or worst[0].answer.status}"
    return Finding(held, text, [exchange.id for crowd in insisting for exchange in crowd], ADVICE)


def refused_by_state(exchange: Exchange) -> bool:
    """Tell whether the vendor refused a sound request for what the world is: an unknown id, no funds."""
    rule = exchange.rule or ""
    if exchange.staged or _NO_REFUSAL.match(rule):
        return False
    if any(violation.blame == "client" for violation in exchange.violations):
        return False
    status = exchange.answer.status
    return status not in NOT_BY_STATE and (400 <= status < 500 or _REFUSED.match(rule) is not None)
