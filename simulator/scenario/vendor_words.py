"""Words of a scenario that only a vendor knows: settings, types of campaign, events, and who signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.errors import BrokenScenario, guess
from simulator.scenario.accounts import vendors_of
from simulator.scenario.document import Checks, Path, Remark, entries_of, lacks, remarks_on, unknown
from simulator.scenario.places import Known, check_places
from simulator.scenario.schema import (
    AccountWords,
    CampaignWords,
    ChoiceWords,
    HookRuleWords,
    Scenario,
    TimelineEvent,
)
from simulator.scenario.values import BarSubscriptions, MoveCampaigns, SetProfile
from simulator.telephony.operators import Operator
from simulator.telephony.world import World

Operators = Mapping[str, Operator[World]]
Concerned = list[Operator[World]]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_vendor_words(scenario: Scenario, operators: Operators, known: Known | None = None) -> None:
    """Raise BrokenScenario with every word that one of `operators` does not know; others are not asked.

    Names of vendors, operations, parameters and refusals are looked up in what is `known`, when given.
    """
    if remarks := list(vendor_remarks(scenario, operators, known)):
        raise BrokenScenario(scenario.document.findings(remarks))


def vendor_remarks(scenario: Scenario, operators: Operators, known: Known | None) -> Iterator[Remark]:
    """Yield a remark for every word that one of `operators` does not know, as `check_vendor_words` does."""
    yield from remarks_on(scenario, _CHECKS, scenario, operators)
    if known:
        yield from check_places(scenario, known)


def vendor_doubts(scenario: Scenario, operators: Operators) -> Iterator[Remark]:
    """Yield a remark for everything in vendors' settings that can be used and that nothing will do."""
    for path, vendor, profile in _profiles_in(scenario):
        if vendor in operators and not isinstance(profile, str):
            yield from (Remark((*path, *at), what) for at, what in operators[vendor].doubts_about(profile))


# -- settings -------------------------------------------------------------------------------------------


def _profiles_in(scenario: Scenario) -> Iterator[tuple[Path, str, Any]]:
    for tenant, account in scenario.accounts.items():
        for vendor, profile in account.profile.items():
            yield ("accounts", tenant, "profile", vendor), vendor, profile
    for vendor, profile in scenario.profiles.items():
        yield ("profiles", vendor), vendor, profile


def _profiles(scenario: Scenario, _path: Path, _scenario: Scenario, operators: Operators) -> Iterator[Remark]:
    for path, vendor, profile in _profiles_in(scenario):
        if vendor in operators:
            yield from _profile(operators[vendor], path, profile)


def _profile(operator: Operator[World], path: Path, profile: str | Mapping[str, Any]) -> Iterator[Remark]:
    if isinstance(profile, str):
        yield from _setting(operator, path, "profile", profile, of_key=False)
        return
    remarks = [
        remark
        for name, value in profile.items()
        for remark in _setting(operator, (*path, name), name, value, of_key=True)
    ]
    if remarks and not fits(operator, profile):  # together they may make sense: one is lenient to another
        yield from remarks


def _setting(operator: Operator[World], path: Path, name: str, value: Any, of_key: bool) -> Iterator[Remark]:
    try:
        operator.check_profile({name: value})
    except ValueError as error:
        for one in (error, *getattr(error, "others", ())):
            inner: tuple[str | int, ...] = getattr(one, "at", ())[1:]  # the first step is the setting itself
            is_key = of_key and (not inner or getattr(one, "of_key", False))
            yield Remark((*path, *inner), str(one), of_key=is_key)


def fits(operator: Operator[World], profile: Mapping[str, Any]) -> bool:
    """Return whether a vendor can use these settings together."""
    try:
        operator.check_profile(profile)
    except ValueError:
        return False
    return True


def _unread_settings(
    scenario: Scenario, _path: Path, _scenario: Scenario, operators: Operators
) -> Iterator[Remark]:
    """Refuse settings towards people without an account that would only matter to an account."""
    for vendor, profile in scenario.profiles.items():
        if scenario.admit == "anyone" or vendor not in operators:
            continue
        read = operators[vendor].vocabulary.towards_nobody
        for name in profile:
            what = (
                f"{vendor} reads {name!r} for an account only, and nobody without one is let in here; "
                f"write it under accounts: NAME: profile: {vendor}, or say `admit: anyone`; "
                f"read here: {', '.join(read) or 'none'}"
            )
            if name not in read and fits(operators[vendor], {name: profile[name]}):
                yield Remark(("profiles", vendor, name), what, of_key=True)


# -- accounts -------------------------------------------------------------------------------------------


def _account(
    account: AccountWords, path: Path, _scenario: Scenario, operators: Operators
) -> Iterator[Remark]:
    if not operators.keys() >= {*account.vendors}:
        return
    owners = [operators[vendor] for vendor in account.vendors]
    whose, default = _names(owners), AccountWords(account.vendors)
    for word in dict.fromkeys(word for owner in owners for word in owner.vocabulary.unread):
        if _is_unread(word, owners) and getattr(account, word) != getattr(default, word):
            what = f"{whose} reads no {word!r} of an account, so it would change nothing"
            yield Remark((*path, word), what, of_key=True)
    for owner in owners:
        for name in account.profile.get(owner.name, {}):
            what = f"{owner.name} reads {name!r} for those without an account"
            if name in owner.vocabulary.towards_nobody_alone:
                where = f"write it under profiles: {owner.name}"
                yield Remark((*path, "profile", owner.name, name), f"{what}; {where}", of_key=True)
    languages = [name for owner in owners for name in owner.vocabulary.languages]
    if languages and account.language not in languages:
        yield Remark((*path, "language"), unknown(f"language of {whose}", account.language, languages))


def _is_unread(word: str, owners: Concerned) -> bool:
    return all(word in owner.vocabulary.unread for owner in owners)


# -- campaigns and their menus ----------------------------------------------------------------------------


def _campaign(
    campaign: CampaignWords, path: Path, scenario: Scenario, operators: Operators
) -> Iterator[Remark]:
    operator = operators.get(campaign.vendor or scenario.accounts[str(path[1])].vendors[0])
    if operator is None or _is_unread("campaigns", [operator]):
        return
    known, name = operator.vocabulary, operator.name
    if known.campaigns and campaign.type not in known.campaigns:
        yield Remark((*path, "type"), lacks(name, "type of campaign", campaign.type, known.campaigns))
    if campaign.key is not None and not operator.keyed_campaigns:
        what = f"campaigns of {name} have no key; the account's own opens all of them"
        yield Remark((*path, "key"), what, of_key=True)
    if campaign.agents and campaign.type not in known.receiving:
        taking = ", ".join(known.receiving) or "none"
        what = f"no call comes in to a campaign of type {campaign.type!r}; {name} has agents for: {taking}"
        yield Remark((*path, "agents"), what, of_key=True)
    for event, postback in campaign.postbacks.items():
        here = (*path, "postbacks", event)
        if event not in known.postbacks:
            yield Remark(here, lacks(name, "postback", event, known.postbacks), of_key=True)
        yield from _address((*here, "url"), postback.url, operator)
    for inner, choice in entries_of(campaign.menu, (*path, "menu")):
        if isinstance(choice, ChoiceWords):
            yield from _choice(choice, inner, operator)


def _choice(choice: ChoiceWords, path: Path, operator: Operator[World]) -> Iterator[Remark]:
    actions = operator.vocabulary.actions
    if choice.action and actions and choice.action not in actions:
        yield Remark((*path, "action"), lacks(operator.name, "action", choice.action, actions))
    if choice.webhook is not None:
        yield from _address((*path, "webhook"), choice.webhook, operator)


def _address(path: Path, url: str, operator: Operator[World]) -> Iterator[Remark]:
    """Refuse what stands in braces and would be sent as it is."""
    known = operator.vocabulary.placeholders
    for placeholder in _PLACEHOLDER.findall(url):
        if known and placeholder not in known:
            what = f"{operator.name} fills in no {{{placeholder}}}; {guess(placeholder, known)}"
            yield Remark(path, what)


# -- callbacks ------------------------------------------------------------------------------------------


def _hook(hook: HookRuleWords, path: Path, scenario: Scenario, operators: Operators) -> Iterator[Remark]:
    where = hook.where
    if operator := operators.get(where.vendor):
        events = operator.vocabulary.events
        if where.operation not in ("*", *events):
            yield Remark((*path, "where"), lacks(operator.name, "event", where.operation, events))
    signers = [name for name, operator in operators.items() if operator.vocabulary.signs]
    concerned = {where.vendor}
    if where.vendor == "*":
        concerned = set(operators) if scenario.admit == "anyone" else vendors_of(scenario)
    if hook.sign != "vendor" and concerned <= operators.keys() and concerned.isdisjoint(signers):
        whose = ", ".join(sorted(concerned)) or "anybody"
        what = f"callbacks of {whose} are never signed; those of {', '.join(signers) or 'nobody'} are"
        yield Remark((*path, "sign"), what)


# -- what happens outside -------------------------------------------------------------------------------


def _event(event: TimelineEvent, path: Path, scenario: Scenario, operators: Operators) -> Iterator[Remark]:
    """Refuse what would befall nobody; one account that it can befall is enough."""
    here, what = (*path, "do"), event.do
    concerned = _befallen(scenario, event, operators)
    if not concerned:
        return
    if isinstance(what, SetProfile):
        yield from _changed(here, what, concerned)
    elif isinstance(what, BarSubscriptions):
        yield from _barred(here, what, concerned)
    elif isinstance(what, MoveCampaigns) and _is_unread("campaigns", concerned):
        text = scenario.document.text(here)
        yield Remark(here, f"{_names(concerned)} has no campaigns, so `{text}` would change nothing")


def _befallen(scenario: Scenario, event: TimelineEvent, operators: Operators) -> Concerned:
    """Return the vendors of the accounts that an event can befall, as far as they take part."""
    accounts = [one for name, one in scenario.accounts.items() if event.account in (None, name)]
    vendors = dict.fromkeys(vendor for one in accounts for vendor in one.vendors)
    if event.account is None and scenario.admit == "anyone":
        vendors |= dict.fromkeys(operators)
    return [operators[vendor] for vendor in vendors if vendor in operators]


def _changed(path: Path, what: SetProfile, concerned: Concerned) -> Iterator[Remark]:
    refused = [list(_setting(operator, path, what.key, what.value, of_key=False)) for operator in concerned]
    if all(refused):
        likely = [one for one in refused if "no setting" not in one[0].what or "did you mean" in one[0].what]
        yield from (likely or refused)[0]


def _barred(path: Path, bar: BarSubscriptions, concerned: Concerned) -> Iterator[Remark]:
    subscriptions = [operator.vocabulary.subscriptions for operator in concerned]
    known = [name for names in subscriptions for event, own in names.items() for name in (event, *own)]
    if not known:
        what = f"nobody subscribes to anything at {_names(concerned)}, so nothing would be barred"
        yield Remark(path, what)
    elif bar.event is not None and bar.event not in known:
        yield Remark(path, unknown("event that is subscribed to", bar.event, dict.fromkeys(known)))


def _names(operators: Concerned) -> str:
    return " and ".join(operator.name for operator in operators)


_CHECKS: Checks = (
    (Scenario, _profiles),
    (Scenario, _unread_settings),
    (AccountWords, _account),
    (CampaignWords, _campaign),
    (HookRuleWords, _hook),
    (TimelineEvent, _event),
)
