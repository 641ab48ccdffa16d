"""What a newcomer finds, how ids look, and what an account may have set."""

from __future__ import annotations

import re

import pytest

from simulator.vendors.callo import vendor
from tests.vendors.callo.desk import KEY, open_desk
from tests.vendors.customers import START

KINDS = ["free_text", "pincode", "pincode_short", "pincode_incoming", "tellcode", "flashcall"]


def test_a_newcomer_finds_a_campaign_of_each_type() -> None:
    credentials = vendor.credentials(open_desk().account)

    assert credentials["public_key"] == KEY
    assert list(credentials["campaigns"]) == KINDS
    assert credentials["campaign_id"] == credentials["campaigns"]["free_text"]


@pytest.mark.parametrize("draw", [0, 1, 2**63, 2**64 - 1])
def test_ids_look_like_the_vendors(draw: int) -> None:
    assert re.fullmatch("260302[0-9]{9,10}", str(vendor.new_id("call", START, draw)))
    assert re.fullmatch("[0-9]{12}", str(vendor.new_id("phone_list", START, draw)))
    assert 10**8 <= int(vendor.new_id("campaign", START, draw)) < 2**31


@pytest.mark.parametrize(
    ("key", "issued"),
    [(KEY, True), (KEY.upper(), False), (KEY[:-1], False), (KEY + "\n", False), ("", False)],
)
def test_a_key_is_thirty_two_hexadecimal_digits(key: str, issued: bool) -> None:
    assert vendor.accepts_credential(key) is issued


def test_new_keys_are_keys_and_differ() -> None:
    keys = {vendor.new_credential(draw) for draw in range(100)}

    assert len(keys) == 100
    assert all(vendor.accepts_credential(key) for key in keys)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ({"post_read": True}, "known: post_reads, status_in_all_calls, paging, campaigns, bad_key, speak"),
        ({"post_reads": "yes"}, "'post_reads' is true or false"),
        ({"speakers": "Maxim"}, "'speakers' is a list"),
    ],
)
def test_a_wrong_setting_is_told_with_what_is_right(profile: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        vendor.check_profile(profile)


def test_right_settings_pass() -> None:
    vendor.check_profile({"post_reads": True, "speakers": ["Maxim"]})
