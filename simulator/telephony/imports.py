"""Bulk imports: a list of contacts is taken at once; its calls appear later, in portions, on the clock."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from simulator.telephony.calls import Call, Order
from simulator.telephony.campaign_settings import OPEN_STATES, Contact, RowVerdict
from simulator.telephony.campaigns import Campaign, PhoneList
from simulator.telephony.errors import CampaignNotDialing
from simulator.telephony.network import Network

SLICE = 50
"""How many calls of a large portion appear at one instant, so that no step of the clock takes long."""
SPREAD = timedelta(milliseconds=90)
"""Over what time a large portion spreads: its last calls appear when it is due."""
APART = timedelta(milliseconds=5)
"""The most from one slice to the next."""

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
        network, own = self._network, campaign.phone_lists
        campaigns = network.account_of(campaign.account).campaigns.values()
        taken = ChainMap(*(other.phone_lists for other in campaigns))
        ref = network.mint(campaign.account, "phone_list", taken, campaign.ref, len(own))
        phones = own[ref] = PhoneList(ref, network.clock.now, len(contacts), list(refused))
        self._expect(campaign, phones, iter(contacts), network.clock.now + campaign.importing.lag)
        return phones

    def _expect(self, campaign: Campaign, phones: PhoneList, rows: Iterator[Contact], due: datetime) -> None:
        """Make the calls of the next portion when it is `due`, and of those after it."""
        clock, pace = self._network.clock, campaign.importing
        left = min(pace.portion, phones.accepted - len(phones.calls))
        slices = max(1, -(-left // SLICE))
        apart = min(APART, SPREAD / slices, pace.every / slices)
        for later in range(slices - 1, -1, -1):
            size = min(SLICE, left - (slices - 1 - later) * SLICE)
            clock.at(due - later * apart, partial(self._appear, campaign, phones, islice(rows, size)))
        if len(phones.calls) + left < phones.accepted:
            clock.at(due, partial(self._expect, campaign, phones, rows, due + pace.every))

    def _appear(self, campaign: Campaign, phones: PhoneList, rows: Iterator[Contact]) -> None:
        calls = [self._call(campaign, row) for row in rows]
        phones.calls += calls
        self._enqueue(campaign, calls)

    def _call(self, campaign: Campaign, row: Contact) -> Call:
        label = row.label if row.label not in campaign.labels else None
        script = campaign.script.saying(row.opening) if row.opening is not None else None
        return self._create(campaign, Order(callee=row.callee, script=script, label=label))
