"""What had come in at a newcomer's before, so that `dial` has rows to show from the beginning."""

from __future__ import annotations

from datetime import timedelta

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Direction
from simulator.telephony.campaigns import Campaign
from simulator.telephony.live_calls import LiveCall, Party
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World

APART = timedelta(hours=1)
RING, TALK = timedelta(seconds=6), timedelta(seconds=42)


def keep_past_calls(world: World, campaign: Campaign, caller: E164, count: int) -> None:
    """Put `count` answered calls of `caller` into the log of a campaign that receives calls, an hour apart.

    They are in the vendor's log alone: no calls of this world, nothing to bill, nobody to be called back.
    """
    account = world.network.account_of(campaign.account)
    for nth in range(count, 0, -1):
        call = _past_call(world, account, Direction.INCOMING, caller, nth)
        call.onward.append(_past_call(world, account, Direction.OUTGOING, campaign.agents[0], nth))
        account.line_calls[call.ref] = call
        campaign.received.append(call)


def _past_call(world: World, account: Account, direction: Direction, party: E164, nth: int) -> LiveCall:
    """Return the `nth` last call of a customer to the account, or the leg of an agent who took it."""
    began = world.clock.now - nth * APART
    incoming = direction is Direction.INCOMING
    return LiveCall(
        ref=world.network.mint(account, "line_call", account.line_calls, "past", party, nth),
        account=account,
        direction=direction,
        caller=party if incoming else account.caller_ids[0],
        callee=account.caller_ids[0] if incoming else party,
        party=party,
        started=began,
        answered=began + RING,
        ended=began + RING + TALK,
        disposition=Disposition.ANSWERED,
        hung_up_by=Party.CALLER,
    )
