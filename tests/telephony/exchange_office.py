"""An account with a number of its own in the small network of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from simulator.telephony.accounts import Account
from simulator.telephony.owned_numbers import Series, Terms
from simulator.telephony.people import People, Person, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World
from tests.telephony.network import START, PlainOperator

OWN = E164("+33199001000")
CALLER = E164("+33639980001")
FRIEND = E164("+33639980002")
TERMS = Terms(Decimal(2), Decimal(3), 2)
SERIES = Series(
    country="FR",
    kind="geographic",
    grade="classic",
    prefix="+331",
    area="Paris",
    first=OWN,
    count=5,
    terms=TERMS,
)


@dataclass
class Office:
    """A world, an account, and the operator who hears everything."""

    world: World
    account: Account
    operator: PlainOperator

    def advance(self, **length: float) -> None:
        self.world.advance_to(self.world.clock.now + timedelta(**length))

    def news(self, name: str) -> list[object]:
        return [news.subject for news in self.operator.events if news.name == name]


def open_office(*people: tuple[E164, Persona]) -> Office:
    crowd = People(strangers=Persona(name="stranger"))
    for number, persona in people:
        crowd.listed[number] = Person(number, persona)
    operator = PlainOperator()
    world = World(START, {"plain": operator}, people=crowd)
    account = world.open_account(Account(name="tenant", vendor="plain", credential="key", opened=START))
    return Office(world, account, operator)
