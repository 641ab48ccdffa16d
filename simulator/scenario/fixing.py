"""Mending what is mechanical: names that were misspelt, and text that lacks its quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FINDING = re.compile(r"(?P<file>.+?):(?P<line>[0-9]+):(?P<column>[0-9]+): (?P<what>.*)")
_MEANT = re.compile(r"'(?P<wrong>[^']+)'[^']*; did you mean '(?P<right>[^']+)'\?")
_QUOTED = re.compile(r'in quotes[^"]*: "(?P<text>[^"…]+)"$')


def mend(text: str, findings: Iterable[str], name: str) -> str:
    """Return the text of the file `name` with what its findings know a mechanical remedy for."""
    lines = text.split("\n")
    for finding in reversed(list(findings)):  # from the end of a line to its start, so that columns hold
        match = _FINDING.match(finding.splitlines()[0])
        if match and match["file"] == name:
            nth, start = int(match["line"]) - 1, int(match["column"]) - 1
            lines[nth] = lines[nth][:start] + _mended(lines[nth][start:], match["what"])
    return "\n".join(lines)


def _mended(rest: str, what: str) -> str:
    """Return what a line holds from a finding's place on, mended if it can be."""
    if match := _MEANT.search(what):
        return re.sub(rf"(?<![\w-]){re.escape(match['wrong'])}(?![\w-])", match["right"], rest, count=1)
    if (match := _QUOTED.search(what)) and rest.startswith(match["text"]):
        return f'"{match["text"]}"{rest[len(match["text"]) :]}'
    return rest
