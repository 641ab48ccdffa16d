"""Sending a message: the rules for its sender, its text, its encoding and its price, whoever asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from simulator.telephony.accounts import Account
from simulator.telephony.messages import Alphabet, Letter, Message, alphabet_of, parts_of, spell
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World
from simulator.vendor import Refused
from simulator.vendors.callr.answers import render_cents
from simulator.vendors.callr.fields import NUMBER, check_choice, check_number, check_text, refuse
from simulator.vendors.callr.settings import CallrSettings

_SENDER = re.compile(r"[0-9A-Za-z]{0,10}[A-Za-z][0-9A-Za-z]{0,10}", re.ASCII)
TRAFFIC = ("marketing", "alerting")
DEFAULT_SENDER = "SMS"
"""What the sample shows."""

LONGEST_SENDER, LONGEST = 11, 3_200


def send(world: World, account: Account, to: Any, text: Any, option: Callable[[str], Any]) -> Message:
    """Send a message; `option` knows what else is asked for by its name in the API, None for what is not.

    Raises Refused, AccountSuspended.
    """
    to = check_number("to", to)
    asked, encoding, traffic = option("from"), option("encoding"), option("trafficType")
    sender = check_sender("from", asked) if asked else default_sender(account, to)
    encoding = None if encoding is None else check_choice("encoding", encoding, tuple(Alphabet))
    traffic = TRAFFIC[0] if traffic is None else check_choice("trafficType", traffic, TRAFFIC)
    text = check_text("text", text, 1, LONGEST)
    approved = CallrSettings.of(account).senders
    if asked and approved and asked not in approved:
        raise Refused("sender_refused", sender=asked)
    alphabet = Alphabet(encoding) if encoding else alphabet_of(text)
    letter = Letter(sender, to, spell(text, alphabet), alphabet, traffic)
    price = CallrSettings.of(account).sms_price / 100
    due = price * parts_of(letter.text, alphabet)
    if not account.suspended and not account.affords(due):
        raise Refused("credit_short", credit=_left(account), price=render_cents(due))
    return world.messages.send(account, letter, price)


def _left(account: Account) -> str:
    """Return the credit that may be spent: what is above the level at which the account stops."""
    level = account.shutdown_level or Decimal(0)
    left = render_cents(account.balance - level)
    return f"{left} above the level of {render_cents(level)}" if level else left


def check_sender(name: str, value: object) -> str:
    """Return a sender: a number, or up to eleven letters and digits with a letter (documented)."""
    text = check_text(name, value)
    if not NUMBER.fullmatch(text) and not (len(text) <= LONGEST_SENDER and _SENDER.fullmatch(text)):
        refuse(name, "be a phone number, or up to 11 letters and digits with at least one letter")
    return text


def default_sender(account: Account, to: E164) -> str:
    """Return the sender where none is given: a number of one's own where names are not allowed (inferred)."""
    if to.startswith("+1") and account.numbers:
        return str(next(iter(account.numbers)))
    return DEFAULT_SENDER
