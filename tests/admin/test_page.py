"""The page as whoever has no script sees it: every view, every form, and nothing that should stay hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from html import unescape
from importlib.resources import files
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from simulator.formats.sound import measure
from tests.admin.control_room import ANSWERS_AND_PRESSES_ONE as ALICE
from tests.admin.control_room import API, KEY, SCENARIO, Room, open_room
from tests.growth import calls_made

HTML = {"Accept": "text/html,application/xhtml+xml"}
SECRET_NUMBER = "+447400123456"
TOKEN = "correct horse battery"


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


@pytest.fixture
def locked() -> Iterator[Room]:
    yield from open_room(admin_token=TOKEN)


def look(room: Room, path: str, status: int = 200) -> str:
    answer = room.ask("GET", path, headers=HTML)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "text/html; charset=utf-8"
    return unescape(answer.text)


def submit(room: Room, act: str, back: str = "/_simulator/", **fields: str) -> TestResponse:
    return room.http.post(f"/_simulator/do/{act}", data={"back": back, **fields}, headers=HTML)


def latest(room: Room) -> str:
    return f"callo:{room.get('/v1/calls?limit=1')['calls'][0]['ref']}"


def views(room: Room) -> list[str]:
    """Return the address of every view, with what there is for its variables."""
    place = room.get("/v1/accounts")["accounts"][0]["campaigns"][0]["ref"]
    names = {
        "name": latest(room), "delivery": "delivery-1", "exchange": "main-1", "vendor": "callo",
        "operation": "add_call",
    }  # fmt: skip
    rules = [rule.rule for rule in room.simulator.url_map.iter_rules() if rule.endpoint.startswith("page.")]
    paths = [rule.removeprefix("/_simulator") for rule in rules if "GET" in rule or "static" not in rule]
    shown = [path for path in paths if not path.startswith(("/do/", "/sign-in")) and ".wav" not in path]
    shown = [path.replace("campaigns/<name>", f"campaigns/callo:{place}") for path in shown]
    return [re.sub(r"<(\w+)>", lambda variable: names[variable[1]], path) for path in shown]


def busy(room: Room) -> None:
    room.call(SECRET_NUMBER)
    room.call("12", label="wrong number")
    room.do("POST", "/v1/clock/advance", {"by": "1m"})
    room.call()


def test_every_view_can_be_looked_at_and_tells_no_secret(room: Room) -> None:
    busy(room)
    addresses = [*views(room), *(f"/?show={kind}" for kind in ("calls", "messages", "callbacks", "requests"))]
    pages = {path: look(room, path) for path in [*addresses, f"/telephone?{urlencode({'number': ALICE})}"]}

    assert len(pages) >= 20
    for path, page in pages.items():
        assert KEY not in page, path
        assert "7400123456" not in page, path


def test_numbers_are_shown_where_that_was_asked_for() -> None:
    for room in open_room(show_numbers=True):
        room.call(SECRET_NUMBER)

        assert SECRET_NUMBER in look(room, "/")


def test_a_program_gets_json_where_a_browser_gets_the_page(room: Room) -> None:
    assert room.get("/")["control"] == "/_simulator/v1"
    assert "<h1>Live</h1>" in look(room, "/")


def test_a_view_runs_no_script_but_its_own_and_asks_nobody_else(room: Room) -> None:
    answer = room.ask("GET", "/telephone", headers=HTML)
    policy = answer.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"style=|onclick=|https?://(?!www.w3.org)", answer.text) == []


def test_what_a_client_sends_stays_text(room: Room) -> None:
    room.call(label="<script>alert(1)</script>")
    page = room.ask("GET", "/?show=requests&q=script", headers=HTML).text
    page += room.ask("GET", "/requests/main-1", headers=HTML).text

    assert "<script>alert" not in page


def test_rows_are_filtered_searched_and_paged(room: Room) -> None:
    for _ in range(60):
        room.call("+447700900000")
        room.do("POST", "/v1/clock/advance", {"by": "1m"})
    room.call(ALICE, label="needle")

    assert "1 to 50 of 61" in look(room, "/")
    assert "51 to 61 of 61" in look(room, "/?page=2")
    assert "1 to 1 of 1," in look(room, "/?q=needle")
    assert "1 to 1 of 1," in look(room, "/?number=900310")
    assert "1 to 50 of 60" in look(room, "/?verdict=answered")
    assert "Nothing matches" in look(room, "/?vendor=kaleyra")


def test_a_view_of_ten_thousand_calls_costs_what_one_of_some_hundred_does(room: Room) -> None:
    views = ("/", "/?page=3", "/?show=requests")

    def costs(since: int, calls: int) -> list[int]:
        phones = "\n".join(f"+44740{place:07d}" for place in range(since, calls))
        form = {"public_key": KEY, "campaign_id": room.campaign("Reminders"), "phones": phones}
        assert room.http.post(f"/callo{API}/append/calls/", data=form).status_code == 200
        room.do("POST", "/v1/clock/advance", {"by": "20s"})
        for view in views:  # what is made once, such as people, is there
            look(room, view)
        return [calls_made(partial(look, room, view)) for view in views]

    few, many = costs(0, 300), costs(300, 10_000)

    assert room.get("/v1/calls?limit=1")["total"] == 10_000
    assert [late < 1.3 * early for early, late in zip(few, many, strict=True)] == [True] * len(views)


def test_a_call_is_taken_answered_and_hung_up_by_forms_alone(room: Room) -> None:
    back = f"/_simulator/telephone?{urlencode({'numbers': ALICE})}"
    submit(room, "take", number=ALICE)
    room.call()
    ringing = look(room, back.removeprefix("/_simulator"))
    answered = submit(room, "answer", back, number=ALICE)
    pressed = submit(room, "press", back, number=ALICE, key="1")
    submit(room, "hang-up", back, number=ALICE)
    room.do("POST", "/v1/clock/advance", {"by": "1s"})

    assert "Ringing" in ringing
    assert (answered.status_code, answered.location, pressed.status_code) == (303, back, 303)
    assert "Idle" in look(room, back.removeprefix("/_simulator"))
    (call,) = room.get("/v1/calls")["calls"]
    assert ("pressed", "1") in [(moment["what"], moment["detail"]) for moment in call["timeline"]]


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/_simulator\\@evil", "", "/other"]
)
def test_a_form_sends_nobody_elsewhere(room: Room, back: str) -> None:
    answer = submit(room, "advance", back, by="1s")

    assert (answer.status_code, answer.location) == (303, "/_simulator/")


def test_a_form_that_cannot_be_done_says_why(room: Room) -> None:
    idle = submit(room, "answer", number=ALICE)
    misspelt = submit(room, "advance", by="soon")

    assert (idle.status_code, misspelt.status_code) == (409, 422)
    assert "Nobody there" in idle.text
    assert "What to do:" in idle.text
    assert 'role="alert"' in misspelt.text


def test_a_form_of_another_page_changes_nothing(room: Room) -> None:
    before = room.state
    foreign = {"Origin": "http://evil.example"}

    assert room.http.post("/_simulator/do/reset", headers=foreign).status_code == 403
    assert room.state == before


def test_the_clock_is_moved_and_shows_what_happened_on_the_way(room: Room) -> None:
    room.call()
    answer = submit(room, "advance", "/_simulator/clock", until="idle")
    page = look(room, answer.location.removeprefix("/_simulator"))

    assert "What happened on the way" in page
    assert "call finished" in page
    assert submit(room, "next-event", "/_simulator/clock").status_code == 303


def test_a_callback_is_broken_once_and_resent(room: Room) -> None:
    submit(room, "break-next", how="lost")
    waiting = look(room, "/callbacks")
    for _ in range(2):
        room.call()
        room.do("POST", "/v1/clock/advance", {"until": "idle"})
    states = [delivery["state"] for delivery in room.get("/v1/deliveries")["deliveries"]]
    submit(room, "resend", delivery="delivery-1")

    assert "lost (*)" in waiting
    assert states == ["lost", "delivered"]
    assert [one["state"] for one in room.get("/v1/deliveries")["deliveries"]] == ["delivered", "delivered"]


def test_a_fault_is_switched_on_and_off(room: Room) -> None:
    submit(room, "arm", where="callo.add_call", when="always", do="status 503")
    refused = room.call().status_code
    page = look(room, "/faults")
    submit(room, "disarm", fault="control:1")

    assert "status 503" in page
    assert (refused, room.call().status_code) == (503, 200)


def test_requests_are_filtered_by_the_beginning_of_a_status_and_not_by_blanks(room: Room) -> None:
    room.call()
    room.http.get("/callo/nowhere")

    for word in ("404", "40", "40x", "4", "4x", "4xx", "+4xx"):
        assert "1 to 1 of 1," in look(room, f"/?show=requests&verdict={word}"), word
    for blank in ("vendor", "number", "operation", "verdict", "q"):
        assert "1 to 2 of 2," in look(room, f"/?show=requests&{blank}=+"), blank


def test_a_fault_replies_in_words_of_the_form(room: Room) -> None:
    place, words = {"where": "callo.add_call", "when": "", "do": "accept then reply"}, "reply-headers"
    wrong = submit(room, "arm", **place, **{words: "no header"})
    empty = submit(room, "arm", **place)
    armed = submit(
        room,
        "arm",
        "/_simulator/faults",
        **place,
        **{words: "X-Of-Ours: yes\r\n", "reply-status": "418", "reply-body": "{\r\n}"},
    )
    answer = room.call()

    assert (wrong.status_code, empty.status_code, armed.status_code) == (422, 422, 303)
    assert (answer.status_code, answer.headers["X-Of-Ours"], answer.text) == (418, "yes", "{\n}")
    assert "418 {" in look(room, "/faults")
    assert len(room.get("/v1/calls")["calls"]) == 1


def test_a_number_as_people_write_it_at_home_is_theirs_whom_the_world_knows(room: Room) -> None:
    typed = look(room, f"/telephone?{urlencode({'number': '07700 900310'})}")
    plain = look(room, f"/telephone?{urlencode({'number': ALICE})}")

    assert f'aria-label="Telephone {ALICE}"' in typed
    assert f"07700 900310 is read as {ALICE}." in typed
    assert "is read as" not in plain
    assert room.get("/v1/people/07700900999")["persona"] == "hesitates"


def test_time_is_moved_from_any_view(room: Room) -> None:
    page = look(room, f"/telephone?{urlencode({'number': ALICE})}")
    bar = page.partition('aria-label="Move time"')[2].partition("</header>")[0]
    back = f"/_simulator/telephone?{urlencode({'number': ALICE})}"
    moved = submit(room, "next-event", back)

    assert bar.count(f'name="back" value="{back}"') == 3
    assert (moved.status_code, moved.location) == (303, back)
    refused = submit(room, "answer", back, number=ALICE).text
    assert "/_simulator/do/answer" not in refused


def test_who_looks_first_is_told_where_vendors_are_reached(room: Room) -> None:
    submit(room, "open-world", name="other")

    assert "<code>http://localhost/callo</code>" in look(room, "/")
    assert "<code>http://localhost/@other/callo</code>" in look(room, "/?world=other")
    assert "here at <code>http://localhost/callo</code>" in look(room, "/reference/callo")


def test_the_keys_of_a_telephone_have_a_name_for_who_hears_the_page(room: Room) -> None:
    room.call(ALICE)
    room.do("POST", "/v1/clock/advance", {"by": "10s"})
    page = look(room, f"/telephone?{urlencode({'numbers': ALICE})}")

    assert re.search('<form class="keys"[^>]* aria-label="Keys">', page)


def test_a_telephone_shows_how_its_next_call_ends_by_decision(room: Room) -> None:
    place = f"/telephone?{urlencode({'number': ALICE})}"
    before = look(room, place)
    submit(room, "next", number=ALICE, outcome="no_answer")

    assert "as decided" not in before
    assert "as decided: no answer" in look(room, place)


def test_a_scenario_is_edited_and_one_with_mistakes_is_shown_with_them(room: Room) -> None:
    broken = submit(room, "apply", scenario=SCENARIO.replace("ring: 8s", "rang: 8s"))
    kept = look(room, "/scenario")
    applied = submit(room, "apply", scenario=SCENARIO.replace("One clinic", "Another clinic"))

    assert broken.status_code == 422
    assert "edited.yaml:" in broken.text
    assert "rang: 8s" in broken.text
    assert "One clinic" in kept
    assert applied.status_code == 303
    assert "Another clinic" in look(room, "/scenario")


def test_a_line_that_hides_something_keeps_it_when_the_scenario_is_applied(room: Room) -> None:
    page = look(room, "/scenario")
    text = page.partition('autocomplete="off">')[2].partition("</textarea>")[0]
    applied = submit(room, "apply", scenario=text.replace("One clinic", "Another clinic"))

    assert KEY not in text
    assert applied.status_code == 303
    assert room.call().status_code == 200


def test_the_reference_is_searched_and_findings_lead_into_it(room: Room) -> None:
    operation, parameter = look(room, "/reference?q=callo+balance"), look(room, "/reference?q=pincode+digits")
    word, nothing = look(room, "/reference?q=magic_numbers"), look(room, "/reference?q=xyzzy")
    room.call(ALICE, bogus="1")
    findings = look(room, "/findings")
    (link,) = set(re.findall(r'href="(/_simulator/reference/callo/add_call[^"]*)"', findings))

    assert "/_simulator/reference/callo/balance" in operation
    assert re.search(r"reference/callo/\w+#parameter-pincode", parameter)
    assert "reference/words#Scenario" in word
    assert "Nothing has these words" in nothing
    assert link.endswith("#parameter-bogus")
    assert 'id="parameter-phone"' in look(room, "/reference/callo/add_call")
    assert (
        max(len(look(room, path)) for path in ("/reference", "/reference/callo", "/reference/magic")) < 40_000
    )
    look(room, "/reference/nobody", 404)


def test_a_request_is_sent_from_the_reference(room: Room) -> None:
    page = look(room, "/reference/callo/balance")
    request = "GET /manager/cabapi_external/api/v1/users/balance/?public_key={public_key}"
    answer = submit(room, "send", vendor="callo", request=request)

    assert "public_key={public_key}" in page
    assert answer.status_code == 303
    assert "100.000000" in look(room, answer.location.removeprefix("/_simulator"))


def test_a_call_says_why_it_is_not_called_now_and_what_decided_its_fate(room: Room) -> None:
    room.call("+447700900400")
    room.do("POST", "/v1/clock/advance", {"by": "1m"})
    page = look(room, f"/calls/{latest(room)}")

    assert "Why it is not being called now" in page
    assert "retry" in page
    assert "magic number 40" in page
    assert "seed 7" in page
    assert "add_call" in page


def test_a_vendor_is_asked_about_a_call_without_a_trace_of_it(room: Room) -> None:
    room.call(label="needle")
    room.do("POST", "/v1/clock/advance", {"until": "idle"})
    before = room.state, room.get("/v1/exchanges")["recorded"], room.get("/v1/coverage")
    page = look(room, f"/calls/{latest(room)}")
    says = page.partition("What the vendor says of it")[2]

    assert "call_by_id" in says
    assert "calls_by_phone" in says
    assert '"dial_status_display": ' in says
    assert KEY not in page
    assert (room.state, room.get("/v1/exchanges")["recorded"], room.get("/v1/coverage")) == before


def test_a_recording_is_played_from_any_place_on(room: Room) -> None:
    room.call()
    room.do("POST", "/v1/clock/advance", {"until": "idle"})
    path = f"/calls/{latest(room)}/recordings/1.wav"
    whole, part = room.ask("GET", path), room.ask("GET", path, headers={"Range": "bytes=44-99"})

    assert path in look(room, f"/calls/{latest(room)}")
    assert (whole.status_code, whole.content_type) == (200, "audio/wav")
    (call,) = room.get("/v1/calls")["calls"]
    assert measure(whole.data).seconds == call["attempts"][0]["talk_seconds"]
    assert (part.status_code, part.data) == (206, whole.data[44:100])
    assert room.ask("GET", path.replace("/1.wav", "/2.wav")).status_code == 404


def test_a_picture_has_the_same_bytes_each_time(room: Room) -> None:
    busy(room)
    room.do("POST", "/v1/clock/advance", {"until": "idle"})
    campaign = room.campaign("Reminders")
    paths = [
        f"/v1/calls/{latest(room)}/timeline.svg",
        f"/v1/campaigns/{campaign}/day.svg",
        "/v1/coverage.svg",
    ]
    pictures = [room.ask("GET", path) for path in paths]

    assert [picture.content_type for picture in pictures] == ["image/svg+xml"] * 3
    assert [picture.data for picture in pictures] == [room.ask("GET", path).data for path in paths]
    assert all(picture.data.startswith(b"<svg xmlns=") for picture in pictures)
    assert not any(b"style=" in picture.data for picture in pictures)


def test_a_browser_signs_in_where_a_token_is_asked_for(locked: Room) -> None:
    asked = locked.ask("GET", "/", headers=HTML)
    wrong = locked.http.post("/_simulator/sign-in", data={"token": "guess"})
    signed_in = locked.http.post("/_simulator/sign-in", data={"token": TOKEN})
    cookie = signed_in.headers["Set-Cookie"]

    assert asked.status_code == wrong.status_code == 401
    assert "Admin token" in asked.text
    assert ["not the token" in page.text for page in (asked, wrong)] == [False, True]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    assert locked.ask("GET", "/clock", headers=HTML).status_code == 200


@pytest.mark.parametrize("cookie", ["", "simulator-page=", "simulator-page=0", f"simulator-page={TOKEN}"])
def test_no_view_is_seen_without_the_token(locked: Room, cookie: str) -> None:
    paths = [rule.rule for rule in locked.simulator.url_map.iter_rules() if rule.endpoint.startswith("page.")]
    hidden = [path for path in paths if not path.endswith(("/sign-in", "/static/<name>"))]
    answered = {locked.http.get(path, headers={"Cookie": cookie}).status_code for path in hidden}

    assert answered == {401}


def test_worlds_are_chosen_by_a_menu(room: Room) -> None:
    opened = submit(room, "open-world", name="other")
    page = look(room, "/?world=other")

    assert opened.location == "/_simulator/?world=other"
    assert 'value="other"' in page
    assert "<option selected>other" in page
    assert "/_simulator/clock?world=other" in page
    look(room, "/?world=nobody", 404)


def test_what_others_wrote_is_as_they_published_it_with_its_licence() -> None:
    page = files("simulator.admin.page")
    lines = (page / "vendored.txt").read_text().splitlines()[1:]
    listed = {name: digest for digest, name, *_ in map(str.split, lines)}
    kept = {file.name: sha256(file.read_bytes()).hexdigest() for file in (page / "static").iterdir()}
    own = {"app.css", "app.js", "favicon.svg"}

    assert {name: digest for name, digest in kept.items() if name not in own} == listed
    assert any("LICENSE" in name for name in listed)
