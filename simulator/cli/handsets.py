"""Verbs that act in the place of whoever is called: answer, press, speak, hang up, call in, text."""

from __future__ import annotations

from urllib.parse import quote

import click

from simulator.cli.control import Control, Json, at, painted, with_control


def _act(control: Control, number: str, act: str, body: Json = None) -> None:
    result = control.send("POST", f"people/{quote(number)}/{act}", body)
    control.show(result, _outcome(result, control))


def _outcome(result: Json, control: Control) -> list[str]:
    """Return in lines what came of it: the moments of the call, or the message."""
    if "message" in result:
        message = result["message"]
        return [f"{message['from']} to {message['to']}: {painted(message['state'])}"]
    if "call" not in result or result["call"] is None:
        return [f"{result['number']}: {result['phone']}"]
    zone = control.zone()
    return [
        f"{at(moment['at'], zone)} {moment['what']} {moment['detail']}".rstrip()
        for moment in result["call"]["timeline"]
        if moment["happened"]
    ]


def _act_of(name: str, meaning: str) -> click.Command:
    """Return the command of an act that needs a number alone."""

    @click.command(name, help=meaning)
    @click.argument("number")
    @with_control
    def act(control: Control, number: str) -> None:
        _act(control, number, name)

    return act


answer = _act_of("answer", "Pick up the phone that rings at NUMBER.")
reject = _act_of("reject", "Turn away the call that rings at NUMBER.")
hang_up = _act_of("hang-up", "End the call that NUMBER is talking in.")


@click.command()
@click.argument("number")
@click.argument("key")
@with_control
def press(control: Control, number: str, key: str) -> None:
    """Press KEY, key in a code or say a word in the call that NUMBER is talking in."""
    _act(control, number, "press", {"key": key})


@click.command()
@click.argument("number")
@click.argument("words", nargs=-1, required=True)
@with_control
def speak(control: Control, number: str, words: tuple[str, ...]) -> None:
    """Say WORDS in the call that NUMBER is talking in."""
    _act(control, number, "speak", {"text": " ".join(words)})


@click.command("call-in")
@click.argument("number")
@click.option("--to", metavar="NUMBER", help="Call this number that an account owns.")
@click.option("--keys", help="What is keyed in first, where a number takes codes.")
@with_control
def call_in(control: Control, number: str, to: str | None, keys: str | None) -> None:
    """Let NUMBER call: where a call of theirs waits, at a campaign that receives calls, or --to a number."""
    if to is None:
        _act(control, number, "call-in")
    else:
        _act(control, number, "call", {"to": to, **({"keys": keys} if keys else {})})


@click.command()
@click.argument("number")
@click.argument("words", nargs=-1, required=True)
@click.option("--to", required=True, metavar="NUMBER", help="A number that an account owns.")
@with_control
def text(control: Control, number: str, words: tuple[str, ...], to: str) -> None:
    """Let NUMBER write WORDS to a number that an account owns."""
    _act(control, number, "text", {"to": to, "text": " ".join(words)})
