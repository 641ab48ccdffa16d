"""The judging of a test's exchanges at its end."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.conformance.violations import explain
from simulator.exchange import Exchange, Violation
from simulator.verdicts.conduct import SUBJECTS, find_subject
from simulator.web.journal import EvictedExchanges, Journal

EARLIER_SHOWN = 5
BODY_SHOWN = 400


class Judge:
    """When `strict`, a test answers for its client's violations, except for those that it has to `expect`."""

    def __init__(self, strict: bool, expect: Iterable[str]) -> None:
        self._strict = strict
        self._expected = [("*", code) for code in expect]
        self._allowed: list[str] = []
        self.forgiven_conduct: list[tuple[str, str]] = []

    def expect(self, vendor: str, code: str) -> None:
        """Forgive a vendor's client this violation, which then has to happen."""
        self._expected.append((vendor, code))

    def allow(self, vendor: str) -> None:
        """Forgive a vendor's client everything."""
        self._allowed.append(vendor)
        self.forgiven_conduct += [(vendor, subject) for subject in SUBJECTS]

    def allow_conduct(self, vendor: str, subject: str) -> None:
        """Forgive a vendor's client what is judged under this subject of conduct; raises UnknownName."""
        self.forgiven_conduct.append((vendor, find_subject(subject)))

    def allow_all_conduct(self) -> None:
        """Forgive every client what is judged as conduct."""
        self.forgiven_conduct += [("*", subject) for subject in SUBJECTS]

    @property
    def strict(self) -> bool:
        """Whether the test answers for its client at all."""
        return self._strict

    def forgives(self, exchange: Exchange, found: Violation) -> bool:
        """Tell whether the test does not answer for a violation."""
        return not self._strict or found not in self._unexpected(exchange)

    def verdict(self, journal: Journal) -> str:
        """Return what the test has to answer for, in words for a terminal; nothing when all is well."""
        if not self._strict:
            return ""
        exchanges = list(journal)
        told = [self._tell(exchange, exchanges) for exchange in exchanges if self._unexpected(exchange)]
        happened = {(each.vendor, found.code) for each in exchanges for found in each.violations}
        happened |= {("*", code) for _, code in happened}
        missed = dict.fromkeys(code for vendor, code in self._expected if (vendor, code) not in happened)
        told += [f"the violation {code!r} was expected and did not happen" for code in missed]
        try:
            journal.require_complete("the verdict on the client")
        except EvictedExchanges as error:
            told.append(str(error))
        return "\n\n".join(told)

    def _unexpected(self, exchange: Exchange) -> list[Violation]:
        expected = [code for vendor, code in self._expected if vendor in ("*", exchange.vendor)]
        return [
            found
            for found in exchange.violations
            if found.blame == "client" and found.code not in expected and exchange.vendor not in self._allowed
        ]

    def _tell(self, exchange: Exchange, exchanges: list[Exchange]) -> str:
        place = exchanges.index(exchange)
        request, answer = exchange.request, exchange.answer
        return "\n".join(
            (
                f"{exchange.vendor}: the client broke the contract of {exchange.operation or 'no operation'}",
                *(f"  earlier  {_line(each)}" for each in exchanges[max(0, place - EARLIER_SHOWN) : place]),
                f"  here     {_line(exchange)}",
                f"    > {_shown(request.body) or request.query}",
                f"    < {_shown(answer.body)}",
                *(explain(found) for found in self._unexpected(exchange)),
            )
        )


def _line(exchange: Exchange) -> str:
    request = exchange.request
    return (
        f"{exchange.at:%H:%M:%S} {exchange.id} {exchange.vendor}.{exchange.operation or '?'}: "
        f"{request.method} {request.path} answered {exchange.answer.status}"
    )


def _shown(body: bytes) -> str:
    text = body[:BODY_SHOWN].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)
