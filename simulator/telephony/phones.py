"""Phones: what the people behind numbers do with them, whatever call they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.phone_numbers import E164

if TYPE_CHECKING:
    from simulator.telephony.world import World


class Phones:
    """The phones of a world's people, each in a call that was placed or in one that came in."""

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, number: E164) -> AnyCall:
        """Pick up the phone that rings at `number`; raises NobodyThere."""
        call = self._world.lines.get(number)
        if isinstance(call, LiveCall):
            return self._world.switchboard.pick_up(call)
        return self._world.dialer.answer(number)

    def press(self, number: E164, key: str) -> AnyCall:
        """Press `key` in the call that `number` is talking in; raises NobodyThere."""
        call = self._world.lines.get(number)
        if isinstance(call, LiveCall):
            return self._world.switchboard.press(call, key)
        return self._world.dialer.press(number, key)
