"""Credit: money that accounts pay in and use up, with the levels at which they are warned and suspended."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.telephony.accounts import Account

if TYPE_CHECKING:
    from simulator.telephony.world import World

LEAST = Decimal("0.0001")
"""What an account must be able to pay to come back to life."""


class Credit:
    """The money of a world's accounts; each level that is passed is told."""

    def __init__(self, world: World) -> None:
        self._world = world

    def top_up(self, account: Account, amount: Decimal) -> None:
        """Add money to an account, which may bring it back to life; a negative amount takes it away."""
        if amount < 0:
            self.charge(account, -amount)
            return
        if not amount:
            return
        account.balance += amount
        account.suspended = account.suspended and not account.affords(LEAST)
        self._world.tell(account, "credit.topped_up", amount)

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
                self._world.tell(account, name, amount)
