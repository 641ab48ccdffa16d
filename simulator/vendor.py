"""What a vendor is: the whole plug point."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import Blueprint, Flask
from msgspec import Struct

from simulator.exchange import Answer, Loss, RateLimitHit, Request
from simulator.formats.forms import BODILESS, NO_FORM, Form, MalformedForm, read_form
from simulator.formats.json_text import find_json
from simulator.refusal_catalogue import RefusalCatalogue, Refusals, Wording
from simulator.telephony.accounts import Account
from simulator.telephony.errors import TelephonyError
from simulator.telephony.limits import Limit
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.operators import Operator
from simulator.telephony.world import World
from simulator.vendor_settings import Settings, read_settings

LOCAL_RECEIVER = "http://hook.localhost:PORT"
"""A receiver of callbacks on this machine, by a name that every vendor takes: a dotted one."""


class Rejection(Exception):
    """A request that a vendor turns down before the network is asked; vendors derive their own.

    `advice` tells a tester what to do about one that the simulator's setting explains, not the vendor.
    """

    advice = ""


class Refused(Rejection):
    """A request that is turned down for a `fact` of the vendor's refusals.toml, with the details of it."""

    def __init__(self, fact: str, **details: object) -> None:
        super().__init__(f"{fact} {details}" if details else fact)
        self.fact = fact
        self.details = details


OnDemand = Callable[[Mapping[str, str]], Exception]
"""What makes the error behind a refusal on demand, of a request's parameters."""


def find_fact(error: Exception, catalogue: RefusalCatalogue[Any]) -> Refused | None:
    """Return as which fact an error is told, with its details; None for one that has no name there.

    An error of the network is told as its class says, or the nearest above that says something.
    """
    if isinstance(error, Refused):
        return error
    names = (kind.__name__ for kind in type(error).__mro__ if issubclass(kind, TelephonyError))
    if (name := next((name for name in names if name in catalogue.facts), None)) is None:
        return None
    fact = catalogue.facts[name]
    details = catalogue[fact].errors[name]
    return Refused(fact, **{detail: getattr(error, held) for detail, held in details.items()})


class NothingSelected(Rejection):
    """A request to a path where several operations live, whose parameters select none of them."""


class MissingSlash(Rejection):
    """A path that would answer with a slash at its end."""


class RequestContext(Struct, kw_only=True):
    """One request on its way through a vendor: in which world, what it says, and what is found out about it.

    A handler notes in `losses` what of the request it drops, where the answer tells success all the same.
    `variables` are those of the path. Where nobody answers, `operation` is None and `misfit` tells why; of
    several operations at a path, that is `shared`, the parameters choose. A request that was `refused` for a
    `fact` that the vendor names is found by that name in the contract; `rule` is what the simulator has to
    say of it, and it is told to an `addressee`, where that is known. A `newcomer` was let in with a key that
    nobody had handed out. One that is `quiet` was sent by no client: no limit counts it, and the account
    learns nothing from it.
    """

    world: World
    request: Request
    form: Form = NO_FORM
    malformed: MalformedForm | None = None
    operation: str | None = None
    endpoint: str = ""
    variables: Mapping[str, Any] = {}
    misfit: Exception | None = None
    shared: bool = False
    credential: str | None = None
    customer: Account | None = None
    newcomer: bool = False
    quiet: bool = False
    rule: str | None = None
    rate_limit: RateLimitHit | None = None
    refused: bool = False
    addressee: Account | None = None
    fact: str = ""
    losses: list[Loss] = []

    @property
    def account(self) -> Account:
        """The account that the credential opened; an operation that asks for none must not ask for this."""
        if self.customer is None:
            raise LookupError(f"{self.operation} asks for no credential, so there is no account")
        return self.customer

    def note_range(self, since: date | None, until: date | None, place: str) -> None:
        """Note the loss of every row where a filter ends, at `place`, before it begins."""
        if since is not None and until is not None and until < since:
            self.losses.append(Loss("range_reversed", place, f"{until} at the end, {since} at the beginning"))


Handler = Callable[..., Answer]


class Route(NamedTuple):
    """Where an operation is found: verbs and path, whether it asks for no credential, and `reads` alone."""

    operation: str
    verbs: tuple[str, ...]
    path: str
    public: bool = False
    reads: bool = False


HOOKS: Mapping[str, str] = MappingProxyType(
    {
        "before_request": "before_request_funcs",
        "after_request": "after_request_funcs",
        "teardown_request": "teardown_request_funcs",
        "url_value_preprocessor": "url_value_preprocessors",
    }
)
"""What takes hooks of Flask around an operation, and where they are kept by blueprint."""


class VendorBlueprint(Blueprint):
    """A vendor's operations: endpoints are named by them, and nothing is there that nobody wrote.

    `rules` lists them. Paths are Werkzeug rules below `prefix`. With `append_slash` a path that lacks its
    final slash is refused as MissingSlash. Each application registers a copy, which takes error handlers and
    hooks of its own until the first request.
    """

    _app: Flask | None = None

    def __init__(self, name: str, prefix: str = "", append_slash: bool = False) -> None:
        super().__init__(name, __name__, url_prefix=prefix or None)
        self.append_slash = append_slash
        self.rules: list[Route] = []

    def register(self, app: Any, options: dict[str, Any]) -> None:
        """Become one of an application's blueprints, whose error handlers and hooks are kept there."""
        super().register(app, options)
        self.error_handler_spec = {None: app.error_handler_spec[self.name]}
        for kept in HOOKS.values():
            setattr(self, kept, {None: getattr(app, kept)[self.name]})
        self._app = app

    def _check_setup_finished(self, f_name: str) -> None:
        """Refuse what comes too late to count, as Flask does."""
        if self._app is not None and f_name in ("errorhandler", "register_error_handler", *HOOKS):
            self._app._check_setup_finished(f_name)  # noqa: SLF001 - which is how Flask asks itself
        else:
            super()._check_setup_finished(f_name)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Any = None,
        provide_automatic_options: bool | None = False,
        *,
        public: bool = False,
        reads: bool = False,
        **options: Any,
    ) -> None:
        """Serve a path by a handler, and by no other verbs than said (and HEAD with GET)."""
        operation = endpoint or view_func.__name__
        verbs = tuple(options.get("methods", ("GET",)))
        self.rules.append(Route(operation, verbs, (self.url_prefix or "") + rule, public, reads))
        super().add_url_rule(rule, operation, view_func, provide_automatic_options, **options)

    def public(self, path: str) -> Callable[[Handler], Handler]:
        """Serve GET at `path` to anybody, without a credential."""

        def keep(handler: Handler) -> Handler:
            self.add_url_rule(path, view_func=handler, public=True)
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

    blueprint: VendorBlueprint
    """Its operations."""

    key_form: re.Pattern[str]
    """What a credential that it hands out looks like as a whole."""

    settings: type[Settings] = Settings
    """What its accounts may have set differently; none by default."""
    refusals: RefusalCatalogue[Any] = RefusalCatalogue(Refusals)
    """How it words each fact that it refuses a request for, by the name that its contract has for it."""

    on_demand: Mapping[str, OnDemand] = MappingProxyType({})
    """The errors behind facts that are more than words, such as limits, by fact."""

    limits: tuple[Limit, ...] = ()
    """Its documented limits."""

    callees: tuple[str, ...] = ()
    """The parameters, in small letters, that hold whom a request is about, in forms and at any depth of JSON,
    the most telling first."""

    urls: Mapping[str, str] = MappingProxyType({})
    """The paths in which clients' settings of it end, by the name they have in an environment (`API_URL`)."""

    receiver = LOCAL_RECEIVER
    """How the vendor can be told of a receiver of callbacks on this machine, whatever its path."""

    json_by_shape = False
    """Whether a body that looks like JSON is no form, whatever its content type says."""

    sends_date = False
    """Whether its answers are known to have a Date, which is by the world's clock."""

    largest_body = 0
    """Bytes of a body that are taken where it is more than anybody's, though never more than an upload."""

    def check_profile(self, profile: Mapping[str, Any]) -> None:
        """Raise WrongSetting for the first setting that does not exist or has a wrong value."""
        self.check_settings(read_settings(self.settings, self.name, profile))

    def check_settings(self, settings: Any) -> None:
        """Raise WrongSetting for a value of `settings` that only the vendor can judge; none by default."""

    def doubts_about(self, profile: Mapping[str, Any]) -> Iterable[tuple[tuple[str | int, ...], str]]:
        """Return what of a profile that can be used is left undone; see `find_doubts`."""
        return self.find_doubts(read_settings(self.settings, self.name, profile))

    def find_doubts(self, settings: Any) -> Iterable[tuple[tuple[str | int, ...], str]]:
        """Return each place in `settings` with what of it is not simulated; nothing by default."""
        del settings
        return ()

    def accepts_credential(self, credential: str) -> bool:
        """Return whether a credential has the form of those it hands out."""
        return self.key_form.fullmatch(credential) is not None

    def credential(self, request: Request, form: Form) -> str:
        """Return the key that a request presents; raises MissingCredential or MalformedCredential."""
        raise NotImplementedError

    def refusal(self, error: Exception, request: Request, account: Account | None) -> Answer:
        """Put a telephony error, a Rejection, a MalformedForm or an HTTP error into the vendor's words.

        An application has it as the blueprint's handler of them. The account is None when it is not known.
        """
        raise NotImplementedError

    def refused(self, error: Exception, request: Request, account: Account | None) -> Refused | None:
        """Return as which fact of `refusals` an error is told, with its details.

        None where it has no name there, or is several facts at once, which the words tell.
        """
        del request, account
        return find_fact(error, self.refusals)

    def wording(self, fact: str, account: Account | None) -> Wording:
        """Return how a fact is told to an account; raises KeyError for one that there is not."""
        del account
        wording: Wording = self.refusals[fact]
        return wording

    def provenance_of(self, error: Exception, request: Request, account: Account | None) -> str:
        """Return the contract's name of a refusal and how sure its words are: `call_unknown [inferred]`.

        Nothing where the words themselves tell it.
        """
        if (refused := self.refused(error, request, account)) is None:
            return ""
        return f"{refused.fact} [{self.wording(refused.fact, account).provenance}]"

    def operations(self) -> Iterable[Route]:
        """Return each operation with the verbs and paths that lead to it; several may share one."""
        return self.blueprint.rules

    def select(self, context: RequestContext) -> str:
        """Return the operation that a request selects of those at its endpoint; by default there is just one.

        Raises NothingSelected, or MethodNotAllowed for a verb that the one selected does not take.
        """
        return context.endpoint

    def staged_refusal(self, name: str, parameters: Mapping[str, str]) -> Exception:
        """Return the error behind a refusal that is asked for by its name in the contract.

        `parameters` are what the request says, those in its path included. Raises KeyError for a name without
        words.
        """
        if name in self.on_demand:
            return self.on_demand[name](parameters)
        return Refused(name, **self.refusals.examples(name, parameters))

    def credentials(self, account: Account) -> Mapping[str, Any]:
        """Return what a client of an account needs to get in, as the ready file holds it."""
        raise NotImplementedError

    def fitting(self, operation: str, credentials: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the credentials as they are for an operation that takes only some; all alike by default."""
        del operation
        return credentials

    def try_it(self, base_url: str, credentials: Mapping[str, Any]) -> str:
        """Return a shell command to begin with; none by default."""
        del base_url, credentials
        return ""

    def questions(self, world: World, call: AnyCall) -> Iterable[Request]:
        """Yield the requests by which a client asks what became of a call of its own; none by default.

        Each only reads: answering it changes nothing.
        """
        del world, call
        return ()

    def recordings(self, call: AnyCall) -> Iterable[Request]:
        """Yield the requests that are answered with the recordings of a call; none by default."""
        del call
        return ()

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
