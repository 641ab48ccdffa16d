"""`externalCheck`: the client is asked before each attempt, and its answer decides."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from simulator.exchange import Answer, find_header
from simulator.telephony.outcomes import Disposition
from tests.vendors.jaicp.desk import PHONE, always, open_desk, refusal

CHECK = {"externalCheckUrl": "https://user:p%40ss@client.example:8443/ask?a=1", "externalCheckMaxRetries": 2}


def test_the_client_is_asked_who_is_to_be_called_and_its_yes_lets_it_happen() -> None:
    desk = open_desk()
    (job,) = desk.add(PHONE, externalCheck=CHECK, payload={"deal": 7})

    (question,) = desk.advance(hours=1)

    body = {"callJobId": job, "phone": PHONE, "attemptNumber": 1, "payload": {"deal": 7}}
    assert (question.method, json.loads(question.body)) == ("POST", body)
    assert desk.status(job) == "longCallWithNoResult"


def test_credentials_in_the_url_become_a_header() -> None:
    desk = open_desk()
    desk.add(PHONE, externalCheck=CHECK)

    (question,) = desk.advance(minutes=1)

    assert question.url == "https://client.example:8443/ask?a=1"
    assert find_header(question.headers, "Authorization") == "Basic " + b64encode(b"user:p@ss").decode()


@pytest.mark.parametrize(
    ("userinfo", "pair"),
    [
        ("dXNlcm5hbWU6cGFzc3dvcmQ=", "username:password"),  # the vendor's own example
        ("dXNlcm5hbWU6cGFzc3dvcmQ", "username:password"),
        ("dXNlcm5hbWU6cGFzc3dvcmQ%3D", "username:password"),
        ("0L7Qu9GPOtC_0LDRgNC-0LvRjA==", "оля:пароль"),
        ("user:pass", "user:pass"),
        ("dXNlcm5hbWU=", "dXNlcm5hbWU="),
        ("token", "token"),
    ],
)
def test_credentials_may_stand_in_the_url_as_they_are_or_in_base64(userinfo: str, pair: str) -> None:
    desk = open_desk()
    desk.add(PHONE, externalCheck={"externalCheckUrl": f"https://{userinfo}@somewhere.com/checkMyNumber"})

    (question,) = desk.advance(minutes=1)

    assert question.url == "https://somewhere.com/checkMyNumber"
    assert find_header(question.headers, "Authorization") == "Basic " + b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("retries", "asked"),
    [({}, 4), ({"externalCheckMaxRetries": None}, 4), ({"externalCheckMaxRetries": 0}, 1)],
)
def test_who_names_no_number_of_questions_is_asked_again_by_default(
    retries: dict[str, Any], asked: int
) -> None:
    desk = open_desk()
    desk.add(PHONE, externalCheck={"externalCheckUrl": "http://hook.localhost:8000/check", **retries})

    assert desk.findings == ()
    assert len(desk.advance(clear=500, hours=1)) == asked


def test_a_receiver_without_a_scheme_is_told_how_one_on_this_machine_is_called() -> None:
    envelope = refusal(
        open_desk().post("addPhones", [{"phone": PHONE, "externalCheck": {"externalCheckUrl": "hook"}}])
    )

    assert "http://hook.localhost:PORT/check" in envelope["message"]


@pytest.mark.parametrize(("clear", "asked"), [(403, 1), (404, 1), (500, 3), (302, 3)])
def test_without_a_yes_nobody_is_called(clear: int, asked: int) -> None:
    desk = open_desk()
    (job,) = desk.add(PHONE, externalCheck=CHECK)

    questions = desk.advance(clear=clear, hours=1)

    report: Any = desk.job(job)
    assert len(questions) == asked
    assert (report["jobStatus"], report["attemptsCount"]) == ("notDone", 0)


BODIES = [
    (b"true", "longCallWithNoResult", 1),
    (b'{"allowed": true, "why": "fine"}', "longCallWithNoResult", 1),
    (b"false", "notDone", 1),
    (b'{"allowed": false}', "notDone", 1),
    *((body, "notDone", 3) for body in (b"", b"yes", b"{}", b'{"allowed": 1}', b"[" * 70, b"\xff")),
]


@pytest.mark.parametrize(("body", "status", "asked"), BODIES, ids=repr)
def test_where_the_account_says_so_the_body_of_a_success_decides(
    body: bytes, status: str, asked: int
) -> None:
    desk = open_desk(external_check_answer="body")
    (job,) = desk.add(PHONE, externalCheck=CHECK)

    questions = desk.advance(reply=Answer(200, body), hours=1)

    assert (desk.status(job), len(questions)) == (status, asked)
    assert all(question.reads_reply for question in questions)


def test_a_body_is_not_looked_at_where_the_status_decides() -> None:
    desk = open_desk()
    (job,) = desk.add(PHONE, externalCheck=CHECK)

    (question,) = desk.advance(reply=Answer(200, b"false"), hours=1)

    assert (desk.status(job), question.reads_reply) == ("longCallWithNoResult", False)


def test_a_refusal_by_status_needs_no_body() -> None:
    desk = open_desk(external_check_answer="body")
    desk.add(PHONE, externalCheck=CHECK)

    assert len(desk.advance(clear=403, hours=1)) == 1


def test_it_is_asked_anew_before_each_attempt() -> None:
    desk = open_desk(always(Disposition.BUSY))
    (job,) = desk.add(PHONE, externalCheck=CHECK, maxAttempts=4)

    questions = desk.advance(hours=2)

    assert [json.loads(question.body)["attemptNumber"] for question in questions] == [1, 2, 3, 4]
    assert desk.status(job) == "noAnswer"


def test_however_often_a_client_lets_itself_be_asked_there_is_an_end() -> None:
    desk = open_desk()
    desk.add(PHONE, externalCheck={"externalCheckUrl": "http://c/", "externalCheckMaxRetries": 2**31 - 1})

    assert len(desk.advance(clear=503, hours=2)) == 101


def test_letters_that_no_url_may_hold_are_escaped_so_that_the_question_arrives() -> None:
    desk = open_desk()
    desk.add(PHONE, externalCheck={"externalCheckUrl": "http://me:pass@client.example/проверка?name=a b%20c"})

    (question,) = desk.advance(minutes=1)

    escaped = "%D0%BF%D1%80%D0%BE%D0%B2%D0%B5%D1%80%D0%BA%D0%B0"
    assert question.url == f"http://client.example/{escaped}?name=a%20b%20c"


@pytest.mark.parametrize("url", ["http://client.example:99999/", "http://client.example:x/", "http://a b/"])
def test_an_address_at_which_nobody_can_be_asked_is_refused(url: str) -> None:
    desk = open_desk()

    envelope = refusal(desk.post("addPhones", [{"phone": PHONE, "externalCheck": {"externalCheckUrl": url}}]))

    assert envelope["args"]["field"] == "[0].externalCheck.externalCheckUrl"


def test_a_scheme_may_be_written_in_capitals() -> None:
    desk = open_desk()

    desk.add(PHONE, externalCheck={"externalCheckUrl": "HTTPS://client.example/ask"})

    assert desk.findings == ()
