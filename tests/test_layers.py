"""Who may import whom: the direction of the house, checked on every module."""

from __future__ import annotations

import ast
import sys

from tests.house import circles
from tests.source_tree import imports, modules, nodes_of

GROUND = {"telephony", "formats", "exchange", "errors", "resources", "faults", "version"}
AROUND = GROUND | {"vendor", "vendor_settings", "conformance"}
ENGINE = AROUND | {"state", "scenario", "verdicts", "web"}
SERVED = ENGINE | {"engine", "vendors", "reports", "suites", "admin", "app"}

ALLOWED = {
    "telephony": set(),
    "formats": set(),
    "exchange": set(),
    "errors": set(),
    "resources": set(),
    "version": set(),
    "faults": set(),
    "conformance": {"formats", "exchange", "errors", "resources"},
    "refusal_catalogue": set(),
    "vendor_settings": {"telephony", "errors"},
    "vendor": {"vendor_settings", "refusal_catalogue", "telephony", "formats", "exchange"},
    "vendor_checks": {"vendor", "vendor_settings", "telephony", "errors", "resources"},
    "vendors": {
        "vendor",
        "vendor_checks",
        "vendor_settings",
        "refusal_catalogue",
        "telephony",
        "formats",
        "exchange",
        "errors",
        "resources",
    },
    "state": {"telephony", "exchange", "errors"},
    "scenario": {"telephony", "formats", "errors", "resources", "faults"},
    "verdicts": {"scenario", "conformance", "telephony", "exchange", "errors"},
    "web": {"vendor", "telephony", "formats", "exchange", "errors", "faults"},
    "engine": ENGINE | {"vendors"},
    "reports": {"verdicts", "conformance", "exchange", "errors", "version"},
    "suites": ENGINE | {"engine", "reports"},
    "admin": ENGINE | {"engine", "vendors", "reports", "suites"},
    "app": SERVED - {"app"},
    "serving": SERVED,
    "live": AROUND | {"scenario", "web", "engine", "vendors", "app", "serving"},
    "checking": SERVED | {"serving"},
    "testing": SERVED | {"serving", "checking"},
    "__init__": {"app", "testing", "vendor", "version"},
    "pytest_plugin": SERVED | {"testing", "serving"},
    "cli": SERVED | {"serving", "live", "checking"},
    "__main__": {"cli"},
}
"""What each room may import, from the bottom to the top; what only type checkers see counts too."""

LIBRARIES = {
    "telephony": {"msgspec"},  # its values are structs: those are made in a tenth of a dataclass's time
    "faults": {"msgspec"},
    "refusal_catalogue": {"msgspec"},
    "exchange": {"msgspec"},
    "vendor": {"flask", "msgspec"},
    "formats": {"msgspec", "werkzeug", "openpyxl", "tinytag", "faker", "yaml"},
    "state": {"msgspec", "redis"},
    "verdicts": {"msgspec", "phonenumbers"},
    "scenario": {"yaml", "msgspec", "jsonschema", "jsonschema_rs", "referencing"},
    "conformance": {"msgspec", "yaml", "jsonschema", "jsonschema_rs", "referencing"},
    "vendor_settings": {"msgspec"},
    "vendors": {"werkzeug", "flask", "msgspec"},
    "web": {"msgspec", "werkzeug", "flask", "urllib3"},
    "engine": {"msgspec", "werkzeug"},
    "reports": {"msgspec", "jinja2"},
    "suites": {"msgspec"},
    "admin": {"flask", "werkzeug", "msgspec", "yaml", "faker"},
}


def room_of(module: str) -> str:
    """Return the room a module lies in: the folder, or its own name right below the package."""
    return [*module.split("."), "__init__"][1]


def test_every_module_lies_in_a_known_room() -> None:
    assert {room_of(module) for module in modules()} == set(ALLOWED)


def test_no_two_rooms_may_import_each_other() -> None:
    below: set[str] = set()
    for room, may in ALLOWED.items():
        assert may <= below
        below.add(room)


def test_a_module_imports_only_what_its_room_may() -> None:
    strangers = {}
    for module, tree in modules().items():
        room = room_of(module)
        own = own_vendor(module) if room == "vendors" else f"simulator.{room}"
        met = {name for name in imports(tree, typing_too=True) if name.split(".")[0] == "simulator"}
        beyond = {name for name in met if not f"{name}.".startswith(f"{own}.")}
        if barred := {name for name in beyond if room_of(name) not in ALLOWED[room]}:
            strangers[module] = barred

    assert strangers == {}


def test_verdicts_read_of_a_scenario_only_what_it_expects() -> None:
    met = {
        name
        for module in modules()
        if room_of(module) == "verdicts"
        for name in imports(modules()[module], typing_too=True)
    }

    assert {name for name in met if room_of(name) == "scenario"} <= {
        "simulator.scenario.expectations", "simulator.scenario.values",
    }  # fmt: skip


def own_vendor(module: str) -> str:
    return ".".join(module.split(".")[:3])


def test_a_module_uses_only_the_libraries_of_its_layer() -> None:
    known = {*sys.stdlib_module_names, "simulator"}
    strangers = {}
    for module, tree in modules().items():
        met = {name.split(".")[0] for name in imports(tree)} - known
        if barred := met - LIBRARIES.get(room_of(module), met):
            strangers[module] = barred

    assert strangers == {}


def test_only_the_outbound_door_opens_connections() -> None:
    doors = {"socket", "http.client", "urllib.request", "urllib3", "requests", "httpx", "ftplib", "smtplib"}
    openers = {
        module
        for module, tree in modules().items()
        for name in imports(tree)
        if name in doors or name.split(".")[0] in doors - {"http.client", "urllib.request"}
    }

    apart = {
        "simulator.pytest_plugin",
        "simulator.testing.transports",
        "simulator.testing.leading",
        "simulator.cli.control",
        "simulator.live.targets",  # the one address that whoever runs it has named
    }  # other processes
    assert openers - apart <= {
        "simulator.web.outbound", "simulator.web.destinations", "simulator.serving.sockets",
        "simulator.serving.server", "simulator.serving.isolation",
        "simulator.checking.receiver_ports",
    }  # fmt: skip


def test_nothing_evaluates_or_unpickles_what_it_is_given() -> None:
    banned = {"eval", "exec", "compile", "__import__"}
    met = {
        (module, node.func.id)
        for module, tree in modules().items()
        for node in nodes_of(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in banned
    }
    loaders = {
        (module, name)
        for module, tree in modules().items()
        for name in imports(tree)
        if name.split(".")[0] in {"pickle", "marshal", "shelve", "dill"}
    }

    assert met | loaders == set()


def test_nothing_imports_itself_round_a_corner_not_even_in_types() -> None:
    assert circles(typing_too=True) == []
