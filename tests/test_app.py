"""A Simulator is a Flask application: who knows Flask knows how to list, test, hook, mount and serve it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import requests
from flask import Flask, Response, abort, g, request, request_finished, session, url_for
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, create_environ

from simulator import Simulator, create_app
from simulator.errors import SimulatorError
from simulator.telephony import errors
from simulator.telephony.errors import UnknownCampaign
from simulator.vendor import Refused
from simulator.vendors import load_vendor, vendor_names
from simulator.web.handover import AS_LONG_AS_IT_TAKES, IN_A_THREAD, MAY_WAIT, ON_LOOP, WouldWait
from tests.serving_process import PATIENCE

BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/"


def balance_of(app: Simulator) -> str:
    return f"{BALANCE}?public_key={app.worlds.credentials('callo')['public_key']}"


def test_an_application_is_made_by_the_factory_that_flask_looks_for() -> None:
    app = create_app(vendors=("callo",))

    assert isinstance(app, Flask)
    assert [*app.blueprints] == ["callo", "control", "page"]


@pytest.mark.parametrize(
    ("settings", "message", "remedy"),
    [
        ({"clok": "idle"}, "unknown setting 'clok'", "did you mean 'clock'?"),
        ({"vendors": "callo"}, "the setting vendors takes", "write vendors=('callo',)"),
        ({"memory": "512 MB"}, "the setting memory takes int, and was given str", ""),
        ({"admin_token": 5}, "the setting admin_token takes str | None, and was given int", ""),
        ({"limits": {"body": 10}}, "the setting limits takes SizeLimits, and was given dict", ""),
        ({"state": 5}, "the setting state takes str | Path | None, and was given int", ""),
        ({"clock": "fast"}, "the setting clock: 'fast' is not a way for the clock to run", ""),
        ({"scenario": 5}, "int is no scenario", "a map of its words"),
        ({"cors": "all"}, "the setting cors takes 'vendor' | 'open', and was given 'all'", ""),
    ],
)
def test_a_setting_that_cannot_be_is_told(settings: dict[str, object], message: str, remedy: str) -> None:
    with pytest.raises(SimulatorError) as mistake:
        create_app(**settings)

    assert mistake.value.message.startswith(message)
    assert remedy in mistake.value.remedy


@pytest.mark.parametrize("scenario", [{"seed": 5}, "sim: 1\nseed: 5\n"])
def test_its_scenario_may_be_given_in_words(scenario: object) -> None:
    assert create_app(scenario=scenario).worlds.sandbox().scenario.seed == 5


@pytest.mark.parametrize("vendor", vendor_names())
def test_flask_lists_each_path_with_its_operation(vendor: str) -> None:
    rules = {(rule.endpoint, rule.rule) for rule in create_app(vendors=(vendor,)).url_map.iter_rules()}
    routes = load_vendor(vendor).blueprint.rules

    assert {(f"{vendor}.{route.operation}", f"/{vendor}{route.path}") for route in routes} <= rules


def test_the_flask_command_prints_them() -> None:
    command = [sys.executable, "-m", "flask", "--app", "simulator", "routes"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout

    assert "callr.send_sms" in printed
    assert "/callr/v2.0/sms" in printed


def test_its_test_client_asks_vendors_and_the_control_plane() -> None:
    app = create_app(vendors=("callo",))

    assert app.test_client().get(balance_of(app)).get_json() == {"balance": "100.000000"}
    assert app.test_client().get("/_simulator/v1/health").get_json()["vendors"] == ["callo"]


@pytest.mark.parametrize("vendor", vendor_names())
def test_a_date_comes_from_who_is_known_to_send_one(vendor: str) -> None:
    answer = create_app().test_client().get(f"/{vendor}/nothing-is-here")

    assert ("Date" in answer.headers) is (vendor == "callo")


def test_its_test_client_takes_answers_whole_so_that_callbacks_about_them_may_leave() -> None:
    app = create_app(vendors=("callo",))

    for _ in range(2):
        app.test_client().get(balance_of(app))

    assert [one.beside for one in app.worlds.sandbox().recorder.journal] == [(), ()]


def test_its_test_client_leaves_an_event_stream_open() -> None:
    app = create_app(vendors=("callo",))

    with app.test_client().get("/_simulator/v1/events", headers={"Accept": "text/event-stream"}) as events:
        assert next(events.iter_encoded()) == b"retry: 1000\n\n"


def test_a_request_may_be_answered_by_hand() -> None:
    app = create_app(vendors=("callo",))

    with app.test_request_context(balance_of(app)):
        assert app.full_dispatch_request().get_json() == {"balance": "100.000000"}
        assert url_for("callo.balance", x=1) == f"{BALANCE}?x=1"


def test_sessions_are_there_for_whoever_sets_a_key() -> None:
    app = create_app(vendors=("callo",))
    app.secret_key = "secret"
    app.before_request(lambda: session.update(visits=session.get("visits", 0) + 1))

    with app.test_client() as client:
        for _ in range(2):
            client.get(balance_of(app))
        assert session["visits"] == 2


def test_signals_are_sent_to_whoever_listens() -> None:
    app, met = create_app(vendors=("callo",)), []

    def note(sender: Flask, response: Response, **_more: object) -> None:
        met.append((sender, response.status_code))

    with request_finished.connected_to(note, app):
        app.test_client().get(balance_of(app))
    app.test_client().get(balance_of(app))

    assert met == [(app, 200)]


def test_a_test_may_go_on_in_the_context_of_its_request() -> None:
    app = create_app(vendors=("callo",))

    with app.test_client() as client:
        client.get(balance_of(app))
        assert request.endpoint == "callo.balance"


def test_hooks_run_around_a_vendors_answer_and_know_its_operation() -> None:
    app, met = create_app(vendors=("callo",)), []

    @app.before_request
    def note() -> None:
        met.append((request.blueprint, request.endpoint))

    @app.after_request
    def mark(response: Response) -> Response:
        response.headers["X-Mine"] = "yes"
        return response

    answer = app.test_client().get(balance_of(app))

    assert (answer.get_json(), answer.headers["X-Mine"]) == ({"balance": "100.000000"}, "yes")
    assert met == [("callo", "callo.balance")]


def test_a_vendors_blueprint_takes_hooks_of_its_own() -> None:
    app, met = create_app(vendors=("callo", "callr")), []
    callo = app.blueprints["callo"]
    callo.url_value_preprocessor(lambda endpoint, _values: met.append(endpoint))
    callo.before_request(lambda: met.append("before"))
    callo.teardown_request(met.append)

    @callo.after_request
    def note(response: Response) -> Response:
        met.append(response.status)
        return response

    for path in (balance_of(app), "/callr/v2.0/billing/credit"):
        app.test_client().get(path)

    assert met == ["callo.balance", "before", "200 OK", None]
    assert not create_app(vendors=("callo",)).before_request_funcs["callo"]


def test_until_there_is_a_hook_no_context_is_made() -> None:
    app = create_app(vendors=("callo",))
    app.request_context = None  # type: ignore[assignment,method-assign]

    assert app.test_client().get(balance_of(app)).status_code == 200


def test_a_hook_may_answer_in_the_place_of_the_vendor() -> None:
    app = create_app(vendors=("callo",))
    app.before_request(lambda: ("closed", 418))

    answer = app.test_client().get(balance_of(app))

    assert (answer.status_code, answer.text) == (418, "closed")
    assert [*app.worlds.sandbox().recorder.journal] == []


def fail(error: Exception) -> Callable[[], None]:
    """Return a hook that raises an error."""

    def hook() -> None:
        raise error

    return hook


def excess(limit: str) -> errors.TooManyRequests:
    """Return the error that a limit of one's own is reached."""
    return errors.TooManyRequests(limit, (), 1, timedelta(seconds=1), timedelta(seconds=1))


@pytest.mark.parametrize(
    ("error", "status", "words", "rule"),
    [
        (TooManyRequests(), 429, "<h1>429 Too Many Requests</h1>", "hook: TooManyRequests"),
        (
            UnknownCampaign(7), 400, '{"status": "error", "data": "Campaign by id=7 don\'t found"}',
            "hook: UnknownCampaign, campaign_unknown [documented]",
        ),
        (Refused("key_missing"), 400, "* public_key", "hook: Refused, key_missing [inferred]"),
        (excess("mine"), 429, "<h1>429 Too Many Requests</h1>", "hook: limit: mine"),
        (ZeroDivisionError(), 500, "<h1>Server Error (500)</h1>", "hook: InternalServerError"),
    ],
)  # fmt: skip
def test_what_a_hook_raises_is_told_by_the_vendor_and_kept_in_the_journal(
    error: Exception, status: int, words: str, rule: str
) -> None:
    app = create_app(vendors=("callo",))
    app.before_request(fail(error))

    answer = app.test_client().get(balance_of(app))
    (kept,) = app.worlds.sandbox().recorder.journal

    assert (answer.status_code, answer.headers["X-Simulator-Rule"]) == (status, rule)
    assert words in answer.text
    assert (kept.id, kept.operation, kept.rule) == (answer.headers["X-Simulator-Exchange"], "balance", rule)
    assert kept.staged


def test_a_hook_may_refuse_a_path_that_leads_nowhere() -> None:
    app = create_app(vendors=("callr",))
    app.before_request(fail(TooManyRequests("not so fast")))

    answer = app.test_client().get("/callr/v2.0/nowhere")

    assert answer.json == {"code": "too-many-requests", "message": "not so fast"}


def test_with_a_handler_of_ones_own_a_hook_is_ones_own_affair() -> None:
    app = create_app(vendors=("callo",))
    app.before_request(lambda: setattr(g, "tenant", "seven"))
    app.before_request(fail(TooManyRequests()))
    app.register_error_handler(429, lambda error: (f"tenant {g.tenant}", 429))

    assert app.test_client().get(balance_of(app)).text == "tenant seven"
    assert [*app.worlds.sandbox().recorder.journal] == []


def test_one_that_asks_for_the_context_has_it_of_a_request_that_nobody_read() -> None:
    app = create_app(vendors=("callo",))
    app.before_request(fail(TooManyRequests()))
    app.register_error_handler(429, lambda error, context=None: {"in": context.world.name})

    answer = app.test_client().get(balance_of(app))

    assert (answer.json, answer.headers["X-Simulator-Rule"]) == (
        {"in": "main"}, "hook: TooManyRequests, handler: <lambda>",
    )  # fmt: skip


def test_a_response_of_a_hook_is_no_error() -> None:
    app = create_app(vendors=("callo",))
    app.before_request(fail(HTTPException(response=Response("moved", 302))))

    assert app.test_client().get(balance_of(app)).text == "moved"


@pytest.mark.parametrize("may_wait", [ON_LOOP, IN_A_THREAD])
def test_hooks_run_once_where_there_is_time_for_them(may_wait: str) -> None:
    app, met = create_app(vendors=("callo",)), []
    app.before_request(lambda: met.append(request.endpoint))
    environ = create_environ(balance_of(app))

    with pytest.raises(WouldWait):
        app.wsgi_app({**environ, MAY_WAIT: may_wait}, lambda *_started: None)
    app.wsgi_app({**environ, MAY_WAIT: AS_LONG_AS_IT_TAKES}, lambda *_started: None)

    assert met == ["callo.balance"]


def break_down(_response: Response) -> Response:
    raise ZeroDivisionError


@pytest.mark.parametrize("hook", [lambda _response: Response("mine"), break_down])
def test_an_answer_that_a_hook_replaces_or_breaks_has_left_all_the_same(
    hook: Callable[[Response], Response],
) -> None:
    app = create_app(vendors=("callo",))
    app.after_request(hook)

    for _ in range(2):
        app.test_client().get(balance_of(app))

    answered = [one for one in app.worlds.sandbox().recorder.journal if "unread" not in one.id]
    assert [one.beside for one in answered] == [(), ()]


def test_a_hook_may_read_the_body() -> None:
    app, met = create_app(vendors=("callo",)), []
    app.before_request(lambda: met.append(request.form["campaign_id"]))
    key = app.worlds.credentials("callo")["public_key"]
    form = {"public_key": key, "campaign_id": "7", "phone": "+447700900310"}

    answer = app.test_client().post("/callo/manager/cabapi_external/api/v1/phones/call/", data=form)

    assert (met, answer.json) == (["7"], {"status": "error", "data": "Campaign by id=7 don't found"})


def test_a_hook_may_read_what_the_control_plane_is_sent() -> None:
    app, met = create_app(vendors=("callo",), clock="virtual"), []
    app.before_request(lambda: met.append(request.get_data()))

    answer = app.test_client().post("/_simulator/v1/clock/advance", json={"by": "1h"})

    assert (met, answer.status_code) == ([b'{"by": "1h"}'], 200)


@pytest.mark.parametrize("taker", ["callo", None])
def test_error_handlers_of_ones_own_keep_no_event_loop_busy(taker: str | None) -> None:
    app, plain = create_app(vendors=("callo",)), create_app(vendors=("callo",))
    (app.blueprints[taker] if taker else app).register_error_handler(410, lambda error: "gone")
    environ = {**create_environ(balance_of(plain)), MAY_WAIT: ON_LOOP}

    assert plain.wsgi_app(environ, lambda *_started: None)
    with pytest.raises(WouldWait):
        app.wsgi_app(environ, lambda *_started: None)


def test_a_path_that_leads_nowhere_is_the_vendors_to_refuse_with_hooks_too() -> None:
    plain, hooked = create_app(), create_app()
    hooked.before_request(lambda: None)
    answers = [app.test_client().get("/callr/v2.0/nowhere").data for app in (plain, hooked)]

    assert answers[0] == answers[1] != b""


def test_hooks_run_around_what_is_nobodys_too_and_may_refuse_it() -> None:
    app, met = create_app(), []
    app.before_request(lambda: met.append(request.path))
    app.before_request(lambda: abort(429) if request.path == "/full" else None)
    answers = [app.test_client().get(path) for path in ("/", "/nowhere", "/full")]

    assert [answer.status_code for answer in answers] == [200, 404, 429]
    assert met == ["/", "/nowhere", "/full"]
    assert answers[1].data == create_app().test_client().get("/nowhere").data


def test_who_is_lost_is_told_by_a_handler_of_ones_own_but_for_what_is_known_of_the_path() -> None:
    app = create_app()
    app.register_error_handler(404, lambda error: (f"lost: {request.path}", 404))
    client = app.test_client()

    assert client.get("/nowhere").text == "lost: /nowhere"
    assert client.get("/").status_code == 200
    assert "add /callo" in client.get(BALANCE.removeprefix("/callo")).headers["X-Simulator-Rule"]


def test_one_that_asks_for_the_context_tells_only_of_vendors() -> None:
    app = create_app()
    app.register_error_handler(404, lambda error, context=None: {"in": context.world.name})
    app.before_request(lambda: abort(404) if request.path == "/gone" else None)
    client = app.test_client()

    assert client.get("/callo/nowhere").json == {"in": "main"}
    assert client.get("/nowhere").status_code == client.get("/gone").status_code == 404


def test_the_length_that_flask_is_told_to_take_at_most_counts_for_vendors() -> None:
    app = create_app(vendors=("callo",))
    app.config["MAX_CONTENT_LENGTH"] = 20

    answer = app.test_client().post(balance_of(app), data={"phone": "1" * 20})

    assert (answer.status_code, answer.text) == (413, "<h1>413 Request Entity Too Large</h1>")
    assert answer.headers["X-Simulator-Rule"] == "guard: the body is longer than 20 bytes"


def test_it_can_be_mounted_in_an_application_of_ones_own() -> None:
    own, app = Flask("own"), create_app(vendors=("callo",))
    own.add_url_rule("/", "home", lambda: "home")
    mounted = Client(DispatcherMiddleware(own.wsgi_app, {"/vendors": app}))

    assert mounted.get("/").text == "home"
    assert mounted.get("/vendors/").get_json()["vendors"] == {"callo": "http://localhost/vendors/callo"}
    assert mounted.get("/vendors/_simulator/v1").get_json()["page"] == "/vendors/_simulator/"
    [server] = mounted.get("/vendors/_simulator/openapi.json").get_json()["servers"]
    assert server == {"url": "/vendors/_simulator"}
    assert mounted.get("/vendors" + balance_of(app)).get_json() == {"balance": "100.000000"}


@contextmanager
def gunicorn() -> Iterator[str]:
    """Serve an application by gunicorn, on a free port."""
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "simulator:create_app()"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        yield next(line.split()[-2] for line in process.stderr if "Listening at" in line)
        process.terminate()


def test_gunicorn_serves_it_with_one_worker() -> None:
    with gunicorn() as root:
        health = requests.get(f"{root}/_simulator/v1/health", timeout=PATIENCE).json()

    assert health["vendors"] == vendor_names()


def test_operations_that_share_an_address_are_listed_by_the_command_line() -> None:
    command = [sys.executable, "-m", "simulator", "vendors", "show", "kaleyra"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout

    assert printed.splitlines()[-1].split() == ["undo_blacklist", "GET,POST", "/v1/"]
    assert "obd_api_start_call" in printed
    assert len({*printed.splitlines()}) == len(printed.splitlines())
