"""Read by every Python that a checked command starts: vendors' names lead to the simulator, or nowhere.

It stands alone, beside the `routes.json` of one run, and nothing of it is noticed by programs that ask no
vendor. What is patched is patched when it is imported, so that a Python starts as quickly as before.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import SourceFileLoader

TYPE_CHECKING = False  # importing `typing` would take longer than all of this
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Patches = dict[str, Callable[[Any], None]]

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "routes.json"), encoding="utf-8") as _file:
    PLAN = json.load(_file)
PORTS = {"443": PLAN["secure"], "https": PLAN["secure"], "80": PLAN["plain"], "http": PLAN["plain"]}
EVENTS = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.connect": 1, "socket.sendto": 1}
"""Of each audit event, which argument is a host, or an address that begins with one."""


def name_of(host: Any) -> str:
    """Return a host as it is compared."""
    text = host.decode("latin-1") if isinstance(host, (bytes, bytearray)) else host
    return text.lower().rstrip(".") if isinstance(text, str) else ""


def is_listed(host: str, names: list[str]) -> bool:
    """Tell whether a host is one of the names, of which `*.` stands for one label more."""
    return host in names or "*." + host.partition(".")[2] in names


def place_of(host: Any, port: Any) -> Any:
    """Return where the simulator stands in for a host and a port, or None."""
    near = PORTS.get(str(port)) if is_listed(name_of(host), PLAN["hosts"]) else None
    return near and (PLAN["address"], near)


def route_names(socket: Any) -> None:
    """Let names of vendors lead to the simulator, whoever looks them up."""
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def getaddrinfo(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        host, port = place_of(host, port) or (host, port)
        return look_up(host, port, *more, **named)

    def connect_routed(self: Any, address: Any) -> Any:
        if isinstance(address, tuple) and len(address) > 1:
            address = place_of(*address[:2]) or address
        return connect(self, address)

    socket.getaddrinfo, socket.socket.connect = getaddrinfo, connect_routed


def trust_authority(ssl: Any) -> None:
    """Let whatever a context is told to trust include the run's own authority."""
    load = ssl.SSLContext.load_verify_locations

    def with_ours(before: Callable[..., None]) -> Callable[..., None]:
        def trust(self: Any, *given: Any, **named: Any) -> None:
            before(self, *given, **named)
            load(self, cadata=PLAN["certificate"])

        return trust

    for name in ("load_verify_locations", "load_default_certs", "set_default_verify_paths"):
        setattr(ssl.SSLContext, name, with_ours(getattr(ssl.SSLContext, name)))


def refuse_vendors(event: str, given: tuple[Any, ...]) -> None:
    """Refuse to look up or reach a real vendor, and write down who tried."""
    place = EVENTS.get(event)
    if place is None or len(given) <= place:
        return
    host, port = given[place], given[1] if place == 0 and len(given) > 1 else None
    if isinstance(host, tuple) and len(host) > 1:
        host, port = host[:2]
    host = name_of(host)
    if host and any(host == name or host.endswith("." + name) for name in PLAN["guarded"]):
        note = {"host": host, "port": str(port), "how": f"Python, {event}", "program": sys.argv[:1]}
        with open(os.path.join(HERE, "tried.log"), "a", encoding="utf-8") as log:
            log.write(json.dumps(note) + "\n")
        raise ConnectionRefusedError(
            111, f"{host} is a real vendor's: the simulator's guard lets nobody there"
        )


def patched(run: Callable[[Any], None], patch: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return what runs a module and then patches it."""

    def run_and_patch(module: Any) -> None:
        run(module)
        patch(module)

    return run_and_patch


class OnImport:
    """Patches modules at the end of their import."""

    def __init__(self, patches: Patches) -> None:
        self.patches = patches

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return what others find, so that it is patched once it has run."""
        patch = self.patches.pop(name, None)
        if patch is None:
            return None
        for finder in [one for one in sys.meta_path if one is not self]:
            spec: Any = finder.find_spec(name, path, target)
            if spec is not None:
                spec.loader.exec_module = patched(spec.loader.exec_module, patch)
                return spec
        return None


def run_next() -> None:
    """Run the sitecustomize that this one stands before, which Python would have run."""
    for folder in sys.path:
        file = os.path.join(folder, "sitecustomize.py")
        if os.path.abspath(folder) != HERE and os.path.isfile(file):
            SourceFileLoader("sitecustomize", file).exec_module(type(sys)("sitecustomize"))
            return


def main() -> None:
    """Patch what is there, and the rest when it comes."""
    patches = {"socket": route_names, "ssl": trust_authority}
    for name in [name for name in patches if name in sys.modules]:
        patches.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, OnImport(patches))
    sys.addaudithook(refuse_vendors)
    run_next()


main()
