"""The command line: arguments in, calls out. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from simulator import __version__
from simulator.errors import BrokenScenario, SimulatorError, UnknownName

if TYPE_CHECKING:
    from datetime import timedelta

    from simulator.conformance.contract import Contract
    from simulator.scenario.document import Document
    from simulator.scenario.schema import Scenario
    from simulator.serving import Running

Command = TypeVar("Command", bound=Callable[..., Any])


class Tellers(click.Group):
    """Commands whose mistakes are told in a line or two, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a SimulatorError ends it with exit code 2, or its own."""
        try:
            return super().invoke(ctx)
        except SimulatorError as error:
            click.echo(f"simulator: {error}", err=True)
            ctx.exit(getattr(error, "exit_code", 2))


class ClockMode(click.ParamType[str]):
    """How time runs, in the words of a scenario."""

    name = "mode"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the mode if a scenario could have it."""
        from simulator.scenario.phrases import PACE  # noqa: PLC0415

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
        from simulator.scenario.phrases import LENGTH  # noqa: PLC0415

        try:
            return LENGTH.read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Conduct(click.ParamType[str]):
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
    told = "A name that leads here and is not this machine's or a vendor's; repeatable."
    return click.option("--host-name", "host_names", multiple=True, type=HostName(), help=told)(command)


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


@click.group(cls=Tellers, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="simulator")
def main() -> None:
    """Stand in for telephony vendors: their endpoints, limits, errors and callbacks."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8070, show_default=True, help="0: any free.")
@with_world
@click.option("--clock", type=ClockMode(), default="real", show_default=True, help="Or virtual, idle, x60.")
@click.option(
    "--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="JSON, written when ready."
)
@click.option("--admin-token", envvar="SIMULATOR_ADMIN_TOKEN", show_envvar=True, help="For the control API.")
@click.option(
    "--admin-host",
    "admin_hosts",
    multiple=True,
    type=HostName(),
    help="A name of the control API.",
)
@with_names
@click.option(
    "--memory",
    type=click.IntRange(64),
    default=512,
    show_default=True,
    help="MB of all worlds at most.",
)
@click.option("--pure", is_flag=True, help="Send no X-Simulator-* headers.")
@click.option("--show-numbers", is_flag=True, help="Show phone numbers unmasked; keys never are.")
@click.option("--access-log", is_flag=True, help="Tell each exchange on stderr, masked, as a line of JSON.")
@click.option(
    "--allow-destination",
    "allowed",
    multiple=True,
    metavar="HOST|CIDR",
    help="Where callbacks may go beyond this machine's own network; repeatable.",
)
def serve(
    host: str,
    port: int,
    ready_file: Path | None,
    allowed: tuple[str, ...],
    access_log: bool,
    **options: Any,
) -> None:
    """Answer as the vendors would, until stopped."""
    _check_destinations(allowed)
    from simulator.app import Settings  # noqa: PLC0415
    from simulator.serving import log_exchanges  # noqa: PLC0415
    from simulator.serving import serve as answer  # noqa: PLC0415

    if access_log:
        log_exchanges()
    settings = Settings(allowed_destinations=allowed, **_told(options))
    raise SystemExit(answer(settings, host, port, ready_file, _welcome))


@main.command(context_settings={"allow_interspersed_args": False})
@with_world
@with_names
@click.option("--clock", type=ClockMode(), help="Default: the scenario's, but idle for virtual.")
@click.option("--show-numbers", is_flag=True, help="Show phone numbers unmasked; keys never are.")
@click.option(
    "--strict",
    is_flag=True,
    help="Fail on warnings too, when nothing was judged, and when the simulator breaks a contract.",
)
@click.option(
    "--allow-refused",
    "refusals",
    multiple=True,
    is_flag=False,
    flag_value="*",
    metavar="[OPERATION|ERROR]",
    help="Refusals that are part of the test, by operation, error or code; repeatable; all without a name.",
)
@click.option("--conduct/--no-conduct", default=True, help="Judge how the client behaves, too.")
@click.option(
    "--allow-conduct",
    "allowed",
    multiple=True,
    type=Conduct(),
    help="Forgive this, as it is told; repeatable.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def check(
    ctx: click.Context,
    /,
    command: tuple[str, ...],
    strict: bool,
    refusals: tuple[str, ...],
    conduct: bool,
    allowed: tuple[str, ...],
    **options: Any,
) -> None:
    """Run COMMAND against the vendors and judge what it sends: simulator check -- npm test.

    Of a scenario that is named, `run` is done after COMMAND, and each word under `expect` is judged. What no
    client may do is judged in any case: --no-conduct leaves that out. The exit code is COMMAND's if that
    fails, 1 for a client that is found wanting, 2 if no vendor was called.
    """
    from simulator.app import Settings  # noqa: PLC0415
    from simulator.checking import check as judge  # noqa: PLC0415

    judged = ctx.get_parameter_source("scenario") is not ParameterSource.DEFAULT
    settings = Settings(expected_refusals=refusals, **_told(options))
    raise SystemExit(judge(command, settings, strict, click.echo, judged, conduct, allowed))


@main.command()
def vendors() -> None:
    """List the vendors: how many operations, which hosts it stands for."""
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.vendors import load_vendor, vendor_names  # noqa: PLC0415

    for name in vendor_names():
        vendor = load_vendor(name)
        count = len(load_contract(name).operations)
        click.echo(f"{name:<10} {vendor.title:<10} {count:>3} operations   {', '.join(vendor.hosts)}")


@main.command()
@click.argument("countries", nargs=-1, metavar="[COUNTRY]...")
def numbers(countries: tuple[str, ...]) -> None:
    """List the magic numbers: what their digits say, by country, and which of them look valid."""
    from simulator.telephony import magic_numbers  # noqa: PLC0415
    from simulator.telephony.messages import ending_of  # noqa: PLC0415

    for country in (name for name in countries if name not in magic_numbers.COUNTRIES):
        raise UnknownName("country with magic numbers", country, [*magic_numbers.COUNTRIES])
    chosen = countries or magic_numbers.COUNTRIES
    blocks = [block for name in chosen for block in magic_numbers.blocks_of(name)]
    click.echo("OO  a call to it                                a message to it")
    ends = {code: ending_of(outcome).value for code, outcome in magic_numbers.first_outcomes()}
    for entry in magic_numbers.magic_catalogue(blocks):
        click.echo(f"{entry['code']}  {entry['persona']:<43} {ends[int(entry['code'])]}")
    click.echo(
        "\nOO stands for one of these codes, x for any digit. A scenario chooses: `magic_numbers: [GB, IN]`."
    )
    click.echo("     numbers             kind    valid  kept free by")
    for block in blocks:
        valid = "yes" if block.valid else "no"
        kept = f"{block.kept_by} [{block.provenance}]: {block.source}"
        click.echo(f"{block.country}   {block.form:<19} {block.kind:<7} {valid:<6} {kept}")


@main.group(invoke_without_command=True)
@click.pass_context
def scenarios(ctx: click.Context) -> None:
    """List, show and check scenarios."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_scenarios)


@scenarios.command("list")
def list_scenarios() -> None:
    """List the scenarios that ship with the simulator."""
    from simulator.scenario.loading import list_scenarios as names  # noqa: PLC0415
    from simulator.scenario.loading import load_scenario  # noqa: PLC0415

    for name in names():
        click.echo(f"{name:<24} {load_scenario(name).title}")


@scenarios.command("show")
@click.argument("name")
def show_scenario(name: str) -> None:
    """Print a scenario, to start one's own from."""
    from simulator.scenario.loading import open_scenario  # noqa: PLC0415

    click.echo("\n".join(open_scenario(name)[1].source.lines))


@scenarios.command("lint")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.pass_context
def lint_scenarios(ctx: click.Context, files: tuple[str, ...]) -> None:
    """Check scenario files; mistakes fail, warnings are only told."""
    from simulator.conformance.contract import list_contracts, load_contract  # noqa: PLC0415
    from simulator.interfaces import everything_known  # noqa: PLC0415
    from simulator.scenario.lint import lint  # noqa: PLC0415
    from simulator.scenario.loading import open_scenario  # noqa: PLC0415
    from simulator.scenario.vendor_words import check_vendor_words  # noqa: PLC0415

    known, broken = everything_known(), 0
    vendors = {name: known.operator(name) for name in known.present}
    documents = [load_contract(name) for name in list_contracts()]
    for file in files:
        try:
            scenario, document = open_scenario(file)
            check_vendor_words(scenario, vendors, known)
            _check_refusals(scenario, document, documents)
            _tell(f"warning: {line}" for line in lint(scenario, document))
        except BrokenScenario as error:
            _tell(error.findings)
            broken += 1
    click.echo(f"{len(files) - broken} of {len(files)} can be used")
    ctx.exit(1 if broken else 0)


def _check_refusals(scenario: Scenario, document: Document, contracts: Iterable[Contract]) -> None:
    from simulator.explaining import check_expected  # noqa: PLC0415

    known = list(contracts)
    for place, word in enumerate(scenario.expect_refusals):
        try:
            check_expected([word], known)
        except SimulatorError as error:
            what = str(error).replace("\n", "; ")
            raise BrokenScenario([document.finding(("expect_refusals", place), what)]) from None


@scenarios.command("schema")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files, for an editor."""
    import json  # noqa: PLC0415

    from simulator.scenario.schema import schema_document  # noqa: PLC0415

    click.echo(json.dumps(schema_document(), indent=2))


@main.group(invoke_without_command=True)
@click.pass_context
def contracts(ctx: click.Context) -> None:
    """List, show and check the vendors' contracts."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_contracts)


@contracts.command("list")
def list_contracts() -> None:
    """List the contracts and how many operations each has."""
    from simulator.conformance.contract import list_contracts as names  # noqa: PLC0415
    from simulator.conformance.contract import load_contract  # noqa: PLC0415

    for name in names():
        contract = load_contract(name)
        click.echo(f"{name:<10} {len(contract.operations)} operations  ({contract.source})")


@contracts.command("show")
@click.argument("vendor")
@click.argument("operation", required=False)
def show_contract(vendor: str, operation: str | None) -> None:
    """Show the operations of a vendor, or one of them with all that it takes, answers and refuses."""
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.conformance.outline import describe_operation  # noqa: PLC0415

    contract = load_contract(vendor)
    if operation is not None:
        _tell(describe_operation(contract, contract.find(operation)))
        return
    for one in contract.operations:
        click.echo(f"{one.id:<24} {'|'.join(one.verbs):<9} {one.path}  [{one.provenance}]")


@contracts.command("lint")
@click.argument("names", nargs=-1, metavar="[VENDOR]...")
@click.pass_context
def lint_contracts(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Check that contracts are marked and exemplified throughout; all of them by default."""
    from simulator.conformance.contract import list_contracts as known  # noqa: PLC0415
    from simulator.conformance.contract import load_contract  # noqa: PLC0415
    from simulator.conformance.lint import lint_contract  # noqa: PLC0415

    findings = {name: lint_contract(load_contract(name)) for name in names or known()}
    for name, found in findings.items():
        _tell(f"{name}{line}" for line in found)
        click.echo(f"{name}: {len(found) or 'no'} findings")
    ctx.exit(1 if any(findings.values()) else 0)


def _told(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options in the words of Settings."""
    return {**options, "vendors": options["vendors"] or None}


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _check_destinations(allowed: tuple[str, ...]) -> None:
    if allowed:
        from simulator.web.destinations import Policy  # noqa: PLC0415

        try:
            Policy("shared", allowed)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--allow-destination") from None


def _welcome(running: Running) -> None:
    """Tell where everything is and how to begin; the last line says that requests are answered."""
    simulator, told = running.simulator, running.ready_document()
    click.echo(f"vendor simulator {__version__}; it remembers in memory: nothing survives a restart\n")
    first_steps = []
    for name, app in simulator.vendors.items():
        credentials = told["credentials"][name]
        click.echo(f"{app.vendor.title}\n  {'base URL':<14} {told['base_urls'][name]}")
        click.echo(f"  {'at the root':<14} {told['origins'][name]}")
        _tell(f"  {key:<14} {_in_words(value)}" for key, value in credentials.items())
        first_steps += [app.vendor.try_it(told["base_urls"][name], credentials)] if credentials else []
    step = next(filter(None, first_steps), None)
    click.echo(f"\ntry it\n  {step}\n" if step else "")
    click.echo(f"ready at {running.root} (end it with Ctrl-C)")


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {entry}" for key, entry in value.items())
    return str(value)
