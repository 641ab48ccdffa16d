"""Does a callback keep its vendor's contract? The judge of what the simulator sends of its own accord."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from simulator.conformance import violations
from simulator.conformance.checks import check_request
from simulator.conformance.contract import Contract
from simulator.conformance.operations import Variant
from simulator.exchange import Request, Violation
from simulator.formats.forms import Field, Form, MalformedForm, read_form
from simulator.formats.json_text import MalformedJson, read_json

Json = Any


def check_delivery(
    contract: Contract, request: Request, filled: tuple[tuple[str, str], ...] = ()
) -> tuple[str | None, list[Violation]]:
    """Return which event of the document a callback tells, and every breach in it.

    What a template of the client was `filled` in with is judged by the vendor's names, in the place of what
    stands in the URL under names of the client's. The simulator is to blame for all of them. What the
    receiver answers is its own affair, and so are parameters that its URL had before. Without any event in
    the document nothing is judged.
    """
    if not contract.events:
        return None, []
    form = Form(tuple(Field(name, value, "query") for name, value in filled)) if filled else _form_of(request)
    variant = _match(contract, request, form)
    if variant is None:
        place = (f"{contract.source}#/webhooks", "inferred")
        return None, [violations.breach("unknown-event", place, sent=request.method)]
    breaches = check_request(contract, variant, request, form)
    own = [breach for breach in breaches if breach.code != "unknown-parameter"]
    return variant.operation, [replace(breach, blame="simulator") for breach in own]


def _form_of(request: Request) -> Form:
    try:
        return read_form(request.query, request.content_type, request.body)
    except MalformedForm:
        return Form()


def _match(contract: Contract, request: Request, form: Form) -> Variant | None:
    """Return the event with this verb whose telling fields are all told so; the most specific wins."""
    texts = _texts_of(request, form)
    fitting = [
        variant
        for event in contract.events
        for variant in event.variants
        if variant.method == request.method
        and all(
            texts.get(name) == value if value is not None else name in texts
            for name, value in contract.telling[variant.source].items()
        )
    ]
    return max(fitting, key=lambda variant: len(contract.telling[variant.source]), default=None)


def _texts_of(request: Request, form: Form) -> dict[str, Json]:
    """Return the texts by name that a callback holds, in its parameters or at the top of its JSON."""
    texts: dict[str, Json] = dict(form.values)
    if request.media_type == "application/json":
        try:
            value = read_json(request.body)
        except MalformedJson:
            return texts
        texts |= value if isinstance(value, dict) else {}
    return texts
