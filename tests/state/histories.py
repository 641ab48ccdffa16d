"""What clients saw of a server that was tortured, and what of it must not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Add:
    """A call that a client asked for, to a number of its own; `ref` is its id, None where no answer came."""

    phone: str
    ref: int | None


@dataclass
class History:
    """All that clients and their receiver saw: calls asked for, and the calls that callbacks told of."""

    adds: list[Add] = field(default_factory=list)
    callbacks: list[int] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return sum(add.ref is not None for add in self.adds)


@dataclass(frozen=True)
class Ending:
    """What one server says in the end: its calls, as pairs of id and number, and a digest of its world."""

    calls: Sequence[tuple[int, str]]
    digest: str


def check_history(history: History, endings: Mapping[str, Ending]) -> list[str]:
    """Return each thing that breaks a promise, in words; nothing when all was kept."""
    return [
        *_check_adds(history),
        *(f"{name}: {finding}" for name, end in endings.items() for finding in _check_ending(history, end)),
        *_check_agreement(endings),
    ]


def _check_adds(history: History) -> Iterator[str]:
    given = Counter(add.ref for add in history.adds if add.ref is not None)
    yield from (f"the id {ref} was given {times} times" for ref, times in given.items() if times > 1)


def _check_ending(history: History, ending: Ending) -> Iterator[str]:
    refs, phones = Counter(ref for ref, _ in ending.calls), Counter(phone for _, phone in ending.calls)
    phone_of, asked = dict(ending.calls), {add.phone for add in history.adds}
    for add in history.adds:
        if add.ref is not None and add.ref not in phone_of:
            yield f"the acknowledged call {add.ref} is lost"
        elif add.ref is not None and phone_of[add.ref] != add.phone:
            yield f"the call {add.ref} is to another number than was asked for"
    yield from (f"the call {ref} is there {times} times" for ref, times in refs.items() if times > 1)
    yield from (
        f"{phone} was asked for once, called {times} times" for phone, times in phones.items() if times > 1
    )
    yield from (f"nobody asked for the call to {phone}" for phone in phones.keys() - asked)
    yield from (f"no callback told of the call {ref}" for ref in refs.keys() - {*history.callbacks})
    yield from (f"a callback told of {ref}, which is no call" for ref in {*history.callbacks} - refs.keys())


def _check_agreement(endings: Mapping[str, Ending]) -> Iterator[str]:
    if len({ending.digest for ending in endings.values()}) > 1:
        yield f"the worlds differ: { {name: ending.digest[:8] for name, ending in endings.items()} }"
