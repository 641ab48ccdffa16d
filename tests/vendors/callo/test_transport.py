"""How Callo's server behaves around its operations: verbs, slashes, pages, headers, keys, the limit."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import InternalServerError, RequestEntityTooLarge

from simulator.exchange import Request
from simulator.telephony.world import Rules
from simulator.vendor import MissingSlash
from simulator.vendors.callo import vendor
from simulator.vendors.callo.endpoint import blueprint
from tests.vendors.callo.desk import API, BASE, KEY, PHONE, open_desk, read, refusal


def test_json_carries_the_documented_headers_in_their_spelling() -> None:
    answer = open_desk().get("users/balance")

    headers = dict(answer.headers)
    assert headers["Content-Type"] == "application/json"
    assert headers["Server"] == "gunicorn/19.9.0"
    assert headers["X-Frame-Options"] == "ALLOW-FROM HTTPS://CALLO.COM/*"
    assert headers["Content-Language"] == "en"
    assert headers["Vary"] == "Accept-Language, Cookie"


def test_json_is_written_as_django_writes_it() -> None:
    assert open_desk().get("users/balance").body == b'{"balance": "1000.000000"}'


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_missing_slash_is_a_redirect_that_keeps_the_query(method: str) -> None:
    answer = open_desk().ask(method, f"{API}/phones/call", "a=1&b=%2B2")

    assert (answer.status, answer.body) == (301, b"")
    assert answer.header("Location") == f"/callo{API}/phones/call/?a=1&b=%2B2"


def test_a_redirect_never_leads_to_another_host() -> None:
    asked = Request("GET", "//evil.example/x", base="http://callo.localhost:8070")

    assert vendor.refusal(MissingSlash(), asked, None).header("Location") == "/evil.example/x/"


@pytest.mark.parametrize(
    "path",
    [
        "/manager/cabapi_external/api/v1//users/balance/",
        "//manager///cabapi_external/api/v1/users/balance/",
        "/lk/cabapi_external/api/v1/users/balance/",
    ],
)
def test_doubled_slashes_and_the_older_prefix_lead_to_the_same_place(path: str) -> None:
    desk = open_desk()

    assert read(desk.ask("GET", path, f"public_key={KEY}")) == {"balance": "1000.000000"}


def test_an_unknown_path_is_a_page() -> None:
    answer = open_desk().ask("GET", "/manager/nowhere/")

    assert answer.status == 404
    assert answer.content_type.startswith("text/html")
    assert b"Not Found" in answer.body


READS = sorted(route.path for route in blueprint.rules if route.reads)


@pytest.mark.parametrize("path", READS)
def test_operations_that_read_answer_only_get(path: str) -> None:
    desk = open_desk()

    for key in (KEY, "nonsense", ""):
        answer = desk.ask("POST", path, f"public_key={key}")
        assert (answer.status, answer.body, answer.header("Allow")) == (405, b"", "GET, HEAD")


def test_an_account_may_be_set_to_read_by_post() -> None:
    desk = open_desk()
    desk.account.profile = {"post_reads": True}

    assert read(desk.post("users/balance")) == {"balance": "1000.000000"}


@pytest.mark.parametrize(
    ("path", "fields", "accused"),
    [
        ("users/balance", {}, []),
        ("campaigns", {"mode": "all"}, []),
        ("campaigns", {}, [("missing-parameter", "mode")]),
        ("phones/call_by_id", {"call_id": "1"}, []),
        ("phones/call_by_id", {"call_ids": "1,x"}, [("bad-parameter", "call_ids")]),
        ("phones/call_by_id", {"call_id": "1", "phone": PHONE}, [("unknown-parameter", "phone")]),
    ],
)
def test_what_an_account_may_ask_by_post_is_judged_as_if_it_were_got(
    path: str, fields: dict[str, str], accused: list[tuple[str, str]]
) -> None:
    desk = open_desk()
    desk.account.profile = {"post_reads": True}
    desk.post(path, **fields)

    assert desk.accusations() == accused


def test_who_may_read_by_post_may_not_list_by_get() -> None:
    desk = open_desk()
    desk.account.profile = {"post_reads": True}
    desk.get("phones/append/calls", phones=PHONE)

    assert desk.accusations() == [("wrong-method", "method")]


@pytest.mark.parametrize("name", ["phones/append/calls", "phones/stoplist", "audio/upload"])
def test_operations_that_change_lists_answer_only_post(name: str) -> None:
    answer = open_desk().get(name)

    assert (answer.status, answer.header("Allow")) == (405, "POST")


def test_head_is_answered_where_get_is() -> None:
    assert open_desk().ask("HEAD", f"{API}/users/balance/", f"public_key={KEY}").status == 200


@pytest.mark.parametrize(
    ("key", "words"),
    [("", "This field is required."), ("ABC", "Enter a valid value."), ("e" * 31, "Enter a valid value.")],
)
def test_a_key_that_cannot_be_one_is_refused_in_the_words_of_a_form(key: str, words: str) -> None:
    answer = open_desk().ask("GET", f"{API}/users/balance/", f"public_key={key}")

    assert refusal(answer) == f"Form isn't valid: * public_key\n  * {words}"


def test_a_key_nobody_has_is_refused_where_strangers_are_not_let_in() -> None:
    desk = open_desk()
    desk.world.rules = Rules()

    message = refusal(desk.get("users/balance", public_key="e" * 32))

    assert message == "Form isn't valid: * public_key\n  * Invalid public key"


def test_the_twenty_first_request_in_a_second_is_met_by_a_page() -> None:
    desk = open_desk(limits=vendor.limits)
    answers = [desk.get("users/balance") for _ in range(21)]
    desk.advance(seconds=1)

    assert [answer.status for answer in answers] == [200] * 20 + [429]
    assert answers[-1].content_type.startswith("text/html")
    assert desk.get("users/balance").status == 200


def test_keys_are_limited_one_by_one() -> None:
    desk = open_desk(limits=vendor.limits)
    for _ in range(20):
        desk.get("users/balance")

    assert desk.get("users/balance", public_key="f" * 32).status == 200


@pytest.mark.parametrize(
    ("body", "status"), [(b"phone=%ff", 400), (b"&".join(b"a=1" for _ in range(1001)), 413)]
)
def test_a_form_that_cannot_be_read_is_met_by_a_page(body: bytes, status: int) -> None:
    answer = open_desk().ask("POST", f"{API}/phones/call/", body=body)

    assert answer.status == status
    assert answer.content_type.startswith("text/html")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [(RequestEntityTooLarge(), 413, b"Too Large"), (InternalServerError(), 500, b"Server Error (500)")],
)
def test_the_server_in_front_speaks_html(error: Exception, status: int, words: bytes) -> None:
    answer = vendor.refusal(error, Request("POST", f"{API}/phones/call/", base=BASE), None)

    assert answer.status == status
    assert words in answer.body


def test_json_bodies_are_not_read() -> None:
    answer = open_desk().ask(
        "POST", f"{API}/phones/call/", f"public_key={KEY}", b'{"phone": "1"}', "application/json"
    )

    assert "* phone\n  * This field is required." in refusal(answer)


def test_a_key_may_have_space_around_it_as_any_text_of_a_form() -> None:
    desk = open_desk()

    assert read(desk.get("phones/call", public_key=f" {KEY} ", campaign_id=desk.campaign().ref, phone=PHONE))
