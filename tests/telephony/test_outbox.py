from datetime import timedelta

import pytest

from simulator.telephony.clock import Clock
from simulator.telephony.keyed_random import KeyedRandom
from simulator.telephony.outbox import DeliveryState, HookRule, Outbox, Signing, UnknownDelivery, Webhook
from simulator.telephony.outcomes import seconds
from tests.telephony.network import MINUTE, START


def outbox(*rules: HookRule) -> tuple[Clock, Outbox]:
    clock = Clock(START)
    return clock, Outbox(clock, KeyedRandom(1), rules)


def due(clock: Clock, box: Outbox, length: timedelta = timedelta(0)) -> list[str]:
    clock.advance_to(clock.now + length)
    return [delivery.id for delivery in box.take_ready()]


def test_a_callback_is_missigned_each_time_it_is_composed() -> None:
    clock = Clock(START)
    rules = (HookRule(where="shop.*", signing=Signing.WRONG, retries=(MINUTE,)),)
    box = Outbox(clock, KeyedRandom(1), rules, lambda vendor, request, how: f"{request} of {vendor} {how}")
    box.submit("shop", "ended", Webhook("1", lambda nth: f"try {nth}", (), lambda _: None), 0)
    box.post("shop", "ended", "2", "request", 0)
    box.post("other", "ended", "3", "request", 0)

    clock.advance_to(START)

    sent = [delivery.request for delivery in box.take_ready()]
    assert sent == ["try 0 of shop wrong", "request of shop wrong", "request"]


def test_a_callback_is_ready_at_once_unless_a_rule_says_later() -> None:
    clock, box = outbox(HookRule(where="late.*", late=seconds(5)))
    box.post("vendor", "ended", "1", "request", 0)
    box.post("late", "ended", "1", "request", 0)

    assert due(clock, box) == ["delivery-1"]
    assert due(clock, box, timedelta(seconds=4.9)) == []
    assert due(clock, box, timedelta(seconds=0.1)) == ["delivery-2"]


def test_a_failed_delivery_is_tried_again_at_the_instants_of_its_schedule() -> None:
    clock, box = outbox(HookRule(retries=(MINUTE, 5 * MINUTE)))
    delivery = box.post("vendor", "ended", "1", "request", 0)
    tried = []
    for _ in range(3):
        clock.advance_to(START + timedelta(days=1), pause=lambda: bool(box.ready))
        box.take_ready()
        box.settle(delivery.id, 500, None)
        tried.append(clock.now - START)

    assert tried == [timedelta(0), MINUTE, 6 * MINUTE]
    assert (delivery.state, len(delivery.attempts)) == (DeliveryState.FAILED, 3)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_2xx_is_success(status: int) -> None:
    clock, box = outbox()
    delivery = box.post("vendor", "ended", "1", "request", 0)
    due(clock, box)

    box.settle(delivery.id, status, None)

    assert (delivery.state, due(clock, box, timedelta(days=1))) == (DeliveryState.DELIVERED, [])


def test_a_redirect_is_a_failure() -> None:
    clock, box = outbox()
    delivery = box.post("vendor", "ended", "1", "request", 0)
    due(clock, box)

    assert box.settle(delivery.id, 302, None).state is DeliveryState.WAITING


def test_a_lost_callback_is_never_sent_and_says_so() -> None:
    clock, box = outbox(HookRule(lose=1.0))
    delivery = box.post("vendor", "ended", "1", "request", 0)

    assert (due(clock, box, timedelta(days=1)), delivery.state) == ([], DeliveryState.LOST)


def test_a_doubled_callback_is_sent_twice() -> None:
    clock, box = outbox(HookRule(twice=1.0))
    delivery = box.post("vendor", "ended", "1", "request", 0)

    assert due(clock, box, MINUTE) == [delivery.id, delivery.id]


def shuffled(box: Outbox, clock: Clock, gap: timedelta, accounts: str = "mine") -> list[str]:
    """Post four events of one message, `gap` apart, and return them in the order in which they are sent."""
    sent = []
    for nth, account in zip(range(4), accounts.split() * 4, strict=False):
        box.post("vendor", f"step{nth}", "message", "request", 0, account=account)
        for _ in range(int(gap.total_seconds())):
            clock.advance_to(clock.now + timedelta(seconds=1))
            sent += [ready.event for ready in box.take_ready()]
    for _ in range(120):
        clock.advance_to(clock.now + timedelta(seconds=1))
        sent += [ready.event for ready in box.take_ready()]
    return sent


IN_ORDER = [f"step{nth}" for nth in range(4)]


@pytest.mark.parametrize("gap", [0, 1, 9, 19])
def test_events_of_a_shuffled_account_change_places_however_far_apart_they_are(gap: int) -> None:
    clock, box = outbox(HookRule(shuffle=4, within=MINUTE))

    sent = shuffled(box, clock, timedelta(seconds=gap))

    assert sorted(sent) == IN_ORDER
    assert sent != IN_ORDER


def test_two_that_change_places_always_do() -> None:
    clock, box = outbox(HookRule(shuffle=2, within=MINUTE))

    assert shuffled(box, clock, timedelta(seconds=10)) == ["step1", "step0", "step3", "step2"]


def test_nobody_waits_longer_than_the_rule_says_nor_for_another_account() -> None:
    clock, box = outbox(HookRule(shuffle=4, within=timedelta(seconds=5)))

    assert shuffled(box, clock, timedelta(seconds=9)) == IN_ORDER
    assert shuffled(box, clock, timedelta(seconds=2), "mine yours his hers") == IN_ORDER


def test_a_step_that_somebody_waits_for_keeps_its_time() -> None:
    clock, box = outbox(HookRule(shuffle=4))
    box.ask(box.draft("vendor", "asked", "1", "request", 0), (), lambda _: None)
    box.submit("vendor", "fetch", Webhook("1", lambda _: "request", (), lambda _: None), 0)

    assert due(clock, box) == ["delivery-1", "delivery-2"]


def test_what_is_sent_twice_changes_places_too() -> None:
    clock, box = outbox(HookRule(shuffle=4, twice=1.0))

    sent = shuffled(box, clock, timedelta(seconds=3))

    assert sorted(sent) == sorted(2 * IN_ORDER)
    assert sent != sorted(sent)


def test_any_delivery_can_be_sent_again() -> None:
    clock, box = outbox()
    delivery = box.post("vendor", "ended", "1", "request", 0)
    due(clock, box)
    box.settle(delivery.id, 200, None)

    box.resend(delivery.id)

    assert due(clock, box) == [delivery.id]
    with pytest.raises(UnknownDelivery):
        box.resend("delivery-99")


def test_a_notice_is_composed_anew_for_each_try_and_followed_to_its_end() -> None:
    clock, box = outbox()
    states: list[str] = []
    waits = (timedelta(seconds=1), timedelta(seconds=2))
    webhook = Webhook(
        "hook", lambda nth: f"try {nth}", waits, lambda delivery: states.append(str(delivery.state))
    )
    delivery = box.submit("plain", "message.updated", webhook, 1)

    requests = []
    for _ in range(3):
        clock.advance_to(clock.now + timedelta(seconds=2))
        requests += [ready.request for ready in box.take_ready()]
        box.settle(delivery.id, 500, None)

    assert requests == ["try 0", "try 1", "try 2"]
    assert states == ["waiting", "waiting", "failed"]


def test_a_notice_that_nobody_wants_any_more_is_not_sent() -> None:
    clock, box = outbox()
    box.submit("plain", "message.updated", Webhook("hook", lambda _: None, (), lambda _: None), 1)

    clock.advance_to(clock.now + timedelta(seconds=2))

    assert box.take_ready() == []


def test_a_rule_for_the_next_callback_is_used_up_by_it() -> None:
    clock, box = outbox()
    box.break_next(HookRule(where="vendor.*", lose=1.0))

    states = [box.post("vendor", "ended", str(nth), "request", 0).state for nth in range(2)]

    assert states == [DeliveryState.LOST, DeliveryState.WAITING]
    assert due(clock, box) == ["delivery-2"]
