"""The accounts of a scenario: tenants, their credentials and money, and the campaigns they start with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time

from msgspec.structs import replace

from simulator.scenario.document import Path, Remark
from simulator.scenario.schema import (
    AccountWords,
    CampaignWords,
    ChoiceWords,
    MenuWords,
    Scenario,
)
from simulator.scenario.values import Hours
from simulator.telephony.accounts import Account, ContactGroup
from simulator.telephony.campaign_settings import CampaignState, Postback, RepeatLimit
from simulator.telephony.campaigns import Campaign
from simulator.telephony.ivr import Choice, Menu, Prompt, Redial
from simulator.telephony.operators import Operator
from simulator.telephony.owners import Tariff
from simulator.telephony.policies import AllowedHours, Policy
from simulator.telephony.world import World


def vendors_of(scenario: Scenario) -> set[str]:
    """Return the vendors at which somebody has an account."""
    return {vendor for account in scenario.accounts.values() for vendor in account.vendors}


def open_accounts(scenario: Scenario, world: World) -> None:
    """Open every tenant's account at each of its vendors that takes part in this world.

    A tenant without campaigns at a vendor finds there what any newcomer finds. Where anyone is let in, a
    vendor without tenants gets a newcomer, so that there is a key to try it with. Raises KeyTaken.
    """
    for name, words in scenario.accounts.items():
        for vendor in words.vendors:
            if vendor in world.operators:
                _open_account(world, world.operators[vendor], name, words)
    taken = {vendor for vendor, _ in world.accounts}
    for vendor, operator in world.operators.items():
        if world.rules.admits_anyone and vendor not in taken:
            world.admit(vendor, operator.new_credential(world.random.number("credential", vendor)))


def _place_of_key(words: AccountWords, path: Path, vendor: str) -> Path:
    if vendor in words.keys:
        return (*path, "keys", vendor)
    return (*path, "key") if words.key else path


class KeyTaken(ValueError):
    """A key that somebody else has already; the `remark` tells where it stands."""

    def __init__(self, path: Path, error: ValueError) -> None:
        super().__init__(str(error))
        self.remark = Remark(path, f"{error}; give each a key of its own")


@contextmanager
def _blaming(path: Path) -> Iterator[None]:
    """Return where a key stands that somebody else has already."""
    try:
        yield
    except ValueError as error:
        raise KeyTaken(path, error) from None


def _open_account(world: World, operator: Operator[World], name: str, words: AccountWords) -> None:
    account = _account(world, operator, name, words)
    with _blaming(_place_of_key(words, ("accounts", name), operator.name)):
        world.open_account(account)
    campaigns = [
        (nth, campaign)
        for nth, campaign in enumerate(words.campaigns)
        if campaign.vendor in (None, operator.name)
    ]
    for nth, entry in campaigns:
        with _blaming(("accounts", name, "campaigns", nth, "key")):
            open_campaign(world, account, entry)
    if not campaigns:
        operator.provision(world, account)


def _account(world: World, operator: Operator[World], name: str, words: AccountWords) -> Account:
    draw = world.random.number("credential", operator.name, name)
    credential = words.key or words.keys.get(operator.name) or operator.new_credential(draw)
    account = Account(
        name=name,
        vendor=operator.name,
        credential=credential,
        opened=world.clock.now,
        language=words.language,
        zone=words.zone.key,
    )
    if words.balance is not None:
        account.balance = words.balance
    if words.price is not None:
        account.tariff = Tariff(words.price)
    account.refuses_on_credit = not words.credit
    account.currency = words.currency or account.currency
    profile = words.profile.get(operator.name, {})
    account.profile = {"profile": profile} if isinstance(profile, str) else profile
    account.stop_list = dict.fromkeys(words.stop_list, world.clock.now)
    account.caller_ids = words.caller_ids
    account.groups = {
        ref: ContactGroup(ref, group.name, group.numbers) for ref, group in words.groups.items()
    }
    return account


def open_campaign(world: World, account: Account, words: CampaignWords) -> Campaign:
    """Open one campaign as described; what the words leave open stays at its default.

    Raises ValueError for a key that is taken.
    """
    campaign = world.open_campaign(account, words.name, words.type, words.key)
    _set_dialing(campaign, words)
    if words.text:
        campaign.script = campaign.script.saying(Prompt(words.text))
    if words.menu is not None:
        campaign.script = replace(campaign.script, menu=_menu(words.menu))
    campaign.hours = _hours(words)
    campaign.postbacks = {event: Postback(hook.url, hook.method) for event, hook in words.postbacks.items()}
    campaign.agents = words.agents or campaign.agents
    if words.price is not None:
        campaign.tariff = Tariff(words.price)
    campaign.customer_time = words.customer_time
    world.set_state(campaign, CampaignState(words.state or campaign.state))
    return campaign


def _set_dialing(campaign: Campaign, words: CampaignWords) -> None:
    campaign.lines = words.lines or campaign.lines
    if words.dial_after is not None:
        campaign.delay = words.dial_after
    if words.pace is not None:
        campaign.gap = words.pace.per / words.pace.count
    if words.retry is not None:
        campaign.retry = replace(campaign.retry, attempts=words.retry.attempts, after=words.retry.after)
    if words.repeat is not None:
        campaign.repeat = RepeatLimit(words.repeat.count, words.repeat.per)
    if words.expires is not None:
        campaign.lifetime = words.expires
    if words.max_call_time is not None:
        campaign.max_length = words.max_call_time


def _hours(words: CampaignWords) -> AllowedHours:
    if words.hours is None:
        return AllowedHours(zone=words.zone.key)
    windows: dict[int, list[tuple[time, time]]] = {}
    for hours in (words.hours,) if isinstance(words.hours, Hours) else words.hours:
        for day in hours.days:
            if hours.closes < hours.opens:
                windows.setdefault(day, []).append((hours.opens, time.max))
                windows.setdefault((day + 1) % 7, []).append((time.min, hours.closes))
            else:
                windows.setdefault(day, []).append((hours.opens, hours.closes))
    return AllowedHours({day: tuple(sorted(spans)) for day, spans in sorted(windows.items())}, words.zone.key)


def _menu(words: MenuWords) -> Menu:
    choices = {key: _choice(branch) for key, branch in {**words.keys, **words.words}.items()}
    return Menu(Prompt(words.prompt), choices, words.wait)


def _choice(words: ChoiceWords) -> Choice:
    details = {"to": words.to, "text": words.text, "webhook": words.webhook}
    detail = {word: value for word, value in details.items() if value is not None}
    follow = _menu(words.next) if words.next else None
    redial = None
    if (again := words.redial) is not None:
        redial = Redial(again.after, Policy(attempts=again.attempts, retry_after=again.every), again.times)
    return Choice(
        label=words.label, action=words.action, detail=detail, follow=follow, notes=words.notes, redial=redial
    )
