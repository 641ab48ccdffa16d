"""Options that several commands have, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from datetime import timedelta

Command = TypeVar("Command", bound=Callable[..., Any])


class ClockMode(click.ParamType[str]):
    """How time runs, in the words of a scenario."""

    name = "mode"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the mode if a scenario could have it."""
        from simulator.scenario.microsyntax import PACE  # noqa: PLC0415

        try:
            PACE.read(value)
        except ValueError:
            self.fail(f"{value!r} is none of real, virtual, idle, frozen and x60 (any number)", param, ctx)
        return str(value)


class Pause(click.ParamType["timedelta"]):
    """How long a client is silent before an idle clock takes a step."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the length, in the words of a scenario."""
        from simulator.scenario.microsyntax import LENGTH  # noqa: PLC0415

        try:
            return LENGTH.read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class ConductParam(click.ParamType[str]):
    """A subject of conduct, as `check` prints it."""

    name = "subject"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the subject if there is one of this name."""
        from simulator.verdicts.conduct import find_subject  # noqa: PLC0415

        try:
            return find_subject(str(value))
        except SimulatorError as error:
            self.fail(str(error), param, ctx)


class HostName(click.ParamType[str]):
    """A name under which a simulator is reached."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name in lower case, if it is one."""
        from simulator.web.host_names import NoHostName, check_host_name  # noqa: PLC0415

        try:
            return check_host_name(str(value))
        except NoHostName as error:
            self.fail(str(error), param, ctx)


def with_names(command: Command) -> Command:
    """Add the option that says under which names vendors answer."""
    meaning = "A name that leads here and is not this machine's or a vendor's; repeatable."
    return click.option("--host-name", "host_names", multiple=True, type=HostName(), help=meaning)(command)


def with_world(command: Command) -> Command:
    """Add the options that say what kind of world it is."""
    for option in (
        click.option(
            "--pause",
            type=Pause(),
            help="Silence of the client before an idle clock steps.  [default: 300ms]",
        ),
        click.option("--seed", type=int, help="Key every fate by this number instead of the scenario's."),
        click.option("--vendor", "vendors", multiple=True, metavar="NAME", help="Only this one; repeatable."),
        click.option("--scenario", default="happy", show_default=True, metavar="NAME|FILE"),
    ):
        command = option(command)
    return command


def settings_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options in the words of Settings."""
    return {**options, "vendors": options["vendors"] or None}
