"""`simulator env` and `simulator ca`: what a shell and a machine need so that clients get here unmodified."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from simulator.cli.options import READY_FILE, read_ready_file
from simulator.cli.terminal import tell

INSTALL = """\
Debian, Ubuntu  sudo cp {ca} /usr/local/share/ca-certificates/vendor-simulator.crt
                sudo update-ca-certificates
Fedora, RHEL    sudo trust anchor {ca}
macOS           sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {ca}
Windows         certutil -addstore -user Root {ca}
Java            keytool -importcert -noprompt -cacerts -storepass changeit -alias vendor-simulator -file {ca}
Firefox         Settings, Certificates, Authorities, Import: {ca}

Whoever can read {key} can then stand in for any site on this machine, so keep
it to yourself and take the certificate out again afterwards. Most clients need none of this: `simulator check
--intercept` and `simulator ca env` tell a single command, or a single shell, whom to trust."""


@click.command()
@click.option("--intercept", is_flag=True, help="And what leads clients of the vendors' own addresses here.")
@click.option(
    "--ready-file",
    type=READY_FILE,
    envvar="SIMULATOR_READY_FILE",
    show_envvar=True,
    required=True,
    help="That of a simulator that runs.",
)
def env(intercept: bool, ready_file: Path) -> None:
    """Print what `check` tells its command, for a shell: eval "$(simulator env --ready-file FILE)"."""
    from simulator.errors import SimulatorError  # noqa: PLC0415
    from simulator.serving.interception import joined  # noqa: PLC0415
    from simulator.serving.variables import variables_of  # noqa: PLC0415

    document = read_ready_file(ready_file)
    variables = variables_of(document)
    if intercept:
        if not document["intercept"]:
            raise SimulatorError(
                "this simulator has no proxy", "start it with `simulator serve --proxy 8090`"
            )
        variables |= joined(document["intercept"], os.environ)
    _export(variables)


@click.group()
def ca() -> None:
    """Show the authority that signs for vendors' names under `serve --tls`; it is made at first use."""


@ca.command("path")
def show_path() -> None:
    """Print where its certificate is, which clients have to trust."""
    click.echo(_kept() / "ca.pem")


@ca.command("install-hint")
def show_hint() -> None:
    """Print how each system is told to trust it; nothing is installed."""
    from simulator.serving.authority import KEPT  # noqa: PLC0415

    folder = _kept()
    tell(INSTALL.format(ca=folder / "ca.pem", key=folder / KEPT).splitlines())


@ca.command("env")
def show_trust() -> None:
    """Print what lets the clients of a shell trust it: eval "$(simulator ca env)"."""
    from simulator.serving.interception import REPLACE_ROOTS, system_roots  # noqa: PLC0415

    folder = _kept()
    certificate, bundle = folder / "ca.pem", folder / "bundle.pem"
    bundle.write_bytes(b"\n".join([certificate.read_bytes(), *system_roots()]))
    variables = dict.fromkeys(REPLACE_ROOTS, str(bundle))
    _export({**variables, "NODE_EXTRA_CA_CERTS": str(certificate)})


def _kept() -> Path:
    from simulator.serving.authority import authority_folder, keep_authority  # noqa: PLC0415

    folder = authority_folder()
    keep_authority(folder)
    return folder


def _export(variables: Mapping[str, str]) -> None:
    tell(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
