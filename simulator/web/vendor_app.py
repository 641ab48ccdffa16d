"""A vendor's own application: its routes, and one place where refusals get its words.

Routed by Werkzeug alone: a Flask context around a handler that never looks at it cost more than the handler.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import Map, RequestRedirect, Rule

from simulator.exchange import Answer, RateLimitHit, Request
from simulator.formats.forms import Form, MalformedForm
from simulator.telephony.accounts import Account
from simulator.telephony.errors import (
    MissingCredential,
    TelephonyError,
    TooManyCallsToNumber,
    TooManyRequests,
)
from simulator.telephony.world import World
from simulator.vendor import CustomerVisit, MissingSlash, NothingSelected, Rejection, Route, Vendor, Visit
from simulator.web.base_urls import TWICE, missing_prefix
from simulator.web.faults import reword
from simulator.web.guard import check_outgoing

Subscribers = tuple[Route, ...]
"""The routes that share verb and path, the most particular first; nearly always one."""


CREDENTIAL_HEADERS = frozenset({"x-api-key", "api-key", "authorization"})


@dataclass(slots=True)
class Arrival:
    """One request on its way through a vendor's application, and what is found out about it there.

    `route` is who answers it, and `misfit` why nobody does; both are None until it has been located. It is
    `shared` where several operations live at its path, and its parameters choose among them. One that was
    `refused` for a `fact` that the vendor names is found by that name in the contract. A `newcomer` was let
    in with a key that nobody had handed out.
    """

    world: World
    request: Request
    form: Form | MalformedForm
    account: Account | None = None
    rule: str | None = None
    rate_limit: RateLimitHit | None = None
    route: Route | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    misfit: Exception | None = None
    shared: bool = False
    credential: str | None = None
    refused: bool = False
    fact: str = ""
    newcomer: bool = False

    @property
    def visitor(self) -> str | None:
        """A fingerprint of the account, or None where nobody was let in."""
        return _fingerprint(self.account.credential) if self.account is not None else None

    @property
    def operation(self) -> str | None:
        """The operation of the route that answers, or None where none does."""
        return self.route.operation if self.route is not None else None

    @property
    def fields(self) -> Form:
        """The parameters that could be read."""
        return self.form if isinstance(self.form, Form) else Form()


class VendorApp:
    """A vendor ready to answer; holds no world, so one serves all of them."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self._plain: dict[tuple[str, str], Subscribers] = {}
        rules = []
        for path, verbs, routes in places(vendor):
            rules.append(Rule(path, endpoint=routes, methods=verbs))
            if "<" not in path:
                self._plain |= {(verb, path): routes for verb in verbs}
        self._last_steps = {rule.rule.rstrip("/").rpartition("/")[2] for rule in rules}
        self._routes = Map(rules, merge_slashes=False).bind(vendor.name)

    @property
    def name(self) -> str:
        """The vendor's name."""
        return self.vendor.name

    def locate(self, arrival: Arrival) -> None:
        """Find out which route answers a request, or why none does, before anything happens to the world."""
        try:
            routes, arrival.variables = self._routes_of(arrival)
        except (HTTPException, Rejection, MalformedForm) as error:
            arrival.misfit = error
            return
        if not routes[0].select:
            arrival.route = routes[0]
            return
        arrival.shared = True
        verb = "GET" if arrival.request.method == "HEAD" else arrival.request.method
        selected = [route for route in routes if route.selected_by(arrival.fields)]
        arrival.route = next((route for route in selected if verb in route.verbs), None)
        if arrival.route is None:
            arrival.misfit = MethodNotAllowed(selected[0].verbs) if selected else NothingSelected()

    def presented(self, arrival: Arrival) -> str | None:
        """Return the credential that a request presents, whether or not it opens anything; None without."""
        with suppress(TelephonyError, Rejection):
            return self._credential(arrival)
        return None

    def answer(self, arrival: Arrival) -> Answer:
        """Answer one request; that the vendor refuses it is noted in `arrival`.

        An exception that is no refusal passes through: it is a bug of ours, and the caller's to report. So is
        a header that would break out of its line.
        """
        try:
            answer = self._handle(arrival)
            arrival.rule = answer.remark
        except (TelephonyError, Rejection, MalformedForm, HTTPException) as error:
            account = self._spoken_to(arrival)
            arrival.refused = True
            arrival.fact = self.vendor.provenance_of(error, arrival.request, account) or getattr(
                error, "fact", ""
            )
            arrival.rule = rule_of(error) or self._advice(error, arrival.request)
            if isinstance(error, TooManyRequests | TooManyCallsToNumber):
                arrival.rate_limit = RateLimitHit(_fingerprint(*error.key), error.retry_after)
            answer = self.refuse(error, arrival.request, account)
            if isinstance(error, TooManyRequests) and error.reply is not None:
                answer = reword(error.reply, answer)
        check_outgoing(answer.headers)
        return answer

    def refuse_on_demand(self, arrival: Arrival, name: str) -> Answer:
        """Refuse a request by a refusal's name in the contract; what was asked is not looked at otherwise.

        Raises KeyError for a name that the vendor has no words for.
        """
        facts: dict[str, str] = dict(arrival.fields.values)
        facts |= {variable: str(value) for variable, value in arrival.variables.items()}
        error = self.vendor.staged_refusal(name, facts)
        if isinstance(error, TooManyRequests | TooManyCallsToNumber):
            arrival.rate_limit = RateLimitHit(_fingerprint(*error.key), error.retry_after)
        return self.refuse(error, arrival.request, self._spoken_to(arrival))

    def refuse(self, error: Exception, asked: Request, account: Account | None = None) -> Answer:
        """Put an error into the vendor's words."""
        return self.vendor.refusal(error, asked, account)

    def _advice(self, error: Exception, asked: Request) -> str | None:
        """Say what in a request probably brought an error about, where the vendor's words cannot."""
        if isinstance(error, NotFound):
            return self.missing_prefix(asked.path)
        if isinstance(error, RequestEntityTooLarge):
            return error.description
        if isinstance(error, MissingCredential):
            for name in (name for name, _ in asked.headers if "_" in name):
                if (meant := name.replace("_", "-")).lower() in CREDENTIAL_HEADERS:
                    return f"the header {name} is not {meant}: no vendor was seen to take it"
        return None

    def knows(self, path: str) -> bool:
        """Tell whether something lives at a path, by any verb, of which at least the last step is a name."""
        spelt = self.vendor.canonical_path(path)
        spelt += "/" if self._lacks_slash(spelt) else ""
        last = spelt.rstrip("/").rpartition("/")[2]
        return last in self._last_steps and bool(self._routes.allowed_methods(spelt))

    def missing_prefix(self, path: str) -> str | None:
        """Say what is wrong with the base URL in front of a path where nothing lives, if that can be seen."""
        inner = path.removeprefix(f"/{self.name}")
        if inner != path and self.knows(inner):
            return TWICE.format(f"/{self.name}")
        return missing_prefix(path, self.vendor.urls.values(), self.knows)

    def _handle(self, arrival: Arrival) -> Answer:
        if arrival.route is None and arrival.misfit is None:
            self.locate(arrival)
        world, asked, route = arrival.world, arrival.request, arrival.route
        if route is None:
            raise self._misfit_of(arrival)
        if isinstance(arrival.form, MalformedForm):
            raise arrival.form
        if route.public:
            return _perform(route, Visit(world, asked, arrival.form), arrival.variables)
        credential = self._credential(arrival)
        facts = {**arrival.form.values, **arrival.variables, "key": credential}
        world.limits.ask(f"{self.name}.{route.operation}", facts, world.clock.now)
        account = self._admit(arrival, credential)
        account.reached_at = asked.base
        if arrival.form.files:
            _check_room(world, arrival.form)
        visit = CustomerVisit(world, asked, arrival.form, account)
        return _perform(route, visit, arrival.variables)

    def _admit(self, arrival: Arrival, credential: str) -> Account:
        known = arrival.world.find_account(self.name, credential)
        account = arrival.account = known or arrival.world.admit(self.name, credential)
        arrival.newcomer = known is None
        account.uninvited = account.uninvited or known is None
        return account

    def _misfit_of(self, arrival: Arrival) -> Exception:
        """Return why nobody answers; that no operation is selected only learns who is let in."""
        misfit = arrival.misfit or NotFound()
        if arrival.shared:
            if isinstance(arrival.form, MalformedForm):
                return arrival.form
            self._admit(arrival, self._credential(arrival))
        return misfit

    def _credential(self, arrival: Arrival) -> str:
        """Return the credential that a request presents, read once; raises what the vendor raises."""
        if arrival.credential is None:
            arrival.credential = self.vendor.credential(arrival.request, arrival.fields)
        return arrival.credential

    def _routes_of(self, arrival: Arrival) -> tuple[Subscribers, dict[str, Any]]:
        """Find who answers; raises Werkzeug's errors and MissingSlash, however bad the form is."""
        path, verb = self.vendor.canonical_path(arrival.request.path), arrival.request.method
        if (plain := self._plain.get((verb, path))) is not None:  # most requests need no pattern
            return plain, {}
        try:
            routes, variables = self._routes.match(path, verb)
            return routes, dict(variables)
        except RequestRedirect:  # Werkzeug would redirect in words that are not the vendor's
            raise (MissingSlash() if self.vendor.routes.append_slash else NotFound()) from None
        except HTTPException as error:
            if isinstance(error, NotFound) and self._lacks_slash(path):
                raise MissingSlash from None
            raise

    def _spoken_to(self, arrival: Arrival) -> Account | None:
        """Return whom a refusal is told to: the account behind the key, else a nobody as the world has it."""
        if arrival.account is not None:
            return arrival.account
        world = arrival.world
        with suppress(TelephonyError, Rejection):
            if (account := world.find_account(self.name, self._credential(arrival))) is not None:
                return account
        profile = world.rules.profiles.get(self.name)
        return Account("nobody", self.name, "", world.clock.now, profile=profile) if profile else None

    def _lacks_slash(self, path: str) -> bool:
        """Tell whether something lives at the path with a slash more, by any verb: so Django asks."""
        return self.vendor.routes.append_slash and bool(self._routes.allowed_methods(path + "/"))


def rule_of(error: Exception) -> str | None:
    """Name the limit that refused a request, or the setting of ours that did; the contract names the rest."""
    if isinstance(error, TooManyRequests):
        return f"scenario: limit {error.limit}" if error.reply is not None else f"limit: {error.limit}"
    return getattr(error, "advice", "") or None


def _perform(route: Route, visit: Visit, variables: Mapping[str, Any]) -> Answer:
    """Let a handler answer; what it noted as lost belongs to its answer."""
    answer = route.handler(visit, **variables)
    return replace(answer, losses=(*answer.losses, *visit.losses)) if visit.losses else answer


def _check_room(world: World, form: Form) -> None:
    """Raise RequestEntityTooLarge for an upload that the world's clips leave no room for."""
    kept, more = world.clips.size, sum(len(upload.body) for upload in form.files)
    if kept + more > world.clips.MOST_BYTES:
        most = world.clips.MOST_BYTES // 1_000_000
        raise RequestEntityTooLarge(f"the simulator keeps {most} MB of uploads a world; delete some")


def places(vendor: Vendor) -> Iterator[tuple[str, tuple[str, ...], Subscribers]]:
    """Yield each path with its verbs and who answers there, the most particular first."""
    shared: dict[str, list[Route]] = {}
    for route in vendor.routes.entries:
        if route.select:
            shared.setdefault(route.path, []).append(route)
        else:
            yield route.path, route.verbs, (route,)
    for path, routes in shared.items():
        verbs = tuple(dict.fromkeys(verb for route in routes for verb in route.verbs))
        yield path, verbs, tuple(sorted(routes, key=lambda route: -len(route.select)))


@lru_cache(maxsize=1_000)  # the same accounts ask again and again
def _fingerprint(*parts: str) -> str:
    """Return what tells things apart without saying what they are: secrets may be among them."""
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
