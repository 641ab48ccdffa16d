"""Numbers that are typed as people write them at home."""

from __future__ import annotations

import pytest

from simulator.telephony.errors import MalformedNumber
from simulator.telephony.phone_numbers import E164
from simulator.telephony.typed_numbers import read_typed_number
from simulator.telephony.world import World
from simulator.vendors.kaleyra import vendor as kaleyra
from tests.telephony.network import ALICE, START, campaign_in, introduce, network, place

MAGIC = "+447700900310"
INDIAN = "+917911123456"


@pytest.mark.parametrize("text", ["07700900310", "07700 900-310", "(07700) 900.310", MAGIC, MAGIC[1:]])
def test_a_number_as_at_home_is_the_magic_one(text: str) -> None:
    assert read_typed_number(network(), text) == MAGIC


def test_a_number_as_at_home_is_theirs_who_were_called() -> None:
    world = network()
    place(campaign_in(world), world)

    assert read_typed_number(world, "0501234567") == ALICE


def test_a_number_as_at_home_is_theirs_whom_the_scenario_describes() -> None:
    world = network()
    introduce(world, ALICE)

    assert read_typed_number(world, "050 123 45 67") == ALICE


def test_a_number_that_nobody_is_known_by_is_what_a_vendor_makes_of_it() -> None:
    world = World(START, {"kaleyra": kaleyra}, seed=1)

    assert read_typed_number(world, "07911123456") == INDIAN
    assert read_typed_number(world, INDIAN) == INDIAN


@pytest.mark.parametrize("text", ["0501234567", "00380501234567", "0", "", "0700900310"])
def test_what_means_nobody_is_refused(text: str) -> None:
    with pytest.raises(MalformedNumber):
        read_typed_number(network(), text)


def test_a_whole_number_stays_what_it_is_whoever_is_known() -> None:
    world = network()
    place(campaign_in(world), world)

    assert read_typed_number(world, "+1501234567") == E164("+1501234567")
