"""What the control plane says when it cannot do as asked: RFC 9457 problems, in the simulator's own voice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from http import HTTPStatus
from traceback import format_exception

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from simulator.engine.bugs import find_place
from simulator.engine.worlds import Worlds
from simulator.errors import BrokenScenario, SimulatorError, StateError, UnknownName
from simulator.formats.json_text import MalformedJson
from simulator.telephony.errors import (
    CodeWanted,
    MalformedCredential,
    MalformedNumber,
    NobodyOwns,
    NobodyThere,
    TelephonyError,
    UnknownCredential,
    UnknownReference,
)
from simulator.web.guard import Refused
from simulator.web.journal import EvictedExchanges, UnknownExchange

PROBLEM = "application/problem+json"
KIND = "urn:vendor-simulator:problem:"

NOBODY = {
    NobodyThere: (
        "nobody there",
        "ask GET /_simulator/v1/people/NUMBER what the phone does, and advance the clock until it does it",
    ),
    NobodyOwns: (
        "nobody owns it",
        "choose a number that an account owns; `serve --show-numbers` shows them whole",
    ),
    CodeWanted: ("a code is wanted", "send the code that the vendor told as `keys`"),
}
"""Why nobody can be reached: the title of the problem, and what helps."""

log = logging.getLogger("simulator")


class Problem(Exception):
    """An answer that is not what was asked for; `findings` name each fault and its place."""

    def __init__(
        self, status: int, title: str, detail: str, remedy: str = "", findings: Sequence[str] = ()
    ) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.remedy = remedy
        self.findings = tuple(findings)

    def as_json(self) -> dict[str, object]:
        """Return the problem's members; those with nothing to say are left out."""
        members: dict[str, object] = {
            "type": KIND + self.title.replace(" ", "-"),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.remedy:
            members["remedy"] = self.remedy
        if self.findings:
            members["findings"] = list(self.findings)
        return members


def unusable(findings: Sequence[str], remedy: str = "") -> Problem:
    """Return the problem of a request that says something it may not, at each place named."""
    detail = "nothing was changed; " + "; ".join(finding.partition("\n")[0] for finding in findings)
    return Problem(422, "unusable request", detail, remedy, findings)


@contextmanager
def blaming(pointer: str) -> Iterator[None]:
    """Raise what goes wrong inside as Problem 422 of the value at `pointer` of the body."""
    try:
        yield
    except SimulatorError as error:
        raise unusable([f"{pointer}: {error.message}"], error.remedy) from error
    except (ValueError, TelephonyError) as error:
        raise unusable([f"{pointer}: {error}"]) from error


def problem_of(error: Exception, worlds: Worlds) -> Problem:
    """Return the problem that an exception is to whoever asked; one that nobody foresaw is our bug.

    What is logged of it is masked, and a failure of ours is noted for whoever judges clients by us.
    """
    mask = worlds.masker.text
    problem = _problem_of(error, mask)
    if problem.status >= 500:
        worlds.note_bug(mask(f"{problem.detail} ({type(error).__name__}: {error})"))
    return problem


def _problem_of(error: Exception, mask: Callable[[str], str]) -> Problem:
    match error:
        case Problem():
            return error
        case SimulatorError():
            return _mistake(error, mask)
        case TelephonyError():
            return _refusal(error)
        case MalformedJson() | Refused() | HTTPException():
            return _misfit(error)
    return _bug(error, mask)


def _mistake(error: SimulatorError, mask: Callable[[str], str]) -> Problem:
    match error:
        case BrokenScenario():
            remedy = "mend these lines; the world goes on as it was"
            detail = f"findings: {len(error.findings)}"
            log.warning("a broken scenario was refused: %s", mask(error.message))
            return Problem(422, "broken scenario", detail, remedy, error.findings)
        case UnknownName() | UnknownExchange():
            return Problem(404, "unknown name", error.message, error.remedy)
        case EvictedExchanges():
            return Problem(410, "exchanges dropped", error.message, error.remedy)
        case StateError():
            return Problem(503, "state unavailable", error.message, error.remedy)
    return Problem(409, "not possible now", error.message, error.remedy)


def _refusal(error: TelephonyError) -> Problem:
    match error:
        case UnknownReference():
            return Problem(404, "unknown name", str(error), "list what there is")
        case NobodyThere():
            title, remedy = NOBODY[type(error)]
            return Problem(409, title, str(error), remedy)
        case MalformedNumber():
            return unusable([str(error)], "write a number like +447700900310")
        case MalformedCredential() | UnknownCredential():
            return unusable([f"#/credential: {error}"], "see `accounts` for those of this world")
    return Problem(409, "not possible now", str(error))


def _misfit(error: MalformedJson | Refused | HTTPException) -> Problem:
    if isinstance(error, MalformedJson):
        return Problem(400, "malformed body", str(error), "send one JSON object as UTF-8")
    if isinstance(error, Refused):
        return Problem(error.status, _phrase(error.status), error.reason)
    status = error.code or 500
    if status == 404:
        remedy = "the endpoints are listed in /_simulator/openapi.json"
        return Problem(404, "no such endpoint", "the control API has nothing at this path", remedy)
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return Problem(status, _phrase(status), "this path has other verbs", f"use {allowed}")
    return Problem(status, _phrase(status), error.description or _phrase(status))


def _bug(error: Exception, mask: Callable[[str], str]) -> Problem:
    place = find_place(error)
    story = mask("".join(format_exception(error)))
    bug = f"bug-{blake2b(story.encode('utf-8', 'surrogatepass'), digest_size=6).hexdigest()}"
    remedy = f"mend it in {place}" if place else "please report it"
    log.error("%s in the control plane: %s\n%s", bug, remedy, story)
    title = "a vendor of another package failed" if place else "bug in the simulator"
    return Problem(500, title, f"{bug}: the log has its story", remedy)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase.lower()
