"""What the simulator logs, as lines of JSON for whoever collects them."""

from __future__ import annotations

import json
import logging
import os
import platform
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: when, how grave, whose, what, and by which instance."""

    def __init__(self) -> None:
        super().__init__()
        self._instance = f"{platform.node()}-{os.getpid()}"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback is a member of it."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "instance": self._instance,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_as_json() -> None:
    """Write what is logged from warnings on to stderr, a line of JSON each."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.getLogger("simulator").addHandler(handler)
