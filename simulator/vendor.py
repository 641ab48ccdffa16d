"""What a vendor is: the whole plug point."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from simulator.exchange import Answer, Loss, Request
from simulator.formats.forms import BODILESS, Form, read_form
from simulator.formats.json_text import find_json
from simulator.telephony.accounts import Account
from simulator.telephony.limits import Limit
from simulator.telephony.operators import Operator
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


class Vendor(Operator[World]):
    """One vendor: where it answers, how it speaks, what it says of events on the network.

    A vendor is a class below this one, and `simulator.vendors.<name>.vendor` its one instance. It gives what
    is declared here without a value, and overrides what does not hold for it.
    """

    title: str
    """The name for people."""

    hosts: tuple[str, ...]
    """Where the vendor itself answers; `*.example.com` stands for every name right below it."""

    routes: Routes
    """Its handlers."""

    limits: tuple[Limit, ...] = ()
    """Its documented limits."""

    callees: tuple[str, ...] = ()
    """The parameters, in small letters, that hold whom a request is about, in forms and at any depth of JSON,
    the most telling first."""

    urls: Mapping[str, str] = MappingProxyType({})
    """The paths in which clients' settings of it end, by the name they have in an environment (`API_URL`)."""

    json_by_shape = False
    """Whether a body that looks like JSON is no form, whatever its content type says."""

    largest_body = 0
    """Bytes of a body that are taken where it is more than anybody's, though never more than an upload."""

    def credential(self, request: Request, form: Form) -> str:
        """Return the key that a request presents; raises MissingCredential or MalformedCredential."""
        raise NotImplementedError

    def refusal(self, error: Exception, request: Request, account: Account | None) -> Answer:
        """Put a telephony error, a Rejection or an HTTP error into the vendor's words.

        The account is None when it is not known.
        """
        raise NotImplementedError

    def provenance_of(self, error: Exception, request: Request, account: Account | None) -> str:
        """Return the contract's name of a refusal and how sure its words are: `call_unknown [inferred]`.

        Nothing where the words themselves tell it.
        """
        del error, request, account
        return ""

    def staged_refusal(self, name: str, facts: Mapping[str, str]) -> Exception:
        """Return the error behind a refusal that is asked for by its name in the contract.

        `facts` are what the request says in path and parameters. Raises KeyError for a name without words.
        """
        del facts
        raise KeyError(name)

    def credentials(self, account: Account) -> Mapping[str, Any]:
        """Return what a client of an account needs to get in, as the ready file holds it."""
        raise NotImplementedError

    def try_it(self, base_url: str, credentials: Mapping[str, Any]) -> str:
        """Return a shell command to begin with; none by default."""
        del base_url, credentials
        return ""

    def canonical_path(self, path: str) -> str:
        """Return the path that is routed, of one that may be spelt otherwise."""
        return path

    def edition(self, account: Account) -> str | None:
        """Return the edition of the API that an account uses, where the contract tells several apart."""
        del account
        return None

    def read_form(self, request: Request) -> Form:
        """Return the parameters of a request; raises MalformedForm."""
        shaped = self.json_by_shape and find_json(request.body) is not None
        no_form = shaped or request.method in BODILESS
        return read_form(request.query, "" if no_form else request.content_type, request.body)
