"""Commands that steer a running simulator: its clock, worlds, faults and callbacks."""

from __future__ import annotations

import json
from contextlib import suppress
from zoneinfo import ZoneInfo

import click

from simulator.cli.control import Control, Json, Refusal, at, painted, with_control
from simulator.errors import counted


@click.command()
@click.argument("act", type=click.Choice(["advance"]), required=False)
@click.argument("length", required=False)
@click.option("--to", metavar="TIME", help="Advance to a moment, or the next 20:00.")
@click.option("--until-idle", is_flag=True, help="Advance until nothing is due any more.")
@with_control
def clock(control: Control, act: str | None, length: str | None, to: str | None, until_idle: bool) -> None:
    """Show the world's clock, or `advance` it by LENGTH such as 2m30s: everything due has happened then."""
    ways = {"by": length, "to": to, "until": "idle" if until_idle else None}
    body = {way: text for way, text in ways.items() if text is not None}
    if len(body) != (1 if act else 0):
        raise click.UsageError(
            "to move time, say `advance` with exactly one of LENGTH, --to and --until-idle"
        )
    if act is None:
        now = control.get("clock")
        due = f"next due {now['next_due']}" if now["next_due"] else "nothing is due"
        if whose := now["next_due_of"]:
            due += f" ({whose['vendor']} {whose['what']} {whose['ref']})"
        control.show(now, [f"{now['now']}  {now['mode']}  {due}, {now['waiting']} scheduled"])
        return
    done = control.send("POST", "clock/advance", body)
    came = f"{counted(done['acts'], 'act')}, {counted(len(done['deliveries']), 'callback')} tried"
    pending = [f"pending: {one['what']}: {one['reason']}" for one in done["pending"]]
    control.show(done, [f"{done['since']} to {done['now']}: {came}", *pending])


@click.command()
@with_control
def worlds(control: Control) -> None:
    """List the open worlds."""
    listed = control.get("worlds")
    control.show(
        listed,
        [
            f"{one['name']:<16} {at(one['now'], ZoneInfo(one['zone']))} {one['mode']:<8} {_traffic(one)}"
            f"  {one['title']}"
            for one in listed["worlds"]
        ],
    )


@click.command()
@with_control
def reset(control: Control) -> None:
    """Begin the world again, as its scenario says."""
    world = control.send("POST", "reset")
    control.show(world, [f"{world['name']} begins again: {world['title']}, {world['now']}"])


@click.command()
@click.argument("act", type=click.Choice(["on", "off"]), required=False)
@click.argument("words", nargs=-1, metavar="[WHERE WHAT | FAULT]")
@click.option("--when", default="always", show_default=True, help="Which requests it meets.")
@click.option(
    "--reply", metavar="JSON", help="What `reply` and `accept then reply` answer: status, headers, body."
)
@with_control
def faults(control: Control, act: str | None, words: tuple[str, ...], when: str, reply: str | None) -> None:
    """List faults, switch one `on` such as: on callo.add_call status 503, or `off` by its id."""
    if act == "on":
        words = (*words[:1], *filter(None, [" ".join(words[1:])]))
    if len(words) != {None: 0, "on": 2, "off": 1}[act]:
        raise click.UsageError("say `on WHERE WHAT`, `off FAULT`, or nothing to list them")
    if act == "on":
        fault = control.send(
            "POST", "faults", {"where": words[0], "do": words[1], "when": when} | _reply(reply)
        )
        control.show(fault, [_fault(fault)])
    elif act == "off":
        control.send("DELETE", f"faults/{words[0]}")
        control.show({"off": words[0]}, [f"{words[0]} is off"])
    else:
        listed = control.get("faults")
        control.show(listed, [_fault(one) for one in listed["faults"]] or ["no fault is on"])


def _reply(text: str | None) -> Json:
    try:
        return {} if text is None else {"reply": json.loads(text)}
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"--reply is no JSON: {error}; write '{{\"status\": 200}}'") from None


def _fault(fault: Json) -> str:
    return f"{fault['id']:<16} {fault['where']:<24} {fault['when']:<16} {fault['do']}"


@click.command()
@click.argument("act", type=click.Choice(["resend"]), required=False)
@click.argument("delivery", required=False)
@click.option("--state", metavar="STATE", help="Only these: waiting, delivered, failed, lost.")
@with_control
def deliveries(control: Control, act: str | None, delivery: str | None, state: str | None) -> None:
    """List callbacks, oldest first, or `resend` one, whatever became of it."""
    if (act is None) != (delivery is None):
        raise click.UsageError("say `resend DELIVERY`, or nothing to list them")
    if act is not None:
        sent = control.send("POST", f"deliveries/{delivery}/resend")
        control.show(sent, [_delivery(sent)])
        return
    listed = control.get("deliveries", state=state, limit=1_000)
    control.show(listed, [_delivery(one) for one in listed["deliveries"]] or ["no callbacks"])


def _delivery(delivery: Json) -> str:
    tries = " ".join(str(one["status"] or one["error"]) for one in delivery["tries"])
    what = f"{delivery['vendor']} {delivery['event']:<20}"
    why = next((f"  {one['reason']}" for one in reversed(delivery["tries"]) if one["reason"]), "")
    return f"{delivery['id']:<14} {what} {painted(delivery['state'])} {tries}{why}"


@click.command()
@with_control
def violations(control: Control) -> None:
    """List what clients did wrong, each mistake once; exit 1 where there is any."""
    listed = control.get("violations")
    control.show(listed, [_finding(one) for one in listed["findings"]] or ["nothing is wrong"])
    raise SystemExit(1 if listed["findings"] else 0)


def _finding(finding: Json) -> str:
    place = finding["vendor"] + (f".{finding['operation']}" if finding["operation"] else "")
    place += f" at {finding['where']}" if finding["where"] else ""
    place += f", {finding['times']} times" if finding["times"] > 1 else ""
    return (
        f"{click.style(finding['code'], 'red')} {place}\n"
        f"  {finding['asked']}; arrived: {finding['arrived']}\n"
        f"  {finding['fix']}  [{finding['provenance']}]  {finding['exchange']}"
    )


@click.command()
@with_control
def verdicts(control: Control) -> None:
    """List what the scenario expects and what came of it; exit 1 where something is broken."""
    listed = control.get("verdicts")
    words = {True: "kept", False: "broken", None: "not judged"}
    lines = [
        f"{painted(words[one['held']])}  {one['expected']}\n  {one['found']}" for one in listed["verdicts"]
    ]
    control.show(listed, lines or ["the scenario expects nothing"])
    raise SystemExit(1 if listed["broken"] else 0)


@click.command()
@click.option("--print", "only_print", is_flag=True, help="Print the address alone.")
@with_control
def open(control: Control, only_print: bool) -> None:  # noqa: A001 - a command is called as its function
    """Open the page in a browser."""
    address = control.address("")
    control.show({"page": address}, [address])
    if not only_print:
        with suppress(Refusal):  # the page itself asks who comes
            control.get("health")
        click.launch(address)


AT = click.option("--at", metavar="TIME", help="As it was then: 2026-03-02T10:30, or the last 10:30.")


@click.command()
@click.argument("name", required=False)
@AT
@click.option("--drop", is_flag=True, help="Forget it.")
@with_control
def snapshot(control: Control, name: str | None, at: str | None, drop: bool) -> None:
    """Keep the world as it is under NAME, until the simulator ends; without NAME, list what is kept."""
    if (name is None and (at or drop)) or (at and drop):
        raise click.UsageError("say NAME, with --at TIME or --drop if wanted, or nothing to list them")
    if name is None:
        listed = control.get("snapshots")
        control.show(listed, [_line(one) for one in listed["snapshots"]] or ["no snapshots"])
    elif drop:
        control.send("DELETE", f"snapshots/{name}")
        control.show({"dropped": name}, [f"{name} is forgotten"])
    else:
        kept = control.send("POST", "snapshots", {"name": name, **({"at": at} if at else {})})
        control.show(kept, [_line(kept)])


@click.command()
@click.argument("name")
@with_control
def restore(control: Control, name: str) -> None:
    """Make the world again what the snapshot NAME says."""
    _show(control, control.send("POST", "restore", {"snapshot": name}), "is again as it was")


@click.command()
@click.argument("name")
@AT
@click.option("--snapshot", "of", metavar="NAME", help="As in this snapshot.")
@with_control
def fork(control: Control, name: str, at: str | None, of: str | None) -> None:
    """Open a world NAME that knows what happened in this one until now, and goes on alone."""
    if at and of:
        raise click.UsageError("say --at or --snapshot, not both")
    given = {"at": at, "snapshot": of}
    body = {"name": name, **{word: text for word, text in given.items() if text}}
    _show(control, control.send("POST", "fork", body), "is open")


def _line(snapshot: Json) -> str:
    came = counted(snapshot["inputs"], "input")
    return f"{snapshot['name']:<16} {snapshot['at']} {snapshot['world']:<16} {came}  {snapshot['title']}"


def _show(control: Control, world: Json, state: str) -> None:
    control.show(world, [f"{world['name']} {state}: {world['title']}, {world['now']}, {_traffic(world)}"])


def _traffic(world: Json) -> str:
    return f"{counted(world['calls'], 'call')}, {counted(world['exchanges'], 'request')}"
