"""What a command is given so that its clients, unmodified, reach the simulator in place of the vendors."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from shutil import copyfile

from msgspec import Struct

from simulator.serving.authority import java_trust_store

PRELOADS = Path(__file__).parent / "preload"
TRIED = "tried.log"
DIRECT = "localhost,.localhost,127.0.0.1,::1"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
JAVA_DIRECT = "localhost|*.localhost|127.*|[::1]"
TRUST_PASSWORD = "changeit"  # noqa: S105 - what Java's own trust store has, of certificates that are public
REPLACE_ROOTS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_JOINTS = {"NODE_OPTIONS": " ", "JAVA_TOOL_OPTIONS": " ", "PYTHONPATH": os.pathsep, "PHP_INI_SCAN_DIR": ":"}
"""Variables that may be set already, with what stands between the old value and ours."""
_OURS_FIRST = ("PYTHONPATH",)


class Plan(Struct, frozen=True, kw_only=True):
    """Where clients are led: the `hosts` that are answered for, and the domains that are never reached.

    `plain` and `secure` are the ports of our listeners at `address`, `proxy` the URL of the proxy. With
    `keeps_roots` clients trust the authorities of this machine as well, for hosts that are let through.
    """

    hosts: tuple[str, ...]
    guarded: tuple[str, ...]
    address: str
    plain: int
    secure: int
    proxy: str
    certificate: bytes
    keeps_roots: bool = False


def write_interception(folder: Path, plan: Plan) -> dict[str, str]:
    """Write what clients are to read into a folder, and return the variables that lead them to it."""
    python, php = folder / "python", folder / "php"
    authority, bundle, trust = folder / "ca.pem", folder / "bundle.pem", folder / "trust.p12"
    wget, node = folder / "wgetrc", folder / "route.cjs"
    for inner in (python, php):
        inner.mkdir(parents=True, exist_ok=True)
    roots = b"\n".join([plan.certificate, *(system_roots() if plan.keeps_roots else ())])
    authority.write_bytes(plan.certificate)
    bundle.write_bytes(roots)
    trust.write_bytes(java_trust_store(roots, TRUST_PASSWORD))
    wget.write_text(f"ca_certificate = {bundle}\n", "utf-8")
    for file in (python / "sitecustomize.py", python / "simulator_routing.py", node):
        copyfile(PRELOADS / file.name, file)
        (file.parent / "routes.json").write_text(json.dumps(_routes(plan)), "utf-8")
    _write_php(php, bundle, plan.proxy)
    proxies = ("HTTPS_PROXY", "HTTP_PROXY")
    return {
        **dict.fromkeys((*proxies, *map(str.lower, proxies)), plan.proxy),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), DIRECT),
        **dict.fromkeys(REPLACE_ROOTS, str(bundle)),
        "NODE_EXTRA_CA_CERTS": str(authority),
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": f"--require {json.dumps(str(node))}",
        "PYTHONPATH": str(python),
        "JAVA_TOOL_OPTIONS": " ".join(_java_options(plan.proxy, trust)),
        "PHP_INI_SCAN_DIR": str(php),
        "WGETRC": str(wget),
    }


def past_proxy(present: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which clients that are sent through a proxy of somebody's get here without."""
    if not any(name.lower() in _PROXIES for name in present):
        return {}
    names = ("NO_PROXY", "no_proxy")
    others = next((present[name] for name in reversed(names) if present.get(name)), "")
    return dict.fromkeys(names, ",".join(filter(None, (others, DIRECT))))


def joined(variables: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    """Return variables of interception together with what is present of those that hold lists."""
    values = dict(variables)
    for name, joint in _JOINTS.items():
        if name in values:
            old, new = present.get(name, ""), values[name]
            pair = [new, old] if name in _OURS_FIRST else [old, new]
            keeps_place = name == "PHP_INI_SCAN_DIR"  # where an empty entry is PHP's own folder
            values[name] = joint.join(pair if keeps_place else filter(None, pair))
    return values


def tries(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield host, port and how it was tried, of each vendor that a client tried to reach past us."""
    for file in sorted(folder.rglob(TRIED)):
        for line in file.read_text("utf-8").splitlines():
            with suppress(ValueError):  # a line that its program did not live to finish
                note = json.loads(line)
                program = "".join(note["program"])
                yield note["host"], note["port"], f"{note['how']}{program and f', in {program}'}"


def system_roots() -> Iterator[bytes]:
    """Yield the certificates that this machine trusts, as far as they are in files."""
    paths = ssl.get_default_verify_paths()
    for name in dict.fromkeys((os.environ.get("SSL_CERT_FILE"), paths.cafile, paths.openssl_cafile)):
        with suppress(OSError):
            if name:
                yield Path(name).read_bytes()
                return


def _routes(plan: Plan) -> dict[str, object]:
    return {
        "hosts": plan.hosts,
        "guarded": plan.guarded,
        "address": plan.address,
        "plain": plan.plain,
        "secure": plan.secure,
        "certificate": plan.certificate.decode("ascii"),
    }


def _java_options(proxy: str, trust: Path) -> Iterator[str]:
    """Yield the properties by which Java finds a proxy and whom to trust."""
    host, _, port = proxy.removeprefix("http://").rpartition("@")[2].rpartition(":")
    for scheme in ("https", "http"):
        yield f"-D{scheme}.proxyHost={host.strip('[]')}"
        yield f"-D{scheme}.proxyPort={port}"
    yield f"-Dhttp.nonProxyHosts={JAVA_DIRECT}"
    yield f"-Djavax.net.ssl.trustStore={trust}"
    yield f"-Djavax.net.ssl.trustStorePassword={TRUST_PASSWORD}"


def _write_php(folder: Path, bundle: Path, proxy: str) -> None:
    """Write settings and a script that PHP reads: the first for curl and streams, the second for streams."""
    prepended = folder / "prepend.php"
    code = (PRELOADS / "prepend.php").read_text("utf-8")
    place = "tcp://" + proxy.rpartition("/")[2].rpartition("@")[2]
    prepended.write_text(code.replace("PROXY", place), "utf-8")
    files = {"curl.cainfo": bundle, "openssl.cafile": bundle, "auto_prepend_file": prepended}
    lines = [f'{name} = "{file}"\n' for name, file in files.items()]
    (folder / "simulator.ini").write_text("".join(lines), "utf-8")
