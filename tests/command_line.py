"""The command line run in this process: what it and its children print, and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from simulator.cli import main


def run(*arguments: str) -> CompletedProcess[str]:
    """Run a command as a shell would, but for the half second in which a process starts."""
    code: object = 0
    with TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        with printed_to(out, err):
            try:
                main(list(arguments), prog_name="simulator")
            except SystemExit as end:
                code = end.code
        assert isinstance(code, int), code
        return CompletedProcess(arguments, code, out.read_text(), err.read_text())


@contextmanager
def printed_to(out: Path, err: Path) -> Iterator[None]:
    """Let what this process and its children print go to two files."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(number) for number in (1, 2)]
    with out.open("w", buffering=1) as stdout, err.open("w", buffering=1) as stderr:
        os.dup2(stdout.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        try:
            with redirect_stdout(stdout), redirect_stderr(stderr):
                yield
        finally:
            for number, former in zip((1, 2), kept, strict=True):
                os.dup2(former, number)
                os.close(former)
