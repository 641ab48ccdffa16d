"""What one world answers to a request: its vendor's answer, whatever fails around that."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from msgspec import Struct
from werkzeug.exceptions import InternalServerError

from simulator.conformance.contract import Contract
from simulator.conformance.error_texts import error_called
from simulator.engine.bugs import with_bug
from simulator.engine.recorder import Recorder
from simulator.exchange import Answer, Exchange, Request
from simulator.faults import Refuse
from simulator.telephony.world import World
from simulator.vendor import RequestContext
from simulator.web.faults import Decision, FaultPlan, apply_to_answer, callees_of
from simulator.web.vendor_app import VendorApp


class Answering(Struct, frozen=True):
    """Answers the requests of one world, under its lock."""

    world: World
    faults: FaultPlan
    recorder: Recorder

    def answer(
        self, app: VendorApp, request: Request, beside: tuple[int, ...], arrived: float
    ) -> tuple[Exchange | None, Answer, Decision | None]:
        """Return the exchange as it is kept, the answer as the fault leaves it, and the fault.

        There is no exchange for one that is played again and that nobody keeps any more.
        """
        name = f"{self.world.name}-{self.world.inputs}"
        context = RequestContext(world=self.world, request=request)
        answer, fault = self._ask(app, context, name)
        if self.recorder.passes_over(name, app, context, answer):
            return None, answer, fault
        left = answer
        if fault is not None:
            try:
                left = apply_to_answer(fault, answer)
            except Exception as error:
                context.rule = with_bug(context.rule, self.recorder.bugs.report(name, error))
        exchange = Exchange(
            id=name,
            at=self.world.clock.now,
            world=self.world.name,
            vendor=app.name,
            operation=context.operation,
            request=context.request,
            answer=answer,
            rule=context.rule,
            rate_limit=context.rate_limit,
            beside=beside,
            lost=fault is not None and fault.loses_the_answer,
            arrived=arrived,
        )
        return self.recorder.record(exchange, app, context), left, fault

    def _ask(self, app: VendorApp, context: RequestContext, name: str) -> tuple[Answer, Decision | None]:
        """Return the answer of the vendor, or of the fault in front of it; for a bug, its 500 page."""
        fault, bug = None, None
        try:
            app.read(context)
            if self.faults.any():
                fault, bug = self._decide(app, context, name)
            answer = app.answer(context) if fault is None else self._meet(fault, app, context)
        except Exception as error:
            bug = self.recorder.bugs.report(name, error)
            answer = self._apologise(app, context, name)
        if fault is not None:
            context.rule = f"fault: {fault.rule}"
        if bug is not None:
            context.rule = with_bug(context.rule, bug)
        return answer, fault

    def _meet(self, fault: Decision, app: VendorApp, context: RequestContext) -> Answer:
        """Return the vendor's answer to a request that meets a fault, or that of a fault in front of it."""
        if isinstance(fault.do, Refuse):
            where = f"{app.name}.{context.operation}"
            return app.refuse_on_demand(context, refusal_called(self.recorder.contracts, fault.do, where))
        return apply_to_answer(fault, Answer()) if fault.spares_the_vendor else app.answer(context)

    def _decide(
        self, app: VendorApp, context: RequestContext, name: str
    ) -> tuple[Decision | None, str | None]:
        """Decide which fault a request meets, if any; where that fails it meets none, and a rule tells it."""
        request, where = context.request, f"{app.name}.{context.operation}"
        try:
            target = f"{request.method} {request.path}?{request.query}".encode("utf-8", "surrogatepass")
            fingerprint = blake2b(target + request.body, digest_size=8).hexdigest()
            concerned = self.faults.asks_for_callees(where)
            callees = callees_of(request, context.form.values, app.vendor) if concerned else ()
            return self.faults.decide(where, fingerprint, callees, self.world.age), None
        except Exception as error:
            return None, self.recorder.bugs.report(name, error)

    def _apologise(self, app: VendorApp, context: RequestContext, name: str) -> Answer:
        """Return the vendor's page for a failure of its own, or a bare 500 where even that fails."""
        answer = Answer(500, b"", (("Content-Type", "text/html"),))
        try:
            error, context.addressee = InternalServerError(), context.customer
            mark = app.vendor.provenance_of(error, context.request, context.addressee)
            context.refused, context.fact, context.rule = False, mark, None  # it may have failed to refuse
            answer = app.refuse(error, context)
            context.rule = context.rule or mark or None
        except Exception as failure:
            self.recorder.bugs.report(name, failure)
        return answer


def refusal_called(contracts: Callable[[str], Contract], action: Refuse, where: str) -> str:
    """Return the contract's name of the refusal that a fault asks for by name or code, or nothing."""
    vendor, _, operation = where.partition(".")
    known = [known for known in contracts(vendor).operations if known.id == operation]
    error = error_called(known[0].errors, action.name) if known else None
    return (error and error.name) or ""
