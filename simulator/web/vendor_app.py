"""A vendor as it answers: which operation a request asks for, and the one handler of what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from functools import cached_property, lru_cache
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, cast

from flask import Flask
from msgspec.structs import replace
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import MapAdapter, RequestRedirect

from simulator.exchange import Answer, RateLimitHit, Request
from simulator.formats.forms import Form, MalformedForm
from simulator.formats.json_text import MalformedJson, find_json, read_json
from simulator.telephony.accounts import Account
from simulator.telephony.errors import (
    MissingCredential,
    TelephonyError,
    TooManyCallsToNumber,
    TooManyRequests,
    UnknownCredential,
)
from simulator.telephony.world import World
from simulator.vendor import MissingSlash, NothingSelected, Rejection, RequestContext, Vendor
from simulator.web.error_handlers import ErrorHandlers
from simulator.web.faults import reword
from simulator.web.guard import check_outgoing
from simulator.web.own_functions import REFUSALS, OwnFunctions, is_operation, name_of
from simulator.web.signpost import TWICE, missing_prefix

CREDENTIAL_HEADERS = frozenset({"x-api-key", "api-key", "authorization"})

View = Callable[..., Answer]


class VendorApp:
    """A vendor ready to answer, registered with a Flask application: its operations, and who tells of errors.

    The operations are found below its name. Holds no world, so one serves all of them.
    """

    def __init__(self, vendor: Vendor, flask: Flask) -> None:
        self.vendor = vendor
        self.name = vendor.name
        blueprint = copy(vendor.blueprint)  # of this application alone
        flask.register_blueprint(blueprint, url_prefix=f"/{vendor.name}{blueprint.url_prefix or ''}")
        registered = blueprint.error_handler_spec[None][None]
        for kind in (kind for kind in REFUSALS if kind not in registered):
            blueprint.register_error_handler(kind, cast("Any", self._tell))
        self._handlers = ErrorHandlers(flask, blueprint.name, self._tell)
        self._own = OwnFunctions(flask, blueprint.name)
        self._functions: Mapping[str, Any] = flask.view_functions
        self._vendors = self._find_views()
        self._views: dict[str, View] = dict(self._vendors)
        self._public = {rule.operation for rule in blueprint.rules if rule.public}
        plain = [rule for rule in blueprint.rules if "<" not in rule.path]
        self._plain = {(verb, rule.path): rule.operation for rule in plain for verb in rule.verbs}
        self._last_steps = {rule.path.rstrip("/").rpartition("/")[2] for rule in blueprint.rules}
        self._url_map = flask.url_map

    @cached_property
    def _map(self) -> MapAdapter:
        """The map of paths, bound by the first request: Werkzeug loads a codec of a millisecond to do so."""
        return self._url_map.bind(self.name)

    def read(self, context: RequestContext) -> None:
        """Read path and parameters of a request, and find out which operation answers it, or why none does.

        Nothing happens to the world.
        """
        request = context.request
        path = self.vendor.canonical_path(request.path)
        if path != request.path:
            request = context.request = replace(request, path=path)
        try:
            context.form = self.vendor.read_form(request)
        except MalformedForm as error:
            context.malformed = error
        try:
            context.endpoint, context.variables = self._match(path, request.method)
        except (HTTPException, Rejection) as error:
            context.misfit = error
            return
        try:
            context.operation = self.vendor.select(context)
        except (NothingSelected, MethodNotAllowed) as error:
            context.misfit, context.shared = error, True

    def presented(self, context: RequestContext) -> str | None:
        """Return the credential that a request presents, whether or not it opens anything; None without."""
        if context.credential is None:
            with suppress(TelephonyError, Rejection):
                return self._credential(context)
        return context.credential

    def answer(self, context: RequestContext) -> Answer:
        """Answer one request that was read; that the vendor refuses it is noted in `context`.

        An exception that is no refusal passes through: it is a bug of ours, and the caller's to report. So is
        a header that would break out of its line.
        """
        try:
            answer = self._handle(context)
            context.rule = answer.remark
        except REFUSALS as error:
            context.refused, context.addressee = True, self._spoken_to(context)
            context.fact = self.vendor.provenance_of(error, context.request, context.addressee)
            context.rule = rule_of(error) or self._advice(error, context.request)
            if isinstance(error, TooManyRequests | TooManyCallsToNumber):
                context.rate_limit = RateLimitHit(_fingerprint(*error.key), error.retry_after)
            answer = self.refuse(error, context)
        check_outgoing(answer.headers)
        return answer

    def refuse_on_demand(self, context: RequestContext, name: str) -> Answer:
        """Refuse a request by a refusal's name in the contract; what was asked is not looked at otherwise.

        Raises KeyError for a name that the vendor has no words for.
        """
        parameters = first_values(context.request.body) | dict(context.form.values)
        parameters |= {variable: str(value) for variable, value in context.variables.items()}
        error = self.vendor.staged_refusal(name, parameters)
        if isinstance(error, TooManyRequests | TooManyCallsToNumber):
            context.rate_limit = RateLimitHit(_fingerprint(*error.key), error.retry_after)
        context.addressee = self._spoken_to(context)
        return self.refuse(error, context)

    def begin(self) -> bool:
        """Note that the first request is there, after which Flask takes no more views and handlers.

        Returns whether any handler is somebody's, and may take its time.
        """
        views = self._find_views()
        others = {name: view for name, view in views.items() if view != self._vendors[name]}
        self._views = {**views, **{name: self._stand_in(view) for name, view in others.items()}}
        self._handlers.complete = True
        return bool(others) or self._handlers.has_others()

    def _find_views(self) -> dict[str, View]:
        """Return by operation the view that the application has for it."""
        operations = (rule.operation for rule in self.vendor.blueprint.rules)
        return {operation: self._functions[f"{self.name}.{operation}"] for operation in operations}

    def _stand_in(self, view: Any) -> View:
        """Return a view of somebody's own as an operation; who tells of a class of errors tells of its."""

        def stand_in(context: RequestContext, **variables: Any) -> Answer:
            aware = is_operation(view, variables)
            known = (context,) if aware else ()
            try:
                answer = self._own.answer(
                    view, context.request, aware, lambda call: call(*known, **variables)
                )
            except REFUSALS:
                raise
            except Exception as error:
                if (tell := self._handlers.find_others(error)) is None:
                    raise
                return replace(tell(error, context), remark=context.rule)
            return replace(answer, remark=f"view: {name_of(view)}")

        return stand_in

    def refuse(self, error: Exception, context: RequestContext) -> Answer:
        """Answer an error by its handler: in the vendor's words, unless somebody has put another there."""
        return self._handlers.find(error)(error, context)

    def _tell(self, error: Exception, context: RequestContext) -> Answer:
        """Put an error into the vendor's words, or into those that a scenario has for a limit of its own."""
        answer = self.vendor.refusal(error, context.request, context.addressee)
        if isinstance(error, TooManyRequests) and error.reply is not None:
            return reword(error.reply, answer)
        return answer

    def _advice(self, error: Exception, request: Request) -> str | None:
        """Return what in a request probably brought an error about, where the vendor's words cannot."""
        if isinstance(error, NotFound):
            return self.missing_prefix(request.path)
        if isinstance(error, RequestEntityTooLarge):
            return error.description
        if isinstance(error, MalformedForm) and error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return f"{error.reason.rstrip('.')}: send less at once, in several requests"
        if isinstance(error, MissingCredential):
            for name in (name for name, _ in request.headers if "_" in name):
                if (meant := name.replace("_", "-")).lower() in CREDENTIAL_HEADERS:
                    return f"the header {name} is not {meant}: no vendor was seen to take it"
        return None

    def knows(self, path: str) -> bool:
        """Return whether something lives at a path, by any verb, whose last step at least is a name."""
        spelt = self.vendor.canonical_path(path)
        spelt += "/" if self._lacks_slash(spelt) else ""
        last = spelt.rstrip("/").rpartition("/")[2]
        return last in self._last_steps and bool(self._map.allowed_methods(f"/{self.name}{spelt}"))

    def missing_prefix(self, path: str) -> str | None:
        """Return what is wrong with the base URL in front of an unknown path, or None."""
        inner = path.removeprefix(f"/{self.name}")
        if inner != path and self.knows(inner):
            return TWICE.format(f"/{self.name}")
        return missing_prefix(path, self.vendor.urls.values(), self.knows)

    def _handle(self, context: RequestContext) -> Answer:
        world, request = context.world, context.request
        if context.operation is None:
            raise self._misfit_of(context)
        if context.malformed is not None:
            raise context.malformed
        view = self._views[context.endpoint]
        if context.endpoint in self._public:
            return _call(view, context)
        credential = self._credential(context)
        facts = {**context.form.values, **context.variables, "key": credential}
        if not context.quiet:
            world.limits.ask(f"{self.name}.{context.operation}", facts, world.clock.now)
        account = self._admit(context, credential)
        if not context.quiet:
            account.reached_at = request.base
        if context.form.files:
            _check_room(world, context.form)
        return _call(view, context)

    def _admit(self, context: RequestContext, credential: str) -> Account:
        known = context.world.find_account(self.name, credential)
        if known is not None and known.expired:
            raise UnknownCredential(credential, "scenario: the key has expired")
        account = context.customer = known or context.world.admit(self.name, credential)
        context.newcomer = known is None
        account.uninvited = account.uninvited or known is None
        return account

    def _misfit_of(self, context: RequestContext) -> Exception:
        """Return why nobody answers; that no operation is selected only learns who is let in."""
        if context.shared:
            if context.malformed is not None:
                return context.malformed
            self._admit(context, self._credential(context))
        return context.misfit or NotFound()

    def _credential(self, context: RequestContext) -> str:
        """Return the credential that a request presents, read once; raises what the vendor raises."""
        if context.credential is None:
            context.credential = self.vendor.credential(context.request, context.form)
        return context.credential

    def _match(self, path: str, verb: str) -> tuple[str, Mapping[str, Any]]:
        """Return the endpoint and the path's variables; raises HTTP's errors and MissingSlash."""
        if (plain := self._plain.get((verb, path))) is not None:  # most requests need no pattern
            return plain, {}
        try:
            endpoint, variables = self._map.match(f"/{self.name}{path}", verb)
            blueprint, _, operation = endpoint.rpartition(".")
            if blueprint != self.name:  # somebody's own view, at any path
                raise NotFound
            return operation, variables
        except RequestRedirect:  # Werkzeug would redirect in words that are not the vendor's
            raise (MissingSlash() if self.vendor.blueprint.append_slash else NotFound()) from None
        except NotFound:
            if self._lacks_slash(path):
                raise MissingSlash from None
            raise

    def _spoken_to(self, context: RequestContext) -> Account | None:
        """Return whom a refusal is told to: the account behind the key, else a nobody as the world has it."""
        if context.customer is not None:
            return context.customer
        world = context.world
        with suppress(TelephonyError, Rejection):
            if (account := world.find_account(self.name, self._credential(context))) is not None:
                return account
        profile = world.rules.profiles.get(self.name)
        return (
            Account(name="nobody", vendor=self.name, credential="", opened=world.clock.now, profile=profile)
            if profile
            else None
        )

    def _lacks_slash(self, path: str) -> bool:
        """Return whether something lives at the path with a slash more, by any verb: so Django asks."""
        return self.vendor.blueprint.append_slash and bool(self._map.allowed_methods(f"/{self.name}{path}/"))


def rule_of(error: Exception) -> str | None:
    """Name the limit that refused a request, or the setting of ours that did; the contract names the rest."""
    if isinstance(error, TooManyRequests):
        return f"scenario: limit {error.limit}" if error.reply is not None else f"limit: {error.limit}"
    return getattr(error, "advice", "") or None


def _call(view: View, context: RequestContext) -> Answer:
    """Return a handler's answer, with what it noted as lost."""
    answer = view(context, **context.variables)
    if not isinstance(answer, Answer):
        raise TypeError(f"{context.operation} returned {type(answer).__name__}, which is no Answer")
    return replace(answer, losses=(*answer.losses, *context.losses)) if context.losses else answer


def _check_room(world: World, form: Form) -> None:
    """Raise RequestEntityTooLarge for an upload that the world's clips leave no room for."""
    kept, more = world.clips.size, sum(len(upload.body) for upload in form.files)
    if kept + more > world.clips.MOST_BYTES:
        most = world.clips.MOST_BYTES // 1_000_000
        raise RequestEntityTooLarge(f"the simulator keeps {most} MB of uploads a world; delete some")


@lru_cache(maxsize=1_000)  # the same accounts ask again and again
def _fingerprint(*parts: str) -> str:
    """Return what tells things apart without saying what they are: secrets may be among them."""
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def fingerprint_of(account: Account) -> str:
    """Return what tells an account from others without saying its credential."""
    return _fingerprint(account.credential)


def first_values(body: bytes) -> dict[str, str]:
    """Return what a JSON body says by name, as text: of its object, of lists their first entries."""
    try:
        value = read_json(find_json(body) or b"{}")
    except MalformedJson:
        return {}
    entry = _first(value)
    values = {name: _first(part) for name, part in entry.items()} if isinstance(entry, dict) else {}
    return {name: str(part) for name, part in values.items() if type(part) in (str, int)}


def _first(value: Any) -> Any:
    """Return the first entry of a list, None of an empty one, and all else as it is."""
    return next(iter(value), None) if isinstance(value, list) else value
