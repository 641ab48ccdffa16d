"""Words of a campaign that only its vendor knows: its type, its callbacks, and what its menus set off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.errors import guess
from simulator.scenario.remarks import Path, Remark, lacks
from simulator.scenario.schema import CampaignWords, ChoiceWords, MenuWords
from simulator.telephony.operators import Operator
from simulator.telephony.world import World

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_campaign(path: Path, campaign: CampaignWords, operator: Operator[World]) -> Iterator[Remark]:
    """Yield a remark for each word of a campaign that its vendor does not know or read."""
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
    if campaign.menu is not None:
        yield from _menu((*path, "menu"), campaign.menu, operator)


def _menu(path: Path, menu: MenuWords, operator: Operator[World]) -> Iterator[Remark]:
    for word in ("keys", "words"):
        for key, choice in getattr(menu, word).items():
            yield from _choice((*path, word, key), choice, operator)


def _choice(path: Path, choice: ChoiceWords, operator: Operator[World]) -> Iterator[Remark]:
    actions = operator.vocabulary.actions
    if choice.action and actions and choice.action not in actions:
        yield Remark((*path, "action"), lacks(operator.name, "action", choice.action, actions))
    if choice.webhook is not None:
        yield from _address((*path, "webhook"), choice.webhook, operator)
    if choice.next is not None:
        yield from _menu((*path, "next"), choice.next, operator)


def _address(path: Path, url: str, operator: Operator[World]) -> Iterator[Remark]:
    """Refuse what stands in braces and would be sent as it is."""
    known = operator.vocabulary.placeholders
    for placeholder in _PLACEHOLDER.findall(url):
        if known and placeholder not in known:
            what = f"{operator.name} fills in no {{{placeholder}}}; {guess(placeholder, known)}"
            yield Remark(path, what)
