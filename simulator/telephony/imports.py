"""Bulk imports: a list of contacts is taken at once; its calls appear later, in portions, on the clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from simulator.telephony.calls import Call
from simulator.telephony.campaigns import OPEN_STATES, Campaign, Contact, PhoneList, RowVerdict
from simulator.telephony.errors import CampaignNotDialing

if TYPE_CHECKING:
    from simulator.telephony.world import World


class Imports:
    """The lists of contacts that the campaigns of a world have taken in."""

    def __init__(self, world: World) -> None:
        self._world = world

    def take(
        self, campaign: Campaign, contacts: Sequence[Contact], refused: Sequence[RowVerdict] = ()
    ) -> PhoneList:
        """Take a list in, with the verdicts on the rows left out; raises CampaignNotDialing."""
        if campaign.state not in OPEN_STATES:
            raise CampaignNotDialing(campaign.ref)
        world, taken = self._world, campaign.phone_lists
        ref = world.mint(campaign.account, "phone_list", taken, len(taken))
        phones = taken[ref] = PhoneList(ref, world.clock.now, len(contacts), list(refused))
        world.clock.after(campaign.importing.lag, partial(self._portion, campaign, phones, iter(contacts)))
        return phones

    def _portion(self, campaign: Campaign, phones: PhoneList, rows: Iterator[Contact]) -> None:
        pace = campaign.importing
        portion = [self._call(campaign, phones, row) for row in islice(rows, pace.portion)]
        phones.calls += portion
        self._world.enqueue(campaign, portion)
        if len(phones.calls) < phones.accepted:
            self._world.clock.after(pace.every, partial(self._portion, campaign, phones, rows))

    def _call(self, campaign: Campaign, phones: PhoneList, row: Contact) -> Call:
        label = row.label if row.label not in campaign.labels else None
        call = self._world.create_call(campaign, row.callee, label)
        call.phone_list = phones
        if row.opening is not None:
            call.script = campaign.script.saying(row.opening)
        return call
