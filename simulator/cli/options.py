"""Options that several commands have, and how their values are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, TypeVar

import click

from simulator.errors import SimulatorError, UnknownName

if TYPE_CHECKING:
    from simulator.reports.run_gates import RunGates


Command = TypeVar("Command", bound=Callable[..., Any])


class Parsed(click.ParamType[Any]):
    """An option whose text is read by a function; what that refuses is a usage error in its words.

    A function that is given as `module:name` is imported when there is a text to read.
    """

    def __init__(self, name: str, read: Callable[[str], Any] | str) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return what the function makes of the text."""
        try:
            read = resolve_name(self._read) if isinstance(self._read, str) else self._read
            return read(str(value))
        except (ValueError, OSError, SimulatorError) as error:
            self.fail(str(error), param, ctx)


class OutputFile(click.Path):
    """A file to be written when all is done: that it can be is found out before anything is done."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; what cannot be written there is a usage error."""
        from simulator.reports.rendering import check_writable  # noqa: PLC0415

        file = Path(str(super().convert(value, param, ctx)))
        try:
            check_writable(file)
        except SimulatorError as error:
            self.fail(str(error), param, ctx)
        return file


READY_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
TOLD_WHEN_READY = frozenset({"control", "base_urls", "intercept"})


def read_ready_file(file: Path) -> dict[str, Any]:
    """Return what a simulator said when it was ready; raises SimulatorError for another file."""
    try:
        document = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not document.keys() >= TOLD_WHEN_READY:
        raise SimulatorError(
            f"{file} is no ready file of a simulator", "name the one that `serve --ready-file` writes"
        )
    return document


class Finite(click.FloatRange):
    """A number of a range; nan and inf, which compare with nothing or never end, are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; another one is a usage error."""
        number = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return number


def _read_clock_mode(text: str) -> str:
    from simulator.scenario.microsyntax import PACE  # noqa: PLC0415

    try:
        PACE.read(text)
    except ValueError:
        known = "real, virtual, idle, frozen and x60 (any number)"
        raise ValueError(f"{text!r} is none of {known}") from None
    return text


def _read_named(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value:
        raise ValueError(f"{text!r} has no name and value; write public_key=..., or public_key=@FILE")
    if not value.startswith("@"):
        return name.strip(), value
    from simulator.reports.run_gates import read_text  # noqa: PLC0415

    return name.strip(), read_text(Path(value[1:])).strip()


NAMED = Parsed("name=value", _read_named)
"""A value by its name, or the file that holds it, so that a secret stands in no list of processes."""


LIMIT = Parsed("name=number", "simulator.web.guard:SizeLimits.parse")
"""What an instance puts up with."""

NAMED_VALUE = Parsed("name=vendor.value", "simulator.serving.variables:parse_named_value")
"""A variable of the environment, and the value it shall have."""

CLOCK_MODE = Parsed("mode", _read_clock_mode)
"""How time runs, in the words of a scenario."""

SUBJECT = Parsed("subject", "simulator.verdicts.conduct:find_subject")
"""A subject of conduct, as `check` prints it."""

LENGTH_OPTION = Parsed("length", "simulator.scenario.microsyntax:LENGTH.read")
"""A length of time, in the words of a scenario."""

HOST_NAME = Parsed("name", "simulator.web.host_names:check_host_name")
"""A name under which a simulator is reached."""


def _read_passed(text: str) -> Any:
    from simulator.serving.proxy_routes import parse_passed  # noqa: PLC0415
    from simulator.serving.secure import is_vendors  # noqa: PLC0415

    return parse_passed(text, is_vendors)


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return a decorator that adds options to a command, in their order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


with_passed = click.option(
    "--pass",
    "passed",
    multiple=True,
    type=Parsed("host", _read_passed),
    metavar="HOST[:PORT]",
    help="What the proxy lets through untouched; anything else but a vendor is refused; repeatable.",
)
"""Adds the option that says what the proxy lets through."""

with_names = click.option(
    "--host-name",
    "host_names",
    multiple=True,
    type=HOST_NAME,
    help="A name that leads here and is not this machine's or a vendor's; repeatable.",
)
"""Adds the option that says under which names vendors answer."""

with_keys = click.option(
    "--key",
    "known",
    multiple=True,
    type=NAMED,
    metavar="NAME=VALUE",
    help="A credential, such as public_key=...; repeatable.",
)
"""Adds the option that says how one gets in at a live vendor."""

with_world = together(
    click.option("--scenario", default="happy", show_default=True, metavar="NAME|FILE"),
    click.option(
        "--cors",
        type=click.Choice(["vendor", "open"]),
        default="vendor",
        show_default=True,
        help="open: pages of this machine may ask every vendor, preflights included.",
    ),
    click.option("--vendor", "vendors", multiple=True, metavar="NAME", help="Only this one; repeatable."),
    click.option("--seed", type=int, help="Key every fate by this number instead of the scenario's."),
    click.option(
        "--pause",
        type=LENGTH_OPTION,
        help="Silence of the client before an idle clock steps.  [default: 300ms]",
    ),
)
"""Adds the options that say what kind of world it is."""


def settings_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options in the words of Settings."""
    return {**options, "vendors": options["vendors"] or None}


def _of_vendor(place: str) -> Callable[[str], tuple[str, float]]:
    """Return what reads how much is asked of a vendor, by the function at a place."""

    def read(text: str) -> tuple[str, float]:
        from simulator.vendors import vendor_names  # noqa: PLC0415

        vendor, amount = resolve_name(place)(text)
        if vendor not in vendor_names():
            raise UnknownName("vendor", vendor, [*vendor_names()])
        return vendor, amount

    return read


with_reports = click.option(
    "--report",
    "reports",
    multiple=True,
    type=Parsed("form=file", "simulator.reports.rendering:parse_report"),
    metavar="FORM=FILE",
    help="Write html, junit, ctrf, sarif, markdown or evidence (for `report` and `replay`); repeatable.",
)
"""Adds the option that says in which forms a run is written."""

with_gates = together(
    click.option(
        "--min-coverage",
        "shares",
        multiple=True,
        type=Parsed("vendor=percent", _of_vendor("simulator.reports.run_gates:parse_share")),
        metavar="VENDOR=PERCENT",
        help="Fail where less of a contract was met; repeatable.",
    ),
    click.option(
        "--max-missed",
        "missed",
        multiple=True,
        type=Parsed("vendor=count", _of_vendor("simulator.reports.run_gates:parse_count")),
        metavar="VENDOR=COUNT",
        help="Fail where more of it was missed; repeatable.",
    ),
    click.option("--enforce/--no-enforce", "enforced", default=True, help="Or only tell of coverage."),
    click.option(
        "--ratchet", type=OutputFile(), help="Shares reached so far, which may only rise; kept up to date."
    ),
    click.option(
        "--baseline",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Accepted findings, `CASE FINDING  # reason` a line; one that is not found fails the run.",
    ),
)
"""Adds the options that say what has to be kept."""


def gates_of(options: dict[str, Any]) -> RunGates:
    """Take what has to be kept out of the options of a command; raises UnreadableGate for files of no use."""
    from simulator.reports.run_gates import RunGates, check_files  # noqa: PLC0415

    gates = RunGates(
        shares=dict(options.pop("shares")),
        missed=dict(options.pop("missed")),
        enforced=options.pop("enforced"),
        ratchet=options.pop("ratchet"),
        baseline=options.pop("baseline"),
    )
    check_files(gates)
    return gates
