"""The bytes of an answer: headers in the order and spelling of the application, and hardly one of ours."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from msgspec import Struct

from simulator.serving.reading import Incoming
from simulator.web.guard import Refused
from simulator.web.handover import Outgoing

Pairs = Sequence[tuple[str, str]]

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Produced(Struct, eq=False):
    """What an application answers: the status with its phrase, the headers, and the body."""

    status: str
    headers: Pairs
    body: Outgoing


def write_answer(asked: Incoming, answer: Produced, may_stay: bool) -> tuple[bytes, bytes, bool]:
    """Return head, body and whether the connection ends with them.

    The body's length is added where nobody gave it, and Connection where it would surprise; a body that is
    shorter than declared, and a stream, end by closing.
    """
    body, content, short = answer.body, answer.body.content, False
    version = asked.environ.get("SERVER_PROTOCOL", "HTTP/1.1")
    has_body = not answer.status.startswith(("1", "204", "304"))
    lines, length, connection = [f"{version} {answer.status}"], None, None
    for name, text in answer.headers:
        known = name.lower()
        if known == "connection":
            connection = text.lower()
        elif known == "content-length":
            length = int(text)
            if not has_body:
                continue
        lines.append(f"{name}: {text}")
    if not has_body or asked.environ.get("REQUEST_METHOD") == "HEAD":
        content = b""
    elif length is not None:
        short, content = length > len(content), content[:length]
    elif body.stream is None:
        lines.append(f"Content-Length: {len(content)}")
    ends = body.stream is not None or connection == "close" or not (may_stay and asked.keeps_open)
    if connection is None and (ends or version == "HTTP/1.0"):
        lines.append(f"Connection: {'close' if ends else 'keep-alive'}")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1"), content, short or ends


def refusal(refused: Refused) -> Produced:
    """Return the server's own answer to what is no proper request."""
    phrase = HTTPStatus(refused.status).phrase
    content = f"{phrase}\n\n{refused.reason}\n".encode("latin-1", "replace")
    headers = (("Content-Type", "text/plain"),)
    return Produced(f"{refused.status} {phrase}", headers, Outgoing(content=content))
