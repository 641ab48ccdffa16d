"""The HTML report in a real browser: without scripts, on a phone, in the dark."""

from __future__ import annotations

from pathlib import Path
from shutil import which

import pytest

from simulator.reports.page import render_html
from tests.reports.runs import EVIDENCE

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_reads_on_a_phone_without_scripts(tmp_path: Path, scheme: str) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_html([EVIDENCE]), encoding="utf-8")

    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        page = browser.new_page(viewport=PHONE, color_scheme=scheme, java_script_enabled=False)
        page.goto(file.as_uri())
        failed = page.locator("[id='CALLO-1.2']")
        shown = [failed.locator(".finding").is_visible(), failed.locator("pre").first.is_visible()]
        boxes = [one.bounding_box() for one in page.locator("summary").all() if one.is_visible()]
        widths = [box["x"] + box["width"] for box in boxes]
        ground = page.screenshot()[:8]
        browser.close()

    assert shown == [True, False]
    assert max(widths) <= PHONE["width"]
    assert ground == b"\x89PNG\r\n\x1a\n"
