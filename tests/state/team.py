"""A team's simulators: three processes on one Redis behind nginx, as `simulator deploy balancer` has it.

`python -m tests.state.team 50 20` has fifty clients ask for twenty calls each, in a world of their own.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from simulator.engine.real_time import host_seconds
from tests.serving_process import ADD_CALL, PATIENCE
from tests.state.redis_server import redis_server
from tests.state.replica import Replica, wait_until

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
KEY = "0123456789abcdef" * 2
SCENARIO = f"""
sim: 1
title: Room for a team
seed: 7
clock: {{at: 2026-03-02T10:00, zone: Europe/London}}
limits: [{{where: callo.*, allow: 1000000 per 1s}}]
strangers: listens
personas:
  listens: {{attempts: [answered], ring: 8s, talk: 20s}}
accounts:
  clinic:
    vendors: [callo]
    key: {KEY}
    balance: 1000000.00
    campaigns: [{{name: Reminders, type: free_text, text: Good day.}}]
"""
NGINX = """
daemon off; master_process off; pid nginx.pid; error_log error.log;
events {{ worker_connections 1000; }}
http {{
    log_format routed "$world $upstream_addr $status";
    access_log routed.log routed;
    client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    {balancer}
}}
"""


class Line(HTTPConnection):
    """A connection to the socket in the file system at which the balancer listens."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self._path))


@dataclass(frozen=True)
class Team:
    """The servers, and the folder of the balancer in front of them."""

    replicas: list[Replica]
    folder: Path

    def client(self, world: str, calls: int) -> list[int]:
        """Ask for calls in a world, one after the other, and return their ids."""
        [campaign] = {one.ready["credentials"]["callo"]["campaign_id"] for one in self.replicas}
        line, refs = Line(self.folder / "socket"), []
        for number in range(calls):
            form = urlencode({"public_key": KEY, "campaign_id": campaign, "phone": f"+4479{number:08}"})
            line.request("POST", f"/@{world}{ADD_CALL}", form, FORM)
            answer = line.getresponse()
            content = answer.read()
            assert answer.status == 200, content
            refs.append(int(json.loads(content)["call_id"]))
        line.close()
        return refs

    def clients(self, worlds: list[str], calls: int) -> list[list[int]]:
        """Let each world have a client of its own, all at once, and return the ids that each was given."""
        with ThreadPoolExecutor(len(worlds)) as pool:
            return list(pool.map(lambda world: self.client(world, calls), worlds))

    def routes(self) -> dict[str, set[str]]:
        """Return which servers were asked for each world."""
        asked: dict[str, set[str]] = defaultdict(set)
        for line in (self.folder / "routed.log").read_text().splitlines():
            world, server, _ = line.split()
            asked[world].add(server)
        return asked


@contextmanager
def team(*, routed: bool = True, clock: str = "virtual") -> Iterator[Team]:
    """Run three servers and the balancer, which asks them in turn unless it is `routed`."""
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="team")))
        scenario = folder / "team.yaml"
        scenario.write_text(SCENARIO)
        replicas = [Replica(redis.url, scenario, folder / f"{name}.json", clock) for name in range(3)]
        for one in replicas:
            one.start()
            stack.callback(one.kill)
        stack.enter_context(_nginx(folder, [one.port for one in replicas], routed))
        yield Team(replicas, folder)


@contextmanager
def _nginx(folder: Path, ports: list[int], routed: bool) -> Iterator[None]:
    """Run nginx by the file that is printed, for servers here instead of those that compose would name."""
    text = (files("simulator") / "serving" / "deploy" / "balancer.conf").read_text(encoding="utf-8")
    one = re.search(r"^ *server simulator:8070 resolve (.*);$", text, re.MULTILINE)
    assert one is not None
    servers = "".join(f"server 127.0.0.1:{port} {one[1]};" for port in ports)
    text = text.replace(one[0], servers).replace("listen 8070;", f"listen unix:{folder}/socket;")
    text = re.sub(r"^resolver .*$", "", text, flags=re.MULTILINE)
    text = text if routed else re.sub(r"^ *hash .*$", "", text, flags=re.MULTILINE)
    (folder / "nginx.conf").write_text(NGINX.format(balancer=text))
    line = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
    with subprocess.Popen(line) as process:
        try:
            wait_until(lambda: process.poll() is not None or _is_listening(folder / "socket"))
            assert process.poll() is None, (folder / "error.log").read_text()
            yield
        finally:
            process.kill()


def _is_listening(path: Path) -> bool:
    """Tell whether somebody listens there: the file is there a little earlier."""
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0


def main(count: str, calls: str) -> int:
    """Run the long form and tell what came of it."""
    worlds = [f"w{number}" for number in range(int(count))]
    with team() as servers:
        begun = host_seconds()
        given = servers.clients(worlds, int(calls))
        took = host_seconds() - begun
        unequal = []
        for world, refs in zip(worlds, given, strict=True):
            endings = [one.ending(world)[0] for one in servers.replicas]
            if len({end.digest for end in endings}) > 1 or [ref for ref, _ in endings[0].calls] != refs:
                unequal.append(world)
        asked = servers.routes()
    summary = f"{sum(map(len, given))} calls by {count} clients in {count} worlds in {took:.1f} s"
    strayed = sum(len(asked[world]) > 1 for world in worlds)
    sys.stdout.write(f"{summary}; unequal worlds: {len(unequal)}; worlds asked of two servers: {strayed}\n")
    return bool(unequal)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
