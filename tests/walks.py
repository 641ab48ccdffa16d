"""Four walks through the product over a socket, and the files of ours that each of them enters.

Taken a second time: the first one imports, and reads contracts.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import simulator
from simulator.testing.opening import ClientFailure, OpenWorld
from tests.source_tree import PACKAGE
from tests.web.receiver import OK, answering, receiving

CALLO = "/manager/cabapi_external/api/v1"
FAULTY = "sim: 1\nextends: happy\nfaults: [{where: callo.balance, do: status 503}]\n"


class Walk:
    """The calls and the files of ours that one piece of work enters, in this thread and in younger ones."""

    def __init__(self) -> None:
        self.calls = 0
        self.files: Counter[str] = Counter()
        self._watching = False
        threading.setprofile(self._see)

    def begin(self) -> None:
        """Count from now on."""
        self.calls, self._watching = 0, True
        self.files.clear()
        sys.setprofile(self._see)

    def end(self) -> None:
        """Count no more."""
        sys.setprofile(None)
        self._watching = False

    def _see(self, frame: FrameType, event: str, _argument: object) -> None:
        file = frame.f_code.co_filename
        if self._watching and event == "call" and file.startswith(str(PACKAGE)):
            self.calls += 1
            self.files[file.removeprefix(f"{PACKAGE}/")] += 1

    def __str__(self) -> str:
        rooms = Counter(file.partition("/")[0].removesuffix(".py") for file in self.files)
        return f"{self.calls} calls, {len(self.files)} files: " + ", ".join(
            f"{room} {count}" for room, count in rooms.most_common()
        )


def walks() -> Iterator[tuple[str, str]]:
    """Yield each walk with what it came to."""
    walk = Walk()
    for name, take in WALKS.items():
        take(walk)
        take(walk)
        yield name, str(walk)


def _number(walk: Walk) -> None:
    with simulator.world() as world:
        callo = world.callo
        form = {"public_key": callo.key, "campaign_id": callo.credentials["campaign_id"]}
        walk.begin()
        call = _ask(f"{callo.base_url}{CALLO}/phones/call/", form | {"phone": "+447700900310"})
        world.clock.advance("2m")
        query = urlencode({"public_key": callo.key, "call_id": call["call_id"]})
        _ask(f"{callo.base_url}{CALLO}/phones/call_by_id/?{query}")
        walk.end()


def _message(walk: Walk) -> None:
    with receiving(answering(OK)) as receiver, simulator.world() as world:
        api, key = f"{world.callr.base_url}/v2.0", {"X-Api-Key": world.callr.key}
        _ask(
            f"{api}/webhooks?type=v2.sms.outbound.updated",
            {"endpoint": receiver.url(host="hook.localhost")},
            key,
        )
        walk.begin()
        _ask(f"{api}/sms?from=SMS&to=%2B447700900100", {"text": "Your table is ready."}, key)
        world.clock.advance("5m")
        walk.end()
        assert receiver.requests


def _fault(walk: Walk) -> None:
    walk.begin()
    with simulator.world(FAULTY, strict=False) as world, suppress(HTTPError):
        _read_balance(world)
    walk.end()


def _violation(walk: Walk) -> None:
    with suppress(ClientFailure), simulator.world() as world:
        walk.begin()
        _read_balance(world, colour="blue")
    walk.end()


def _read_balance(world: OpenWorld, **more: str) -> None:
    query = urlencode({"public_key": world.callo.key, **more})
    _ask(f"{world.callo.base_url}{CALLO}/users/balance/?{query}")


def _ask(url: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None) -> Any:
    kind = {"Content-Type": "application/json"} if headers else {}
    sent = None if body is None else (json.dumps(body) if headers else urlencode(body)).encode()
    with urlopen(Request(url, sent, {**(headers or {}), **kind})) as answer:
        return json.load(answer)


WALKS: Mapping[str, Callable[[Walk], None]] = {
    "a number from the socket to the dialer and back": _number,
    "an SMS from the socket to its webhook": _message,
    "a fault from YAML to an answer": _fault,
    "a violation from the socket to the report": _violation,
}


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}: {walk}\n" for name, walk in walks())
