"""The guard of a test run: who looks up or connects to a real vendor from this process is refused."""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from simulator.serving.preload.simulator_routing import sought
from simulator.serving.secure import every_host
from simulator.testing.host_routes import RealVendor
from simulator.web.host_names import domains_of, is_in

OURS = str(Path(__file__).parents[1])
TRIED = "the guard: a real vendor was tried past the simulator"
REMEDY = (
    "  use the fixture's `base_url`, one of its sessions, or `simulator_hosts`, with which code that has the "
    "vendor's own address reaches the test's world"
)


class Guard:
    """Watches the sockets of this process, from `watch` to `end`; fails the tests that try real vendors."""

    def __init__(self) -> None:
        self._domains = domains_of(every_host())
        self._tried: dict[str, None] = {}
        self._watches = False

    def watch(self) -> None:
        """Begin; what hears of sockets stays until the process ends, and is deaf after `end`."""
        self._watches = True
        sys.addaudithook(self._hear)

    def end(self) -> None:
        """Watch no more."""
        self._watches = False

    def note(self, host: str, port: object, how: str) -> None:
        """Keep that somebody tried."""
        self._tried[f"  {host}{port and f':{port}'} by {how}{_where()}"] = None

    def take(self) -> str:
        """Return what was tried since the last time, in words; nothing when there was nothing."""
        lines, self._tried = [*self._tried], {}
        return "\n".join([TRIED, *lines, REMEDY]) if lines else ""

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        host, port = sought(event, given)
        if host and self._watches and is_in(host, self._domains):
            self.note(host, port, event)
            raise RealVendor(host)

    # -- what pytest calls ------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Fail a test that tried, even where its client took the refusal for an outage."""
        try:
            result = yield
        except (Exception, pytest.fail.Exception):
            if tried := self.take():
                item.add_report_section("call", "simulator guard", tried)
            raise
        if tried := self.take():
            pytest.fail(tried, pytrace=False)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, Any, Any]:
        """Fail the teardown, which counts as an error, of what tried there or never came to its test."""
        result = yield
        if tried := self.take():
            pytest.fail(tried, pytrace=False)
        return result

    def pytest_unconfigure(self) -> None:
        """Watch no more."""
        self.end()


def _where() -> str:
    """Return the line of the nearest code that is neither a library's nor ours."""
    frame = sys._getframe(2)  # noqa: SLF001 - a traceback would cost more
    while frame is not None and _is_foreign(frame.f_code.co_filename):
        frame = frame.f_back  # type: ignore[assignment]
    return f", at {frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else ""


def _is_foreign(file: str) -> bool:
    parts = Path(file).parts
    return "site-packages" in parts or file.startswith(("<", sys.base_prefix, OURS))
