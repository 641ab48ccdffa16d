"""Read by every Python that a checked command starts: vendors' names lead to the simulator, or nowhere.

It stands alone, beside the `routes.json` of one run, and nothing of it is noticed by programs that ask no
vendor. What is patched is patched when it is imported, so that a Python starts as quickly as before.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import SourceFileLoader

import simulator_routing  # which lies beside it

TYPE_CHECKING = False  # importing `typing` would take longer than all of this
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Patches = dict[str, Callable[[Any], None]]

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "routes.json"), encoding="utf-8") as _file:
    PLAN = json.load(_file)
ROUTES = simulator_routing.Routes(PLAN["hosts"], PLAN["address"], PLAN["plain"], PLAN["secure"])


def route_names(socket: Any) -> None:
    """Let names of vendors lead to the simulator, whoever looks them up."""
    for holder, name, patch in ROUTES.patches(socket):
        setattr(holder, name, patch)


def trust_authority(ssl: Any) -> None:
    """Let whatever a context is told to trust include the run's own authority."""
    context = ssl.SSLContext
    load = context.load_verify_locations
    for name in simulator_routing.TRUSTING:
        setattr(context, name, simulator_routing.trusting(getattr(context, name), load, PLAN["certificate"]))


def refuse_vendors(event: str, given: tuple[Any, ...]) -> None:
    """Refuse to look up or reach a real vendor, and write down who tried."""
    host, port = simulator_routing.sought(event, given)
    if host and any(host == name or host.endswith("." + name) for name in PLAN["guarded"]):
        note = {"host": host, "port": port, "how": f"Python, {event}", "program": sys.argv[:1]}
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
    if hasattr(sys, "addaudithook"):  # from 3.8 on
        sys.addaudithook(refuse_vendors)
    run_next()


main()
