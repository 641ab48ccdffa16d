"""A Redis of its own for a test, on a socket in a folder; it can be killed, and started again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as Disconnected
from redis.retry import Retry

PATIENCE = 60


@dataclass
class RedisServer:
    """One Redis, which syncs each write before it answers; `url` is where it is reached."""

    folder: Path
    fsync: str = "always"
    more: Mapping[str, str | Path | int] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def socket(self) -> Path:
        return self.folder / "redis.sock"

    @property
    def client(self) -> Redis:
        retry = Retry(ConstantBackoff(0.02), PATIENCE * 50, (Disconnected, BusyLoadingError))
        return Redis.from_url(self.url, retry=retry)

    def start(self) -> None:
        """Begin to answer; returns when it does."""
        options = {
            "port": 0,
            "unixsocket": self.socket,
            "dir": self.folder,
            "appendonly": "yes",
            "appendfsync": self.fsync,
            "save": "",
            **self.more,
        }
        words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
        with self.client as client:
            client.ping()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()


@contextmanager
def redis_server(**options: Any) -> Iterator[RedisServer]:
    """Run a Redis until the block ends."""
    with TemporaryDirectory(prefix="redis") as folder:
        server = RedisServer(Path(folder), **options)
        server.start()
        try:
            yield server
        finally:
            server.kill()
