"""What came of a case: every judge's findings, and the outcome that they make together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from simulator.conformance.report import ViolationGroups
from simulator.engine.verification import verdicts_of
from simulator.reports.evidence import CaseEvidence, Finding, Outcome, Requirement, seen
from simulator.reports.ledger import finding_of
from simulator.suites.cases import THEMES, Case
from simulator.suites.conclusions import UNSUPPORTED, Conclusion, compare_field, compare_outcomes
from simulator.suites.requests import judge_requests
from simulator.suites.runs import SuiteRun
from simulator.suites.values import NoSuchValue, Truth, in_words
from simulator.suites.worlds import CaseWorld
from simulator.verdicts.conduct import judge_conduct
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Verdict
from simulator.web.masking import Masker

UNKNOWABLE = "what is true"
BY_LEVEL: dict[str, Outcome] = {"must": "FAIL", "should": "NON-STRICT", "info": "INFO"}


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """How a client took its turn: what it concluded, what it printed, why it is none, and what mends that."""

    conclusion: Conclusion
    printed: str = ""
    mistake: str = ""
    seconds: float = 0.0
    left: float | None = None
    fix: str = "print one line of JSON at the end, or end with code 0, 10, 11 or 12"


def not_supported(why: str) -> Turn:
    """Return the turn of a client that does not do a task."""
    return Turn(conclusion=Conclusion(outcome=UNSUPPORTED), mistake=why)


def judge_case(world: CaseWorld, turn: Turn, run: SuiteRun) -> CaseEvidence:
    """Judge a case when its client has had its turn; what was asked is noted in the record of the run."""
    sandbox, case = world.sandbox, world.case
    with sandbox.lock:
        evidence = world.evidence(turn.left)
        ours = [*_ours(world, evidence)]
        findings = [*_findings(world, evidence, turn)]
        masker = sandbox.recorder.masker
        masked = [*map(masker.exchange, (*evidence.exchanges, *evidence.callbacks))]
        fields = {name: masker.value(value, name) for name, value in turn.conclusion.fields.items()}
        arguments = {name: masker.value(value, name) for name, value in world.arguments.items()}
    for exchange in masked:
        run.record.ledger.note(exchange)
    exchanges, left_out = seen(masked)
    outcome, reason = _outcome(case, turn, ours, findings)
    is_new = case.since > run.version and outcome not in ("PASS", "BROKEN-US")
    return CaseEvidence(
        id=case.id,
        title=case.title,
        group=THEMES[case.theme],
        outcome="PENDING" if is_new else outcome,
        level=case.level,
        profile=case.profile,
        place=world.suite.place(case),
        requirement=Requirement(rule=case.source.rule, at=case.source.at, mark=case.source.mark),
        task=case.task.name,
        arguments=arguments,
        conclusion={"outcome": turn.conclusion.outcome, **fields} if turn.conclusion.outcome else {},
        findings=tuple(_masked(finding, masker) for finding in (*ours, *findings)),
        exchanges=exchanges,
        left_out=left_out,
        advice=case.advice,
        reason=reason,
        printed=masker.text(turn.printed[-2_000:]) if ours or findings else "",
        seconds=round(turn.seconds, 3),
        seed=str(sandbox.world.random.seed),
    )


def _masked(finding: Finding, masker: Masker) -> Finding:
    """Mask a finding; ids and sums that were concluded stay readable, keys never do."""
    mask = masker.known if finding.about == "conclusion" else masker.text
    texts = {name: mask(getattr(finding, name)) for name in ("subject", "asked", "arrived")}
    if finding.about == "conclusion":
        texts["example"] = mask(finding.example)
    return replace(finding, **texts)


def _outcome(
    case: Case, turn: Turn, ours: Iterable[Finding], findings: Iterable[Finding]
) -> tuple[Outcome, str]:
    """Return the outcome, and why where that is no finding."""
    if [*ours]:
        return "BROKEN-US", "the simulator broke its own contract, which is not the client's fault"
    if turn.conclusion.outcome == UNSUPPORTED:
        return "UNIMPLEMENTED", turn.mistake or "the client says that it does not do this"
    broken = [*findings]
    only_unsaid = not turn.conclusion.spoken and all(
        one.about == "conclusion" and one.arrived == "it is not said" for one in broken
    )
    if broken and only_unsaid:
        return "UNIMPLEMENTED", "the client ended with a code, and this case asks what it concluded"
    return (BY_LEVEL[case.level] if broken else "PASS"), ""


def _ours(world: CaseWorld, evidence: Evidence) -> Iterator[Finding]:
    """Yield what the simulator did wrong."""
    for line in world.sandbox.recorder.bugs.lines:
        yield Finding(about="simulator", subject="bug", asked="no failure of ours", arrived=line)
    for exchange in evidence.exchanges:
        for one in exchange.violations:
            if one.blame != "client":
                yield Finding(
                    about="simulator",
                    subject=f"{one.code} at {one.where}",
                    asked=one.asked,
                    arrived=one.arrived,
                    source=one.source,
                    exchanges=(exchange.id,),
                )


def _findings(world: CaseWorld, evidence: Evidence, turn: Turn) -> Iterator[Finding]:
    if turn.conclusion.outcome == UNSUPPORTED:
        return
    silent = not evidence.exchanges and not turn.mistake and not world.case.expect.may_be_silent
    if silent:
        yield Finding(
            about="command",
            subject="nothing was asked",
            asked=f"requests to the vendor at {world.suite.vendor.upper()}_BASE_URL",
            arrived="none",
            fix="use the base URL that comes with the task",
        )
    if turn.mistake or turn.conclusion.mistake:
        yield Finding(
            about="command",
            subject="the command",
            asked="a conclusion",
            arrived=turn.mistake or turn.conclusion.mistake,
            fix=turn.fix,
        )
    yield from _breaches(evidence)
    if not silent:  # else each thing that it had to bring would be told as well
        yield from judge_requests(world.case, evidence.exchanges)
    yield from _conduct(evidence, world)
    if not turn.mistake and not turn.conclusion.mistake:
        yield from _concluded(world, world.truth(evidence), turn.conclusion)


def _breaches(evidence: Evidence) -> Iterator[Finding]:
    """Yield each mistake in the requests once, with the nearest example that keeps the contract."""
    groups = ViolationGroups()
    for exchange in evidence.exchanges:
        own = [breach for one, breach in evidence.breaches if one.id == exchange.id]
        groups.note(replace(exchange, violations=tuple(own)))
    yield from map(finding_of, groups)


def _conduct(evidence: Evidence, world: CaseWorld) -> Iterator[Finding]:
    """Yield what is broken of the conduct that nobody has to name, and of what the case expects."""
    scenario, pardons = world.sandbox.scenario, [("*", subject) for subject in world.case.pardoned]
    for verdict in judge_conduct(evidence, scenario.expect, pardons).broken:
        asked = f"{verdict.expected} is kept"
        yield replace(_finding(verdict), about="conduct", asked=asked, fix=verdict.advice)
    for verdict in verdicts_of(scenario, evidence):
        if verdict.held is False:
            yield replace(_finding(verdict), fix=world.case.advice, source=verdict.place)


def _finding(verdict: Verdict) -> Finding:
    """Return a verdict that was not kept as a finding on what was sent."""
    return Finding(
        about="wire",
        subject=verdict.expected,
        asked=verdict.expected,
        arrived=verdict.found,
        exchanges=tuple(verdict.shown[:5]),
    )


def _concluded(world: CaseWorld, truth: Truth, conclusion: Conclusion) -> Iterator[Finding]:
    """Yield where the client concluded what is not so."""
    case, task = world.case, world.suite.task_of(world.case)
    expected = dict(case.expect.conclusion)
    outcome = expected.pop("outcome", None)
    if outcome is not None and (wrong := compare_outcomes(conclusion, outcome)):
        yield _mismatch(case, wrong.field, wrong.asked, wrong.arrived)
        return
    first = outcome[0] if isinstance(outcome, list) else outcome
    for name, value in expected.items() if first in (None, conclusion.outcome) else ():
        try:
            true = truth.of(value)
        except NoSuchValue as error:
            asked = f"{UNKNOWABLE}: {in_words(value)}"
            yield _mismatch(case, name, asked, f"it cannot be known: {error.message}")
            continue
        if wrong := compare_field(name, task.conclusion[name].kind, true, conclusion):
            strays = "".join(
                f"; {other!r} is no field of this task"
                for other in conclusion.fields
                if name not in conclusion.fields and other not in task.conclusion
            )
            yield _mismatch(case, name, wrong.asked, wrong.arrived + strays)


def _mismatch(case: Case, field: str, asked: str, arrived: str) -> Finding:
    """Return a finding about what was concluded, with a conclusion that would be right."""
    outcome = case.expect.conclusion.get("outcome", "")
    first = f'"outcome": "{outcome[0] if isinstance(outcome, list) else outcome}"'
    right = first if field == "outcome" else f'{first}, "{field}": {asked}'
    return Finding(
        about="conclusion",
        subject=field,
        asked=asked,
        arrived=arrived,
        fix=case.advice,
        example=f"{{{right}}}" if outcome and not asked.startswith(UNKNOWABLE) else "",
    )
