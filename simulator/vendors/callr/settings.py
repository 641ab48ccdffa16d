"""What an account of Callr may have set differently; scenarios set it, sales and support do at the vendor."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, get_args

from msgspec import Meta, field

from simulator.telephony.owners import Owner
from simulator.telephony.phone_numbers import E164
from simulator.vendor import LOCAL_RECEIVER
from simulator.vendor_settings import (
    Address,
    Amount,
    Entry,
    PhoneNumber,
    Settings,
    Word,
    documented,
    inferred,
    observed,
    word_like,
)

KindOfNumber = Literal[
    "geographic",
    "mobile",
    "non-geographic",
    "personal",
    "platform",
    "sharedrevenue",
    "sms-only",
    "special",
    "tollfree",
    "verified",
]
ClassOfNumber = Literal["gold", "classic"]
WebhookType = Literal[
    "v2.billing.credit.topup",
    "v2.billing.credit.warning",
    "v2.billing.credit.shutdown",
    "v2.call.inbound.started",
    "v2.call.inbound.ended",
    "v2.call.outbound.started",
    "v2.call.outbound.ended",
    "v2.number.assigned",
    "v2.number.unassigned",
    "v2.task.updated",
    "v2.audio-file.updated",
    "v2.recording.updated",
    "v2.sms.inbound.received",
    "v2.sms.outbound.updated",
]
WebhookStatus = Literal["enabled", "disabled", "disabled-admin", "disabled-system"]
HmacAlgorithm = Literal["sha256", "sha512", "sha384", "sha1"]
TYPES, CLASSES, ALGORITHMS = get_args(KindOfNumber), get_args(ClassOfNumber), get_args(HmacAlgorithm)

Country = Annotated[str, word_like("two letters, such as FR", "[A-Z]{2}")]
Prefix = Annotated[str, word_like("a plus and digits, such as +331", r"\+[0-9]{1,8}")]
Count = Annotated[int, Meta(ge=0)]


class Script(Entry, frozen=True, kw_only=True):
    """A script that exists from the start."""

    name: Annotated[Word, documented("Its name.")]
    script: Annotated[Word, documented("Its YAML, as the API takes it.")]
    numbers: Annotated[tuple[PhoneNumber, ...], documented("The numbers that it answers.")] = ()


class Signing(Entry, frozen=True, kw_only=True, omit_defaults=True):
    """How a webhook is signed; what is None is left out of what the API shows."""

    hmacSecret: Annotated[Word | None, documented("The secret; without one nothing is signed.")] = None  # noqa: N815
    hmacAlgo: Annotated[HmacAlgorithm | None, documented("The algorithm.")] = None  # noqa: N815


class WebhookEntry(Entry, frozen=True, kw_only=True):
    """A webhook that exists from the start."""

    type: Annotated[WebhookType, documented("What it tells of.")]
    endpoint: Annotated[Address, documented("The URL that it is sent to.")]
    options: Annotated[Signing, documented("How it is signed.")] = Signing()
    status: Annotated[WebhookStatus, documented("Whether it is sent.")] = "enabled"


class SeriesEntry(Entry, frozen=True, kw_only=True):
    """A series of numbers for sale."""

    country: Annotated[Country, documented("Two letters, such as FR.")]
    type: Annotated[KindOfNumber, documented("What kind of numbers.")]
    grade: Annotated[ClassOfNumber, documented("How easily they are kept in mind.")] = field(
        default="classic", name="class"
    )
    prefix: Annotated[Prefix | None, documented("What they begin with; by default three digits.")] = None
    area: Annotated[Word, documented("The city or region.")] = ""
    first: Annotated[PhoneNumber, inferred("The first of them.")]
    count: Annotated[Count, inferred("How many follow one another.")] = 10
    setup: Annotated[Amount, inferred("Cents that one costs once.")] = Decimal(0)
    monthly: Annotated[Amount, inferred("Cents that one costs a month.")] = Decimal(100)
    months: Annotated[Count, inferred("Months that one is kept at least.")] = 1


class CallrSettings(Settings, frozen=True, kw_only=True):
    """The settings of an account of Callr; money is in cents."""

    payment: Annotated[Literal["prepaid", "postpaid"], documented("How the account pays.")] = "prepaid"
    warning_level: Annotated[Decimal, inferred("Cents of credit at which a warning is sent.")] = Decimal(
        "100.00"
    )
    shutdown_level: Annotated[Decimal, inferred("Cents of credit at which the account stops.")] = Decimal(
        "0.00"
    )
    absent_credential: Annotated[
        Literal["403", "401"],
        inferred("The status for no credentials at all, under `profiles`; the vendor's page allows both."),
    ] = "403"
    trial: Annotated[bool, observed("A test account, which buys no numbers.")] = False
    endpoints: Annotated[
        Literal["strict", "relaxed"],
        documented(
            f"Whether webhooks go only to a host with a dotted name, such as {LOCAL_RECEIVER}, or to any."
        ),
    ] = "strict"
    paging: Annotated[
        Literal["live", "steady"],
        inferred("Whether each page is cut from the rows there are now, or from those of the first page."),
    ] = "live"
    senders: Annotated[
        tuple[Word, ...], documented("The senders of messages that are approved; any when empty.")
    ] = ()
    unknown_keys: Annotated[
        Literal["ignore", "refuse"], inferred("What becomes of keys that the document lacks.")
    ] = "ignore"
    unknown_actions: Annotated[
        Literal["refuse", "pass"],
        inferred(
            "Whether scripts with actions that no guide shows are refused, or kept and those passed over."
        ),
    ] = "refuse"
    javascript: Annotated[
        Literal["engine", "plain"],
        inferred(
            "What computes JavaScript in scripts: an engine where the extra `js` is installed, else and by "
            "`plain` a small part of the language, told where it ends."
        ),
    ] = "engine"
    sms_price: Annotated[Amount, documented("Cents that one part of a message costs.")] = Decimal("5.50")
    exports_per_day: Annotated[Count, documented("How many exports of calls a day allows.")] = 5
    patience: Annotated[Amount, documented("Seconds that a receiver of webhooks has to answer.")] = Decimal(5)
    backoff: Annotated[Amount, inferred("Seconds before the second try of a webhook; each wait doubles.")] = (
        Decimal(1)
    )
    disable_after: Annotated[
        Count, inferred("Events given up in a row after which a webhook is disabled.")
    ] = 10
    numbers: Annotated[tuple[PhoneNumber, ...], inferred("Numbers that the account owns from the start.")] = (
        E164("+33199001234"),
        E164("+33639984242"),
    )
    scenarios: Annotated[tuple[Script, ...], inferred("Scripts that exist from the start.")] = ()
    webhooks: Annotated[tuple[WebhookEntry, ...], inferred("Webhooks that exist from the start.")] = ()
    inventory: Annotated[
        tuple[SeriesEntry, ...], inferred("Series of numbers for sale; the shipped ones when empty.")
    ] = ()


def edition_of(account: Owner) -> str:
    """Return how strict an account's endpoints are, which the contract tells apart."""
    return CallrSettings.of(account).endpoints
