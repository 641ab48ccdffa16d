"""A client's leave to dial: asked for through the outbox, heard when the answer is settled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from simulator.telephony.calls import Call, CallResult, Order
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.operators import NetworkEvent
from simulator.telephony.outbox import PATIENCE, DeliveryState, HookRule
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import People
from simulator.telephony.policies import Clearance, Policy
from simulator.telephony.world import Rules, World
from tests.telephony.network import ALICE, BOB, START, PlainOperator, campaign_in, people_who, settle

TEN_SECONDS = timedelta(seconds=10)
LEAVE = Policy(clearance=Clearance("http://client/leave", (TEN_SECONDS,)))


class AskingOperator(PlainOperator):
    """An operator who asks for leave, and says nothing else."""

    def callbacks(self, world: World, event: NetworkEvent) -> Iterable[Any]:
        return [event.call.ref] if event.name == "clearance.asked" else []


def world_that_asks(people: People | None = None, **rules: Any) -> World:
    people = people or people_who(Disposition.ANSWERED)
    return World(START, {"plain": AskingOperator()}, people=people, rules=Rules(**rules))


def place(world: World, **changes: Any) -> Call:
    return world.place_call(campaign_in(world, **changes), Order(callee=ALICE, policy=LEAVE))


def answer(world: World, status: int | None, error: str | None = None) -> None:
    """Settle everything that is asked now."""
    world.advance_to(world.clock.now)
    for delivery in world.outbox.take_ready():
        world.outbox.settle(delivery.id, status, error)


def test_nothing_is_dialed_before_leave_is_given() -> None:
    world = world_that_asks()
    call = place(world, lines=1)
    settle(world, timedelta(hours=1))
    waiting = (call.attempts, world.network.campaign_of(call.campaign).busy_lines)

    world.outbox.settle("delivery-1", 204, None)

    assert waiting == ((), 1)
    assert call.attempts[0].started == START + timedelta(hours=1)


def test_refused_leave_ends_the_call_and_frees_its_line() -> None:
    world = world_that_asks()
    call = place(world, lines=1)
    other = world.place_call(world.network.campaign_of(call.campaign), Order(callee=BOB))

    answer(world, 403)

    assert (call.ending, call.attempts) == (CallResult.REFUSED, ())
    assert other.attempts


def test_no_answer_is_asked_for_again_and_means_no_in_the_end() -> None:
    world = world_that_asks()
    call = place(world)

    answer(world, 503)
    answer(world, None, "timeout")
    waiting = call.ending
    world.advance_to(START + TEN_SECONDS)
    answer(world, None, "refused")

    assert waiting is None
    assert call.ending is CallResult.REFUSED
    assert world.outbox.deliveries["delivery-1"].state is DeliveryState.FAILED


def test_a_vendor_may_weigh_more_than_the_status() -> None:
    class Reader(AskingOperator):
        def read_clearance(self, call: Call, status: int | None, reply: Any) -> bool | None:
            return {"yes": True, "no": False}.get(reply)

    world = World(START, {"plain": Reader()}, people=people_who(Disposition.ANSWERED))
    call = place(world)
    world.advance_to(START)
    world.outbox.settle("delivery-1", 200, None, "perhaps")
    waiting = call.ending
    world.outbox.settle("delivery-1", 200, None, "no")

    assert (waiting, call.ending) == (None, CallResult.REFUSED)


def test_a_lost_question_means_no_after_a_while() -> None:
    world = world_that_asks(hooks=(HookRule(lose=1.0),))
    call = place(world)

    world.advance_to(START + PATIENCE)

    assert call.ending is CallResult.REFUSED


def test_an_answer_that_comes_twice_is_heard_once() -> None:
    world = world_that_asks()
    call = place(world)

    answer(world, 200)
    world.outbox.settle("delivery-1", 200, None)

    assert len(call.attempts) == 1


def test_leave_for_a_call_taken_out_meanwhile_changes_nothing() -> None:
    world = world_that_asks()
    call = place(world)
    world.remove_call(call)

    answer(world, 200)

    assert call.attempts == ()
    assert world.network.campaign_of(call.campaign).busy_lines == 0


def test_leave_given_while_the_campaign_is_paused_waits_for_it() -> None:
    world = world_that_asks()
    call = place(world)
    world.set_state(world.network.campaign_of(call.campaign), CampaignState.PAUSED)
    answer(world, 200)
    paused = call.attempts

    world.set_state(world.network.campaign_of(call.campaign), CampaignState.ACTIVE)
    answer(world, 200)

    assert paused == ()
    assert len(call.attempts) == 1


def test_leave_is_asked_for_before_every_attempt() -> None:
    world = world_that_asks(people_who(Disposition.BUSY))
    call = place(world)

    for _ in range(10):
        answer(world, 200)
        world.advance_to(world.clock.now + timedelta(minutes=10))

    assert len(call.attempts) == len(world.outbox.deliveries) == 3


def test_where_nobody_is_asked_nothing_is_waited_for() -> None:
    world = World(START, {"plain": PlainOperator()}, people=people_who(Disposition.ANSWERED))

    assert place(world).attempts
