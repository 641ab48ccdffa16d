"""Who may import whom: the direction of the house, checked on every module."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.source_tree import imports, modules

TOP = {
    "simulator.app", "simulator.engine.sandbox", "simulator.engine.recorder", "simulator.engine.commands", "simulator.admin.backstage",
    "simulator.gateway", "simulator.engine.real_time", "simulator.testing.subscribers",
    "simulator.cli", "simulator.serving", "simulator.framing", "simulator.checking",
    "simulator.pytest_plugin", "simulator.testing.transports", "simulator.testing.fixtures", "simulator.__main__",
    "simulator.testing.worlds", "simulator.testing.contract_judge", "simulator.engine.callback_checks",
    "simulator.engine.verification", "simulator.engine.answering", "simulator.engine.bugs", "simulator.web.access_log",
    "simulator.engine.advances", "simulator.engine.departures", "simulator.engine.waits", "simulator.engine.explaining",
    "simulator.engine.cut_ids",
    "simulator.engine.known_names",
    "simulator.ending", "simulator.engine.memory",
}  # fmt: skip
ALLOWED = {
    "simulator.telephony": {"simulator.telephony"},
    "simulator.formats": {"simulator.formats"},
    "simulator.exchange": set(),
    "simulator.errors": set(),
    "simulator.resources": set(),
    "simulator.vendor": {"simulator.exchange", "simulator.formats", "simulator.telephony"},
    "simulator.state": {"simulator.exchange", "simulator.errors", "simulator.telephony"},
    "simulator.scenario": {
        "simulator.scenario", "simulator.telephony", "simulator.resources", "simulator.errors",
        "simulator.faults",
    },
    "simulator.faults": set(),
    "simulator.conformance": {
        "simulator.conformance", "simulator.exchange", "simulator.formats", "simulator.resources",
        "simulator.errors",
    },
    "simulator.web": {
        "simulator.web", "simulator.exchange", "simulator.telephony", "simulator.formats",
        "simulator.vendor", "simulator.errors", "simulator.faults",
    },
    "simulator.verdicts": {
        "simulator.verdicts", "simulator.scenario", "simulator.telephony", "simulator.exchange",
        "simulator.conformance", "simulator.errors",
    },
    "simulator.vendors": {
        "simulator.vendor", "simulator.exchange", "simulator.telephony", "simulator.formats",
        "simulator.errors",
    },
}  # fmt: skip

LIBRARIES = {
    "simulator.telephony": set(),
    "simulator.formats": {"werkzeug", "openpyxl", "tinytag", "faker", "yaml"},
    "simulator.state": set(),
    "simulator.verdicts": set(),
    "simulator.scenario": {"yaml", "msgspec", "jsonschema", "jsonschema_rs", "referencing"},
    "simulator.conformance": {"yaml", "jsonschema", "jsonschema_rs", "referencing"},
    "simulator.vendors": {"werkzeug", "flask"},
    "simulator.web": {"werkzeug", "flask", "urllib3", "yaml"},
}


def layer_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_every_module_lies_in_a_known_layer() -> None:
    known = set(ALLOWED) | TOP | {"simulator"}

    assert {module for module in modules() if layer_of(module) not in known} == set()


@pytest.mark.parametrize("module", [module for module in modules() if layer_of(module) in ALLOWED])
def test_a_module_imports_only_what_its_layer_may(module: str) -> None:
    layer = layer_of(module)
    allowed = ALLOWED[layer] | ({own_vendor(module)} if layer == "simulator.vendors" else set())
    met = {name for name in imports(modules()[module]) if name.split(".")[0] == "simulator"}

    assert {name for name in met if not any(f"{name}.".startswith(f"{one}.") for one in allowed)} == set()


def own_vendor(module: str) -> str:
    return ".".join(module.split(".")[:3])


@pytest.mark.parametrize("module", [module for module in modules() if layer_of(module) in LIBRARIES])
def test_a_module_uses_only_the_libraries_of_its_layer(module: str) -> None:
    met = {name.split(".")[0] for name in imports(modules()[module])} - set(sys.stdlib_module_names)

    assert met - {"simulator"} <= LIBRARIES[layer_of(module)]


def test_only_the_outbound_door_opens_connections() -> None:
    doors = {"socket", "http.client", "urllib.request", "urllib3", "requests", "httpx", "ftplib", "smtplib"}
    openers = {
        module
        for module, tree in modules().items()
        for name in imports(tree)
        if name in doors or name.split(".")[0] in doors - {"http.client", "urllib.request"}
    }

    assert openers - {"simulator.pytest_plugin", "simulator.testing.transports"} <= {
        "simulator.web.outbound", "simulator.web.destinations", "simulator.serving", "simulator.framing",
    }  # fmt: skip


def test_nothing_evaluates_or_unpickles_what_it_is_given() -> None:
    banned = {"eval", "exec", "compile", "__import__"}
    met = {
        (module, node.func.id)
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in banned
    }
    loaders = {
        (module, name)
        for module, tree in modules().items()
        for name in imports(tree)
        if name.split(".")[0] in {"pickle", "marshal", "shelve", "dill"}
    }

    assert met | loaders == set()
