"""What a vendor is: the whole plug point."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from simulator.exchange import Answer, CallbackRequest, Loss, Request
from simulator.formats.forms import BODILESS, Form, read_form
from simulator.formats.json_text import find_json
from simulator.telephony.accounts import Account, Ref
from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.limits import Limit
from simulator.telephony.operators import Event, News, Vocabulary
from simulator.telephony.outbox import Notice, Signing, weigh_status
from simulator.telephony.world import World


class Rejection(Exception):
    """A request that a vendor turns down before the network is asked; vendors derive their own.

    `advice` tells a tester what to do about one that the simulator's setting explains, not the vendor; `fact`
    is the contract's name of it, where the vendor's words alone do not tell which of several it is.
    """

    advice = ""
    fact = ""


class WrongSetting(ValueError):
    """A scenario sets what changes nothing at a vendor; `at` leads to it from the settings' top."""

    def __init__(self, message: str, *at: str | int) -> None:
        super().__init__(message)
        self.at = at


class UnknownSetting(ValueError):
    """A scenario sets what a vendor does not have."""

    def __init__(self, vendor: str, name: str, known: Collection[str]) -> None:
        near = get_close_matches(name[:60], known, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        super().__init__(f"{vendor} has no setting {name[:60]!r}; {hint}known: {', '.join(known)}")


class NothingSelected(Rejection):
    """A request to a path where several operations live, whose parameters select none of them."""


class MissingSlash(Rejection):
    """A path that would answer with a slash at its end."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request as a handler sees it: in which world, with its parameters read.

    A handler notes in `losses` what of the request it drops, where the answer tells success all the same.
    """

    world: World
    request: Request
    form: Form
    losses: list[Loss] = field(default_factory=list, kw_only=True)


@dataclass(frozen=True, slots=True)
class CustomerVisit(Visit):
    """A visit by somebody whose credential opened an account."""

    account: Account


Handler = Callable[..., Answer]

NOT_SELECTED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Route:
    """One handler and where it lives; a public one asks for no credential.

    Of several at one path, that one answers whose `select` holds: each parameter there with its value, whose
    case does not matter, or with any value at all for `*`. The most particular one wins.
    """

    operation: str
    verbs: tuple[str, ...]
    path: str
    handler: Handler
    public: bool = False
    select: tuple[tuple[str, str], ...] = ()

    def selected_by(self, form: Form) -> bool:
        """Tell whether the parameters of a request select this one."""
        told = {name: form.get(name) or "" for name, _ in self.select}
        return all(told[name] and value in ("*", told[name].lower()) for name, value in self.select)


class Routes:
    """A vendor's handlers, collected by decorators; paths are Werkzeug rules below `prefix`.

    With `append_slash` a path that lacks its final slash is refused as MissingSlash.
    """

    def __init__(self, prefix: str = "", append_slash: bool = False) -> None:
        self.prefix = prefix
        self.append_slash = append_slash
        self.entries: list[Route] = []

    def get(self, path: str, operation: str, public: bool = False) -> Callable[[Handler], Handler]:
        """Serve GET (and so HEAD) at `path`."""
        return self.on(("GET",), path, operation, public)

    def post(self, path: str, operation: str) -> Callable[[Handler], Handler]:
        """Serve POST at `path`."""
        return self.on(("POST",), path, operation)

    def on(
        self,
        verbs: tuple[str, ...],
        path: str,
        operation: str,
        public: bool = False,
        select: Mapping[str, str] = NOT_SELECTED,
    ) -> Callable[[Handler], Handler]:
        """Serve any of `verbs` at `path`, where others may live with another `select`."""

        def keep(handler: Handler) -> Handler:
            route = Route(operation, verbs, self.prefix + path, handler, public, tuple(select.items()))
            self.entries.append(route)
            return handler

        return keep


def _stage_nothing(name: str, _facts: Mapping[str, str]) -> Exception:
    raise KeyError(name)


@dataclass(frozen=True)
class Vendor:
    """One vendor: where it answers, how it speaks, what it says of events on the network.

    `sure` names the fact that a refusal tells by the contract's name, with how sure the vendor's words for it
    are: `call_unknown [inferred]`, or nothing where the words tell it.

    `staged` gives the error that is told as a refusal which a tester asks for by its name in the contract,
    of what a request says in path and parameters, or raises KeyError.

    `credential` reads the key a request presents or raises MissingCredential; `refuse` puts a telephony
    error, a Rejection or a Werkzeug HTTP error into the vendor's words (the account is None when it is not
    known); `number`, `issues`, `new_credential`, `check_profile`, `furnish`, `outfit` and `announce` are what
    the core asks of an operator, `adapt` where a change of settings needs more than that they are read
    anew, `hear` where clients subscribe to what happens, `missign` where callbacks are signed, `weigh` where
    clients are asked for leave, and `vocabulary` the words of the vendor that scenarios may use;
    `credentials` gives what a client needs to get in, as the ready file prints it, and `try_it` a command
    line to begin with; with `keyed_campaigns` each campaign has a credential of its own; `callees` name the
    parameters, in small letters, that hold whom a request is about, in forms and at any depth of JSON, the
    most telling first; `rewrite` maps spellings of
    a path to the one routed; `edition` tells which edition of the vendor's API an account uses, where the
    contract tells several apart; a host `*.example.com` stands for every name right below it; with
    `json_by_shape` a body that looks like JSON is no form, whatever its content type says; a `largest_body`
    in bytes is taken where it is more than anybody's, though never more than an upload; `urls` are the paths
    in which clients' settings of it end, by the name that they have in an environment (`API_URL`).
    """

    name: str
    title: str
    hosts: tuple[str, ...]
    routes: Routes
    credential: Callable[[Request, Form], str]
    refuse: Callable[[Exception, Request, Account | None], Answer]
    number: Callable[[str, datetime, int], Ref]
    issues: Callable[[str], bool]
    furnish: Callable[[World, Account], None]
    announce: Callable[[Event], Iterable[CallbackRequest]]
    outfit: Callable[[Campaign], None]
    credentials: Callable[[Account], Mapping[str, Any]]
    new_credential: Callable[[int], str]
    check_profile: Callable[[Mapping[str, Any]], None]
    limits: tuple[Limit, ...] = ()
    callees: tuple[str, ...] = ()
    rewrite: Callable[[str], str] = field(default=str)
    edition: Callable[[Account], str | None] = field(default=lambda _account: None)
    vocabulary: Vocabulary = field(default=Vocabulary())
    missign: Callable[[CallbackRequest, Signing], CallbackRequest] = field(
        default=lambda request, _signing: request
    )
    adapt: Callable[[World, Account], None] = field(default=lambda _world, _account: None)
    hear: Callable[[World, News], Iterable[Notice]] = field(default=lambda _world, _news: ())
    weigh: Callable[[Call, int | None, Any], bool | None] = field(
        default=lambda _call, status, reply: weigh_status(status, reply)
    )
    try_it: Callable[[str, Mapping[str, Any]], str] = field(default=lambda _base, _credentials: "")
    json_by_shape: bool = False
    keyed_campaigns: bool = False
    largest_body: int = 0
    urls: Mapping[str, str] = field(default_factory=dict)
    sure: Callable[[Exception, Request, Account | None], str] = field(default=lambda *_asked: "")
    staged: Callable[[str, Mapping[str, str]], Exception] = field(default=_stage_nothing)

    def read_form(self, request: Request) -> Form:
        """Return the parameters of a request; raises MalformedForm."""
        shaped = self.json_by_shape and find_json(request.body) is not None
        no_form = shaped or request.method in BODILESS
        return read_form(request.query, "" if no_form else request.content_type, request.body)
