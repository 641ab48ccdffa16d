"""Recordings of a live vendor: made by a reverse proxy, redacted first, and judged again in their files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import yaml
from msgspec.structs import replace

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, load_contract
from simulator.conformance.recordings import read_recordings, recorded_exchange, recording_of
from simulator.engine.real_time import host_now
from simulator.errors import SimulatorError, counted
from simulator.exchange import Answer, Exchange, Request
from simulator.live.redaction import Redactor
from simulator.live.targets import Ask, UnreachableTarget, judged
from simulator.serving.ending import end_on_signals
from simulator.serving.protocol import Connection
from simulator.serving.server import Listener, Server
from simulator.serving.sockets import bind
from simulator.vendors import load_vendor, vendor_names
from simulator.web.guard import Refused, SizeLimits, path_of, read_request
from simulator.web.handover import MAY_WAIT, ON_LOOP, WouldWait
from simulator.web.host_names import is_among

Json = Any
MOST_EXCHANGES, MOST_OF_ONE = 1_000, 50
"""In a folder, and of one operation."""

LIMITS = SizeLimits()
HERE = "127.0.0.1"
SALT = "salt"
"""The file whose words key the pseudonyms of a folder; without it nobody finds out who is who."""


class Corpus:
    """The recordings in a folder, a file an operation; what is there already is kept and added to."""

    def __init__(self, folder: Path, vendor: str) -> None:
        self.folder = folder
        self.vendor = vendor
        self.left_out = 0
        self._lock = Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.kept = {file.stem: self._read(file) for file in sorted(folder.glob("*.yaml"))}
        except OSError as error:
            raise SimulatorError(
                f"{folder}: {error.strerror}", "name a folder that can be written to"
            ) from None

    def salt(self, fresh: Callable[[], bytes]) -> str:
        """Return what keys the pseudonyms here: the same as ever, so that a number has one pseudonym."""
        file = self.folder / SALT
        if not file.exists():
            file.touch(0o600)
            file.write_text(sha256(fresh()).hexdigest(), "utf-8")
        return file.read_text("utf-8")

    def add(self, exchange: Exchange, on: date) -> None:
        """Keep an exchange, redacted already, while there is room."""
        name = exchange.operation or "strays"
        with self._lock:
            entries = self.kept.setdefault(name, [])
            if len(entries) >= MOST_OF_ONE or sum(map(len, self.kept.values())) >= MOST_EXCHANGES:
                self.left_out += 1
                return
            entries.append(recording_of(exchange, on))
            content = {"vendor": self.vendor, "exchanges": entries}
            text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
            (self.folder / f"{name}.yaml").write_text(text, "utf-8")

    def _read(self, file: Path) -> list[Json]:
        try:
            written = read_recordings(file.read_bytes())
        except ValueError as error:
            raise SimulatorError(f"{file}: {error}", "record into another folder") from None
        if written.get("vendor") != self.vendor:
            what = f"{file} has recordings of {written.get('vendor')}, not of {self.vendor}"
            raise SimulatorError(what, "record into another folder")
        return list(written["exchanges"])


@dataclass(frozen=True, slots=True)
class RecordingProxy:
    """A WSGI application that passes requests on to one vendor, and what came of them to a corpus.

    `on_exchange` is told each one, redacted, with what of the answer is not as the contract says.
    """

    contract: Contract
    ask: Ask
    redact: Redactor
    corpus: Corpus
    on_exchange: Callable[[Exchange], object] = lambda _exchange: None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as the vendor does; 502 where it does not."""
        if environ.get(MAY_WAIT) == ON_LOOP:
            raise WouldWait
        try:
            request = read_request(environ, path_of(environ), LIMITS)
        except Refused as refused:
            return Answer(refused.status)(environ, start_response)
        try:
            answer = self.ask(request)
        except UnreachableTarget as error:
            text = (("Content-Type", "text/plain; charset=utf-8"),)
            return Answer(502, f"{error}\n".encode(), text)(environ, start_response)
        self._keep(request, answer)
        return answer(environ, start_response)

    def _keep(self, request: Request, answer: Answer) -> None:
        redacted = self.redact(judged(self.contract, request, answer))
        self.corpus.add(redacted, host_now().date())
        self.on_exchange(judged(self.contract, redacted.request, redacted.answer))


def replaying_scenario(vendor: str, kept: dict[str, list[Json]]) -> str:
    """Return a scenario in which the vendor answers as recorded, the n-th request with the n-th answer."""
    faults = []
    for operation, entries in kept.items():
        for number, entry in enumerate(entries if operation != "strays" else (), 1):
            answer = entry["answer"]
            body = answer.get("body", "")
            text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
            kinds = {
                name: value for name, value in answer["headers"].items() if name.lower() == "content-type"
            }
            reply = {"status": answer["status"], "headers": kinds, "body": text}
            where = f"{vendor}.{operation}"
            faults.append({"where": where, "when": f"request {number}", "do": "reply", "reply": reply})
    words = {"sim": 1, "title": f"{vendor} answers as it was recorded", "extends": "happy", "faults": faults}
    return yaml.safe_dump(words, sort_keys=False, allow_unicode=True, width=110)


def vendor_of(target: str) -> str:
    """Return the vendor at whose host a target is; raises SimulatorError where the host tells of none."""
    host = (urlsplit(target).hostname or "").lower()
    for name in vendor_names():
        if is_among(host, load_vendor(name).hosts):
            return name
    raise SimulatorError(
        f"--target: {host!r} is no vendor's host", f"say --vendor, one of {', '.join(vendor_names())}"
    )


@contextmanager
def record_until_ended(proxy: RecordingProxy, port: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield where a proxy will answer, and what lets it until a signal asks for the end.

    It listens on this machine alone. Raises PortTaken.
    """
    with bind(HERE, port) as sock:
        server = Server(proxy, [Listener(sock, Connection)], LIMITS)
        end_on_signals(server.drain, None)
        yield f"http://{HERE}:{sock.getsockname()[1]}", server.run


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


def judge_files(places: Iterable[Path], vendor: str | None) -> Iterator[JudgedRecording]:
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


def summary_of(judged: list[JudgedRecording], today: date, max_age: int | None) -> tuple[list[str], bool]:
    """Return how old recordings are and how many are in order, in lines, and whether something failed."""
    wrong = sum(bool(one.lines) for one in judged)
    days = [(today - one.recorded).days for one in judged if one.recorded is not None]
    old = [] if max_age is None else [age for age in days if age > max_age]
    if not judged:
        return ["no recordings: name files or folders in which `simulator record` left some"], True
    ages = f"{_days(min(days), max(days))} old" if days else "of unknown age"
    count = counted(len(judged), "recording")
    lines = [f"{count}, {ages}; {wrong or 'none'} with findings"]
    if old:
        are = "is" if len(old) == 1 else "are"
        lines.append(f"{len(old)} {are} older than {counted(max_age or 0, 'day')}: record them anew")
    return lines, bool(wrong or old)


def _days(least: int, most: int) -> str:
    """Return one count of days or a range of them, in words."""
    return counted(most, "day") if least == most else f"{least} to {most} days"
