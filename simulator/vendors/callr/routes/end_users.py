"""End users: whom the account's numbers are used by."""

from __future__ import annotations

from typing import Any

from simulator.exchange import Answer
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.fields import (
    COUNTRY,
    Body,
    Query,
    check_pattern,
    check_text,
    read_body,
    refuse_missing,
)
from simulator.vendors.callr.paging import OF_NAMED, Search, name_contains
from simulator.vendors.callr.responses import render_end_user
from simulator.vendors.callr.routes import blueprint
from simulator.vendors.callr.store import END_USERS, EndUser, end_user_of, numbers_of_end_user


# The hyphen is inferred, as is the spelling without it.
@blueprint.get("/end-users")
@blueprint.get("/endusers")
def search_end_users(context: RequestContext) -> Answer:
    """Find end users by a part of their name."""
    account = context.account
    name = Query(context.form).text("name", most=32)
    search = Search[EndUser]("end users", OF_NAMED, lambda user: render_end_user(account, user))
    return search.answer(context, list(END_USERS.of(account).values()), name_contains(name))


@blueprint.post("/end-users")
@blueprint.post("/endusers")
def create_end_user(context: RequestContext) -> Answer:
    """Take an end user in."""
    body, now = read_body(context, known=("name", "address", "comment")), context.world.clock.now
    name, address = body.text("name", 1, 32), _address(body)
    comment = body.text("comment", 0, 255) if "comment" in body else ""
    users = END_USERS.of(context.account)
    network, account = context.world.network, context.account
    sid = str(network.mint(account, "end_user", users, name, network.turn(account, "end_user")))
    users[sid] = EndUser(sid=sid, name=name, address=address, comment=comment, created=now, updated=now)
    return answer_json(render_end_user(context.account, users[sid]), 201)


@blueprint.get("/end-users/<sid>")
@blueprint.get("/endusers/<sid>")
def get_end_user(context: RequestContext, sid: str) -> Answer:
    """Return one end user; refused where the account has no such one."""
    return answer_json(render_end_user(context.account, end_user_of(context.account, sid)))


@blueprint.patch("/end-users/<sid>")
@blueprint.patch("/endusers/<sid>")
def update_end_user(context: RequestContext, sid: str) -> Answer:
    """Change what the body names, and leave the rest (documented)."""
    user = end_user_of(context.account, sid)
    body = read_body(context, known=("name", "address", "comment"))
    name = body.text("name", 1, 32) if "name" in body else user.name
    address = _address(body) if "address" in body else user.address
    comment = body.text("comment", 0, 255) if "comment" in body else user.comment
    user.name, user.address, user.comment = name, address, comment
    user.updated = context.world.clock.now
    return answer_json(render_end_user(context.account, user))


@blueprint.delete("/end-users/<sid>")
@blueprint.delete("/endusers/<sid>")
def delete_end_user(context: RequestContext, sid: str) -> Answer:
    """Forget an end user whom no number is used by (documented)."""
    user = end_user_of(context.account, sid)
    if used := numbers_of_end_user(context.account, user.sid):
        raise Refused("enduser_used", sid=sid, user=used[0])
    del END_USERS.of(context.account)[user.sid]
    return answer_nothing()


def _address(body: Body) -> dict[str, Any]:
    """Read an address: any object with a country (its members are inferred)."""
    address = body.object("address")
    if "country" not in address:
        refuse_missing("address.country")
    check_pattern("address.country", address["country"], COUNTRY)
    for name in ("street", "street2", "zip", "city", "state"):
        if name in address:
            check_text(f"address.{name}", address[name])
    return address
