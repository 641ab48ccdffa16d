"""The pytest plugin, as the test suites of its users see it."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import httpx2  # noqa: F401 - imported once here, and not again in every session below
import pytest
import requests
from freezegun import freeze_time

from simulator.errors import SimulatorError
from simulator.exchange import CallbackRequest, Request
from simulator.serving.sockets import bind
from simulator.testing import worlds
from simulator.testing.contract_judge import ContractJudge
from simulator.testing.fixtures import VendorFixture
from simulator.testing.given import load_given
from simulator.testing.worlds import SharedServer
from simulator.vendors import load_vendor, vendor_names
from simulator.web.host_names import NoHostName
from tests.web.receiver import OK, answering, receiving

CLIENT = """
import requests

PATH = "/manager/cabapi_external/api/v1/phones/call/"


def add_call(callo, post=requests.post, **more):
    form = {"public_key": callo.key, "campaign_id": callo.credentials["campaign_id"]}
    return post(callo.base_url + PATH, {**form, "phone": "+447700900000", **more}).json()
"""
HEAD = "import pytest\nfrom client import add_call\n\n"
MISSPELT = "    add_call(callo, speeker='Anna')\n"


@pytest.fixture(autouse=True, scope="module")
def _vendors_imported() -> None:
    """Import what a session in this process would import anew each time."""
    for name in vendor_names():
        load_vendor(name)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> SharedServer:
    """Give the server behind all fixtures of this session."""
    shared: SharedServer = request.getfixturevalue("_vendor_simulator_server")
    return shared


def run(pytester: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    """Run tests in this process, as a suite of their own in which warnings are errors."""
    pytester.makepyfile(client=CLIENT, test_it=HEAD + tests)
    return pytester.runpytest_inprocess("-W", "error", "-p", "no:cacheprovider", *options)


def run_apart(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run the tests that are there in a process of their own, without the plugins of others."""
    plugin = ("-p", "vendor_simulator_pytest", "-p", "no:cacheprovider")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_subprocess("-W", "error", *plugin, *options)


ADD_CALL = "/manager/cabapi_external/api/v1/phones/call/"


def add_call(callo: VendorFixture, session: requests.Session | None = None) -> str:
    """Place a call, over the socket unless the session knows better, and return its answer's `created`."""
    form = {"public_key": callo.key, "campaign_id": callo.credentials["campaign_id"]}
    url = callo.base_url + ADD_CALL
    return str((session or requests).post(url, {**form, "phone": "+447700900000"}).json()["created"])


# -- a world for each test ------------------------------------------------------------------------------


def test_a_fixture_works_without_any_configuration(pytester: pytest.Pytester) -> None:
    body = "def test_it(callo):\n    assert add_call(callo)['call_id'] == callo.calls[0].ref\n"

    run(pytester, body).assert_outcomes(passed=1)


def test_every_vendor_has_a_fixture(pytester: pytest.Pytester) -> None:
    listed = run(pytester, "", "--fixtures", "-q").stdout.str()

    assert all(f"Give the vendor {name}" in listed for name in vendor_names())


@pytest.mark.thorough
def test_each_test_has_a_fresh_world_in_any_order_and_process(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import random\n\ndef pytest_collection_modifyitems(items):\n    random.Random(4).shuffle(items)\n"
    )
    pytester.makepyfile(
        client=CLIENT,
        test_it=HEAD
        + "import pathlib\n@pytest.mark.parametrize('n', range(12))\ndef test_it(callo, n):\n"
        + "    assert callo.calls == []\n    add_call(callo)\n    callo.clock.run_until_idle()\n"
        + "    pathlib.Path(f'told-{n}').write_text(repr((callo.calls[0].ref, callo.calls[0].timeline())))\n",
    )
    run_apart(pytester, "-p", "xdist", "-n", "2").assert_outcomes(passed=12)

    assert len({file.read_text() for file in pytester.path.glob("told-*")}) == 1
    assert len([*pytester.path.glob("told-*")]) == 12


def test_a_world_is_gone_after_its_test_and_who_still_asks_there_is_told(pytester: pytest.Pytester) -> None:
    tests = (
        "seen = []\n"
        "def test_one(callo):\n    seen.append(callo.base_url)\n"
        "def test_two(callo):\n    import requests\n    assert requests.get(seen[0]).status_code == 404\n"
    )

    result = run(pytester, tests)

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*after its test had ended*", "  test_it.py::test_one: GET /@*/callo"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_callbacks_have_arrived_when_the_clock_has_moved(server: SharedServer, tmp_path: Path) -> None:
    with receiving(answering(OK)) as receiver:
        scenario = load_given(listening(tmp_path, receiver.url("/done")), None, None)
        for name in map(str, range(20)):
            callo = VendorFixture(server.open_world(name, scenario, ContractJudge(True, ())), "callo")
            add_call(callo)
            callo.clock.run_until_idle()

            assert [(name, delivery.state) for delivery in callo.deliveries] == [(name, "delivered")]
            callo.world.close()


def test_callbacks_for_somewhere_else_stay_in_the_test(server: SharedServer, tmp_path: Path) -> None:
    scenario = load_given(listening(tmp_path, "https://shop.example/done?id={ct_call_id}"), None, None)
    with closing(server.open_world("kept", scenario, ContractJudge(True, ()))) as world:
        callo = VendorFixture(world, "callo")
        add_call(callo)
        callo.clock.run_until_idle()

        (delivery,) = callo.deliveries
        ref = str(callo.calls[0].ref)
        url = f"https://shop.example/done?id={ref}"
        assert delivery.request == CallbackRequest("GET", url, filled=(("ct_call_id", ref),))
        assert (delivery.state, [attempt.status for attempt in delivery.attempts]) == ("delivered", [200])


def listening(folder: Path, url: str) -> Path:
    """Return a scenario whose account hears of every finished call."""
    campaign = f"{{name: Reminders, type: free_text, postbacks: {{finished: {{url: '{url}'}}}}}}"
    file = folder / "listening.yaml"
    file.write_text(
        f"sim: 1\nextends: happy\naccounts: {{clinic: {{vendors: [callo], campaigns: [{campaign}]}}}}\n"
    )
    return file


def test_two_fixtures_of_one_test_share_its_world(
    callo: VendorFixture, request: pytest.FixtureRequest
) -> None:
    world = request.getfixturevalue("_vendor_simulator_world")

    assert callo.world is world
    assert callo.clock is world.clock


def test_a_session_leaves_no_thread_and_no_socket_behind(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import threading\n\ndef pytest_unconfigure():\n"
        "    print('threads:', [thread.name for thread in threading.enumerate()])\n"
    )
    pytester.makepyfile(
        client=CLIENT,
        test_it=HEAD
        + "def test_it(callo):\n    add_call(callo)\n    callo.clock.advance('1h')\n"
        + "@pytest.mark.simulator(clock='x60')\ndef test_real(callo):\n    add_call(callo)\n",
    )
    result = run_apart(pytester)

    result.assert_outcomes(passed=2)
    assert "threads: ['MainThread']" in result.stdout.str()
    assert result.stderr.str() == ""


# -- the verdict ----------------------------------------------------------------------------------------


def test_a_violation_fails_the_test_and_tells_the_fix(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(callo):\n    add_call(callo)\n" + MISSPELT)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "callo: the client broke the contract of add_call",
            "  earlier *POST */phones/call/ answered 200",
            "  here *POST */phones/call/ answered 200",
            "*phone=%2B447700900000&speeker=Anna",
            "unknown-parameter at speeker*",
            "  fix      did you mean `speaker`?*",
        ]
    )


def test_a_violation_is_told_beside_the_error_of_a_test_that_fails_anyway(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(callo):\n" + MISSPELT + "    assert 1 == 2\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E * assert 1 == 2", "*simulator*", "unknown-parameter at speeker*"])


@pytest.mark.parametrize(
    "head",
    [
        "@pytest.mark.simulator(expect=['unknown-parameter'])\ndef test_it(callo):\n",
        "@pytest.mark.simulator(strict=False)\ndef test_it(callo):\n",
        "def test_it(callo):\n    callo.expect_violation('unknown-parameter')\n",
        "def test_it(callo):\n    callo.allow_violations()\n",
    ],
)
def test_a_violation_that_is_expected_or_allowed_passes(pytester: pytest.Pytester, head: str) -> None:
    tests = head + MISSPELT + "    assert [found.where for found in callo.violations] == ['speeker']\n"

    run(pytester, tests).assert_outcomes(passed=1)


def test_a_suite_may_turn_the_verdict_off(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nsimulator_strict = false\n")

    run(pytester, "def test_it(callo):\n" + MISSPELT).assert_outcomes(passed=1)


def test_an_expected_violation_that_does_not_happen_fails_the_test(pytester: pytest.Pytester) -> None:
    tests = "@pytest.mark.simulator(expect='unknown-parameter')\ndef test_it(callo):\n    add_call(callo)\n"
    result = run(pytester, tests)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the violation 'unknown-parameter' was expected and did not happen"])


# -- how a world is asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("scenari='flaky'", "*does not know scenari*"),
        ("'flaky'", "*does not know 'flaky'*"),
        ("scenario='flakey'", "unknown scenario 'flakey'*"),
        ("clock='idle', pause='soon'", "pause: 'soon' is not a length*"),
        ("clock='tomorrow'", "clock: 'tomorrow' is not a way for the clock to run; write*"),
    ],
)
def test_a_marker_that_says_nothing_is_refused(pytester: pytest.Pytester, marker: str, message: str) -> None:
    result = run(pytester, f"@pytest.mark.simulator({marker})\ndef test_it(callo):\n    pass\n")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])
    result.stdout.no_fnmatch_line("During handling*")


def test_the_closest_marker_has_the_last_word(pytester: pytest.Pytester) -> None:
    tests = (
        "pytestmark = pytest.mark.simulator(scenario='flaky', seed=5)\n"
        "@pytest.mark.simulator(scenario='campaign', judged=False)\n"
        "def test_it(callo):\n    sandbox = callo.world.sandbox\n"
        "    assert (sandbox.scenario.title, sandbox.world.random.seed) == (TITLE, 5)\n"
    )
    title = (
        "TITLE = __import__('simulator.scenario.loading').scenario.loading.load_scenario('campaign').title\n"
    )

    run(pytester, title + tests).assert_outcomes(passed=1)


@pytest.mark.parametrize("way", ["option", "ini"])
def test_a_suite_may_choose_its_scenario(pytester: pytest.Pytester, way: str) -> None:
    pytester.makefile(".yaml", mine="sim: 1\nextends: happy\ntitle: Mine\n")
    if way == "ini":
        pytester.makeini("[pytest]\nsimulator_scenario = mine.yaml\n")
    options = ["--simulator-scenario", "mine.yaml"] if way == "option" else []
    body = "def test_it(callo):\n    assert callo.world.sandbox.scenario.title == 'Mine'\n"

    run(pytester, body, *options).assert_outcomes(passed=1)


# -- time -----------------------------------------------------------------------------------------------


def test_a_clock_moves_when_told_by_a_length_in_words(callo: VendorFixture) -> None:
    start = callo.clock.now
    callo.clock.advance("1h30m")
    callo.clock.advance(timedelta(days=3))

    assert callo.clock.now - start == timedelta(days=3, hours=1, minutes=30)
    with pytest.raises(SimulatorError, match=r"clock\.advance: 'soon' is not a length"):
        callo.clock.advance("soon")


@pytest.mark.simulator(clock="real")
def test_a_frozen_host_freezes_the_simulator_too(callo: VendorFixture) -> None:
    with freeze_time("2030-06-01 12:00:00") as frozen:
        created = add_call(callo)
        frozen.tick(timedelta(hours=1))

        assert created == "2030-06-01T12:00:00.000Z"
        assert f"{callo.clock.now:%H:%M:%S}" == "13:00:00"
        assert callo.calls[0].ending is not None


@pytest.mark.simulator(clock="real")
def test_who_looks_while_somebody_else_sends_sees_all_that_is_due(callo: VendorFixture) -> None:
    with freeze_time("2030-06-01 12:00:00") as frozen:
        add_call(callo)
        with callo.world.sandbox._advancing:
            frozen.tick(timedelta(hours=1))

            assert callo.calls[0].ending is not None


@pytest.mark.simulator(clock="real")
@freeze_time("2030-06-01 12:00:00")
def test_a_frozen_test_freezes_the_simulator_in_process_too(callo: VendorFixture) -> None:
    with callo.requests_session() as session:
        session.get(f"https://callo.com/manager/cabapi_external/api/v1/users/balance/?public_key={callo.key}")

    assert f"{callo.exchanges[0].at:%Y-%m-%d %H:%M:%S.%f}" == "2030-06-01 12:00:00.000000"


@pytest.mark.simulator(clock="idle", pause="50ms")
def test_an_idle_clock_steps_when_the_client_is_silent(callo: VendorFixture) -> None:
    add_call(callo)
    while callo.calls[0].ending is None:
        pass

    assert callo.clock.now > callo.calls[0].created


@pytest.mark.simulator(clock="idle", pause="1ms")
def test_an_idle_clock_takes_no_step_while_an_answer_is_under_way(callo: VendorFixture) -> None:
    sandbox = callo.world.sandbox
    assert callo.world._pump is not None
    callo.world._pump.stop()
    form = {"public_key": callo.key, "campaign_id": callo.credentials["campaign_id"]}
    body = urlencode({**form, "phone": "+447700900000"}).encode()
    kind = (("Content-Type", "application/x-www-form-urlencoded"),)
    reply = sandbox.answer("callo", Request("POST", ADD_CALL, headers=kind, body=body))
    taken = []
    for leave in (lambda _number: None, sandbox.written):
        leave(reply.number)
        Event().wait(0.01)
        sandbox.drive()
        taken.append(len(sandbox.steps))

    assert taken == [0, 1]


# -- people ---------------------------------------------------------------------------------------------


def test_a_person_does_what_the_test_says(callo: VendorFixture) -> None:
    callo.people["+447700900000"].next("busy")
    add_call(callo)
    callo.clock.run_until_idle()

    assert callo.calls[0].attempts[0].disposition == "busy"


def test_a_person_picks_up_and_presses_a_key_when_told(callo: VendorFixture) -> None:
    add_call(callo)
    callo.clock.advance("1s")
    callo.people["+447700900000"].answer()
    callo.people["+447700900000"].press("5")

    assert [moment.what for moment in callo.calls[0].timeline()][:5] == [
        *("placed", "dialing", "ringing", "answered", "pressed")
    ]


# -- what it costs --------------------------------------------------------------------------------------


def test_an_unused_plugin_imports_nothing_of_ours(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("def test_it():\n    pass\n")
    script = (
        "import sys, pytest\n"
        "pytest.main(['-q', '-p', 'vendor_simulator_pytest', '-p', 'no:cacheprovider'])\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in\n"
        "    ('simulator', 'werkzeug', 'flask', 'yaml', 'msgspec', 'urllib3', 'faker', 'httptools')))\n"
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    done = pytester.run(sys.executable, "-c", script)

    done.stdout.fnmatch_lines(["1 passed*", "[[]]"])


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("simulator_host_names = a b", "simulator_host_names: 'a b' is not a host name: write one such as*"),
        ("simulator_strict = maybe", "*simulator_strict: invalid truth value 'maybe'; write true or false"),
        ("simulator_guard = maybe", "*simulator_guard: invalid truth value 'maybe'; write true or false"),
    ],
)
def test_a_setting_that_is_none_is_told_in_a_line(
    pytester: pytest.Pytester, line: str, sentence: str
) -> None:
    pytester.makeini(f"[pytest]\n{line}\n")
    result = run(pytester, "def test_it(callo):\n    assert callo.key\n")
    lines = [*result.outlines, *result.errlines]

    assert result.ret != 0
    assert any(fnmatch(one, sentence) for one in lines), lines
    assert not any("Traceback" in one or "INTERNALERROR" in one for one in lines)


def test_a_test_is_reached_under_names_of_this_machine_and_those_of_the_ini_file(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nsimulator_host_names = sim.example\n")
    pytester.makepyfile("""
        from contextlib import closing
        from http.client import HTTPConnection

        def status(port, path, host):
            with closing(HTTPConnection("127.0.0.1", port)) as connection:
                connection.request("GET", path, headers={"Host": host})
                with connection.getresponse() as answer:
                    return answer.status

        def test_names(callr):
            simulator = callr.world.server
            path = callr.base_url.partition(str(simulator.port))[2] + "/v2.0/ping"
            hosts = ("localhost", "sim.example", "evil.example")
            found = [status(simulator.port, path, host) for host in hosts]
            callr.allow_violations()
            assert found[2] == 421 and 421 not in found[:2]
    """)

    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_server_that_cannot_be_set_up_lets_go_of_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = bind("127.0.0.1", 0)
    monkeypatch.setattr(worlds, "bind", lambda _host, _port: sock)
    with pytest.raises(NoHostName):
        SharedServer(("a b",))

    assert sock.fileno() == -1
