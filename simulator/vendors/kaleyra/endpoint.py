"""The one address: `method` picks the operation, the same at both of its paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from ipaddress import ip_address, ip_network

from simulator.exchange import Answer, Request
from simulator.formats.forms import Form
from simulator.telephony.errors import InsufficientFunds, MissingCredential
from simulator.telephony.phone_numbers import E164
from simulator.vendor import NOT_SELECTED, CustomerVisit, Routes
from simulator.vendors.kaleyra.answers import Said, format_of, formats_for, render
from simulator.vendors.kaleyra.paths import OBD, VOICE
from simulator.vendors.kaleyra.phones import render_number
from simulator.vendors.kaleyra.refusals import Refused
from simulator.vendors.kaleyra.settings import setting

routes = Routes()

ANY_VERB = ("GET", "POST")
"""The documents show POST, many clients send GET (documented to work)."""

Handler = Callable[[CustomerVisit], Said]


def operation(
    method: str,
    name: str,
    name_at_obd: str = "",
    verbs: tuple[str, ...] = ANY_VERB,
    select: Mapping[str, str] = NOT_SELECTED,
) -> Callable[[Handler], Handler]:
    """Serve `method`; at the path of OBD under a name of its own where it has one."""

    def keep(handler: Handler) -> Handler:
        @wraps(handler)
        def guarded(visit: CustomerVisit) -> Answer:
            _check_address(visit)
            if format_of(visit.form) not in formats_for(visit.form):
                raise Refused("parameter_invalid", name="format")
            return render(handler(visit), visit.form)

        for path, known in ((VOICE, name), (OBD, name_at_obd or name)):
            routes.on(verbs, path, known, select={"method": method, **select})(guarded)
        return handler

    return keep


def read_key(request: Request, form: Form) -> str:
    """Return the API key: of header `x-api-key`, header `api_key` or parameter `api_key`, in this order.

    All three are documented, the order is inferred. Raises MissingCredential.
    """
    told = (
        request.header("x-api-key"),
        request.header("api-key"),
        request.header("api_key"),
        form.get("api_key"),
    )
    if not (key := next((text.strip() for text in told if text and text.strip()), "")):
        raise MissingCredential
    return key


def require_credit(visit: CustomerVisit) -> None:
    """Refuse a call that the account cannot pay for: prepaid credits are used up at zero."""
    if visit.account.balance <= 0:
        raise InsufficientFunds


def refuse_blocked(visit: CustomerVisit, numbers: Iterable[E164]) -> None:
    """Refuse to call numbers that are all blocked, where the account's settings say so (inferred)."""
    told = list(numbers)
    if told and setting(visit.account, "refuses_blocked") and visit.account.stop_list.keys() >= set(told):
        raise Refused("number_blocked", number=render_number(told[0]))


def _check_address(visit: CustomerVisit) -> None:
    """Refuse a key that is bound to other source addresses (documented)."""
    bound, remote = setting(visit.account, "addresses"), visit.request.remote
    if bound and not any(_lies_in(remote, str(network)) for network in bound):
        raise Refused("address_refused", address=remote)


def _lies_in(address: str, network: str) -> bool:
    """Tell whether an address lies in a network; what is none holds nothing."""
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
