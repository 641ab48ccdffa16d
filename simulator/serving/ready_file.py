"""The ready file: what a program needs to know that uses a served simulator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from simulator.errors import SimulatorError


def write_ready_file(document: Mapping[str, Any], path: Path) -> None:
    """Write the ready file whole or not at all, for the owner's eyes; raises SimulatorError."""
    text = json.dumps(document, indent=2) + "\n"
    written: Path | None = None
    try:
        with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            written = Path(file.name)
            file.write(text)
        written.replace(path)
    except OSError as error:
        if written is not None:
            written.unlink(missing_ok=True)
        raise SimulatorError(
            f"cannot write the ready file {path}: {error.strerror}", "name a file in a folder that is yours"
        ) from None
