"""The oldest Flask and Werkzeug that we say we work with: `python -m tests.oldest` prints them."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

LIBRARIES = ("flask", "werkzeug")


def oldest() -> Iterator[str]:
    """Yield each as a requirement, by the lower bound in pyproject.toml."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    for name in LIBRARIES:
        bounds = (re.match(rf"{name}>=([0-9.]+),", one) for one in project["dependencies"])
        yield next(f"{name}=={bound[1]}" for bound in bounds if bound)


if __name__ == "__main__":
    sys.stdout.write(" ".join(oldest()) + "\n")
