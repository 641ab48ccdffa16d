"""A simulator that runs elsewhere, spoken to by its control API: what the verbs for the terminal share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import click

from simulator.cli.options import READY_FILE, read_ready_file
from simulator.cli.terminal import progress, tell
from simulator.errors import SimulatorError

Json = Any
Command = TypeVar("Command", bound=Callable[..., Any])
HERE = "http://127.0.0.1:8070"
JSON = "application/json"
WHERE = "start one with `simulator serve`, or say where it is by --url or --ready-file"


class Unreachable(SimulatorError):
    """No simulator answers where one was looked for."""


class Refusal(SimulatorError):
    """The simulator said no; `status` is that of its answer."""

    exit_code = 1

    def __init__(self, status: int, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.status = status


class Control:
    """The control API of a simulator at `root`, for one world; `named` where somebody chose the simulator."""

    def __init__(self, root: str | None, world: str | None, token: str | None, as_json: bool) -> None:
        from urllib3 import PoolManager  # noqa: PLC0415

        if root is not None and not root.startswith(("http://", "https://")):
            raise SimulatorError(f"{root!r} is no address of a simulator", f"write one such as {HERE}")
        self.named = root is not None
        self.root = (root or HERE).rstrip("/").removesuffix("/v1").removesuffix("/_simulator")
        self.as_json = as_json
        self._world = world
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._pool = PoolManager(retries=False, maxsize=2)

    def address(self, path: str, **query: str | int | None) -> str:
        """Return the address of a path of the API, or of the page for an empty one."""
        given = {"world": self._world, **query}
        asked = urlencode({name: value for name, value in given.items() if value is not None})
        return f"{self.root}/_simulator/{path}{'?' if asked else ''}{asked}"

    def get(self, path: str, **query: str | int | None) -> Json:
        """Return what a path shows; raises Unreachable or Refusal."""
        return self._ask("GET", self.address(f"v1/{path}", **query))

    def send(self, verb: str, path: str, body: Json = None) -> Json:
        """Return what came of doing something; raises Unreachable or Refusal.

        What takes long tells a terminal how far the world has come.
        """
        with progress(self._how_far):
            return self._ask(verb, self.address(f"v1/{path}"), body)

    def _how_far(self) -> str:
        now = self.get("clock")
        shown = datetime.fromisoformat(now["now"]).astimezone(ZoneInfo(now["zone"]))
        return f"{shown:%F %T}, {now['waiting']} scheduled"

    def zone(self) -> tzinfo:
        """Return the zone in which the world plays, as it is now; raises Unreachable or Refusal."""
        return ZoneInfo(self.get("clock")["zone"])

    def follow(self, after: int | None) -> Iterator[Json]:
        """Yield batches of events as they come, until the connection ends; raises Unreachable or Refusal."""
        answer = self._open(
            "GET", self.address("v1/events", after=after), None, {"Accept": "text/event-stream"}, stream=True
        )
        try:
            for line in _lines(iter(lambda: answer.read1(65_536), b"")):
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])
        finally:
            answer.close()

    def show(self, value: Json, lines: Iterable[str]) -> None:
        """Print a value as JSON where that is asked for, else lines for people."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False))
            return
        tell(lines)

    def _ask(self, verb: str, address: str, body: Json = None) -> Json:
        sent = None if body is None else json.dumps(body).encode()
        answer = self._open(verb, address, sent, {"Content-Type": JSON} if sent else {}, stream=False)
        try:
            return json.loads(answer.data) if answer.data else None
        except ValueError:
            raise Unreachable(f"something else answers at {self.root}", WHERE) from None

    def _open(
        self, verb: str, address: str, body: bytes | None, headers: Mapping[str, str], *, stream: bool
    ) -> Any:
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        try:
            answer = self._pool.request(
                verb, address, body=body, headers={**self._headers, **headers}, preload_content=not stream
            )
        except (HTTPError, ValueError) as error:
            raise Unreachable(
                f"no simulator answers at {self.root} ({type(error).__name__})", WHERE
            ) from error
        if answer.status >= 400:
            raise _refusal(answer.status, answer.read(decode_content=True) if stream else answer.data)
        return answer


def _refusal(status: int, body: bytes) -> Refusal:
    try:
        problem = json.loads(body)
    except ValueError:
        return Refusal(status, f"the answer was {status}", "is this the address of a simulator?")
    detail = re.sub("(?<=; )(?:#/|[?])[a-z_]+: ", "", problem.get("detail", f"the answer was {status}"))
    return Refusal(status, detail, problem.get("remedy", ""))


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole


def with_control(command: Command) -> Command:
    """Let a command take the options that say which simulator is meant, and get it as its first argument."""

    @click.option("--url", envvar="SIMULATOR_URL", show_envvar=True, help=f"Where it is.  [default: {HERE}]")
    @click.option(
        "--ready-file",
        type=READY_FILE,
        envvar="SIMULATOR_READY_FILE",
        show_envvar=True,
        help="Where it says where it is.",
    )
    @click.option("--world", help="Which world is meant.  [default: main]")
    @click.option("--admin-token", envvar="SIMULATOR_ADMIN_TOKEN", show_envvar=True, help="To be let in.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
    @wraps(command)
    def run(
        url: str | None,
        ready_file: Path | None,
        world: str | None,
        admin_token: str | None,
        as_json: bool,
        **more: Any,
    ) -> Any:
        if ready_file is not None and url is None:
            document = read_ready_file(ready_file)
            url, admin_token = document["control"], admin_token or document.get("admin_token")
        return command(Control(url, world, admin_token, as_json), **more)

    return run  # type: ignore[return-value]


COLOURS = {
    **dict.fromkeys(("answered", "delivered", "talking", "kept", "active", "held"), "green"),
    **dict.fromkeys(("failed", "lost", "error", "broken", "refused"), "red"),
    **dict.fromkeys(("ringing", "waiting", "no_answer", "busy", "rejected"), "yellow"),
}
"""Of states."""


def painted(word: object) -> str:
    """Return a state in its colour, which is left out where nobody looks."""
    text = str(word)
    return click.style(text, COLOURS[text]) if text in COLOURS else text


def at(text: str, zone: tzinfo) -> str:
    """Return the time of day of an ISO instant in a zone."""
    return click.style(f"{datetime.fromisoformat(text).astimezone(zone):%H:%M:%S}", dim=True)
