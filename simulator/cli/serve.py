"""`simulator serve`."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from simulator.cli.options import (
    CLOCK_MODE,
    HOST_NAME,
    LIMIT,
    settings_of,
    with_names,
    with_passed,
    with_world,
)
from simulator.cli.terminal import tell
from simulator.version import VERSION

if TYPE_CHECKING:
    from simulator.app import Simulator
    from simulator.engine.settings import WatchedFile
    from simulator.scenario.values import Pace
    from simulator.serving.running import Running
    from simulator.serving.secure import Secure
    from simulator.serving.sockets import Ports

LAST_PORT = 65_535
TOGETHER = (
    ("--tls-port", "tls_port", "--tls"),
    ("--state-full", "state_full", "--state"),
    ("--state-size", "state_size", "--state"),
)
"""Options that say more of another one, and nothing without it: each with how its value is called."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, LAST_PORT), default=8070, show_default=True, help="0: any free."
)
@click.option(
    "--vendor-ports",
    type=click.IntRange(0, LAST_PORT),
    metavar="FIRST",
    help="From this port on, one for each vendor, which answers there at the root; 0: any free.",
)
@click.option("--tls", is_flag=True, help="Answer in TLS, too, for names of vendors; see `simulator ca`.")
@click.option(
    "--tls-port", type=click.IntRange(0, LAST_PORT), default=8443, show_default=True, help="With --tls."
)
@click.option(
    "--proxy",
    type=click.IntRange(0, LAST_PORT),
    metavar="PORT",
    help="A proxy that leads clients of the vendors' own addresses here; see `simulator env`.",
)
@with_passed
@with_world
@click.option("--watch", is_flag=True, help="Take the scenario's file anew when it changes, if it is sound.")
@click.option("--clock", type=CLOCK_MODE, default="real", show_default=True, help="Or virtual, idle, x60.")
@click.option(
    "--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="JSON, written when ready."
)
@click.option("--admin-token", envvar="SIMULATOR_ADMIN_TOKEN", show_envvar=True, help="For the control API.")
@click.option(
    "--admin-token-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    envvar="SIMULATOR_ADMIN_TOKEN_FILE",
    show_envvar=True,
    help="A file that holds it, which no list of processes shows.",
)
@click.option(
    "--admin-host",
    "admin_hosts",
    multiple=True,
    type=HOST_NAME,
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
@click.option(
    "--state", metavar="FILE|URL", help="A file from which worlds come again, or redis:// to share them."
)
@click.option("--state-full", is_flag=True, help="Keep each input through a loss of power, too; slower.")
@click.option(
    "--state-size",
    type=click.IntRange(1),
    default=1024,
    show_default=True,
    help="MB of the state file at most; then 503.",
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    type=LIMIT,
    metavar="NAME=NUMBER",
    help="What this instance puts up with at most: worlds, connections, bytes of a body, ...; repeatable.",
)
@click.option("--pure", is_flag=True, help="Answers and callbacks have no X-Simulator-* headers.")
@click.option("--show-numbers", is_flag=True, help="Show phone numbers unmasked; keys never are.")
@click.option("--access-log", is_flag=True, help="Tell each exchange on stderr, masked, as a line of JSON.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Of what is logged.",
)
@click.option(
    "--allow-destination",
    "allowed",
    multiple=True,
    metavar="HOST|CIDR",
    help="Where callbacks may go beyond this machine's own network; repeatable.",
)
@click.pass_context
def serve(
    ctx: click.Context,
    /,
    *,
    ready_file: Path | None,
    allowed: tuple[str, ...],
    access_log: bool,
    log_format: str,
    **options: Any,
) -> None:
    """Answer as the vendors would, until stopped."""
    gc.disable()  # until the server collects at its own pace: importing leaves hardly any garbage
    from simulator.serving.ending import watched  # noqa: PLC0415

    _check_together(ctx, options)
    options["admin_token"] = _token_of(options)
    options["watched"] = _watched_of(options)
    _check_destinations(allowed)
    if access_log:
        from simulator.engine.access_log import log_exchanges  # noqa: PLC0415

        log_exchanges()
    if log_format == "json":
        from simulator.serving.log_lines import log_as_json  # noqa: PLC0415

        log_as_json()
    with watched(ready_file=ready_file):  # by a second process, made while both have little to keep
        raise SystemExit(_answer(ready_file, {**options, "allowed_destinations": allowed}))


def _answer(ready_file: Path | None, options: dict[str, Any]) -> int:
    from simulator.engine.settings import Settings  # noqa: PLC0415
    from simulator.serving.running import serve as answer  # noqa: PLC0415
    from simulator.web.guard import SizeLimits  # noqa: PLC0415

    ports, secure = _ports_of(options), _secure_of(options)
    options["limits"] = SizeLimits(**dict(options["limits"]))
    return answer(Settings(**settings_of(options)), ports, ready_file, _welcome, secure)


def _check_together(ctx: click.Context, options: Mapping[str, Any]) -> None:
    """Raise UsageError for an option that would do nothing, because another one is missing."""
    for option, name, other in TOGETHER:
        if ctx.get_parameter_source(name) is ParameterSource.DEFAULT:
            continue
        if not (given := options[other.strip("-")]):
            raise click.UsageError(f"{option} says more of {other}: give that, too")
        if "://" in str(given):
            raise click.UsageError(f"{option} is about a state file; what a Redis keeps, it is told itself")


def _token_of(options: dict[str, Any]) -> str | None:
    """Take the admin token out of the options, or out of the file that holds it."""
    file: Path | None = options.pop("admin_token_file")
    if file is None:
        token: str | None = options["admin_token"]
        return token
    if options["admin_token"]:
        raise click.UsageError("--admin-token and --admin-token-file are two tokens: give one")
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} is no text: write the token into it, in UTF-8") from None
    if not (token := text.strip()):
        raise click.UsageError(f"{file} is empty: write the token into it")
    return token


def _watched_of(options: dict[str, Any]) -> WatchedFile | None:
    """Take out of the options which file is to be followed."""
    if not options.pop("watch"):
        return None
    if not options["scenario"].endswith((".yaml", ".yml")):
        raise click.UsageError("--watch follows a file of yours: name it by --scenario FILE.yaml")
    if "://" in (options["state"] or ""):
        raise click.UsageError("--watch is for one simulator: those that share worlds take no other scenario")
    from simulator.engine.settings import WatchedFile  # noqa: PLC0415

    return WatchedFile(Path(options["scenario"]))


def _ports_of(options: dict[str, Any]) -> Ports:
    """Take the ports out of the options."""
    from simulator.serving.sockets import Ports  # noqa: PLC0415

    tls, port, proxy = options["tls"], options.pop("tls_port"), options["proxy"]
    proxied = None if proxy is None else 0
    first = options.pop("vendor_ports")
    if first:
        _check_room(first, options["vendors"])
    return Ports(
        host=options.pop("host"),
        main=options.pop("port"),
        vendors=first,
        tls=port if tls else proxied,
        proxy=proxy,
    )


def _check_room(first: int, chosen: tuple[str, ...]) -> None:
    from simulator.vendors import vendor_names  # noqa: PLC0415

    count = len(chosen or vendor_names())
    if first + count - 1 > LAST_PORT:
        most = LAST_PORT - count + 1
        raise click.UsageError(
            f"--vendor-ports {first} leaves no room for {count} vendors: give {most} at most"
        )


def _secure_of(options: dict[str, Any]) -> Secure | None:
    """Take out of the options what is answered in TLS and through a proxy."""
    wants_tls, proxy, passed = options.pop("tls"), options.pop("proxy"), options.pop("passed")
    if passed and proxy is None:
        raise click.UsageError("--pass says what a proxy lets through: give --proxy PORT, too")
    if not wants_tls and proxy is None:
        return None
    from simulator.serving.authority import authority_folder, keep_authority  # noqa: PLC0415
    from simulator.serving.secure import Secure  # noqa: PLC0415

    return Secure(authority=keep_authority(authority_folder()), passed=passed)


def _check_destinations(allowed: tuple[str, ...]) -> None:
    if allowed:
        from simulator.web.destinations import DestinationPolicy  # noqa: PLC0415

        try:
            DestinationPolicy("shared", allowed)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--allow-destination") from None


def _welcome(running: Running) -> None:
    """Print where everything is and how to begin; the last line says that requests are answered."""
    simulator, document = running.simulator, running.ready_document()
    memory = simulator.worlds.promise
    click.echo(f"vendor simulator {VERSION}; it remembers in {memory}\n")
    first_steps = []
    for name, app in simulator.vendors.items():
        credentials = document["credentials"][name]
        click.echo(f"{app.vendor.title}\n  {'base URL':<14} {document['base_urls'][name]}")
        click.echo(f"  {'stands for':<14} {', '.join(f'https://{host}' for host in app.vendor.hosts)}")
        click.echo(f"  {'at the root':<14} {document['origins'][name]}")
        click.echo(f"  {'your receiver':<14} {app.vendor.receiver}")
        tell(f"  {key:<14} {_in_words(value)}" for key, value in credentials.items())
        first_steps += [app.vendor.try_it(document["base_urls"][name], credentials)] if credentials else []
    if (tls := document["tls_port"]) is not None:
        click.echo(
            f"\nhttps at port {tls}, for the vendors' names; clients have to trust `simulator ca path`"
        )
    if document["proxy"]:
        place = document["proxy"].rpartition("/")[2].rpartition("@")[2]
        click.echo(f"proxy http://{place}; `simulator env --intercept` prints what leads clients to it")
    tell(_clock_passed_over(simulator))
    step = next(filter(None, first_steps), None)
    click.echo(f"\ntry it\n  {step}\n" if step else "")
    click.echo(f"see it\n  {running.root}/_simulator/ (telephones, clock, callbacks, findings)\n")
    click.echo(f"ready at {running.root} (end it with Ctrl-C)")


def _clock_passed_over(simulator: Simulator) -> Iterator[str]:
    """Tell whoever serves a file that its time is another one than the host's, which is kept here."""
    named = simulator.settings.scenario
    if simulator.settings.clock != "real" or named == "happy":
        return
    clock = simulator.worlds.sandbox().scenario.clock
    if clock.at is not None:
        begin = f"{clock.at:%Y-%m-%dT%H:%M} in {clock.zone.key}"
        other = f"{named} begins at {begin}, and does so with `--clock {_pace(clock.mode)}`"
        yield f"\nclock: the host's time; {other}"


def _pace(mode: Pace) -> str:
    return "virtual" if str(mode) == "real" else str(mode)


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {entry}" for key, entry in value.items())
    return str(value)
