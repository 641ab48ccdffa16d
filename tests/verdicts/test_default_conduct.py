"""What is judged without a word of the scenario: each subject by clients that offend it and others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from simulator.engine.real_time import IdleTime
from simulator.engine.verification import conduct_on
from simulator.faults import Reset, Status
from tests.verdicts.bench import ANN, BEN, CALLO, Bench, Open

Client = Callable[[Bench], object]
JOBS = [{"phone": "79160000000"}]
LIMIT = "limits: [{where: callo.*, allow: 2 per 10s}]"


def lose(client: Bench, where: str, first: Client, *then: Client) -> None:
    """Lose the answer to the first request; let a client go on."""
    with client.fault(where):
        first(client)
    for step in then:
        step(client)


def look_up(client: Bench) -> object:
    return client.callo("phones/calls_by_phone", "GET", phone=ANN)


def over(client: Bench) -> object:
    return client.wait("10m")


def never_arrived(client: Bench) -> None:
    for fault in (Reset(), Status(503)):
        with client.fault("callo.add_call", fault):
            client.call()
    client.call()


def keyed(client: Bench) -> object:
    return client.jaicp("addPhones", JOBS, **{"Idempotence-Key": "one"})


def confirm(client: Bench) -> object:
    known: Any = client.vendors["callo"].credentials
    campaign = known["campaigns"]["tellcode"]
    return client.callo("phones/tellcode", phone=ANN, campaign_id=campaign, pincode="4711")


def listed(client: Bench, *phones: str) -> object:
    campaign = client.vendors["callo"].credentials["campaign_id"]
    answer = client.callo("phones/append/calls", campaign_id=campaign, phones="\n".join(phones))
    client.wait("1m")
    return answer


def announce(client: Bench, path: str = "/v1/") -> object:
    parameters = {"method": "voice.call", "format": "json", "numbers": "9876543210", "play": "1.sound"}
    return client.ask("POST", "kaleyra", path, data={**parameters, "api_key": client.vendors["kaleyra"].key})


def announce_in_json(client: Bench) -> object:
    body = {"play": "1.sound", "call": [{"to": "9876543210"}]}
    headers = {"x-api-key": client.vendors["kaleyra"].key}
    return client.ask("POST", "kaleyra", "/v1/?method=voice.json&format=json", json=body, headers=headers)


REPEATED: list[tuple[str, Client]] = [
    ("same", lambda c: lose(c, "callo.add_call", Bench.call, Bench.call)),
    ("label", lambda c: lose(c, "callo.add_call", Bench.call, lambda c: c.call(label="again"))),
    ("verb", lambda c: lose(c, "callo.add_call", Bench.call, lambda c: c.call(verb="GET"))),
    ("spelling", lambda c: lose(c, "callo.add_call", Bench.call, lambda c: c.call(ANN[1:]))),
    ("over", lambda c: lose(c, "callo.add_call", Bench.call, over, lambda c: c.call(label="again"))),
    ("unread", lambda c: lose(c, "callo.add_call", Bench.call, look_up, Bench.call)),
    ("pair", lambda c: lose(c, "kaleyra.click_to_call", Bench.connect, lambda c: c.connect(custom="again"))),
    ("batch", lambda c: lose(c, "jaicp.add_phones", *[lambda c: c.jaicp("addPhones", JOBS)] * 2)),
    ("text", lambda c: lose(c, "callr.send_sms", Bench.text, lambda c: c.text("Hello again"))),
    ("other way", lambda c: lose(c, "callo.add_call", Bench.call, confirm)),
    ("other host", lambda c: lose(c, "kaleyra.start_obd_call", announce, lambda c: announce(c, "/api/v1/"))),
    ("other method", lambda c: lose(c, "kaleyra.start_obd_call", announce, announce_in_json)),
    ("at once", lambda c: [c.call(), c.call()]),
    ("texts at once", lambda c: [c.text(), c.text()]),
    ("in one list", lambda c: listed(c, ANN, BEN, ANN)),
    ("spelt otherwise", lambda c: [c.call(), c.call(ANN.removeprefix("+"))]),
    (
        "spelt otherwise in JSON",
        lambda c: [c.jaicp("addPhones", [{"phone": phone}]) for phone in ("79161234567", "+7 916 123-45-67")],
    ),
    (
        "a number of JSON",
        lambda c: [c.jaicp("addPhones", [{"phone": phone}]) for phone in ("79161234567", 79161234567)],
    ),
]
ONCE: list[tuple[str, Client]] = [
    (
        "labels that differ by a dash",
        lambda c: [c.connect(custom=one) for one in ("12-3456789", "123-456789")],
    ),
    ("texts that differ by a dot", lambda c: [c.text(one) for one in ("1234.567", "12345.67")]),
    ("others", lambda c: lose(c, "callo.add_call", Bench.call, lambda c: c.call(BEN))),
    ("looked up", lambda c: lose(c, "callo.add_call", Bench.call, over, look_up, Bench.call)),
    (
        "next day",
        lambda c: lose(c, "callo.add_call", Bench.call, lambda c: c.wait("1d"), lambda c: c.call(label="b")),
    ),
    ("looked up, other way", lambda c: lose(c, "callo.add_call", Bench.call, look_up, confirm)),
    ("over, other way", lambda c: lose(c, "callo.add_call", Bench.call, over, confirm)),
    ("other way, nothing lost", lambda c: [c.call(), confirm(c)]),
    ("over", lambda c: [c.call(), over(c), c.call()]),
    ("other wish", lambda c: [c.call(label="a"), c.call(label="b")]),
    ("never arrived", never_arrived),
    ("agent", lambda c: lose(c, "kaleyra.click_to_call", Bench.connect, lambda c: c.connect("919123456780"))),
    ("key", lambda c: lose(c, "jaicp.add_phones", *[keyed] * 2)),
    ("texts", lambda c: [c.text("One"), c.text("Two")]),
    ("in one list", lambda c: listed(c, ANN, BEN)),
]


@pytest.mark.parametrize("act", [act for _, act in REPEATED], ids=[name for name, _ in REPEATED])
def test_who_is_called_or_written_to_twice_for_one_wish_is_told(bench: Open, act: Client) -> None:
    client = bench()
    act(client)

    assert client.broken() == ["double_dials"]


@pytest.mark.parametrize("act", [act for _, act in ONCE], ids=[name for name, _ in ONCE])
def test_another_body_is_no_repetition(bench: Open, act: Client) -> None:
    client = bench()
    act(client)

    assert client.broken() == []


# -- waiting --------------------------------------------------------------------------------------------


def hammer(client: Bench, times: int = 6, pauses: tuple[str, ...] = ()) -> None:
    with client.fault("callo.*", Status(503)):
        for nth in range(times):
            client.call()
            if nth < len(pauses):
                client.wait(pauses[nth])


HASTY: list[tuple[str, Client]] = [
    ("repeats at once", lambda c: [c.call(f"{ANN[:-1]}{digit}") for digit in "01222"]),
    ("drops and goes on", lambda c: [c.call(f"{ANN[:-1]}{digit}") for digit in "0123"]),
    (
        "drops reads and goes on",
        lambda c: [c.callo("phones/all_calls", "GET", campaign_id=7, page=nth) for nth in range(1, 25)],
    ),
    ("waits too short", lambda c: [c.call(f"{ANN[:-1]}{digit}") or c.wait("3s") for digit in "0122"]),
    ("hammers", hammer),
    ("even pauses", lambda c: hammer(c, 8, ("1s",) * 7)),
]
PATIENT: list[tuple[str, Client]] = [
    (
        "waits",
        lambda c: [c.call(f"{ANN[:-1]}{digit}") or (digit == "2" and c.wait("10s")) for digit in "012"],
    ),
    ("five tries", lambda c: hammer(c, 5)),
    ("growing", lambda c: hammer(c, 8, ("1s", "2s", "4s", "8s", "16s", "32s", "64s"))),
    ("short but growing", lambda c: hammer(c, 7, ("200ms", "400ms", "800ms", "1600ms", "3200ms", "6400ms"))),
    ("rare", lambda c: hammer(c, 8, ("30s",) * 7)),
]
RETRYING: list[tuple[str, tuple[str, ...], list[str]]] = [
    ("once at once, then waits", ("0s", "10s"), []),
    ("backs off", ("1s", "2s", "4s", "8s"), []),
    ("pauses evenly", ("1s",) * 10, ["honours"]),
    ("gives up at once", ("0s",), ["honours"]),
]


@pytest.mark.parametrize(("name", "act"), HASTY, ids=[name for name, _ in HASTY])
def test_who_does_not_wait_is_told(bench: Open, name: str, act: Client) -> None:
    client = bench("" if "hammer" in name or "pauses" in name else LIMIT)
    act(client)

    assert client.broken() == ["honours"]


@pytest.mark.parametrize(("name", "act"), PATIENT, ids=[name for name, _ in PATIENT])
def test_who_waits_keeps_the_peace(bench: Open, name: str, act: Client) -> None:
    client = bench(LIMIT if name == "waits" else "")
    act(client)

    assert client.broken() == []


@pytest.mark.parametrize(("name", "pauses", "broken"), RETRYING)
def test_who_is_told_no_wait_may_find_it_out_by_backing_off(
    bench: Open, name: str, pauses: tuple[str, ...], broken: list[str]
) -> None:
    client = bench("limits: [{where: callo.*, allow: 1 per 10s, reply: vendor}]")
    client.call(BEN)
    client.call()
    for pause in pauses:
        client.wait(pause)
        client.call()

    assert client.broken() == broken, name


def test_workers_that_each_wait_for_themselves_keep_the_peace(bench: Open) -> None:
    client = bench("limits: [{where: callo.*, allow: 2 per 10s}]")
    work = [f"{ANN[:-1]}{digit}" for digit in range(8)]
    while work:
        work = [phone for phone in work if (answer := client.call(phone)) is None or not answer.ok]
        client.wait("10s")

    assert client.world.misconduct() == ""


@pytest.mark.parametrize("retry_after", ["20", "Mon, 02 Mar 2026 10:00:20 GMT"])
@pytest.mark.parametrize(("pause", "broken"), [("19s", ["honours"]), ("20s", [])])
def test_a_wait_may_be_told_in_seconds_or_as_a_date_and_by_503(
    bench: Open, retry_after: str, pause: str, broken: list[str]
) -> None:
    reply = f'{{status: 503, headers: {{Retry-After: "{retry_after}"}}}}'
    client = bench(f"limits: [{{where: callo.*, allow: 1 per 1m, reply: {reply}}}]")
    client.call(BEN)
    client.call()
    client.wait(pause)
    client.call()

    assert client.broken() == broken


def placed_by(client: Bench) -> int:
    answer = client.call()
    assert answer is not None
    return int(answer.json()["call_id"])


@pytest.mark.parametrize(
    ("streaks", "broken"),
    [((9,), []), ((10,), ["polls"]), ((8, 7), ["polls"]), ((6,) * 5, []), ((9, 6, 9), [])],
    ids=str,
)
def test_asking_without_a_breath_is_told_also_where_the_machine_takes_one(
    bench: Open, monkeypatch: pytest.MonkeyPatch, streaks: tuple[int, ...], broken: list[str]
) -> None:
    monkeypatch.setattr("simulator.engine.machine.host_seconds", lambda: 1.0)  # a machine that never stalls
    client = bench("limits: [{where: callo.*, allow: 1000 per 1s}]", clock="frozen")
    placed = placed_by(client)
    for streak in streaks:
        client.wait("200ms")
        for _ in range(streak):
            client.callo("phones/call_by_id", "GET", call_id=placed)

    assert client.broken() == broken


def test_asking_with_pauses_is_not(bench: Open) -> None:
    client = bench()
    placed = placed_by(client)
    for _ in range(40):
        client.callo("phones/call_by_id", "GET", call_id=placed)
        client.wait("200ms")

    assert client.broken() == []


@pytest.mark.parametrize(("times", "broken"), [(5, []), (6, ["polls"])])
def test_asking_on_for_what_is_over_is_told(bench: Open, times: int, broken: list[str]) -> None:
    client = bench()
    placed = placed_by(client)
    client.wait("10m")
    for _ in range(times):
        client.callo("phones/call_by_id", "GET", call_id=placed)
        client.wait("1m")

    assert client.broken() == broken


SCRIPT = "branches: {api-initiated: {actions: [{action: log@v1, params: {message: here}}]}}"


def begin_an_export(client: Bench) -> str:
    span = {"direction": "outbound", "from": "2026-02-20T00:00:00Z", "to": "2026-03-01T00:00:00Z"}
    answer = client.callr("POST", "/calls/export", **span)
    assert answer is not None
    return f"/tasks/{answer.json()}"


def begin_a_run(client: Bench) -> str:
    kept = client.callr("POST", "/actions", {"name": "Log", "script": SCRIPT, "format": "yaml"})
    assert kept is not None
    way = f"/actions/{kept.json()['sid']}/runs"
    begun = client.callr("POST", way, {"variables": {}})
    assert begun is not None
    return f"{way}/{begun.json()['runid']}"


@pytest.mark.parametrize("begin", [begin_an_export, begin_a_run])
def test_asking_for_a_run_or_a_task_without_a_breath_is_told(
    bench: Open, begin: Callable[[Bench], str]
) -> None:
    clients = [bench(clock="frozen"), bench(clock="frozen")]
    for client, pause in zip(clients, ["0s", "200ms"], strict=True):
        way = begin(client)
        for _ in range(12):
            client.callr("GET", way)
            client.wait(pause)

    assert [client.broken() for client in clients] == [["polls"], []]


@pytest.mark.parametrize(
    ("times", "looks", "waits", "advice"), [(2, 0, 0, 0), (3, 0, 0, 1), (3, 1, 0, 0), (3, 0, 1, 0)]
)
def test_what_is_repeated_without_a_look_on_a_clock_that_steps_is_advised(
    bench: Open, times: int, looks: int, waits: int, advice: int
) -> None:
    client = bench(clock="idle")
    keeper = client.world.sandbox.timekeeper
    assert isinstance(keeper, IdleTime)
    keeper.pause = timedelta(0)
    for _ in range(times):
        placed = placed_by(client)
        for _step in range(5):
            client.world.sandbox.drive()
        for _wait in range(waits):
            client.wait("10m")
        for _look in range(looks):
            client.callo("phones/call_by_id", "GET", call_id=placed)
    lines = [line for line in client.conduct().advice if line.startswith("double_dials: ")]

    assert client.broken() == []
    assert len(lines) == advice


@pytest.mark.parametrize(("times", "advice"), [(2, 0), (3, 1)])
def test_why_a_call_that_is_asked_for_waits_is_advised(bench: Open, times: int, advice: int) -> None:
    client = bench()
    client.jaicp("control/pause", None)
    added = client.jaicp("addPhones", [{"phone": "79161234567"}, {"phone": "79161234568"}])
    ids = added.json() if added is not None else []
    for _ in range(times):
        client.jaicp("callJob/getReport", {"ids": ids})
        client.wait("1m")
    lines = [line for line in client.conduct().advice if line.startswith("polls: ")]

    assert client.broken() == []
    assert len(lines) == advice
    assert all(f"call {ids[0]} was asked for {times} times and waits: campaign " in line for line in lines)
    assert all(line.endswith("is paused, so it dials nobody, and so it is with 1 more") for line in lines)


def test_no_wait_is_advised_of_a_call_that_was_dialed(bench: Open) -> None:
    client = bench()
    placed = placed_by(client)
    for _ in range(4):
        client.callo("phones/call_by_id", "GET", call_id=placed)
        client.wait("200ms")

    assert not [line for line in client.conduct().advice if line.startswith("polls: ")]


def test_asking_on_for_a_task_that_is_over_is_told_and_not_for_a_run_whose_end_nobody_can_see(
    bench: Open,
) -> None:
    clients = [bench(), bench()]
    for client, begin in zip(clients, [begin_an_export, begin_a_run], strict=True):
        way = begin(client)
        client.wait("1m")
        for _ in range(6):
            client.callr("GET", way)
            client.wait("1m")

    assert [client.broken() for client in clients] == [["polls"], []]


def test_reading_what_belongs_to_no_call_is_no_poll(bench: Open) -> None:
    client = bench("limits: [{where: callo.*, allow: 1000 per 1s}]", clock="frozen")
    for _ in range(40):
        client.callo("users/balance", "GET")

    assert client.broken() == []


# -- what is sent ---------------------------------------------------------------------------------------


def key_in_query(client: Bench, vendor: str, path: str, **options: object) -> None:
    name = {"callo": "public_key", "kaleyra": "api_key"}[vendor]
    client.ask("POST", vendor, f"{path}?{name}={client.vendors[vendor].key}", **options)


def test_a_key_in_the_address_of_a_post_is_told(bench: Open) -> None:
    callo, kaleyra = bench(), bench()
    known: Any = callo.vendors["callo"].credentials
    campaign = known["campaigns"]["free_text"]
    key_in_query(callo, "callo", f"{CALLO}/phones/call/", data={"campaign_id": campaign, "phone": ANN})
    key_in_query(kaleyra, "kaleyra", "/v1/", data={"method": "dial.c2cstatus", "format": "json"})

    assert [callo.broken(), kaleyra.broken()] == [["secrets_in_url"], ["secrets_in_url"]]


def test_a_get_that_the_vendor_documents_is_only_advised_against(bench: Open) -> None:
    client = bench()
    client.call(verb="GET")
    client.callo("users/balance", "GET")
    conduct = conduct_on(client.world.server.simulator.worlds, client.world.sandbox)

    assert client.broken() == []
    assert [line.partition(":")[0] for line in conduct.advice] == ["secrets_in_url"]
    assert conduct.advice[0].endswith("callo.add_call")


@pytest.mark.parametrize(("times", "broken"), [(2, []), (3, ["unknown_ids"])])
def test_insisting_on_an_unknown_id_is_told(bench: Open, times: int, broken: list[str]) -> None:
    client = bench()
    for _ in range(times):
        client.callo("phones/call_by_id", "GET", call_id=1459666765)
        client.wait("1m")

    assert client.broken() == broken


@pytest.mark.parametrize(
    "act",
    [
        lambda c, keys: c.connect(callback=f"http://hook.test/x?key={keys['kaleyra']}&s={{status}}"),
        lambda c, keys: c.call(label=keys["callo"]),
        lambda c, keys: c.text(f"Hello {keys['callr']}"),
        lambda c, keys: c.jaicp("addPhones", [{"phone": "79161234567", "payload": {"t": keys["jaicp"]}}]),
    ],
)
def test_a_key_in_another_value_is_told(bench: Open, act: Callable[[Bench, dict[str, str]], object]) -> None:
    client = bench()
    act(client, {name: fixture.key for name, fixture in client.vendors.items()})

    assert client.broken() == ["secrets_in_url"]


def test_a_key_in_a_header_and_in_the_form_is_no_key_in_another_value(bench: Open) -> None:
    client = bench()
    key = client.vendors["kaleyra"].key
    form = {"method": "dial.c2cstatus", "format": "json", "api_key": key}
    client.ask("POST", "kaleyra", "/v1/", data=form, headers={"x-api-key": key})

    assert client.broken() == []


# -- hours ----------------------------------------------------------------------------------------------

TOKYO = 'people: [{number: "+13125550100", persona: answers, zone: Asia/Tokyo}]'
NIGHT = "2026-03-03T00:00:00Z"
BY_DAY = {"default": [{"localTimeFrom": "09:00", "localTimeTo": "20:00"}]}
AWAY = f'people: [{{number: "{ANN}", persona: away}}]'
LATE = "2026-03-02T03:00"


def add_at(client: Bench, begin: str, **terms: object) -> None:
    client.jaicp("addPhones", [{"phone": "442079460018", "startDateTime": begin, **terms}])


@pytest.mark.parametrize(
    ("act", "at", "more"),
    [
        (lambda c: c.call("+447911123456"), LATE, ""),
        (lambda c: c.call("+64211234567"), "2026-03-02T10:00", ""),
        (lambda c: c.call("+13125550100"), "2026-03-02T15:00", TOKYO),
        (lambda c: [c.connect("642112345678"), c.wait("2m")], "2026-03-02T10:00", ""),
        (lambda c: c.call(ANN), LATE, f'people: [{{number: "{ANN}", persona: answers}}]'),
        (lambda c: add_at(c, NIGHT), "2026-03-02T10:00", ""),  # the test ends long before
    ],
)
def test_calling_at_night_is_told(bench: Open, act: Client, at: str, more: str) -> None:
    client = bench(more, at=at)
    act(client)
    client.wait("1m")

    assert client.broken() == ["hours"]


@pytest.mark.parametrize(
    ("act", "at", "more"),
    [
        (lambda c: c.call("+447911123456"), "2026-03-02T10:00", ""),
        (lambda c: c.call("+12125550100"), "2026-03-02T07:00", ""),  # evening yet in Hawaii
        (lambda c: c.call("+13125550100"), LATE, TOKYO),
        (lambda c: c.call("+88299912345"), LATE, ""),  # nobody knows where
        (lambda c: [c.wait("13h"), c.call()], "2026-03-02T10:00", ""),  # the test went into the night
        (lambda c: [c.call(), c.wait("14h")], "2026-03-02T21:59", AWAY),
        (lambda c: add_at(c, NIGHT, allowedTime=BY_DAY), "2026-03-02T10:00", ""),
        (lambda c: add_at(c, "2026-03-03T09:00:00Z"), "2026-03-02T10:00", ""),
    ],
)
def test_calling_by_day_or_where_nobody_can_know_is_not(bench: Open, act: Client, at: str, more: str) -> None:
    client = bench(more, at=at)
    act(client)
    client.wait("1m")

    assert client.broken() == []
