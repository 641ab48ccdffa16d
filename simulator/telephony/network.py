"""The network that every service of a world works with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping
from typing import Any

from simulator.telephony.accounts import Account
from simulator.telephony.campaign_settings import CampaignSettings
from simulator.telephony.campaigns import Campaign
from simulator.telephony.clock import Clock
from simulator.telephony.keyed_random import KeyedRandom
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.operators import Operator
from simulator.telephony.owners import Owner, Ref
from simulator.telephony.people import People
from simulator.telephony.phone_numbers import E164

Observe = Callable[[str, object], None]
"""Sees that something happened, by its name, to a thing."""

Tell = Callable[[Account, str, object], None]
"""Lets an account's vendor hear of something by its name, and the thing that it happened to."""


class Network:
    """What services share: a clock, keyed random, people, references, and who is told what happened.

    `accounts` are all there are, by vendor and credential; `lines` the phones that ring or talk now, and so
    are engaged; `minted` the references handed out. `observe` is called at whatever happens, also what no
    vendor tells anybody of.
    """

    def __init__(
        self,
        clock: Clock,
        random: KeyedRandom,
        people: People,
        operators: Mapping[str, Operator[Any]],
        tell: Tell,
    ) -> None:
        self.clock = clock
        self.random = random
        self.people = people
        self.accounts: dict[tuple[str, str], Account] = {}
        self.lines: dict[E164, AnyCall] = {}
        self.minted: set[Ref] = set()
        self._turns: Counter[tuple[str, str, str]] = Counter()
        self.observe: Observe = lambda _name, _subject: None
        self._operators = operators
        self._tell = tell

    def account_of(self, owner: Owner) -> Account:
        """Return an owner's account, with all that is in it."""
        return self.accounts[owner.vendor, owner.credential]

    def campaign_of(self, settings: CampaignSettings) -> Campaign:
        """Return a campaign, with its calls, by what it is set to do."""
        owner = settings.account  # asked at each step of a call, so not by way of `account_of`
        return self.accounts[owner.vendor, owner.credential].campaigns[settings.ref]

    def mint(self, owner: Owner, kind: str, taken: Container[Ref], *subject: object) -> Ref:
        """Return a free reference of a `kind`, keyed by its subject: the same in any order of events."""
        new_id, salt = self._operators[owner.vendor].new_id, 0
        while True:
            draw = self.random.number("ref", kind, owner.name, *subject, salt)
            if (ref := new_id(kind, self.clock.now, draw)) not in taken:
                self.minted.add(ref)
                return ref
            salt += 1

    def turn(self, owner: Owner, kind: str) -> int:
        """Return how many of a `kind` an owner has had before: those that are left would key a ref again."""
        self._turns[owner.vendor, owner.name, kind] += 1
        return self._turns[owner.vendor, owner.name, kind] - 1

    def mint_next(self, owner: Owner, kind: str) -> Ref:
        """Return an owner's next reference of a `kind` whose references count up: none comes twice."""
        draw = self.random.number("ref", kind, owner.name) + self.turn(owner, kind) + 1
        ref = self._operators[owner.vendor].new_id(kind, self.clock.now, draw)
        self.minted.add(ref)
        return ref

    def tell(self, owner: Owner, name: str, subject: object) -> None:
        """Tell an owner's vendor of something, and its clients by the callbacks that it makes of that."""
        self._tell(self.account_of(owner), name, subject)
