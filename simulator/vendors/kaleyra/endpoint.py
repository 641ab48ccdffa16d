"""The two addresses, how else they are spelt, and `method`, which picks the operation at either."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from types import MappingProxyType

from msgspec import Struct
from werkzeug.exceptions import MethodNotAllowed

from simulator.exchange import Answer
from simulator.formats.forms import Form
from simulator.vendor import NothingSelected, Refused, RequestContext, VendorBlueprint
from simulator.vendors.kaleyra.answers import Reply, format_of, formats_for, let_in, render
from simulator.vendors.kaleyra.settings import KaleyraSettings

VOICE_PATH = "/v1/"
OBD_PATH = "/api/v1/"
PLAY_PATH = "/play/"

_SPELLINGS = {
    "/v1": VOICE_PATH,
    "/api/v1": OBD_PATH,
    "/api/v1/index.php": OBD_PATH,
    "/v1/index.php": VOICE_PATH,
}
"""Live clients leave the last slash out; the oldest name the script."""

_DOUBLED = re.compile("//+")


def canonical_path(path: str) -> str:
    """Return the path that is routed; several slashes are one, as web servers have it (inferred)."""
    single = _DOUBLED.sub("/", path)
    return _SPELLINGS.get(single, single)


blueprint = VendorBlueprint("kaleyra")

VOICE_CALLS, OBD_CALLS = "voice", "obd"
ADDRESSES = {VOICE_CALLS: VOICE_PATH, OBD_CALLS: OBD_PATH}
"""The paths of the two endpoints where `method` picks the operation."""

ANY_VERB = ("GET", "POST")
"""The documents show POST, many clients send GET (documented to work)."""

Handler = Callable[[RequestContext], Reply]


class Method(Struct, frozen=True):
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


for _endpoint, _path in ADDRESSES.items():
    blueprint.add_url_rule(_path, _endpoint, _call, methods=ANY_VERB)
