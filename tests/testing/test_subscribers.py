"""What a test can let somebody do with a phone, through the fixtures."""

from __future__ import annotations

import pytest
import requests

from simulator.telephony.errors import NobodyThere
from simulator.testing.fixtures import VendorFixture

CALLER, AGENT = "+447700900005", "+916010000008"
CALLR_NUMBER, KALEYRA_NUMBER = "+33199001234", "+918000000001"


def rows(kaleyra: VendorFixture) -> list[dict[str, str]]:
    form = {"method": "dial", "format": "json", "api_key": kaleyra.key}
    data: list[dict[str, str]] = requests.post(f"{kaleyra.base_url}/v1/", form).json()["data"]
    return data


def test_somebody_calls_a_number_of_callr(callr: VendorFixture) -> None:
    call = callr.people[CALLER].call(CALLR_NUMBER, withheld=True)

    assert callr.calls == [call]
    assert (call.caller, call.party, call.callee) == (None, CALLER, CALLR_NUMBER)


def test_somebody_writes_to_a_number_of_callr(callr: VendorFixture) -> None:
    message = callr.people[CALLER].text(CALLR_NUMBER, "Is it on its way?")

    assert (message.letter.sender, message.letter.text) == (CALLER, "Is it on its way?")


def test_somebody_calls_a_number_of_kaleyra_and_an_agent_picks_up(kaleyra: VendorFixture) -> None:
    call = kaleyra.people[CALLER].call(KALEYRA_NUMBER)
    kaleyra.clock.advance("1s")
    kaleyra.people[AGENT].answer()
    kaleyra.clock.run_until_idle()

    assert kaleyra.calls == [call]
    assert call.joined
    assert (call.joined.party, call.joined.disposition) == (AGENT, "answered")
    newest, _ = rows(kaleyra)
    assert (newest["callto"], newest["status"]) == (AGENT[3:], "ANSWER")


def test_who_calls_in_at_kaleyra_reaches_the_same_number(kaleyra: VendorFixture) -> None:
    call = kaleyra.people[CALLER].call_in()

    assert kaleyra.calls == [call]
    assert call.callee in (KALEYRA_NUMBER, "+918000000002")


def test_nobody_answers_a_number_that_is_not_there(kaleyra: VendorFixture) -> None:
    with pytest.raises(NobodyThere):
        kaleyra.people[CALLER].call(CALLER)
