"""Run by `python -m tests.benchmarks [NAME...]`: each benchmark in a process of its own, then one table."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.benchmarks.figures import Figure, table

NAMES = (
    "starting",
    "in_process",
    "server_alone",
    "over_socket",
    "peers",
    "dialing",
    "bulk",
    "campaign",
    "sharing",
    "jaicp",
    "kaleyra",
    "callr",
    "page",
    "worlds",
    "suites",
)


def main(names: list[str]) -> None:
    for name in names or NAMES:
        line = [sys.executable, "-m", f"tests.benchmarks.{name}"]
        output = subprocess.run(line, stdout=subprocess.PIPE, check=True).stdout
        sys.stdout.write(table(Figure(*figure) for figure in json.loads(output)) + "\n")
        sys.stdout.flush()


main(sys.argv[1:])
