"""Refusals on demand: the fact behind each name that the contract has, told of what a request says."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.exceptions import InternalServerError

from simulator.vendors.kaleyra.errors import VerbRefused
from simulator.vendors.kaleyra.refusals import CATALOGUE, Refused

ANY_OTHER = "Temporarily not available"
"""What stands for the refusals whose words nobody knows (inferred); it comes with the code for those."""

_USUAL: Mapping[str, str] = {
    "address": "127.0.0.1",
    "name": "to",
    "limit": "200",
    "reason": "unexpected end",
    "id": "0",
    "number": "0",
    "method": "dial",
    "verb": "POST",
}
_TOLD_BY: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "uid", "group", "play"),
    "number": ("callerid", "number", "to", "receiver", "caller"),
    "method": ("method",),
}
"""The parameters that say what a refusal speaks of."""


def staged_refusal(name: str, facts: Mapping[str, str]) -> Exception:
    """Return the error that is told as the refusal `name`; raises KeyError for one that there is not."""
    if name == "verb_refused":
        return VerbRefused(("GET", "POST"))
    if name == "any_other":
        return Refused("http_refused", reason=ANY_OTHER)
    if name == "internal_error":
        return InternalServerError()
    if name not in CATALOGUE:
        raise KeyError(name)
    return Refused(name, **{detail: _detail(detail, facts) for detail in _USUAL})


def _detail(detail: str, facts: Mapping[str, str]) -> str:
    told = (facts[parameter] for parameter in _TOLD_BY.get(detail, ()) if facts.get(parameter))
    return next(told, _USUAL[detail])
