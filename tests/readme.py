"""The README as a program: its fenced blocks, and what its commands answer here."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.source_tree import ROOT

README = ROOT / "README.md"
PUBLISHED = "http://127.0.0.1:8070"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """One command of a console block and what the README shows as its answer."""

    command: str
    shown: str


def blocks(language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(README.read_text()) if kind == language]


def steps() -> Iterator[Step]:
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield Step(command, shown)


def answer(command: str, root: str, environment: Mapping[str, str]) -> str:
    """Run one command as a reader would, but against the simulator at `root`."""
    there = command.replace(PUBLISHED, root)
    if there.startswith("simulator "):
        there = there.replace("simulator", f"{shlex.quote(sys.executable)} -m simulator", 1)
    command_line = ["sh", "-c", there]
    done = subprocess.run(
        command_line, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def refreshed() -> str:
    """Return the README with the answers of `simulator ...` commands that it shows brought up to date."""
    text = README.read_text()
    for step in steps():
        if step.command.startswith("simulator ") and step.shown:
            told = answer(step.command, PUBLISHED, {"PATH": "/usr/bin:/bin"})
            text = text.replace(f"$ {step.command}\n{step.shown}", f"$ {step.command}\n{told}")
    return text


if __name__ == "__main__":
    README.write_text(refreshed())
