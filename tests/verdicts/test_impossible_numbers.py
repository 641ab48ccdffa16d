"""Numbers that nobody can have: remarked for every vendor, and never a reason to fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.telephony.magic_numbers import BLOCKS, MagicBlock
from simulator.telephony.phone_numbers import E164
from simulator.verdicts.impossible_numbers import reason_against
from tests.verdicts.bench import ANN, BEN, Bench, Open

Client = Callable[[Bench], object]


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda c: c.call("89161234567"), "8 and ten digits are Russia's form at home"),
        (lambda c: c.call("84951234567"), "8 and ten digits are Russia's form at home"),
        (lambda c: c.call("+3312345678"), "too short for a number of +33"),
        (lambda c: c.call("+4420794"), "only part of a number of +44"),
        (lambda c: c.connect("999123456789"), "no country has a calling code that begins so"),
        (lambda c: c.text(to="+4407911123456"), "too long for a number of +44"),
        (lambda c: c.jaicp("addPhones", [{"phone": "2101234567890"}]), "no country has a calling code"),
    ],
)
def test_a_number_that_nobody_can_have_is_remarked_and_nothing_is_broken(
    bench: Open, act: Client, reason: str
) -> None:
    client = bench()
    act(client)
    remarks = [line for line in client.conduct().advice if line.startswith("numbers: 1 number cannot exist")]

    assert [reason in line for line in remarks] == [True]
    assert client.broken() == []


def test_a_remark_names_the_first_such_number_its_request_and_how_many_there_are(bench: Open) -> None:
    client = bench()
    for number in (ANN, "89161234567", "89161234568"):
        client.call(number)

    (line,) = (line for line in client.conduct().advice if line.startswith("numbers"))
    assert line.startswith("numbers: 2 numbers cannot exist, first +89161234567 in ")
    assert "callo.add_call" in line


def test_a_number_with_its_plus_is_one_abroad(bench: Open) -> None:
    client = bench()
    client.call("+84951234567")

    assert [line for line in client.conduct().advice if line.startswith("numbers")] == []


def test_numbers_that_can_exist_are_told_as_kept(bench: Open) -> None:
    client = bench()
    client.call()

    assert "numbers" in client.conduct().kept


def test_whoever_a_scenario_describes_exists(bench: Open) -> None:
    client = bench('people: [{number: "+999123456789", persona: answers}]')
    client.call("+999123456789")

    assert [line for line in client.conduct().advice if line.startswith("numbers")] == []


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.form)
def test_every_magic_number_could_exist(block: MagicBlock) -> None:
    assert reason_against(block.number(7)) is None


@pytest.mark.parametrize("number", ["+84951234567", "+88021234567", "+390612345678", "+8613800138000"])
def test_a_number_of_a_country_with_an_8_or_a_0_in_it_is_no_national_form(number: str) -> None:
    assert reason_against(E164(number)) is None


BLOCKED = "accounts: {shop: {vendors: [callo], balance: 10.00, stop_list: ['+447911123456']}}"


@pytest.mark.parametrize(
    ("blocked", "called", "is_told"), [(ANN, ANN, True), (ANN, BEN, False), (None, ANN, False)], ids=str
)
def test_who_calls_a_number_that_it_has_blocked_itself_is_advised(
    bench: Open, blocked: str | None, called: str, is_told: bool
) -> None:
    client = bench("" if blocked else BLOCKED)
    if blocked:
        client.callo("phones/stoplist", phone=blocked)
    client.call(called)
    lines = [line for line in client.conduct().advice if "itself had blocked" in line]

    assert client.broken() == []
    assert bool(lines) is is_told


def test_who_unblocks_a_number_first_is_not(bench: Open) -> None:
    client = bench()
    client.kaleyra("block", number="9555500102")
    client.kaleyra("block", number="9555500102", action="delete")
    client.connect("9555500102")

    assert [line for line in client.conduct().advice if "itself had blocked" in line] == []
