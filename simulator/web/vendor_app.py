"""A vendor's own application: its routes, and one place where refusals get its words.

Routed by Werkzeug alone: a Flask context around a handler that never looks at it cost more than the handler.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import Map, RequestRedirect, Rule

from simulator.exchange import Answer, Haste, Request
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

Neighbours = tuple[Route, ...]
"""The routes that share verb and path, the most particular first; nearly always one."""


@dataclass(slots=True)
class Arrival:
    """One request on its way through a vendor's application, and what is found out about it there."""

    world: World
    request: Request
    form: Form | MalformedForm
    account: Account | None = None
    rule: str | None = None
    haste: Haste | None = None

    @property
    def visitor(self) -> str | None:
        """A fingerprint of the account, or None where nobody was let in."""
        return _fingerprint(self.account.credential) if self.account is not None else None


class VendorApp:
    """A vendor ready to answer; holds no world, so one serves all of them."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self._plain: dict[tuple[str, str], Neighbours] = {}
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

    def answer(self, arrival: Arrival) -> Answer:
        """Answer one request; what the vendor refuses is noted in `arrival.rule`.

        An exception that is no refusal passes through: it is a bug of ours, and the caller's to report. So is
        a header that would break out of its line.
        """
        try:
            answer = self._handle(arrival)
            arrival.rule = answer.remark
        except (TelephonyError, Rejection, MalformedForm, HTTPException) as error:
            account = self._spoken_to(arrival)
            arrival.rule = self.rule_of(error, arrival.request, account)
            if isinstance(error, TooManyRequests | TooManyCallsToNumber):
                arrival.haste = Haste(_fingerprint(*error.key), error.retry_after)
            answer = self.refuse(error, arrival.request, account)
            if isinstance(error, TooManyRequests) and error.reply is not None:
                answer = reword(error.reply, answer)
        check_outgoing(answer.headers)
        return answer

    def refuse(self, error: Exception, asked: Request, account: Account | None = None) -> Answer:
        """Put an error into the vendor's words."""
        return self.vendor.refuse(error, asked, account)

    def rule_of(self, error: Exception, asked: Request, account: Account | None = None) -> str:
        """Name what refused a request, and where the vendor tells it how sure its words are, for a header."""
        told = self.vendor.sure(error, asked, account) or getattr(error, "advice", "")
        if isinstance(error, TooManyRequests) and error.reply is not None:
            return f"scenario: limit {error.limit}"
        if isinstance(error, TooManyRequests):
            return f"limit: {error.limit}{told and f', {told}'}"
        advice = self._advice(error, asked)
        return f"refusal: {told or type(error).__name__}{f'; {advice}' if advice else ''}"

    def _advice(self, error: Exception, asked: Request) -> str | None:
        """Say what in a request probably brought an error about, where the vendor's words cannot."""
        if isinstance(error, NotFound):
            return self.missing_prefix(asked.path)
        if isinstance(error, RequestEntityTooLarge):
            return error.description
        if isinstance(error, MissingCredential):
            for name in (name for name, _ in asked.headers if "_" in name):
                if (meant := name.replace("_", "-")).lower() in self.vendor.secrets:
                    return f"the header {name} is not {meant}: no vendor was seen to take it"
        return None

    def knows(self, path: str) -> bool:
        """Tell whether something lives at a path, by any verb, of which at least the last step is a name."""
        spelt = self.vendor.rewrite(path)
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
        routes, variables = self._routes_of(arrival)
        world, asked, form = arrival.world, arrival.request, arrival.form
        if isinstance(form, MalformedForm):
            raise form
        route = routes[0] if not routes[0].select else self._select(arrival, routes, form)
        if route.public:
            return route.handler(Visit(world, asked, form), **variables)
        credential = self.vendor.credential(asked, form)
        facts = {**form.values, **variables, "key": credential}
        world.limits.ask(f"{self.name}.{route.operation}", facts, world.clock.now)
        account = arrival.account = world.admit(self.name, credential)
        account.reached_at = asked.base
        if form.files:
            _check_room(world, form)
        return route.handler(CustomerVisit(world, asked, form, account), **variables)

    def _routes_of(self, arrival: Arrival) -> tuple[Neighbours, dict[str, Any]]:
        """Find who answers; raises Werkzeug's errors and MissingSlash, however bad the form is."""
        path, verb = self.vendor.rewrite(arrival.request.path), arrival.request.method
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

    def _select(self, arrival: Arrival, routes: Neighbours, form: Form) -> Route:
        """Choose among operations at one path; only whoever is let in learns that none is selected."""
        verb = "GET" if arrival.request.method == "HEAD" else arrival.request.method
        found = [route for route in routes if route.selected_by(form)]
        for route in found:
            if verb in route.verbs:
                return route
        credential = self.vendor.credential(arrival.request, form)
        arrival.account = arrival.world.admit(self.name, credential)
        raise MethodNotAllowed(found[0].verbs) if found else NothingSelected

    def _spoken_to(self, arrival: Arrival) -> Account | None:
        """Return whom a refusal is told to: the account behind the key, else a nobody as the world has it."""
        if arrival.account is not None:
            return arrival.account
        world = arrival.world
        with suppress(TelephonyError, Rejection):
            form = arrival.form if isinstance(arrival.form, Form) else Form()
            credential = self.vendor.credential(arrival.request, form)
            if (account := world.find_account(self.name, credential)) is not None:
                return account
        profile = world.rules.profiles.get(self.name)
        return Account("nobody", self.name, "", world.clock.now, profile=profile) if profile else None

    def _lacks_slash(self, path: str) -> bool:
        """Tell whether something lives at the path with a slash more, by any verb: so Django asks."""
        return self.vendor.routes.append_slash and bool(self._routes.allowed_methods(path + "/"))


def _check_room(world: World, form: Form) -> None:
    """Raise RequestEntityTooLarge for an upload that the world's clips leave no room for."""
    kept, more = world.clips.size, sum(len(upload.body) for upload in form.files)
    if kept + more > world.clips.MOST_BYTES:
        most = world.clips.MOST_BYTES // 1_000_000
        raise RequestEntityTooLarge(f"the simulator keeps {most} MB of uploads a world; delete some")


def places(vendor: Vendor) -> Iterator[tuple[str, tuple[str, ...], Neighbours]]:
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
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
