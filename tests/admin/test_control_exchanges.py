"""What the journal shows: masked, filtered, and never a false "nothing happened"."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.web.journal import Journal
from tests.admin.control_room import API, KEY, Room, open_room

PHONE = "+447700900310"


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


def with_a_small_journal(room: Room) -> Room:
    room.simulator.worlds.sandbox().recorder.journal = Journal(max_entries=2)
    return room


def test_an_exchange_is_shown_whole_and_masked(room: Room) -> None:
    room.call("+79161234567")
    (exchange,) = room.get("/v1/exchanges")["exchanges"]

    assert (exchange["vendor"], exchange["operation"], exchange["world"]) == ("callo", "add_call", "main")
    assert exchange["answer"]["status"] == 200
    assert exchange["request"]["body"]["text"].startswith("public_key=***")
    assert KEY not in str(exchange)
    assert "9161234567" not in str(exchange)
    assert room.get(f"/v1/exchanges/{exchange['id']}") == exchange


def test_bytes_that_are_no_text_come_as_base64(room: Room) -> None:
    room.http.post(f"/callo{API}/call/", data=b"\xff\x00\xfe", content_type="application/octet-stream")

    assert room.get("/v1/exchanges")["exchanges"][0]["request"]["body"] == {"base64": "/wD+"}


def test_exchanges_are_filtered_and_paged(room: Room) -> None:
    for _ in range(3):
        room.call()
    room.http.get("/callo/manager/nope/")

    first = room.get("/v1/exchanges?operation=add_call&limit=2")
    rest = room.get(f"/v1/exchanges?operation=add_call&after={first['next']}")
    end = room.get(f"/v1/exchanges?after={room.get('/v1/exchanges')['next']}")

    assert [len(page["exchanges"]) for page in (first, rest, end)] == [2, 1, 0]
    assert end["next"] is None
    assert room.get("/v1/exchanges?vendor=kaleyra")["exchanges"] == []
    assert len(room.get("/v1/exchanges")["exchanges"]) == room.get("/v1/exchanges")["recorded"] == 4


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("vendor=calo", "?vendor: 'calo' is unknown; did you mean `callo`?"),
        ("operation=add_cal", "?operation: 'add_cal' is unknown; did you mean `add_call`?"),
        ("vendor=callr&operation=add_call", "?operation: 'add_call' is unknown; "),
        ("violation=bad-boddy", "did you mean `bad-body`?"),
    ],
)
def test_a_filter_that_no_exchange_can_fit_is_refused(room: Room, query: str, hint: str) -> None:
    room.call()
    status, problem = room.refused("GET", f"/v1/exchanges?{query}")

    assert status == 422
    assert hint in problem["detail"]


@pytest.mark.parametrize(
    ("path", "body", "hint"),
    [
        ("/v1/next-callback", {"how": "lte"}, "did you mean `late`?"),
        (
            "/v1/next-callback",
            {"how": "late", "where": "calo.*"},
            "fits no callback; known: *, callo.call.fin",
        ),
        ("/v1/people/%2B447700900310/next", {"outcome": "bussy"}, "did you mean `busy`?"),
        ("/v1/clock/advance", {"By": "1m"}, "did you mean `by`?"),
    ],
)
def test_a_word_that_is_misspelt_in_a_body_is_told_what_was_meant(
    room: Room, path: str, body: dict[str, str], hint: str
) -> None:
    status, problem = room.refused("POST", path, body)

    assert status == 422
    assert hint in problem["detail"]


def test_a_scenario_that_is_sent_as_another_type_is_told_how_to_send_it(room: Room) -> None:
    form = room.ask("PUT", "/v1/scenario", data="sim: 1", content_type="text/plain")
    status, problem = room.refused("PUT", "/v1/scenario", {"sim": 1})

    assert (form.status_code, status) == (415, 422)
    assert problem["remedy"].startswith("send the scenario itself as `Content-Type: application/yaml`")
    assert form.json is not None
    assert form.json["remedy"] == problem["remedy"]


def test_violations_name_the_exchange_that_shows_them(room: Room) -> None:
    room.call(phnoe=PHONE)
    (violation,) = room.get("/v1/violations")["violations"]

    assert (violation["code"], violation["where"]) == ("unknown-parameter", "phnoe")
    assert violation["provenance"] in ("documented", "observed", "inferred")
    assert room.get(f"/v1/exchanges/{violation['exchange']}")["operation"] == "add_call"
    assert len(room.get("/v1/exchanges?violation=unknown-parameter")["exchanges"]) == 1
    assert room.get("/v1/exchanges?violation=bad-body")["exchanges"] == []


def test_one_mistake_made_three_times_is_one_finding(room: Room) -> None:
    for phone in ("+38 012", "tel:+380", "044-1"):
        room.call(phone)
    listed = room.get("/v1/violations")
    (finding,) = listed["findings"]

    assert len(listed["violations"]) == 3
    assert (finding["where"], finding["times"], finding["exchange"]) == ("phone", 3, "main-1")
    assert (finding["rule"], finding["provenance"]) == ("pattern", "inferred")
    assert finding["example"].startswith("POST /manager/")
    assert finding.items() >= listed["violations"][0].items() - {("consequences", 0)}


def test_an_empty_list_is_refused_when_something_was_dropped(room: Room) -> None:
    room = with_a_small_journal(room)
    for _ in range(3):
        room.call()

    for path in ("/v1/exchanges?operation=camp_stats", "/v1/violations", "/v1/exchanges/main-1"):
        status, problem = room.refused("GET", path)
        assert status == 410
        assert "needs all 3 exchanges, but 1 were dropped" in problem["detail"]


def test_a_list_that_lost_its_beginning_says_so(room: Room) -> None:
    room = with_a_small_journal(room)
    for _ in range(3):
        room.call()
    listed = room.get("/v1/exchanges")

    assert (listed["recorded"], listed["dropped"], len(listed["exchanges"])) == (3, 1, 2)
    assert room.get(f"/v1/exchanges?after={listed['next']}")["exchanges"] == []
    assert room.refused("GET", "/v1/exchanges?after=main-1")[0] == 410


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "ten", "", "٣", "1" * 30])
def test_a_limit_is_a_number_from_1_to_1000(room: Room, limit: str) -> None:
    assert room.refused("GET", f"/v1/exchanges?limit={limit}")[0] == 422


@pytest.mark.parametrize("query", ["vender=callo", "vendor=callo&vendor=callo", "limit=1&x"])
def test_a_misspelt_filter_is_never_ignored(room: Room, query: str) -> None:
    assert room.refused("GET", f"/v1/exchanges?{query}")[0] == 422


def test_unknown_exchanges_are_not_found(room: Room) -> None:
    assert room.refused("GET", "/v1/exchanges/main-77")[0] == 404
    assert room.refused("GET", "/v1/exchanges?after=main-77")[0] == 404


def test_coverage_tells_what_was_called_and_what_never_was(room: Room) -> None:
    room.call()
    room.call("nonsense")
    callo = room.get("/v1/coverage")["vendors"]["callo"]
    add_call = next(operation for operation in callo["operations"] if operation["operation"] == "add_call")

    assert (callo["known"], callo["called"], len(callo["never_called"])) == (18, 1, 17)
    assert (add_call["calls"], add_call["provenance"]) == (2, "documented")
    assert sum(add_call["statuses"].values()) == 2
    assert {error["provenance"] for error in add_call["errors"]} <= {"documented", "observed", "inferred"}


def test_coverage_tells_which_events_were_never_sent(room: Room) -> None:
    callo = room.get("/v1/coverage")["vendors"]["callo"]

    assert callo["never_sent"] == ["postback"]
    assert callo["events"] == [{"event": "postback", "provenance": "observed", "sent": 0}]


def test_a_contract_is_listed_with_the_provenance_of_everything(room: Room) -> None:
    operations = room.get("/v1/contracts/callo/operations")["operations"]
    marks = {
        entry["provenance"]
        for operation in operations
        for entry in (operation, *operation["parameters"], *operation["statuses"], *operation["errors"])
    }

    (add_call,) = [operation for operation in operations if operation["operation"] == "add_call"]
    (seconds,) = [parameter for parameter in add_call["parameters"] if parameter["name"] == "max_call_time"]

    assert len(operations) == 18
    assert (seconds["place"], seconds["limits"]) == ("form or multipart", "1..86400")
    assert seconds["marks"] == {"minimum": "inferred", "maximum": "inferred"}
    assert add_call["example"].startswith("POST /manager/cabapi_external/api/v1/phones/call/ public_key=")
    assert marks <= {"documented", "observed", "inferred"}
    assert room.refused("GET", "/v1/contracts/nobody/operations")[0] == 404
