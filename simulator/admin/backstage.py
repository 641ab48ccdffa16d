"""The simulator as its control plane sees it: what that may not import, it gets said or read here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import msgspec.structs

from simulator import __version__
from simulator.conformance.contract import Contract
from simulator.conformance.coverage import Coverage
from simulator.conformance.examples import example_of
from simulator.conformance.grouping import Findings
from simulator.conformance.operations import Operation
from simulator.conformance.outline import outline
from simulator.engine.sandbox import Sandbox
from simulator.engine.verification import next_showing, perform, verdicts_on
from simulator.errors import UnknownName
from simulator.exchange import Exchange
from simulator.faults import Action, Gate, Refuse
from simulator.scenario import microsyntax as phrases
from simulator.scenario.loading import list_scenarios, load_text
from simulator.scenario.places import check_refusal
from simulator.scenario.schema import Scenario
from simulator.web.masking import Masker

if TYPE_CHECKING:
    from simulator.app import Simulator

Json = Any

HIDDEN = "***"
SENT = "body.yaml"
"""How findings call a scenario that came in a request."""


class Backstage:
    """A Simulation, as `simulator.web.control` asks for one."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    @property
    def version(self) -> str:
        """See Simulation."""
        return __version__

    @property
    def admin_hosts(self) -> tuple[str, ...]:
        """See Simulation."""
        return self._simulator.settings.admin_hosts

    @property
    def admin_token(self) -> str | None:
        """See Simulation."""
        return self._simulator.settings.admin_token

    @property
    def masker(self) -> Masker:
        """See Simulation."""
        return self._simulator.masker

    def note_bug(self, line: str) -> None:
        """See Simulation."""
        self._simulator.note_bug(line)

    @property
    def vendors(self) -> Sequence[str]:
        """See Simulation."""
        return list(self._simulator.vendors)

    @property
    def sandboxes(self) -> Sequence[Sandbox]:
        """See Simulation."""
        return self._simulator.sandboxes

    def sandbox(self, name: str) -> Sandbox:
        """See Simulation."""
        return self._simulator.sandbox(name)

    def open_world(self, name: str, scenario: str | bytes | None) -> Sandbox:
        """See Simulation; a name never leads to a file that does not ship."""
        if isinstance(scenario, bytes):
            return self._simulator.open_world(name, load_text(scenario, SENT))
        if scenario is not None and scenario not in list_scenarios():
            raise UnknownName("scenario", scenario, list_scenarios())
        return self._simulator.open_world(name, scenario)

    def reset(self, name: str) -> Sandbox:
        """See Simulation."""
        return self._simulator.open_world(name, self.sandbox(name).scenario)

    def perform(self, name: str) -> Json:
        """See Simulation."""
        steps = perform(self.sandbox(name))
        return [{"step": step, **asdict(done)} for step, done in steps]

    def describe_verdicts(self, name: str) -> Json:
        """See Simulation."""
        return [asdict(verdict) for verdict in verdicts_on(self._simulator, self.sandbox(name))]

    def close_world(self, name: str) -> None:
        """See Simulation."""
        self._simulator.close_world(name)

    @property
    def memory(self) -> Mapping[str, int]:
        """See Simulation."""
        return self._simulator.memory.counts()

    def scenarios(self) -> Sequence[str]:
        """See Simulation."""
        return list_scenarios()

    def pace(self, scenario: Scenario) -> str:
        """See Simulation."""
        return self._simulator.settings.clock or scenario.clock.mode

    def describe_scenario(self, scenario: Scenario) -> Json:
        """See Simulation."""
        words: dict[str, Json] = _words(msgspec.structs.replace(scenario, document=None))
        for account in words.get("accounts", {}).values():
            if account.get("key"):
                account["key"] = HIDDEN
            if account.get("keys"):
                account["keys"] = dict.fromkeys(account["keys"], HIDDEN)
        return words

    def describe_coverage(self, coverage: Coverage) -> Json:
        """See Simulation."""
        return {
            vendor: _vendor_coverage(coverage, self._simulator.contract(vendor)) for vendor in self.vendors
        }

    def findings(self, exchanges: Iterable[Exchange]) -> Findings:
        """See Simulation."""
        findings = Findings()
        for exchange in exchanges:
            findings.note(exchange)
        return findings

    def describe_operations(self, vendor: str) -> Json:
        """See Simulation."""
        if vendor not in self._simulator.vendors:
            raise UnknownName("vendor", vendor, list(self._simulator.vendors))
        contract = self._simulator.contract(vendor)
        return [_operation(contract, operation) for operation in contract.operations]

    def read_length(self, text: str) -> timedelta:
        """See Simulation."""
        return phrases.LENGTH.read(text)

    def read_moment(self, text: str, now: datetime, scenario: Scenario) -> datetime:
        """See Simulation; an instant without an offset is local to the scenario."""
        zone = phrases.ZONE.read(scenario.clock.zone)
        if len(text) == len("20:00"):
            hour = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - the zone follows
            return next_showing(hour, now, zone)
        told = datetime.fromisoformat(text)
        then = told if told.tzinfo else told.replace(tzinfo=zone)
        return then.astimezone(now.tzinfo)

    def read_gate(self, text: str) -> Gate:
        """See Simulation."""
        return phrases.GATE.read(text)

    def read_action(self, text: str, where: str) -> Action:
        """See Simulation."""
        action = phrases.FAULT.read(text)
        if isinstance(action, Refuse):
            for what in check_refusal(where, action, self._simulator.known):
                raise ValueError(what)
        return action

    def check_place(self, where: str) -> None:
        """See Simulation."""
        place = phrases.WHERE.read(where)
        if place.vendor == "*":
            return
        if place.vendor not in self._simulator.vendors:
            raise UnknownName("vendor", place.vendor, list(self._simulator.vendors))
        if place.operation != "*":
            self._simulator.contract(place.vendor).find(place.operation)


def _words(value: Any) -> Json:
    """Return loaded words as they were said: what stands at its default is left out."""
    if isinstance(value, msgspec.Struct):
        told = [(field, getattr(value, field.name)) for field in msgspec.structs.fields(value)]
        return {field.encode_name: _words(said) for field, said in told if not _is_default(field, said)}
    if isinstance(value, Mapping):
        return {str(key): _words(entry) for key, entry in value.items()}
    return [*map(_words, value)] if isinstance(value, tuple | list) else msgspec.to_builtins(value)


def _is_default(field: msgspec.structs.FieldInfo, said: object) -> bool:
    if field.default_factory is not msgspec.NODEFAULT:
        return bool(said == field.default_factory())
    return bool(said == field.default)


def _vendor_coverage(coverage: Coverage, contract: Contract) -> Json:
    counts = coverage.as_json().get(contract.vendor, {})
    never = [operation.id for operation in coverage.missing(contract)]
    return {
        "known": len(contract.operations),
        "called": len(contract.operations) - len(never),
        "never_called": never,
        "never_sent": [event.id for event in coverage.unsent(contract)],
        "operations": [
            _counted(operation, counts.get(operation.id, {})) for operation in contract.operations
        ],
        "events": [
            {
                "event": event.id,
                "provenance": event.provenance,
                "sent": counts.get(event.id, {}).get("calls", 0),
            }
            for event in contract.events
        ],
    }


def _counted(operation: Operation, counts: Json) -> Json:
    errors = counts.get("errors", {})
    return {
        "operation": operation.id,
        "provenance": operation.provenance,
        "calls": counts.get("calls", 0),
        "statuses": counts.get("statuses", {}),
        "errors": [
            {
                "status": error.status,
                "text": error.text,
                "provenance": error.provenance,
                "seen": errors.get(error.text, 0),
            }
            for error in operation.errors
        ],
    }


def _operation(contract: Contract, operation: Operation) -> Json:
    variant = operation.variants[0]
    return {
        "operation": operation.id,
        "summary": operation.summary,
        "provenance": operation.provenance,
        "source": variant.source,
        "forms": [f"{form.method} {form.path}" for form in operation.variants],
        "parameters": [asdict(row) for row in outline(contract, variant)],
        "example": example_of(contract, variant),
        "statuses": [
            {"status": reply.status, "provenance": reply.provenance} for reply in variant.replies.values()
        ],
        "errors": [
            {"status": error.status, "text": error.text, "when": error.when, "provenance": error.provenance}
            for error in operation.errors
        ],
    }
