from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from simulator import faults
from simulator.errors import BrokenScenario
from simulator.scenario.building import build_world, fault_rules, start_of
from simulator.scenario.files import list_scenarios
from simulator.scenario.loading import load_scenario
from simulator.scenario.schema import Scenario
from simulator.scenario.values import Pace
from simulator.telephony.accounts import Account
from simulator.telephony.campaign_settings import CampaignState, ImportPace, Method
from simulator.telephony.campaigns import Campaign
from simulator.telephony.ivr import Redial
from simulator.telephony.limits import Limit
from simulator.telephony.operators import Operator, Vocabulary
from simulator.telephony.outbox import Signing
from simulator.telephony.outcomes import Disposition
from simulator.telephony.owners import Ref
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import Policy
from simulator.telephony.subscriptions import Subscription
from simulator.telephony.world import World
from tests.scenario.files import refusal_of, scenario_of

SHOP = "accounts: {shop: {vendors: [callo], key: k, balance: 12.00, campaigns: [{name: n, type: t%s}]}}\n"


@dataclass(eq=False)
class Company(Operator[World]):
    name: str = "callo"
    provisioned: list[str] = field(default_factory=list)
    vocabulary = Vocabulary(
        events=("call.finished",),
        postbacks=("finished", "no_answer", "any"),
        receiving=("t",),
        subscriptions={"call.finished": ("a", "b")},
    )

    def tamper_signature(self, request: Any, signing: Signing) -> Any:
        return f"{request} {signing}"

    def new_id(self, kind: str, at: datetime, draw: int) -> Ref:
        return f"{kind}-{at:%y%m%d}-{draw}"

    def accepts_credential(self, credential: str) -> bool:
        return bool(credential)

    def provision(self, world: World, account: Account) -> None:
        self.provisioned.append(account.name)
        world.open_campaign(account, "demo", "free_text")

    def apply_settings(self, world: World, account: Account) -> None:
        account.state["adapted"] = dict(account.profile)

    def configure_campaign(self, campaign: Campaign) -> None:
        campaign.agents = (E164(campaign.kind),)

    def check_profile(self, profile: Mapping[str, Any]) -> None:
        if "unheard_of" in profile:
            raise ValueError("no setting is called 'unheard_of'; known: none")

    def new_credential(self, draw: int) -> str:
        return f"{draw:x}"


def world_of(scenario: Scenario | str, **changes: Any) -> World:
    loaded = scenario_of(scenario) if isinstance(scenario, str) else scenario
    return build_world(loaded, {"callo": Company()}, **changes)


def only_account(world: World) -> Account:
    (account,) = world.accounts.values()
    return account


def only_campaign(world: World) -> Campaign:
    (campaign,) = only_account(world).campaigns.values()
    return campaign


@pytest.mark.parametrize("name", list_scenarios())
def test_every_shipped_scenario_makes_a_world(name: str) -> None:
    assert world_of(load_scenario(name)).age == timedelta(0)


def test_a_world_begins_at_the_local_time_told() -> None:
    scenario = scenario_of("clock: {at: 2026-07-01T10:00, zone: Europe/London, mode: x60}")

    assert world_of(scenario).clock.now == datetime(2026, 7, 1, 9, tzinfo=UTC)
    assert scenario.clock.mode == Pace("real", 60)
    assert start_of(scenario_of("")) is None


def test_the_caller_overrides_seed_and_start() -> None:
    start = datetime(2030, 1, 1, tzinfo=UTC)
    world = world_of(load_scenario("happy"), seed=99, start=start)

    assert (world.random.seed, world.clock.start) == (99, start)


def test_people_are_cast_by_number_then_run_then_stranger() -> None:
    world = world_of(load_scenario("campaign"))

    assert world.people.find(E164("+447700900999")).persona.name == "never_again"
    assert world.people.find(E164("+447700900499")).persona.name == "busy_adult"
    assert world.people.find(E164("+14155550100")).persona.attempts == (Disposition.INVALID,)


def test_a_persona_without_a_second_share_repeats_the_first() -> None:
    world = world_of("seed: 1\npersonas: {p: {first: {answered: 25%, busy: 75%}}}\nstrangers: p")

    shares = {Disposition.ANSWERED: 0.25, Disposition.BUSY: 0.75}
    assert world.people.strangers.attempts == (shares, shares, shares)


def test_a_tenant_without_campaigns_is_furnished_and_gets_a_keyed_credential() -> None:
    accounts = "accounts: {a: {vendors: [callo, absent]}}"
    world, again = world_of(accounts), world_of(accounts)

    assert only_campaign(world).name == "demo"
    assert only_account(world).credential == only_account(again).credential


def test_an_account_carries_what_the_file_says() -> None:
    account = only_account(
        world_of(
            "accounts: {a: {vendors: [callo], key: k, balance: 0.10, currency: RUB, language: ru, "
            "price: 0.2, stop_list: ['+447700900310'], caller_ids: ['+442079460000'], "
            "profile: {callo: {old: true}}}}"
        )
    )

    assert (account.balance, account.currency, account.language) == (Decimal("0.1"), "RUB", "ru")
    assert account.tariff.per_minute == Decimal("0.2")
    assert list(account.stop_list) == ["+447700900310"]
    assert account.profile == {"old": True}


def test_a_campaign_dials_as_the_file_says() -> None:
    words = (
        ", lines: 7, pace: 5 per 1s, retry: {attempts: 2, after: 1m}, hours: '20:00-06:00'"
        ", zone: Europe/London, repeat: 1 per 5s, expires: 2d, text: Hello"
        ", menu: {keys: {'1': {label: one, to: '+447700900310'}}}"
    )
    campaign = only_campaign(world_of(SHOP % words + "imports: {lag: 9s}"))

    assert (campaign.lines, campaign.gap, campaign.agents) == (7, timedelta(milliseconds=200), ("t",))
    assert campaign.importing == ImportPace(timedelta(seconds=9))
    assert campaign.hours.contain(datetime(2026, 3, 2, 23, tzinfo=UTC))
    assert not campaign.hours.contain(datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert campaign.script.opening.text == "Hello"
    assert campaign.script.menu is not None
    assert campaign.script.menu.choices["1"].detail == {"to": "+447700900310"}


def test_the_timeline_happens_on_the_clock() -> None:
    world = world_of(SHOP % "" + "timeline: [{at: +2d, do: balance 0.00}, {at: +2d1h, do: top_up 50.00}]")
    balances = []
    for hours in (47, 48, 49):
        world.clock.advance_to(world.clock.start + timedelta(hours=hours))
        balances.append(only_account(world).balance)

    assert balances == [Decimal(12), Decimal(0), Decimal(50)]


def test_the_timeline_changes_price_stop_list_and_profile() -> None:
    acts = ["price 0.20", "'stop_list \"+447700900310\"'", "profile mode=old"]
    world = world_of(SHOP % "" + f"timeline: [{', '.join(f'{{at: +1s, do: {act}}}' for act in acts)}]")
    world.clock.advance_to(world.clock.start + timedelta(seconds=1))
    account = only_account(world)

    assert account.tariff.per_minute == Decimal("0.20")
    assert "+447700900310" in account.stop_list
    assert account.profile == {"mode": "old"}
    assert account.state["adapted"] == {"mode": "old"}


def test_a_setting_towards_strangers_that_no_vendor_has_is_refused() -> None:
    with pytest.raises(BrokenScenario, match=r"\.yaml:\d+:\d+: no setting is called 'unheard_of'"):
        world_of(SHOP % "" + "profiles: {callo: {unheard_of: 1}}")


def test_a_setting_of_the_timeline_that_no_vendor_has_is_refused_with_its_place() -> None:
    with pytest.raises(BrokenScenario, match=r"\.yaml:\d+:\d+: no setting is called 'unheard_of'"):
        world_of(SHOP % "" + "timeline: [{at: +1s, do: profile unheard_of=1}]")


def test_the_vendor_switches_subscriptions_off_and_on_again() -> None:
    acts = ["bar subscriptions", "unbar subscriptions b"]
    entries = ", ".join(f"{{at: +{nth}s, do: {act}}}" for nth, act in enumerate(acts))
    world = world_of(SHOP % "" + f"timeline: [{entries}]")
    account, now = only_account(world), world.clock.now
    account.subscriptions = {
        name: Subscription(ref=name, event=name, url="", created=now, updated=now) for name in "ab"
    }

    world.clock.advance_to(now + timedelta(seconds=1))

    assert [one.state for one in account.subscriptions.values()] == ["disabled by operator", "enabled"]


def test_a_vendors_own_limits_hold_until_the_scenario_speaks_of_them() -> None:
    own = [Limit(name="documented", where="callo.*", allow=20, per=timedelta(seconds=1))]
    silent = world_of("limits: [{where: other.*, allow: 1 per 1s}]", limits=own)
    spoken = world_of("limits: [{where: callo.*, allow: 99 per 1s, by: public_key}]", limits=own)

    assert [rule.allow for rule in silent.limits.rules] == [1, 20]
    assert [(rule.allow, rule.by) for rule in spoken.limits.rules] == [(99, ("public_key",))]


def test_a_limit_is_told_by_the_vendor_or_in_words_of_the_file() -> None:
    limit = "limits: [{where: callo.*, allow: 1 per 1s, reply: %s}]"
    words = "{status: 420, headers: {Retry-After: '7'}, body: {application/json: '{}', '*': slow}}"
    replies = [world_of(limit % reply).limits.rules[0].reply for reply in ("vendor", words, "{body: slow}")]

    assert replies == [
        None,
        faults.ReplyOverride(420, {"Retry-After": "7"}, {"application/json": "{}", "*": "slow"}),
        faults.ReplyOverride(bodies={"*": "slow"}),
    ]


def test_callbacks_misbehave_as_the_file_says() -> None:
    (rule,) = world_of(load_scenario("flaky")).outbox.rules

    assert (rule.twice, rule.lose, rule.shuffle) == (0.1, 0.01, 5)
    assert rule.retries == (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
    spoken = world_of("seed: 1\nhooks: [{where: callo.*, shuffle: 4, within: 2m}, {shuffle: 2}]").outbox.rules
    assert [rule.within for rule in spoken] == [timedelta(minutes=2), timedelta(seconds=30)]


def test_faults_come_in_order_and_an_outage_is_one_of_them() -> None:
    (outage,) = fault_rules(load_scenario("campaign"))

    assert outage.where == "callo.*"
    assert outage.when == faults.Period(timedelta(hours=26), timedelta(minutes=40))
    assert [order.id for order in fault_rules(load_scenario("flaky"))] == [
        f"flaky.yaml:{n}" for n in range(12, 16)
    ]


def test_an_outage_may_end_at_a_local_time_across_a_clock_change() -> None:
    text = "timeline: [{at: 2026-03-28T22:00, do: outage callo, until: 2026-03-29T04:00}]"
    scenario = scenario_of("clock: {at: 2026-03-28T20:00, zone: Europe/London}\n" + text)
    (outage,) = fault_rules(scenario)

    assert outage.when == faults.Period(timedelta(hours=2), timedelta(hours=5))


def test_a_setting_that_the_vendor_does_not_have_is_refused_with_its_place() -> None:
    with pytest.raises(BrokenScenario, match=r"mine\.yaml:2:\d+: no setting is called"):
        world_of("accounts: {shop: {vendors: [callo], profile: {callo: {unheard_of: 1}}}}")


def test_a_hook_says_how_callbacks_are_signed() -> None:
    world = world_of("accounts: {shop: {vendors: [callo]}}\nhooks: [{where: other.*, sign: wrong}]")

    assert [rule.signing for rule in world.rules.hooks] == ["wrong"]


def test_a_campaign_begins_as_its_vendor_has_it_unless_the_file_says_otherwise() -> None:
    states = [
        only_campaign(world_of(SHOP % extra)).state for extra in ("", ", state: planned", ", state: paused")
    ]

    assert states == [CampaignState.ACTIVE, CampaignState.PLANNED, CampaignState.PAUSED]


def test_a_branch_may_write_notes_and_ask_for_a_redial() -> None:
    branch = "{label: Later, notes: {Mood: busy}, redial: {after: 2h, attempts: 2, every: 10m}}"
    world = world_of(SHOP % f', customer_time: true, menu: {{keys: {{"9": {branch}}}}}')
    campaign = only_campaign(world)

    assert campaign.script.menu
    choice = campaign.script.menu.choices["9"]
    redial = Redial(timedelta(hours=2), Policy(attempts=2, retry_after=timedelta(minutes=10)))
    assert (choice.notes, choice.redial) == ({"Mood": "busy"}, redial)
    assert campaign.customer_time


def test_a_persona_tells_what_a_script_makes_of_a_talk() -> None:
    world = world_of(
        "strangers: fan\npersonas: {fan: {attempts: [answered], result: Agreed, notes: {Age: '40'}}}\n"
    )
    persona = world.people.strangers

    assert (persona.conclusion, persona.notes) == ("Agreed", {"Age": "40"})


def test_somebody_may_pause_resume_and_stop_campaigns_by_hand() -> None:
    acts = ("resume", "pause", "resume", "stop", "resume")
    timeline = "".join(f"  - {{at: +{hour}h, do: {act} campaigns}}\n" for hour, act in enumerate(acts, 1))
    world = world_of(SHOP % "" + "timeline:\n" + timeline)
    seen = []
    for _ in acts:
        world.advance_to(world.clock.now + timedelta(hours=1))
        seen.append(only_campaign(world).state.value)

    assert seen == ["active", "paused", "active", "finished", "finished"]


def test_somebody_calls_in_and_reaches_an_agent_of_the_tenant() -> None:
    agents = ", agents: ['+447700900310']"
    world = world_of(SHOP % agents + "timeline: [{at: +1m, do: 'call_in +447700900102'}]")
    account = only_account(world)
    campaign = next(iter(account.campaigns.values()))
    campaign.method, account.caller_ids = Method.RECEIVE, (E164("+447700900103"),)
    world.clock.advance_to(world.clock.start + timedelta(minutes=1))

    parties = [leg.party for call in campaign.received for leg in call.legs]
    assert parties == ["+447700900102", "+447700900310"]


def test_a_tenant_has_groups_of_contacts() -> None:
    numbers = "['+447700900310', '+447700900102']"
    shop = f"{{vendors: [callo], groups: {{'4477': {{name: Patients, numbers: {numbers}}}}}}}"
    account = only_account(world_of(f"accounts: {{shop: {shop}}}"))

    assert account.group("Patients").ref == "4477"
    assert account.group("4477").numbers == ("+447700900310", "+447700900102")


def test_a_balance_that_is_set_passes_the_levels_on_its_way() -> None:
    world = world_of(SHOP % "" + "timeline: [{at: +1m, do: balance 0.50}]")
    only_account(world).shutdown_level = Decimal(1)

    world.advance_to(world.clock.start + timedelta(minutes=3))

    assert (only_account(world).balance, only_account(world).suspended) == (Decimal("0.50"), True)


def test_a_call_to_a_number_that_nobody_owns_is_refused() -> None:
    act = '\'call "+33639980001" to "+33199001234"\''
    with pytest.raises(BrokenScenario, match=r"no account owns \+33199001234"):
        world_of(SHOP % "" + f"timeline: [{{at: +1m, do: {act}}}]")


@pytest.mark.parametrize(
    ("words", "number", "persona"),
    [
        ("true", "+447700900040", "always busy"),
        ("IN", "+916010000040", "always busy"),
        ("[FR, UA]", "+380440000041", "always busy"),
        ('"+4930123456**"', "+493012345604", "always busy"),
        ('[GB, "+4930123456***"]', "+4930123456041", "always busy"),
        ("false", "+447700900040", "nobody"),
        ("IN", "+447700900040", "nobody"),
    ],
)
def test_a_scenario_says_whose_digits_are_magic(words: str, number: str, persona: str) -> None:
    world = world_of(f"magic_numbers: {words}")

    assert world.people.find(E164(number)).persona.name == persona


@pytest.mark.parametrize("words", ["XX", "gb", '"+49301234567*"', "[GB, 7]", "1"])
def test_numbers_that_cannot_be_magic_are_refused(words: str) -> None:
    (finding,) = refusal_of(f"magic_numbers: {words}")

    assert finding.startswith("mine.yaml:2:")
