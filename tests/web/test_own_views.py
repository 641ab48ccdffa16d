"""Views of one's own beside the vendors: a simulator is an application like any."""

from __future__ import annotations

import pytest
from flask import Blueprint, Response, request

from simulator import Simulator, create_app
from simulator.exchange import Answer, Request
from simulator.vendor import RequestContext

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


def test_a_rule_that_is_wrong_is_refused_at_once_and_does_no_harm(app: Simulator) -> None:
    with pytest.raises(LookupError, match="'nothing' does not exist"):
        app.add_url_rule("/<nothing:name>", "mine", lambda name: name)

    assert app.test_client().get("/callo" + balance_of(app)).json == {"balance": "100.000000"}
    assert app.test_client().get("/callo/nowhere").status_code == 404
