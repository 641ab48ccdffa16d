"""The usual slips of a hand at one request: each function returns an edit, to be planted as a bug."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from tests.clients.wire import Edit, Pairs, Request


def rename(name: str, wrong: str) -> Edit:
    return over_fields(lambda pairs: [(wrong if key == name else key, value) for key, value in pairs])


def drop(name: str) -> Edit:
    return over_fields(lambda pairs: [pair for pair in pairs if pair[0] != name])


def put(name: str, value: str) -> Edit:
    """Send a value instead of the right one, or a parameter that has no business there."""
    return over_fields(lambda pairs: [pair for pair in pairs if pair[0] != name] + [(name, value)])


def change(name: str, wrongly: Callable[[str], str]) -> Edit:
    return over_fields(
        lambda pairs: [(key, wrongly(value) if key == name else value) for key, value in pairs]
    )


def over_fields(wrongly: Callable[[Pairs], Pairs]) -> Edit:
    def edit(request: Request) -> None:
        request.fields[:] = wrongly(request.fields)

    return edit


def verb(wrong: str) -> Edit:
    def edit(request: Request) -> None:
        request.verb = wrong

    return edit


def all_in_the_query(wrong_verb: str) -> Edit:
    """Send the form in the query, with another verb."""

    def edit(request: Request) -> None:
        request.query += request.form or []
        request.form, request.verb = None, wrong_verb

    return edit


def as_form(request: Request) -> None:
    """Send the query in a form."""
    request.form, request.query = request.query, []
    request.verb = "POST"


def path(wrongly: Callable[[str], str]) -> Edit:
    def edit(request: Request) -> None:
        request.path = wrongly(request.path)

    return edit


def as_json(request: Request) -> None:
    """Send the form as JSON."""
    request.raw, request.content_type = json.dumps(dict(request.form or [])).encode(), "application/json"


def as_text(request: Request) -> None:
    """Send the same bytes and call them plain text."""
    request.content_type = "text/plain;charset=UTF-8"


def as_object(request: Request) -> None:
    """Send what an object becomes when it is made a string."""
    request.raw, request.content_type = b"[object Object]", "application/json"


def body_as_form(request: Request) -> None:
    """Send JSON as a form: each key a field."""
    first = request.body[0] if isinstance(request.body, list) else request.body
    request.form = [(key, str(value)) for key, value in first.items()]
    request.body = None


def encoded_twice(request: Request) -> None:
    """Send JSON in a string of JSON."""
    request.body = json.dumps(request.body)


def unencoded(name: str) -> Edit:
    """Leave one value of the form as it is, so that its own & and = take part."""

    def edit(request: Request) -> None:
        rest = urlencode([pair for pair in request.fields if pair[0] != name])
        value = next(value for key, value in request.fields if key == name)
        whole = f"{rest}&{name}={value}"
        if request.form is None:
            request.raw_query = whole
        else:
            request.raw, request.content_type = whole.encode(), "application/x-www-form-urlencoded"

    return edit


def plus_unencoded(request: Request) -> None:
    request.raw_query = "&".join(f"{key}={quote(value, safe='+')}" for key, value in request.query)


def header(name: str, value: str | None) -> Edit:
    def edit(request: Request) -> None:
        request.headers.pop(name, None)
        if value is not None:
            request.headers[name] = value

    return edit


def within(*keys: str | int) -> Callable[[Callable[[Any], None]], Edit]:
    """Return what makes an edit of a part of the JSON out of a function that changes that part in place."""

    def planting(wrongly: Callable[[Any], None]) -> Edit:
        def edit(request: Request) -> None:
            part = request.body
            for key in keys:
                part = part[key]
            for one in part if isinstance(part, list) else [part]:
                wrongly(one)

        return edit

    return planting


def json_put(name: str, value: Any, *keys: str | int) -> Edit:
    """Put a value into the JSON, in each entry where there are several."""
    return within(*keys)(lambda part: part.update({name: value}))


def json_rename(name: str, wrong: str, *keys: str | int) -> Edit:
    return within(*keys)(lambda part: part.update({wrong: part.pop(name)}))


def json_drop(name: str, *keys: str | int) -> Edit:
    return within(*keys)(lambda part: part.pop(name))


def json_change(name: str, wrongly: Callable[[Any], Any], *keys: str | int) -> Edit:
    return within(*keys)(lambda part: part.update({name: wrongly(part[name])}))


def json_body(wrongly: Callable[[Any], Any]) -> Edit:
    def edit(request: Request) -> None:
        request.body = wrongly(request.body)

    return edit
