"""Options that several commands have, and how their values are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from simulator.errors import SimulatorError, UnknownName

if TYPE_CHECKING:
    from datetime import timedelta

    from simulator.reports.run_gates import RunGates


Command = TypeVar("Command", bound=Callable[..., Any])


class Parsed(click.ParamType[Any]):
    """An option whose text is read by a function; what that refuses is a usage error in its words."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return what the function makes of the text."""
        try:
            return self._read(str(value))
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


def _read_pause(text: str) -> timedelta:
    from simulator.scenario.microsyntax import LENGTH  # noqa: PLC0415

    return LENGTH.read(text)


def _read_subject(text: str) -> str:
    from simulator.verdicts.conduct import find_subject  # noqa: PLC0415

    return find_subject(text)


def _read_host_name(text: str) -> str:
    from simulator.web.host_names import check_host_name  # noqa: PLC0415

    return check_host_name(text)


def _read_named_value(text: str) -> tuple[str, str]:
    from simulator.serving.reach import parse_named_value  # noqa: PLC0415

    return parse_named_value(text)


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


def _read_limit(text: str) -> tuple[str, int]:
    from simulator.web.guard import SizeLimits  # noqa: PLC0415

    return SizeLimits.parse(text)


LIMIT = Parsed("name=number", _read_limit)
"""What an instance puts up with."""

NAMED_VALUE = Parsed("name=vendor.value", _read_named_value)
"""A variable of the environment, and the value it shall have."""

CLOCK_MODE = Parsed("mode", _read_clock_mode)
"""How time runs, in the words of a scenario."""

SUBJECT = Parsed("subject", _read_subject)
"""A subject of conduct, as `check` prints it."""

LENGTH_OPTION = Parsed("length", _read_pause)
"""A length of time, in the words of a scenario."""

HOST_NAME = Parsed("name", _read_host_name)
"""A name under which a simulator is reached."""


def _read_passed(text: str) -> Any:
    from simulator.serving.proxy_routes import parse_passed  # noqa: PLC0415
    from simulator.serving.secure import is_vendors  # noqa: PLC0415

    return parse_passed(text, is_vendors)


def with_passed(command: Command) -> Command:
    """Add the option that says what the proxy lets through."""
    meaning = "What the proxy lets through untouched; anything else but a vendor is refused; repeatable."
    kind = Parsed("host", _read_passed)
    option = click.option("--pass", "passed", multiple=True, type=kind, metavar="HOST[:PORT]", help=meaning)
    return option(command)


def with_names(command: Command) -> Command:
    """Add the option that says under which names vendors answer."""
    meaning = "A name that leads here and is not this machine's or a vendor's; repeatable."
    return click.option("--host-name", "host_names", multiple=True, type=HOST_NAME, help=meaning)(command)


def with_world(command: Command) -> Command:
    """Add the options that say what kind of world it is."""
    for option in (
        click.option(
            "--pause",
            type=Parsed("length", _read_pause),
            help="Silence of the client before an idle clock steps.  [default: 300ms]",
        ),
        click.option("--seed", type=int, help="Key every fate by this number instead of the scenario's."),
        click.option("--vendor", "vendors", multiple=True, metavar="NAME", help="Only this one; repeatable."),
        click.option(
            "--cors",
            type=click.Choice(["vendor", "open"]),
            default="vendor",
            show_default=True,
            help="open: pages of this machine may ask every vendor, preflights included.",
        ),
        click.option("--scenario", default="happy", show_default=True, metavar="NAME|FILE"),
    ):
        command = option(command)
    return command


def settings_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options in the words of Settings."""
    return {**options, "vendors": options["vendors"] or None}


def _read_report(text: str) -> tuple[str, Path]:
    from simulator.reports.rendering import parse_report  # noqa: PLC0415

    return parse_report(text)


def _read_share(text: str) -> tuple[str, float]:
    from simulator.reports.run_gates import parse_share  # noqa: PLC0415

    vendor, share = parse_share(text)
    _check_vendor(vendor)
    return vendor, share


def _read_count(text: str) -> tuple[str, int]:
    from simulator.reports.run_gates import parse_count  # noqa: PLC0415

    vendor, count = parse_count(text)
    _check_vendor(vendor)
    return vendor, count


def _check_vendor(name: str) -> None:
    from simulator.vendors import vendor_names  # noqa: PLC0415

    if name not in vendor_names():
        raise UnknownName("vendor", name, [*vendor_names()])


REPORT = click.option(
    "--report",
    "reports",
    multiple=True,
    type=Parsed("form=file", _read_report),
    metavar="FORM=FILE",
    help="Write html, junit, ctrf, sarif, markdown or evidence (for `report` and `replay`); repeatable.",
)
GATES = (
    click.option(
        "--min-coverage",
        "shares",
        multiple=True,
        type=Parsed("vendor=percent", _read_share),
        metavar="VENDOR=PERCENT",
        help="Fail where less of a contract was met; repeatable.",
    ),
    click.option(
        "--max-missed",
        "missed",
        multiple=True,
        type=Parsed("vendor=count", _read_count),
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


def with_gates(command: Command) -> Command:
    """Add the options that say what has to be kept."""
    for option in reversed(GATES):
        command = option(command)
    return command


def with_reports(command: Command) -> Command:
    """Add the option that says in which forms a run is written."""
    return REPORT(command)


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
