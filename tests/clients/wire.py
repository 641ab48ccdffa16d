"""What a client sends and gets, on nothing but the standard library: it starts often."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode, urlsplit

PATIENCE = 10.0
FORM = "application/x-www-form-urlencoded"
Pairs = list[tuple[str, str]]


class Lost(Exception):
    """The answer did not arrive, or not all of it: whether the work was done is unknown."""


class Request:
    """One request before it is sent; a planted bug may change any part of it."""

    def __init__(
        self,
        operation: str,
        verb: str,
        path: str,
        query: Iterable[tuple[str, Any]] = (),
        form: Iterable[tuple[str, Any]] | None = None,
        body: Any = None,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.operation, self.verb, self.path = operation, verb, path
        self.query: Pairs = [(name, str(value)) for name, value in query]
        self.form: Pairs | None = None if form is None else [(name, str(value)) for name, value in form]
        self.body = body
        self.headers = dict(headers)
        self.file: tuple[str, str, bytes] | None = None
        self.raw: bytes | None = None
        self.raw_query: str | None = None
        self.content_type = ""

    def copy(self) -> Request:
        """Return one like it, to be changed without harm to this one."""
        twin = Request(
            self.operation, self.verb, self.path, self.query, self.form, self.body, self.headers.items()
        )
        twin.body = None if self.body is None else json.loads(json.dumps(self.body))
        twin.file, twin.raw, twin.content_type = self.file, self.raw, self.content_type
        return twin

    @property
    def fields(self) -> Pairs:
        """The list that carries the parameters: the form of a POST that has one, else the query."""
        return self.query if self.form is None else self.form

    def target(self) -> str:
        query = urlencode(self.query) if self.raw_query is None else self.raw_query
        return f"{self.path}?{query}" if query else self.path

    def content(self) -> tuple[bytes | None, dict[str, str]]:
        """Return the body and the headers that go with it."""
        body, kind = self.raw, self.content_type
        if body is None and self.file:
            body, kind = multipart(self.form or [], self.file)
        elif body is None and self.body is not None:
            body, kind = json.dumps(self.body).encode(), kind or "application/json"
        elif body is None and self.form is not None:
            body, kind = urlencode(self.form).encode(), kind or FORM
        return body, self.headers | ({"Content-Type": kind} if kind else {})


class Answer:
    """A whole answer."""

    def __init__(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.status, self.headers, self.content = status, headers, content

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.content)


def send(base_url: str, request: Request, timeout: float = PATIENCE) -> Answer:
    """Send a request on a connection of its own and return the answer; raises Lost."""
    place = urlsplit(base_url)
    body, headers = request.content()
    connection = http.client.HTTPConnection(place.netloc, timeout=timeout)
    try:
        connection.request(request.verb, place.path + request.target(), body, headers)
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, fields, answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise Lost(f"{request.operation}: {type(error).__name__}") from error
    finally:
        connection.close()


def multipart(form: Pairs, file: tuple[str, str, bytes]) -> tuple[bytes, str]:
    """Return a form with one file as a body, and its content type."""
    name, filename, content = file
    edge = "edge-of-a-part"
    lines = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in form
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    kind = "Content-Type: application/octet-stream\r\n\r\n"
    body = "".join(lines).encode() + (head + kind).encode() + content + f"\r\n--{edge}--\r\n".encode()
    return body, f"multipart/form-data; boundary={edge}"


Edit = Callable[[Request], None]
