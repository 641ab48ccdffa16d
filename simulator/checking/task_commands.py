"""Commands that do the tasks of a suite: how one is written, filled in, run, and asked to end."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event
from typing import Any, NamedTuple

from simulator.engine.real_time import host_seconds
from simulator.errors import SimulatorError, guess
from simulator.suites.cases import Suite, Task

Json = Any
ANY = "*"
NAME = re.compile(r"\{([a-z_]+)\}")
GIVEN = ("task", "arguments", "receiver", "base_url")
"""Names that every task can have filled."""

LOOK_SECONDS = 0.03
"""Between two looks at whether a client that listens has heard everything."""
PARTING_SECONDS = 2.0
"""How long a client that listens may take to end when its input has ended, and again after a signal."""
MOST_PRINTED = 100_000


class TaskCommands(NamedTuple):
    """The commands by task; that of `*` does all others."""

    commands: Mapping[str, tuple[str, ...]]

    def command_of(self, task: str) -> tuple[str, ...] | None:
        """Return the words of a task's command, None where there is none."""
        return self.commands.get(task, self.commands.get(ANY))

    @property
    def written(self) -> str:
        """The commands as they were given."""
        return "; ".join(f"{name}={shlex.join(words)}" for name, words in self.commands.items())


class Ended(NamedTuple):
    """How a command ended: its code, what it printed, how long it took, and why that is no turn."""

    code: int
    printed: str
    complaints: str
    seconds: float
    mistake: str


def read_commands(texts: tuple[str, ...], suite: Suite) -> TaskCommands:
    """Read `place=node cli.js call {phone}`, one a task; raises SimulatorError, which says what is wrong."""
    commands: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, command = text.partition("=")
        if not equals or not command.strip():
            raise SimulatorError(
                f"--task {text!r} is no TASK=COMMAND", "write --task place='node cli.js {phone}'"
            )
        if name != ANY and name not in suite.file.tasks:
            raise SimulatorError(
                f"{suite.vendor} has no task {name!r}", guess(name, [*suite.file.tasks, ANY])
            )
        try:
            commands[name] = tuple(shlex.split(command))
        except ValueError as error:
            raise SimulatorError(f"--task {text!r}: {error}", "mind the quotes") from None
        _check_names(name, commands[name], suite)
    return TaskCommands(commands)


def _check_names(name: str, words: tuple[str, ...], suite: Suite) -> None:
    """Refuse a name in braces that no case would fill."""
    tasks = suite.file.tasks.values() if name == ANY else [suite.file.tasks[name]]
    arguments = {argument for task in tasks for argument in task.arguments}
    for word in words:
        for met in NAME.findall(word):
            if met not in arguments | {*GIVEN} and "_" not in met:
                known = dict.fromkeys([*sorted(arguments), *GIVEN])
                raise SimulatorError(f"--task {name}: nothing fills {{{met}}}", guess(met, known))


def fill_words(
    words: tuple[str, ...], task: str, arguments: Mapping[str, Json], names: Mapping[str, object]
) -> list[str]:
    """Return a command with names in braces replaced, each within its word: no shell takes part."""
    plain = {**names, **{name: _plain(value) for name, value in arguments.items()}}
    plain |= {"task": task, "arguments": json.dumps(arguments)}
    return [NAME.sub(lambda match: str(plain.get(match[1], "")), word) for word in words]


def _plain(value: Json) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return json.dumps(value) if isinstance(value, dict | bool) else str(value)


def run_command(
    words: list[str],
    variables: Mapping[str, str],
    task: Task,
    seconds: float,
    is_quiet: Callable[[], bool],
) -> Ended:
    """Run a command to its end; one that listens is asked to end, by the end of its input, when quiet."""
    begun = host_seconds()
    try:
        process = subprocess.Popen(  # noqa: S603 - the command is what our user asks for
            words,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE if task.listens else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        why = "there is no such command" if isinstance(error, FileNotFoundError) else error.strerror
        raise SimulatorError(
            f"cannot run {words[0]!r}: {why}", "is it spelt right and on the PATH?"
        ) from None
    mistake = _listen(process, seconds, is_quiet) if task.listens else ""
    try:
        printed, complaints = process.communicate(timeout=PARTING_SECONDS if task.listens else seconds)
    except subprocess.TimeoutExpired:
        mistake = mistake or ("" if task.listens else f"it had not ended after {seconds:g} s, and was killed")
        printed, complaints = _end(process, gently=task.listens)
    shown = [text[-MOST_PRINTED:].decode("utf-8", "replace") for text in (printed, complaints)]
    return Ended(process.returncode, shown[0], shown[1], host_seconds() - begun, mistake)


def _listen(process: subprocess.Popen[bytes], seconds: float, is_quiet: Callable[[], bool]) -> str:
    """Wait until a client that listens has heard everything; return what is wrong if that takes too long."""
    until, never = host_seconds() + seconds, Event()
    while process.poll() is None and not is_quiet():
        if host_seconds() > until:
            return f"it was not silent after {seconds:g} s"
        never.wait(LOOK_SECONDS)
    return ""


def _end(process: subprocess.Popen[bytes], gently: bool) -> tuple[bytes, bytes]:
    """End a command and whatever it started; gently means that it may still tell what it concluded."""
    if gently:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=PARTING_SECONDS)
    _signal(process, signal.SIGKILL)
    return process.communicate()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
