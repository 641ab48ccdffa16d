"""Servers that are killed, stopped and cut off while clients add calls and are called back (Jepsen's method).

`python -m tests.state.torture sqlite 200` and `redis 100` are the long forms.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event, Thread
from urllib.parse import urlencode, urlsplit

from simulator.engine.real_time import host_seconds
from tests.serving_process import ADD_CALL, PATIENCE
from tests.state.cutting import CuttingProxy
from tests.state.histories import Add, Ending, History, check_history
from tests.state.redis_server import RedisServer, redis_server
from tests.state.replica import BRIEF, Replica, wait_until

KEY = "0123456789abcdef" * 2
CLIENTS = 3
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SCENARIO = """
sim: 1
title: Many calls, each told of when it ends
seed: 7
clock: {{at: 2026-03-02T10:00, zone: Europe/London}}
limits: [{{where: callo.*, allow: 1000000 per 1s}}]
strangers: listens
personas:
  listens: {{attempts: [answered], ring: 8s, talk: 20s}}
accounts:
  clinic:
    vendors: [callo]
    key: {key}
    balance: 1000000.00
    campaigns:
      - name: Reminders
        type: free_text
        text: Good day.
        postbacks: {{finished: {{url: "{receiver}/done?id={{ct_call_id}}"}}}}
"""


class Clients:
    """Clients that add calls at any server, each call to a number of its own, until they are told to end.

    Of those that are acknowledged there are `most` at a time, so that a world does not grow without need.
    """

    most = 0

    def __init__(self, ports: Callable[[], list[int]], history: History) -> None:
        self.ports = ports
        self.history = history
        self._numbers = count()
        self._end = Event()
        randoms = [Random(seed) for seed in range(CLIENTS)]  # noqa: S311
        self._threads = [Thread(target=self._work, args=(random,)) for random in randoms]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _work(self, random: Random) -> None:
        while not self._end.is_set():
            ports = self.ports()
            if not ports or self.history.acknowledged >= self.most:
                self._end.wait(BRIEF)
                continue
            number = f"+4477{next(self._numbers) + 10_000_000}"
            self.history.adds.append(Add(number, self._add(number, random.choice(ports))))

    def _add(self, number: str, port: int) -> int | None:
        form = urlencode({"public_key": KEY, "campaign_id": self.campaign, "phone": number})
        line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            line.request("POST", ADD_CALL, form, FORM)
            answer = line.getresponse()
            content = json.loads(answer.read())
            return int(content["call_id"]) if answer.status == 200 else None
        except (OSError, HTTPException, ValueError):
            self._end.wait(BRIEF)
            return None
        finally:
            line.close()

    campaign = "1"


@contextmanager
def receiver(history: History) -> Iterator[str]:
    """Take callbacks, of every third call only when they come again; give the URL."""
    refused: set[int] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ref = int(urlsplit(self.path).query.partition("=")[2])
            takes = ref % 3 > 0 or ref in refused
            (history.callbacks.append if takes else refused.add)(ref)
            self.send_response(200 if takes else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Torture:
    """Servers that share a store, their clients, and what is done to them."""

    def __init__(self, folder: Path, state: str, receiver: str, names: list[str]) -> None:
        scenario = folder / "many.yaml"
        scenario.write_text(SCENARIO.format(key=KEY, receiver=receiver))
        self.processes: dict[str, Replica] = {}
        for name in names:
            self.processes[name] = Replica(state, scenario, folder / f"{name}.json")
        self.up: list[str] = []

    def start(self, *names: str) -> None:
        for name in names:
            self.processes[name].start()
            self.up.append(name)
            credentials = self.processes[name].ready["credentials"]
            Clients.campaign = str(credentials["callo"]["campaign_id"])

    def kill(self, name: str) -> None:
        self.up.remove(name)
        self.processes[name].kill()

    def ports(self) -> list[int]:
        return [self.processes[name].port for name in self.up]

    def endings(self) -> Mapping[str, Ending]:
        """Wait until nothing more happens anywhere, and return how each server stands."""
        endings: dict[str, Ending] = {}

        def rest() -> bool:
            states = {name: self.processes[name].ending() for name in self.up}
            endings.update({name: ending for name, (ending, _) in states.items()})
            return not any(is_due for _, is_due in states.values())

        wait_until(rest)
        return endings

    def close(self) -> None:
        for name in [*self.up]:
            self.kill(name)


def acknowledge(clients: Clients, more: int) -> None:
    """Wait until so many more calls were acknowledged; some more may follow while harm is done."""
    enough = clients.history.acknowledged + more
    clients.most = enough + 3 * more
    wait_until(lambda: clients.history.acknowledged >= enough)


def torture_sqlite(cycles: int, batch: int = 15) -> tuple[History, list[str]]:
    """Kill a server with a state file so often, a `batch` of calls apart; return what was found."""
    history = History()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url = stack.enter_context(receiver(history))
        servers = Torture(folder, str(folder / "worlds.sqlite"), url, ["one"])
        stack.callback(servers.close)
        servers.start("one")
        with Clients(servers.ports, history) as clients:
            for _ in range(cycles):
                acknowledge(clients, batch)
                servers.kill("one")
                servers.start("one")
            acknowledge(clients, batch)
        endings = servers.endings()
    return history, check_history(history, endings)


def torture_redis(rounds: int, batch: int = 15) -> tuple[History, list[str]]:
    """Do in turn to three servers and their Redis what may happen to them; return what was found."""
    history = History()
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server())
        proxy = stack.enter_context(CuttingProxy(redis.socket))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url = stack.enter_context(receiver(history))
        servers = Torture(folder, proxy.url, url, ["one", "two", "three"])
        stack.callback(servers.close)
        servers.start("one", "two", "three")
        random = Random(7)  # noqa: S311
        with Clients(servers.ports, history) as clients:
            for number in range(rounds):
                acknowledge(clients, batch)
                HARM[number % len(HARM)](servers, redis, proxy, random.choice(servers.up))
            acknowledge(clients, batch)
        endings = servers.endings()
    return history, check_history(history, endings)


Harm = Callable[[Torture, RedisServer, CuttingProxy, str], None]


def kill_a_server(servers: Torture, _redis: RedisServer, _proxy: CuttingProxy, name: str) -> None:
    servers.kill(name)
    servers.start(name)


def kill_redis(_servers: Torture, redis: RedisServer, _proxy: CuttingProxy, _name: str) -> None:
    redis.kill()
    redis.start()


def cut_connections(_servers: Torture, _redis: RedisServer, proxy: CuttingProxy, _name: str) -> None:
    proxy.cut()


def pause_a_server(servers: Torture, _redis: RedisServer, _proxy: CuttingProxy, name: str) -> None:
    """Stop one for longer than its leases last, so that others lead its worlds when it goes on."""
    servers.up.remove(name)  # its clients would wait
    servers.processes[name].send(signal.SIGSTOP)
    Event().wait(4.0)
    servers.processes[name].send(signal.SIGCONT)
    servers.up.append(name)


HARM: list[Harm] = [kill_a_server, kill_redis, cut_connections, pause_a_server]


def main(store: str, times: str) -> int:
    """Run one long form and tell what it found."""
    begun = host_seconds()
    history, findings = {"sqlite": torture_sqlite, "redis": torture_redis}[store](int(times))
    asked, callbacks = len(history.adds), len(history.callbacks)
    figures = f"{asked} calls asked for, {history.acknowledged} acknowledged, {callbacks} callbacks taken"
    seconds = host_seconds() - begun
    sys.stdout.write(f"{store}, {times} times in {seconds:.0f} s: {figures}, {len(findings)} findings\n")
    sys.stdout.writelines(f"  {finding}\n" for finding in findings[:50])
    return bool(findings)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        raise SystemExit(main(*sys.argv[1:]))
