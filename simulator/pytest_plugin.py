"""The pytest plugin: a fixture for every vendor, and a verdict on the client after each test.

Every pytest run of everybody who has the package installed loads this module, by its file and under the name
`vendor_simulator_pytest`; so it imports nothing of ours, nor any package called `simulator`, which a project
may have itself. The simulator comes in with the first fixture; what is done then is in `testing`. Fixtures on
which others depend have a prefix, so that nobody's own fixture takes their place.

PYTEST_DONT_REWRITE: so pytest does not complain, in sessions within a session, that it cannot: we are not
loaded by its own means.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from simulator.serving.running import Running
    from simulator.suites.runs import SuiteRun
    from simulator.testing.fixtures import VendorFixture
    from simulator.testing.guard import Guard
    from simulator.testing.opening import OpenWorld as World
    from simulator.testing.worlds import FixtureWorld, SharedServer

WORLD = pytest.StashKey["FixtureWorld"]()
UNTAKEN = pytest.StashKey[list[str]]()
GUARD = pytest.StashKey["Guard"]()
MASK = pytest.StashKey[Callable[[str], str]]()
"""What masks a text that pytest prints: that of the newest world, which knows the keys of all."""

WideScope = Literal["class", "module", "package", "session"]
WIDE_SCOPES: tuple[WideScope, ...] = ("class", "module", "package", "session")
"""Scopes of fixtures for worlds that tests share: `callo_module`, `callo_session`."""

MARKER = (
    "simulator(scenario=NAME|FILE|YAML|DICT, clock=virtual|idle|real|xN, pause=LENGTH, strict=BOOL, seed=N, "
    "expect=[CODE, ...], expect_refusals=[ERROR, ...], judged=BOOL, conduct=BOOL): how the telephony world "
    "of this test is set up, which contract violations and refusals it is about, whether it has to do what "
    "the scenario it names expects, and to behave as any client should"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    group = parser.getgroup("simulator", "telephony vendor simulator")
    group.addoption(
        "--simulator-scenario",
        metavar="NAME|FILE",
        help="scenario of tests whose marker names none (default: simulator_scenario of the ini file)",
    )
    parser.addini("simulator_scenario", "scenario of tests whose marker names none", default="happy")
    group.addoption(
        "--simulator-guard",
        action="store_true",
        help="fail tests that try to reach a real vendor past the simulator (also: simulator_guard)",
    )
    group.addoption(
        "--simulator-report",
        action="append",
        default=[],
        metavar="FORM=FILE",
        help="write what tests did to vendors as html, junit, ctrf, sarif, markdown or evidence; repeatable",
    )
    parser.addini("simulator_guard", "fail tests that try to reach a real vendor", type="bool", default=False)
    parser.addini(
        "simulator_host_names", "names that lead here and are not this machine's", type="linelist", default=[]
    )
    folder = "where failing tests leave the smallest inputs and scenario that fail like them; empty: nowhere"
    parser.addini("simulator_failures", folder, default=".simulator")
    parser.addini(
        "simulator_strict", "whether a broken vendor contract fails the test", type="bool", default=True
    )


def vendor_names() -> list[str]:
    """Return the names of all vendors, importing nothing: folders here, and packages that offer one."""
    folders = (Path(__file__).resolve().parent / "vendors").iterdir()
    shipped = {folder.name for folder in folders if (folder / "__init__.py").is_file()}
    return sorted(shipped | {point.name for point in entry_points(group="simulator.vendors")})


def shadowing() -> str:
    """Return why this package cannot be imported where a project has one called `simulator`, too."""
    spec, ours = find_spec("simulator"), Path(__file__).resolve().parent
    if spec is not None and spec.origin is not None and Path(spec.origin).resolve().parent == ours:
        return ""
    folders = spec.submodule_search_locations or [""] if spec else ["nothing"]
    other = spec.origin if spec and spec.origin else folders[0]
    return (
        f"`import simulator` finds {other}, so the vendor simulator, in {ours}, cannot be imported\n"
        "  give your own module or package another name, or keep its folder off the path of tests that ask a"
        " vendor: `python -m pytest` and `pythonpath` put it there"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and a fixture for each vendor by its name."""
    config.addinivalue_line("markers", MARKER)
    names = vendor_names()
    fixtures = ModuleType("simulator_vendors")  # pytest looks for generated fixtures in modules alone
    vars(fixtures).update({name: _vendor_fixture(name) for name in names})
    vars(fixtures)["simulator_world"] = _opened("_vendor_simulator_world", "function")
    for scope in WIDE_SCOPES:
        vars(fixtures)[f"_vendor_simulator_{scope}_world"] = _wide_world(scope)
        vars(fixtures)[f"simulator_world_{scope}"] = _opened(f"_vendor_simulator_{scope}_world", scope)
        vars(fixtures).update({f"{name}_{scope}": _wide_vendor(name, scope) for name in names})
    config.pluginmanager.register(fixtures, fixtures.__name__)
    config.pluginmanager.register(MaskedWarnings(config))
    switches = {name: _switch(config, name) for name in ("simulator_guard", "simulator_strict")}
    if config.getoption("simulator_guard") or switches["simulator_guard"]:
        if shadow := shadowing():
            raise pytest.UsageError(shadow)
        from simulator.testing import guard as module  # noqa: PLC0415 - see the module's docstring

        config.stash[GUARD] = guard = module.Guard()
        config.pluginmanager.register(guard)
        guard.watch()
    if reports := config.getoption("simulator_report"):
        from simulator.testing import run_evidence  # noqa: PLC0415 - see the module's docstring

        plugin = run_evidence.RunEvidence(config, reports, WORLD, MASK)
        config.pluginmanager.register(plugin, run_evidence.NAME)


def _switch(config: pytest.Config, name: str) -> bool:
    """Return whether an ini option is on; raises UsageError for a word that is neither true nor false."""
    try:
        return bool(config.getini(name))
    except ValueError as error:
        raise pytest.UsageError(f"{name}: {error}; write true or false") from None


# -- fixtures -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", name="_vendor_simulator_server")
def _server(pytestconfig: pytest.Config) -> Iterator[SharedServer]:
    """Serve all vendors on a free port of this machine until the session ends."""
    if shadow := shadowing():
        pytest.fail(shadow, pytrace=False)
    from simulator.testing.worlds import SharedServer  # noqa: PLC0415 - see the module's docstring

    try:
        server = SharedServer(tuple(pytestconfig.getini("simulator_host_names")))
    except ValueError as error:
        pytest.fail(f"simulator_host_names: {error}", pytrace=False)
    guard: Guard | None = pytestconfig.stash.get(GUARD, None)
    if guard is not None:
        server.tried = guard.note
    yield server
    server.close()
    if late := server.late_requests:
        pytest.fail(late, pytrace=False)


@pytest.fixture(name="_vendor_simulator_world")
def _world(request: pytest.FixtureRequest, _vendor_simulator_server: SharedServer) -> Iterator[FixtureWorld]:
    """Open a telephony world for this test, which all its vendor fixtures share."""
    from simulator.testing import failures, plugin_worlds  # noqa: PLC0415 - see the module's docstring

    world = plugin_worlds.open_for_test(_vendor_simulator_server, request.node)
    request.node.stash[WORLD] = world
    failures.watch(request.config, WORLD)
    request.config.stash[MASK] = world.mask
    yield world
    del request.node.stash[WORLD]
    late = world.late_verdict()
    _note_untaken(request.config, world)
    world.close()
    if late:
        pytest.fail(f"after the test, in a teardown or a finalizer:\n{late}", pytrace=False)


def _wide_world(scope: WideScope) -> Callable[..., Any]:
    """Return a fixture of a world that tests share; what its clients have to answer for fails its end."""

    def shared(
        request: pytest.FixtureRequest, _vendor_simulator_server: SharedServer
    ) -> Iterator[FixtureWorld]:
        from simulator.testing.plugin_worlds import open_for_many  # noqa: PLC0415 - see the docstring

        whole = f"{scope} {request.node.nodeid or 'of all tests'}"
        world = open_for_many(_vendor_simulator_server, request.config, whole)
        request.config.stash[MASK] = world.mask
        yield world
        failures = world.failures() if world.judge.strict else ""
        _note_untaken(request.config, world)
        world.close()
        if failures:
            pytest.fail(f"in the world of the {whole}:\n{failures}", pytrace=False)

    shared.__doc__ = f"Open a telephony world for a {scope}."
    return pytest.fixture(scope=scope, name=f"_vendor_simulator_{scope}_world")(shared)


def _opened(world: str, scope: WideScope | Literal["function"]) -> Callable[..., Any]:
    """Return a fixture of all vendors of a world, as `simulator.world` opens one."""

    def opened(request: pytest.FixtureRequest) -> World:
        from simulator.testing.opening import OpenWorld  # noqa: PLC0415 - see the module's docstring

        return OpenWorld(request.getfixturevalue(world))

    opened.__doc__ = f"Give all vendors of the {scope}'s world: its clock, people, faults and limits."
    name = "simulator_world" if scope == "function" else f"simulator_world_{scope}"
    return pytest.fixture(scope=scope, name=name)(opened)


def _vendor_fixture(name: str) -> Callable[..., Any]:
    def vendor(_vendor_simulator_world: FixtureWorld) -> VendorFixture:
        from simulator.testing.fixtures import vendor_fixture  # noqa: PLC0415 - see the module's docstring

        return vendor_fixture(_vendor_simulator_world, name)

    vendor.__doc__ = f"Give the vendor {name}: base_url, key, clock, calls, people, exchanges, deliveries."
    return pytest.fixture(name=name)(vendor)


def _wide_vendor(name: str, scope: WideScope) -> Callable[..., Any]:
    def vendor(request: pytest.FixtureRequest) -> VendorFixture:
        from simulator.testing.fixtures import vendor_fixture  # noqa: PLC0415 - see the module's docstring

        return vendor_fixture(request.getfixturevalue(f"_vendor_simulator_{scope}_world"), name)

    vendor.__doc__ = f"Give the vendor {name} in a world that all tests of a {scope} share."
    return pytest.fixture(scope=scope, name=f"{name}_{scope}")(vendor)


@pytest.fixture(scope="session", name="vendor_simulator_suites")
def _suites() -> Iterator[Callable[[SuiteRun], Running]]:
    """Serve the worlds of cases, a simulator a vendor, until the session ends."""
    from simulator.testing.plugin_worlds import case_servers  # noqa: PLC0415 - see the module's docstring

    with case_servers() as server_of:
        yield server_of


@pytest.fixture
def simulator_hosts(_vendor_simulator_world: FixtureWorld) -> Iterator[None]:
    """Let code under test that has the vendors' own https addresses reach this test's world."""
    with _vendor_simulator_world.server.led(_vendor_simulator_world):
        yield


# -- what a run says ------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test whose client broke a contract, which is shown beside other errors, or a scenario's word."""
    try:
        result = yield
    except (Exception, pytest.fail.Exception):
        world = item.stash.get(WORLD, None)
        if world is not None and (breaches := world.breaches()):
            item.add_report_section("call", "simulator", breaches)
        raise
    world = item.stash.get(WORLD, None)
    if world is not None and (failures := world.failures()):
        pytest.fail(failures, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Mask the keys and numbers of a test in what pytest prints, which CI logs keep."""
    report = yield
    parts = (report.longrepr, report.sections, report.user_properties)
    report.longrepr, report.sections, report.user_properties = _masked(item.config, parts)
    if report.when == "teardown":
        report.simulator_untaken, item.config.stash[UNTAKEN] = item.config.stash.get(UNTAKEN, []), []
    return report


class MaskedWarnings:
    """Masks what warnings of tests say, before anybody shows it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Mask the texts in one."""
        if isinstance(warning := warning_message.message, Warning):
            warning.args = _masked(self._config, warning.args)


def _masked(config: pytest.Config, texts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Mask all texts in what pytest prints, once there has been a world."""
    if (mask := config.stash.get(MASK, None)) is None:
        return texts
    from simulator.testing.plugin_worlds import masked_texts  # noqa: PLC0415 - see the module's docstring

    masked: tuple[Any, ...] = masked_texts(texts, mask)
    return masked


def _note_untaken(config: pytest.Config, world: FixtureWorld) -> None:
    """Let the summary tell which callbacks of a world nobody took."""
    if lost := world.untaken():
        config.stash[UNTAKEN] = [*config.stash.get(UNTAKEN, []), f"{world.test}: {lost}"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell which callbacks nobody took: no test fails by that, and its author should know."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    if lines := [line for report in reports for line in getattr(report, "simulator_untaken", ())]:
        terminalreporter.section("vendor simulator")
        for line in lines:
            terminalreporter.line(line)
