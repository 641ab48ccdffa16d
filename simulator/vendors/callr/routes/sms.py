"""SMS: sent with their sender, encoding and traffic type, and found again."""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.exchange import Answer
from simulator.telephony.accounts import Account
from simulator.telephony.alphabets import Alphabet, alphabet_of, parts_of, spell
from simulator.telephony.messages import Letter, Message
from simulator.telephony.phone_numbers import E164
from simulator.vendor import CustomerVisit
from simulator.vendors.callr.answers import answer_json, render_cents
from simulator.vendors.callr.errors import Forbidden, UnknownThing
from simulator.vendors.callr.fields import NUMBER, Query, check_number, check_sid, read_body, refuse
from simulator.vendors.callr.paging import Search
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
    grows=True,
)


@routes.get("/sms", "search_sms")
def search_sms(visit: CustomerVisit) -> Answer:
    """Find messages, newest first."""
    query = Query(visit.form)
    filtered = {field.name for field in visit.form.fields} - {"offset", "limit", "sort", "order"}
    matches = _filter(query)
    return SEARCH.answer(visit, visit.account.message_log, matches if filtered else None)


def _filter(query: Query) -> Callable[[Message], bool]:
    direction = query.choice("direction", tuple(DIRECTIONS.values()))
    sid, sender, to = query.sid("sid"), query.get("from"), query.number("to")
    if sender is not None:
        check_sender("from", sender)
    part = (query.text("contains", most=64) or "").casefold()
    traffic = query.choice("trafficType", TRAFFIC)
    status = query.choice("status", tuple(SMS_STATES.values()))
    after, before = query.instant("createdAfter"), query.instant("createdBefore")

    def matches(message: Message) -> bool:
        letter = message.letter
        return (
            direction in (None, DIRECTIONS[message.direction])
            and sid in (None, message.ref)
            and sender in (None, letter.sender)
            and to in (None, letter.recipient)
            and part in letter.text.casefold()
            and traffic in (None, letter.purpose)
            and status in (None, SMS_STATES[message.state])
            and (after is None or message.created > after)
            and (before is None or message.created < before)
        )

    return matches


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
