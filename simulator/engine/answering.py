"""One request answered: what happens to it from the fault in front of the vendor to its entry in the record.

The answer is the vendor's, whatever fails around it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b

from werkzeug.exceptions import InternalServerError

from simulator.conformance.contract import Contract
from simulator.conformance.operations import error_called
from simulator.engine.bugs import with_bug
from simulator.engine.recorder import Recorder, read_parameters
from simulator.exchange import Answer, Exchange, Request
from simulator.faults import Refuse
from simulator.formats.forms import Form
from simulator.telephony.world import World
from simulator.web.callees import callees_of
from simulator.web.faults import Decision, FaultPlan, apply_to_answer
from simulator.web.vendor_app import Arrival, VendorApp


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers the requests of one world, under its lock."""

    world: World
    faults: FaultPlan
    record: Recorder
    contracts: Callable[[str], Contract]

    def answer(
        self, app: VendorApp, request: Request, beside: tuple[int, ...], arrived: float
    ) -> tuple[Exchange, Answer, Decision | None]:
        """Return the exchange as it is kept, the answer as the fault leaves it, and the fault."""
        name = f"{self.world.name}-{self.world.inputs}"
        arrival = Arrival(self.world, request, Form())
        answer, fault = self._ask(app, arrival, name)
        exchange = Exchange(
            id=name,
            at=self.world.clock.now,
            world=self.world.name,
            vendor=app.name,
            operation=arrival.operation,
            request=arrival.request,
            answer=answer,
            rule=arrival.rule,
            rate_limit=arrival.rate_limit,
            beside=beside,
            lost=fault is not None and fault.loses_the_answer,
            arrived=arrived,
        )
        with self.record.bugs.caught(name) as bugs:
            exchange = replace(exchange, account=arrival.visitor, credential=app.presented(arrival))
            if arrival.account is not None:
                exchange = replace(exchange, edition=app.vendor.edition(arrival.account))
        with self.record.bugs.caught(name) as spoilt:
            answer = apply_to_answer(fault, answer) if fault else answer
        arrival.rule = with_bug(arrival.rule, bugs or spoilt)
        return self.record.keep(replace(exchange, rule=arrival.rule), arrival), answer, fault

    def _ask(self, app: VendorApp, arrival: Arrival, name: str) -> tuple[Answer, Decision | None]:
        """Let the vendor answer, or what stands in front of it; where that is a bug, its page for a 500."""
        fault, answer = None, None
        with self.record.bugs.caught(name) as bugs:
            self._read(app, arrival)
        with self.record.bugs.caught(name) as undecided:
            fault = self._decide(app, arrival)
        if not bugs:
            with self.record.bugs.caught(name) as bugs:
                answer = self._answer(app, arrival, fault)
        if answer is None:
            answer = self._apologise(app, arrival, name)
        rule = f"fault: {fault.rule}" if fault is not None else arrival.rule
        arrival.rule = with_bug(rule, bugs or undecided)
        return answer, fault

    def _answer(self, app: VendorApp, arrival: Arrival, fault: Decision | None) -> Answer:
        if fault is not None and isinstance(fault.do, Refuse):
            where = f"{app.name}.{arrival.operation}"
            return app.refuse_on_demand(arrival, refusal_called(self.contracts, fault.do, where) or "")
        spared = fault is not None and fault.spares_the_vendor
        return apply_to_answer(fault, Answer()) if fault and spared else app.answer(arrival)

    def _read(self, app: VendorApp, arrival: Arrival) -> None:
        """Read path and parameters, and find the route."""
        path = app.vendor.canonical_path(arrival.request.path)
        if path != arrival.request.path:
            arrival.request = replace(arrival.request, path=path)
        arrival.form = read_parameters(app, arrival.request)
        app.locate(arrival)

    def _decide(self, app: VendorApp, arrival: Arrival) -> Decision | None:
        """Decide which fault a request meets, if any."""
        if not self.faults.list():
            return None
        asked, where = arrival.request, f"{app.name}.{arrival.operation}"
        target = f"{asked.method} {asked.path}?{asked.query}".encode("utf-8", "surrogatepass")
        fingerprint = blake2b(target + asked.body, digest_size=8).hexdigest()
        concerned = self.faults.asks_for_callees(where)
        callees = callees_of(asked, arrival.fields.values, app.vendor.callees) if concerned else ()
        return self.faults.decide(where, fingerprint, callees, self.world.age)

    def _apologise(self, app: VendorApp, arrival: Arrival, name: str) -> Answer:
        """Return the vendor's page for a failure of its own, or a bare 500 where even that fails."""
        answer = Answer(500, b"", (("Content-Type", "text/html"),))
        with self.record.bugs.caught(name):
            asked = (InternalServerError(), arrival.request, arrival.account)
            mark = app.vendor.provenance_of(*asked)
            answer = app.refuse(*asked)
            arrival.rule = mark or None
        return answer


def refusal_called(contracts: Callable[[str], Contract], action: Refuse, where: str) -> str | None:
    """Return the contract's name of the refusal that a fault asks for by name or code; None without one."""
    vendor, _, operation = where.partition(".")
    known = [each for each in contracts(vendor).operations if each.id == operation]
    error = error_called(known[0].errors, action.name) if known else None
    return error.name if error else None
