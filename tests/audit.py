"""`make audit`: known faults of what the simulator needs, and a list of all of it for whoever runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOCK = Path("requirements/serve.lock")
BILL = Path("build/sbom.cdx.json")


def summarise(report: Mapping[str, Any]) -> tuple[list[str], bool]:
    """Return what `pip-audit` reports, in lines, and whether that is good; unasked is not good."""
    known = [(entry, fault) for entry in report["dependencies"] for fault in entry.get("vulns", ())]
    unasked = [entry["name"] for entry in report["dependencies"] if "skip_reason" in entry]
    lines = [f"{entry['name']} {entry['version']}: {fault['id']}" for entry, fault in known]
    if len(unasked) == len(report["dependencies"]):
        lines.append("no advisory source is reachable: nothing was audited")
    elif unasked:
        lines.append(f"no advisories could be had of {', '.join(unasked)}")
    return lines or [f"{len(report['dependencies'])} packages, no known fault"], not known


def main(tools: str) -> int:
    """Write the bill of materials, and audit what is in it."""
    BILL.parent.mkdir(exist_ok=True)
    lister = [f"{tools}/cyclonedx-py", "requirements", str(LOCK), "--of", "JSON", "-o", str(BILL)]
    subprocess.run(lister, check=True)
    auditor = [f"{tools}/pip-audit", "--disable-pip", "--require-hashes", "-r", str(LOCK), "-f", "json"]
    audit = subprocess.run(auditor, capture_output=True, text=True, check=False)
    if not audit.stdout:
        sys.stdout.write(f"no advisory source is reachable: nothing was audited\n{audit.stderr[-300:]}\n")
        return 0
    lines, is_good = summarise(json.loads(audit.stdout))
    sys.stdout.writelines(f"{line}\n" for line in [*lines, f"what is in it: {BILL}"])
    return 0 if is_good else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
