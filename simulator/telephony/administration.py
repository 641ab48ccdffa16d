"""What an operator does to the accounts of its clients: changes their settings, bars what they hear of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.telephony.accounts import Account

if TYPE_CHECKING:
    from simulator.telephony.world import World


class Administration:
    """The operators' own hand on the accounts of a world; clients cannot undo it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def set_profile(self, account: Account, key: str, value: object) -> None:
        """Change one of the vendor's own settings of an account, which holds from now on."""
        account.profile = {**account.profile, key: value}
        self._world.operators[account.vendor].apply_settings(self._world, account)

    def bar_subscriptions(self, account: Account, event: str | None, *, barred: bool) -> None:
        """Switch off what an account is told, of one event or all, or on again.

        An event goes by the vendor's name for it or by the network's, which may stand for several.
        """
        own = self._world.operators[account.vendor].vocabulary.subscriptions
        for subscription in account.subscriptions.values():
            if event is None or subscription.event in (event, *own.get(event, ())):
                subscription.bar(self._world.clock.now, barred=barred)
