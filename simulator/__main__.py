"""The command line as a process: `simulator`, and `python -m simulator`."""

from __future__ import annotations

import os
import signal


def run() -> None:
    """Run the command line; Ctrl-C ends it with 130 and without a traceback, however early or late it comes.

    Until a command runs, and when it has, there is nothing to put in order, and imports can pass an
    interrupt on as another error: the process ends where it stands.
    """
    is_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_default:
        signal.signal(signal.SIGINT, _leave)
    from simulator.cli import main  # noqa: PLC0415 - it takes a while, in which somebody may think better of it

    if is_default:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        main()
    finally:
        if is_default:
            signal.signal(signal.SIGINT, _leave)


def _leave(_signal: int, _frame: object) -> None:
    os._exit(128 + signal.SIGINT)  # as shells have it


if __name__ == "__main__":
    run()
