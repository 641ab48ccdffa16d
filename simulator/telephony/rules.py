"""What is decided about a world before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.telephony.campaigns import ImportPace
from simulator.telephony.limits import Limit
from simulator.telephony.outbox import HookRule


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds in a world: limits on requests, how callbacks go wrong, who is let in, how imports run.

    `profiles` are vendors' own settings, opaque here, towards whoever has no account.
    """

    limits: tuple[Limit, ...] = ()
    hooks: tuple[HookRule, ...] = ()
    admits_anyone: bool = False
    importing: ImportPace = ImportPace()
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
