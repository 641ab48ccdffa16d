"""The authority of this machine: made once, its key for its owner alone, a certificate for each name."""

from __future__ import annotations

import ssl
import stat
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection

import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.engine.settings import Settings
from simulator.errors import SimulatorError
from simulator.serving import authority as module
from simulator.serving.authority import KEPT, Authority, keep_authority, new_authority
from simulator.serving.running import Running, running
from simulator.serving.secure import Secure
from simulator.serving.sockets import Ports
from tests.serving_process import PATIENCE


@pytest.fixture(scope="module")
def authority() -> Authority:
    return new_authority()


@pytest.fixture(scope="module")
def place(authority: Authority) -> Iterator[Running]:
    with running(Settings(clock="virtual"), Ports(tls=0), Secure(authority=authority)) as place:
        yield place


def shaken(place: Running, authority: Authority, name: str) -> ssl.SSLSocket:
    """Shake hands for a name, which has to be certified."""
    client = ssl.create_default_context(cadata=authority.certificate.decode())
    client.set_alpn_protocols(["h2", "http/1.1"])
    port = place.ready_document()["tls_port"]
    with (
        create_connection(("127.0.0.1", port), PATIENCE) as plain,
        client.wrap_socket(plain, server_hostname=name) as secure,
    ):
        assert secure.selected_alpn_protocol() == "http/1.1"
        secure.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
        assert secure.recv(9) == b"HTTP/1.0 "
        return secure


NAMES = ["api.callr.com", "zvonok.com", "bot.just-ai.com", "callo.localhost", "localhost", "127.0.0.1"]


@pytest.mark.parametrize("name", NAMES)
def test_each_name_of_a_vendor_and_of_this_machine_is_certified(
    place: Running, authority: Authority, name: str
) -> None:
    assert shaken(place, authority, name)


@pytest.mark.parametrize("name", ["example.com", "www.callr.com.example.com", "callr.com"])
def test_no_other_name_is(place: Running, authority: Authority, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        shaken(place, authority, name)


def test_the_key_is_for_its_owner_alone_and_stays_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    first, again = keep_authority(folder), keep_authority(folder)

    assert first.certificate == again.certificate == (folder / "ca.pem").read_bytes()
    assert b"PRIVATE" not in first.certificate
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / KEPT)] == [0o700, 0o600]
    assert sorted(path.name for path in folder.iterdir()) == [KEPT, "ca.pem"]


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    keep_authority(tmp_path)
    (tmp_path / KEPT).chmod(0o640)

    with pytest.raises(SimulatorError, match="others than its owner") as refusal:
        keep_authority(tmp_path)
    assert refusal.value.remedy == f"chmod 600 {tmp_path / KEPT}"


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / KEPT
    file.touch(0o600)

    with pytest.raises(SimulatorError, match="holds no key with its certificate"):
        keep_authority(tmp_path)


def test_without_the_extra_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "trustme", None)

    with pytest.raises(SimulatorError, match="extra `tls`") as refusal:
        new_authority()
    assert "pip install 'vendor-simulator[tls]'" in str(refusal.value)


def output_of(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["ca", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_line_tells_where_it_is_and_how_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(module.FOLDER_VARIABLE, str(tmp_path))
    certificate = tmp_path / "ca.pem"

    assert output_of("path") == f"{certificate}\n"
    hint, variables = output_of("install-hint"), output_of("env")
    assert all(word in hint for word in ("update-ca-certificates", "keytool", "certutil", str(certificate)))
    assert f"export NODE_EXTRA_CA_CERTS={certificate}\n" in variables
    bundle = tmp_path / "bundle.pem"
    assert f"export REQUESTS_CA_BUNDLE={bundle}\n" in variables
    assert bundle.read_bytes().startswith(certificate.read_bytes())
