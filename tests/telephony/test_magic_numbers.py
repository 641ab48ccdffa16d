"""Magic numbers of every country: the same digits mean the same, and what is told of a block is true."""

from __future__ import annotations

import pytest

from simulator.telephony.magic_numbers import (
    BLOCKS,
    COUNTRIES,
    DEFAULT,
    INFERRED,
    MagicBlock,
    blocks_of,
    own_block,
)
from simulator.telephony.people import (
    MAGIC_PERSONAS,
    People,
    Persona,
    first_outcomes,
    magic_catalogue,
    magic_persona,
)
from simulator.telephony.phone_numbers import E164, parse_number

STRANGER = Persona(name="stranger")
EVERY = pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.keeper.country} {block.form}")


@EVERY
def test_the_same_two_digits_mean_the_same_in_every_block(block: MagicBlock) -> None:
    people = People(strangers=STRANGER, magic=(block,))
    met = {code: people.find(block.number(code, nth)).persona for code in MAGIC_PERSONAS for nth in (0, 9)}

    assert met == dict(MAGIC_PERSONAS)
    assert people.find(block.number(99)).persona is STRANGER


@EVERY
def test_a_number_of_a_block_is_a_number_and_lies_in_no_other(block: MagicBlock) -> None:
    for code in (0, 50, 99):
        number = block.number(code, 7)
        assert parse_number(number) == number
        assert [other for other in BLOCKS if other.code_of(number) is not None] == [block]


def test_one_digit_more_or_less_is_not_magic() -> None:
    for number in ("+4477009000400", "+44770090004", "+447700901040"):
        assert magic_persona(E164(number), BLOCKS) is None


def test_only_the_british_block_is_magic_where_nobody_says() -> None:
    assert [block.form for block in DEFAULT] == ["+447700900OOx"]
    assert People(strangers=STRANGER).find(blocks_of("IN")[0].number(4)).persona is STRANGER


def test_every_country_has_a_block_and_only_unassigned_ones_are_inferred_outside_canada() -> None:
    assert set(COUNTRIES) == {"GB", "US", "CA", "FR", "DE", "AU", "IE", "IN", "RU", "UA"}
    guessed = {block.keeper.country for block in BLOCKS if block.keeper.provenance == INFERRED}
    assert guessed == {"CA", "FR", "IN", "RU", "UA"}
    assert all(block.keeper.source and block.keeper.name for block in BLOCKS)


def test_a_pattern_of_one_s_own_has_its_outcome_in_the_first_two_stars() -> None:
    assert own_block("+4930123456", 0).number(4) == "+493012345604"
    assert own_block("+4930123456", 1).code_of(E164("+4930123456042")) == 4


def test_the_catalogue_names_the_numbers_of_its_first_block() -> None:
    (busy,) = [entry for entry in magic_catalogue(blocks_of("US")) if entry["code"] == "04"]

    assert busy == {"code": "04", "numbers": "+12025550104", "persona": "always busy"}


def test_every_code_has_one_first_outcome_so_messages_have_one_too() -> None:
    assert [code for code, _ in first_outcomes()] == sorted(MAGIC_PERSONAS)


@EVERY
def test_libraries_that_know_numbering_plans_say_what_the_table_says(block: MagicBlock) -> None:
    plans = pytest.importorskip("phonenumbers")
    kinds = {
        plans.PhoneNumberType.MOBILE: "mobile",
        plans.PhoneNumberType.FIXED_LINE: "fixed",
        plans.PhoneNumberType.FIXED_LINE_OR_MOBILE: "either",
    }
    parsed = [plans.parse(block.number(code, nth)) for code in range(100) for nth in (0, 9)]

    assert {plans.is_possible_number(number) for number in parsed} == {True}
    assert {plans.is_valid_number(number) for number in parsed} == {block.valid}
    if block.valid:
        assert {kinds[plans.number_type(number)] for number in parsed} == {block.kind}


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.keeper.provenance == INFERRED], ids=lambda block: block.form
)
def test_no_operator_was_given_a_block_that_is_only_inferred(block: MagicBlock) -> None:
    carrier = pytest.importorskip("phonenumbers.carrier")
    plans = pytest.importorskip("phonenumbers")
    owners = {
        carrier.name_for_number(plans.parse(block.number(code, nth)), "en")
        for code in range(100)
        for nth in range(10**block.free)
    }

    assert owners == {""}, f"{block.form} was given to {owners}: choose another block"
