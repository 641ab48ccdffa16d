"""Everything the network or an account can refuse, named by the fact; vendors put it into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any


class TelephonyError(Exception):
    """A refusal; its attributes are the facts a vendor needs to say it."""


class MalformedNumber(TelephonyError):
    """Text that is no phone number."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a phone number")
        self.text = text


class AmbiguousNumber(MalformedNumber):
    """Text that is one phone number to one operator and another to the next: `readings`, by their names."""

    def __init__(self, text: str, readings: Mapping[str, str]) -> None:
        super().__init__(text)
        means = ", ".join(f"{number} at {operator}" for operator, number in readings.items())
        self.args = (f"{text!r} means {means}: write it with + and the code of its country",)


class UnknownZone(TelephonyError):
    """Text that names no time zone."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a time zone")


class MissingCredential(TelephonyError):
    """A request that presents no key at all."""


class MalformedCredential(TelephonyError):
    """A key that this vendor could never have issued."""

    def __init__(self, credential: str) -> None:
        super().__init__("malformed credential")
        self.credential = credential


class UnknownCredential(TelephonyError):
    """A well-formed key that belongs to no account of this world; `advice` may tell more."""

    def __init__(self, credential: str, advice: str = "") -> None:
        super().__init__("unknown credential")
        self.credential = credential
        self.advice = advice


class UnknownReference(TelephonyError):
    """A reference to something this account does not have."""

    def __init__(self, ref: object) -> None:
        super().__init__(f"nothing is called {ref!r}")
        self.ref = ref


class UnknownCampaign(UnknownReference):
    """No such campaign in the account."""


class UnknownCall(UnknownReference):
    """No such call in the account."""


class UnknownNumber(UnknownReference):
    """The account never called this number."""


class UnknownLabel(UnknownReference):
    """No call of the campaign carries this label."""


class UnknownClip(UnknownReference):
    """No such audio clip in the account."""


class UnknownGroup(UnknownReference):
    """No group of contacts has that reference or name."""


class UnknownFollowUp(UnknownReference):
    """No such follow-up in the account."""


class UnknownPhoneList(UnknownReference):
    """No such list of imported numbers in the campaign."""


class CampaignNotDialing(TelephonyError):
    """The campaign is paused, finished or archived."""

    def __init__(self, ref: object) -> None:
        super().__init__(f"campaign {ref} is not dialing")
        self.ref = ref


class DuplicateLabel(TelephonyError):
    """Another call of the campaign carries this label."""

    def __init__(self, label: str) -> None:
        super().__init__(f"label {label!r} is taken")


class WrongCampaignState(TelephonyError):
    """The campaign's state does not allow this change of it."""

    def __init__(self, ref: object, state: str) -> None:
        super().__init__(f"campaign {ref} is {state}")
        self.state = state


class CallAlreadyEnded(TelephonyError):
    """The call is over; nothing about it can be changed."""

    def __init__(self, ref: object) -> None:
        super().__init__(f"call {ref} has ended")
        self.ref = ref


class NobodyThere(TelephonyError):
    """No call to this number is ringing, talking or waiting, so nobody can act on it."""

    def __init__(self, number: str) -> None:
        super().__init__(f"no call concerns {number} now")


class NobodyOwns(NobodyThere):
    """No account owns this number, so nothing can reach it; `owned` are numbers that accounts do own."""

    def __init__(self, number: str, owned: Sequence[str]) -> None:
        super().__init__(number)
        self.args = (f"no account owns {number}; owned: {', '.join(owned[:5]) or 'none'}",)


class CodeWanted(NobodyThere):
    """This number takes calls from whoever keys in a code that is open there; `keys` are none."""

    def __init__(self, number: str, keys: str) -> None:
        super().__init__(number)
        keyed = f"{keys} is none that is open" if keys else "none was keyed in"
        self.args = (f"{number} takes a call by a code, and {keyed}",)


class InsufficientFunds(TelephonyError):
    """The account's balance does not allow another call."""


class TooManyRequests(TelephonyError):
    """A limit of `allow` requests `per` length of time was reached; `by` names what it counts by.

    The `reply` is opaque here: how to refuse where that is not the vendor's affair.
    `key` tells its counts apart: the limit's name, then the values of what it counts by.
    """

    def __init__(
        self,
        limit: str,
        by: tuple[str, ...],
        allow: int,
        per: timedelta,
        retry_after: timedelta,
        *,
        reply: Any = None,
        key: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"limit {limit} reached")
        self.limit = limit
        self.by = by
        self.allow = allow
        self.per = per
        self.retry_after = retry_after
        self.reply = reply
        self.key = key


class TooManyCallsToNumber(TelephonyError):
    """A campaign's own limit on calls to one number was reached."""

    def __init__(self, ref: object, number: str, allow: int, per: timedelta, retry_after: timedelta) -> None:
        super().__init__(f"campaign {ref} may call {number} {allow} times in {per}")
        self.ref = ref
        self.number = number
        self.allow = allow
        self.per = per
        self.retry_after = retry_after

    @property
    def key(self) -> tuple[str, ...]:
        """What tells its counts apart."""
        return str(self.ref), self.number


class AccountSuspended(TelephonyError):
    """The account's credit has reached the level at which the vendor stops it."""


class NumberNotOwned(UnknownReference):
    """The account does not own this number."""


class NotEnoughNumbers(TelephonyError):
    """Fewer numbers of the kind wanted are free than were asked for."""

    def __init__(self, asked: int, free: int) -> None:
        super().__init__(f"{free} numbers are free, {asked} were asked for")
        self.free = free


class ReservationOpen(TelephonyError):
    """The account keeps other numbers reserved, until `expires`."""

    def __init__(self, expires: datetime) -> None:
        super().__init__(f"a reservation is open until {expires}")
        self.expires = expires


class UnknownReservation(UnknownReference):
    """The account has no such reservation, or it has expired."""


class UnknownRecording(UnknownReference):
    """No such recording in the account."""


class UnknownJob(UnknownReference):
    """No such job in the account."""


class JobAlreadyEnded(TelephonyError):
    """The job is over and cannot be cancelled."""

    def __init__(self, ref: object, state: str) -> None:
        super().__init__(f"job {ref} is {state}")
        self.ref = ref
