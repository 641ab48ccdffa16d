"""The bytes of an answer: headers in the order and spelling of the application, and hardly one of ours."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from msgspec import Struct

from simulator.serving.reading import Incoming, Unreadable
from simulator.web.handover import Outgoing

Pairs = Sequence[tuple[str, str]]

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Produced(Struct, eq=False):
    """What an application answers: the status with its phrase, the headers, and the body."""

    status: str
    headers: Pairs
    body: Outgoing

    @property
    def leaves_at_once(self) -> bool:
        """Whether it is sent whole, and now."""
        body = self.body
        return not (body.first or body.hold or body.reset or body.drip or body.stream)


def write_answer(asked: Incoming, answer: Produced, may_stay: bool) -> tuple[bytes, bytes, bool]:
    """Return head, body and whether the connection ends with them.

    The body's length is added where nobody gave it, and Connection where it would surprise; a body that is
    shorter than declared, and a stream, end by closing.
    """
    body, headers = answer.body, answer.headers
    by_name = {name.lower(): text for name, text in headers}
    empty = answer.status[:3] in ("204", "304") or answer.status[:1] == "1"
    content = b"" if empty or asked.method == "HEAD" else body.content
    length = by_name.get("content-length")
    if empty and length is not None:
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
    short = False
    if not empty and asked.method != "HEAD":
        if length is None and body.stream is None:
            headers = [*headers, ("Content-Length", str(len(content)))]
        elif length is not None and int(length) != len(content):
            short, content = int(length) > len(content), content[: int(length)]
    stays = may_stay and asked.keeps_open and not asked.unread and body.stream is None
    stays = stays and by_name.get("connection", "").lower() != "close"
    if "connection" not in by_name and (not stays or asked.version == "1.0"):
        headers = [*headers, ("Connection", "keep-alive" if stays else "close")]
    lines = "".join([f"{name}: {text}\r\n" for name, text in headers])
    return (
        f"HTTP/{asked.version} {answer.status}\r\n{lines}\r\n".encode("latin-1"),
        content,
        short or not stays,
    )


def refuse(trouble: Unreadable) -> bytes:
    """Return the server's own answer to what is no proper request."""
    phrase = HTTPStatus(trouble.status).phrase
    text = f"{phrase}\n\n{trouble.reason}\n".encode("latin-1", "replace")
    head = f"HTTP/1.1 {trouble.status} {phrase}\r\nContent-Type: text/plain\r\n"
    return f"{head}Content-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode() + text
