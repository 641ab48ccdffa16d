"""Words of a scenario that only a vendor knows: settings, types of campaign, events, and who signs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain
from typing import Any

from simulator.errors import BrokenScenario
from simulator.scenario import meanings, phrases
from simulator.scenario.document import Document, Path, curtailed
from simulator.scenario.schema import CampaignWords, Scenario
from simulator.telephony.operators import Operator

Operators = Mapping[str, Operator]
Remark = tuple[Path, bool, str]
"""Where a wrong word stands, whether it is a key, and what to say about it."""


def check_vendor_words(scenario: Scenario, operators: Operators) -> None:
    """Raise BrokenScenario with every word that one of `operators` does not know; others are not asked."""
    remarks = list(chain.from_iterable(check(scenario, operators) for check in _CHECKS))
    if not remarks:
        return
    document: Document | None = scenario.document
    if document is None:
        raise BrokenScenario([f"{'.'.join(map(str, path))}: {what}" for path, _, what in remarks])
    remarks.sort(key=lambda remark: document.position(remark[0], remark[1]))
    raise BrokenScenario(curtailed(document.finding(path, what, of_key) for path, of_key, what in remarks))


def _profiles(scenario: Scenario, operators: Operators) -> Iterator[Remark]:
    told: list[tuple[Path, str, Any]] = [
        (("accounts", tenant, "profile", vendor), vendor, profile)
        for tenant, account in scenario.accounts.items()
        for vendor, profile in account.profile.items()
    ]
    told += [(("profiles", vendor), vendor, profile) for vendor, profile in scenario.profiles.items()]
    for path, vendor, profile in told:
        if vendor in operators and isinstance(profile, str):
            yield from _setting(operators[vendor], path, "profile", profile, of_key=False)
        elif vendor in operators:
            for name, value in profile.items():
                yield from _setting(operators[vendor], (*path, name), name, value, of_key=True)


def _setting(operator: Operator, path: Path, name: str, value: Any, of_key: bool) -> Iterator[Remark]:
    try:
        operator.check_profile({name: value})
    except ValueError as error:
        yield path, of_key, str(error)


def _campaigns(scenario: Scenario, operators: Operators) -> Iterator[Remark]:
    for tenant, account in scenario.accounts.items():
        for nth, campaign in enumerate(account.campaigns):
            vendor = campaign.vendor or account.vendors[0]
            if vendor in operators:
                path: Path = ("accounts", tenant, "campaigns", nth)
                yield from _campaign(path, campaign, operators[vendor])


def _campaign(path: Path, campaign: CampaignWords, operator: Operator) -> Iterator[Remark]:
    known, name = operator.vocabulary, operator.name
    if known.campaigns and campaign.type not in known.campaigns:
        yield (*path, "type"), False, _unknown(name, "type of campaign", campaign.type, known.campaigns)
    for event in campaign.postbacks:
        if event not in known.postbacks:
            yield (*path, "postbacks", event), True, _unknown(name, "postback", event, known.postbacks)


def _hooks(scenario: Scenario, operators: Operators) -> Iterator[Remark]:
    signers = [name for name, operator in operators.items() if operator.vocabulary.signs]
    for nth, hook in enumerate(scenario.hooks):
        where = phrases.WHERE.read(hook.where)
        if operator := operators.get(where.vendor):
            events = operator.vocabulary.events
            if where.operation not in ("*", *events):
                told = _unknown(operator.name, "event", where.operation, events)
                yield ("hooks", nth, "where"), False, told
        concerned = {where.vendor} if where.vendor != "*" else _vendors(scenario, operators)
        if hook.sign != "vendor" and concerned <= operators.keys() and concerned.isdisjoint(signers):
            whose = ", ".join(sorted(concerned)) or "anybody"
            told = f"callbacks of {whose} are never signed; those of {', '.join(signers) or 'nobody'} are"
            yield ("hooks", nth, "sign"), False, told


def _vendors(scenario: Scenario, operators: Operators) -> set[str]:
    """Return the vendors that a scenario is about."""
    if scenario.admit == "anyone":
        return set(operators)
    return {vendor for account in scenario.accounts.values() for vendor in account.vendors}


def _timeline(scenario: Scenario, operators: Operators) -> Iterator[Remark]:
    """Refuse a setting that no account it befalls could take; one of them is enough."""
    for nth, event in enumerate(scenario.timeline):
        what = phrases.TIMELINE_ACT.read(event.do)
        if isinstance(what, meanings.SetProfile):
            accounts = [one for name, one in scenario.accounts.items() if event.account in (None, name)]
            vendors = dict.fromkeys(vendor for one in accounts for vendor in one.vendors)
            path, value = ("timeline", nth, "do"), _TRUTHS.get(what.value, what.value)
            refused = [
                list(_setting(operators[vendor], path, what.key, value, of_key=False))
                for vendor in vendors
                if vendor in operators
            ]
            if refused and all(refused):
                yield from refused[0]


_TRUTHS: Mapping[Any, Any] = {"true": True, "false": False}
_CHECKS: tuple[Callable[[Scenario, Operators], Iterator[Remark]], ...] = (
    _profiles, _campaigns, _hooks, _timeline,
)  # fmt: skip


def _unknown(vendor: str, kind: str, word: str, known: Collection[str]) -> str:
    near = get_close_matches(word, known, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{vendor} has no {kind} {word!r}; {hint}known: {', '.join(known) or 'none'}"
