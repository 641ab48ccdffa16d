"""The page with 10,000 calls: what a view takes, and how smooth it stays while thousands of events pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from shutil import which
from threading import Thread
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from tests.benchmarks.figures import Figure, median_seconds, report
from tests.serving_process import Served, serving

CALLS, AT_ONCE, ROUNDS = 10_000, 5_000, 15
VIEWS = {
    "first page": "",
    "page 200": "?page=200",
    "one number": "?number=74000004567",
    "a word that none has": "?q=xyzzy",
    "requests": "?show=requests",
    "one telephone": "telephone?number=%2B447400000001",
}
FRAMES = """() => { window.frames_ = []; let last = performance.now();
  const step = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame(step); }"""


def ask(served: Served, verb: str, path: str, body: str = "", kind: str = "") -> bytes:
    """Return the body of an answer."""
    connection = HTTPConnection("127.0.0.1", served.port)
    connection.request(verb, path, body or None, {"Accept": "text/html", "Content-Type": kind})
    answer = connection.getresponse().read()
    connection.close()
    return answer


def measure() -> Iterator[Figure]:
    """Bring the calls in, look at them, then let ten minutes pass in front of a browser."""
    with serving("--clock", "virtual") as served:
        access = served.ready["credentials"]["callo"]
        for begin in range(0, CALLS, AT_ONCE):
            phones = "\n".join(f"+44740{place:07d}" for place in range(begin, begin + AT_ONCE))
            form = {
                "public_key": access["public_key"],
                "campaign_id": access["campaign_id"],
                "phones": phones,
            }
            path = "/callo/manager/cabapi_external/api/v1/phones/append/calls/"
            ask(served, "POST", path, urlencode(form), "application/x-www-form-urlencoded")
        _advance(served, "20s")
        for name, path in VIEWS.items():
            look = partial(ask, served, "GET", f"/_simulator/{path}")
            look()
            took = median_seconds(look, ROUNDS) * 1e3
            yield Figure(f"page, {CALLS} calls: {name}", took, 200, "ms", "at the client, over a socket")
        if chromium := which("chromium"):
            yield from _in_browser(served, chromium)


def _advance(served: Served, length: str) -> Any:
    body = json.dumps({"by": length})
    return json.loads(ask(served, "POST", "/_simulator/v1/clock/advance", body, "application/json"))


def _in_browser(served: Served, chromium: str) -> Iterator[Figure]:
    with sync_playwright() as driver:
        flags = ["--headless", "--no-sandbox", "--disable-gpu"]
        page = driver.chromium.launch(executable_path=chromium, args=flags).new_page()
        address = f"http://127.0.0.1:{served.port}/_simulator/"
        page.goto(address)
        before = _newest_event(page)
        page.evaluate(FRAMES)
        begun = perf_counter()
        passing = Thread(target=_advance, args=(served, "10m"))
        passing.start()
        while passing.is_alive():
            page.wait_for_timeout(50)
        took = perf_counter() - begun
        gaps = page.evaluate("window.frames_")
        page.goto(address)
        events = _newest_event(page) - before
    yield Figure(
        "events while a browser looks", events / took, 1_000, "/s", f"in {took:.1f} s", at_least=True
    )
    yield Figure("frames it draws meanwhile", len(gaps) / sum(gaps) * 1e3, 10, "/s", "", at_least=True)
    yield Figure("its longest pause", max(gaps), 500, "ms", "a frame behind a swap of 50 rows")


def _newest_event(page: Any) -> int:
    return int(page.locator("#shell").get_attribute("data-after"))


if __name__ == "__main__":
    report(measure())
