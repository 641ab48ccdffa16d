"""Single words under `expect`: what each means, at its edges."""

from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.test import Client

from simulator.admin.faults import render_action
from simulator.engine import outbound_queue
from simulator.engine.real_time import IdleTime
from simulator.faults import Action, Hang, Reset, Slow, Status
from simulator.verdicts.findings import Verdict
from tests.verdicts.clinic import ANN, BEN, CAT, EVE, Clinic, clinic, verdicts


def judged(client: Clinic) -> Verdict:
    """Return the only verdict."""
    (verdict,) = verdicts(client)
    return verdict


@pytest.mark.parametrize(
    ("words", "held"),
    [
        (f'to: "{ANN}", outcome: answered', True),
        (f'to: "{ANN}", outcome: busy', False),
        (f'to: "{ANN}", pressed: "1"', True),
        (f'to: "{ANN}", pressed: "2"', False),
        (f'to: "{BEN}", said: "yes"', True),
        (f'to: "{BEN}", said: "no"', False),
        (f'to: "{CAT}", attempts: 2', True),
        (f'to: "{CAT}", attempts: 1', False),
        (f'to: "{ANN}"', True),
        (f'to: "{EVE}"', False),
        (f'to: "{EVE}", outcome: no_answer', False),
        (f'to: "{EVE}", attempts: 0..1', True),
    ],
)
def test_a_call_is_judged_by_the_last_one_to_its_number(words: str, held: bool) -> None:
    with clinic(f"  - call: {{{words}}}") as client:
        client.work()

        assert judged(client).held is held


def test_who_was_never_called_is_told_so_with_the_place_of_the_word() -> None:
    with clinic(f'  - call: {{to: "{EVE}", outcome: answered}}') as client:
        verdict = judged(client)

    assert verdict.place == "clinic.yaml:36"
    assert verdict.write().splitlines()[:2] == [
        f'broken: clinic.yaml:36 call: {{to: "{EVE}", outcome: answered}}',
        "  found  nobody called this number",
    ]


@pytest.mark.parametrize(
    ("hours", "zone", "held"), [("08:00-20:00", "callee", True), ("20:00-08:00", "UTC", False)]
)
def test_hours_are_meant_where_the_callee_lives(hours: str, zone: str, held: bool) -> None:
    with clinic(f'  - calls: {{outside: {{hours: "{hours}", zone: {zone}}}}}') as client:
        client.remind(CAT)  # 10:00 in London is 19:00 in Tokyo

        assert judged(client).held is held


def test_an_hour_too_late_in_tokyo_is_too_late() -> None:
    with clinic('  - calls: {outside: {hours: "08:00-19:00", zone: callee}}') as client:
        client.remind(CAT)

        assert "Mon 19:00 in Asia/Tokyo" in judged(client).shown[0]


def hold(client: Clinic, what: Action) -> None:
    """Let one thing befall the first request for a call."""
    client.desk.sandbox.act("arm", fault="test", where="callo.add_call", do=render_action(what))
    client.desk.sandbox.answer("callo", client.request(ANN))
    client.desk.sandbox.act("disarm", fault="test")


@pytest.mark.parametrize(
    ("what", "held"),
    [
        (Hang(timedelta(seconds=35)), False),
        (Status(503, accepted=True), False),
        (Reset(accepted=True), False),
        (Status(503), True),
        (Slow(timedelta(seconds=2), timedelta(seconds=2)), True),
    ],
)
def test_who_repeats_a_request_whose_answer_was_lost_dials_twice(
    what: Action, held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound_queue, "ANSWERS_SECONDS", 0.1)  # no answer ever leaves here
    with clinic("  - client: {double_dials: 0}") as client:
        hold(client, what)
        client.desk.advance(seconds=30)  # before a callback tells of the first call
        client.desk.sandbox.answer("callo", client.request(ANN))

        assert judged(client).held is held


def test_who_repeats_a_request_after_its_call_is_over_does_not() -> None:
    with clinic("  - client: {double_dials: 0}") as client:
        client.remind(ANN)
        client.desk.advance(minutes=5)
        client.remind(ANN)

        assert judged(client).held


def test_another_body_for_the_same_number_is_no_double() -> None:
    with clinic("  - client: {double_dials: 0}") as client:
        client.remind(ANN, label="one")
        client.remind(ANN, label="two")

        assert judged(client).held


def test_a_refusal_that_the_client_could_not_know_yet_is_not_ignored_by_it() -> None:
    with clinic("  - client: {honours: retry_after}") as client:
        for phone in (ANN, BEN, CAT, CAT, CAT):  # all on their way before the first answer has left
            client.desk.sandbox.answer("callo", client.request(phone))

        assert judged(client).held


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("client: {honours: retry_after}", "no limit refused anything"),
        ("client: {where: callo.balance, refused: at most 3%}", "no such request was made"),
        ("calls: {answered: at least 1%}", "there are no calls to take a share of"),
        ("hook: {event: call.finished, within: 2s}", "no such callback was taken"),
        ("hooks: {handled_once: true}", "no callback was taken twice"),
        ("hooks: {slowest: 1s}", "no callback reached a receiver"),
        ("coverage: {errors: 1%}", "there are no errors to use in the vendors called"),
    ],
)
def test_what_never_came_to_pass_is_not_judged(words: str, reason: str) -> None:
    with clinic(f"  - {words}") as client:
        verdict = judged(client)

    assert (verdict.held, verdict.found) == (None, reason)


def test_real_time_is_judged_only_where_it_was_measured() -> None:
    with clinic("  - real_time: at most 5s") as client:
        held = [verdicts(client, seconds)[0].held for seconds in (None, 5, 5.1)]

    assert held == [None, True, False]


@pytest.mark.parametrize(
    "words",
    ["contract: {violations: 0}", "client: {double_dials: 0}", "client: {polls: at most 1 per 1s}",
     "client: {refused: at most 3%}"],
)  # fmt: skip
def test_a_journal_that_dropped_exchanges_vouches_for_nothing(words: str) -> None:
    with clinic(f"  - {words}") as client:
        client.desk.sandbox.recorder.journal.max_entries = 1
        client.remind(ANN)
        client.remind(BEN)
        verdict = judged(client)

    assert verdict.held is None
    assert "dropped 1 exchanges" in verdict.found


def test_what_is_broken_stays_broken_whatever_was_dropped() -> None:
    with clinic("  - contract: {violations: 0}") as client:
        client.desk.sandbox.recorder.journal.max_entries = 1
        client.remind(ANN)
        client.remind(BEN, fone="1")

        assert judged(client).held is False


def test_steps_of_an_idle_clock_make_nobody_patient() -> None:
    with clinic("  - client: {polls: at most 1 per 4s}", clock="idle") as client:
        client.remind(BEN)
        client.look(1, seconds=0)
        sandbox = client.desk.sandbox
        assert isinstance(sandbox.timekeeper, IdleTime)
        sandbox.timekeeper.pause = timedelta(0)
        sandbox.drive()
        client.look(1, seconds=0)
        earlier, later = [
            exchange.at for exchange in sandbox.recorder.journal if exchange.operation == "all_calls"
        ]
        verdict = judged(client)

    assert len(sandbox.steps) == 1
    assert later - earlier > timedelta(seconds=4)
    assert verdict.held is False


def test_time_that_a_tester_moves_on_an_idle_clock_is_the_clients_own() -> None:
    with clinic("  - client: {polls: at most 1 per 30s}", clock="idle") as client:
        client.look(3, seconds=30)

        assert judged(client).held is True


def test_an_event_is_known_by_the_networks_word_and_the_vendors() -> None:
    words = [f"  - hook: {{event: {word}, delivered: 1}}" for word in ("call.finished", "postback")]
    with clinic("\n".join(words)) as client:
        client.remind(BEN)
        client.desk.advance(minutes=1)

        assert [verdict.held for verdict in verdicts(client)] == [True, True]


def test_a_callback_of_no_known_event_is_told_with_those_that_were_due() -> None:
    with clinic("  - hook: {event: call.ended, delivered: 1}") as client:
        client.remind(BEN)
        client.desk.advance(minutes=1)

        assert judged(client).found == "no such callback was due; those that were: call.finished"


def test_numbers_are_masked_where_a_verdict_is_shown() -> None:
    with clinic('  - call: {to: "+493012345678"}') as client:
        client.remind("+493012345678")
        shown = Client(client.desk.simulator).get("/_simulator/v1/verdicts").text
        masked = client.desk.sandbox.recorder.masker.text(judged(client).write())

    for text in (shown, masked):
        assert "3012345678" not in text
        assert "+999999999999~" in text
