"""A stage whose clock runs by itself, and is moved on all the same."""

from __future__ import annotations

from datetime import timedelta

from simulator import Simulator
from simulator.telephony.calls import Order
from simulator.telephony.campaigns import Postback
from simulator.telephony.phone_numbers import E164


def test_an_advance_of_real_time_keeps_the_instants_of_what_happens_on_the_way() -> None:
    stage = Simulator(clock="real", vendors=("callo",)).stage()
    account = next(iter(stage.world.accounts.values()))
    campaign = next(iter(account.campaigns.values()))
    campaign.postbacks = {"any": Postback("http://192.0.2.1/nobody")}
    stage.world.place_call(campaign, Order(E164("+447700900101")))

    stage.advance(stage.world.clock.now + timedelta(hours=1))

    (delivery,) = stage.world.outbox.deliveries.values()
    waits = [
        later.at - earlier.at for earlier, later in zip(delivery.tries, delivery.tries[1:], strict=False)
    ]
    assert [round(wait / timedelta(minutes=1)) for wait in waits] == [1, 5, 15]
