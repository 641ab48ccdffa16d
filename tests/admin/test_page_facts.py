"""What the page says is so: texts are texts, times those of the scenario's zone, figures what they name."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client

from simulator.admin.page.causes import CAUSES
from simulator.admin.rendering import plain_text
from simulator.app import Simulator
from simulator.exchange import DeliveryAttempt
from simulator.scenario.loading import load_text
from tests.admin.control_room import ANSWERS_AND_PRESSES_ONE as ALICE
from tests.admin.control_room import KEY, SCENARIO, Room, open_room
from tests.admin.test_page import latest, look, submit

TWO_ACCOUNTS = SCENARIO.replace("faults:", "  shop: {vendors: [callo], balance: 7.00}\nfaults:")

WRITTEN = [
    "Cyrillic: " + "Приём в пятницу. " * 120,
    "joined: می‌روم 👩‍👩‍👧",
    "kept together: 10\u00a0€",
    "\u202eback",
]


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write_is_shown_as_text(room: Room, text: str) -> None:
    for shift in range(2):
        room.call(text=text + "x" * shift, label="é" * 60)
        room.do("POST", "/v1/clock/advance", {"until": "idle"})
        newest = room.get("/v1/exchanges")["exchanges"][-1]["id"]

        assert "not text" not in look(room, f"/calls/{latest(room)}") + look(room, f"/requests/{newest}")
    bodies = [exchange["request"]["body"] for exchange in room.get("/v1/exchanges")["exchanges"]]
    assert [sorted(body) for body in bodies] == [["text"]] * 2


def test_a_text_that_is_cut_within_letters_is_a_text() -> None:
    text = "né в пятницу 👩‍👧 €"
    body = text.encode()
    pieces = [plain_text(body[begin : begin + 9], cut=True) for begin in range(len(body) - 9)]

    assert [piece for piece in pieces if not piece or piece not in text] == []


def test_pictures_show_the_time_that_stands_beside_them(room: Room) -> None:
    scenario = SCENARIO.replace("Europe/London", "Asia/Kathmandu")
    room.simulator.worlds.open("main", load_text(scenario.encode(), "clinic.yaml"))
    room.call()
    room.do("POST", "/v1/clock/advance", {"until": "idle"})
    call, campaign = look(room, f"/calls/{latest(room)}"), look(room, "/campaigns/" + place_of(room))

    assert re.findall(r"<text[^>]*>10:00:00<", call)
    assert re.findall(r"<text[^>]*>10:00:00<", campaign)
    assert ">04:15:00<" not in call + campaign


def place_of(room: Room) -> str:
    return f"callo:{room.campaign('Reminders')}"


def test_a_callback_that_nobody_answered_shows_why_and_no_answer(room: Room) -> None:
    pages = {}
    for address in ("hooks.test", "169.254.169.254"):
        scenario = load_text(SCENARIO.replace("hooks.test", address).encode(), "clinic.yaml")
        room.simulator.worlds.open("main", scenario)
        room.call()
        room.do("POST", "/v1/clock/advance", {"until": "idle"})
        pages[address] = look(room, "/callbacks/delivery-1")

    assert ["Answer to" in page for page in pages.values()] == [True, False]
    assert pages["169.254.169.254"].count("does not call this address") == 4
    assert "link-local" in pages["169.254.169.254"]


def test_every_way_in_which_a_callback_fails_is_told_in_words() -> None:
    codes = DeliveryAttempt.__doc__.partition("Codes: ")[2].partition(". The last")[0]  # type: ignore[union-attr]

    assert set(re.sub(r"\([^)]*\)", "", codes).replace(",", " ").split()) == set(CAUSES)


def test_a_campaign_counts_as_answered_the_calls_that_somebody_answered(room: Room) -> None:
    room.call()
    room.call("+447700900010")  # a mailbox, which is dialed again
    room.do("POST", "/v1/clock/advance", {"until": "idle"})
    page = look(room, "/campaigns")
    row = page.partition(">Reminders<")[2].partition("</tr>")[0]

    assert '<td data-label="Answered">1</td>' in row
    assert "2 of 2 over" in row
    assert "1 to 1 of 1," in look(room, "/?verdict=answered")


@pytest.mark.parametrize("path", ["/?page=900", "/callbacks?page=900"])
def test_a_page_beyond_the_last_is_the_last(room: Room, path: str) -> None:
    room.call(ALICE)
    room.do("POST", "/v1/clock/advance", {"until": "idle"})
    page = look(room, path)

    assert "Nothing" not in page
    assert "Newer" not in page
    assert KEY not in page


def test_a_request_as_curl_is_words_to_a_shell_whatever_its_client_sent(room: Room) -> None:
    room.do("POST", "/v1/worlds", {"name": "other"})
    headers = {"Content-Type": "text/plain", "X-'|id|'": "a'b"}
    room.http.post("/@other/callo/$(id)'|id;`id`[1-9]", data="it's 'here'", headers=headers)
    page = look(room, "/requests/other-1?world=other")
    assert "<code>BASE=http://localhost</code>" in page
    line = page.partition('<pre id="curl" tabindex="0">')[2].partition("</pre>")[0]

    assert shlex.split(line.replace("\\\n", ""), posix=True) == [
        *("curl", "-g", "-X", "POST", "$BASE/@other/callo/$(id)'|id;`id`[1-9]"),
        *("-H", "Content-Type: text/plain", "-H", "X-'|Id|': a'b", "--data-raw", "it's 'here'"),
    ]


def test_whoever_calls_is_offered_to_hang_up_and_not_to_answer() -> None:
    for room in open_room_of_all():
        room.do("POST", f"/v1/people/{ALICE}/call-in")
        place = f"/telephone?{urlencode({'numbers': ALICE})}"
        page = look(room, place)
        submit(room, "hang-up", number=ALICE)

        assert ("Calling…" in page, "Ringing…" in page) == (True, False)
        assert "/do/hang-up" in page
        assert "/do/answer" not in page
        assert "Idle" in look(room, place)


def test_texts_go_only_to_numbers_that_take_them() -> None:
    for room in open_room_of_all():
        page = look(room, f"/telephone?{urlencode({'numbers': ALICE})}")
        form = page.partition('action="/_simulator/do/text"')[2].partition("</form>")[0]
        offered = re.findall(r'value="(owned:[0-9]+)"', form)
        written = [submit(room, "text", number=ALICE, to=to, text="hello").status_code for to in offered]

        assert written == [303] * len(written) != []


def test_a_seventh_telephone_is_told_to_have_no_place(room: Room) -> None:
    six = ",".join(["+447700900999", *(f"+44770090000{place}" for place in range(5))])
    full, five = look(room, f"/telephone?{urlencode({'numbers': six})}"), look(room, "/telephone")

    assert "put one away to add another" in full
    assert "Add telephone" not in full
    assert "Add telephone" in five
    assert [page.count(">+447700900999<") for page in (full, five)] == [1, 1]


def test_the_request_to_try_is_whole_and_values_are_those_of_json() -> None:
    for room in open_room_of_all():
        for vendor in ("callo", "callr", "jaicp", "kaleyra"):
            for one in room.get(f"/v1/contracts/{vendor}/operations")["operations"]:
                page = look(room, f"/reference/{vendor}/{one['operation']}")
                request = page.partition('autocomplete="off">')[2].partition("</textarea>")[0]
                head, _, body = request.partition("\n\n")

                assert "json" not in head or json.loads(body) is not None, one["operation"]
                assert not re.search(r">[^<]*\b(True|False|None)\b", page), one["operation"]


def test_money_is_added_to_the_account_it_is_meant_for() -> None:
    for room in open_room_of_all():
        room.simulator.worlds.open("main", load_text(TWO_ACCOUNTS.encode(), "two.yaml"))
        page = look(room, "/campaigns")
        before = [account["balance"] for account in room.get("/v1/accounts")["accounts"]]
        place = re.findall(
            r'name="vendor" value="callo"><input type="hidden" name="account" value="(.)"', page
        )
        added = submit(
            room, "top-up", "/_simulator/campaigns", vendor="callo", account=place[1], amount="2.50"
        )
        refused = submit(room, "top-up", vendor="callo", account=place[1], amount="much")
        gone = [
            submit(room, "top-up", vendor="callo", account=at, amount="1") for at in ("99", "", "-1", "²")
        ]

        assert (added.status_code, added.location) == (303, "/_simulator/campaigns")
        after = [account["balance"] for account in room.get("/v1/accounts")["accounts"]]
        assert (before[:2], after[:2]) == (["100.00", "7.00"], ["100.00", "9.50"])
        assert after[2:] == before[2:]
        assert (refused.status_code, {answer.status_code for answer in gone}) == (422, {404})


def test_several_faults_of_a_form_are_told_once_each(room: Room) -> None:
    page = unescape(submit(room, "text", number=ALICE).text)

    assert [page.count(f">{name}: this is required") for name in ("to", "text")] == [1, 1]
    assert "nothing was changed:" in page


def test_a_callback_that_is_made_when_it_is_sent_is_shown_before() -> None:
    for room in open_room_of_all():
        hooks = {
            "callr": {"webhooks": [{"type": "v2.sms.inbound.received", "endpoint": "http://hook.test/"}]}
        }
        account = {"vendors": ["callr"], "caller_ids": ["+33199001234"], "profile": hooks}
        words = json.dumps({"sim": 1, "title": "Late", "accounts": {"support": account}})
        room.simulator.worlds.open("main", load_text(words.encode(), "late.yaml"))
        number = room.simulator.worlds.credentials("callr")["number"]
        room.do("POST", "/v1/next-callback", {"how": "late"})
        room.do("POST", f"/v1/people/{ALICE}/text", {"to": number, "text": "hello"})

        assert [one["request"] for one in room.get("/v1/deliveries")["deliveries"]] == [None]
        assert "waiting" in look(room, "/callbacks?state=waiting")
        assert "made when it is sent" in look(room, "/callbacks/delivery-1")


def open_room_of_all() -> Iterator[Room]:
    """Open a simulator of all vendors, so that accounts have numbers to be called and written to."""
    with closing(Simulator()) as simulator:
        yield Room(simulator, Client(simulator))


def test_a_call_that_waits_for_its_next_attempt_tells_so_in_words(room: Room) -> None:
    room.call("+447700900400")
    room.do("POST", "/v1/clock/advance", {"by": "20s"})

    page = look(room, f"/calls/{latest(room)}").partition("What the vendor says of it")[0]
    phone = look(room, "/telephone?number=%2B447700900400")

    assert re.search(r"attempts? at most, each [0-9]+[mh] after", page)
    assert "Answered by itself: no answer x1, then answered." in phone
    assert "no_answer" not in page


def test_conduct_is_told_in_words(room: Room) -> None:
    for _ in range(2):
        room.call()
    findings = look(room, "/findings")

    assert "<strong>double dials</strong>" in findings
    assert "What is asked: nobody is called or written to twice for one request." in findings


def test_each_word_of_a_scenario_tells_what_may_stand_for_it(room: Room) -> None:
    page = room.ask("GET", "/reference/words", headers={"Accept": "text/html"}).text

    kinds = dict(re.findall(r'"Word"><code>(.*?)</code></td><td data-label="Is"(.*?)</td>', page))

    assert len(kinds) > 100
    assert not [word for word, kind in kinds.items() if "blank" in kind]
    assert "anyone, listed" in kinds["admit"]
