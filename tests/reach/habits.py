"""How clients hold a base URL, and one request for each vendor that tells whether they arrive."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urljoin
from urllib.request import Request

Settings = Mapping[str, str]


class Call(NamedTuple):
    """A call or a message, as one vendor's client orders it: the end of its API's URL, and what follows."""

    host: str
    setting: str
    api: str
    tail: Callable[[Settings], str]
    body: Callable[[Settings], bytes]
    headers: Callable[[Settings], dict[str, str]]

    def request(self, url: str, settings: Settings) -> Request:
        return Request(url, self.body(settings), self.headers(settings))


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}

CALLS = {
    "callo": Call(
        "zvonok.com",
        "API_URL",
        "/manager/cabapi_external/api/v1",
        lambda _: "phones/call/",
        lambda its: urlencode(
            {
                "public_key": its["CALLO_PUBLIC_KEY"],
                "campaign_id": its["CALLO_CAMPAIGN_ID"],
                "phone": "+447700900310",
            }
        ).encode(),
        lambda _: FORM,
    ),
    "kaleyra": Call(
        "api-voice.kaleyra.com",
        "VOICE_URL",
        "/v1",
        lambda _: "",
        lambda _: b"method=dial.click2call&format=json&return=1&caller=9555500001&receiver=9555500102",
        lambda its: FORM | {"X-Api-Key": its["KALEYRA_API_KEY"]},
    ),
    "jaicp": Call(
        "app.jaicp.com",
        "API_URL",
        "/api/calls/campaign",
        lambda its: f"{its['JAICP_TOKEN']}/addPhones",
        lambda _: json.dumps([{"phone": "79161234567"}]).encode(),
        lambda _: JSON,
    ),
    "callr": Call(
        "api.callr.com",
        "API_URL",
        "/v2.0",
        lambda _: "sms?to=%2B33639980001",
        lambda _: b'{"text": "Your table is booked."}',
        lambda its: JSON | {"x-api-key": its["CALLR_API_KEY"]},
    ),
}


def in_front(vendor: str, settings: Settings) -> str:
    """Put what stands for scheme and host in front of a whole path."""
    call = CALLS[vendor]
    return f"{settings[f'{vendor.upper()}_BASE_URL']}{call.api}/{call.tail(settings)}"


def whole(vendor: str, settings: Settings) -> str:
    """Hold the URL of the API with its version, and add the end."""
    call = CALLS[vendor]
    return f"{settings[f'{vendor.upper()}_{call.setting}'].rstrip('/')}/{call.tail(settings)}"


def host_kept(vendor: str, settings: Settings) -> str:
    """Join an absolute path to a URL, of which scheme and host alone stay."""
    call = CALLS[vendor]
    return urljoin(settings[f"{vendor.upper()}_ORIGIN"] + "/lost/", f"{call.api}/{call.tail(settings)}")


def host_alone(vendor: str, settings: Settings) -> str:
    """Know a host, and nothing else of the URL."""
    call = CALLS[vendor]
    return f"http://{settings[f'{vendor.upper()}_HOST']}{call.api}/{call.tail(settings)}"


def hard_coded(vendor: str, settings: Settings) -> str:
    """Have the vendor's own address in the code."""
    call = CALLS[vendor]
    return f"https://{call.host}{call.api}/{call.tail(settings)}"


HABITS = (in_front, whole, host_kept, host_alone)
