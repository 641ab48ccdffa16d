"""Names that only a contract knows: vendors, operations, parameters, refusals, events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain

from msgspec import Struct

from simulator.faults import Refuse
from simulator.scenario.document import Path, Remark, lacks, unknown
from simulator.scenario.schema import LimitRule, Scenario
from simulator.scenario.values import Incident, Outage, Where
from simulator.telephony.operators import Asking, Interface, Operator
from simulator.telephony.world import World

OTHER_COVERAGE = ("errors", "callbacks")
"""What coverage may be expected of besides vendors."""


class Known(Struct, frozen=True):
    """All vendors there are, those of them that take part, and what can be asked of each.

    `operator` and `interface` look one up by name, which costs something the first time.
    """

    vendors: Sequence[str]
    present: Collection[str]
    operator: Callable[[str], Operator[World]]
    interface: Callable[[str], Interface]

    def has_event(self, name: str) -> bool:
        """Return whether a vendor tells of something by this name, asking for interfaces last."""
        here = any(name in self.operator(one).vocabulary.events for one in self.present)
        return here or name in self.events

    @property
    def events(self) -> list[str]:
        """What any vendor tells of: by the network's names, then by its own."""
        names = [name for one in self.vendors for name in self.operator(one).vocabulary.events]
        own = [name for one in self.vendors for name in self.interface(one).events]
        return list(dict.fromkeys((*names, *own)))

    def asked(self, where: Where) -> Mapping[str, Asking]:
        """Return the operations that a place is about, by `vendor.operation`; of absent vendors none."""
        vendors = [name for name in self.present if where.vendor in ("*", name)]
        return {
            f"{vendor}.{name}": asking
            for vendor in vendors
            for name, asking in self.interface(vendor).operations.items()
            if where.operation in ("*", name)
        }


def check_places(scenario: Scenario, known: Known) -> Iterator[Remark]:
    """Yield a remark for each name that no vendor has; operations of absent vendors are not asked about."""
    for path, of_key, vendor in _vendors(scenario):
        if vendor not in known.vendors:
            also = OTHER_COVERAGE if path[2:3] == ("coverage",) else ()
            yield Remark(path, unknown("vendor", vendor, (*known.vendors, *also)), of_key=of_key)
    for path, where in _places(scenario):
        if where.vendor in known.present and where.operation != "*" and not known.asked(where):
            operations = known.interface(where.vendor).operations
            yield Remark(path, lacks(where.vendor, "operation", where.operation, operations))
    yield from chain.from_iterable(
        check(scenario, known) for check in (_limits, _parameters, _refusals, _events)
    )


def _places(scenario: Scenario) -> Iterator[tuple[Path, Where]]:
    for word in ("limits", "faults"):
        for nth, rule in enumerate(getattr(scenario, word)):
            yield (word, nth, "where"), rule.where
    for nth, event in enumerate(scenario.timeline):
        if event.where is not None:
            yield ("timeline", nth, "where"), event.where
    for nth, verdict in enumerate(scenario.expect):
        if verdict.client and verdict.client.where:
            yield ("expect", nth, "client", "where"), verdict.client.where
        if verdict.request:
            yield ("expect", nth, "request", "where"), verdict.request.where


def _vendors(scenario: Scenario) -> Iterator[tuple[Path, bool, str]]:
    """Yield every name of a vendor with its place, and whether it is a key there."""
    for path, where in (*_places(scenario), *_hooks(scenario)):
        if where.vendor != "*":
            yield path, False, where.vendor
    for nth, event in enumerate(scenario.timeline):
        if isinstance(event.do, Outage) and event.do.vendor != "*":
            yield ("timeline", nth, "do"), False, event.do.vendor
    for tenant, account in scenario.accounts.items():
        for nth, vendor in enumerate(account.vendors):
            yield ("accounts", tenant, "vendors", nth), False, vendor
    yield from ((path, True, str(path[-1])) for path in _keys(scenario))


def _keys(scenario: Scenario) -> Iterator[Path]:
    for nth, verdict in enumerate(scenario.expect):
        named = (name for name in verdict.coverage or () if name not in OTHER_COVERAGE)
        yield from (("expect", nth, "coverage", name) for name in named)
    yield from (("profiles", vendor) for vendor in scenario.profiles)


def _hooks(scenario: Scenario) -> Iterator[tuple[Path, Where]]:
    return ((("hooks", nth, "where"), hook.where) for nth, hook in enumerate(scenario.hooks))


def _limits(scenario: Scenario, known: Known) -> Iterator[Remark]:
    """Refuse what a limit cannot count by: it would never apply."""
    for nth, rule in enumerate(scenario.limits):
        asked = known.asked(rule.where) if rule.by else {}
        if asked:
            yield from _counted_by(rule, ("limits", nth, "by"), asked)


def _counted_by(rule: LimitRule, path: Path, asked: Mapping[str, Asking]) -> Iterator[Remark]:
    facts = sorted(frozenset().union(*(asking.facts for asking in asked.values())))
    by = (rule.by,) if isinstance(rule.by, str) else rule.by
    strange = [place for place, name in enumerate(by) if name not in facts]
    for place in strange:
        here = path if isinstance(rule.by, str) else (*path, place)
        yield Remark(here, lacks(str(rule.where), "parameter", by[place], facts))
    if not strange and not any(asking.facts.issuperset(by) for asking in asked.values()):
        yield Remark(
            path, f"no operation of {rule.where} takes all of {', '.join(by)}, so nothing is counted"
        )


def _parameters(scenario: Scenario, known: Known) -> Iterator[Remark]:
    """Refuse what no request at a place could carry: nothing would ever be counted."""
    for nth, verdict in enumerate(scenario.expect):
        asked = known.asked(verdict.request.where) if verdict.request else {}
        facts = sorted(frozenset().union(*(asking.facts for asking in asked.values())))
        for name in (verdict.request.parameters if verdict.request else ()) if asked else ():
            if name not in facts:
                what = lacks(str(verdict.request.where if verdict.request else ""), "parameter", name, facts)
                yield Remark(("expect", nth, "request", "with", name), what, of_key=True)


def _refusals(scenario: Scenario, known: Known) -> Iterator[Remark]:
    for nth, rule in enumerate(scenario.faults):
        if isinstance(rule.do, Refuse):
            for what in check_refusal(rule.where, rule.do, known):
                yield Remark(("faults", nth, "do"), what)

    for nth, event in enumerate(scenario.timeline):
        if isinstance(event.do, Incident) and isinstance(event.do.action, Refuse) and event.where:
            for what in check_refusal(event.where, event.do.action, known):
                yield Remark(("timeline", nth, "do"), what)


def check_refusal(where: Where, action: Refuse, known: Known) -> Iterator[str]:
    """Say that no operation at a place refuses so, with a guess and the names that are known there."""
    asked = known.asked(where)
    names = list(dict.fromkeys(name for asking in asked.values() for name in asking.names_of_refusals))
    if asked and action.name not in names:
        yield lacks(str(where), "refusal", action.name, names)


def _events(scenario: Scenario, known: Known) -> Iterator[Remark]:
    """Refuse the names of events by which no vendor here tells anything: the network's, or a vendor's own."""
    for nth, verdict in enumerate(scenario.expect):
        event = verdict.hook.event if verdict.hook is not None else None
        if event is not None and not known.has_event(event):
            yield Remark(("expect", nth, "hook", "event"), unknown("event", event, known.events))
