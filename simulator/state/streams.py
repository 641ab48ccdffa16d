"""The inputs of all worlds in Redis: one stream a world, whose order everybody follows.

A world's stream holds, beside its inputs, who leads it: whoever holds its lease makes happen what is due.
Each lease has a number, the fencing token, and what a former leader still writes is passed over by all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from threading import Event
from typing import Any, cast
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import AuthenticationError, OutOfMemoryError, RedisError, ResponseError
from redis.retry import Retry

from simulator.errors import StateError, StateUnavailable, Superseded
from simulator.state.encoding import decode_cause, encode_cause, instant, microseconds
from simulator.state.inputs import Cause, Outage, Segment, SharedInput

LEASE = 3.0
"""For how many seconds a leader that is not heard of any more is still waited for."""
AGAIN_SECONDS = 2.0
"""For how long an input is sent again whose connection broke, before its client is told 503."""
PAUSE_SECONDS = 0.05
PAGE = 1_000
"""Inputs read at once."""

LAST = 100
"""Inputs looked at once for the last of a kind."""
ASKING = ("request", "action")
"""Kinds of inputs that somebody asked for."""

SUPERSEDED = "SUPERSEDED"
"""How a script says that what it was asked to follow is no more; the reason comes after it."""

ROOT = "simulator"
WORLDS = f"{ROOT}:worlds"
NUMBERS = f"{ROOT}:segments"

_SAME = """
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then
  return redis.error_reply('SUPERSEDED it began anew, or was closed')
end
"""
_CHECK = f"""{_SAME}
if ARGV[2] ~= '0-0' and #redis.call('XRANGE', KEYS[2], ARGV[2], ARGV[2]) == 0 then
  return redis.error_reply('SUPERSEDED Redis lost inputs that it had taken')
end
"""
_SCRIPTS: Mapping[str, str] = {
    "begin": """
local old = redis.call('HGET', KEYS[1], 'id')
if old and ARGV[6] == '1' then return 0 end
if old then redis.call('UNLINK', KEYS[1] .. ':' .. old) end
local id = redis.call('INCR', KEYS[3])
local now = redis.call('TIME')
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'id', id, 'version', ARGV[2], 'scenario', ARGV[3], 'setup', ARGV[4],
  'start', ARGV[5], 'epoch', 0, 'begun', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('HSET', KEYS[2], ARGV[1], id)
return id
""",
    "enter": f"""{_CHECK}
local news = redis.call('XRANGE', KEYS[2], '(' .. ARGV[2], '+')
for _, entry in ipairs(news) do
  if entry[2][2] == ARGV[3] then return news end
end
redis.call('XADD', KEYS[2], '*',
  'nonce', ARGV[3], 'epoch', ARGV[4], 'at', ARGV[5], 'kind', ARGV[6], 'body', ARGV[7])
return redis.call('XRANGE', KEYS[2], '(' .. ARGV[2], '+')
""",
    "news": f"{_CHECK}return redis.call('XRANGE', KEYS[2], '(' .. ARGV[2], '+', 'COUNT', ARGV[3])",
    "lead": f"""{_SAME}
local holder, epoch = redis.call('GET', KEYS[3]), redis.call('HGET', KEYS[1], 'epoch')
if holder == ARGV[2] and epoch == ARGV[5] then
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
  return tonumber(epoch)
end
if holder and holder ~= ARGV[2] and ARGV[4] ~= '1' then return 0 end
redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[3])
epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('XADD', KEYS[2], '*', 'nonce', '', 'epoch', epoch, 'at', '', 'kind', 'lead', 'body', '')
return epoch
""",
    "leave": "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0",
    "drop": """
local old = redis.call('HGET', KEYS[1], 'id')
if old then redis.call('UNLINK', KEYS[1] .. ':' .. old, KEYS[1], KEYS[1] .. ':lease') end
redis.call('HDEL', KEYS[2], ARGV[1])
""",
}
"""What Redis does in one step, by name."""


class Streams:
    """The worlds of a Redis, which many processes share.

    `seconds` is the host's stopwatch. Everything raises StateUnavailable where Redis cannot be reached, or
    will not write.
    """

    def __init__(self, url: str, seconds: Callable[[], float]) -> None:
        self._drawn = os.urandom(8).hex()
        self.seconds = seconds
        self.counter = count()
        self.address = _without_password(url)
        self.outage = Outage()
        self._was_reached = False
        never = Retry(NoBackoff(), 0)  # one command sent twice would be two inputs
        try:
            self._redis = Redis.from_url(url, retry=never, socket_timeout=5, socket_connect_timeout=2)
        except ValueError as error:
            raise StateError(f"{self.address}: {error}", "write redis://HOST:6379/0") from None
        self._scripts: Mapping[str, Script] = {
            key: self._redis.register_script(text) for key, text in _SCRIPTS.items()
        }

    def close(self) -> None:
        """End the connections."""
        self._redis.close()

    @property
    def name(self) -> str:
        """Who we are among those who share; a process that was forked is another one."""
        return f"{self._drawn}{os.getpid():x}"

    def run(self, script: str, keys: Iterable[str], *arguments: str | bytes | float) -> Any:
        """Run one of the scripts."""
        with self._reaching(keeps=script in ("begin", "enter")):
            return self._scripts[script](keys=[*keys], args=[*arguments])

    @property
    def milliseconds(self) -> int:
        """What time it is for Redis."""
        with self._reaching():
            seconds, microseconds_ = self._redis.time()
        return int(seconds) * 1_000 + int(microseconds_) // 1_000

    def promise(self) -> str:
        """Return what an answered request survives, as Redis is set up."""
        with self._reaching():
            try:
                settings = self._redis.config_get("append*")
            except ResponseError:
                return "Redis does not tell whether it keeps what it was told"
        kept = {_text(key): _text(value) for key, value in settings.items()}
        if kept.get("appendonly") != "yes":
            return "Redis forgets all when it ends (appendonly no)"
        if kept.get("appendfsync") == "always":
            return "what was answered survives the end of any process (appendfsync always)"
        how = kept.get("appendfsync")
        return f"Redis may forget the last second when it ends (appendfsync {how}, not always)"

    # -- worlds -----------------------------------------------------------------------------------------

    def worlds(self) -> dict[str, int]:
        """Return the worlds there are, each with the number of its segment."""
        with self._reaching():
            return {_text(world): int(number) for world, number in self._redis.hgetall(WORLDS).items()}

    def census(self) -> dict[str, tuple[int, timedelta]]:
        """Return of each world how long its stream is, and for how long nobody has asked it anything."""
        now, rows = self.milliseconds, {}
        with self._reaching():
            for world, number in self.worlds().items():
                stream, begun = f"{_key(world)}:{number}", self._redis.hget(_key(world), "begun")
                asked = self._last_asked(stream) or int(_text(begun or now))
                rows[world] = int(self._redis.xlen(stream)), timedelta(milliseconds=max(now - asked, 0))
        return rows

    def _last_asked(self, stream: str) -> int:
        """Return when the last request or act was entered, or 0; time and leaders move by themselves."""
        before = "+"
        while entries := cast("list[Any]", self._redis.xrevrange(stream, max=before, count=LAST)):
            for place, fields in entries:
                if _text(fields[b"kind"]) in ASKING:
                    return int(_text(place).partition("-")[0])
            before = f"({_text(entries[-1][0])}"
        return 0

    def segment(self, world: str) -> tuple[Segment, int] | None:
        """Return how a world began, and when, in Redis' milliseconds; None where there is none."""
        with self._reaching():
            fields = {_text(key): value for key, value in self._redis.hgetall(_key(world)).items()}
        if not fields:
            return None
        texts = {key: _text(fields[key]) for key in ("version", "scenario", "setup")}
        start = instant(int(fields["start"]))
        return Segment(id=int(fields["id"]), world=world, start=start, **texts), int(fields["begun"])

    def follow(self, segment: Segment) -> Stream:
        """Return the inputs of a world, none of them read yet."""
        return Stream(self, segment)

    def begin(self, new: Segment, *, only_if_new: bool = False) -> bool:
        """Begin a world anew, for all; return whether that was done."""
        texts = (new.version, new.scenario, new.setup, str(microseconds(new.start)))
        keys = (_key(new.world), WORLDS, NUMBERS)
        return bool(self.run("begin", keys, new.world, *texts, "1" if only_if_new else "0"))

    def drop(self, world: str) -> None:
        """Forget a world, for all."""
        self.run("drop", (_key(world), WORLDS), world)

    def led(self, worlds: Iterable[str]) -> list[bool]:
        """Return of each world whether anybody leads it."""
        with self._reaching(), self._redis.pipeline(transaction=False) as pipe:
            for world in worlds:
                pipe.exists(f"{_key(world)}:lease")
            return [bool(count) for count in pipe.execute()]

    def lead(self, streams: Iterable[Stream]) -> None:
        """Keep the leases of these worlds that are ours, and take those that are free."""
        asked = [*streams]
        with self._reaching(), self._redis.pipeline(transaction=False) as pipe:
            for stream in asked:
                self._scripts["lead"](keys=stream.keys, args=stream.bid(), client=pipe)
            for stream, epoch in zip(asked, pipe.execute(raise_on_error=False), strict=True):
                stream.note_lease(epoch if isinstance(epoch, int) else 0)

    def unread(self, streams: Iterable[Stream]) -> set[int]:
        """Return the numbers of those segments to which others have added what was not read yet."""
        numbers = {stream.keys[1]: stream for stream in streams}
        with self._reaching():
            last: dict[Any, Any] = {key: stream.last for key, stream in numbers.items()}
            entries = dict(self._redis.xread(last, count=1)) if last else {}
        return {numbers[_text(key)].number for key in entries}

    def gone(self, names: Iterable[str]) -> list[str]:
        """Tell others that we are there; return which of these are not."""
        asked = [*names]
        with self._reaching(keeps=True), self._redis.pipeline(transaction=False) as pipe:
            pipe.set(f"{ROOT}:there:{self.name}", "", px=int(LEASE * 1_000))
            for name in asked:
                pipe.exists(f"{ROOT}:there:{name}")
            return [name for name, is_there in zip(asked, pipe.execute()[1:], strict=True) if not is_there]

    @contextmanager
    def _reaching(self, *, keeps: bool = False) -> Iterator[None]:
        """Tell what Redis says in words for people; an outage is over when it `keeps` something again."""
        try:
            yield
        except ResponseError as error:
            if str(error).startswith(SUPERSEDED):
                raise Superseded(str(error).removeprefix(SUPERSEDED).strip()) from None
            raise self._failed(error) from None
        except AuthenticationError as error:
            remedy = "put the password into the URL: redis://:PASSWORD@HOST:6379"
            raise StateError(f"{self.address}: {error}", remedy) from None
        except (RedisError, OSError) as error:
            raise self._failed(error) from None
        self._was_reached = True
        if keeps:
            self.outage.end()

    def _failed(self, error: Exception) -> StateUnavailable:
        remedy = "bring Redis back; we catch up"
        if "CERTIFICATE" in str(error):
            remedy = "name whom to trust: rediss://HOST:6379/0?ssl_ca_certs=FILE"
        elif isinstance(error, OutOfMemoryError):
            remedy = "give Redis more memory (maxmemory), or drop worlds"
        elif not self._was_reached:
            remedy = "start a Redis there, or correct the URL; rediss:// is for one that speaks TLS"
        if not self._was_reached:
            return StateUnavailable(f"{self.address}: {error}", remedy)
        problem = StateUnavailable(f"nothing was done: {self.address}: {error}", remedy)
        self.outage.begin(problem)
        return problem


class Stream:
    """One world's inputs in Redis, read up to `last`; its methods are called under the world's lock.

    `leads` tells whether we hold its lease, as far as we know, and `number` the lease's.
    """

    def __init__(self, streams: Streams, segment: Segment) -> None:
        self._streams = streams
        self._segment = str(segment.id)
        self.number = segment.id
        key = _key(segment.world)
        self.keys = [key, f"{key}:{segment.id}", f"{key}:lease"]
        self.last = "0-0"
        self.newest = 0
        self._number = 0
        self._asked = self._until = 0.0

    @property
    def leads(self) -> bool:
        """Whether the lease is ours, and we have read all that came before it."""
        return self._number == self.newest != 0 and self._streams.seconds() < self._until

    @property
    def has_unread_lease(self) -> bool:
        """Whether the lease is ours, and we have not read yet what came before it."""
        return self._number > self.newest

    def enter(
        self, cause: Cause, at: datetime | None = None, *, as_leader: bool = False
    ) -> Iterator[SharedInput]:
        """Add an input, and yield what came before it unread, then itself.

        What is due is made to happen `as_leader`: after somebody else has become that, it is passed over.
        """
        kind, body = encode_cause(cause)
        when = "" if at is None else str(microseconds(at))
        nonce = f"{self._streams.name}-{next(self._streams.counter)}"
        epoch = self._number if as_leader else 0
        deadline = self._streams.seconds() + (0.0 if self._streams.outage else AGAIN_SECONDS)
        while True:
            try:
                news = self._streams.run(
                    "enter", self.keys[:2], self._segment, self.last, nonce, epoch, when, kind, body
                )
            except Superseded:
                raise
            except StateUnavailable as failure:
                if self._streams.seconds() >= deadline:
                    message = failure.message.replace("nothing was done", "it may still be done")
                    raise StateUnavailable(message, failure.remedy) from None
                Event().wait(PAUSE_SECONDS)
            else:
                return self._read(news, nonce)

    def news(self) -> Iterator[SharedInput]:
        """Yield what others added since."""
        while news := self._streams.run("news", self.keys[:2], self._segment, self.last, PAGE):
            yield from self._read(news, "")
            if len(news) < PAGE:
                return

    def _read(self, news: list[Any], nonce: str) -> Iterator[SharedInput]:
        for number, fields in news:
            values = dict(zip(fields[::2], fields[1::2], strict=True))
            epoch, kind, at = int(values[b"epoch"]), _text(values[b"kind"]), values[b"at"]
            self.last = _text(number)
            self.newest = max(self.newest, epoch)
            if kind != "lead" and not 0 < epoch < self.newest:
                cause = decode_cause(kind, values[b"body"])
                milliseconds = int(self.last.partition("-")[0])
                named, sent = instant(int(at)) if at else None, _text(values[b"nonce"])
                yield SharedInput(sent.partition("-")[0], milliseconds, named, cause, sent == nonce)

    # -- who leads --------------------------------------------------------------------------------------

    def bid(self, *, by_force: bool = False) -> list[str | int]:
        """Return what the script is asked that gives the lease, and when."""
        self._asked = self._streams.seconds()
        force = "1" if by_force else "0"
        return [self._segment, self._streams.name, int(LEASE * 1_000), force, str(self._number)]

    def note_lease(self, epoch: int) -> None:
        """Note what it answered: the number of our lease, or 0 where somebody else has it."""
        if epoch:
            self._number = epoch
        self._until = self._asked + LEASE if epoch else 0.0

    def take_lead(self) -> None:
        """Lead from now on, whoever did: time is moved by hand here, and callbacks go out with it."""
        if not self.leads:
            self.note_lease(int(self._streams.run("lead", self.keys, *self.bid(by_force=True))))

    def leave(self) -> None:
        """Let others lead at once."""
        self._until = 0.0
        self._streams.run("leave", self.keys[2:], self._streams.name)


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
        place = "" if parts.scheme == "unix" else f"{parts.hostname or 'localhost'}:{parts.port or 6379}"
    except ValueError:  # which may quote a piece of the password
        remedy = "write redis://:PASSWORD@HOST:6379/0, and in a password %2F for a slash"
        raise StateError("the URL of the Redis has no port that is a number", remedy) from None
    return f"{parts.scheme}://{place}{parts.path}"


def _key(world: str) -> str:
    return f"{ROOT}:{{{world}}}"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
