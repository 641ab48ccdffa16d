"""The settings of every vendor: what they say of themselves, how they are read, and how refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from msgspec import inspect

from simulator.telephony.accounts import Account
from simulator.vendor_settings import WrongSetting
from simulator.vendors import load_vendor, vendor_names
from simulator.vendors.callr.callbacks import TYPES
from simulator.vendors.callr.settings import CallrSettings, WebhookType
from tests.vendors.customers import START


def fields_of(kind: inspect.Type) -> Iterator[tuple[str, inspect.Metadata]]:
    """Yield each field at any depth with its mark."""
    if isinstance(kind, inspect.StructType):
        for field in kind.fields:
            assert isinstance(field.type, inspect.Metadata), field
            yield f"{kind.cls.__name__}.{field.name}", field.type
            yield from fields_of(field.type.type)
    for name in ("type", "item_type", "value_type"):
        if isinstance(inner := getattr(kind, name, None), inspect.Type):
            yield from fields_of(inner)


@pytest.mark.parametrize("name", vendor_names())
def test_every_setting_tells_what_it_means_and_how_sure_that_is(name: str) -> None:
    for place, mark in fields_of(inspect.type_info(load_vendor(name).settings)):
        schema = mark.extra_json_schema or {}
        assert schema["description"].endswith("."), place
        assert schema["x-provenance"] in ("documented", "observed", "inferred"), place


@pytest.mark.parametrize("name", vendor_names())
def test_every_setting_may_stand_at_its_default(name: str) -> None:
    vendor = load_vendor(name)
    vendor.check_profile(msgspec.structs.asdict(vendor.settings()))


def callr(**profile: Any) -> CallrSettings:
    return CallrSettings.of(
        Account(name="shop", vendor="callr", credential="", opened=START, profile=profile)
    )


def test_text_means_the_value_that_it_spells() -> None:
    text = callr(sms_price="5.50", trial="true", exports_per_day="3", absent_credential=401)

    assert text == callr(sms_price=Decimal("5.5"), trial=True, exports_per_day=3, absent_credential="401")


def test_a_webhook_may_be_there_from_the_start_for_whatever_is_told() -> None:
    assert set(get_args(WebhookType)) == set(TYPES.values())


def test_a_profile_is_read_once_and_again_when_it_changes() -> None:
    account = Account(name="shop", vendor="callr", credential="", opened=START, profile={"trial": True})
    first = CallrSettings.of(account)

    assert CallrSettings.of(account) is first
    account.profile = {**account.profile, "trial": False}
    assert CallrSettings.of(account).trial is False


@pytest.mark.parametrize(
    ("vendor", "profile", "at", "message"),
    [
        ("callr", {"trial": 1}, ("trial",), "callr's setting 'trial' is true or false, not 1"),
        ("callr", {"patience": True}, ("patience",), "callr's setting 'patience' is a number, not True"),
        ("callr", {"disable_after": -1}, ("disable_after",), "is a whole number, not -1"),
        ("callr", {"disable_after": "1e999999"}, ("disable_after",), "is a whole number"),
        ("callr", {"numbers": ["12"]}, ("numbers", 0), "'numbers': entry 1 cannot be read: '12' is not a"),
        ("callr", {"webhooks": [7]}, ("webhooks", 0), "entry 1 is a map of type, endpoint, options, status"),
        (
            "callr",
            {"webhooks": [{"type": "v2.task.updated", "endpoint": "http://h/", "status": "of"}]},
            ("webhooks", 0, "status"),
            "callr's setting 'webhooks': entry 1: status is never 'of'",
        ),
        (
            "callr",
            {"scenarios": [{"name": "a", "script": "branches: 7"}]},
            ("scenarios", 0, "script", "branches"),
            "callr's setting 'scenarios': entry 1: script cannot be read: ",
        ),
        ("callr", {"scenarios": [{"name": "a", "scirpt": ""}]}, ("scenarios", 0, "scirpt"), "'script'?"),
        (
            "kaleyra",
            {"errors": {"call_unknown": {"http_status": 99}}},
            ("errors", "call_unknown", "http_status"),
            "call_unknown: http_status is a whole number from 200 to 599, not 99",
        ),
        ("kaleyra", {"errors": {"no_such": {}}}, ("errors", "no_such"), "has no refusal 'no_such'; known: "),
        ("kaleyra", {"agent_names": {"x": "y"}}, ("agent_names", "x"), "'agent_names': x cannot be read: "),
    ],
)
def test_a_wrong_value_is_told_with_its_place(
    vendor: str, profile: dict[str, Any], at: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(WrongSetting, match=re.escape(message)) as caught:
        load_vendor(vendor).check_profile(profile)

    assert caught.value.at == at
