"""Rules that never apply and people whom nobody calls: read well each alone, and of no effect together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from simulator.faults import Always, FirstPerNumber, Period, Requests, Trigger
from simulator.scenario.consistency import length_between
from simulator.scenario.document import Path, Remark
from simulator.scenario.personas import run_of
from simulator.scenario.schema import FaultRule, HookRuleWords, LimitRule, Scenario
from simulator.scenario.values import ExpireKey, Outage, Where
from simulator.telephony.people import NumberBlock, Persona
from simulator.telephony.phone_numbers import E164


def covers(wide: Where, narrow: Where) -> bool:
    """Return whether every request that falls under `narrow` falls under `wide` as well."""
    if wide.vendor == "*":
        return True
    return wide.vendor == narrow.vendor and wide.operation in ("*", narrow.operation)


def shadowed_rules(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on each fault, or rule for callbacks, that an earlier one always wins against."""
    for word in ("faults", "hooks"):
        rules: Sequence[FaultRule | HookRuleWords] = getattr(scenario, word)
        for nth, rule in enumerate(rules):
            winners = (
                before
                for before, other in enumerate(rules[:nth])
                if covers(other.where, rule.where) and _wins(other.when, rule.when)
            )
            if (before := next(winners, None)) is not None:
                line = scenario.document.place((word, before)).line
                yield Remark((word, nth), f"never applies: the rule on line {line} always comes first")


def _wins(wide: Trigger | None, narrow: Trigger | None) -> bool:
    """Return whether one gate is open whenever another is; none at all is open for good."""
    match wide, narrow:
        case ((Always() | None), _):
            return True
        case Requests(first, last), Requests(low, high):
            return first <= low and high <= last
        case FirstPerNumber(most), FirstPerNumber(count):
            return count <= most
        case Period(begin, length), Period(start, span):
            return begin <= start and start + span <= begin + length
    return False


def idle_limits(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on each limit that another one, for the same requests, never lets anybody reach."""
    for nth, rule in enumerate(scenario.limits):
        for before, other in enumerate(scenario.limits):
            if nth != before and _is_tighter(other, rule):
                line = scenario.document.place(("limits", before)).line
                yield Remark(
                    ("limits", nth), f"never refuses: the limit on line {line} always refuses before"
                )
                break


def _is_tighter(one: LimitRule, other: LimitRule) -> bool:
    """Return whether one limit, counted in the same way, is used up before the other is."""
    same = _with_rate(one, other) == other
    less, longer = one.allow.count <= other.allow.count, one.allow.per >= other.allow.per
    return same and less and longer and one.allow != other.allow and one.window != "bucket"


def _with_rate(one: LimitRule, other: LimitRule) -> LimitRule:
    """Return one limit with the rate, the place in the file and the wording of another."""
    return msgspec.structs.replace(one, allow=other.allow, reply=other.reply, id=other.id)


def hidden_people(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on each run of people who are all somebody else before, and on whom nobody may call."""
    runs: list[tuple[int, NumberBlock]] = []
    for nth, person in enumerate(scenario.people):
        first, count = run_of(person)
        block = NumberBlock(first, count, Persona(name=""))
        ends = (first, E164(f"+{int(first.removeprefix('+')) + count - 1}"))
        if person.numbers is not None:
            hiding = next((before for before, run in runs if all(end in run for end in ends)), None)
            if hiding is not None:
                line = scenario.document.place(("people", hiding)).line
                yield Remark(("people", nth), f"nobody is left here: line {line} has all these numbers first")
            runs.append((nth, block))
    yield from _uncalled(scenario)


def _uncalled(scenario: Scenario) -> Iterator[Remark]:
    if scenario.people and not scenario.accounts and scenario.admit == "listed":
        what = "nobody calls them: there are no `accounts`; list one, or say `admit: anyone`"
        yield Remark(("people",), what, of_key=True)
    accounts = list(scenario.accounts.values())
    stopped = set.intersection(*(set(one.stop_list) for one in accounts)) if accounts else set()
    for nth, person in enumerate(scenario.people):
        if scenario.admit == "listed" and person.number in stopped:
            yield Remark(
                ("people", nth, "number"), "nobody calls them: they are on the stop list of all accounts"
            )


def rules_about_nobody(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on each rule for a vendor at which nobody has an account."""
    if scenario.admit == "anyone" or not scenario.accounts:
        return
    vendors = {vendor for account in scenario.accounts.values() for vendor in account.vendors}
    places: list[tuple[Path, str]] = [
        ((word, nth, "where"), rule.where.vendor)
        for word in ("limits", "faults", "hooks")
        for nth, rule in enumerate(getattr(scenario, word))
    ]
    places += [
        (("timeline", nth, "do"), event.do.vendor)
        for nth, event in enumerate(scenario.timeline)
        if isinstance(event.do, Outage)
    ]
    places += [
        (("timeline", nth, "where"), event.where.vendor)
        for nth, event in enumerate(scenario.timeline)
        if event.where is not None
    ]
    for path, vendor in places:
        if vendor not in ("*", *vendors):
            yield Remark(path, f"befalls nobody: no account is at {vendor}, and `admit` lets no other in")


def past_events(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on what is to happen before the world begins."""
    if scenario.clock.at is None:
        return
    for nth, event in enumerate(scenario.timeline):
        local = event.at.local
        if local is not None and local - scenario.clock.at < timedelta(0):
            yield Remark(
                ("timeline", nth, "at"), "this is before the world begins, so it happens at its start"
            )


def backward_events(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on what is over before it begins, so that it never happens."""
    for nth, event in enumerate(scenario.timeline):
        length = length_between(scenario, event.at, event.until) if event.until is not None else None
        if length is not None and length <= timedelta(0):
            yield Remark(("timeline", nth, "until"), "this is over before it begins")


def skipped_hours(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on local times that there never are, because clocks are put forward over them."""
    times: list[tuple[Path, datetime | None]] = [(("clock", "at"), scenario.clock.at)]
    for nth, event in enumerate(scenario.timeline):
        times.append((("timeline", nth, "at"), event.at.local))
        times.append((("timeline", nth, "until"), event.until.local if event.until else None))
    zone = scenario.clock.zone
    for path, local in times:
        if local is None:
            continue
        real = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        if real != local:
            what = f"there is no such time: clocks go forward over it in {zone.key}, so it is {real:%H:%M}"
            yield Remark(path, what)


def idle_keys(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on keys that are renewed and had not expired."""
    keys = [(event.do, event.account) for event in scenario.timeline if isinstance(event.do, ExpireKey)]
    expired = {account for do, account in keys if do.expired}
    for nth, event in enumerate(scenario.timeline):
        concerned = expired if event.account is None else expired & {None, event.account}
        if event.do == ExpireKey(False) and not concerned:
            yield Remark(("timeline", nth, "do"), "no key has expired that could be renewed")


CHECKS = (
    shadowed_rules,
    idle_limits,
    hidden_people,
    rules_about_nobody,
    past_events,
    backward_events,
    skipped_hours,
    idle_keys,
)
