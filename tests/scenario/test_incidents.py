"""What happens outside: ends of messages, weekday hours, keys that expire, outages, callbacks for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

import simulator
from simulator.errors import SimulatorError
from simulator.scenario.lint import lint
from simulator.scenario.microsyntax import HOURS
from simulator.telephony.accounts import Account
from simulator.telephony.messages import MessageState
from simulator.testing.opening import OpenWorld
from tests.scenario.files import refusal_of, scenario_of
from tests.testing.test_opening import add_call, ask_balance

ANN = "+33639980001"


def write(world: OpenWorld, to: str = ANN) -> int:
    headers, url = {"x-api-key": world.callr.key}, f"{world.callr.base_url}/v2.0/sms"
    return requests.post(
        url, params={"to": to}, json={"text": "Hello"}, headers=headers, timeout=10
    ).status_code


def account_of(world: OpenWorld) -> Account:
    accounts = world.fixture.sandbox.world.accounts.values()
    return next(account for account in accounts if account.name == "shop")


@pytest.mark.parametrize(
    ("texts", "ends"),
    [
        (["expired", "delivered"], ["expired", "delivered", "delivered"]),
        (["error"], ["error"]),
        ([{"failed": "100%"}], ["failed"]),
    ],
)
def test_how_messages_end_is_said_one_by_one(texts: list[object], ends: list[str]) -> None:
    words = {"extends": "happy", "people": [{"number": ANN, "texts": texts}]}
    with simulator.world(words, strict=False) as world:
        for _ in ends:
            write(world)
        world.clock.advance("3d")

        assert [message.state for message in world.callr.messages] == [MessageState(end) for end in ends]


def test_shares_of_messages_are_keyed_and_sum_up() -> None:
    words = {
        "seed": 5,
        "people": [
            {"numbers": "+3363998****", "count": 200, "texts": [{"delivered": "70%", "expired": "30%"}]}
        ],
    }
    with simulator.world({"extends": "happy", **words}, strict=False) as world:
        for nth in range(60):
            write(world, f"+3363998{nth:04}")
        world.clock.advance("3d")
        arrived = sum(message.state == "delivered" for message in world.callr.messages)

    assert 30 <= arrived <= 54


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("people: [{number: \"+33639980001\", texts: [{delivered: 70%}]}]", "the shares add up to 70%"),
        ("people: [{number: \"+33639980001\", texts: [deliverd]}]", "did you mean 'delivered'?"),
        ("people: [{number: \"+33639980001\", texts: [{delivered: 70%, failed: 30%}]}]", "needs a `seed`"),
        ("hooks: [{when: +10m, twice: 100%}]", "is not a stretch of time; write `from +10m`"),
        ("timeline: [{at: +1h, do: expire_keys}]", "is not an event; did you mean 'expire_key'? write"),
        ("expect: [{request: {where: callo.add_call}}]", "nothing is expected here; add one of count, pace"),
        (
            "expect: [{request: {where: callo.*, with: {phone: \"+4477009oo310\"}, count: 1}}]",
            "'+4477009oo310' is not a phone number",
        ),
        (
            "expect: [{request: {where: callo.*, with: {phone: \"447700900310\"}, count: 1}}]",
            'write it in full: "+447700900310"',
        ),
        ("expect: [{hook: {delivered: 1}}]", "say of which callbacks: add an `event`, or the receiver, `to`"),
        ("expect: [{calls: {answered: 3 calls}}]", "is not a count or a range of shares; write `3`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_these_words_is_told(words: str, wrong: str) -> None:
    assert wrong in refusal_of(words)[0]


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("mon-fri 09:00-20:00", "2026-03-02T09:00", "2026-03-01T12:00"),
        ("sat,sun 10:00-14:00", "2026-03-01T12:00", "2026-03-02T12:00"),
        ("fri-mon 10:00-14:00", "2026-03-02T12:00", "2026-03-03T12:00"),
        ("fri 22:00-02:00", "2026-03-07T01:00", "2026-03-06T01:00"),
        ("09:00-20:00", "2026-03-01T12:00", "2026-03-01T20:00"),
    ],
)
def test_hours_may_hold_on_some_weekdays(hours: str, inside: str, outside: str) -> None:
    window = HOURS.read(hours)

    assert window.contains(datetime.fromisoformat(inside))
    assert not window.contains(datetime.fromisoformat(outside))


@pytest.mark.parametrize("hours", ["Monday-Friday 09:00-20:00", "mo-fr 09:00-20:00", "mon- 09:00-20:00"])
def test_weekdays_are_three_letters(hours: str) -> None:
    with pytest.raises(ValueError, match="weekdays are three small letters"):
        HOURS.read(hours)


def test_a_campaign_rests_at_the_weekend_and_may_have_several_windows() -> None:
    campaign = {
        "name": "Sale",
        "type": "free_text",
        "text": "Hello",
        "hours": ["mon-fri 09:00-20:00", "sat 10:00-14:00"],
    }
    words = {
        "clock": {"at": "2026-03-07T15:00"},
        "accounts": {"shop": {"vendors": ["callo"], "campaigns": [campaign]}},
    }
    with simulator.world({"extends": "happy", **words}, strict=False) as world:
        (opened,) = account_of(world).campaigns.values()

        assert opened.hours.next_opening(world.clock.now) == datetime(2026, 3, 9, 9, tzinfo=UTC)
        assert opened.hours.contain(datetime(2026, 3, 14, 13, tzinfo=UTC))


def test_a_key_expires_and_comes_back_and_the_client_is_not_blamed() -> None:
    timeline = [{"at": "+1h", "do": "expire_key"}, {"at": "+2h", "do": "renew_key"}]
    with simulator.world({"extends": "happy", "timeline": timeline, "expect": []}) as world:
        answers = [ask_balance(world)]
        for _ in range(2):
            world.clock.advance("1h")
            answers.append(ask_balance(world))

        assert (answers[0], answers[2]) == (200, 200)
        assert answers[1] >= 400
        assert world.callo.exchanges[1].rule == "scenario: the key has expired"


def test_an_outage_of_all_vendors_is_one_event() -> None:
    timeline = [{"at": "+1h", "do": "outage *", "for": "1h"}]
    with simulator.world({"extends": "happy", "timeline": timeline}, strict=False) as world:
        world.clock.advance("90m")
        assert (ask_balance(world), write(world)) == (503, 503)
        world.clock.advance("90m")
        assert ask_balance(world) == 200


def test_a_rule_for_callbacks_holds_for_those_born_in_its_time() -> None:
    scenario = scenario_of(
        """\
        seed: 1
        hooks:
          - {where: callo.*, when: from +10m for 5m, lose: 100%}
          - {where: callo.*, twice: 100%}
          - {where: callo.*, when: from +12m for 1m, late: 5s}
        """
    )
    (warning,) = [text for text in lint(scenario) if "never applies" in text]
    with simulator.world(scenario, strict=False) as world:
        outbox, start = world.fixture.sandbox.world.outbox, world.clock.now
        born = [start + timedelta(minutes=minutes) for minutes in (0, 10, 15)]
        drafts = [outbox.draft("callo", "call.finished", "1", None, 0) for _ in born]
        for draft, at in zip(drafts, born, strict=True):
            draft.created = at

        assert [outbox.rule_of(draft).lose for draft in drafts] == [0, 1, 0]
    assert "mine.yaml:6" in warning


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("do: status 503, for: 5m", "say what `status 503` befalls: add `where: callo.*`"),
        ("do: top_up 5.00, where: callo.*", "`top_up 5.00` befalls no requests; `where` is for faults"),
        ("do: slow 2s..8s, where: callo.*, for: 5m", "needs a `seed`"),
        ("do: reply, where: callo.*", "words of your own are for `faults`"),
        ("do: top_up 5.00, for: 5m", "happens at once; only outages and faults last"),
    ],
)
def test_what_is_wrong_with_an_incident_is_told(words: str, wrong: str) -> None:
    assert wrong in refusal_of(f"timeline: [{{at: +1h, {words}}}]")[0]


def test_any_fault_may_be_an_incident_that_comes_again_at_one_place() -> None:
    event = {
        "at": "+1h",
        "do": "status 502",
        "where": "callo.balance",
        "for": "10m",
        "every": "1h",
        "times": 2,
    }
    with simulator.world({"extends": "happy", "timeline": [event]}, strict=False) as world:
        answers = []
        for _ in range(4):
            answers.append((ask_balance(world), write(world)))
            world.clock.advance("1h5m" if len(answers) == 1 else "1h")

    assert answers == [(200, 201), (502, 201), (502, 201), (200, 201)]


def test_an_incident_is_refused_in_the_vendors_own_words_where_it_has_them() -> None:
    words = {"at": "+1h", "do": "refuse balance_too_low", "where": "callo.add_call", "for": "1h"}
    with simulator.world({"extends": "happy", "timeline": [words]}, strict=False) as world:
        before, _ = add_call(world), world.clock.advance("90m")

        assert (before, add_call(world)) == (200, 400)
    misspelt = {"timeline": [{**words, "do": "refuse balance_to_low"}]}
    with (
        pytest.raises(SimulatorError, match=r"no refusal 'balance_to_low'; did you"),
        simulator.world(misspelt),
    ):
        pass
