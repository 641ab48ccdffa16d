"""Recordings in files, judged by the contract as it is now; each has the day on which it was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from simulator.conformance.checks import check
from simulator.conformance.contract import load_contract
from simulator.conformance.recordings import read_recordings, recorded_exchange
from simulator.errors import SimulatorError
from simulator.exchange import Exchange


@dataclass(frozen=True, slots=True)
class JudgedRecording:
    """A recording in a file, with what is wrong about it; the day is None where nobody noted it."""

    file: Path
    exchange: Exchange
    recorded: date | None

    @property
    def lines(self) -> list[str]:
        """What is wrong, in lines for people; none where nothing is."""
        one = self.exchange
        return [
            f"{self.file}: {one.id}: {'client' if broken.blame == 'client' else 'DRIFT'} {broken.code} at "
            f"{broken.where}: {broken.asked}; arrived: {broken.arrived}  [{broken.provenance}]"
            for broken in one.violations
            if broken.severity == "error"
        ]


def judge_files(places: Iterable[Path], vendor: str | None = None) -> Iterator[JudgedRecording]:
    """Yield every recording of files and folders, judged; raises SimulatorError for what is none."""
    for place in places:
        for file in sorted(place.glob("*.yaml")) if place.is_dir() else [place]:
            yield from _judge_file(file, vendor)


def _judge_file(file: Path, vendor: str | None) -> Iterator[JudgedRecording]:
    try:
        written = read_recordings(file.read_bytes())
        name = vendor or written.get("vendor")
        if name is None:
            raise SimulatorError(f"{file} does not say whose recordings it has", "say --vendor NAME")
        contract = load_contract(name)
        for number, item in enumerate(written["exchanges"], 1):
            exchange = recorded_exchange(name, item, number)
            day = item.get("recorded")
            breaches = tuple(check(contract, exchange))
            yield JudgedRecording(
                file, replace(exchange, violations=breaches), day if isinstance(day, date) else None
            )
    except (ValueError, OSError) as error:
        raise SimulatorError(f"{file}: {error}", "name files that `simulator record` wrote") from None


def summary_of(
    judged: list[JudgedRecording], today: date, max_age: int | None = None
) -> tuple[list[str], bool]:
    """Return how old recordings are and how many are in order, in lines, and whether something failed."""
    wrong = sum(bool(one.lines) for one in judged)
    days = [(today - one.recorded).days for one in judged if one.recorded is not None]
    old = [] if max_age is None else [age for age in days if age > max_age]
    ages = f"{min(days)} to {max(days)} days old" if days else "of unknown age"
    lines = [f"{len(judged)} recordings, {ages}; {wrong or 'none'} with findings"]
    if old:
        lines.append(f"{len(old)} are older than {max_age} days: record them anew")
    return lines, bool(wrong or old or not judged)
