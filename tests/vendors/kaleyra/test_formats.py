"""Five formats, one value: the quirks of each, and that they never disagree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats.forms import Field, Form
from simulator.vendors.kaleyra.answers import OBD_FORMATS, VOICE_FORMATS, Reply, printable, render, success
from tests.vendors.kaleyra.desk import ASHA, RAVI, decoded, open_desk

TEXTS = st.text(max_size=20)
ROWS = st.lists(
    st.fixed_dictionaries(dict.fromkeys(("id", "phone", "name", "follower", "note", "ontime"), TEXTS))
)
SENT = st.dictionaries(
    st.integers(0, 20).map(str), st.fixed_dictionaries({"id": TEXTS, "status": TEXTS}), min_size=1
)


def asking(method: str, form: str) -> Form:
    return Form((Field("method", method, "query"), Field("format", form, "query")))


@given(rows=ROWS, message=TEXTS)
def test_three_formats_carry_the_same_list(rows: list[dict[str, str]], message: str) -> None:
    envelope = success(rows, message)

    for form in VOICE_FORMATS:
        answer = render(Reply(envelope, {"data": "followup"}), asking("followup.reports", form))
        assert decoded(answer, method="followup.reports") == printable(envelope)


@given(rows=SENT, group=st.integers(0, 10**12))
def test_five_formats_carry_the_same_keyed_rows(rows: dict[str, Any], group: int) -> None:
    counted = {str(place): row for place, row in enumerate(rows.values())}
    envelope = success({**counted, "group_id": group})

    for form in OBD_FORMATS:
        answer = render(Reply(envelope, {"data": "voice"}), asking("voice.json", form))
        assert decoded(answer, method="voice.json") == printable(envelope)


@given(TEXTS)
def test_five_formats_carry_the_same_refusal(message: str) -> None:
    envelope = success(message=message, status="E542")

    for form in OBD_FORMATS:
        answer = render(Reply(envelope), asking("voice.status", form))
        assert decoded(answer, method="voice.status") == printable(envelope)


def test_no_text_of_a_client_adds_a_line_or_an_element() -> None:
    assert printable({"a": ["x\r\n[b] => y\x00\ud800<i>"]}) == {"a": ["x  [b] => y  <i>"]}


def test_statuses_have_their_data_before_the_message_but_not_in_xml() -> None:
    reply = Reply({"status": "200", "data": {}, "message": "OK"}, {"data": "voice"}, prolog=False)

    assert list(json.loads(render(reply, asking("voice.status", "json")).body)) == [
        "status",
        "data",
        "message",
    ]
    assert render(reply, asking("voice.status", "xml")).body.startswith(
        b"<api><status>200</status><message>OK"
    )


@pytest.mark.parametrize(("method", "prolog"), [("voice.json", True), ("voice.groupstatus", False)])
def test_only_statuses_lack_the_prolog_with_its_space(method: str, prolog: bool) -> None:
    desk = open_desk()
    body = {"play": "1.sound", "call": [{"to": ASHA}]}
    group = json.loads(desk.post_json("voice.json", body, format="json").body)["data"]["group_id"]

    if method == "voice.json":
        answer = desk.post_json(method, body, format="xml")
    else:
        answer = desk.get(method, groupid=group, format="xml")

    assert answer.body.startswith(b'<?xml version="1.0" encoding="UTF-8" ?>\n<api>') is prolog


def test_autodial_succeeds_with_a_space() -> None:
    answer = open_desk().post("autodial.add", name="n", number=ASHA, meta="{}", format="xml")

    assert b"<status>OK </status>" in answer.body


def test_text_is_the_default_and_tells_the_group_of_a_call_not_first() -> None:
    answer = open_desk().get("voice.call", numbers=f"{ASHA},{RAVI}", play="1.sound")

    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.body.startswith(b"status=200\nmessage=OK\nGID=")


@pytest.mark.parametrize(
    ("sent", "function"),
    [
        ({}, "callback"),
        ({"jsonp": "got"}, "got"),
        ({"callback": "jQuery1"}, "jQuery1"),
        ({"jsonp": "alert(1)"}, "callback"),
    ],
)
def test_jsonp_calls_the_function_that_is_named(sent: dict[str, str], function: str) -> None:
    answer = open_desk().get("voice.status", id="1-1", format="jsonp", **sent)

    assert answer.body.startswith(f'{function}({{"status":"E620"'.encode())


@pytest.mark.parametrize(
    ("method", "form"), [("dial", "php"), ("monitor", "jsonp"), ("voice.status", "yaml")]
)
def test_a_format_that_an_operation_lacks_is_refused_in_text(method: str, form: str) -> None:
    answer = open_desk().get(method, format=form, id="1-1")

    assert answer.body == b"status=E611\nmessage=Parameter format is not valid\n"


def test_formats_may_be_written_in_capitals() -> None:
    assert json.loads(open_desk().get("dial", format="JSON").body)["status"] == "200"
