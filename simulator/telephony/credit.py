"""Credit: money that accounts pay in and use up, with the levels at which they are warned and suspended."""

from __future__ import annotations

from decimal import Decimal

from simulator.telephony.network import Network
from simulator.telephony.owners import Owner

LEAST = Decimal("0.0001")
"""What an account must be able to pay to come back to life."""


class Credit:
    """The money of a world's accounts; each level that is passed is told."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def top_up(self, account: Owner, amount: Decimal) -> None:
        """Add money to an account, which may bring it back to life; a negative amount takes it away."""
        if amount < 0:
            self.charge(account, -amount)
            return
        if not amount:
            return
        account.balance += amount
        account.suspended = account.suspended and not account.affords(LEAST)
        self._network.tell(account, "credit.topped_up", amount)

    def set_levels(self, account: Owner, warning: Decimal | None, shutdown: Decimal | None) -> None:
        """Set the levels of credit at which an account is warned and stopped; None means never.

        One that finds itself at or below its new level is told at once, and one above it lives again.
        """
        warned = account.warning_level is not None and account.balance <= account.warning_level
        stopped = account.suspended
        account.warning_level, account.shutdown_level = warning, shutdown
        account.suspended = shutdown is not None and account.balance <= shutdown
        if warning is not None and account.balance <= warning and not warned:
            self._network.tell(account, "credit.low", Decimal(0))
        if account.suspended and not stopped:
            self._network.tell(account, "credit.exhausted", Decimal(0))

    def refund(self, account: Owner, amount: Decimal) -> None:
        """Give back what was charged for nothing, which may bring an account back to life; nobody is told."""
        account.balance += amount
        account.suspended = account.suspended and not account.affords(LEAST)

    def charge(self, account: Owner, amount: Decimal) -> None:
        """Take money from an account; one that falls to its levels is warned, and then suspended."""
        before = account.balance
        account.pay(amount)
        for level, name in (
            (account.warning_level, "credit.low"),
            (account.shutdown_level, "credit.exhausted"),
        ):
            if level is not None and account.balance <= level < before:
                account.suspended = account.suspended or name == "credit.exhausted"
                self._network.tell(account, name, amount)
