from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Answer
from simulator.faults import (
    Action,
    Always,
    Cut,
    Fault,
    FirstPerNumber,
    Garble,
    Hang,
    Period,
    Refuse,
    Reply,
    ReplyOverride,
    Requests,
    Reset,
    Share,
    Slow,
    Status,
    Trigger,
)
from simulator.web.faults import Decision, FaultPlan, apply_to_answer, reword

NOW = timedelta()
PAGE = Answer(200, b'{"status": "ok"}', (("Content-Type", "application/json"),))


def draw(*subject: object) -> float:
    digest = hashlib.sha256(repr(subject).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def plan(when: Trigger = Always(), do: Action = Status(503), where: str = "callo.*") -> FaultPlan:  # noqa: B008
    return FaultPlan([Fault("flaky.yaml:7", where, do, when)], draw)


def fires(faults: FaultPlan, count: int, where: str = "callo.add_call") -> list[int]:
    decided = [faults.decide(where, f"f{number}", (), NOW) for number in range(1, count + 1)]
    return [number for number, decision in enumerate(decided, 1) if decision]


@pytest.mark.parametrize(
    ("where", "hit"),
    [("*", True), ("callo.*", True), ("callo.add_call", True), ("callo.add", False), ("callr.*", False)],
)
def test_a_rule_concerns_the_operations_that_it_names(where: str, hit: bool) -> None:
    assert bool(plan(where=where).decide("callo.add_call", "f", (), NOW)) is hit


def test_gates_by_count_open_for_the_requests_they_name() -> None:
    assert fires(plan(Requests(4, 4)), 10) == [4]
    assert fires(plan(Requests(4, 6)), 10) == [4, 5, 6]
    assert fires(plan(Always()), 3) == [1, 2, 3]


def test_first_per_number_counts_each_number_alone() -> None:
    faults = plan(FirstPerNumber(1))
    calls = ["+447700900101", "+447700900102", "+447700900101", "+447700900102"]

    hit = [faults.decide("callo.add_call", "f", (number,), NOW) is not None for number in calls]

    assert hit == [True, True, False, False]


def test_a_request_about_several_numbers_is_hit_while_it_is_among_the_first_of_any() -> None:
    faults = plan(FirstPerNumber(1))
    lists = [("+447700900101", "+447700900102"), ("+447700900102",), ("+447700900102", "+447700900103")]

    assert [bool(faults.decide("callo.x", "f", numbers, NOW)) for numbers in lists] == [True, False, True]


def test_numbers_are_looked_for_only_where_a_gate_counts_them() -> None:
    faults = plan(FirstPerNumber(1), where="callo.add_call")

    assert faults.asks_for_callees("callo.add_call")
    assert not faults.asks_for_callees("callo.all_calls")
    assert not plan(Always()).asks_for_callees("callo.add_call")


def test_a_window_opens_at_its_start_and_not_at_its_end() -> None:
    faults = plan(Period(timedelta(minutes=10), timedelta(minutes=3)))
    times = [timedelta(minutes=10) - timedelta(seconds=1)]
    times += [timedelta(minutes=10), timedelta(minutes=12, seconds=59), timedelta(minutes=13)]

    assert [bool(faults.decide("callo.x", "f", (), at)) for at in times] == [False, True, True, False]


def test_a_share_hits_the_same_requests_in_any_order() -> None:
    asked = [f"f{number % 700}" for number in range(2_000)]

    def hits(order: list[str]) -> list[str]:
        faults = plan(Share(0.03))
        return sorted(subject for subject in order if faults.decide("callo.x", subject, (), NOW))

    assert hits(asked) == hits(asked[::-1])
    assert 30 <= len(hits(asked)) <= 95


def test_a_repeated_request_is_drawn_anew() -> None:
    faults = plan(Share(0.5))

    hit = [faults.decide("callo.x", "same", (), NOW) is not None for _ in range(50)]

    assert 10 < sum(hit) < 40


def test_a_share_of_nothing_never_hits_and_of_all_always_does() -> None:
    assert fires(plan(Share(0.0)), 100) == []
    assert len(fires(plan(Share(1.0)), 100)) == 100


def test_the_first_open_rule_wins_and_all_rules_count() -> None:
    faults = FaultPlan(
        [Fault("a:1", "*", Reset(), Requests(1, 1)), Fault("a:2", "*", Status(503), Requests(2, 2))], draw
    )

    decided = [faults.decide("callo.x", "f", (), NOW) for _ in range(3)]

    assert [decision.rule if decision else None for decision in decided] == ["a:1", "a:2", None]


def test_of_two_rules_that_are_open_the_first_one_acts() -> None:
    faults = FaultPlan([Fault("a:1", "*", Reset(), Always()), Fault("a:2", "*", Status(503), Always())], draw)

    decision = faults.decide("callo.x", "f", (), NOW)

    assert decision is not None
    assert decision.rule == "a:1"


def test_delays_are_told_and_not_waited_for() -> None:
    slow = plan(do=Slow(timedelta(seconds=2), timedelta(seconds=8))).decide("callo.x", "f", (), NOW)
    hang = plan(do=Hang(timedelta(seconds=35))).decide("callo.x", "f", (), NOW)

    assert slow
    assert timedelta(seconds=2) <= slow.delay < timedelta(seconds=8)
    assert hang == Decision("flaky.yaml:7", Hang(timedelta(seconds=35)), timedelta(seconds=35))


def test_resets_and_statuses_stop_in_front_of_the_vendor() -> None:
    stops = {
        type(do).__name__: Decision("r", do).spares_the_vendor for do in (Reset(), Status(503), Cut(0.4))
    }

    assert stops == {"Reset": True, "Status": True, "Cut": False}
    assert Decision("r", Reset()).reset
    assert not Decision("r", Garble()).reset


def test_a_status_fault_answers_an_empty_page() -> None:
    assert apply_to_answer(Decision("r", Status(503)), PAGE) == Answer(
        503, b"", (("Content-Type", "text/html"),)
    )


def test_a_cut_answer_still_promises_its_whole_length() -> None:
    cut = apply_to_answer(Decision("r", Cut(0.4)), PAGE)

    assert cut.body == PAGE.body[:10]
    assert cut.header("Content-Length") == "16"


def test_a_garbled_answer_is_as_long_and_no_longer_text() -> None:
    garbled = apply_to_answer(Decision("r", Garble()), PAGE)

    assert len(garbled.body) == len(PAGE.body)
    with pytest.raises(UnicodeDecodeError):
        json.loads(garbled.body)


def test_a_slow_answer_is_untouched() -> None:
    assert apply_to_answer(Decision("r", Hang(timedelta(seconds=1))), PAGE) == PAGE


def test_rules_come_and_go_by_their_ids() -> None:
    faults = plan(Share(0.0))
    added = Fault("control:1", "*", Reset())

    faults.add(added)

    assert faults.list()[0] == added
    decision = faults.decide("callo.x", "f", (), NOW)
    assert decision is not None
    assert decision.reset
    faults.remove("control:1")
    assert faults.decide("callo.x", "f", (), NOW) is None


def test_unknown_and_doubled_ids_are_named() -> None:
    with pytest.raises(UnknownName, match=r"known: flaky\.yaml:7"):
        plan().remove("nope")
    with pytest.raises(SimulatorError, match="armed already"):
        plan().add(Fault("flaky.yaml:7", "*", Reset()))


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json; charset=utf-8", b'{"a": 1}'), ("text/plain", b"slow"), ("", b"slow")],
)
def test_a_refusal_is_reworded_by_its_content_type(kind: str, body: bytes) -> None:
    wording = ReplyOverride(bodies={"application/json": '{"a": 1}', "*": "slow"})
    answer = reword(wording, Answer(429, b"theirs", (("Content-Type", kind),)))

    assert (answer.status, answer.body, answer.content_type) == (429, body, kind)


def test_words_that_are_not_told_stay_the_vendors() -> None:
    theirs = Answer(429, b"theirs", (("content-type", "text/html"), ("Retry-After", "1")))
    answer = reword(ReplyOverride(503, {"Content-Type": "image/png"}, {"application/json": "{}"}), theirs)

    assert answer == Answer(503, b"theirs", (("Retry-After", "1"), ("Content-Type", "image/png")))


@pytest.mark.parametrize("do", [Status(503, accepted=True), Reset(accepted=True)])
def test_what_is_accepted_first_reaches_the_vendor_and_its_answer_is_lost(do: Status | Reset) -> None:
    decision = Decision("r", do)

    assert decision.loses_the_answer
    assert not decision.spares_the_vendor


def test_an_act_that_an_operation_cannot_suffer_passes_it_by_uncounted() -> None:
    rule = Fault("r", "callo.*", Refuse("label_taken"), Requests(1, 1))
    plan = FaultPlan([rule], lambda *_: 0.0, lambda _act, where: where == "callo.add_call")

    assert plan.decide("callo.balance", "f", (), NOW) is None
    assert plan.decide("callo.add_call", "f", (), NOW) == Decision("r", Refuse("label_taken"))


@pytest.mark.parametrize(
    ("accepted", "left"),
    [
        (False, Answer(202, b"{}", (("Content-Type", "application/json"), ("X-Queue", "7")))),
        (True, Answer(202, b"{}", (*PAGE.headers, ("X-Queue", "7")))),
    ],
)
def test_a_reply_is_given_in_front_of_the_vendor_or_after_its_work(accepted: bool, left: Answer) -> None:
    reply = Reply(accepted, ReplyOverride(202, {"X-Queue": "7"}, {"*": "{}"}))
    decision = plan(do=reply).decide("callo.add_call", "f", (), NOW)

    assert decision is not None
    assert (decision.spares_the_vendor, decision.loses_the_answer) == (not accepted, accepted)
    assert apply_to_answer(decision, PAGE) == left


def test_a_reply_may_leave_to_the_vendor_what_it_answers() -> None:
    decision = plan(do=Reply(True, ReplyOverride(500))).decide("callo.add_call", "f", (), NOW)

    assert decision is not None
    assert apply_to_answer(decision, PAGE) == Answer(500, PAGE.body, PAGE.headers)
