"""SMS: sent with their sender, encoding and traffic type, and found again."""

from __future__ import annotations

from dataclasses import replace

from simulator.exchange import Answer, Loss
from simulator.telephony.message_log import Criteria
from simulator.telephony.messages import Message
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.answers import answer_json
from simulator.vendors.callr.fields import Query, check_sid, read_body
from simulator.vendors.callr.paging import Found, Page, Search
from simulator.vendors.callr.rendering import DIRECTIONS, SMS_STATES, render_message
from simulator.vendors.callr.routes.table import blueprint
from simulator.vendors.callr.sending import TRAFFIC, Wish, check_sender, send

SEARCH = Search[Message](
    "sms",
    {"created": lambda message: message.created, "updated": lambda message: message.updated},
    render_message,
)


@blueprint.get("/sms")
def search_sms(context: RequestContext) -> Answer:
    """Find messages, newest first."""
    log, wanted = context.account.message_log, _criteria(context)

    def find(page: Page) -> Found[Message]:
        if wanted is None:
            return Found([], 0)
        found = log.find(wanted) if page.sort == "created" else log.find_by_update(wanted)
        return Found(found, len(found))

    return SEARCH.show(context, find)


def _criteria(context: RequestContext) -> Criteria | None:
    """Read every filter (documented); None where the SID is nobody's."""
    query = Query(context.form)
    direction = query.choice("direction", tuple(DIRECTIONS.values()))
    sid, sender = query.sid("sid"), query.get("from")
    if sender is not None:
        check_sender("from", sender)
    status = query.choice("status", tuple(SMS_STATES.values()))
    wanted = Criteria(
        next((state for state, told in SMS_STATES.items() if told == status), None),
        next((way for way, told in DIRECTIONS.items() if told == direction), None),
        query.choice("trafficType", TRAFFIC),
        sender,
        query.number("to"),
        query.text("contains", most=64) or "",
        query.instant("createdAfter"),
        query.instant("createdBefore"),
    )
    if sid is None:
        return wanted
    message = context.account.messages.get(sid)
    return replace(wanted, place=message.place) if message else None


@blueprint.post("/sms")
def send_sms(context: RequestContext) -> Answer:
    """Send a message: everything but its text stands in the query (documented)."""
    query = Query(context.form)
    to = query.required("to")
    text = read_body(context, known=("text",)).required("text")
    wish = Wish(to, text, query.get("from"), query.get("encoding"), query.get("trafficType"))
    message = send(context.world, context.account, wish)
    if message.letter.text != text:
        context.losses.append(Loss("letters_replaced", "/text", "letters that arrive as ?"))
    return answer_json(render_message(message), 201)


@blueprint.get("/sms/<sid>")
def get_sms(context: RequestContext, sid: str) -> Answer:
    """Tell one message."""
    message = context.account.messages.get(check_sid("sid", sid))
    if message is None:
        raise Refused("sms_unknown", sid=sid)
    return answer_json(render_message(message))
