"""What the core needs to know of a vendor: how it numbers things, and whom it tells what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import AmbiguousNumber, MalformedNumber
from simulator.telephony.outbox import Signing, read_status
from simulator.telephony.owners import Ref
from simulator.telephony.phone_numbers import E164, parse_number

W_contra = TypeVar("W_contra", contravariant=True)
"""The world that an operator works in, which knows its operators and not the other way round."""


class NetworkEvent(Struct, frozen=True):
    """Something that happened on the network to a thing of an account, such as `call.finished` to a call.

    Or something that a client is asked, `clearance.asked`: may this call be dialed now?
    """

    name: str
    at: datetime
    account: Account
    subject: object

    @property
    def call(self) -> Call:
        """The call that it happened to, where it is an event of campaigns' calls."""
        if not isinstance(self.subject, Call):
            raise TypeError(f"{self.name} is about {type(self.subject).__name__}, not about a call")
        return self.subject


class Vocabulary(Struct, frozen=True, kw_only=True):
    """The words of a company that a scenario may use.

    `events` are what its clients may hear of, by the network's names; `postbacks` the events of a campaign
    that a callback can be set for, `campaigns` the types of campaign, any where none is listed, and
    `receiving` those of them whose calls come in to agents. It `signs` its callbacks or not.
    `actions` are what a branch of a menu may set off, any where none is listed; `placeholders` what the
    address of a callback may hold in braces, where callbacks are filled in. `subscriptions` are its own names
    for what clients subscribe to, by the network's. `languages` are those it answers in, where an account has
    one. `unread` are the words of an account that mean nothing here, `towards_nobody` the settings that
    matter to whoever has no account, and `towards_nobody_alone` those of them that matter to no account.
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
    towards_nobody_alone: tuple[str, ...] = ()


class Asking(Struct, frozen=True):
    """What one operation takes and how it refuses.

    `facts` are the parameters that limits may count by: those of path, query and form, and `key`; `carried`
    are those and the keys of JSON, however deep. `refusals` are the names of what it refuses, each with the
    code that programs read, if it has one.
    """

    facts: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    refusals: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def names_of_refusals(self) -> tuple[str, ...]:
        """The names and the codes of all its refusals, each once."""
        codes = (code for code in self.refusals.values() if code is not None)
        return tuple(dict.fromkeys((*self.refusals, *codes)))


class Interface(Struct, frozen=True):
    """What can be asked of a company, by operation, and what it tells of its own accord, by its own names."""

    operations: Mapping[str, Asking] = field(default_factory=dict)
    events: tuple[str, ...] = ()


class Operator(Generic[W_contra]):
    """One telephony company as the core sees it; each vendor is one."""

    name: str
    """The name its accounts carry."""

    keyed_campaigns = False
    """Whether each campaign has a credential of its own, which opens it and no other."""

    home = ""
    """The country whose numbers its clients may write as at home, such as RU; none in particular."""

    vocabulary = Vocabulary()
    """The words of its own that a scenario may use."""

    def read_number(self, text: str) -> E164:
        """Return the number that its clients mean by `text`; raises MalformedNumber."""
        return parse_number(text)

    def new_id(self, kind: str, at: datetime, draw: int) -> Ref:
        """Make a reference for a new `call`, `campaign`, `clip`, `phone_list` … out of 64 keyed bits."""
        raise NotImplementedError

    def accepts_credential(self, credential: str) -> bool:
        """Return whether a credential has the form of those it hands out."""
        raise NotImplementedError

    def new_credential(self, draw: int) -> str:
        """Make a well-formed credential out of 64 keyed bits."""
        raise NotImplementedError

    def check_profile(self, profile: Mapping[str, Any]) -> None:
        """Raise ValueError, with the settings that exist, for one that does not or has a wrong value."""

    def doubts_about(self, profile: Mapping[str, Any]) -> Iterable[tuple[tuple[str | int, ...], str]]:
        """Return what settings that can be used promise and nothing will do: each place, and what it is."""
        del profile
        return ()

    def provision(self, world: W_contra, account: Account) -> None:
        """Give a newly opened account what its owner finds in it; nothing by default."""

    def apply_settings(self, world: W_contra, account: Account) -> None:
        """Apply the profile that an account has now, where more is to do than to read it anew."""

    def configure_campaign(self, campaign: Campaign) -> None:
        """Give a new campaign what its kind means: method and script; nothing by default."""

    def callbacks(self, world: W_contra, event: NetworkEvent) -> Iterable[Any]:
        """Return what clients are told of `event`: requests, or Webhooks where each try differs.

        May act on the world before that. Nothing by default.
        """
        del world, event
        return ()

    def tamper_signature(self, request: Any, signing: Signing) -> Any:
        """Return a callback of its own signed wrongly or not at all; as it is, where none is signed."""
        del signing
        return request

    def read_clearance(self, call: Call, status: int | None, reply: Any) -> bool | None:
        """Return whether an answer to `clearance.asked` gives leave, by its status; None for no answer."""
        del call
        return read_status(status, reply)


def read_number(operators: Mapping[str, Operator[Any]], text: str) -> E164:
    """Return the number that `text` means to every operator that can read it.

    Raises MalformedNumber where none can, AmbiguousNumber where they do not agree.
    """
    readings: dict[str, E164] = {}
    for name, operator in operators.items():
        with suppress(MalformedNumber):
            readings[name] = operator.read_number(text)
    if len(set(readings.values())) > 1:
        raise AmbiguousNumber(text, readings)
    return next(iter(readings.values())) if readings else parse_number(text)
