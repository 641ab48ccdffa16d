"""Ids that are of something else than what a request asks for: a number for a call, a call for a group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from simulator.exchange import Request
from simulator.formats.forms import Form, MalformedForm
from simulator.telephony.accounts import Account
from simulator.telephony.phone_numbers import digits_of

MOST = 10_000
"""How many of an account's calls are looked at, the newest first."""

MOST_BODY = 65_536
_IN_JSON = re.compile(rb'"([\w:.+-]{4,64})"(?!\s*:)|(?<![\w.+"-])([0-9]{4,20})(?![\w."])')

ASKED: Mapping[str, str] = {
    "call_unknown": "call",
    "id_unknown": "call",
    "phone_unknown": "number",
    "label_unknown": "label",
    "group_unknown": "group",
    "campaign_unknown": "campaign",
    "sms_unknown": "message",
    "run_unknown": "run",
    "webhook_unknown": "webhook",
    "audio_unknown": "clip",
    "clip_unknown": "clip",
}
"""What a refusal asks for, of all those that tell of an unknown one."""


def find_mistaken(refused: str, account: Account | None, request: Request, form: Form | MalformedForm) -> str:
    """Return of the first value that is the id of something else than what was `refused` what it is."""
    asked = ASKED.get(refused)
    if account is None or asked is None:
        return ""
    values = {text.removeprefix("+"): (name, text) for name, text in _values(request, form)}
    for kind, refs in _refs(account):
        for name, text in (values[ref] for ref in refs if ref in values):
            if kind == asked == "call":
                return f"{text} is the id of a call which another operation, or another campaign, tells of"
            if kind != asked and kind not in name:  # in a parameter of its own it is in its place
                what = f"a number stands in {name}" if kind == "number" else f"{text} is the id of a {kind}"
                return f"{what}, where a {asked} is asked for"
    return ""


def _refs(account: Account) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield the ids of all that an account has, and the numbers that it called, the newest first."""
    for kind, owned in (
        ("call", account.calls),
        ("message", account.messages),
        ("campaign", account.campaigns),
        ("group", account.groups),
        ("clip", account.clips),
        ("run", account.script_runs),
        ("webhook", account.subscriptions),
    ):
        yield kind, (str(ref) for ref in islice(reversed(owned), MOST))
    calls = islice(reversed(account.calls.values()), MOST)
    yield "number", (digits_of(call.callee) for call in calls)


def _values(request: Request, form: Form | MalformedForm) -> Iterator[tuple[str, str]]:
    """Yield the values by which something may be asked for: parameters, the end of the path, JSON."""
    if isinstance(form, Form):
        for field in form.fields:
            for part in field.value.split(",")[:200]:
                yield field.name, part.strip()
    yield "path", request.path.rstrip("/").rpartition("/")[2]
    if "json" in request.media_type:
        for text, digits in _IN_JSON.findall(request.body[:MOST_BODY]):
            yield "body", (text or digits).decode("ascii", "replace")
