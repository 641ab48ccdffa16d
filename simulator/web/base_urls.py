"""Paths that miss because the base URL of a client ends too early, or begins anew: what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Known = Callable[[str], bool]
"""Tells whether anything answers at a path."""

TOO_EARLY = "your base URL ends too early: add {}"
TWICE = "your base URL holds {} twice: leave one out"


def missing_prefix(path: str, prefixes: Iterable[str], knows: Known) -> str | None:
    """Return what is wrong with the base URL in front of a path that nobody knows, or None.

    `prefixes` are what base URLs of the vendor end in, such as `/v2.0`; the first one that helps is named,
    with the others that would help as well.
    """
    advice: dict[str, None] = {}
    for prefix in prefixes:
        advice.update(dict.fromkeys(_advice(path, prefix.strip("/").split("/"), knows)))
    first, *others = advice or (None,)
    same = [other for other in others if first and other.split(":")[0] == first.split(":")[0]]
    return first and " or ".join((first, *(other.partition(": add ")[2] or other for other in same)))


def _advice(path: str, prefix: list[str], knows: Known) -> Iterator[str]:
    steps = path.removeprefix("/").split("/")
    if steps == [""]:  # the root: what lives right at the prefix is meant
        steps = []
    for start in range(len(prefix)):  # it lacks what stands before `start`
        kept = _shared(steps, prefix[start:])
        if start and kept and knows(_join(prefix[:start] + steps)):
            yield TOO_EARLY.format(_join(prefix[:start]))
            return
    kept = _shared(steps, prefix)
    if kept < len(prefix) and knows(_join(prefix + (steps[kept:] or [""]))):
        yield TOO_EARLY.format(_join(prefix[kept:]))
    elif kept == len(prefix):
        yield from _doubled(steps, prefix, knows)


def _doubled(steps: list[str], prefix: list[str], knows: Known) -> Iterator[str]:
    for start in range(len(prefix)):
        again, after = prefix[start:], steps[len(prefix) :]
        if after[: len(again)] == again and knows(_join(prefix + (after[len(again) :] or [""]))):
            yield TWICE.format(_join(again))
            return


def _shared(steps: list[str], prefix: list[str]) -> int:
    """Return how many steps two paths have in common from their beginning."""
    pairs = enumerate(zip(steps, prefix, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(steps), len(prefix)))


def _join(steps: list[str]) -> str:
    return "/" + "/".join(steps)
