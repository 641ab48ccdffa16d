"""What a client of Callr presents, needs to get in, and asks of a call."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, TypedDict
from urllib.parse import urlencode

from simulator.exchange import Request
from simulator.formats.forms import Form
from simulator.telephony.accounts import Account
from simulator.telephony.errors import MalformedCredential, MissingCredential
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.world import World
from simulator.vendors.callr.fields import SID

KEY = re.compile(rf"(?:{SID.pattern}:)?[A-Za-z0-9_-]{{16,128}}", re.ASCII)
"""A key of 16 to 128 letters, digits, `-`, `_`, or a SID and such a key."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def letters(draw: int, length: int, alphabet: str = _LETTERS) -> str:
    """Return `length` letters made out of keyed bits."""
    number = int.from_bytes(blake2b(str(draw).encode(), digest_size=64).digest(), "big")
    picked = []
    for _ in range(length):
        number, place = divmod(number, len(alphabet))
        picked.append(alphabet[place])
    return "".join(picked)


def account_sid(key: str) -> str:
    """Return the SID of the main account behind an API key; here it follows from the key."""
    return letters(int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big"), 8)


def read_credential(request: Request, form: Form) -> str:  # noqa: ARG001 - never a parameter
    """Return the API key, or `sid:key` for a sub-account, which the master key opens (documented).

    Raises MissingCredential when there is none, MalformedCredential for Basic credentials that are not.
    """
    if (key := request.header("x-api-key")) is not None and key.strip():
        return key.strip()
    scheme, _, encoded = (request.header("Authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        raise MissingCredential
    try:
        sid, _, key = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise MalformedCredential(encoded) from None
    if not SID.fullmatch(sid) or not key:
        raise MalformedCredential(sid)
    return key if sid == account_sid(key) else f"{sid}:{key}"


def new_credential(draw: int) -> str:
    """Return an API key made out of keyed bits."""
    return letters(draw, 40)


class Credentials(TypedDict):
    """What a client of Callr needs; `number` is one of the account's own."""

    api_key: str
    account_sid: str
    number: str | None


def credentials(account: Account) -> Credentials:
    """Return what a client needs: the key, the SID that goes with it where Basic is used, and a number."""
    sid, colon, key = account.credential.rpartition(":")
    return {
        "api_key": key,
        "account_sid": sid if colon else account_sid(key),
        "number": next(iter(account.numbers), None),
    }


def try_it(base_url: str, credentials: Mapping[str, Any]) -> str:
    """Return a shell command that sends a message; the plus sign of a query is escaped."""
    return (
        f"curl -H 'x-api-key: {credentials['api_key']}' -H 'Content-Type: application/json' "
        f"-d '{{\"text\":\"Hello world!\"}}' '{base_url}/v2.0/sms?to=%2B33639980001'"
    )


def questions(world: World, call: AnyCall) -> Iterator[Request]:  # noqa: ARG001 - the call tells all
    """Yield the search for the call's recordings."""
    key = (("x-api-key", call.account.credential),)
    yield Request("GET", "/v2.0/recordings", urlencode({"callid": call.ref}), key)
