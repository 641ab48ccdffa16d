"""What all tests share: the same generated examples in every run, however long a busy machine takes."""

from __future__ import annotations

import gc
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

LONGEST_NAME = 200


def pytest_configure() -> None:
    """Let processes that tests start hear Ctrl-C, which jobs in a shell's background ignore."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def is_left_out(path: Path) -> bool:
    """Tell whether nobody but `make thorough` reads a file of tests.

    Schemathesis makes those, all of them thorough: to collect them takes as long as all others.
    """
    return path.match("contracts/test_*_fuzz.py")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what is thorough as a whole where nothing thorough is asked for."""
    is_plain = config.getoption("markexpr") == "not thorough"
    return True if is_plain and is_left_out(collection_path) else None


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case by the beginning of its text: some are of megabytes, and names go from worker to worker."""
    text = val.decode("latin-1") if isinstance(val, bytes) else val
    return ascii(text[:LONGEST_NAME])[1:-1] if isinstance(text, str) and len(text) > LONGEST_NAME else None


def pytest_collection() -> None:
    """Collect no garbage while tests are collected, of which there is none."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Put ten thousand collected tests aside, so that to look for garbage is quick, and do that seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 10, 50)
    gc.enable()


def pytest_runtest_teardown() -> None:
    """Let Python collect garbage again, also after a test of `serve`, which does that at its own pace."""
    gc.enable()
