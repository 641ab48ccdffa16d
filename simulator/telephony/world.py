"""One simulated universe: its clock, people and the accounts of all vendors; all changes go through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from heapq import merge
from operator import attrgetter
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call, CallResult, Order
from simulator.telephony.campaign_settings import OPEN_STATES, CampaignState, ImportPace
from simulator.telephony.campaigns import Campaign
from simulator.telephony.clips import Clips
from simulator.telephony.clock import Clock
from simulator.telephony.dialer import Dialer
from simulator.telephony.errors import (
    CallAlreadyEnded,
    CampaignNotDialing,
    DuplicateLabel,
    InsufficientFunds,
    MalformedCredential,
    TooManyCallsToNumber,
    UnknownCredential,
)
from simulator.telephony.follow_ups import FollowUps
from simulator.telephony.handsets import Handsets
from simulator.telephony.imports import Imports
from simulator.telephony.jobs import Jobs
from simulator.telephony.keyed_random import KeyedRandom
from simulator.telephony.limits import Limit, Limits
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.message_delivery import Messages
from simulator.telephony.network import Network
from simulator.telephony.number_store import Numbers
from simulator.telephony.operators import NetworkEvent, Operator
from simulator.telephony.outbox import HookRule, Outbox, Signing, Webhook
from simulator.telephony.owners import Credit, Owner
from simulator.telephony.people import People, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.recordings import Recordings
from simulator.telephony.switchboard import Switchboard

STRANGER = Persona(name="stranger")


class Rules(Struct, frozen=True, kw_only=True):
    """What holds in a world: limits on requests, how callbacks go wrong, who is let in, how imports run.

    `profiles` are vendors' own settings, opaque here, towards whoever no account was set up for: accounts
    opened by a first request have them. `zone`, an IANA id, is that of the scenario's clock.
    """

    limits: tuple[Limit, ...] = ()
    hooks: tuple[HookRule, ...] = ()
    admits_anyone: bool = False
    importing: ImportPace = ImportPace()
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    zone: str = "UTC"


class World:
    """One universe; two worlds share nothing, and a world is a function of its set-up and its inputs.

    `lines` are the phones that ring or talk now, `calls` what accounts placed; live ones are the
    switchboard's. `credentials` are all that open an account.
    """

    def __init__(
        self,
        start: datetime,
        operators: Mapping[str, Operator[World]],
        seed: int | str = 0,
        *,
        name: str = "main",
        people: People | None = None,
        rules: Rules = Rules(),
    ) -> None:
        self.name = name
        self.operators = operators
        self.rules = rules
        self.clock = Clock(start)
        self.random = KeyedRandom(seed)
        self.people = people or People(strangers=STRANGER)
        self.limits = Limits(rules.limits)
        self.outbox = Outbox(self.clock, self.random, rules.hooks, self._tamper)
        self.network = Network(self.clock, self.random, self.people, operators, self._on_event)
        self.accounts = self.network.accounts
        self._opened_by: dict[tuple[str, str], Account] = {}
        self.credentials: list[str] = []
        self.calls: list[Call] = []
        self.lines = self.network.lines
        self.inputs = 0
        self.dialer = Dialer(self.network, self._ask, self._place)
        self.clips = Clips(self.network)
        self.credit = Credit(self.network.tell)
        self.follow_ups = FollowUps(self.network, self.place_call)
        self.imports = Imports(self.network, self.create_call, self.enqueue)
        self.jobs = Jobs(self.network)
        self.numbers = Numbers(self.network, self.credit)
        self.messages = Messages(self.network, self.credit, self.numbers)
        self.recordings = Recordings(self.network)
        self.switchboard = Switchboard(self.network, self.credit, self.numbers, self.recordings)
        self.handsets = Handsets(self.network, self.dialer, self.switchboard)

    # -- accounts ---------------------------------------------------------------------------------------

    def open_account(self, account: Account) -> Account:
        """Add an account and return it; raises ValueError where its vendor knows the credential already."""
        self._let_in(account, account.credential)
        self.accounts[account.vendor, account.credential] = account
        return account

    def find_account(self, vendor: str, credential: str) -> Account | None:
        """Return the account that a credential opens, its own or that of one of its campaigns, or None."""
        return self._opened_by.get((vendor, credential))

    def _let_in(self, account: Account, credential: str) -> None:
        if self._opened_by.setdefault((account.vendor, credential), account) is not account:
            raise ValueError(f"{account.vendor} has an account with this credential already")
        self.credentials.append(credential)

    def admit(self, vendor: str, credential: str) -> Account:
        """Return the account behind a credential, opening one where the world admits anyone.

        Raises MalformedCredential or UnknownCredential.
        """
        if (account := self._opened_by.get((vendor, credential))) is not None:
            return account
        if not self.operators[vendor].accepts_credential(credential):
            raise MalformedCredential(credential)
        if not self.rules.admits_anyone:
            raise UnknownCredential(credential)
        profile = self.rules.profiles.get(vendor, {})
        account = self.open_account(
            Account(
                name=credential, vendor=vendor, credential=credential, opened=self.clock.now, profile=profile
            )
        )
        self.operators[vendor].provision(self, account)
        return account

    def set_profile(self, account: Account, key: str, value: object) -> None:
        """Change one of the vendor's own settings of an account, which holds from now on."""
        account.profile = {**account.profile, key: value}
        self.operators[account.vendor].apply_settings(self, account)

    def bar_subscriptions(self, account: Account, event: str | None, *, barred: bool) -> None:
        """Switch off what an account is told, of one event or all, or on again; clients cannot undo it.

        An event goes by the vendor's name for it or by the network's, which may stand for several.
        """
        own = self.operators[account.vendor].vocabulary.subscriptions
        for subscription in account.subscriptions.values():
            if event is None or subscription.event in (event, *own.get(event, ())):
                subscription.bar(self.clock.now, barred=barred)

    def stop_list(self, account: Owner, number: E164) -> None:
        """Never let `account` call `number` again."""
        account.stop_list.setdefault(number, self.clock.now)

    def forgive(self, account: Owner, number: E164) -> None:
        """Take a number off the stop list of `account`, whether or not it stands there."""
        account.stop_list.pop(number, None)

    # -- campaigns --------------------------------------------------------------------------------------

    def open_campaign(self, account: Account, name: str, kind: str, key: str | None = None) -> Campaign:
        """Open a campaign as its kind is by default; the caller sets what differs.

        Where campaigns have keys, it gets `key`, else the account's own if no other has it, else a new one.
        Raises ValueError for a key that is in use, or one where campaigns have none.
        """
        ref = self.network.mint(account, "campaign", account.campaigns, name, kind)
        campaign = Campaign(
            ref=ref,
            name=name,
            kind=kind,
            account=account,
            created=self.clock.now,
            importing=self.rules.importing,
        )
        if key is not None or self.operators[account.vendor].keyed_campaigns:
            campaign.key = self._give_key(campaign, key)
        account.campaigns[ref] = campaign
        self.operators[account.vendor].configure_campaign(campaign)
        return campaign

    def _give_key(self, campaign: Campaign, key: str | None) -> str:
        account = self.network.account_of(campaign.account)
        operator = self.operators[account.vendor]
        if not operator.keyed_campaigns:
            raise ValueError(f"campaigns of {operator.name} have no key; the account's own opens all of them")
        taken = [other.key for other in account.campaigns.values()]
        if key in taken:
            raise ValueError(f"two campaigns of {account.name} have the same key")
        if key is None and account.credential not in taken:
            return account.credential
        draw = self.random.number("credential", operator.name, account.name, campaign.ref)
        key = key or operator.new_credential(draw)
        self._let_in(account, key)
        return key

    def set_state(self, campaign: Campaign, state: CampaignState) -> None:
        """Pause, resume, finish or archive; finishing ends every open call as stopped."""
        campaign.state = state
        if state is CampaignState.ACTIVE:
            campaign.started = campaign.started or self.clock.now
            self.dialer.fill(campaign)
        elif state not in OPEN_STATES:
            campaign.finished = self.clock.now
            for call in list(campaign.open.values()):
                self.dialer.end(call, CallResult.STOPPED)

    # -- calls ------------------------------------------------------------------------------------------

    def place_call(self, campaign: Campaign, order: Order) -> Call:
        """Place one call in a campaign.

        Raises CampaignNotDialing, DuplicateLabel, TooManyCallsToNumber, and InsufficientFunds where the
        account refuses calls on credit.
        """
        self.check_order(campaign, order)  # by itself, not as one of many: most calls are placed so
        call = self._take_order(campaign, order)
        self.enqueue(campaign, [call])
        return call

    def place_calls(self, campaign: Campaign, orders: Sequence[Order]) -> list[Call]:
        """Place many calls at once, in order; raises as `place_call` does, before the first one is placed.

        What an order means for the next one, by its label or its number, is the caller's to see.
        """
        for order in orders:
            self.check_order(campaign, order)
        return self._place(campaign, orders)

    def _place(self, campaign: Campaign, orders: Sequence[Order]) -> list[Call]:
        calls = [self._take_order(campaign, order) for order in orders]
        self.enqueue(campaign, calls)
        return calls

    def check_order(self, campaign: Campaign, order: Order) -> None:
        """Raise what `place_call` would raise for this order, and place nothing."""
        if campaign.state not in OPEN_STATES:
            raise CampaignNotDialing(campaign.ref)
        if order.label is not None and order.label in campaign.labels:
            raise DuplicateLabel(order.label)
        if campaign.account.overdrawn and campaign.account.refuses_on_credit:
            raise InsufficientFunds
        self._check_repeats(campaign, order.callee)

    def _take_order(self, campaign: Campaign, order: Order) -> Call:
        if order.keeps_clip and order.script is not None:
            opening, account = order.script.opening, self.network.account_of(campaign.account)
            clip = self.clips.synthesise(account, opening, order.speaker)
            order = replace(order, script=order.script.saying(replace(opening, clip=clip.ref)))
        call = self.create_call(campaign, order)
        if order.policy.latest is not None:
            self.clock.at(order.policy.latest, partial(self._expire, [call]))
        return call

    def newest_calls(self) -> Iterator[AnyCall]:
        """Yield all calls that accounts placed and that came in to them, newest first."""
        both = (reversed(self.calls), reversed(self.switchboard.calls))
        return merge(*both, key=attrgetter("created"), reverse=True)

    def remove_call(self, call: Call, *, cut: bool = False) -> None:
        """Take a call out of dialing, and `cut` what goes on of it; raises CallAlreadyEnded."""
        if call.ending is not None:
            raise CallAlreadyEnded(call.ref)
        self.dialer.end(call, CallResult.REMOVED, cut=cut)

    def turn_away(self, call: Call) -> None:
        """End a call that was placed just now and that nobody is dialed for."""
        self.dialer.end(call, CallResult.REFUSED)

    def create_call(self, campaign: Campaign, order: Order) -> Call:
        """Note an order to reach somebody, whom nobody dials before it is enqueued."""
        account, callee = self.network.account_of(campaign.account), order.callee
        earlier = account.latest.get(callee)
        nth, before = 1, None
        if earlier is not None:
            nth = earlier.nth + 1
            before = next((call for call in account.history(callee) if call.campaign is campaign), None)
        ref = self.network.mint(account, "call", account.calls, callee, nth)
        caller_id = order.caller_id
        if caller_id is None and account.caller_ids:
            caller_id = account.caller_ids[self.random.below(len(account.caller_ids), "caller id", callee)]
        now = self.clock.now
        call = Call(
            ref=ref,
            serial=len(self.calls),
            account=account,
            campaign=campaign,
            order=order,
            created=now,
            updated=now,
            nth=nth,
            born=self.clock.cause,
            caller_id=caller_id,
            earlier=earlier,
            repeats=before.repeats + 1 if before else 0,
        )
        account.latest[callee] = account.calls[ref] = call
        campaign.calls.append(call)
        campaign.open[ref] = call
        self.calls.append(call)
        if order.label is not None:
            campaign.labels[order.label] = call
        self.network.observe("call.placed", call)
        return call

    def _check_repeats(self, campaign: Campaign, callee: E164) -> None:
        limit = campaign.repeat
        if limit is None:
            return
        since, placed = self.clock.now - limit.per, 0
        for call in self.network.account_of(campaign.account).history(callee):
            if call.created <= since:
                return
            placed += call.campaign is campaign
            if placed >= limit.allow:
                wait = call.created - since
                raise TooManyCallsToNumber(campaign.ref, callee, limit.allow, limit.per, wait)

    def enqueue(self, campaign: Campaign, calls: list[Call]) -> None:
        """Queue calls for dialing, to expire where their campaign gives them a lifetime."""
        if campaign.lifetime is not None:
            self.clock.after(campaign.lifetime, partial(self._expire, calls))
        self.dialer.enqueue_all(campaign, calls)

    def _expire(self, calls: list[Call]) -> None:
        for call in calls:
            if call.active is None:
                self.dialer.end(call, CallResult.EXPIRED)

    # -- time and references ----------------------------------------------------------------------------

    def advance_to(self, when: datetime) -> int:
        """Move time to `when`, or to the first instant at which a callback is due; return acts done."""
        return self.clock.advance_to(when, pause=lambda: bool(self.outbox.ready))

    @property
    def age(self) -> timedelta:
        """How much virtual time has passed since the world began."""
        return self.clock.now - self.clock.start

    # -- who hears of it --------------------------------------------------------------------------------

    def _on_event(self, account: Account, name: str, about: object) -> None:
        """Queue the callbacks that an account's vendor makes of something that happened to `about`."""
        self.network.observe(name, about)
        event = NetworkEvent(name, self.clock.now, account, about)
        for callback in self.operators[account.vendor].callbacks(self, event):
            if isinstance(callback, Webhook):
                self.outbox.submit(account.vendor, name, callback, self.clock.cause, account=account.name)
            else:
                subject = str(getattr(about, "ref", name))
                born = getattr(about, "born", self.clock.cause)
                self.outbox.post(account.vendor, name, subject, callback, born, account=account.name)

    def _tamper(self, vendor: str, request: Any, signing: Signing) -> Any:
        return self.operators[vendor].tamper_signature(request, signing)

    def _ask(self, call: Call, answered: Callable[[bool], None]) -> bool:
        """Ask the client for leave to dial; False when the vendor has nobody to ask."""
        event = NetworkEvent("clearance.asked", self.clock.now, self.network.account_of(call.account), call)
        clearance, operator = call.order.policy.clearance, self.operators[call.account.vendor]
        again, read = clearance.again if clearance else (), partial(operator.read_clearance, call)
        for request in operator.callbacks(self, event):
            question = self.outbox.draft(operator.name, event.name, str(call.ref), request, self.clock.cause)
            self.outbox.ask(question, again, answered, read)
            return True
        return False
