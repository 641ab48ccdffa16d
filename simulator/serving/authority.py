"""The authority that signs for the vendors' names: made once on a machine, its key for its owner alone."""

from __future__ import annotations

import os
import re
import ssl
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType
from typing import TYPE_CHECKING

from simulator.errors import SimulatorError

if TYPE_CHECKING:
    import trustme

FOLDER_VARIABLE = "SIMULATOR_CA_DIR"
KEPT, SHOWN = "ca-with-key.pem", "ca.pem"
OWN_NAMES = ("localhost", "*.localhost", "127.0.0.1", "::1")
MOST_NAMES = 500
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_ORGANIZATION = "vendor simulator, of this machine alone"


class Authority:
    """Signs for each name that a client asks for and that is `known`, when it is asked for first."""

    def __init__(self, ca: trustme.CA) -> None:
        self._ca = ca

    @property
    def certificate(self) -> bytes:
        """What clients have to trust, in PEM."""
        return self._ca.cert_pem.bytes()

    def server_context(self, known: Callable[[str], bool]) -> ssl.SSLContext:
        """Return a context for servers; who asks for no known name gets the certificate of this machine."""

        @lru_cache(MOST_NAMES)
        def context_of(name: str) -> ssl.SSLContext:
            return self._context_of(*((name,) if name and known(name) else OWN_NAMES))

        return context_by_name(lambda name: context_of((name or "").lower()))

    def _context_of(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*names, organization_name=_ORGANIZATION).configure_cert(context)
        context.set_alpn_protocols(["http/1.1"])
        return context


def context_by_name(choose: Callable[[str | None], ssl.SSLContext]) -> ssl.SSLContext:
    """Return a TLS context that takes for each connection the one chosen for the name that it asks for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def switch(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = choose(name)

    context.sni_callback = switch
    return context


def new_authority() -> Authority:
    """Return an authority that nobody keeps; raises SimulatorError where the extra is not installed."""
    return Authority(_trustme().CA(organization_name=_ORGANIZATION, path_length=0))


def keep_authority(folder: Path) -> Authority:
    """Return the authority in a folder, made there if there is none yet.

    Its key is in a file that only its owner may read; whoever comes second at the same time takes the first
    one's. Raises SimulatorError for a folder or a file that cannot be used.
    """
    library, file = _trustme(), folder / KEPT
    try:
        if not file.exists():
            _write_once(library.CA(organization_name=_ORGANIZATION, path_length=0), folder)
        if sys.platform != "win32" and file.stat().st_mode & 0o077:
            raise SimulatorError(f"others than its owner may read the key in {file}", f"chmod 600 {file}")
        text = file.read_bytes()
        authority = Authority(library.CA.from_pem(text, text))
        if not (shown := folder / SHOWN).exists() or shown.read_bytes() != authority.certificate:
            shown.write_bytes(authority.certificate)
    except OSError as error:
        raise SimulatorError(
            f"cannot keep the authority in {folder}: {error.strerror}",
            f"name a folder that is yours in {FOLDER_VARIABLE}",
        ) from None
    except ValueError as error:
        raise SimulatorError(f"{file} holds no key with its certificate: {error}", "remove it") from None
    return authority


def authority_folder() -> Path:
    """Return where the authority of this machine's user is kept."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen)
    kept = os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else os.environ.get("XDG_DATA_HOME")
    return Path(kept or Path.home() / ".local" / "share") / "vendor-simulator"


def _write_once(ca: trustme.CA, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".ca.") as file:  # for its owner's eyes, as these files are
        file.write(ca.private_key_pem.bytes() + ca.cert_pem.bytes())
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, folder / KEPT)


def _trustme() -> ModuleType:
    try:
        import trustme  # noqa: PLC0415 - an extra
    except ImportError:
        raise SimulatorError(
            "TLS and interception need the extra `tls`", "pip install 'vendor-simulator[tls]'"
        ) from None
    return trustme


def java_trust_store(certificates: bytes, password: str) -> bytes:
    """Return certificates in PEM as a trust store in PKCS 12, marked so that Java takes them for trusted.

    What is no proper certificate is left out: machines trust a few with odd serial numbers.
    """
    from cryptography import x509  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization.pkcs12 import (  # noqa: PLC0415
        PKCS12Certificate,
        serialize_java_truststore,
    )

    known: dict[x509.Certificate, None] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for block in _BLOCK.findall(certificates):
            with suppress(ValueError):
                known[x509.load_pem_x509_certificate(block)] = None
    entries = [PKCS12Certificate(one, b"simulator-%d" % place) for place, one in enumerate(known)]
    return serialize_java_truststore(entries, BestAvailableEncryption(password.encode()))
