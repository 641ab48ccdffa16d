"""Phone numbers of the account: found, attached, assigned and given back."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from simulator.exchange import Answer
from simulator.telephony.owned_numbers import OwnedNumber
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.actions.run import remark_on
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.fields import Query, check_number, check_sid, read_body
from simulator.vendors.callr.paging import Search
from simulator.vendors.callr.responses import render_number
from simulator.vendors.callr.routes import blueprint
from simulator.vendors.callr.settings import CLASSES, TYPES
from simulator.vendors.callr.store import end_user_of, scenario_of

_CONTAINS = re.compile(r"(\+[1-9])?[0-9]{1,32}", re.ASCII)

SEARCH = Search[OwnedNumber](
    "numbers",
    {"assigned": lambda owned: owned.assigned, "e164": lambda owned: owned.number},
    render_number,
)


@blueprint.get("/numbers")
def search_phone_numbers(context: RequestContext) -> Answer:
    """Find numbers; `sid` is read as that of the scenario, for numbers have none (inferred)."""
    return SEARCH.answer(context, list(context.account.numbers.values()), _filter(Query(context.form)))


def _filter(query: Query) -> Callable[[OwnedNumber], bool]:
    sid, grade, kind = query.sid("sid"), query.choice("class", CLASSES), query.choice("type", TYPES)
    part, detached = query.pattern("contains", _CONTAINS), query.choice("detached", ("true",))

    def matches(owned: OwnedNumber) -> bool:
        return (
            sid in (None, owned.routed_to)
            and grade in (None, owned.grade)
            and kind in (None, owned.kind)
            and (part is None or part in owned.number)
            and (detached is None or owned.routed_to is None)
        )

    return matches


@blueprint.get("/numbers/<number>")
def get_phone_number(context: RequestContext, number: str) -> Answer:
    """Return one number; refused where the account has no such one."""
    return answer_json(render_number(_find(context, number)))


@blueprint.delete("/numbers/<number>", endpoint="remove_phone_number_from_your_account")
def remove_phone_number(context: RequestContext, number: str) -> Answer:
    """Give a number back; the days its contract still has are billed (documented)."""
    context.world.numbers.release(_find(context, number))
    return answer_nothing()


@blueprint.patch("/numbers/<number>")
def update_a_phone_number(context: RequestContext, number: str) -> Answer:
    """Attach a number to a scenario, assign it to an end user, or both."""
    owned = _find(context, number)
    body = read_body(context, known=("scenario", "enduser"))
    routed_to, holder, unsimulated = owned.routed_to, owned.holder, tuple[str, ...]()
    if "scenario" in body:
        scenario = scenario_of(context.account, body.required("scenario"), "scenario")
        routed_to, unsimulated = scenario.sid, scenario.script.unsimulated
    if "enduser" in body:
        holder = end_user_of(context.account, body.required("enduser"), "enduser").sid
    owned.routed_to, owned.holder = routed_to, holder
    return replace(answer_nothing(), remark=remark_on(unsimulated))


@blueprint.put("/numbers/<number>/scenario/<sid>", endpoint="attach_phone_number_to_scenario")
def attach(context: RequestContext, number: str, sid: str) -> Answer:
    """Attach a number to a scenario, whatever it was attached to before (inferred)."""
    owned = _find(context, number)
    scenario = scenario_of(context.account, sid)
    owned.routed_to = scenario.sid
    return replace(answer_nothing(), remark=remark_on(scenario.script.unsimulated))


@blueprint.put("/actions/<sid>/numbers/<number>", endpoint="attach_number_to_scenario")
def attach_to_scenario(context: RequestContext, sid: str, number: str) -> Answer:
    """Attach a number, by the path of the scenario."""
    check_sid("sid", sid)
    return attach(context, number, sid)


@blueprint.delete("/numbers/<number>/scenario", endpoint="detach_phone_number_from_scenario")
@blueprint.delete("/numbers/<number>/scenario/<sid>", endpoint="detach_phone_number_from_scenario")
@blueprint.delete("/actions/<sid>/numbers/<number>", endpoint="detach_number_from_scenario")
def detach(context: RequestContext, number: str, sid: str | None = None) -> Answer:
    """Detach a number from its scenario, but never from another than the one named (inferred).

    A number that is detached already stays so, whichever path is taken (inferred).
    """
    owned = _find(context, number)
    named = None if sid is None else scenario_of(context.account, sid).sid
    if named is not None and owned.routed_to not in (None, named):
        raise Refused("number_detached", number=number, sid=sid)
    owned.routed_to = None
    return answer_nothing()


@blueprint.put("/numbers/<number>/enduser/<sid>", endpoint="assign_phone_number_to_end_user")
@blueprint.put("/numbers/<number>/end-user/<sid>", endpoint="assign_phone_number_to_end_user")
def assign(context: RequestContext, number: str, sid: str) -> Answer:
    """Let an end user use a number."""
    owned = _find(context, number)
    owned.holder = end_user_of(context.account, sid).sid
    return answer_nothing()


def _find(context: RequestContext, number: str) -> OwnedNumber:
    return context.world.numbers.own(context.account, check_number("number", number))
