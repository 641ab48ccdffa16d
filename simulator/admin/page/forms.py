"""What forms of the page do: the same as the control API, then the visitor is sent back to a view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response

from simulator.admin import accounts, clock, deliveries, faults, people
from simulator.admin import worlds as world_endpoints
from simulator.admin.page import telephones
from simulator.admin.page.overviews import scenario_view
from simulator.admin.page.sending import send_request
from simulator.admin.page.visit import Visit
from simulator.admin.problems import Problem
from simulator.errors import BrokenScenario
from simulator.scenario.loading import load_text

EDITED = "edited.yaml"
"""How findings call a scenario that was edited on the page."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a form does: a handler of the control API, with variables of its path and members of its body."""

    handler: Callable[..., Any]
    variables: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()


ACTS: Mapping[str, Act] = {
    "advance": Act(clock.advance_clock, (), ("by", "to", "until")),
    "take": Act(people.take_phone, ("number",)),
    "put-back": Act(people.put_back_phone, ("number",)),
    "answer": Act(people.answer_phone, ("number",)),
    "reject": Act(people.reject_call, ("number",)),
    "let-ring": Act(people.let_ring, ("number",)),
    "hang-up": Act(people.hang_up, ("number",)),
    "press": Act(people.press_key, ("number",), ("key",)),
    "speak": Act(people.speak, ("number",), ("text",)),
    "call-in": Act(people.call_in, ("number",)),
    "call": Act(people.call_number, ("number",), ("to", "keys"), ("withheld",)),
    "text": Act(people.text_number, ("number",), ("to", "text")),
    "next": Act(people.decide_next, ("number",), ("outcome",)),
    "resend": Act(deliveries.resend_delivery, ("delivery",)),
    "break-next": Act(deliveries.break_next, (), ("how", "where")),
    "arm": Act(faults.arm_fault, (), ("where", "when", "do")),
    "disarm": Act(faults.disarm_fault, ("fault",)),
    "top-up": Act(accounts.top_up, ("vendor",), ("amount",)),
    "reset": Act(world_endpoints.reset_world),
    "run": Act(world_endpoints.run_steps),
}


def do(visit: Visit, name: str) -> Response:
    """Do what a form asks for and send the visitor back; raises what the control API answers as a problem."""
    if name == "apply":
        return _apply(visit)
    if name == "send":
        return send_request(visit)
    if name == "open-world":
        return _open_world(visit)
    if name == "next-event":
        return _go_to_next(visit)
    if name not in ACTS:
        raise Problem(
            404, "no such form", f"the page has no form {name[:40]!r}", "go back and reload the view"
        )
    act, before = ACTS[name], _last_event(visit)
    fields: dict[str, Any] = {
        member: text for member in act.members if (text := visit.form.get(member, "").strip())
    }
    if "to" in fields:
        fields["to"] = telephones.dialed(visit.sandbox.world, fields["to"])
    fields |= {switch: True for switch in act.switches if visit.form.get(switch)}
    act.handler(visit.context(fields), **{name: visit.form.get(name, "") for name in act.variables})
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
    world_endpoints.create_world(visit.context({"name": name}))
    return see_other(visit.url(world=name))
