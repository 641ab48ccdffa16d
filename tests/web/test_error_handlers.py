"""Refusals come from Flask's registry of error handlers: the vendor's own, or what somebody puts there."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, has_request_context, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.test import TestResponse

from simulator import Simulator, create_app
from simulator.exchange import Answer
from simulator.formats.forms import MalformedForm
from simulator.telephony.errors import (
    MissingCredential,
    TelephonyError,
    UnknownCampaign,
    UnknownReference,
)
from simulator.vendor import Rejection, VendorBlueprint
from simulator.vendors import load_vendor, vendor_names
from simulator.web.vendor_app import VendorApp

API = "/callo/manager/cabapi_external/api/v1"


@pytest.fixture
def app() -> Simulator:
    return create_app(vendors=("callo",))


def ask(app: Simulator, campaign: str = "77", world: str = "") -> TestResponse:
    """Ask for calls of a campaign, which there is not unless one is named."""
    key = app.worlds.credentials("callo")["public_key"]
    form = {"public_key": key, "campaign_id": campaign, "phone": "+447700900310"}
    return app.test_client().get(f"{world}{API}/phones/calls_by_phone/", query_string=form)


def fail(error: Exception) -> str:
    raise ZeroDivisionError from error


@pytest.mark.parametrize("vendor", vendor_names())
def test_each_vendor_has_handlers_of_all_that_it_refuses_by(vendor: str) -> None:
    handlers = create_app(vendors=(vendor,)).error_handler_spec[vendor][None]

    assert {*handlers} == {TelephonyError, Rejection, MalformedForm, HTTPException}


def test_a_handler_of_ones_own_decides_what_a_client_gets(app: Simulator) -> None:
    app.blueprints["callo"].register_error_handler(UnknownCampaign, lambda error: (f"no {error.ref}", 410))

    answer = ask(app)

    assert (answer.status_code, answer.text) == (410, "no 77")
    assert answer.headers["X-Simulator-Rule"] == "handler: <lambda>, for campaign_unknown"


@pytest.mark.parametrize(
    ("returned", "status", "text"),
    [
        ("words", 200, "words"),
        ({"a": 1}, 200, '{"a":1}\n'),
        (("words", 402, {"X-Own": "yes"}), 402, "words"),
        (Response("words", 403), 403, "words"),
        (NotFound("lost").get_response(), 404, "lost"),
        (Answer(405, b"words"), 405, "words"),
    ],
)
@pytest.mark.parametrize("takes_context", [True, False])
def test_it_may_return_whatever_a_view_may(
    app: Simulator, returned: Any, status: int, text: str, takes_context: bool
) -> None:
    def plain(_error: Exception) -> Any:
        return returned

    def aware(_error: Exception, context: Any = None) -> Any:
        return returned if context else None

    app.blueprints["callo"].register_error_handler(UnknownCampaign, aware if takes_context else plain)

    answer = ask(app)

    assert answer.status_code == status
    assert text in answer.text


def test_it_sees_the_request_as_any_handler_of_flask_does(app: Simulator) -> None:
    @app.blueprints["callo"].errorhandler(MissingCredential)
    def show(_error: Exception) -> dict[str, object]:
        return {
            "bytes": len(request.get_data()), "endpoint": request.endpoint, "url": request.url,
            "form": request.form.to_dict(), "agent": request.user_agent.string, "from": request.remote_addr,
        }  # fmt: skip

    answer = app.test_client().post(
        f"{API}/phones/call/?a=%2B&b", data={"phone": "é"}, headers={"User-Agent": "me"}
    )

    assert answer.json == {
        "bytes": 12, "endpoint": "callo.add_call", "url": f"http://localhost{API}/phones/call/?a=%2B&b",
        "form": {"phone": "é"}, "agent": "me", "from": "127.0.0.1",
    }  # fmt: skip


def test_with_a_parameter_context_it_gets_what_the_vendor_knows_and_costs_no_request_context(
    app: Simulator,
) -> None:
    @app.blueprints["callo"].errorhandler(UnknownCampaign)
    def show(_error: Exception, context: Any = None) -> dict[str, object]:
        return {"of": context.account.vendor, "asked": context.operation, "in Flask": has_request_context()}

    assert ask(app).json == {"of": "callo", "asked": "calls_by_phone", "in Flask": False}


def test_one_that_is_a_coroutine_is_awaited(app: Simulator) -> None:
    async def later(_error: Exception) -> str:
        return "later"

    app.blueprints["callo"].register_error_handler(UnknownCampaign, later)

    assert ask(app).text == "later"


def test_the_nearest_class_decides_and_the_vendor_tells_of_the_others(app: Simulator) -> None:
    for kind in (UnknownReference, UnknownCampaign, TelephonyError):
        app.blueprints["callo"].register_error_handler(kind, lambda error, kind=kind: kind.__name__)

    assert ask(app).text == "UnknownCampaign"
    assert app.test_client().get(f"{API}/users/balance/").text == "TelephonyError"
    assert app.test_client().get(f"{API}/users/").text.startswith("<h1>Not Found</h1>")


def test_a_status_goes_before_a_class_and_the_blueprint_before_the_application(app: Simulator) -> None:
    app.register_error_handler(404, lambda error: ("lost", 404))
    app.register_error_handler(UnknownCampaign, lambda error: "the application")

    assert app.test_client().get(f"{API}/users/").text == "lost"
    assert ask(app).json == {"status": "error", "data": "Campaign by id=77 don't found"}


def test_it_tells_of_what_the_guard_refuses_too(app: Simulator) -> None:
    app.register_error_handler(413, lambda error: ("too much", 413))
    much = {"phone": "1" * 8_100_000}

    answer = app.test_client().post(f"{API}/phones/call/", data=much)

    assert (answer.status_code, answer.text) == (413, "too much")
    assert (
        answer.headers["X-Simulator-Rule"]
        == "guard: the body is longer than 8000000 bytes, handler: <lambda>"
    )


def test_it_belongs_to_one_application(app: Simulator) -> None:
    app.blueprints["callo"].register_error_handler(UnknownCampaign, lambda error: "mine")

    assert ask(create_app(vendors=("callo",))).status_code == 400
    assert load_vendor("callo").blueprint.error_handler_spec.get(None, {}).get(None, {}) == {}


def test_after_the_first_request_flask_takes_no_more(app: Simulator) -> None:
    ask(app)

    for taker in (app, app.blueprints["callo"]):
        with pytest.raises(AssertionError, match="can no longer be called"):
            taker.register_error_handler(UnknownCampaign, lambda error: "late")
    with pytest.raises(AssertionError, match="has already been registered"):
        app.blueprints["callo"].context_processor(dict)


def test_inputs_that_are_played_again_are_answered_alike(app: Simulator) -> None:
    app.blueprints["callo"].register_error_handler(UnknownCampaign, lambda error: f"{request.args['phone']}!")
    ask(app)

    app.test_client().post("/_simulator/v1/fork", json={"name": "again"})
    (exchange,) = app.worlds.sandbox("again").recorder.journal

    assert exchange.answer.body == b"+447700900310!"
    assert exchange.rule == "handler: <lambda>, for campaign_unknown"


def test_one_that_is_there_before_the_application_tells_of_what_a_state_file_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {UnknownCampaign: lambda error: "mine"}
    monkeypatch.setattr(load_vendor("callo").blueprint, "error_handler_spec", {None: {None: own}})
    first = create_app(vendors=("callo",), state=tmp_path / "state.db")
    ask(first)
    first.close()

    again = create_app(vendors=("callo",), state=tmp_path / "state.db")
    (exchange,) = again.worlds.sandbox().recorder.journal
    again.close()

    assert exchange.answer.body == b"mine"


def test_no_contract_judges_what_it_answers(app: Simulator) -> None:
    app.blueprints["callo"].register_error_handler(UnknownCampaign, lambda error: ("", 418))
    ask(app)
    (exchange,) = app.worlds.sandbox().recorder.journal

    assert (exchange.answer.status, exchange.violations, exchange.refusal) == (418, (), None)


def test_one_that_fails_is_told_as_a_failure_in_the_vendors_words(app: Simulator) -> None:
    app.blueprints["callo"].register_error_handler(UnknownCampaign, fail)

    answer = ask(app)

    assert (answer.status_code, answer.text) == (500, "<h1>Server Error (500)</h1>")
    assert answer.headers["X-Simulator-Rule"].startswith("bug: ")
    assert "ZeroDivisionError" in app.worlds.bugs[0]


def test_of_a_failure_the_handler_of_its_status_tells(app: Simulator) -> None:
    app.blueprints["callo"].register_error_handler(UnknownCampaign, fail)
    app.register_error_handler(500, lambda error: ("sorry", 500))

    answer = ask(app)

    assert (answer.status_code, answer.text) == (500, "sorry")
    assert answer.headers["X-Simulator-Rule"] == "bug: main-1, handler: <lambda>"


def test_one_that_fails_of_a_request_that_nobody_read_is_told_as_well(app: Simulator) -> None:
    app.register_error_handler(413, fail)

    answer = app.test_client().post(f"{API}/phones/call/", data={"phone": "1" * 8_100_000})

    assert (answer.status_code, answer.text) == (500, "<h1>Server Error (500)</h1>")
    assert "ZeroDivisionError" in app.worlds.bugs[0]


def test_where_there_is_no_such_world_the_vendor_itself_tells(app: Simulator) -> None:
    answer = app.test_client().post(f"/@nowhere{API}/phones/call/", data={"phone": "1" * 8_100_000})

    assert answer.text == "<h1>413 Request Entity Too Large</h1>"


def test_a_class_of_error_is_looked_up_once(app: Simulator) -> None:
    before = ask(app).json
    app.error_handler_spec.clear()

    assert ask(app).json == before


def test_what_a_state_file_plays_again_looks_up_nothing_for_good(tmp_path: Path) -> None:
    for _ in range(2):
        app = create_app(vendors=("callo",), state=tmp_path / "state.db")
        app.blueprints["callo"].register_error_handler(UnknownCampaign, lambda error: "mine")
        answer = ask(app)
        app.close()

    assert answer.text == "mine"


def test_one_that_is_registered_before_there_is_an_application_is_kept() -> None:
    blueprint = VendorBlueprint("callo")
    blueprint.register_error_handler(TelephonyError, lambda error: "mine")
    vendor = copy(load_vendor("callo"))
    vendor.blueprint = blueprint
    app = Flask("own")
    VendorApp(vendor, app)

    assert app.error_handler_spec["callo"][None][TelephonyError](MissingCredential()) == "mine"
