"""What a world offers beside campaigns: clips, follow-ups, jobs, messages, numbers, live calls, money."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from simulator.telephony.accounts import Account
from simulator.telephony.audio import Clips
from simulator.telephony.clock import Clock
from simulator.telephony.follow_ups import FollowUps
from simulator.telephony.jobs import Jobs
from simulator.telephony.messages import Messages
from simulator.telephony.operators import News, Operator
from simulator.telephony.outbox import Outbox
from simulator.telephony.owned_numbers import Numbers
from simulator.telephony.recordings import Recordings
from simulator.telephony.switchboard import Switchboard

if TYPE_CHECKING:
    from simulator.telephony.world import World


class Offices:
    """The part of a world that vendors of more than campaigns use; only a World has one."""

    clock: Clock
    operators: Mapping[str, Operator]
    outbox: Outbox

    def __init__(self) -> None:
        world = cast("World", self)
        self.clips = Clips(world)
        self.follow_ups = FollowUps(world)
        self.jobs = Jobs(world)
        self.messages = Messages(world)
        self.numbers = Numbers(world)
        self.recordings = Recordings(world)
        self.switchboard = Switchboard(world)

    def top_up(self, account: Account, amount: Decimal) -> None:
        """Add money to an account, which may bring it back to life; a negative amount takes it away."""
        if amount < 0:
            self.charge(account, -amount)
            return
        if not amount:
            return
        account.balance += amount
        account.suspended = account.suspended and not account.affords(Decimal("0.0001"))
        self.tell(account, "credit.topped_up", amount)

    def charge(self, account: Account, amount: Decimal) -> None:
        """Take money from an account; one that falls to its levels is warned, and then suspended."""
        before = account.balance
        account.pay(amount)
        for level, name in (
            (account.warning_level, "credit.low"),
            (account.shutdown_level, "credit.exhausted"),
        ):
            if level is not None and account.balance <= level < before:
                account.suspended = account.suspended or name == "credit.exhausted"
                self.tell(account, name, amount)

    def tell(self, account: Account, name: str, about: object) -> None:
        """Let an account's vendor hear of something, and its clients by whatever it makes of that."""
        news = News(name, self.clock.now, account, about)
        for notice in self.operators[account.vendor].hear(cast("World", self), news):
            self.outbox.submit(account.vendor, name, notice, self.clock.cause)
