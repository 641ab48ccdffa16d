"""Runs programs side by side, each in its folder, and prints what each said; what follows --slip errs."""

from __future__ import annotations

import os
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


def main(paths: list[str]) -> int:
    right = paths[: paths.index("--slip")] if "--slip" in paths else paths
    started = [(Path(path), start(Path(path), {})) for path in right]
    started += [(Path(path), start(Path(path), {"SLIP": "1"})) for path in paths[len(right) + 1 :]]
    codes = []
    for path, process in started:
        output = process.communicate()[0]
        codes.append(process.returncode)
        sys.stdout.write(output if process.returncode == 0 else f"{path.name} failed: {output}\n")
    return max(codes)


def start(path: Path, more: dict[str, str]) -> subprocess.Popen[str]:
    command = [*INTERPRETERS[path.suffix], path.name]
    return subprocess.Popen(
        command,
        cwd=path.parent,
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
