"""What a run has to keep besides its cases: how much of a contract is met, and accepted findings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path

import msgspec

from simulator.errors import SimulatorError
from simulator.reports.evidence import CaseEvidence, Evidence, VendorCoverage

REASON = "  # "
WHOLE = 100
"""Percent."""

ROUNDED = 1
"""Digits after the point of a share, as it is kept and compared."""


class UnreadableGate(SimulatorError):
    """A baseline or a ratchet file that is none."""


class RunGates(msgspec.Struct, frozen=True, kw_only=True):
    """How much of each vendor's contract has to be met, in percent, and how many things may be missed.

    In a `ratchet` file shares stand that may only rise, in a `baseline` findings that are accepted. What is
    not `enforced` is told, and fails nothing; a baseline always holds.
    """

    shares: dict[str, float] = {}
    missed: dict[str, int] = {}
    enforced: bool = True
    ratchet: Path | None = None
    baseline: Path | None = None

    @property
    def ask_for_coverage(self) -> bool:
        """Whether anything is said about coverage."""
        return bool(self.shares or self.missed or self.ratchet)

    def __bool__(self) -> bool:
        """Tell whether anything has to be kept."""
        return self.ask_for_coverage or self.baseline is not None


def parse_share(text: str) -> tuple[str, float]:
    """Read `callo=80`, a share in percent; raises ValueError."""
    vendor, share = _parse_number(text)
    if not 0 <= share <= WHOLE:
        raise ValueError(f"{text!r} is no share: write a number from 0 to {WHOLE}, such as {vendor}=80")
    return vendor, share


def parse_count(text: str) -> tuple[str, int]:
    """Read `callo=3`, how many may be missed; raises ValueError."""
    vendor, count = _parse_number(text)
    if count < 0 or count != int(count):
        raise ValueError(f"{text!r} is no count: write a whole number, such as {vendor}=3")
    return vendor, int(count)


def _parse_number(text: str) -> tuple[str, float]:
    vendor, _, written = text.partition("=")
    try:
        number = float(written.rstrip(" %"))
    except ValueError:
        number = float("nan")
    if not isfinite(number) or not vendor.strip():
        raise ValueError(f"{text!r} is no VENDOR=NUMBER, such as callo=80")
    return vendor.strip(), number


def check_files(gates: RunGates) -> None:
    """Raise UnreadableGate for files that are no use: before a long run, rather than after it."""
    if gates.baseline is not None:
        read_baseline(gates.baseline)
    if gates.ratchet is not None:
        read_ratchet(gates.ratchet)


def pass_gates(evidence: Evidence, gates: RunGates) -> tuple[Evidence, list[str], bool]:
    """Return a run with what its baseline accepts, what there is to tell of the gates, and if they hold.

    A share that is higher than before is written to the ratchet file, unless something has failed.
    Raises UnreadableGate.
    """
    evidence, unused = accept_findings(evidence, gates.baseline)
    broken = [*_coverage_broken(evidence.coverage, gates)]
    lines = [*_coverage_lines(evidence.coverage, gates), *unused, *broken]
    holds = not unused and not (broken and gates.enforced)
    if gates.ratchet is not None and not broken and not any(case.failed for case in evidence.cases):
        _raise_ratchet(gates.ratchet, evidence.coverage)
    return evidence, lines, holds


def accept_findings(evidence: Evidence, baseline: Path | None) -> tuple[Evidence, list[str]]:
    """Return a run in which the findings of a baseline are accepted, and a line for each unused entry."""
    entries = read_baseline(baseline) if baseline is not None else {}
    met: set[str] = set()
    cases = []
    for case in evidence.cases:
        known = [baseline_key(case, finding.key) for finding in case.findings]
        met.update(known)
        is_accepted = bool(known) and all(name in entries for name in known)
        cases.append(msgspec.structs.replace(case, accepted=True) if is_accepted else case)
    unused = [f"not found any more, take it out of {baseline}: {name}" for name in entries if name not in met]
    return msgspec.structs.replace(evidence, cases=tuple(cases)), unused


def baseline_key(case: CaseEvidence, finding: str) -> str:
    """Return how a baseline names a finding."""
    return " ".join(f"{case.id} {finding}".split())


def read_baseline(file: Path) -> dict[str, str]:
    """Read accepted findings, `CASE FINDING  # reason` a line; raises UnreadableGate."""
    entries: dict[str, str] = {}
    for number, line in enumerate(read_text(file).splitlines(), 1):
        name, _, reason = line.partition(REASON)
        if not line.strip() or line.startswith("#"):
            continue
        if not reason.strip():
            raise UnreadableGate(
                f"{file}:{number}: {line.strip()!r} has no reason",
                "write `CASE FINDING  # why it is accepted`, two blanks before the #",
            )
        entries[" ".join(name.split())] = reason.strip()
    return entries


def _coverage_lines(coverage: Mapping[str, VendorCoverage], gates: RunGates) -> Iterator[str]:
    """Yield three numbers a vendor: what was met, what may be missed, and whether that is enforced."""
    for vendor, one in coverage.items() if gates.ask_for_coverage else ():
        parts = ", ".join(f"{len(part.met)} of {part.known} {name}" for name, part in one.parts.items())
        yield f"coverage of {vendor}: {one.share:.1f} %, {one.known - one.met} missed ({parts})"
        least, most = gates.shares.get(vendor), gates.missed.get(vendor)
        asked = [f"{least:g} % at least"] if least is not None else []
        asked += [f"{most} missed at most"] if most is not None else []
        if asked:
            yield f"  asked for: {', '.join(asked)} ({'enforced' if gates.enforced else 'not enforced'})"


def _coverage_broken(coverage: Mapping[str, VendorCoverage], gates: RunGates) -> Iterator[str]:
    for vendor, least in gates.shares.items():
        share = _share(coverage, vendor)
        if share < least:
            yield f"{vendor}: {share:g} % of the contract was met, and --min-coverage asks for {least:g} %"
    for vendor, most in gates.missed.items():
        if vendor not in coverage:
            yield f"{vendor}: it was never called, and --max-missed allows {most}"
        elif (missed := coverage[vendor].known - coverage[vendor].met) > most:
            yield f"{vendor}: {missed} missed, and --max-missed allows {most}"
    for vendor, least in (read_ratchet(gates.ratchet) if gates.ratchet else {}).items():
        share = _share(coverage, vendor)
        if share < least:
            yield f"{vendor}: {share:g} % of the contract was met, and it was {least:g} % ({gates.ratchet})"


def _share(coverage: Mapping[str, VendorCoverage], vendor: str) -> float:
    return round(coverage[vendor].share, ROUNDED) if vendor in coverage else 0.0


def read_ratchet(file: Path) -> dict[str, float]:
    """Return the shares that were reached, by vendor; none where there is no file yet."""
    if not file.exists():
        return {}
    try:
        return msgspec.json.decode(read_text(file), type=dict[str, float])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnreadableGate(f"{file}: no shares by vendor: {error}", 'write {"callo": 61.5}') from None


def _raise_ratchet(file: Path, coverage: Mapping[str, VendorCoverage]) -> None:
    kept = read_ratchet(file)
    shares = {vendor: max(_share(coverage, vendor), kept.get(vendor, 0.0)) for vendor in coverage}
    if {**kept, **shares} != kept:
        file.write_text(json.dumps({**kept, **shares}, indent=1, sort_keys=True) + "\n", "utf-8")


def read_text(file: Path) -> str:
    """Return what stands in a file that our user named; raises UnreadableGate."""
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise UnreadableGate(f"{file}: {error.strerror}", "is it the right file?") from None
    except UnicodeDecodeError:
        raise UnreadableGate(f"{file}: it is no text in UTF-8", "is it the right file?") from None
