"""The page in a real browser: what happens shows by itself, and a telephone is answered by whoever looks."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.serving_process import PATIENCE, Served, serving
from tests.web.receiver import OK, Receiver, answering, receiving

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright here: pip install playwright")

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ALICE, BOB, CAROL, DAVE = "+447700900310", "+447700900000", "+447700900001", "+447700900002"
AXE = Path(__file__).parent / "axe" / "axe.min.js"
VIEWS = [
    "", "?show=requests", "?show=callbacks", "?show=messages", f"telephone?numbers={quote(ALICE)}", "clock",
    "callbacks", "findings", "coverage", "campaigns", "faults", "scenario", "reference",
    "reference?q=phone+number", "reference/callo", "reference/callo/add_call", "reference/words",
    "reference/magic", "reference/callr/update_audio_file_on_the_phone",
]  # fmt: skip
OPTIONS = "runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations']"
Page = Any


class Desk:
    """A served simulator, a client of its vendors, and a browser that looks at its page."""

    def __init__(self, served: Served, browser: Any, hook: Receiver) -> None:
        self.served = served
        self.browser = browser
        self.hook = hook
        self.root = f"http://127.0.0.1:{served.port}/_simulator/"

    def open(self, path: str, **context: Any) -> Page:
        """Open a view in a window of its own; what the browser complains of is its `complaints`."""
        page = self.browser.new_context(**context).new_page()
        page.complaints = []
        page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(self.root + path)
        return page

    def ask(self, verb: str, path: str, body: str = "", **headers: str) -> Any:
        """Send a request as a program would, and return the JSON of its answer."""
        connection = HTTPConnection("127.0.0.1", self.served.port, timeout=PATIENCE)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(verb, path, body or None, names)
        with connection.getresponse() as answer:
            text = answer.read()
        connection.close()
        return json.loads(text)

    def act(self, path: str, **fields: str) -> Any:
        """Do something by the control API."""
        return self.ask("POST", f"/_simulator/v1/{path}", json.dumps(fields), Content_Type="application/json")

    def call(self, phone: str) -> int:
        """Place a call as a client of Callo."""
        access = self.served.ready["credentials"]["callo"]
        form = {"public_key": access["public_key"], "campaign_id": access["campaign_id"], "phone": phone}
        path = "/callo/manager/cabapi_external/api/v1/phones/call/"
        kind = "application/x-www-form-urlencoded"
        return int(self.ask("POST", path, urlencode(form), Content_Type=kind)["call_id"])

    def result(self, call: int) -> Any:
        """Return what Callo says of a call."""
        key = self.served.ready["credentials"]["callo"]["public_key"]
        query = urlencode({"public_key": key, "call_id": call})
        return self.ask("GET", f"/callo/manager/cabapi_external/api/v1/phones/call_by_id/?{query}")[0]


SECRET = "of the webhooks"
SCENARIO = """
sim: 1
title: A browser's world
extends: happy
accounts:
  clinic:
    vendors: [callo]
    balance: 100.00
    campaigns:
      - name: Reminders
        type: free_text
        text: Good day. If you will come, press 1.
        postbacks: {finished: {url: "%s/done?call={ct_call_id}"}}
  support:
    vendors: [callr]
    balance: 200.00
    caller_ids: ["+33199001234"]
    profile:
      callr:
        scenarios:
          - name: Support
            numbers: ["+33199001234"]
            script: |
              branches:
                inbound-sms: {actions: []}
                inbound-call: {actions: [{action: startRecording@v1}, {action: gather@v2, result: $keys}]}
        webhooks:
          - type: v2.sms.inbound.received
            endpoint: "%s/sms"
            options: {hmacSecret: "%s", hmacAlgo: sha256}
"""


@pytest.fixture(scope="module")
def served_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with receiving(answering(OK)) as hook:
        file = tmp_path_factory.mktemp("scenarios") / "browser.yaml"
        home = hook.url("", "hook.localhost")
        file.write_text(SCENARIO % (home, home, SECRET))
        options = ("--clock", "virtual", "--show-numbers", "--scenario", str(file))
        with serving(*options) as served, playwright.sync_playwright() as driver:
            playwright.expect.set_options(timeout=PATIENCE * 1_000)
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield Desk(served, browser, hook)
            browser.close()


@pytest.fixture
def desk(served_desk: Desk) -> Iterator[Desk]:
    """A world as it begins, whatever other tests did to it, and nobody else's windows and callbacks."""
    served_desk.act("reset")
    served_desk.hook.requests.clear()
    yield served_desk
    for window in served_desk.browser.contexts:
        window.close()


def see(locator: Any) -> Any:
    """Return an expectation of a locator, which waits until it holds."""
    return playwright.expect(locator)


def press(phone: Page, name: str) -> None:
    """Press a button, and wait until the simulator has done what it asks for."""
    with phone.expect_response(lambda answer: answer.request.method == "POST", timeout=PATIENCE * 1_000):
        phone.get_by_role("button", name=name, exact=True).first.click()


def test_a_call_by_a_client_rings_is_answered_and_its_key_is_read_by_the_client(desk: Desk) -> None:
    page = desk.open(f"telephone?number={quote(ALICE)}")
    press(page, "Take in hand")
    see(page.get_by_text("In your hand")).to_be_visible()
    call = desk.call(ALICE)
    see(page.get_by_text("Ringing")).to_be_visible()
    press(page, "Answer")
    see(page.get_by_text("press 1")).to_be_visible()
    press(page, "1")
    desk.act("clock/advance", by="1s")
    see(page.get_by_text("pressed: 1")).to_be_visible()
    desk.act("clock/advance", by="1m")
    see(page.get_by_text("Idle")).to_be_visible()

    assert desk.result(call)["button_num"] in (1, "1")
    assert page.complaints == []


@pytest.mark.parametrize(
    ("path", "field", "button"),
    [
        ("campaigns", "Amount", "Top up"),
        ("faults", "What", "Switch on"),
        ("clock", "By a length", "Advance by"),
    ],
)
def test_what_a_form_cannot_do_is_told_wherever_it_stands(
    desk: Desk, path: str, field: str, button: str
) -> None:
    page = desk.open(path)
    page.get_by_label(field, exact=True).first.fill("1,000")
    press(page, button)

    see(page.get_by_role("alert")).to_contain_text("1,000")
    page.get_by_role("link", name="Back", exact=True).click()
    see(page.get_by_role("button", name=button).first).to_be_visible()


def test_who_uses_keys_alone_stays_where_the_button_was(desk: Desk) -> None:
    page = desk.open(f"telephone?numbers={quote(f'{CAROL},{DAVE}')}")
    phone = page.get_by_role("region", name=f"Telephone {DAVE}")
    phone.get_by_role("button", name="Take in hand").focus()
    page.keyboard.press("Enter")

    see(phone.get_by_role("button", name="Put back")).to_be_focused()
    page.keyboard.press("Enter")
    see(phone.get_by_role("button", name="Take in hand")).to_be_focused()


UNREADY = """
const settled = document.documentElement.dataset;
document.addEventListener("htmx:afterSwap", () => setTimeout(() => {
  settled.unready = document.querySelectorAll(".htmx-added").length;
}));
"""
"""Counts what stands there, and whose forms would be sent as those of a page without scripts."""


def test_what_is_made_anew_can_be_used_as_soon_as_it_is_seen(desk: Desk) -> None:
    page = desk.open(f"telephone?number={quote(DAVE)}")
    page.evaluate(f"() => {{{UNREADY}}}")
    press(page, "Take in hand")

    see(page.locator("html[data-unready]")).to_have_attribute("data-unready", "0")


def test_who_uses_keys_alone_stays_on_a_button_of_what_changes_by_itself(desk: Desk) -> None:
    page = desk.open(f"telephone?number={quote(DAVE)}")
    page.get_by_role("button", name="Call in").focus()

    desk.act(f"people/{quote(DAVE)}/take")

    see(page.get_by_role("button", name="Put back")).to_be_visible()
    see(page.get_by_role("button", name="Call in")).to_be_focused()


MOVES_ON = """
const settled = document.documentElement.dataset;
const field = document.querySelector("input[name=number]");
document.addEventListener("htmx:afterSwap", () => field.focus(), { once: true });
document.addEventListener("htmx:afterSettle", () => { settled.settled = "yes"; });
"""
"""Of somebody who leaves the button while what it stands in is made anew."""


def test_who_has_moved_on_is_not_fetched_back_by_what_changes_later(desk: Desk) -> None:
    page = desk.open(f"telephone?number={quote(DAVE)}")
    settled = page.locator("html[data-settled]")
    page.get_by_role("button", name="Call in").focus()
    page.evaluate(f"() => {{{MOVES_ON}}}")
    desk.act(f"people/{quote(DAVE)}/take")
    see(settled).to_be_attached()
    see(page.get_by_label("Number", exact=True).first).to_be_focused()
    page.evaluate("delete document.documentElement.dataset.settled; document.activeElement.blur()")
    desk.act(f"people/{quote(DAVE)}/put-back")
    see(settled).to_be_attached()

    see(page.get_by_role("button", name="Take in hand")).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "BODY"


@pytest.mark.thorough
def test_a_text_arrives_and_is_answered_back(desk: Desk) -> None:
    access = desk.served.ready["credentials"]["callr"]
    page = desk.open(f"telephone?number={quote(BOB)}")
    query = urlencode({"to": BOB, "from": access["number"]})
    body = json.dumps({"text": "Will you come?"})
    headers = {"x_api_key": access["api_key"], "Content_Type": "application/json"}
    desk.ask("POST", f"/callr/v2.0/sms?{query}", body, **headers)
    desk.act("clock/advance", by="1m")
    see(page.get_by_text("Will you come?")).to_be_visible()
    page.get_by_text("Write a text").click()
    page.get_by_role("textbox", name="Text", exact=True).fill("Yes, at ten")
    page.get_by_role("combobox", name="Send to").select_option(label=access["number"])
    press(page, "Send")
    see(page.locator(".chat .own")).to_contain_text("Yes, at ten")

    texts = desk.ask("GET", "/_simulator/v1/events?limit=1000")["events"]
    assert [event["message"]["from"] for event in texts if event["what"] == "message.received"] == [BOB]
    assert page.complaints == []


def test_what_happens_shows_by_itself_and_not_while_paused(desk: Desk) -> None:
    live, paused = desk.open(""), desk.open("?pause=1")
    before = paused.locator("#rows").inner_text()
    call = desk.call(BOB)

    see(live.get_by_role("link", name=str(call))).to_be_visible()
    assert paused.locator("#rows").inner_text() == before
    assert live.complaints == []


@pytest.mark.thorough
def test_a_view_is_followed_again_after_it_was_hidden(desk: Desk) -> None:
    page = desk.open("")
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    tell = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hide % "true" + tell)
    call = desk.call(BOB)
    page.evaluate(hide % "false" + tell)

    see(page.get_by_role("link", name=str(call))).to_be_visible()
    assert page.complaints == []


@pytest.mark.thorough
def test_nothing_is_lost_when_the_stream_is_refused_and_it_is_asked_for_where_it_is_refused_again(
    desk: Desk,
) -> None:
    page = desk.open("faults")
    page.route("**/v1/events*", lambda route: route.fulfill(status=503))
    page.goto(desk.root)
    first = desk.call(BOB)
    see(page.get_by_role("link", name=str(first))).to_be_visible()  # it was asked for
    page.unroute("**/v1/events*")
    second = desk.call(BOB)

    see(page.get_by_role("link", name=str(second))).to_be_visible()
    assert {"503" in complaint for complaint in page.complaints} == {True}


@pytest.mark.thorough
def test_what_happens_while_a_view_is_being_put_in_its_place_is_not_lost(desk: Desk) -> None:
    page = desk.open(f"telephone?number={quote(CAROL)}")
    page.evaluate("htmx.config.defaultSettleDelay = 1500")
    press(page, "Take in hand")
    see(page.get_by_text("In your hand")).to_be_visible()
    desk.call(CAROL)

    see(page.get_by_text("Ringing")).to_be_visible()
    assert page.complaints == []


@pytest.mark.thorough
def test_a_fault_is_switched_on_by_keyboard_alone(desk: Desk) -> None:
    page = desk.open("faults")
    page.get_by_label("Where").fill("callo.balance")
    page.get_by_label("What").press("Enter")
    see(page.get_by_role("region", name="Faults")).to_contain_text("callo.balance")
    press(page, "Switch off")

    see(page.get_by_text("No fault is on.")).to_be_visible()
    assert page.complaints == []


@pytest.mark.thorough
def test_the_next_callback_is_sent_twice_on_purpose_and_then_resent_by_a_button(desk: Desk) -> None:
    desk.act("clock/advance", until="idle")
    page = desk.open("callbacks")
    page.get_by_label("How").select_option("sent twice")
    press(page, "Break")
    see(page.get_by_text("twice (*)")).to_be_visible()
    call = desk.call(BOB)
    desk.act("clock/advance", by="2m")
    row = page.get_by_role("row").filter(has_text=f"call={call}").first
    see(row).to_contain_text("delivered")
    arrived = [request for request in desk.hook.requests if str(call).encode() in request]
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=PATIENCE * 1_000):
        row.get_by_role("button", name="Resend").click()
    see(row).to_contain_text("3")

    assert len(arrived) == 2
    assert desk.hook.wait_for(3, str(call).encode()) == 3
    assert page.complaints == []


@pytest.mark.thorough
def test_the_next_callback_comes_late_on_purpose(desk: Desk) -> None:
    desk.act("clock/advance", until="idle")
    page = desk.open("callbacks")
    page.get_by_label("How").select_option("five minutes late")
    press(page, "Break")
    call = desk.call(BOB)
    desk.act("clock/advance", by="2m")
    row = page.get_by_role("row").filter(has_text=f"call={call}").first
    see(row).to_contain_text("waiting")
    early = [request for request in desk.hook.requests if str(call).encode() in request]
    desk.act("clock/advance", by="5m")
    see(row).to_contain_text("delivered")

    assert early == []
    assert any(str(call).encode() in request for request in desk.hook.requests)


@pytest.mark.thorough
def test_the_next_callback_has_a_wrong_signature_on_purpose(desk: Desk) -> None:
    desk.act("clock/advance", until="idle")
    page = desk.open("callbacks")
    page.get_by_label("How").select_option("with a wrong signature")
    page.get_by_label("Which").fill("callr.*")
    press(page, "Break")
    for text in ("first", "second"):
        desk.act(f"people/{BOB}/text", to=desk.served.ready["credentials"]["callr"]["number"], text=text)
        desk.act("clock/advance", by="10s")
    signed = [request.partition(b"\r\n\r\n") for request in desk.hook.requests if b"POST /sms" in request]
    right = [b64encode(hmac.digest(SECRET.encode(), body, "sha256")) in head for head, _, body in signed]

    assert right[-2:] == [False, True]


@pytest.mark.thorough
def test_a_recording_is_played_on_the_page_of_its_call(desk: Desk) -> None:
    call = desk.call(BOB)
    desk.act("clock/advance", by="2m")
    page = desk.open(f"calls/callo:{call}")
    player = page.get_by_label("Recording 1")
    player.evaluate("async (player) => { player.muted = true; await player.play(); }")

    assert player.evaluate("player => player.duration > 1 && player.error === null")
    see(page.get_by_role("heading", name="What the vendor says of it")).to_be_visible()
    see(page.get_by_role("region", name="call_by_id")).to_contain_text(f'"call_id": {call}')
    assert page.complaints == []


@pytest.mark.thorough
def test_a_recording_that_is_made_while_the_page_is_open_is_played_there(desk: Desk) -> None:
    number = desk.served.ready["credentials"]["callr"]["number"]
    call = desk.act(f"people/{DAVE}/call", to=number)["call"]["ref"]
    page = desk.open(f"calls/callr:{call}")
    see(page.get_by_role("heading", name="Moments")).to_be_visible()
    desk.act("clock/advance", by="10m")
    player = page.get_by_label("Recording 1")
    player.evaluate("async (player) => { player.muted = true; await player.play(); }")

    assert player.evaluate("player => player.duration > 1 && player.error === null")
    desk.act("clock/advance", by="1s")
    assert player.evaluate("player => !player.paused && player.isConnected")
    assert page.complaints == []


def test_a_view_of_a_world_that_is_closed_meanwhile_says_so(desk: Desk) -> None:
    desk.act("worlds", name="brief")
    page = desk.open("?world=brief")
    see(page.get_by_role("heading", name="Live")).to_be_visible()
    connection = HTTPConnection("127.0.0.1", desk.served.port, timeout=PATIENCE)
    connection.request("DELETE", "/_simulator/v1/worlds/brief")
    assert connection.getresponse().status == 204
    connection.close()

    see(page.get_by_role("alert")).to_contain_text("brief")


@pytest.mark.thorough
def test_without_scripts_the_same_is_read_and_done(desk: Desk) -> None:
    page = desk.open("", java_script_enabled=False)
    for name in (
        "Telephone",
        "Clock",
        "Callbacks",
        "Findings",
        "Coverage",
        "Campaigns",
        "Faults",
        "Scenario",
        "Reference",
    ):
        page.get_by_role("link", name=name).first.click()
        see(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{desk.root}clock")
    press(page, "By 10s")

    see(page.get_by_text("What happened on the way")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme", "half"), [(1280, "light", 0), (360, "dark", 1)])
@pytest.mark.thorough
def test_no_view_keeps_anybody_out(desk: Desk, width: int, scheme: str, half: int) -> None:
    call = desk.call(BOB)
    exchange = desk.ask("GET", "/_simulator/v1/exchanges?limit=1")["next"]
    page = desk.open("", viewport={"width": width, "height": 800}, color_scheme=scheme)
    for place, path in enumerate([*VIEWS, f"calls/callo:{call}", f"requests/{exchange}"]):
        page.goto(desk.root + path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        if place % 2 == half:  # each view once: in the light and wide, or in the dark and narrow
            report = page.evaluate(f"{AXE.read_text()};axe.run({{{OPTIONS}}})")

            assert [(rule["id"], rule["nodes"][0]["html"]) for rule in report["violations"]] == [], path
    assert page.complaints == []


@pytest.mark.parametrize("path", ["callbacks", "?show=callbacks", ""])
@pytest.mark.thorough
def test_a_table_that_is_wider_than_the_page_stays_in_its_frame(desk: Desk, path: str) -> None:
    desk.call(BOB)
    desk.act("clock/advance", by="1h")
    page = desk.open(path, viewport={"width": 620, "height": 800})

    assert page.locator("tbody tr").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
