from __future__ import annotations

from typing import Any

import pytest

from simulator.vendors.kaleyra import vendor


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ({"colour": "red"}, "no setting 'colour'; known: addresses"),
        ({"monitor": "maybe"}, "'monitor' is true or false"),
        ({"over_limit": "ignore"}, "'over_limit' is never 'ignore'; known: clamp, reject"),
        ({"sounds": "a.wav"}, "'sounds' is a list"),
        ({"errors": []}, "'errors' is a map"),
    ],
)
def test_a_setting_that_an_account_cannot_have_is_told(profile: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        vendor.check_profile(profile)


def test_every_setting_may_stand_at_its_default() -> None:
    vendor.check_profile({"addresses": [], "over_limit": "clamp", "monitor": False, "errors": {}})
