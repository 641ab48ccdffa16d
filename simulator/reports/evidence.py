"""The evidence of a run: what was asked of the client, what it did and concluded, and what was found.

Everything in it is masked. It is one JSON file, whose `evidence` is the version of this format.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec.structs import replace

from simulator.errors import SimulatorError
from simulator.exchange import Exchange
from simulator.version import VERSION

FORMAT = 1
Outcome = Literal["PASS", "NON-STRICT", "INFO", "FAIL", "UNIMPLEMENTED", "PENDING", "BROKEN-US"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
MOST_EXCHANGES = 60
"""Of one case: so many are kept, those at the beginning and at the end."""


class UnreadableEvidence(SimulatorError):
    """A file that is no evidence of this version."""


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request or an answer: its body as text, or in base64 where it is none."""

    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    base64: bool = False


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An exchange as it is shown."""

    id: str
    at: str
    operation: str = ""
    method: str
    path: str
    query: str = ""
    status: int
    rule: str = ""
    callback: bool = False
    request: Message = Message()
    answer: Message = Message()


class Requirement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a case is about: the rule in our words, where it stands, and how sure that is."""

    rule: str
    at: str = ""
    mark: str = "documented"


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was not as it has to be, with what mends it; `about` says which judge found it."""

    about: Literal["contract", "conduct", "wire", "conclusion", "command", "simulator", "test"]
    subject: str
    asked: str
    arrived: str
    fix: str = ""
    source: str = ""
    mark: str = ""
    example: str = ""
    exchanges: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """By what the same finding is known in another run."""
        return f"{self.about}: {self.subject}"


class CaseEvidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One case of a run, or one test."""

    id: str
    title: str
    group: str
    outcome: Outcome
    level: str = "must"
    profile: str = ""
    place: str = ""
    requirement: Requirement | None = None
    task: str = ""
    arguments: dict[str, Any] = {}
    conclusion: dict[str, Any] = {}
    findings: tuple[Finding, ...] = ()
    exchanges: tuple[Seen, ...] = ()
    left_out: int = 0
    advice: str = ""
    reason: str = ""
    printed: str = ""
    seconds: float = 0.0
    scenario: str = ""
    seed: str = ""
    replay: str = ""
    accepted: bool = False

    @property
    def failed(self) -> bool:
        """Whether the client has to answer for it."""
        return self.outcome == "FAIL" and not self.accepted


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """Names of what there is: those that a run met, and those that it missed."""

    met: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def known(self) -> int:
        """How many there are."""
        return len(self.met) + len(self.missed)

    @property
    def share(self) -> float:
        """The share met, in percent."""
        return 100.0 * len(self.met) / self.known


class VendorCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """What of a vendor's contract a run met; `answers` are statuses and refusals of operations."""

    operations: Met
    parameters: Met
    answers: Met
    callbacks: Met

    @property
    def parts(self) -> dict[str, Met]:
        """What is counted, by name."""
        return {
            "operations": self.operations,
            "parameters": self.parameters,
            "statuses and errors": self.answers,
            "callbacks": self.callbacks,
        }

    @property
    def met(self) -> int:
        """How many of everything were met."""
        return sum(len(part.met) for part in self.parts.values())

    @property
    def known(self) -> int:
        """How many there are of everything."""
        return sum(part.known for part in self.parts.values())

    @property
    def share(self) -> float:
        """The mean of the shares of operations, parameters, answers and callbacks, in percent.

        There are far more refusals than operations, and each kind counts as much as any other.
        """
        shares = [part.share for part in self.parts.values() if part.known]
        return sum(shares) / len(shares) if shares else 100.0


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The evidence of a whole run. `contracts` are digests of what was judged by, by vendor."""

    evidence: Literal[1] = 1
    made_by: Literal["suite", "check", "pytest"]
    version: str = VERSION
    title: str = ""
    agent: str = ""
    command: str = ""
    started: str = ""
    seconds: float = 0.0
    seed: str = ""
    clock: str = ""
    suite: str = ""
    suite_version: int = 0
    suite_digest: str = ""
    contracts: dict[str, str] = {}
    cases: tuple[CaseEvidence, ...] = ()
    coverage: dict[str, VendorCoverage] = {}

    @property
    def counts(self) -> dict[str, int]:
        """How many cases had each outcome, those that none had left out."""
        outcomes = [case.outcome for case in self.cases]
        return {outcome: outcomes.count(outcome) for outcome in OUTCOMES if outcome in outcomes}


def render_evidence(evidence: Evidence) -> str:
    """Return the text of a file that `read_evidence` reads."""
    return msgspec.json.format(msgspec.json.encode(evidence), indent=1).decode() + "\n"


def read_evidence(file: Path) -> Evidence:
    """Read an evidence file; raises UnreadableEvidence."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Evidence)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableEvidence(
            f"{file}: no evidence of version {FORMAT}: {error}",
            "make one by `--report evidence=FILE` of `check` and `suite`,"
            " or by `pytest --simulator-report evidence=FILE`",
        ) from None


def seen(exchanges: Iterable[Exchange]) -> tuple[tuple[Seen, ...], int]:
    """Return masked exchanges as they are shown, and how many of very many were left out."""
    shown, half = [*exchanges], MOST_EXCHANGES // 2
    left_out = max(0, len(shown) - MOST_EXCHANGES)
    kept = [*shown[:half], *shown[-half:]] if left_out else shown
    return tuple(map(_seen, kept)), left_out


def _seen(exchange: Exchange) -> Seen:
    request, answer = exchange.request, exchange.answer
    return Seen(
        id=exchange.id,
        at=exchange.at.isoformat(),
        operation=exchange.operation or "",
        method=request.method,
        path=request.path,
        query=request.query,
        status=answer.status,
        rule=exchange.rule or "",
        callback=exchange.callback,
        request=_message(request.headers, request.body),
        answer=_message(answer.headers, answer.body),
    )


def _message(headers: tuple[tuple[str, str], ...], body: bytes) -> Message:
    try:
        return Message(headers=headers, body=body.decode())
    except UnicodeDecodeError:
        return Message(headers=headers, body=base64.b64encode(body).decode(), base64=True)


def merge_evidence(parts: Sequence[Evidence]) -> Evidence:
    """Return the evidence of a whole run: the cases of all parts, by group, and what any of them met."""
    first = parts[0]
    if len(parts) == 1:
        return first
    cases = [case for part in parts for case in part.cases]
    vendors = dict.fromkeys(vendor for part in parts for vendor in part.coverage)
    return replace(
        first,
        seconds=max(part.seconds for part in parts),
        contracts={vendor: digest for part in parts for vendor, digest in part.contracts.items()},
        cases=tuple(sorted(cases, key=lambda case: (case.group, case.id))),
        coverage={
            vendor: _together([part.coverage[vendor] for part in parts if vendor in part.coverage])
            for vendor in vendors
        },
    )


def _together(parts: Sequence[VendorCoverage]) -> VendorCoverage:
    names = VendorCoverage.__struct_fields__
    return VendorCoverage(**{name: _any([getattr(part, name) for part in parts]) for name in names})


def _any(parts: Sequence[Met]) -> Met:
    met = dict.fromkeys(name for part in parts for name in part.met)
    missed = dict.fromkeys(name for part in parts for name in part.missed if name not in met)
    return Met(met=(*met,), missed=(*missed,))
