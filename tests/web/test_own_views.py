"""Views of one's own beside the vendors: a simulator is an application like any."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Response, request
from werkzeug.test import create_environ

from simulator import Simulator, create_app
from simulator.exchange import Answer, Request
from simulator.telephony.errors import UnknownCampaign
from simulator.vendor import RequestContext
from simulator.web.handover import MAY_WAIT, ON_LOOP, WouldWait

BALANCE = "/manager/cabapi_external/api/v1/users/balance/"


def balance_of(app: Simulator) -> str:
    return f"{BALANCE}?public_key={app.worlds.credentials('callo')['public_key']}"


@pytest.fixture(params=[("callo",), ("callo", "callr")])
def app(request: pytest.FixtureRequest) -> Simulator:
    """Return a simulator of one vendor, which then has all paths that are nobody's, and one of two."""
    return create_app(vendors=request.param)


def test_a_view_of_ones_own_is_answered_as_by_flask(app: Simulator) -> None:
    app.add_url_rule("/mine/", "mine", lambda: f"mine at {request.path}")
    client = app.test_client()

    assert client.get("/mine/").text == "mine at /mine/"
    assert (
        client.get("/mine").location == "/mine/" or client.get("/mine").location == "http://localhost/mine/"
    )
    assert client.post("/mine/").status_code == 405
    assert client.get("/callo" + balance_of(app)).json == {"balance": "100.000000"}


def test_so_is_one_of_a_blueprint_with_hooks_around_it(app: Simulator) -> None:
    blueprint = Blueprint("own", __name__, url_prefix="/own")
    blueprint.add_url_rule("/<name>", "greet", lambda name: f"hello {name}")
    app.register_blueprint(blueprint)
    app.after_request(lambda response: Response(response.get_data(as_text=True).upper()))

    assert app.test_client().get("/own/me").text == "HELLO ME"


def test_a_view_of_all_paths_leaves_vendors_what_they_have(app: Simulator) -> None:
    app.add_url_rule("/<path:rest>", "everything", lambda rest: f"rest: {rest}")
    client = app.test_client()

    for root in ("/callo", "http://callo.com", "http://callo.localhost"):
        assert client.get(root + balance_of(app)).json == {"balance": "100.000000"}
    assert client.get("/callo/nowhere").text == "rest: callo/nowhere"
    assert client.get("/_simulator/livez").text == "ok\n"


def test_a_request_of_before_there_was_such_a_view_is_refused_as_it_was(app: Simulator) -> None:
    app.add_url_rule("/callo/<name>", "mine", lambda name: name)

    reply = app.worlds.sandbox().answer("callo", Request("GET", "/me"))

    assert (reply.answer.status, reply.exchange.rule) == (404, "refusal: not_found [inferred]")


def test_an_operation_may_have_another_view_until_the_first_request(app: Simulator) -> None:
    @app.endpoint("callo.balance")
    def much(context: RequestContext) -> Answer:
        return Answer(200, context.account.name.encode())

    assert app.test_client().get("/callo" + balance_of(app)).text == "clinic"


@pytest.mark.parametrize(
    ("returned", "status", "text"),
    [
        ("words", 200, "words"),
        ({"a": 1}, 200, '{"a":1}\n'),
        (("words", 402), 402, "words"),
        (Response("words", 403), 403, "words"),
        (Answer(405, b"words"), 405, "words"),
    ],
)
@pytest.mark.parametrize("aware", [True, False])
def test_it_may_return_whatever_a_view_may_and_look_at_flasks_request(
    app: Simulator, returned: Any, status: int, text: str, aware: bool
) -> None:
    met: list[str] = []

    def plain() -> Any:
        met.append(request.args["public_key"])
        return returned

    def operation(context: RequestContext) -> Any:
        met.append(context.account.credential)
        return returned

    app.view_functions["callo.balance"] = operation if aware else plain
    answer = app.test_client().get("/callo" + balance_of(app))

    assert (answer.status_code, answer.text) == (status, text)
    assert answer.headers["X-Simulator-Rule"] == f"view: {'operation' if aware else 'plain'}"
    assert met == [app.worlds.credentials("callo")["public_key"]]
    assert app.worlds.sandbox().recorder.journal.get("main-1").violations == ()


def test_its_variables_come_as_those_of_an_operation() -> None:
    app = create_app(vendors=("jaicp",))
    app.view_functions["jaicp.start"] = lambda token: f"started by {token}"

    key = app.worlds.credentials("jaicp")["token"]

    assert (
        app.test_client().post(f"/jaicp/api/calls/campaign/{key}/control/start").text == f"started by {key}"
    )


class Closed(Exception):
    """An error of somebody's own."""


def close(context: RequestContext) -> Answer:
    raise Closed(context.operation)


@pytest.mark.parametrize("kind", [Closed, Exception])
def test_an_error_of_ones_own_in_it_is_told_by_its_handler(app: Simulator, kind: type[Exception]) -> None:
    app.view_functions["callo.balance"] = close
    app.register_error_handler(kind, lambda error: (f"closed: {error}", 423))

    answer = app.test_client().get("/callo" + balance_of(app))

    assert (answer.status_code, answer.text) == (423, "closed: balance")
    assert answer.headers["X-Simulator-Rule"] == "handler: <lambda>"


def test_a_refusal_in_it_is_told_by_the_vendor(app: Simulator) -> None:
    def refuse() -> str:
        raise UnknownCampaign(7)

    app.view_functions["callo.balance"] = refuse

    answer = app.test_client().get("/callo" + balance_of(app))

    assert answer.json == {"status": "error", "data": "Campaign by id=7 don't found"}


def test_one_that_fails_is_not_told_as_a_bug_of_the_simulator(
    app: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    app.view_functions["callo.balance"] = close

    answer = app.test_client().get("/callo" + balance_of(app))

    assert (answer.status_code, answer.text) == (500, "<h1>Server Error (500)</h1>")
    assert "bug: main-1: close of tests.web.test_own_views failed\n" in caplog.text
    assert "please report it" not in caplog.text
    assert app.worlds.bugs == [
        "bug: main-1 (Closed: balance, not in the simulator but in close of tests.web.test_own_views)"
    ]


def test_it_keeps_no_event_loop_busy(app: Simulator) -> None:
    app.view_functions["callo.balance"] = close

    with pytest.raises(WouldWait):
        app.wsgi_app(
            {**create_environ("/callo" + balance_of(app)), MAY_WAIT: ON_LOOP}, lambda *_started: None
        )


def test_a_rule_that_is_wrong_is_refused_at_once_and_does_no_harm(app: Simulator) -> None:
    with pytest.raises(LookupError, match="'nothing' does not exist"):
        app.add_url_rule("/<nothing:name>", "mine", lambda name: name)

    assert app.test_client().get("/callo" + balance_of(app)).json == {"balance": "100.000000"}
    assert app.test_client().get("/callo/nowhere").status_code == 404
