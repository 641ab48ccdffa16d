"""Names that only a contract knows: vendors, operations, parameters, refusals, events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from simulator.faults import Refuse
from simulator.scenario.document import Checks, Path, Remark, lacks, remarks_on, unknown
from simulator.scenario.expectations import Expectation, ExpectedHook, ExpectedRequest
from simulator.scenario.schema import AccountWords, FaultRule, LimitRule, Scenario, TimelineEvent
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
    return remarks_on(scenario, _CHECKS, known)


def _vendor(vendor: str, path: Path, known: Known, of_key: bool = False) -> Iterator[Remark]:
    if vendor not in known.vendors:
        also = OTHER_COVERAGE if path[2:3] == ("coverage",) else ()
        yield Remark(path, unknown("vendor", vendor, (*known.vendors, *also)), of_key=of_key)


def _where(where: Where, path: Path, known: Known) -> Iterator[Remark]:
    is_nobodys = where.vendor not in ("*", *known.vendors)
    if is_nobodys and path[0] == "hooks" and str(where) in known.events:
        yield Remark(path, f"say whose event {where} is, as in `{known.vendors[0]}.{where}`")
    elif is_nobodys:
        yield from _vendor(where.vendor, path, known)
    is_asked = path[0] != "hooks" and where.vendor in known.present and where.operation != "*"
    if is_asked and not known.asked(where):
        operations = known.interface(where.vendor).operations
        if where.operation in known.events:
            yield Remark(path, f"{where.operation} is an event: callbacks go wrong by `hooks`")
            return
        yield Remark(path, lacks(where.vendor, "operation", where.operation, operations))


def _outage(outage: Outage, path: Path, known: Known) -> Iterator[Remark]:
    if outage.vendor != "*":
        yield from _vendor(outage.vendor, path, known)


def _account(account: AccountWords, path: Path, known: Known) -> Iterator[Remark]:
    for nth, vendor in enumerate(account.vendors):
        yield from _vendor(vendor, (*path, "vendors", nth), known)


def _coverage(verdict: Expectation, path: Path, known: Known) -> Iterator[Remark]:
    for name in verdict.coverage or ():
        if name not in OTHER_COVERAGE:
            yield from _vendor(name, (*path, "coverage", name), known, of_key=True)


def _profiles(scenario: Scenario, path: Path, known: Known) -> Iterator[Remark]:
    for vendor in scenario.profiles:
        yield from _vendor(vendor, (*path, "profiles", vendor), known, of_key=True)


def check_limit(rule: LimitRule, path: Path, known: Known) -> Iterator[Remark]:
    """Refuse what a limit cannot count by: it would never apply."""
    asked = known.asked(rule.where) if rule.by else {}
    if not asked:
        return
    facts = sorted(frozenset().union(*(asking.facts for asking in asked.values())))
    by = (rule.by,) if isinstance(rule.by, str) else rule.by
    strange = [place for place, name in enumerate(by) if name not in facts]
    for place in strange:
        here = (*path, "by") if isinstance(rule.by, str) else (*path, "by", place)
        yield Remark(here, lacks(str(rule.where), "parameter", by[place], facts))
    if not strange and not any(asking.facts.issuperset(by) for asking in asked.values()):
        what = f"no operation of {rule.where} takes all of {', '.join(by)}, so nothing is counted"
        yield Remark((*path, "by"), what)


def _request(request: ExpectedRequest, path: Path, known: Known) -> Iterator[Remark]:
    """Refuse what no request at a place could carry: nothing would ever be counted."""
    asked = known.asked(request.where)
    carried = sorted(frozenset().union(*(asking.carried for asking in asked.values())))
    for name in request.parameters if asked else ():
        if name not in carried:
            what = lacks(str(request.where), "parameter", name, carried)
            yield Remark((*path, "with", name), what, of_key=True)


def _refusal(rule: FaultRule | TimelineEvent, path: Path, known: Known) -> Iterator[Remark]:
    action = rule.do.action if isinstance(rule.do, Incident) else rule.do
    if isinstance(action, Refuse) and rule.where:
        yield from (Remark((*path, "do"), what) for what in check_refusal(rule.where, action, known))


def check_refusal(where: Where, action: Refuse, known: Known) -> Iterator[str]:
    """Say that no operation at a place refuses so, with a guess and the names that are known there."""
    asked = known.asked(where)
    names = list(dict.fromkeys(name for asking in asked.values() for name in asking.names_of_refusals))
    if asked and action.name not in names:
        yield lacks(str(where), "refusal", action.name, names)


def _event(hook: ExpectedHook, path: Path, known: Known) -> Iterator[Remark]:
    """Refuse the name of an event by which no vendor here tells anything: the network's, or its own."""
    if hook.event is not None and not known.has_event(hook.event):
        yield Remark((*path, "event"), unknown("event", hook.event, known.events))


_CHECKS: Checks = (
    (Where, _where),
    (Outage, _outage),
    (AccountWords, _account),
    (Expectation, _coverage),
    (Scenario, _profiles),
    (LimitRule, check_limit),
    (ExpectedRequest, _request),
    (FaultRule, _refusal),
    (TimelineEvent, _refusal),
    (ExpectedHook, _event),
)
