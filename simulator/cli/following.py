"""`simulator tail` and `simulator wait`: what happens, as it happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta, tzinfo
from threading import Event

import click

from simulator.cli.control import Control, Json, Unreachable, at, painted, with_control
from simulator.cli.options import LENGTH_OPTION
from simulator.errors import SimulatorError, counted, guess

AGAIN_SECONDS = 0.5
"""How long after a lost connection another is tried, and how often something waited for is looked at."""

_FOR = re.compile(r"ready|idle|(calls|callbacks|requests)=([1-9][0-9]{0,8})")


class WaitedInVain(SimulatorError):
    """What was waited for did not come in time."""

    exit_code = 1


KINDS = (
    *("action", "call", "callback", "clip", "clock", "credit", "exchange", "job", "message", "number"),
    *("recording", "scenario", "world"),
)
"""Of events: a test compares them with what the sources note."""

BEGINNING = ("scenario", "world")
"""Kinds of events after which the world may play in another zone."""


def _known_kinds(_ctx: click.Context, _option: click.Parameter, kinds: tuple[str, ...]) -> tuple[str, ...]:
    for kind in kinds:
        if kind not in KINDS:
            raise click.BadParameter(f"{kind!r} is no kind of event; {guess(kind, KINDS)}")
    return kinds


@click.command()
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    callback=_known_kinds,
    help="Only call, message, callback, ...; repeatable.",
)
@click.option("--after", type=click.IntRange(0), help="Begin after this event; 0: with all that is kept.")
@click.option("--count", type=click.IntRange(1), help="End after so many.")
@with_control
def tail(control: Control, kinds: tuple[str, ...], after: int | None, count: int | None) -> None:
    """Print calls, messages, callbacks and requests as they happen, until it is ended with Ctrl-C."""
    printed = 0
    zone: tzinfo | None = None
    while True:
        try:
            for batch in control.follow(after):
                if after and batch["missed"]:
                    click.echo(f"{counted(batch['missed'], 'event')} no longer kept", err=True)
                after = batch["next"]
                for event in batch["events"]:
                    if zone is None or event["kind"] in BEGINNING:
                        zone = control.zone()
                    if kinds and event["kind"] not in kinds:
                        continue
                    control.show(event, [describe(event, zone)])
                    printed += 1
                    if printed == count:
                        return
        except Unreachable:
            if after is None:
                raise
        Event().wait(AGAIN_SECONDS)


def describe(event: Json, zone: tzinfo) -> str:
    """Return one event in a line, with its time of day in a zone."""
    what = f"{at(event['at'], zone)} {event['what'].replace('.', ' '):<20}"
    match event["kind"]:
        case "call":
            call = event["call"]
            return f"{what} {call['callee']:<16} {painted(call['state'])}  {call['vendor']} {call['ref']}"
        case "message":
            message = event["message"]
            return f"{what} {message['from']} to {message['to']}  {painted(message['state'])}"
        case "callback":
            callback = event["callback"]
            answer = callback["status"] or callback["error"] or ""
            return f"{what} {callback['event']:<16} {painted(callback['state'])} {answer}  {callback['id']}"
        case "exchange":
            return f"{what} {_exchange(event['exchange'])}"
    return what.rstrip()


def _exchange(exchange: Json) -> str:
    if "operation" not in exchange:
        return str(exchange["id"])
    wrong = click.style(f"  {exchange['violations']} wrong", "red") if exchange["violations"] else ""
    status = click.style(str(exchange["status"]), "green" if exchange["status"] < 300 else "yellow")
    return (
        f"{exchange['vendor']} {exchange['operation'] or exchange['path']}  {status}{wrong}  {exchange['id']}"
    )


@click.command()
@click.option("--for", "what", required=True, metavar="ready|idle|calls=N|callbacks=N|requests=N")
@click.option("--timeout", type=LENGTH_OPTION, default="60s", show_default=True, help="Of the host.")
@with_control
def wait(control: Control, what: str, timeout: timedelta) -> None:
    """Wait until a simulator answers, nothing is due, or so much has happened; exit 1 when it did not."""
    from simulator.engine.real_time import host_seconds  # noqa: PLC0415

    match = _FOR.fullmatch(what)
    if match is None:
        raise click.BadParameter("ready, idle, calls=3, callbacks=3 or requests=3", param_hint="--for")
    end, pause = host_seconds() + timeout.total_seconds(), Event()
    while not _holds(control, what, match[1], int(match[2] or 0)):
        if host_seconds() >= end:
            raise WaitedInVain(f"waited {timeout.total_seconds():g} s for {what} in vain")
        pause.wait(min(AGAIN_SECONDS, max(end - host_seconds(), 0)))
    control.show({"waited_for": what}, [what])


def _holds(control: Control, what: str, kind: str | None, count: int) -> bool:
    try:
        if what == "ready":
            return bool(control.get("health")["status"] == "ok")
        if what == "idle":
            return bool(control.get("clock")["next_due"] is None)
        return _COUNTS[kind or ""](control) >= count
    except Unreachable:
        if what != "ready":
            raise
        return False


def _finished(control: Control) -> int:
    states = [one["state"] for one in control.get("deliveries", limit=1_000)["deliveries"]]
    return sum(state in ("delivered", "failed", "lost") for state in states)


_COUNTS: Mapping[str, Callable[[Control], int]] = {
    "calls": lambda control: int(control.get("calls", limit=1)["total"]),
    "callbacks": _finished,
    "requests": lambda control: int(control.get("exchanges", limit=1)["recorded"]),
}
