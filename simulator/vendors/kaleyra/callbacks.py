"""Callbacks: a client's own address, asked by GET with its {variables} filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping

from simulator.exchange import CallbackRequest, Loss
from simulator.formats.urls import fill_template, is_web_address, without_credentials
from simulator.telephony.calls import Call
from simulator.telephony.campaign_settings import Postback
from simulator.telephony.operators import NetworkEvent
from simulator.telephony.world import World
from simulator.vendor import LOCAL_RECEIVER, Refused, RequestContext
from simulator.vendors.kaleyra.media import recording_url
from simulator.vendors.kaleyra.paging import began
from simulator.vendors.kaleyra.phones import circle_of, operator_of, render_number
from simulator.vendors.kaleyra.provisioning import OBD
from simulator.vendors.kaleyra.responses import caller_of, click_id, obd_id, receiver_of, talks_of
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.statuses import (
    ANSWER,
    FAILED,
    PLAIN,
    consolidated,
    obd_status,
    reported,
    statuses_of,
)
from simulator.vendors.kaleyra.times import render_epoch

EVENTS = ("attempt.answered", "call.finished")

_VARIABLE = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")
_OTHERWISE = re.compile(
    r"""\{\{\s*(\w+)\s*\}\} | \$\{(\w+)\} | %7B(\w+)%7D
    | %(?![0-9A-Fa-f]{2})(\w+)% | %(\w+)%(?![0-9A-Fa-f]{2})""",
    re.VERBOSE | re.IGNORECASE,
)
"""A variable as templates of other kinds have it, or with its braces escaped."""


def callbacks(world: World, event: NetworkEvent) -> Iterator[CallbackRequest]:  # noqa: ARG001 - the event tells all
    """Yield what a client hears: of a click2call twice, of an OBD call at its end (both documented)."""
    if event.name not in EVENTS or (call := event.call).order.postback is None:
        return
    if event.name == "attempt.answered" and call.order.postback.answers:
        yield _request(call.order.postback.url, values_at_answer(call))
    elif event.name == "call.finished":
        values = obd_values(call) if call.campaign.kind == OBD else values_at_end(call)
        yield _request(call.order.postback.url, values)


def _request(template: str, values: Mapping[str, str]) -> CallbackRequest:
    """Fill a template in, whose unknown variables stay (inferred).

    A name and password in it become a header, as HTTP clients have it (inferred).
    """
    url, headers = without_credentials(fill_template(_VARIABLE, template, values))
    return CallbackRequest("GET", url, headers, filled=tuple(values.items()))


def values_at_answer(call: Call) -> dict[str, str]:
    """Return the variables when the first leg is answered.

    What is not known yet is blank, but for both durations: who binds them to whole numbers can read a 0 (all
    inferred).
    """
    return {**dict.fromkeys(_AT_END, ""), "duration": "0", "billsec": "0", **_known(call), "status1": ANSWER}


def values_at_end(call: Call) -> dict[str, str]:
    """Return every variable; id, provider and location are not documented but used (observed).

    So that a client finds its own words again, custom and meta are variables too (inferred).
    """
    return {**_known(call), **{name: tell(call) for name, tell in _AT_END.items()}}


def obd_values(call: Call) -> dict[str, str]:
    """Return the variables of OBD: `obdid` documented, `obdstatus` observed, the others tried by a client."""
    status = obd_status(call)
    names = {"obdid": obd_id(call), "obdstatus": status, "id": obd_id(call), "receiver": "", "status": status}
    return {**values_at_end(call), **names}


def _known(call: Call) -> dict[str, str]:
    """Return what is known of a call from its first answer on."""
    return {name: tell(call) for name, tell in _AT_ANSWER.items()}


def status_word(call: Call) -> str:
    """Return `{status}`: which of the words for a whole call it has, is the account's setting."""
    settings, word = KaleyraSettings.of(call.account), consolidated(call)
    if settings.ivr_answer:
        word = reported(call)
    if settings.status_words == "plain":
        word = word.partition("_")[0]
        return word if word in PLAIN else FAILED
    return word


_AT_ANSWER: Mapping[str, Callable[[Call], str]] = {
    "id": click_id,
    "caller": lambda call: render_number(caller_of(call)),
    "receiver": receiver_of,
    "callerid": lambda call: render_number(call.caller_id),
    "starttime": lambda call: render_epoch(began(call)),
    "location": lambda call: circle_of(caller_of(call)),
    "provider": lambda call: operator_of(caller_of(call)),
    "custom": lambda call: call.order.tags.get("custom", ""),
    "meta": lambda call: call.order.tags.get("meta", ""),
}
_AT_END: Mapping[str, Callable[[Call], str]] = {
    "endtime": lambda call: render_epoch(call.ended),
    "duration": lambda call: str(talks_of(call)[0]),
    "billsec": lambda call: str(talks_of(call)[1]),
    "status": status_word,
    "status1": lambda call: (statuses_of(call) or ("", ""))[0],
    "status2": lambda call: (statuses_of(call) or ("", ""))[1],
    "recordpath": recording_url,
}

VARIABLES = frozenset({*_AT_ANSWER, *_AT_END})
"""What a callback of click2call may name; one of OBD further ones."""

OBD_VARIABLES = VARIABLES | {"obdid", "obdstatus"}


def read_postback(
    context: RequestContext, text: str, variables: Container[str], answers: bool = False
) -> Postback | None:
    """Return a callback by its address; refuses what is no web address.

    What it has in braces that is none of the `variables` is noted as lost: nobody fills it in.
    """
    if not text:
        return None
    if not is_web_address(text):
        raise NoAddress("parameter_invalid", name="callback")
    named = dict.fromkeys(_VARIABLE.findall(text))
    unknown = [f"{{{name}}}" for name in named if name not in variables]
    if unknown := unknown or _written_otherwise(text, variables):
        context.losses.append(Loss("variable_unknown", "callback", ", ".join(unknown)))
    return Postback(text, answers=answers)


def _written_otherwise(text: str, variables: Container[str]) -> list[str]:
    """Return the variables of an address that other programs would fill in: `{{status}}`, `%status%`."""
    return [
        match[0] for match in _OTHERWISE.finditer(text) if next(filter(None, match.groups())) in variables
    ]


class NoAddress(Refused):
    """A callback that is no web address."""

    advice = f"a receiver on this machine is {LOCAL_RECEIVER}/, the scheme included"
