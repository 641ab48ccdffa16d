"""The judging of a test's exchanges at its end."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from simulator.conformance.recordings import nearest
from simulator.conformance.refusals import BLAMED, MORE_CODES, is_allowed
from simulator.conformance.report import RefusalCounts, ViolationGroups
from simulator.conformance.violations import CODES, explain_all
from simulator.errors import UnknownName
from simulator.exchange import Exchange, Refusal, Violation
from simulator.verdicts.conduct import SUBJECTS, find_subject
from simulator.web.journal import EvictedExchanges, Journal
from simulator.web.masking import Masker

REFUSED = tuple(f"refused-{cause}" for cause in BLAMED)
FORGIVE = "`expect_refusal({!r})` of the vendor's fixture says so"
EARLIER_SHOWN = 5
BODY_SHOWN = 400


def known_code(code: str) -> str:
    """Return the code of a violation; raises UnknownName."""
    known = [*CODES, *MORE_CODES]
    if code not in known:
        raise UnknownName("violation", code, known)
    return code


class ContractJudge:
    """When `strict`, a test answers for its client's violations, except for those that it has to `expect`.

    So it does for operations that a vendor refused each time, except for the refusals that it has to expect.
    """

    def __init__(self, strict: bool, expect: Iterable[str], expect_refusals: Iterable[str] = ()) -> None:
        self.strict = strict
        self._expected = [("*", known_code(code)) for code in expect]
        self._refusals = [("*", word) for word in expect_refusals]
        self._allowed: list[str] = []
        self._seen = 0
        self._reported: list[str] = []
        self.forgiven_conduct: list[tuple[str, str]] = []

    def expect(self, vendor: str, code: str) -> None:
        """Forgive a vendor's client this violation, which then has to happen; raises UnknownName."""
        self._expected.append((vendor, known_code(code)))

    def expect_refusal(self, vendor: str, word: str) -> None:
        """Forgive this refusal, by its name, its code or its operation; it then has to happen."""
        self._refusals.append((vendor, word))

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

    def forgives(self, exchange: Exchange, violation: Violation) -> bool:
        """Return whether the test does not answer for a violation."""
        return not self.strict or violation not in self._unexpected(exchange)

    def verdict(self, journal: Journal, masker: Masker) -> str:
        """Return what the test has to answer for, in words for a terminal; nothing when all is well."""
        self._seen = journal.recorded
        if not self.strict:
            return ""
        exchanges = list(journal)
        lines = [self._write(exchanges, place, masker) for place in self._broken(exchanges)]
        lines += self._stuck(exchanges)
        lines += self._missed_refusals(exchanges)
        happened = {(one.vendor, violation.code) for one in exchanges for violation in one.violations}
        happened |= {("*", code) for _, code in happened}
        missed = dict.fromkeys(code for vendor, code in self._expected if (vendor, code) not in happened)
        lines += [f"the violation {code!r} was expected and did not happen" for code in missed]
        try:
            journal.require_complete("the verdict on the client")
        except EvictedExchanges as error:
            lines.append(str(error))
        return "\n\n".join(lines)

    def late_verdict(self, journal: Journal, masker: Masker) -> str:
        """Return what is to be answered for since the last verdict, in words for a terminal."""
        since = journal.recorded - self._seen
        if not self.strict or not since:
            return ""
        exchanges = list(journal)
        broken = [place for place in self._broken(exchanges) if place >= len(exchanges) - since]
        lines = [self._write(exchanges, place, masker) for place in broken]
        return "\n\n".join([*lines, *self._stuck(exchanges)])

    def _broken(self, exchanges: list[Exchange]) -> list[int]:
        """Return where the exchanges stand for whose violations the test answers."""
        findings = ViolationGroups()
        own = [place for place, exchange in enumerate(exchanges) if findings.note(exchange)]
        return [place for place in own if self._unexpected(exchanges[place])]

    def _stuck(self, exchanges: Iterable[Exchange]) -> list[str]:
        """Return each operation that never succeeded, once in the life of a test."""
        counts = RefusalCounts()
        for exchange in exchanges:
            if exchange.vendor not in self._allowed:
                counts.note(self._with_expected(exchange))
        fresh = [line for line in counts.stuck(FORGIVE) if line not in self._reported]
        self._reported += fresh
        return fresh

    def _with_expected(self, exchange: Exchange) -> Exchange:
        refusal = exchange.refusal
        if refusal is None or not self._expects(exchange, refusal):
            return exchange
        return replace(exchange, refusal=replace(refusal, expected=True))

    def _expects(self, exchange: Exchange, refusal: Refusal) -> bool:
        return any(_is_expected(expected, exchange, refusal) for expected in self._refusals)

    def _missed_refusals(self, exchanges: Iterable[Exchange]) -> list[str]:
        refused = [(exchange, refusal) for exchange in exchanges for refusal in _refusals_of(exchange)]
        happened = {
            expected for expected in self._refusals if any(_is_expected(expected, *one) for one in refused)
        }
        missed = [expected[1] for expected in self._refusals if expected not in happened]
        return [f"the refusal {word!r} was expected and did not happen" for word in dict.fromkeys(missed)]

    def _unexpected(self, exchange: Exchange) -> list[Violation]:
        if exchange.vendor in self._allowed:
            return []
        refusal = exchange.refusal
        forgiven = REFUSED if refusal is not None and self._expects(exchange, refusal) else ()
        expected = [code for vendor, code in self._expected if vendor in ("*", exchange.vendor)]
        return [
            violation
            for violation in exchange.violations
            if violation.blame == "client"
            and violation.severity == "error"
            and violation.code not in (*expected, *forgiven)
        ]

    def _write(self, exchanges: list[Exchange], place: int, masker: Masker) -> str:
        exchange = masker.exchange(exchanges[place])
        earlier = exchanges[max(0, place - EARLIER_SHOWN) : place]
        request, answer = exchange.request, exchange.answer
        return "\n".join(
            (
                f"{exchange.vendor}: the client broke the contract of {exchange.operation or 'the vendor'}",
                *(masker.text(f"  earlier  {_line(exchange)}") for exchange in earlier),
                f"  here     {_line(exchange)}",
                f"    > {_shown(request.body) or request.query}",
                f"    < {_shown(answer.body)}",
                *explain_all(_shown_right(exchange, violation) for violation in self._unexpected(exchange)),
            )
        )


def _is_expected(expected: tuple[str, str], exchange: Exchange, refusal: Refusal) -> bool:
    vendor, word = expected
    by_anybody = vendor in ("*", exchange.vendor)
    return by_anybody and is_allowed(refusal, exchange.vendor, exchange.operation, [word])


def _refusals_of(exchange: Exchange) -> tuple[Refusal, ...]:
    refusal = exchange.refusal
    return () if refusal is None else (refusal, *refusal.others)


def _shown_right(exchange: Exchange, violation: Violation) -> Violation:
    """Return a violation with the nearest recorded request, where there is one."""
    return replace(violation, example=nearest(exchange) or violation.example)


def _line(exchange: Exchange) -> str:
    request = exchange.request
    return (
        f"{exchange.at:%H:%M:%S} {exchange.id} {exchange.place}: "
        f"{request.method} {request.path} answered {exchange.answer.status}"
    )


def _shown(body: bytes) -> str:
    text = body[:BODY_SHOWN].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)
