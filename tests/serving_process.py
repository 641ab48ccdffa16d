"""The simulator as a process of its own or in a thread of this one, and clients that speak to it by bytes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import urlencode

from simulator.engine.settings import Settings
from simulator.serving.running import running

PATIENCE = 180.0
ADD_CALL = "/callo/manager/cabapi_external/api/v1/phones/call/"


@dataclass
class Served:
    """A server that answers: its process, its ready file and what it printed by then."""

    process: subprocess.Popen[str]
    ready_file: Path
    ready: dict[str, Any]
    banner: str

    @property
    def port(self) -> int:
        return int(self.ready["port"])

    def end(self) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)


class Here(NamedTuple):
    """A server in a thread of this process."""

    port: int
    ready: dict[str, Any]


@contextmanager
def serving_here(**settings: Any) -> Iterator[Here]:
    """Serve on a free port until the block ends; for tests that try neither signals nor what is printed."""
    with running(Settings(**settings)) as place:
        yield Here(place.port, place.ready_document())


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "simulator", *arguments]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=PATIENCE, check=False)


@contextmanager
def serving(*arguments: str) -> Iterator[Served]:
    """Serve on a free port until the block ends; the block begins when the server says it is ready."""
    with TemporaryDirectory() as folder:
        ready_file = Path(folder) / "ready.json"
        line = command("serve", "--port", "0", "--ready-file", str(ready_file), *arguments)
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                banner = _read_until_ready(process)
                yield Served(process, ready_file, json.loads(ready_file.read_text()), banner)
            finally:
                process.kill()


def _read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines, watchdog = [""], Timer(PATIENCE, process.kill)
    watchdog.start()
    while not lines[-1].startswith("ready") and (line := process.stdout.readline()):
        lines.append(line)
    watchdog.cancel()
    assert lines[-1].startswith("ready"), f"the server ended before it was ready:\n{''.join(lines)}"
    return "".join(lines)


def scenario_with_fault(folder: Path, fault: str) -> str:
    """Write a scenario in which this befalls every added call, and return its path."""
    file = folder / "faulty.yaml"
    file.write_text(f"sim: 1\nextends: happy\nfaults:\n  - {{where: callo.add_call, do: {fault}}}\n")
    return str(file)


def call_form(ready: dict[str, Any], **changes: str) -> str:
    """Return the form that adds a call."""
    credentials = ready["credentials"]["callo"]
    form = {
        "public_key": credentials["public_key"],
        "campaign_id": credentials["campaign_id"],
        "phone": "+447700900000",
    }
    return urlencode({**form, **changes})


def post_call(served: Served | Here) -> HTTPConnection:
    """Send the request that adds a call, without waiting for its answer."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", ADD_CALL, call_form(served.ready), kind)
    return connection


def add_call(served: Served | Here) -> tuple[HTTPResponse, bytes]:
    """Add a call and return the answer with its body."""
    with closing(post_call(served)) as connection:
        response = connection.getresponse()
        with response:
            return response, response.read()


def converse(port: int, raw: bytes) -> bytes:
    """Send bytes and return everything that comes back until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(raw)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
        return answer
