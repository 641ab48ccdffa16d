"""A Simulator is a Flask application: who knows Flask knows how to list, test, hook, mount and serve it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from flask import Flask, Response, abort, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from simulator import Simulator, create_app
from simulator.vendors import load_vendor, vendor_names
from tests.serving_process import PATIENCE

BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/"


def balance_of(app: Simulator) -> str:
    return f"{BALANCE}?public_key={app.worlds.credentials('callo')['public_key']}"


def test_an_application_is_made_by_the_factory_that_flask_looks_for() -> None:
    app = create_app(vendors=("callo",))

    assert isinstance(app, Flask)
    assert [*app.blueprints] == ["callo", "control", "page"]


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


def test_a_hook_may_answer_in_the_place_of_the_vendor() -> None:
    app = create_app(vendors=("callo",))

    @app.before_request
    def close_the_door() -> None:
        abort(418)

    assert app.test_client().get(balance_of(app)).status_code == 418
    assert [*app.worlds.sandbox().recorder.journal] == []


def test_a_path_that_leads_nowhere_is_the_vendors_to_refuse_with_hooks_too() -> None:
    plain, hooked = create_app(), create_app()
    hooked.before_request(lambda: None)
    answers = [app.test_client().get("/callr/v2.0/nowhere").data for app in (plain, hooked)]

    assert answers[0] == answers[1] != b""


def test_it_can_be_mounted_in_an_application_of_ones_own() -> None:
    own, app = Flask("own"), create_app(vendors=("callo",))
    own.add_url_rule("/", "home", lambda: "home")
    mounted = Client(DispatcherMiddleware(own.wsgi_app, {"/vendors": app}))

    assert mounted.get("/").text == "home"
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
