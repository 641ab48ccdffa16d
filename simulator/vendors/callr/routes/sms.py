"""SMS: sent with their sender, encoding and traffic type, and found again."""

from __future__ import annotations

import re
from dataclasses import replace

from simulator.exchange import Answer
from simulator.telephony.accounts import Account
from simulator.telephony.alphabets import Alphabet, alphabet_of, parts_of, spell
from simulator.telephony.message_log import Criteria
from simulator.telephony.messages import Letter, Message
from simulator.telephony.phone_numbers import E164
from simulator.vendor import CustomerVisit
from simulator.vendors.callr.answers import answer_json, render_cents
from simulator.vendors.callr.errors import Forbidden, UnknownThing
from simulator.vendors.callr.fields import NUMBER, Query, check_number, check_sid, read_body, refuse
from simulator.vendors.callr.paging import Found, Page, Search
from simulator.vendors.callr.rendering import DIRECTIONS, SMS_STATES, render_message
from simulator.vendors.callr.routes.table import routes
from simulator.vendors.callr.settings import cents, setting

_SENDER = re.compile(r"[0-9A-Za-z]{0,10}[A-Za-z][0-9A-Za-z]{0,10}", re.ASCII)
TRAFFIC = ("marketing", "alerting")
DEFAULT_SENDER = "SMS"
"""What the sample shows."""

LONGEST_SENDER, LONGEST = 11, 3_200

SEARCH = Search[Message](
    "sms",
    {"created": lambda message: message.created, "updated": lambda message: message.updated},
    render_message,
)


@routes.get("/sms", "search_sms")
def search_sms(visit: CustomerVisit) -> Answer:
    """Find messages, newest first."""
    log, wanted = visit.account.message_log, _criteria(visit)

    def find(page: Page) -> Found[Message]:
        if wanted is None:
            return Found([], 0)
        found = log.find(wanted) if page.sort == "created" else log.find_by_update(wanted)
        return Found(found, len(found))

    return SEARCH.show(visit, find)


def _criteria(visit: CustomerVisit) -> Criteria | None:
    """Read every filter (documented); None where the SID is nobody's."""
    query = Query(visit.form)
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
    message = visit.account.messages.get(sid)
    return replace(wanted, place=message.place) if message else None


@routes.post("/sms", "send_sms")
def send_sms(visit: CustomerVisit) -> Answer:
    """Send a message: everything but its text stands in the query (documented)."""
    query, account = Query(visit.form), visit.account
    to = check_number("to", query.required("to"))
    asked = query.get("from")
    sender = check_sender("from", asked) if asked else default_sender(account, to)
    encoding = query.choice("encoding", tuple(Alphabet))
    traffic = query.choice("trafficType", TRAFFIC) or TRAFFIC[0]
    text = read_body(visit, known=("text",)).text("text", 1, LONGEST)
    approved = setting(account, "senders")
    if asked and approved and asked not in approved:
        raise Forbidden(f"The sender {asked} is not approved.")
    alphabet = Alphabet(encoding) if encoding else alphabet_of(text)
    letter = Letter(sender, to, spell(text, alphabet), alphabet, traffic)
    price = cents(account, "sms_price")
    due = price * parts_of(letter.text, alphabet)
    if not account.suspended and not account.affords(due):
        raise Forbidden(
            f"The credit of {render_cents(account.balance)} is less than the price of {render_cents(due)}.",
            "insufficient-credit",
        )
    return answer_json(render_message(visit.world.messages.send(account, letter, price)), 201)


@routes.get("/sms/<sid>", "get_sms")
def get_sms(visit: CustomerVisit, sid: str) -> Answer:
    """Tell one message."""
    message = visit.account.messages.get(check_sid("sid", sid))
    if message is None:
        raise UnknownThing("SMS", sid)
    return answer_json(render_message(message))


def check_sender(name: str, value: str) -> str:
    """Return a sender: a number, or up to eleven letters and digits with a letter (documented)."""
    if not NUMBER.fullmatch(value) and not (len(value) <= LONGEST_SENDER and _SENDER.fullmatch(value)):
        refuse(name, "must be a phone number, or up to 11 letters and digits with at least one letter")
    return value


def default_sender(account: Account, to: E164) -> str:
    """Return the sender where none is given: a number of one's own where names are not allowed (inferred)."""
    if to.startswith("+1") and account.numbers:
        return str(next(iter(account.numbers)))
    return DEFAULT_SENDER
