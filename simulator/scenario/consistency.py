"""What is wrong with a scenario as a whole: words that are fine alone and contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from simulator.faults import Reply, Share, Slow
from simulator.scenario import expectation_checks
from simulator.scenario.document import MOST_REMARKS, Path, Remark, unknown
from simulator.scenario.microsyntax import MEDIA_TYPE
from simulator.scenario.schema import (
    AccountWords,
    PersonaWords,
    PersonWords,
    ReplyWords,
    Scenario,
    TimelineEvent,
)
from simulator.scenario.values import MOST_TIMES, CallNumber, Incident, Moment, Outage, TextNumber

A_CENTURY = timedelta(days=36_525)
SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)

_FOR_ALL = (Outage, Incident, CallNumber, TextNumber)
"""What happens to a vendor or to a number, whoever has an account there."""


def sense_remarks(scenario: Scenario) -> list[Remark]:
    """Return a remark on everything in `scenario` that contradicts something else in it."""
    return list(islice((remark for check in _CHECKS for remark in check(scenario)), MOST_REMARKS + 1))


def _personas(scenario: Scenario) -> Iterator[Remark]:
    for name, persona in scenario.personas.items():
        path: Path = ("personas", name)
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
        yield from _sums(persona.attempts, (*path, "attempts"))
        yield from _sums(persona.texts, (*path, "texts"))


def _sums(entries: Sequence[str | Mapping[Any, Decimal]] | None, path: Path) -> Iterator[Remark]:
    for nth, entry in enumerate(entries or ()):
        if not isinstance(entry, str):
            yield from _sum(entry, (*path, nth))


def _sum(shares: Mapping[Any, Decimal], path: Path) -> Iterator[Remark]:
    total = sum(shares.values(), Decimal(0)) * 100
    if total != 100:
        yield Remark(path, f"the shares add up to {total.normalize():f}%, not 100%")


def _people(scenario: Scenario) -> Iterator[Remark]:
    described: dict[str, int] = {}
    for nth, person in enumerate(scenario.people):
        path: Path = ("people", nth)
        if person.number is not None and (first := described.setdefault(person.number, nth)) != nth:
            text = f"{person.number} is entry {first + 1} of `people` already; this one never counts"
            yield Remark((*path, "number"), text)
        if person.file is None and (person.persona is None) == (
            person.attempts is None and person.texts is None
        ):
            yield Remark(path, "say how they answer: either by a `persona`, or by `attempts` or `texts`")
        elif person.persona is not None and person.persona not in scenario.personas:
            yield Remark((*path, "persona"), unknown("persona", person.persona, scenario.personas))
        yield from _sums(person.attempts, (*path, "attempts"))
        yield from _sums(person.texts, (*path, "texts"))
        if person.file is not None and (person.number or person.numbers or person.count):
            what = "beside `file` stand `persona`, `attempts`, `texts` and `zone`; its rows have the numbers"
            yield Remark((*path, "file"), what, of_key=True)
        elif person.file is None and (person.number is None) == (person.numbers is None):
            yield Remark(path, "say who: either `number`, or `numbers` with a `count`")
        elif (person.numbers is None) != (person.count is None):
            yield Remark(path, "`numbers` and `count` go together")
        else:
            yield from _room(person, path)


def _room(person: PersonWords, path: Path) -> Iterator[Remark]:
    if person.numbers is None or person.count is None:
        return
    room = 10**person.numbers.digits
    if person.count > room:
        yield Remark(
            (*path, "count"), f"{person.numbers} leaves room for {room:,} numbers, not {person.count:,}"
        )


def _strangers(scenario: Scenario) -> Iterator[Remark]:
    if scenario.strangers is not None and scenario.strangers not in scenario.personas:
        yield Remark(("strangers",), unknown("persona", scenario.strangers, scenario.personas))


def _accounts(scenario: Scenario) -> Iterator[Remark]:
    for name, account in scenario.accounts.items():
        path: Path = ("accounts", name)
        for nth, vendor in enumerate(account.vendors):
            if vendor in account.vendors[:nth]:
                yield Remark((*path, "vendors", nth), f"{vendor} is named already; say it once")
        if account.key is not None and account.keys:
            yield Remark((*path, "keys"), "either one `key` for all vendors or `keys` for each, not both")
        for word in ("keys", "profile"):
            for vendor in (name for name in getattr(account, word) if name not in account.vendors):
                what = unknown("vendor of this account", vendor, account.vendors)
                yield Remark((*path, word, vendor), what, of_key=True)
        yield from _campaigns(account, path)


def _campaigns(account: AccountWords, path: Path) -> Iterator[Remark]:
    for nth, campaign in enumerate(account.campaigns):
        here = (*path, "campaigns", nth)
        if campaign.vendor is None and len(account.vendors) > 1:
            yield Remark(here, f"say the `vendor`: this account has {', '.join(account.vendors)}")
        elif campaign.vendor is not None and campaign.vendor not in account.vendors:
            yield Remark(
                (*here, "vendor"), unknown("vendor of this account", campaign.vendor, account.vendors)
            )


def _timeline(scenario: Scenario) -> Iterator[Remark]:
    for nth, event in enumerate(scenario.timeline):
        path: Path = ("timeline", nth)
        if event.account is not None and event.account not in scenario.accounts:
            yield Remark((*path, "account"), unknown("account", event.account, scenario.accounts))
        yield from _end(scenario, event, path)


def _end(scenario: Scenario, event: TimelineEvent, path: Path) -> Iterator[Remark]:
    if event.length is not None and event.until is not None and event.every is None:
        yield Remark(path, "either `for` or `until`, not both")
    repeated = event.every is not None
    if repeated and event.times is None and event.until is None:
        yield Remark((*path, "every"), "say for how long: add `until`, or how many `times`")
    if event.times is not None and not repeated:
        yield Remark((*path, "times"), "say how often: add `every`", of_key=True)
    if event.every is not None and not event.every:
        yield Remark((*path, "every"), "this is no time at all, so it would never be over")
    elif event.every is not None:
        yield from _repetitions(scenario, event, event.every, (*path, "every"))
    lasts = event.length is not None or (event.until is not None and not repeated)
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


def _limits(scenario: Scenario) -> Iterator[Remark]:
    for nth, rule in enumerate(scenario.limits):
        if rule.start == "edge" and rule.window != "fixed":
            text = f"only a fixed window begins somewhere; a {rule.window} one does not read `from`"
            yield Remark(("limits", nth, "from"), f"{text}: add `window: fixed`")


def _replies(scenario: Scenario) -> Iterator[Remark]:
    for nth, rule in enumerate(scenario.faults):
        path: Path = ("faults", nth)
        if isinstance(rule.do, Reply):
            yield from _reply(rule.do, rule.reply, path)
        elif rule.reply is not None:
            what = "nothing is answered in these words; say `do: reply`, or `do: accept then reply`"
            yield Remark((*path, "reply"), what, of_key=True)


def _reply(do: Reply, words: ReplyWords | None, path: Path) -> Iterator[Remark]:
    if words in (None, ReplyWords()):
        where = path if words is None else (*path, "reply")
        yield Remark(where, 'say what is answered: `reply: {status: 200, body: "..."}`')
    kind = (
        next((value for name, value in words.headers.items() if name.lower() == "content-type"), None)
        if words
        else None
    )
    if kind is not None and not MEDIA_TYPE.matches(kind.partition(";")[0].strip()):
        yield Remark(
            (*path, "reply", "headers"), f"{kind!r} is no content type; write such as application/json"
        )
    if words is not None and isinstance(words.body, dict) and not do.accepted:
        what = "no vendor chose a type before: write one text, and `headers: {Content-Type: ...}`"
        yield Remark((*path, "reply", "body"), what)


def _signatures(scenario: Scenario) -> Iterator[Remark]:
    for nth, hook in enumerate(scenario.hooks):
        if hook.share is not None and hook.sign == "vendor":
            yield Remark(
                ("hooks", nth, "share"),
                "this is the share that is signed wrongly; say `sign: wrong` or `none`",
            )


def _order(scenario: Scenario) -> Iterator[Remark]:
    for nth, hook in enumerate(scenario.hooks):
        if hook.shuffle == 1:
            yield Remark(("hooks", nth, "shuffle"), "one has nobody to change places with; say 2 or more")
        elif hook.shuffle is None and hook.within is not None:
            yield Remark(("hooks", nth, "within"), "this is how long `shuffle` waits; add `shuffle: 2`")


def _seed(scenario: Scenario) -> Iterator[Remark]:
    if scenario.seed is None:
        for path in _drawn(scenario):
            yield Remark(path, "this is drawn, so the scenario needs a `seed`")


def _drawn(scenario: Scenario) -> Iterator[Path]:
    for name, persona in scenario.personas.items():
        yield from (("personas", name, word) for word in _drawn_words(persona))
    for nth, person in enumerate(scenario.people):
        for word in ("attempts", "texts"):
            if _are_drawn(getattr(person, word)):
                yield "people", nth, word
    yield from _drawn_rules(scenario)


def _drawn_rules(scenario: Scenario) -> Iterator[Path]:
    for nth, fault in enumerate(scenario.faults):
        if isinstance(fault.when, Share) and _is_drawn(fault.when.share):
            yield "faults", nth, "when"
        if isinstance(fault.do, Slow) and fault.do.low != fault.do.high:
            yield "faults", nth, "do"
    for nth, event in enumerate(scenario.timeline):
        do = event.do.action if isinstance(event.do, Incident) else None
        if isinstance(do, Slow) and do.low != do.high:
            yield "timeline", nth, "do"
    for nth, hook in enumerate(scenario.hooks):
        late = hook.late is not None and hook.late.low != hook.late.high
        shares = (hook.twice, hook.lose, hook.share)
        if late or hook.shuffle is not None or any(share and _is_drawn(share) for share in shares):
            yield "hooks", nth


def _are_drawn(entries: Sequence[str | Mapping[Any, Decimal]] | None) -> bool:
    return any(not isinstance(entry, str) and _leave_open(entry) for entry in entries or ())


def _leave_open(shares: Mapping[Any, Decimal] | None) -> bool:
    """Return whether more than one of the ends may come."""
    return sum(map(bool, (shares or {}).values())) > 1


def _is_drawn(share: Decimal | float) -> bool:
    """Return whether a share of 0..1 leaves open which ones are meant."""
    return 0 < share < 1


def _drawn_words(persona: PersonaWords) -> Iterator[str]:
    yield from (word for word in ("first", "second", "later") if _leave_open(getattr(persona, word)))
    yield from (word for word in ("attempts", "texts") if _are_drawn(getattr(persona, word)))
    spans = {"ring": persona.ring, "talk": persona.talk}
    spans |= {"calls_in": persona.calls_in.after} if persona.calls_in else {}
    yield from (word for word, span in spans.items() if span and span.low != span.high)


_CHECKS: tuple[Callable[[Scenario], Iterator[Remark]], ...] = (
    _personas,
    _people,
    _strangers,
    _accounts,
    _timeline,
    _limits,
    _replies,
    _signatures,
    _order,
    _seed,
    *expectation_checks.CHECKS,
)
