"""Actions that need no call: log, javascript, fetch, sms.

Names of parameters are observed where guides show them, else inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from simulator.exchange import Answer, CallbackRequest, find_header
from simulator.formats.json_text import MalformedJson, read_json
from simulator.formats.urls import escape_url, is_web_address, without_credentials
from simulator.telephony.errors import TelephonyError
from simulator.telephony.outbox import Delivery, Webhook
from simulator.telephony.script_runs import LineKind
from simulator.vendor import Refused
from simulator.vendors.callr.actions.run import Run
from simulator.vendors.callr.actions.script import Step
from simulator.vendors.callr.actions.variables import interpreter_of
from simulator.vendors.callr.actions.vocabulary import words_of
from simulator.vendors.callr.javascript.values import NotSimulated, to_json, to_text
from simulator.vendors.callr.refusals import message_of
from simulator.vendors.callr.sending import send

GoOn = Callable[[], None]
Pause = Callable[[GoOn], None]
"""What a run waits for: given how to go on, it sees to it that this happens."""

Params = Mapping[str, Any]
Action = Callable[[Run, Step, Params], Pause | None]


def skip(run: Run, step: Step, _params: Params) -> Pause | None:
    """Note an action that is not simulated, or makes no sense without a call."""
    unknown = words_of(step.action).parameters is None
    why = "" if unknown or run.live else " without a call"
    run.note_unsimulated(f"{step.action}@v{step.version}{why}")
    return None


def read_number(run: Run, step: Step, params: Params, name: str, most: float) -> float | None:
    """Return a number above 0 up to `most`; one that is none is told, and is as if it were not there."""
    value = params.get(name)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= most:
        return value
    run.note_unsimulated(f"{step.action}: {name} {to_text(value)[:80]!r}, which is no number up to {most}")
    return None


def _log(run: Run, step: Step, params: Params) -> None:
    run.note(to_text(params["message"]), LineKind.LOGGED)
    run.keep(step, params["message"])


def _javascript(run: Run, _step: Step, params: Params) -> None:
    """Do the code; `$variables` have the values then that it gave them, or none."""
    try:
        variables = interpreter_of(run).run(to_text(params["code"]))
    except NotSimulated as error:
        run.note_unsimulated(f"javascript: {error}")
        return
    old = run.variables
    changed = [name for name, value in variables.items() if name not in old or old[name] != value]
    run.note(f"javascript: {', '.join(changed)}")
    for name in [name for name in old if name not in variables]:
        del old[name]
    for name in changed:
        run.put(name, variables[name])


def _fetch(run: Run, step: Step, params: Params) -> Pause | None:
    """Send a request through the one way out, and go on when it is known what became of it."""
    fetch = read_fetch(params, read_number(run, step, params, "timeout", LONGEST_PATIENCE))
    if isinstance(fetch, str):
        run.note_unsimulated(f"fetch: {fetch}")
        return None
    run.note(f"fetch: {fetch.method} {fetch.url}")

    def pause(go_on: GoOn) -> None:
        waits = run.pauses
        webhook = Webhook(
            f"{run.ref}.{run.root.steps}",
            lambda _: fetch if run.pauses == waits else None,
            (),
            partial(_fetched, run, step, go_on),
        )
        run.world.outbox.submit(run.account.vendor, "script.fetch", webhook, run.world.clock.cause)

    return pause


def _fetched(run: Run, step: Step, go_on: GoOn, delivery: Delivery) -> None:
    last = delivery.attempts[-1]
    run.note(f"fetched: {last.status or last.error}")
    run.keep(step, render_outcome(last.status, last.error, last.reply))
    go_on()


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
LONGEST_PATIENCE = 30


def read_fetch(params: Mapping[str, Any], patience: float | None) -> CallbackRequest | str:
    """Return the request, or why there is none; the names of the parameters are observed."""
    url, method = params.get("url"), str(params.get("method") or "GET").upper()
    if not isinstance(url, str) or not is_web_address(url):
        return f"{url!r} is not a URL"
    if method not in METHODS:
        return f"the method {method!r}"
    fields = params.get("headers") or {}
    if not isinstance(fields, dict):
        return "headers that are no map"
    headers = tuple((str(name), to_text(value)) for name, value in fields.items())
    body = params.get("body")
    content = b""
    if body is not None:
        content = (body if isinstance(body, str) else to_json(body)).encode()
        if not isinstance(body, str) and not any(name.lower() == "content-type" for name, _ in headers):
            headers = (*headers, ("Content-Type", "application/json"))
    length = timedelta(seconds=patience or LONGEST_PATIENCE)
    bare, credentials = without_credentials(escape_url(url))
    if find_header(headers, "Authorization") is None:
        headers = (*headers, *credentials)
    return CallbackRequest(method, bare, headers, content, patience=length, reads_reply=True)


def render_outcome(status: int | None, error: str | None, reply: Answer | None) -> dict[str, Any]:
    """Return what a script learns (observed names); `json` is null where the body is none.

    An answer that could not be read whole is no good one, whatever its status: `statusText` says why.
    """
    known = error is None and status in {code.value for code in HTTPStatus}
    return {
        "ok": error is None and status is not None and 200 <= status < 300,
        "status": status or 0,
        "statusText": HTTPStatus(status).phrase if status and known else (error or ""),
        "headers": {name.lower(): value for name, value in reply.headers} if reply else {},
        "body": reply.body.decode(errors="replace") if reply else None,
        "json": _json(reply.body) if reply else None,
    }


def _json(body: bytes) -> Any:
    try:
        return read_json(body)
    except MalformedJson:
        return None


def _sms(run: Run, step: Step, params: Params) -> None:
    """Send the body to everybody; who cannot be sent it is told in the result (inferred)."""
    recipients: Any = params.get("to")
    body = None if params.get("body") is None else to_text(params["body"])
    sids, errors = [], []
    for to in recipients if isinstance(recipients, list) else [recipients]:
        try:
            message = send(run.world, run.account, to, body, params.get)
            sids.append(str(message.ref))
            run.record.messages.append(message)
        except (Refused, TelephonyError) as error:
            text = message_of(error) if isinstance(error, Refused) else str(error)
            reason = text or type(error).__name__
            errors.append({"to": to_text(to), "message": reason})
            run.note(f"sms: not sent to {to_text(to)}: {reason}")
        else:
            run.note(f"sms: sent to {to_text(to)}")
    run.keep(step, {"ok": not errors, "sids": sids, "errors": errors})


PLAIN: Mapping[str, Action] = {"log": _log, "javascript": _javascript, "fetch": _fetch, "sms": _sms}
"""Actions that need no call."""
