"""SMS: sent with their sender, encoding and traffic type, and found again."""

from __future__ import annotations

from msgspec.structs import replace

from simulator.exchange import Answer, Loss
from simulator.telephony.messages import Criteria, Message
from simulator.telephony.pages import Rows
from simulator.vendor import RequestContext
from simulator.vendors.callr.answers import answer_json
from simulator.vendors.callr.fields import Query, find_by_sid, read_body
from simulator.vendors.callr.paging import Page, Search
from simulator.vendors.callr.responses import DIRECTIONS, SMS_STATES, render_message
from simulator.vendors.callr.routes import blueprint
from simulator.vendors.callr.sending import TRAFFIC, check_sender, send

SEARCH = Search[Message](
    "sms",
    {"created": lambda message: message.created, "updated": lambda message: message.updated},
    render_message,
)


@blueprint.get("/sms")
def search_sms(context: RequestContext) -> Answer:
    """Find messages, newest first."""
    log, criteria = context.account.message_log, _criteria(context)

    def find(page: Page) -> Rows[Message]:
        if criteria is None:
            return []
        return log.find(criteria) if page.sort == "created" else log.find_by_update(criteria)

    return SEARCH.show(context, find)


def _criteria(context: RequestContext) -> Criteria | None:
    """Read every filter (documented); None where the SID is nobody's."""
    query = Query(context.form)
    direction = query.choice("direction", DIRECTIONS.values())
    sid, sender = query.sid("sid"), query.get("from")
    if sender is not None:
        check_sender("from", sender)
    status = query.choice("status", SMS_STATES.values())
    after, before = query.span(context, "created")
    criteria = Criteria(
        state=next((state for state, word in SMS_STATES.items() if word == status), None),
        direction=next((way for way, word in DIRECTIONS.items() if word == direction), None),
        purpose=query.choice("trafficType", TRAFFIC),
        sender=sender,
        recipient=query.number("to"),
        text=query.text("contains", most=64) or "",
        after=after,
        before=before,
    )
    if sid is None:
        return criteria
    message = context.account.messages.get(sid)
    return replace(criteria, place=message.place) if message else None


@blueprint.post("/sms")
def send_sms(context: RequestContext) -> Answer:
    """Send a message: everything but its text stands in the query (documented)."""
    query = Query(context.form)
    to = query.required("to")
    text = read_body(context, known=("text",)).required("text")
    message = send(context.world, context.account, to, text, query.get)
    if message.letter.text != text:
        context.losses.append(Loss("letters_replaced", "/text", "letters that arrive as ?"))
    return answer_json(render_message(message), 201)


@blueprint.get("/sms/<sid>")
def get_sms(context: RequestContext, sid: str) -> Answer:
    """Return one message; refused where the account has no such one."""
    return answer_json(render_message(find_by_sid(context.account.messages, sid, "sms_unknown")))
