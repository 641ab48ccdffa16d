"""The HTML report in a real browser: without scripts, on a phone, in the dark."""

from __future__ import annotations

from pathlib import Path
from shutil import which

import pytest
from msgspec.structs import replace

from simulator.reports.page import render_html
from tests.reports.runs import EVIDENCE

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
PHONE = {"width": 360, "height": 780}
TWO = [EVIDENCE, replace(EVIDENCE, agent="go 1.24")]


@pytest.mark.thorough
def test_a_report_reads_on_a_phone_without_scripts_in_light_in_the_dark_and_printed(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_html(TWO), encoding="utf-8")

    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        page = browser.new_page(viewport=PHONE, java_script_enabled=False)
        page.goto(file.as_uri())
        failed = page.locator("[id='1-CALLO-1.2']")
        shown = [failed.locator(".finding").is_visible(), failed.locator("pre").first.is_visible()]
        boxes = [one.bounding_box() for one in page.locator("summary, h1, h2").all() if one.is_visible()]
        widths = [box["x"] + box["width"] for box in boxes]
        square = page.locator("svg rect.talk").first.bounding_box()["width"]
        replay = failed.locator("code").first.inner_text()
        pictures = []
        for look in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"media": "print"}):
            page.emulate_media(**look)
            pictures.append(page.screenshot())
        printed = failed.locator("pre").first.is_visible()
        browser.close()

    assert (shown, printed) == ([True, False], True)
    assert max(widths) <= PHONE["width"]
    assert square > 15
    assert replay == "simulator replay run.json CALLO-1.2"
    assert len({*pictures}) == 3
