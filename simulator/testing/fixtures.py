"""What a pytest test is handed: each vendor in its world, and the people who can be called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from simulator.engine.explaining import check_expected
from simulator.errors import SimulatorError
from simulator.exchange import CallbackRequest, Exchange, Violation
from simulator.serving.secure import hosts_of
from simulator.telephony.accounts import Account
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.messages import Message
from simulator.telephony.outbox import DeliveryState, SettledAttempt
from simulator.testing.disturbances import Faults, Limits
from simulator.testing.host_routes import HostRoutes, aiohttp_session, urllib3_pool
from simulator.testing.subscribers import People
from simulator.testing.transports import httpx_mounts, mount
from simulator.testing.worlds import FixtureWorld
from simulator.verdicts.findings import Verdict

if TYPE_CHECKING:
    import aiohttp
    import httpx
    import requests
    import urllib3

    from simulator.vendors.callo.clients import Credentials as CalloCredentials
    from simulator.vendors.callr.clients import Credentials as CallrCredentials
    from simulator.vendors.jaicp.clients import Credentials as JaicpCredentials
    from simulator.vendors.kaleyra.clients import Credentials as KaleyraCredentials


MOST_MONEY = 10**12
"""No account has so much, nor owes it."""


class SentCallback(Protocol):
    """A callback, with what a test may ask of it."""

    id: str
    vendor: str
    event: str
    subject: str
    created: datetime
    due: datetime | None
    state: DeliveryState
    attempts: list[SettledAttempt]

    @property
    def request(self) -> CallbackRequest:
        """What is sent, to the byte."""
        ...


class VendorFixture:
    """One vendor in a test's world: where it is, how to get in, and what became of everything."""

    def __init__(self, world: FixtureWorld, vendor: str) -> None:
        self.name = vendor
        self.world = world
        self.clock = world.clock
        self.people = People(world, vendor)
        self.faults = Faults(world)
        self.limits = Limits(world)

    @property
    def base_url(self) -> str:
        """What stands for the vendor's scheme and host."""
        return f"{self.world.root}/{self.name}"

    @property
    def key(self) -> str:
        """The credential of the scenario's first account at this vendor; raises SimulatorError."""
        return self._account().credential

    @property
    def credentials(self) -> Mapping[str, object]:
        """All that a client needs to get in, by the vendor's words, such as `campaign_id`."""
        self._account()
        return self.world.server.simulator.worlds.credentials(self.name, self.world.name)

    @property
    def balance(self) -> Decimal:
        """The money of the scenario's first account at this vendor; to be set, too. Raises SimulatorError."""
        return self._account().balance

    @balance.setter
    def balance(self, amount: Decimal | int | str) -> None:
        account = self._account()
        difference = str(_money(amount) - account.balance)
        arguments = {"vendor": self.name, "credential": account.credential, "amount": difference}
        self.world.sandbox.act("top_up", **arguments)

    @property
    def calls(self) -> list[AnyCall]:
        """The calls of this vendor's accounts, oldest first: a Call each that one ordered.

        And a LiveCall each that came in to a number of one, or that a script placed.
        """
        self.world.sandbox.keep_up()
        with self.world.sandbox.lock:
            newest = self.world.sandbox.world.newest_calls()
            return [call for call in newest if call.account.vendor == self.name][::-1]

    @property
    def messages(self) -> list[Message]:
        """The messages that this vendor's accounts sent and received, oldest first."""
        self.world.sandbox.keep_up()
        with self.world.sandbox.lock:
            kept = self.world.sandbox.world.messages.all()
            return [message for message in kept if message.account.vendor == self.name]

    @property
    def exchanges(self) -> list[Exchange]:
        """What was asked of this vendor and answered, oldest first."""
        return [exchange for exchange in self.world.exchanges if exchange.vendor == self.name]

    @property
    def deliveries(self) -> list[SentCallback]:
        """This vendor's callbacks, sent or not, oldest first."""
        self.world.settle()
        with self.world.sandbox.lock:
            posted = self.world.sandbox.world.outbox.deliveries.values()
            return [delivery for delivery in posted if delivery.vendor == self.name]

    @property
    def violations(self) -> list[Violation]:
        """Every breach of this vendor's contract so far, expected or not."""
        return [violation for exchange in self.exchanges for violation in exchange.violations]

    def verdicts(self) -> list[Verdict]:
        """Run the scenario's `run` steps, once; return a verdict for each word under `expect`.

        Each has `held`, which is None where it could not be judged, and `write()`, its text for people. A
        test that asks is no longer judged at its end.
        """
        return self.world.conclude()

    def expect_violation(self, code: str) -> None:
        """Forgive this violation, by its code; the test fails unless it happens."""
        self.world.judge.expect(self.name, code)

    def expect_refusal(self, word: str) -> None:
        """Forgive this refusal of the vendor; the test fails unless it happens.

        It is named as the contract does (`label_taken`), by its code (`E612`) or by the operation. Raises
        SimulatorError for a word that is none of these.
        """
        check_expected([word], [self.world.server.simulator.worlds.setup.contract(self.name)])
        self.world.judge.expect_refusal(self.name, word)

    def allow_violations(self) -> None:
        """Forgive every violation of this vendor's contract."""
        self.world.judge.allow(self.name)

    def allow_conduct(self, subject: str) -> None:
        """Do not judge this vendor's client by one subject of conduct, such as `double_dials`.

        Raises UnknownName, which lists the subjects.
        """
        self.world.judge.allow_conduct(self.name, subject)

    def requests_session(self) -> requests.Session:
        """Return a session of requests that gets here without a socket, also at the vendor's real hosts."""
        session: requests.Session = import_module("requests").Session()
        server = self.world.server
        mount(session, server.simulator, self.world.name, f"{self.world.root}/", server.tried)
        return session

    def urllib3_pool(self) -> urllib3.PoolManager:
        """Return a pool manager of urllib3 that gets here at the vendor's real hosts."""
        return urllib3_pool(self._routes())

    def aiohttp_session(self, **options: object) -> aiohttp.ClientSession:
        """Return a session of aiohttp that gets here at the vendor's real hosts; for a coroutine to make."""
        return aiohttp_session(self._routes(), **options)

    def _routes(self) -> HostRoutes:
        server = self.world.server
        return HostRoutes(self.world.root, hosts_of(server.simulator), server.tried)

    def httpx_client(self, library: Literal["httpx", "httpx2"] | None = None) -> httpx.Client:
        """Return a client of httpx, or else httpx2, that gets here as `requests_session` does."""
        chosen = _httpx(library)
        client: httpx.Client = chosen.Client(base_url=self.base_url, mounts=self._mounts(chosen))
        return client

    def httpx_async_client(self, library: Literal["httpx", "httpx2"] | None = None) -> httpx.AsyncClient:
        """Return an AsyncClient of httpx, or else httpx2, that gets here without a socket."""
        chosen = _httpx(library)
        client: httpx.AsyncClient = chosen.AsyncClient(base_url=self.base_url, mounts=self._mounts(chosen))
        return client

    def _mounts(self, library: ModuleType) -> Mapping[str, Any]:
        server = self.world.server
        return httpx_mounts(library, server.simulator, self.world.name, server.root, server.tried)

    def _account(self) -> Account:
        sandbox = self.world.sandbox
        with sandbox.lock:
            for (vendor, _), account in sandbox.world.accounts.items():
                if vendor == self.name:
                    return account
        raise SimulatorError(
            f"the scenario has no account at {self.name}", "name the vendor under `accounts:` in the scenario"
        )


def _money(amount: Decimal | int | str) -> Decimal:
    """Return an amount that an account can have; raises SimulatorError."""
    try:
        money = Decimal(str(amount))
    except InvalidOperation:
        money = Decimal("nan")
    if not money.is_finite() or abs(money) >= MOST_MONEY:
        raise SimulatorError(f"balance: {amount!r} is no amount of money", "give a number, such as 12.50")
    return money


def _httpx(library: Literal["httpx", "httpx2"] | None) -> ModuleType:
    return import_module(library or ("httpx" if find_spec("httpx") else "httpx2"))


class CalloFixture(VendorFixture):
    """Callo in a test's world."""

    @property
    def credentials(self) -> CalloCredentials:
        """The key, the first campaign, and the first one of each type."""
        return cast("CalloCredentials", super().credentials)


class CallrFixture(VendorFixture):
    """Callr in a test's world."""

    @property
    def credentials(self) -> CallrCredentials:
        """The key, the SID that goes with it, and a number of the account's own."""
        return cast("CallrCredentials", super().credentials)


class JaicpFixture(VendorFixture):
    """JAICP in a test's world."""

    @property
    def credentials(self) -> JaicpCredentials:
        """The token of the first campaign, and those of all by their names."""
        return cast("JaicpCredentials", super().credentials)


class KaleyraFixture(VendorFixture):
    """Kaleyra in a test's world."""

    @property
    def credentials(self) -> KaleyraCredentials:
        """The key, and a number to call from and a group to call where the account has them."""
        return cast("KaleyraCredentials", super().credentials)


def vendor_fixture(world: FixtureWorld, name: str) -> VendorFixture:
    """Return the fixture of a vendor, which may be of a package besides."""
    shipped = {"callo": CalloFixture, "callr": CallrFixture, "jaicp": JaicpFixture, "kaleyra": KaleyraFixture}
    return shipped.get(name, VendorFixture)(world, name)
