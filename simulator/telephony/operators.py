"""What the core needs to know of a vendor: how it numbers things, and whom it tells what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from simulator.telephony.accounts import Account, Ref
from simulator.telephony.calls import Call
from simulator.telephony.outbox import Notice, Signing

if TYPE_CHECKING:
    from simulator.telephony.campaigns import Campaign
    from simulator.telephony.world import World


@dataclass(frozen=True, slots=True)
class Event:
    """Something a client may want to hear of, `attempt.finished` or `call.finished`.

    Or something that it is asked, `clearance.asked`: may this call be dialed now?
    """

    name: str
    at: datetime
    account: Account
    call: Call


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened, such as `message.updated` or `call.ended`, to what is no campaign's call."""

    name: str
    at: datetime
    account: Account
    about: object


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a company that a scenario may use.

    `events` are what its clients may hear of, by the network's names; `postbacks` the events of a campaign
    that a callback can be set for, `campaigns` the types of campaign, any where none is listed, and
    `receiving` those of them whose calls come in to agents. It `signs` its callbacks or not.
    `actions` are what a branch of a menu may set off, any where none is listed; `placeholders` what the
    address of a callback may hold in braces, where callbacks are filled in. `subscriptions` are its own names
    for what clients subscribe to, by the network's. `languages` are those it answers in, where an account has
    one. `unread` are the words of an account that mean nothing here, `towards_nobody` the settings that
    matter to whoever has no account.
    """

    events: tuple[str, ...] = ()
    postbacks: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    signs: bool = False
    receiving: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    subscriptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    towards_nobody: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """What one operation takes and how it refuses.

    `facts` are the parameters that limits may count by: those of path, query and form, and `key`. `refusals`
    are the names of what it refuses, each with the code that programs read, if it has one.
    """

    facts: frozenset[str] = frozenset()
    refusals: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def names_of_refusals(self) -> tuple[str, ...]:
        """The names and the codes of all its refusals, each once."""
        codes = (code for code in self.refusals.values() if code is not None)
        return tuple(dict.fromkeys((*self.refusals, *codes)))


@dataclass(frozen=True, slots=True)
class Interface:
    """What can be asked of a company, by operation, and what it tells of its own accord, by its own names."""

    operations: Mapping[str, Asking] = field(default_factory=dict)
    events: tuple[str, ...] = ()


class Operator(Protocol):
    """One telephony company as the core sees it."""

    @property
    def name(self) -> str:
        """The name its accounts carry."""

    @property
    def keyed_campaigns(self) -> bool:
        """Whether each campaign has a credential of its own, which opens it and no other."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of its own that a scenario may use."""

    def number(self, kind: str, at: datetime, draw: int) -> Ref:
        """Make a reference for a new `call`, `campaign`, `clip`, `phone_list` … out of 64 keyed bits."""

    def issues(self, credential: str) -> bool:
        """Tell whether a credential has the form of those it hands out."""

    def check_profile(self, profile: Mapping[str, Any]) -> None:
        """Raise ValueError, with the settings that exist, for one that does not or has a wrong value."""

    def new_credential(self, draw: int) -> str:
        """Make a well-formed credential out of 64 keyed bits."""

    def furnish(self, world: World, account: Account) -> None:
        """Give a newly opened account what a newcomer finds in it."""

    def adapt(self, world: World, account: Account) -> None:
        """Let an account be as its profile says now, where it was furnished by what that said before."""

    def outfit(self, campaign: Campaign) -> None:
        """Give a new campaign what its kind means: method and script."""

    def missign(self, request: Any, signing: Signing) -> Any:
        """Return a request of its own signed wrongly or not at all."""

    def hear(self, world: World, news: News) -> Iterable[Notice]:
        """Return the notices by which clients hear of `news`; may act on the world before that."""

    def weigh(self, call: Call, status: int | None, reply: Any) -> bool | None:
        """Tell what a client's answer to `clearance.asked` means: leave, none, or nothing at all."""

    def announce(self, event: Event) -> Iterable[Any]:
        """Return the requests by which a client hears of `event`; none when nobody listens."""
