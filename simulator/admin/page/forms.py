"""Forms of the page: what can be done to a world, and requests sent from it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, current_app
from werkzeug.test import EnvironBuilder, run_wsgi_app

from simulator.admin import accounts, clock, deliveries, faults, people
from simulator.admin import worlds as world_endpoints
from simulator.admin.context import check_fields, signature_of
from simulator.admin.page import telephones
from simulator.admin.page.overviews import scenario_view
from simulator.admin.page.visit import Visit
from simulator.admin.problems import Problem, unusable
from simulator.engine.sandbox import MAIN
from simulator.errors import BrokenScenario
from simulator.formats.sound import tone
from simulator.scenario.loading import load_text

_START = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD) (/[!-~]{0,4000})")
_HEADER = re.compile(r"([A-Za-z0-9-]{1,100}): ?(.{0,4000})")
BOUNDARY, SOUND = "part", "sound"
"""What stands between the parts of a form, and the placeholder for a sound to upload."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]{0,60})\}")


def send_request(visit: Visit) -> Response:
    """Send what the form says to its vendor, with placeholders filled in, and go to the exchange."""
    vendor, text = visit.form.get("vendor", ""), visit.form.get("request", "").replace("\r\n", "\n")
    if vendor not in visit.worlds.vendors:
        raise unusable([f"#/vendor: there is no vendor {vendor[:40]!r}"])
    head, _, body = text.partition("\n\n")
    first, _, lines = head.partition("\n")
    start, headers = _START.fullmatch(first.strip()), _headers_in(lines)
    if start is None or headers is None:
        example = "such as `POST /v2.0/sms`, then headers, an empty line, and the body"
        raise unusable(["#/request: it begins with a method and a path"], example)
    known = flat(visit.worlds.credentials(vendor, visit.sandbox.world.name))
    prefix = "" if visit.sandbox.world.name == MAIN else f"/@{visit.sandbox.world.name}"
    builder = EnvironBuilder(
        path=f"{prefix}/{vendor}{fill(start[2], known, escape=True)}",
        method=start[1],
        headers=[(name, fill(value, known)) for name, value in headers],
        data=_body(body.strip("\n"), known, head),
        base_url="http://localhost/",
    )
    _, _, answer_headers = run_wsgi_app(current_app.wsgi_app, builder.get_environ(), buffered=True)
    exchange = answer_headers.get("X-Simulator-Exchange")
    if exchange is None:  # in a simulator that sends nothing of its own
        with visit.sandbox.lock:
            exchange = next(reversed([one.id for one in visit.sandbox.recorder.journal]), "")
    return Response(b"", 303, {"Location": visit.url(f"requests/{exchange}")})


def _body(text: str, known: Mapping[str, str], head: str) -> bytes:
    """Return a body with the placeholders filled in, as the head says that it is: a form escapes them."""
    if "multipart/form-data" not in head:
        return fill(text, known, escape="=" in text and "{" not in text[:1]).encode()
    parts = fill(text, known).replace("\n", "\r\n").encode() + b"\r\n"
    return parts.replace(f"{{{SOUND}}}".encode(), tone(1.0, 0))


def _headers_in(text: str) -> list[tuple[str, str]] | None:
    """Return the headers in a text that has one a line, None where a line is none."""
    lines = [_HEADER.fullmatch(line.strip()) for line in text.split("\n") if line.strip()]
    pairs = [(line[1], line[2]) for line in lines if line is not None]
    return pairs if len(pairs) == len(lines) else None


def flat(credentials: Mapping[str, Any]) -> dict[str, str]:
    """Return credentials by name; of those that have several by campaign, the first."""
    return {
        name: str(next(iter(value.values()), "")) if isinstance(value, Mapping) else str(value)
        for name, value in credentials.items()
    }


def fill(text: str, known: Mapping[str, str], *, escape: bool = False) -> str:
    """Return a text with the placeholders filled in that are known."""

    def value_of(match: re.Match[str]) -> str:
        value = known.get(match[1])
        return match[0] if value is None else quote(value, safe="") if escape else value

    return _PLACEHOLDER.sub(value_of, text)


def draft(
    example: str, known: Mapping[str, str], schemes: Mapping[str, Any], fitting: Mapping[str, str]
) -> str:
    """Return a contract's example as a request to edit, with placeholders for what opens the account.

    `schemes` are the ways in that the contract names. Of what is known, what is `fitting` takes the place.
    """
    method, _, rest = example.partition(" ")
    path, _, body = rest.partition(" ")
    headers: list[str] = []
    filled = False
    for name, value in known.items():
        filler = f"{name}={{{name}}}" if fitting.get(name, value) == value else f"{name}={fitting[name]}"
        body, times = re.subn(rf"(?<![\w-]){re.escape(name)}=[^&\s]*", filler, body)
        path, more = re.subn(rf"(?<=[?&]){re.escape(name)}=[^&\s]*", filler, path)
        filled = filled or bool(times + more)
    key = next((name for name in known if "key" in name or "token" in name), None)
    header = next((scheme["name"] for scheme in schemes.values() if scheme.get("in") == "header"), None)
    if key is not None and header is not None and not filled:
        headers.append(f"{header}: {{{key}}}")
    if body.startswith("-F "):
        headers.append(f"Content-Type: multipart/form-data; boundary={BOUNDARY}")
        body = _parts(body)
    elif body:
        json = body.lstrip().startswith(("{", "["))
        headers.append(f"Content-Type: application/{'json' if json else 'x-www-form-urlencoded'}")
    return "\n".join([f"{method} {path}", *headers, "", body])


def _parts(words: str) -> str:
    """Return the parts of a form as they are sent, from how curl is told them."""
    lines = []
    for part in shlex.split(words)[1::2]:
        name, _, value = part.partition("=")
        is_file = value.startswith("@")
        file = f'; filename="{value[1:]}"' if is_file else ""
        lines += [f"--{BOUNDARY}", f'Content-Disposition: form-data; name="{name}"{file}', ""]
        lines.append(f"{{{SOUND}}}" if is_file else value)
    return "\n".join([*lines, f"--{BOUNDARY}--"])


EDITED = "edited.yaml"
"""How findings call a scenario that was edited on the page."""


ACTS: Mapping[str, Callable[..., Any]] = {
    "advance": clock.advance_clock,
    "take": people.take_phone,
    "put-back": people.put_back_phone,
    "answer": people.answer_phone,
    "reject": people.reject_call,
    "let-ring": people.let_ring,
    "hang-up": people.hang_up,
    "press": people.press_key,
    "speak": people.speak,
    "call-in": people.call_in,
    "call": people.call_number,
    "text": people.text_number,
    "next": people.decide_next,
    "resend": deliveries.resend_delivery,
    "break-next": deliveries.break_next,
    "disarm": faults.disarm_fault,
    "reset": world_endpoints.reset_world,
    "run": world_endpoints.run_steps,
}
"""Forms that do what a handler of the control API does; what it takes stands in fields of the same names."""


def do(visit: Visit, name: str) -> Response:
    """Do what a form asks for and send the visitor back; raises what the control API answers as a problem."""
    if name in OWN:
        return OWN[name](visit)
    if name not in ACTS:
        raise Problem(
            404, "no such form", f"the page has no form {name[:40]!r}", "go back and reload the view"
        )
    return _perform(visit, ACTS[name])


def _perform(visit: Visit, handler: Callable[..., Any], **more: Any) -> Response:
    """Call a handler of the control API with what the form says and `more`; an empty field says nothing."""
    signed, before = signature_of(handler), _last_event(visit)
    given = {name: text for name in signed.members if (text := visit.form.get(name, "").strip())}
    fields: dict[str, Any] = {
        name: bool(text) if bool in signed.members[name] else text for name, text in given.items()
    }
    if "to" in fields:
        fields["to"] = telephones.dialed(visit.sandbox.world, fields["to"])
    variables = {name: visit.form.get(name, "") for name in signed.variables}
    handler(visit.context, **variables, **check_fields(fields | more, signed.members, signed.required))
    return _back(visit, before)


def _last_event(visit: Visit) -> int:
    with visit.sandbox.lock:
        return visit.sandbox.recorder.feed.last


def _go_to_next(visit: Visit) -> Response:
    """Move the clock to the instant at which something is due next."""
    before = _last_event(visit)
    with visit.sandbox.lock:
        due = visit.sandbox.world.clock.next_due
    if due is not None:
        visit.sandbox.advance(due)
    return _back(visit, before)


def _back(visit: Visit, before: int) -> Response:
    """Send the visitor to the view that the form stood in; to the clock with what has happened since."""
    back = visit.form.get("back", "")
    root = visit.url().partition("?")[0]
    if not back.startswith(root) or not back.isprintable() or "\\" in back:
        back = visit.url()
    if back.startswith(f"{root}clock"):
        back = visit.url("clock", since=before)
    return see_other(back)


def see_other(address: str) -> Response:
    """Send the visitor on, by a request that changes nothing."""
    return Response(b"", 303, {"Location": address})


def _apply(visit: Visit) -> Response:
    """Begin the world again by the scenario in the form; one with mistakes is shown with them."""
    text = visit.form.get("scenario", "").replace("\r\n", "\n")
    try:
        scenario = load_text(_unmasked(visit, text).encode(), EDITED, visit.worlds.setup.remarks)
        visit.worlds.open(visit.sandbox.world.name, scenario)
    except BrokenScenario as error:
        return scenario_view(visit, text, error.findings, 422)
    return see_other(visit.url("scenario"))


def _unmasked(visit: Visit, text: str) -> str:
    """Return an edited scenario with the lines as they are that the view had shown with something hidden."""
    masker = visit.sandbox.recorder.masker
    lines = visit.sandbox.scenario.document.source.lines
    hidden = dict(zip(masker.text("\n".join(lines)).split("\n"), lines, strict=False))
    return "\n".join([hidden.get(line, line) for line in text.split("\n")])


def _open_world(visit: Visit) -> Response:
    """Open a world of its own with the scenario of this one, and go there."""
    name = visit.form.get("name", "").strip()
    world_endpoints.create_world(visit.context, name=name)
    return see_other(visit.url(world=name))


def _arm(visit: Visit) -> Response:
    """Arm a fault, also one that replies in words of the form."""
    status, *texts = (visit.form.get(f"reply-{word}", "") for word in ("status", "headers", "body"))
    lines, body = (text.replace("\r\n", "\n") for text in texts)
    headers = _headers_in(lines)
    if headers is None:
        raise unusable(["#/reply/headers: a line is no header"], "such as `Content-Type: text/plain`")
    number = int(status) if re.fullmatch("[0-9]{1,9}", status.strip()) else status.strip()
    words = {"status": number, "headers": dict(headers), "body": body}
    reply = {word: value for word, value in words.items() if value}
    return _perform(visit, faults.arm_fault, **({"reply": reply} if reply else {}))


def _top_up(visit: Visit) -> Response:
    """Add money to the account that the form names by its place, for its credential is nowhere shown."""
    before, place, vendor = _last_event(visit), visit.form.get("account", ""), visit.form.get("vendor", "")
    with visit.sandbox.lock:
        keys = dict(enumerate(visit.sandbox.world.accounts))
    owner, credential = keys.get(int(place), ("", "")) if re.fullmatch("[0-9]{1,6}", place) else ("", "")
    if owner != vendor or not credential:
        raise Problem(404, "unknown name", "the account is not there any more", "go back and reload the view")
    amount = visit.form.get("amount", "").strip()
    accounts.top_up(visit.context, vendor, amount=amount, credential=credential)
    return _back(visit, before)


OWN: Mapping[str, Callable[[Visit], Response]] = {
    "apply": _apply,
    "arm": _arm,
    "send": send_request,
    "open-world": _open_world,
    "next-event": _go_to_next,
    "top-up": _top_up,
}
"""Forms that are more than a request to the control API."""
