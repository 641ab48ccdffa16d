"""What is wrong with a scenario as a whole: words that are fine alone and contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from simulator.errors import counted
from simulator.faults import Reply, Share, Slow
from simulator.scenario import expectation_checks
from simulator.scenario.document import MOST_REMARKS, Checks, Path, Remark, remarks_on, unknown
from simulator.scenario.microsyntax import MEDIA_TYPE
from simulator.scenario.schema import (
    AccountWords,
    CampaignWords,
    FaultRule,
    HookRuleWords,
    LimitRule,
    PersonaWords,
    PersonWords,
    ReplyWords,
    Scenario,
    TimelineEvent,
)
from simulator.scenario.values import (
    MOST_TIMES,
    CallingIn,
    CallNumber,
    Incident,
    Moment,
    Outage,
    TextNumber,
)
from simulator.telephony.outcomes import Span

A_CENTURY = timedelta(days=36_525)
SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)

_FOR_ALL = (Outage, Incident, CallNumber, TextNumber)
"""What happens to a vendor or to a number, whoever has an account there."""


def sense_remarks(scenario: Scenario) -> list[Remark]:
    """Return a remark on everything in `scenario` that contradicts something else in it."""
    return list(islice(remarks_on(scenario, _CHECKS, scenario), MOST_REMARKS + 1))


def _persona(persona: PersonaWords, path: Path, *_: object) -> Iterator[Remark]:
    if persona == PersonaWords():
        yield Remark(path, "this persona says nothing; say how attempts end, `attempts: [answered]`")
    shares = {word: getattr(persona, word) for word in ("first", "second", "later")}
    given = [word for word, share in shares.items() if share is not None]
    if persona.attempts is not None and given:
        yield Remark((*path, given[0]), f"either `attempts` or `{given[0]}`, not both")
    elif given and given[0] != "first":
        yield Remark((*path, given[0]), f"`{given[0]}` without `first`")
    for word in given:
        yield from _sum(shares[word], (*path, word))
    yield from _sums(persona, path)


def _sums(words: PersonaWords | PersonWords, path: Path) -> Iterator[Remark]:
    for word in ("attempts", "texts"):
        for nth, entry in enumerate(getattr(words, word) or ()):
            if not isinstance(entry, str):
                yield from _sum(entry, (*path, word, nth))


def _sum(shares: Mapping[Any, Decimal], path: Path) -> Iterator[Remark]:
    total = sum(shares.values(), Decimal(0)) * 100
    if total != 100:
        yield Remark(path, f"the shares add up to {total.normalize():f}%, not 100%")


def _twice(scenario: Scenario, *_: object) -> Iterator[Remark]:
    described: dict[str, int] = {}
    for nth, person in enumerate(scenario.people):
        if person.number is not None and (first := described.setdefault(person.number, nth)) != nth:
            text = f"{person.number} is entry {first + 1} of `people` already; this one never counts"
            yield Remark(("people", nth, "number"), text)


def _person(person: PersonWords, path: Path, scenario: Scenario) -> Iterator[Remark]:
    if person.file is None and (person.persona is None) == (person.attempts is None and person.texts is None):
        yield Remark(path, "say how they answer: either by a `persona`, or by `attempts` or `texts`")
    elif person.persona is not None and person.persona not in scenario.personas:
        yield Remark((*path, "persona"), unknown("persona", person.persona, scenario.personas))
    yield from _sums(person, path)
    if person.file is not None and (person.number or person.numbers or person.count):
        what = "beside `file` stand `persona`, `attempts`, `texts` and `zone`; its rows have the numbers"
        yield Remark((*path, "file"), what, of_key=True)
    elif person.file is None and (person.number is None) == (person.numbers is None):
        yield Remark(path, "say who: either `number`, or `numbers` with a `count`")
    elif (person.numbers is None) != (person.count is None):
        yield Remark(path, "`numbers` and `count` go together")
    elif person.numbers and person.count and person.count > (room := 10**person.numbers.digits):
        what = f"{person.numbers} leaves room for {counted(room, 'number')}, not {person.count:,}"
        yield Remark((*path, "count"), what)


def _strangers(scenario: Scenario, *_: object) -> Iterator[Remark]:
    if scenario.strangers is not None and scenario.strangers not in scenario.personas:
        yield Remark(("strangers",), unknown("persona", scenario.strangers, scenario.personas))


def _account(account: AccountWords, path: Path, *_: object) -> Iterator[Remark]:
    for nth, vendor in enumerate(account.vendors):
        if vendor in account.vendors[:nth]:
            yield Remark((*path, "vendors", nth), f"{vendor} is named already; say it once")
    if account.key is not None and account.keys:
        yield Remark((*path, "keys"), "either one `key` for all vendors or `keys` for each, not both")
    for word in ("keys", "profile"):
        for vendor in (name for name in getattr(account, word) if name not in account.vendors):
            yield Remark((*path, word, vendor), _not_there(vendor, account.vendors), of_key=True)


def _not_there(vendor: str, vendors: Iterable[str]) -> str:
    """Say that an account is not at a vendor; no guess, for whoever it is may be missing under `vendors`."""
    return f"{vendor!r} is none of this account's `vendors`: {', '.join(vendors)}"


def _campaign(campaign: CampaignWords, path: Path, scenario: Scenario) -> Iterator[Remark]:
    vendors = scenario.accounts[str(path[1])].vendors
    if campaign.vendor is None and len(vendors) > 1:
        yield Remark(path, f"say the `vendor`: this account has {', '.join(vendors)}")
    elif campaign.vendor is not None and campaign.vendor not in vendors:
        yield Remark((*path, "vendor"), _not_there(campaign.vendor, vendors))


def _event(event: TimelineEvent, path: Path, scenario: Scenario) -> Iterator[Remark]:
    if event.account is not None and event.account not in scenario.accounts:
        yield Remark((*path, "account"), unknown("account", event.account, scenario.accounts))
    if event.length is not None and event.until is not None and event.every is None:
        yield Remark(path, "either `for` or `until`, not both")
    if event.every is not None:
        yield from _repetitions(scenario, event, event.every, (*path, "every"))
    elif event.times is not None:
        yield Remark((*path, "times"), "say how often: add `every`", of_key=True)
    lasts = event.length is not None or (event.until is not None and event.every is None)
    text = scenario.document.text((*path, "do"))
    if not isinstance(event.do, Outage | Incident) and lasts:
        yield Remark(path, f"`{text}` happens at once; only outages and faults last")
    if event.account is not None and isinstance(event.do, _FOR_ALL):
        yield Remark((*path, "account"), f"`{text}` asks for no account; leave this out", of_key=True)
    if isinstance(event.do, Incident) and event.where is None:
        yield Remark(path, f"say what `{text}` befalls: add `where: callo.*`")
    elif event.where is not None and not isinstance(event.do, Incident):
        yield Remark((*path, "where"), f"`{text}` befalls no requests; `where` is for faults", of_key=True)


def _repetitions(scenario: Scenario, event: TimelineEvent, every: timedelta, path: Path) -> Iterator[Remark]:
    """Refuse what happens again more often than anything does, or beyond all calendars."""
    if event.times is None and event.until is None:
        yield Remark(path, "say for how long: add `until`, or how many `times`")
    if not every:
        yield Remark(path, "this is no time at all, so it would never be over")
        return
    counts = [event.times] if event.times is not None else []
    if event.until is not None and (span := length_between(scenario, event.at, event.until)) is not None:
        counts.append(-(-span // every))
    if not counts:
        return
    if (count := min(counts)) > MOST_TIMES:
        yield Remark(path, f"this is {count:,} times; nothing happens more often than {MOST_TIMES:,} times")
    elif every * count > A_CENTURY:
        yield Remark(path, "the last time would be more than a century later")


def length_between(scenario: Scenario, one: Moment, other: Moment) -> timedelta | None:
    """Return how long after a moment another one is; None where only the unsaid start could tell."""
    begun, zone = scenario.clock.at, scenario.clock.zone
    if begun is None and (one.local is None) != (other.local is None):
        return None
    start = SOME_DAY if begun is None else begun.replace(tzinfo=zone).astimezone(UTC)
    return other.offset(start, zone) - one.offset(start, zone)


def _limit(rule: LimitRule, path: Path, *_: object) -> Iterator[Remark]:
    if rule.start == "edge" and rule.window != "fixed":
        text = f"only a fixed window begins somewhere; a {rule.window} one does not read `from`"
        yield Remark((*path, "from"), f"{text}: add `window: fixed`")


def _fault(rule: FaultRule, path: Path, *_: object) -> Iterator[Remark]:
    if isinstance(rule.do, Reply):
        yield from _reply(rule.do, rule.reply, path)
    elif rule.reply is not None:
        what = "nothing is answered in these words; say `do: reply`, or `do: accept then reply`"
        yield Remark((*path, "reply"), what, of_key=True)


def _reply(do: Reply, words: ReplyWords | None, path: Path) -> Iterator[Remark]:
    if words in (None, ReplyWords()):
        where = path if words is None else (*path, "reply")
        yield Remark(where, 'say what is answered: `reply: {status: 200, body: "..."}`')
    if words is None:
        return
    kinds = (value for name, value in words.headers.items() if name.lower() == "content-type")
    kind = next(kinds, None)
    if kind is not None and not MEDIA_TYPE.matches(kind.partition(";")[0].strip()):
        what = f"{kind!r} is no content type; write such as application/json"
        yield Remark((*path, "reply", "headers"), what)
    if isinstance(words.body, dict) and not do.accepted:
        what = "no vendor chose a type before: write one text, and `headers: {Content-Type: ...}`"
        yield Remark((*path, "reply", "body"), what)


def _hook(hook: HookRuleWords, path: Path, *_: object) -> Iterator[Remark]:
    if hook.share is not None and hook.sign == "vendor":
        what = "this is the share that is signed wrongly; say `sign: wrong` or `none`"
        yield Remark((*path, "share"), what)
    if hook.shuffle == 1:
        yield Remark((*path, "shuffle"), "one has nobody to change places with; say 2 or more")
    elif hook.shuffle is None and hook.within is not None:
        yield Remark((*path, "within"), "this is how long `shuffle` waits; add `shuffle: 2`")


# -- what is drawn needs a seed ---------------------------------------------------------------------------

_DRAWN: Mapping[type, tuple[str, ...]] = {
    PersonaWords: ("first", "second", "later", "attempts", "texts", "ring", "talk", "calls_in"),
    PersonWords: ("attempts", "texts"),
    FaultRule: ("when", "do"),
    TimelineEvent: ("do",),
}
"""By kind of entry, the words that may leave something open."""


def _drawn(entry: object, path: Path, scenario: Scenario) -> Iterator[Remark]:
    for word in _DRAWN[type(entry)] if scenario.seed is None else ():
        if _leaves_open(getattr(entry, word)):
            yield Remark((*path, word), _NEEDS_SEED)


def _drawn_hook(hook: HookRuleWords, path: Path, scenario: Scenario) -> Iterator[Remark]:
    chances = (hook.late, hook.twice, hook.lose, hook.share)
    if scenario.seed is None and (hook.shuffle is not None or any(map(_leaves_open, chances))):
        yield Remark(path, _NEEDS_SEED)


_NEEDS_SEED = "this is drawn, so the scenario needs a `seed`"


def _leaves_open(value: object) -> bool:
    """Return whether more than one may come: times of a range, a share of all, ends by their shares."""
    match value:
        case Span(low, high) | Slow(low, high):
            return low != high
        case Share(inner) | CallingIn(inner) | Incident(inner):
            return _leaves_open(inner)
        case Decimal() | float():
            return 0 < value < 1
        case dict():
            return sum(map(bool, value.values())) > 1
        case tuple():
            return any(map(_leaves_open, value))
    return False


_CHECKS: Checks = (
    (PersonaWords, _persona),
    (Scenario, _twice),
    (PersonWords, _person),
    (Scenario, _strangers),
    (AccountWords, _account),
    (CampaignWords, _campaign),
    (TimelineEvent, _event),
    (LimitRule, _limit),
    (FaultRule, _fault),
    (HookRuleWords, _hook),
    *((kind, _drawn) for kind in _DRAWN),
    (HookRuleWords, _drawn_hook),
    *expectation_checks.CHECKS,
)
