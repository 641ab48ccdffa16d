"""A vendor's own application: its routes, and one place where refusals get its words.

Routed by Werkzeug alone: a Flask context around a handler that never looks at it cost more than the handler.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from simulator.exchange import Answer, Request
from simulator.formats.forms import Form, MalformedForm
from simulator.telephony.accounts import Account
from simulator.telephony.errors import TelephonyError, TooManyRequests
from simulator.telephony.world import World
from simulator.vendor import CustomerVisit, MissingSlash, Rejection, Route, Vendor, Visit
from simulator.web.guard import check_outgoing


@dataclass(slots=True)
class Arrival:
    """One request on its way through a vendor's application, and what is found out about it there."""

    world: World
    request: Request
    form: Form | MalformedForm
    account: Account | None = None
    rule: str | None = None


class VendorApp:
    """A vendor ready to answer; holds no world, so one serves all of them."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        routes = vendor.routes.entries
        rules = [Rule(route.path, endpoint=route, methods=route.verbs) for route in routes]
        self._routes = Map(rules, merge_slashes=False).bind(vendor.name)
        self._plain = {
            (verb, route.path): route for route in routes if "<" not in route.path for verb in route.verbs
        }

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
        except (TelephonyError, Rejection, MalformedForm, HTTPException) as error:
            arrival.rule = _rule_of(error)
            answer = self.refuse(error, arrival.request, arrival.account)
        check_outgoing(answer.headers)
        return answer

    def refuse(self, error: Exception, asked: Request, account: Account | None = None) -> Answer:
        """Put an error into the vendor's words."""
        return self.vendor.refuse(error, asked, account)

    def _handle(self, arrival: Arrival) -> Answer:
        route, variables = self._route_of(arrival)
        world, asked, form = arrival.world, arrival.request, arrival.form
        if isinstance(form, MalformedForm):
            raise form
        if route.public:
            return route.handler(Visit(world, asked, form), **variables)
        credential = self.vendor.credential(asked, form)
        facts = {**{field.name: field.value for field in form.fields}, **variables, "key": credential}
        world.limits.ask(f"{self.name}.{route.operation}", facts, world.clock.now)
        account = arrival.account = world.admit(self.name, credential)
        account.reached_at = asked.base
        return route.handler(CustomerVisit(world, asked, form, account), **variables)

    def _route_of(self, arrival: Arrival) -> tuple[Route, dict[str, Any]]:
        """Find who answers; raises Werkzeug's errors, MissingSlash, and MalformedForm before a 404 or 405."""
        path, verb = self.vendor.rewrite(arrival.request.path), arrival.request.method
        if (plain := self._plain.get((verb, path))) is not None:  # most requests need no pattern
            return plain, {}
        try:
            route, variables = self._routes.match(path, verb)
            return route, dict(variables)
        except RequestRedirect:  # Werkzeug would redirect in words that are not the vendor's
            raise (MissingSlash() if self.vendor.routes.append_slash else NotFound()) from None
        except HTTPException as error:
            if isinstance(arrival.form, MalformedForm):
                raise arrival.form from None
            if isinstance(error, NotFound) and self._lacks_slash(path):
                raise MissingSlash from None
            raise

    def _lacks_slash(self, path: str) -> bool:
        """Tell whether something lives at the path with a slash more, by any verb: so Django asks."""
        return self.vendor.routes.append_slash and bool(self._routes.allowed_methods(path + "/"))


def _rule_of(error: Exception) -> str:
    """Name what refused a request, for the marker header."""
    if isinstance(error, TooManyRequests):
        return f"limit: {error.limit}"
    return f"refusal: {type(error).__name__}"
