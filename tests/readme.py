"""The README and its pages as programs: their fenced blocks, and what their commands answer here.

`python -m tests.readme` brings the answers that they show up to date.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.source_tree import ROOT

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "simulator").rglob("README.md"))]
PUBLISHED = "http://127.0.0.1:8070"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOOLS = ("make", "sh", "curl")
"""What a reader's machine has besides Python."""


class Step(NamedTuple):
    """One command of a console block and what its page shows as its answer."""

    command: str
    shown: str


def blocks(language: str, pages: list[Path] = PAGES) -> list[str]:
    return [body for page in pages for kind, body in FENCE.findall(page.read_text()) if kind == language]


def steps(pages: list[Path] = PAGES) -> Iterator[Step]:
    for block in blocks("console", pages):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield Step(command, shown)


def answer(command: str, root: str, folder: Path) -> str:
    """Run one command as a reader would, but against the simulator at `root`.

    `folder` is empty: the command finds Python, the simulator, and a few tools by a path of its own there.
    """
    programs = folder / "bin"
    if not programs.exists():
        _install(programs)
    environment = {"PATH": str(programs), "HOME": str(folder)}
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    done = subprocess.run(
        [str(programs / "sh"), "-c", command.replace(PUBLISHED, root)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _install(programs: Path) -> None:
    """Put what a machine has after `pip install` into a folder, and nothing else."""
    programs.mkdir()
    for name in TOOLS:
        (programs / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")
    interpreter = shlex.quote(sys.executable)
    for name, arguments in (("python3", ""), ("simulator", "-m simulator ")):
        program = programs / name
        program.write_text(f'#!{programs / "sh"}\nexec {interpreter} {arguments}"$@"\n')
        program.chmod(0o755)


def refreshed(page: Path) -> str:
    """Return a page with the answers of `simulator ...` commands that it shows brought up to date."""
    text = page.read_text()
    for step in steps([page]):
        if step.command.startswith("simulator ") and step.shown:
            with TemporaryDirectory() as folder:
                shown = answer(step.command, PUBLISHED, Path(folder))
            text = text.replace(f"$ {step.command}\n{step.shown}", f"$ {step.command}\n{shown}")
    return text


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(refreshed(page))
