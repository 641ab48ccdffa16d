"""The same work over the socket by us and by others: they are installed where node or java is at hand."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count, repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any, NamedTuple

from tests.benchmarks.figures import Figure, report
from tests.benchmarks.load import Line, ask, get, load, post
from tests.benchmarks.reference import serving_reference
from tests.benchmarks.visitor import API, FORM, KEY, SCENARIO, add_call_form
from tests.serving_process import serving

CONNECTIONS, ROUNDS, SECONDS = 16, 5, 1.5
PATIENCE, NAP = 60.0, 0.1
PLACE = Path(".benchmarks/peers").absolute()
"""Where they are installed, until `make clean`."""

BALANCE = {"balance": 100.5, "currency": "GBP"}
CALL = {"call_id": 1042, "phone": "+447900000000", "balance": 99.5}
BOUNDS = {
    ("silent Prism", "GET"): 1.2,
    ("silent Prism", "POST"): 1.0,
    ("empty Flask on waitress", "POST"): 2.0,
}


class Contender(NamedTuple):
    """Somebody who answers at a port: a small GET and the POST of a form, without end."""

    name: str
    port: int
    requests: dict[str, Iterator[bytes]]


class Absent(Exception):
    """Somebody is not here; says why."""


Opening = Callable[[Path, int], list[str]]
"""Writes what a peer needs into a folder, and returns the command that lets it answer at a port."""


def measure() -> Iterator[Figure]:
    """Let all answer in turns, each in a process of its own; compare us with each."""
    with ExitStack() as stack:
        ours = stack.enter_context(simulator())
        others = [*peers(stack)]
        rounds = [{one.name: rates(one) for one in (ours, *others)} for _ in range(ROUNDS + 1)][1:]
    for other in others:
        for method in other.requests:
            pairs = [(turn[ours.name][method], turn[other.name][method]) for turn in rounds]
            own, their = (median(column) for column in zip(*pairs, strict=True))
            note = f"{own:.0f} against {their:.0f} requests a second, {CONNECTIONS} connections"
            ratio = median(one / two for one, two in pairs)
            bound = BOUNDS.get((other.name, method), 0)
            yield Figure(f"{method} : {other.name}", ratio, bound, "x", note, at_least=True)


def rates(contender: Contender) -> dict[str, float]:
    """Return how many requests of each kind are answered in a second."""
    return {
        method: load(contender.port, requests, CONNECTIONS, SECONDS).rate
        for method, requests in contender.requests.items()
    }


@contextmanager
def simulator() -> Iterator[Contender]:
    with serving("--scenario", str(SCENARIO)) as served:
        campaign = served.ready["credentials"]["callo"]["campaign_id"]
        adding = (post(f"{API}/phones/call/", add_call_form(campaign, serial)) for serial in count())
        reading = repeat(get(f"{API}/users/balance/?public_key={KEY}"))
        yield Contender("ours", served.port, {"GET": reading, "POST": adding})


def peers(stack: ExitStack) -> Iterator[Contender]:
    """Yield those that can be had here; tell of the others why not."""
    form = add_call_form(1, 1)
    try:
        where = installed_python("waitress")
        port = stack.enter_context(serving_reference("waitress", where))
        yield Contender("empty Flask on waitress", port, {"POST": repeat(post("/", form))})
    except Absent as absent:
        skip("empty Flask on waitress", absent)
    for name, package, needs, opening in PEERS:
        try:
            installed_node(package, needs)
            port = stack.enter_context(answering(opening))
            asked: dict[str, Iterator[bytes]] = {
                "GET": repeat(get("/balance")),
                "POST": repeat(post("/calls", form)),
            }
            yield Contender(name, port, asked)
        except Absent as absent:
            skip(name, absent)


def skip(name: str, why: Absent) -> None:
    sys.stderr.write(f"{name} is skipped: {why}\n")


# -- installed and started --------------------------------------------------------------------------------


def installed_python(package: str) -> Path:
    """Install a package beside the environment, not into it; return where it can be imported from."""
    folder = PLACE / "python"
    if not (folder / package).exists():
        run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), package])
    return folder


def installed_node(package: str, needs: tuple[str, ...]) -> None:
    """Install a package of npm; raises Absent where that, or another program, is not at hand."""
    for program in ("npm", *needs):
        if shutil.which(program) is None:
            raise Absent(f"there is no {program} here")
    if not (PLACE / "node_modules" / package).exists():
        PLACE.mkdir(parents=True, exist_ok=True)
        run(["npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--prefix", str(PLACE), package])


def run(line: list[str]) -> None:
    finished = subprocess.run(line, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise Absent(f"`{' '.join(line)}` fails: {finished.stderr.strip()[-200:]}")


@contextmanager
def answering(opening: Opening) -> Iterator[int]:
    """Let a peer answer on a free port until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    with TemporaryDirectory() as folder:
        line = opening(Path(folder), port)
        with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                wait_for(process, port)
                yield port
            finally:
                process.kill()


def wait_for(process: subprocess.Popen[Any], port: int) -> None:
    for _ in range(int(PATIENCE / NAP)):
        with suppress(OSError):
            ask(Line(port), get("/balance"))
            return
        if process.poll() is not None:
            break
        sleep(NAP)
    raise Absent("it did not begin to answer")


# -- what each is told to answer --------------------------------------------------------------------------


def open_prism(folder: Path, port: int) -> list[str]:
    program = PLACE / "node_modules/.bin/prism"
    return [str(program), "mock", "-h", "127.0.0.1", "-p", str(port), "-v", "silent", document(folder)]


def open_mockoon(folder: Path, port: int) -> list[str]:
    program = PLACE / "node_modules/.bin/mockoon-cli"
    at = ["--port", str(port), "--hostname", "127.0.0.1"]
    return [str(program), "start", "--data", document(folder), *at, "--disable-log-to-file"]


def open_wiremock(folder: Path, port: int) -> list[str]:
    (folder / "mappings").mkdir()
    templated = {**CALL, "phone": "{{formData request.body 'form' urlDecode=true}}{{form.phone}}"}
    answers = {"GET /balance": json.dumps(BALANCE), "POST /calls": json.dumps(templated)}
    for place, (line, body) in enumerate(answers.items()):
        method, path = line.split()
        response = {"status": 200, "body": body, "headers": {"Content-Type": "application/json"}}
        response |= {"transformers": ["response-template"]} if method == "POST" else {}
        mapping = {"request": {"method": method, "url": path}, "response": response}
        (folder / "mappings" / f"{place}.json").write_text(json.dumps(mapping))
    (jar,) = (PLACE / "node_modules/wiremock/build").glob("*.jar")
    quiet = ["--disable-banner", "--no-request-journal"]
    return ["java", "-jar", str(jar), "--port", str(port), "--root-dir", str(folder), *quiet]


def document(folder: Path) -> str:
    """Write an OpenAPI document of both answers, and return its path."""

    def answer(example: object) -> dict[str, Any]:
        content = {"application/json": {"schema": {"type": "object"}, "example": example}}
        return {"responses": {"200": {"description": "fine", "content": content}}}

    fields = {name: {"type": "string"} for name in ("public_key", "campaign_id", "phone")}
    body = {"content": {FORM: {"schema": {"type": "object", "properties": fields, "required": ["phone"]}}}}
    paths = {"/balance": {"get": answer(BALANCE)}, "/calls": {"post": {"requestBody": body, **answer(CALL)}}}
    file = folder / "openapi.json"
    file.write_text(
        json.dumps({"openapi": "3.0.3", "info": {"title": "Peer", "version": "1"}, "paths": paths})
    )
    return str(file)


PEERS: tuple[tuple[str, str, tuple[str, ...], Opening], ...] = (
    ("silent Prism", "@stoplight/prism-cli", ("node",), open_prism),
    ("WireMock", "wiremock", ("java",), open_wiremock),
    ("Mockoon", "@mockoon/cli", ("node",), open_mockoon),
)


if __name__ == "__main__":
    report(measure())
