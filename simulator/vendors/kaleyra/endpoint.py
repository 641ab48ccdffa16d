"""The one address: `method` picks the operation, the same at both of its paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from types import MappingProxyType

from werkzeug.exceptions import MethodNotAllowed

from simulator.exchange import Answer, Request
from simulator.formats.forms import Form
from simulator.telephony.errors import InsufficientFunds, MissingCredential
from simulator.telephony.phone_numbers import E164
from simulator.vendor import NothingSelected, Refused, RequestContext, VendorBlueprint
from simulator.vendors.kaleyra.answers import Reply, format_of, formats_for, render
from simulator.vendors.kaleyra.browsers import let_in
from simulator.vendors.kaleyra.paths import OBD, VOICE
from simulator.vendors.kaleyra.phones import render_number
from simulator.vendors.kaleyra.settings import KaleyraSettings

blueprint = VendorBlueprint("kaleyra")

VOICE_CALLS, OBD_CALLS = "voice", "obd"
ADDRESSES = {VOICE_CALLS: VOICE, OBD_CALLS: OBD}
"""The paths of the two endpoints where `method` picks the operation."""

ANY_VERB = ("GET", "POST")
"""The documents show POST, many clients send GET (documented to work)."""

Handler = Callable[[RequestContext], Reply]


@dataclass(frozen=True, slots=True)
class Method:
    """What one value of `method` sets off at one of the two addresses.

    Of several, that one is called whose `parameters` are there: each with its value, whose case does not
    matter, or with any at all for `*`. The most particular one wins.
    """

    endpoint: str
    operation: str
    verbs: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    handler: Handler

    def selected_by(self, form: Form) -> bool:
        """Tell whether the parameters of a request select this one."""
        given = {name: form.get(name) or "" for name, _ in self.parameters}
        return all(given[name] and value in ("*", given[name].lower()) for name, value in self.parameters)


METHODS: list[Method] = []
"""All of them, the most particular first."""


def operation(
    method: str,
    name: str,
    name_at_obd: str = "",
    verbs: tuple[str, ...] = ANY_VERB,
    select: Mapping[str, str] = MappingProxyType({}),
) -> Callable[[Handler], Handler]:
    """Serve `method`; at the address of OBD under a name of its own where it has one."""

    def keep(handler: Handler) -> Handler:
        parameters = (("method", method), *select.items())
        METHODS.append(Method(VOICE_CALLS, name, verbs, parameters, handler))
        METHODS.append(Method(OBD_CALLS, name_at_obd or name, verbs, parameters, handler))
        METHODS.sort(key=lambda known: -len(known.parameters))
        return handler

    return keep


def selected_method(context: RequestContext) -> Method:
    """Return what the parameters of a request select; raises NothingSelected and MethodNotAllowed."""
    verb = "GET" if context.request.method == "HEAD" else context.request.method
    here = [known for known in METHODS if known.endpoint == context.endpoint]
    selected = [known for known in here if known.selected_by(context.form)]
    if not selected:
        raise NothingSelected
    for known in selected:
        if verb in known.verbs:
            return known
    raise MethodNotAllowed(selected[0].verbs)


def _call(context: RequestContext) -> Answer:
    _check_address(context)
    if format_of(context.form) not in formats_for(context.form):
        raise Refused("parameter_invalid", name="format")
    answer = render(selected_method(context).handler(context), context.form)
    return let_in(answer, context.request, context.account)


for _endpoint, _path in ADDRESSES.items():
    blueprint.add_url_rule(_path, _endpoint, _call, methods=ANY_VERB)


def read_key(request: Request, form: Form) -> str:
    """Return the API key: of header `x-api-key`, header `api_key` or parameter `api_key`, in this order.

    All three are documented, the order is inferred. Raises MissingCredential.
    """
    keys = (
        request.header("x-api-key"),
        request.header("api-key"),
        request.header("api_key"),
        form.get("api_key"),
    )
    if not (key := next((text.strip() for text in keys if text and text.strip()), "")):
        raise MissingCredential
    return key


def require_credit(context: RequestContext) -> None:
    """Refuse a call that the account cannot pay for: prepaid credits are used up at zero."""
    if context.account.balance <= 0:
        raise InsufficientFunds


def refuse_blocked(context: RequestContext, numbers: Iterable[E164]) -> None:
    """Refuse to call numbers that are all blocked, where the account's settings say so (inferred)."""
    callees, account = list(numbers), context.account
    refuses = KaleyraSettings.of(account).refuses_blocked
    if callees and refuses and account.stop_list.keys() >= set(callees):
        raise Refused("number_blocked", number=render_number(callees[0]))


def _check_address(context: RequestContext) -> None:
    """Refuse a key that is bound to other source addresses (documented)."""
    bound, remote = KaleyraSettings.of(context.account).addresses, context.request.remote
    if bound and not any(_lies_in(remote, network) for network in bound):
        raise Refused("address_refused", address=remote)


def _lies_in(address: str, network: str) -> bool:
    """Tell whether an address lies in a network; what is no address lies in none."""
    try:
        return ip_address(address) in ip_network(network)
    except ValueError:
        return False
