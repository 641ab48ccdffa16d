"""Bulk imports: a list of contacts is taken at once; its calls appear later, in portions, on the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

from simulator.telephony.calls import Call, Order
from simulator.telephony.campaign_settings import OPEN_STATES, Contact, RowVerdict
from simulator.telephony.campaigns import Campaign, PhoneList
from simulator.telephony.errors import CampaignNotDialing
from simulator.telephony.network import Network

Create = Callable[[Campaign, Order], Call]
"""Notes a call, which nobody dials before it is enqueued."""

Enqueue = Callable[[Campaign, list[Call]], None]
"""Lets calls wait for their turn."""


class Imports:
    """The lists of contacts that the campaigns of a world have taken in."""

    def __init__(self, network: Network, create: Create, enqueue: Enqueue) -> None:
        self._network = network
        self._create = create
        self._enqueue = enqueue

    def take(
        self, campaign: Campaign, contacts: Sequence[Contact], refused: Sequence[RowVerdict] = ()
    ) -> PhoneList:
        """Take a list in, with the verdicts on the rows left out; raises CampaignNotDialing."""
        if campaign.state not in OPEN_STATES:
            raise CampaignNotDialing(campaign.ref)
        network, taken = self._network, campaign.phone_lists
        ref = network.mint(campaign.account, "phone_list", taken, len(taken))
        phones = taken[ref] = PhoneList(ref, network.clock.now, len(contacts), list(refused))
        network.clock.after(campaign.importing.lag, partial(self._portion, campaign, phones, iter(contacts)))
        return phones

    def _portion(self, campaign: Campaign, phones: PhoneList, rows: Iterator[Contact]) -> None:
        pace = campaign.importing
        portion = [self._call(campaign, row) for row in islice(rows, pace.portion)]
        phones.calls += portion
        self._enqueue(campaign, portion)
        if len(phones.calls) < phones.accepted:
            self._network.clock.after(pace.every, partial(self._portion, campaign, phones, rows))

    def _call(self, campaign: Campaign, row: Contact) -> Call:
        label = row.label if row.label not in campaign.labels else None
        script = campaign.script.saying(row.opening) if row.opening is not None else None
        return self._create(campaign, Order(callee=row.callee, script=script, label=label))
