"""Runs the programs in a folder that it is told, side by side, and prints what each said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

INTERPRETERS = {
    ".py": [sys.executable],
    ".mjs": ["node"],
    ".php": ["php"],
    ".java": ["java"],
    ".rb": ["ruby"],
    ".sh": ["sh"],
}


def main(folder: str, names: list[str]) -> int:
    processes = {
        name: subprocess.Popen(
            [*INTERPRETERS[Path(name).suffix], name],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in names
    }
    codes = []
    for name, process in processes.items():
        said = process.communicate()[0]
        codes.append(process.returncode)
        sys.stdout.write(said if process.returncode == 0 else f"{name} failed: {said}\n")
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
