"""Who reaches the control plane: no page of another origin, no renamed host, nobody without the token."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from tests.admin.control_room import Room, open_room
from tests.source_tree import modules, nodes_of

TOKEN = "correct horse battery"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
FOREIGN = [{"Origin": "https://evil"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    None,
    "text/html",
]
EVIL_HOSTS = [
    "evil.example", "127.0.0.1.nip.io", "localhost.evil", "0.0.0.0", "", "localhost, evil",
    "localhost:1@evil", "callo.localhost", "main.localhost",
]  # fmt: skip


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


@pytest.fixture
def locked() -> Iterator[Room]:
    yield from open_room(admin_token=TOKEN, admin_hosts=("sim.example",))


def status(room: Room, verb: str, path: str, **environ: Any) -> int:
    """Return what a raw WSGI request is answered."""
    _, line, _ = run_wsgi_app(room.simulator, create_environ(path, method=verb) | environ)
    return int(line[:3])


@pytest.mark.parametrize("host", EVIL_HOSTS)
def test_a_host_that_is_not_ours_reaches_no_route(room: Room, host: str) -> None:
    before = room.state

    answered = {status(room, verb, path, HTTP_HOST=host) for verb, path in room.routes()}

    assert answered <= {400, 403}
    assert room.state == before


def test_a_forwarded_host_counts_for_nothing(room: Room) -> None:
    renamed = status(
        room, "GET", "/_simulator/v1/health", HTTP_HOST="evil", HTTP_X_FORWARDED_HOST="localhost"
    )
    pretended = status(room, "GET", "/_simulator/v1/health", HTTP_X_FORWARDED_HOST="evil")

    assert (renamed, pretended) == (403, 200)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "[::1]:8070", "127.0.0.1:1", "sim.example:80"])
def test_hosts_of_this_machine_and_configured_ones_pass(locked: Room, host: str) -> None:
    assert locked.ask("GET", "/v1/health", headers=BEARER | {"Host": host}).status_code == 200


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("foreign", FOREIGN, ids=str)
def test_a_page_of_another_origin_changes_nothing(
    room: Room, foreign: dict[str, str], kind: str | None
) -> None:
    before = room.state
    changing = [(verb, path) for verb, path in room.routes() if verb not in ("GET", "HEAD")]

    answered = {
        room.http.open(path, method=verb, data=b"{}", content_type=kind, headers=foreign).status_code
        for verb, path in changing
    }

    assert answered == {403}
    assert len(changing) >= 12
    assert room.state == before


@pytest.mark.parametrize("kind", TYPES)
def test_a_body_that_a_form_could_send_is_not_read_as_json(room: Room, kind: str | None) -> None:
    body = BytesIO(b'{"by": "3d"}')

    answer = room.http.post("/_simulator/v1/clock/advance", input_stream=body, content_type=kind)

    assert answer.status_code in (400, 415, 422)
    assert room.get("/v1/clock")["now"] == "2026-03-02T10:00:00+00:00"


def test_no_preflight_is_ever_granted(room: Room) -> None:
    asked = {"Origin": "https://evil", "Access-Control-Request-Method": "POST"}
    answers = [room.http.open(path, method="OPTIONS", headers=asked) for _, path in room.routes()]

    names = {name for answer in answers for name in dict(answer.headers)}
    assert not any(name.startswith("Access-Control") for name in names)
    assert {answer.status_code for answer in answers} == {405}


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_reading_changes_nothing(room: Room, verb: str) -> None:
    room.call()
    before = room.state

    answered = {room.http.open(path, method=verb).status_code for _, path in room.routes()}

    assert answered <= {200, 404, 405, 422}  # 422: a case of a suite is for an agent that says its name
    assert room.state == before


@pytest.mark.parametrize(
    "given", ["Bearer wrong", "Bearer ", "Bearer correct", f"Basic {TOKEN}", "Bearer " + "x" * 10_000]
)
def test_a_wrong_token_opens_no_route(locked: Room, given: str) -> None:
    before = locked.state

    answered = {
        locked.http.open(path, method=verb, headers={"Authorization": given}).status_code
        for verb, path in locked.routes()
    }

    assert answered == {401}
    assert locked.state == before


def test_every_route_and_every_stray_path_asks_for_the_token(locked: Room) -> None:
    stray = [("GET", "/_simulator"), ("GET", "/_simulator/v1/nope"), ("PATCH", "/_simulator/v1/reset")]

    assert {locked.http.open(path, method=verb).status_code for verb, path in locked.routes() + stray} == {
        401
    }


@pytest.mark.parametrize("name", ["token", "access_token", "admin_token"])
def test_a_token_in_the_query_counts_for_nothing(locked: Room, name: str) -> None:
    answer = locked.ask("GET", f"/v1/health?{name}={TOKEN}")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_every_answer_forbids_framing_sniffing_and_storing(locked: Room) -> None:
    answers = [locked.ask("GET", "/v1/health", headers=BEARER), locked.ask("GET", "/v1/health")]
    answers += [locked.ask("GET", "/v1/nope", headers=BEARER)]

    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_body_above_one_megabyte_is_refused_unread(room: Room) -> None:
    answer = room.http.put("/_simulator/v1/scenario", data=b"x" * 1_000_001, content_type="application/yaml")

    assert answer.status_code == 413


def test_stray_paths_and_verbs_get_problems_in_our_own_voice(room: Room) -> None:
    verb = room.ask("PATCH", "/v1/scenario")

    assert (
        room.refused("GET", "/v1/nope")[1]["remedy"] == "the endpoints are listed in /_simulator/openapi.json"
    )
    assert room.refused("GET", "/v1//health")[0] == room.refused("GET", "/v1/health/")[0] == 404
    assert (verb.status_code, verb.headers["Allow"]) == (405, "GET, HEAD, PUT")


def test_the_source_never_forces_json_renders_strings_or_debugs() -> None:
    banned = {"get_json", "render_template_string", "Markup"}
    names = {
        (module, name)
        for module, tree in modules().items()
        for node in nodes_of(tree)
        for name in (getattr(node, "attr", None), getattr(node, "id", None), getattr(node, "arg", None))
        if name in banned | {"debug"} and not _is_logging(node)
    }

    assert names == set()


def _is_logging(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "log"
