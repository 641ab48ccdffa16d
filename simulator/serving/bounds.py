"""How much, and how long, a server puts up with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Counts, bytes and seconds; `spare` connections more are told that there are too many.

    `request` is how long one may take to arrive, however steadily it drips; `idle` how long nothing may come
    between two. `pause` is for a client that still sends what nobody reads, in all `linger`; `unread` for one
    that does not read its answer; `body` for the next piece of a body when the server ends;
    `carried` for what a proxy carries.
    """

    connections: int = 2_000
    spare: int = 400
    queued: int = 16
    pushed: int = 1_000_000
    idle: float = 10.0
    request: float = 20.0
    pause: float = 2.0
    linger: float = 30.0
    unread: float = 30.0
    body: float = 1.0
    sweep: float = 1.0
    handshake: float = 60.0
    carried: float = 600.0
