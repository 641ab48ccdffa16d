"""The inputs of all worlds in one SQLite file: on disk before their answers leave."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from zlib import crc32

from msgspec.structs import replace

from simulator.errors import StateError, StateUnavailable
from simulator.state.encoding import decode_cause, encode_cause, instant, microseconds
from simulator.state.group_sync import GroupSync
from simulator.state.inputs import Input, InputLog, Outage, Segment

FORMAT = 3
"""Of the file; another one is refused."""

MEGABYTES = 1_024
"""How large a file may grow, unless somebody says otherwise."""

COPY = "put a copy of it in its place, or name another file and begin anew"
LOST = "\ufffd"
"""What is read in the place of a letter that is damaged."""

BYTES_OF_AN_INPUT = 400
"""How large most of them are."""

_NOBODYS = (0, 0, 0, 0, "")
"""Of an input that belongs to no world."""
_APPLICATION = 0x5E1EC0DE & 0x7FFFFFFF
_COLUMNS = "world, version, scenario, setup, start, sum"
_INSERT = "INSERT INTO input VALUES (?, ?, ?, ?, ?, ?, ?)"
_TABLES = """
CREATE TABLE IF NOT EXISTS segment (
    id INTEGER PRIMARY KEY AUTOINCREMENT, world TEXT NOT NULL UNIQUE, version TEXT NOT NULL,
    scenario TEXT NOT NULL, setup TEXT NOT NULL, start INTEGER NOT NULL, sum INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS input (
    segment INTEGER NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, host INTEGER NOT NULL,
    kind TEXT NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (segment, n)
) WITHOUT ROWID;
"""


class StateFile:
    """One SQLite file that keeps the inputs of many worlds, for one process at a time; up to `megabytes`.

    An input that was appended survives the end of the process; with `full` it survives a loss of power once
    `sync` has returned, which is None without. Safe for threads. Everything raises StateError where the file
    cannot be read or written.
    """

    def __init__(self, path: Path, *, full: bool = False, megabytes: int = MEGABYTES) -> None:
        self.path = path
        self.megabytes = megabytes
        self.full = full
        self._lock = Lock()
        self.outage = Outage()
        self._is_open = False
        fresh = not path.exists()
        if not fresh and not path.is_file():
            what = "a folder" if path.is_dir() else "no regular file"
            raise StateError(f"{path} is {what}, so it is no state file", "name a file in a folder of yours")
        if not fresh and path.stat().st_size == 0:
            raise StateError(f"{path} is empty, so it is no state file", "remove it, or name another file")
        with self._told(), suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with self._told():
            self._base = sqlite3.connect(  # by its whole path: SQLite takes :memory: for no file at all
                path.absolute(),
                isolation_level=None,
                check_same_thread=False,
                timeout=0,
                cached_statements=64,
            )
            try:
                self._prepare(fresh)
                self.sync = GroupSync(path.with_name(f"{path.name}-wal")) if full else None
            except BaseException:  # whoever is told what is wrong with the file can mend it at once
                self._base.close()
                raise
        self._identity = _identity_of(path)
        self._is_open = True

    def _prepare(self, fresh: bool) -> None:
        """Lock the file, check that it is ours, and bring it to our format."""
        self._base.text_factory = _letters
        self._base.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._base.execute("PRAGMA journal_mode=WAL")
        self._check_format(fresh)
        script = f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={FORMAT}; COMMIT;"
        self._base.executescript(script)  # synced by SQLite itself, and with it that the log is there
        self._base.execute("PRAGMA synchronous=NORMAL")
        (page_size,) = self._base.execute("PRAGMA page_size").fetchone()
        self._base.execute(f"PRAGMA max_page_count={self.megabytes * 1_048_576 // page_size}")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self.sync is not None:
                self.sync.close()
            self._base.close()

    # -- worlds -----------------------------------------------------------------------------------------

    def segments(self) -> list[Segment]:
        """Return the worlds there are, in the order in which they were opened."""
        statement = f"SELECT id, {_COLUMNS} FROM segment ORDER BY id"  # noqa: S608 - no value
        with self._lock, self._told():
            rows = self._base.execute(statement).fetchall()
        for number, world, *rest, noted in rows:
            if noted != _sum_of_beginning(world, *rest):
                remedy = f"begin that one anew: `simulator state drop {self.path} --world {world}`"
                if LOST in world:
                    remedy = COPY
                raise StateError(f"{self.path}: how world {world} began is damaged ({number})", remedy)
        names = ("id", "world", "version", "scenario", "setup")
        return [Segment(**dict(zip(names, row, strict=False)), start=instant(row[5])) for row in rows]

    def check(self) -> None:
        """Raise StateError where the file is not as SQLite left it: else what is gone would not be missed."""
        if damage := self._damage():
            remedy = f"`simulator state verify {self.path}` tells what is left of it"
            raise StateError(f"{self.path} is damaged: {damage}", remedy)

    def _damage(self) -> str:
        with self._lock, self._told():
            [(report,)] = self._base.execute("PRAGMA quick_check(1)").fetchall()
        return "" if report == "ok" else " ".join(report.replace("*** in database main ***", "").split())

    def begin(self, new: Segment) -> Segment:
        """Begin a world's log, and return it with its number; the one that the world had is dropped."""
        with self._changing():
            self._drop(new.world)
            return self._begin(new)

    def drop(self, world: str) -> bool:
        """Forget a world; return whether there was one of this name."""
        with self._changing():
            return self._drop(world)

    def _begin(self, new: Segment) -> Segment:
        begun = (new.world, new.version, new.scenario, new.setup, microseconds(new.start))
        statement = f"INSERT INTO segment ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608 - no value
        row = (*begun, _sum_of_beginning(*begun))
        return replace(new, id=self._base.execute(statement, row).lastrowid or 0)

    def _drop(self, world: str) -> bool:
        old = "SELECT id FROM segment WHERE world = ?"
        self._base.execute(f"DELETE FROM input WHERE segment IN ({old})", (world,))  # noqa: S608 - no value
        return self._base.execute("DELETE FROM segment WHERE world = ?", (world,)).rowcount > 0

    # -- inputs -----------------------------------------------------------------------------------------

    def append(self, segment: Segment, number: int, entry: Input, host: datetime) -> None:
        """Keep one input, the `number`-th of its world, which came at the host's time `host`.

        When this returns it is kept, as far as the process is concerned.
        """
        row = _row(segment, number, entry, host)
        with self._lock, self._told():
            self._check_there()
            self._base.execute(_INSERT, row)
        self.outage.end()

    def try_out(self) -> None:
        """Raise StateUnavailable where no further input could be kept: one is written and taken back."""
        with self._lock, self._told():
            self._check_there()
        with self._changing():
            self._base.execute(_INSERT, (*_NOBODYS, bytes(BYTES_OF_AN_INPUT), 0))
            self._base.execute("DELETE FROM input WHERE segment = ?", _NOBODYS[:1])
        if self.sync is not None:
            self.sync()

    def copy(self, segment: Segment, inputs: Iterable[tuple[datetime, Input]]) -> int:
        """Keep a world of another file, whole or not at all; return how many inputs it has."""
        taken = {other.world for other in self.segments()}
        if segment.world in taken:
            remedy = f"forget that one first: `simulator state drop {self.path} --world {segment.world}`"
            raise StateError(f"{self.path} has a world {segment.world} already", remedy)
        with self._changing():
            begun = self._begin(segment)
            rows = (_row(begun, number, entry, host) for number, (host, entry) in enumerate(inputs, 1))
            return self._base.executemany(_INSERT, rows).rowcount

    def count(self, segment: Segment, kind: str = "%") -> int:
        """Return how many inputs of a kind a world has, damaged ones as well."""
        with self._lock, self._told():
            statement = "SELECT count(*) FROM input WHERE segment = ? AND kind LIKE ?"
            (count,) = self._base.execute(statement, (segment.id, kind)).fetchone()
            return int(count)

    def inputs(self, segment: Segment) -> Iterator[tuple[datetime, Input]]:
        """Yield the inputs of a world with the host's time when each came.

        Raises StateError where one is missing or damaged: it names the last good one.
        """
        statement = "SELECT n, at, host, kind, body, sum FROM input WHERE segment = ? ORDER BY n"
        good = 0
        try:
            for n, at, host, kind, body, noted in self._base.execute(statement, (segment.id,)):
                if n != good + 1 or noted != _sum(segment.id, n, at, host, kind, body):
                    raise ValueError("its checksum does not fit" if n == good + 1 else "it is missing")
                entry = Input(instant(at), decode_cause(kind, body))
                yield instant(host), entry
                good = n
            if damage := self._damage():
                raise ValueError(damage)
        except (ValueError, TypeError, sqlite3.Error) as error:
            world = segment.world
            remedy = f"`simulator state truncate {self.path} --world {world} --after {good}` keeps the rest"
            where = f"{self.path}: input {good + 1} of world {world}"
            raise StateError(f"{where} cannot be read: {error}", remedy) from None

    def truncate(self, world: str, after: int) -> int:
        """Forget the inputs of a world behind number `after`; return how many they were."""
        with self._changing():
            statement = (
                "DELETE FROM input WHERE n > ? AND segment IN (SELECT id FROM segment WHERE world = ?)"
            )
            return self._base.execute(statement, (after, world)).rowcount

    def rewrite(self) -> None:
        """Write anew what can be read: a damaged page is none any more."""
        with self._lock, self._told():
            self._base.execute("VACUUM")

    def size(self) -> int:
        """Return how many bytes of the file are in use."""
        with self._lock, self._told():
            (pages,) = self._base.execute("PRAGMA page_count").fetchone()
            (free,) = self._base.execute("PRAGMA freelist_count").fetchone()
            (page_size,) = self._base.execute("PRAGMA page_size").fetchone()
            return int((pages - free) * page_size)

    def _check_there(self) -> None:
        """Refuse to keep anything in a file that nobody could open again: SQLite would not notice."""
        if _identity_of(self.path) != self._identity:
            remedy = "put it back as it was, or end this simulator and start it anew"
            problem = StateUnavailable(f"nothing was done: {self.path} was removed or replaced", remedy)
            self.outage.begin(problem)
            raise problem

    def _check_format(self, fresh: bool) -> None:
        """Refuse a file of somebody else's, or of another format; sign a new one."""
        (application,) = self._base.execute("PRAGMA application_id").fetchone()
        (version,) = self._base.execute("PRAGMA user_version").fetchone()
        if fresh:
            self._base.execute(f"PRAGMA application_id={_APPLICATION}")
        elif application != _APPLICATION:
            raise StateError(f"{self.path} is no state file of the simulator", "name another file")
        elif version != FORMAT:
            remedy = "run the simulator that wrote it, or begin with another file"
            raise StateError(f"{self.path} has the format {version}, this simulator writes {FORMAT}", remedy)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Change the file as a whole or not at all."""
        with self._lock, self._told(), self._base:
            self._base.execute("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what SQLite or the host say of the file in words for people."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._problem(error) from None
        except OSError as error:
            raise StateError(
                f"{self.path}: {error.strerror}", "name a file in a folder that can be written to"
            ) from None

    def _problem(self, error: sqlite3.Error) -> StateError:
        """Return what an error of SQLite's is to people; that there is no room is logged, once."""
        code = getattr(error, "sqlite_errorname", "")
        if code.startswith("SQLITE_BUSY"):
            reloads = (
                os.environ.get("WERKZEUG_RUN_MAIN") == "true"
            )  # Flask's reloader has loaded it before us
            remedy = "use `flask run --no-reload`" if reloads else "end that one, or name another file"
            return StateError(f"{self.path} is in use by another process", remedy)
        if not code or code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR")):
            remedy = f"`simulator state verify {self.path}` tells what is left of it"
            if not self._is_open:
                remedy = COPY
            return StateError(f"{self.path} is damaged, or no state file: {error}", remedy)
        most = f"{self.megabytes} MB that `--state-size` gives it"
        remedy = f"close or reset worlds, make room on the disk, or raise the {most}"
        problem = StateUnavailable(f"nothing was done: {self.path}: {error}", remedy)
        self.outage.begin(problem)
        return problem


class DurableLog(InputLog):
    """Keeps inputs in a state file: each is there when `append` returns, which raises StateError if not.

    `host_now` tells the host's time. Nothing of it lies in memory.
    """

    durable = True

    def __init__(
        self, file: StateFile, segment: Segment, host_now: Callable[[], datetime], count: int = 0
    ) -> None:
        super().__init__()
        self._file = file
        self._segment = segment
        self._host_now = host_now
        self._count = count
        self.sync = file.sync

    def append(self, entry: Input) -> None:
        """Add one input at the end."""
        self._file.append(self._segment, self._count + 1, entry, self._host_now())
        self._count += 1

    def __iter__(self) -> Iterator[Input]:
        """Iterate from the first input; raises StateError where one is damaged."""
        return (entry for _, entry in self._file.inputs(self._segment))


def _identity_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one by its name; None where there is none."""
    try:
        there = path.stat()
    except OSError:
        return None
    return there.st_dev, there.st_ino


def _letters(text: bytes) -> str:
    """Return a text of the file also where it is damaged, which its checksum tells."""
    return text.decode("utf-8", "replace")


def _sum_of_beginning(*columns: object) -> int:
    """Return the checksum of how a world began."""
    return crc32(repr(columns).encode("utf-8", "surrogatepass"))


def _row(segment: Segment, number: int, entry: Input, host: datetime) -> tuple[object, ...]:
    """Return an input as a row, its checksum last; raises TypeError for arguments that are not plain."""
    kind, body = encode_cause(entry.cause)
    row = (segment.id, number, microseconds(entry.at), microseconds(host), kind, body)
    return (*row, _sum(*row))


def _sum(segment: int, number: int, at: int, host: int, kind: str, body: bytes) -> int:  # noqa: PLR0917
    """Return the checksum of an input's row: of its columns, then of its body."""
    return crc32(body, crc32(f"{segment} {number} {at} {host} {kind} ".encode()))
