"""`simulator check` on refusals, on keys that nobody handed out, and on runs that prove nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from simulator.checking.check_command import check
from simulator.engine.settings import Settings
from tests.web.receiver import answering, receiving

CLIENT = """
import os, sys, urllib.error, urllib.parse, urllib.request
ROOT = os.environ["CALLO_BASE_URL"] + "/manager/cabapi_external/api/v1/"
KEY = os.environ["CALLO_PUBLIC_KEY"]
def ask(what, data=None, **more):
    query = urllib.parse.urlencode({"public_key": KEY, **more})
    url, body = (ROOT + what, query.encode()) if data else (ROOT + what + "?" + query, None)
    try:
        return urllib.request.urlopen(url, body).status
    except urllib.error.HTTPError as error:
        return error.code
"""
LOOK = "ask('phones/call_by_id/', call_id=7)\n"
PLACE = """
import json
CAMPAIGN = os.environ["CALLO_CAMPAIGN_ID"]
form = urllib.parse.urlencode({"public_key": KEY, "phone": "+447700900000", "campaign_id": CAMPAIGN})
placed = urllib.request.urlopen(ROOT + "phones/call/", form.encode())
"""
BALANCE = "ask('users/balance/')\n"
WORLD = """
sim: 1
admit: anyone
strangers: listens
personas: {listens: {first: {answered: 100%}}}
"""
MISSED = (
    "callo.call_by_id never succeeded: 2 requests, each refused (call_unknown x2); if that is meant,"
    " `--allow-refused call_unknown` says so, or `expect_refusals` in the scenario"
)


def checked(
    text: str, strict: bool = False, conduct: bool = True, **settings: object
) -> tuple[int, list[str]]:
    """Return the exit code of a run with this client, and the lines that it wrote."""
    lines: list[str] = []
    command = (sys.executable, "-c", CLIENT + text)
    judged = "scenario" in settings
    chosen = Settings(vendors=("callo",), **settings)  # type: ignore[arg-type]
    code = check(
        command, chosen, strict=strict, write=lines.append, judged=judged, allowed=() if conduct else None
    )
    return code, "\n".join(lines).splitlines()


def test_a_run_that_calls_no_vendor_proves_nothing() -> None:
    assert checked("")[0] == 2
    assert checked("sys.exit(7)")[0] == 7


def test_an_operation_that_never_succeeded_fails_the_run() -> None:
    code, lines = checked(LOOK * 2 + BALANCE)

    assert code == 1
    refused = lines.index("2 of 3 requests were refused: call_unknown x2")
    assert lines[refused + 1 : refused + 3] == [
        MISSED,
        "broken: 1 operation never succeeded, no violation in 3 exchanges",
    ]


@pytest.mark.parametrize("word", ["call_unknown", "call_by_id", "callo.call_by_id", "*"])
def test_a_refusal_that_is_expected_fails_nothing(word: str) -> None:
    code, lines = checked(LOOK * 2 + BALANCE, expected_refusals=(word,))

    assert code == 0
    assert "2 of 3 requests were refused: call_unknown x2; expected: call_unknown x2" in lines


def test_one_success_is_enough_for_an_operation() -> None:
    code, lines = checked(PLACE + "ask('phones/call_by_id/', call_id=json.load(placed)['call_id'])\n" + LOOK)

    assert code == 0, lines
    assert "1 of 3 requests was refused: call_unknown x1" in lines


def test_a_scenario_may_expect_a_refusal(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(WORLD + "expect_refusals: [call_unknown]\n")

    assert checked(LOOK, scenario=file)[0] == 0


def test_limits_do_not_count_as_refusals(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(WORLD + "limits:\n  - {where: callo.balance, allow: 1 per 1h}\n")
    code, lines = checked(BALANCE * 3, conduct=False, scenario=file)

    assert code == 0, lines
    assert not [line for line in lines if "refused" in line]


def test_a_key_that_nobody_handed_out_fails_the_run_though_anyone_is_let_in() -> None:
    code, lines = checked("KEY = '0' * 32\n" + BALANCE)

    assert code == 1
    assert "unissued-key at credential (broken by the client)" in lines


TOO_LONG = "ask('users/balance/', data=True, text='x' * 9_000_000)\n"


def test_what_is_refused_before_anybody_reads_it_is_held_against_the_client() -> None:
    code, lines = checked(BALANCE + TOO_LONG)

    assert code == 1
    assert "refused-request at content_too_large (broken by the client)" in lines
    fix = "the body is longer than 8000000 bytes: send less at once, in several requests"
    assert any(fix in line for line in lines if "fix" in line), lines
    assert "1 of 2 requests was refused: content_too_large x1" in lines


def test_nothing_judged_is_told_and_fails_strictly(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(WORLD + "expect:\n  - client: {honours: retry_after}\n")
    lenient, lines = checked(BALANCE, scenario=file)

    assert (lenient, checked(BALANCE, strict=True, scenario=file)[0]) == (0, 1)
    assert any(line.startswith("nothing was judged") for line in lines)


def test_callbacks_that_nobody_took_are_told(tmp_path: Path) -> None:
    with receiving(answering(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")) as receiver:
        file = tmp_path / "mine.yaml"
        campaign = (
            f"{{name: a, type: free_text, postbacks: {{finished: {{url: '{receiver.url('/done')}'}}}}}}"
        )
        shop = f"accounts:\n  shop: {{vendors: [callo], campaigns: [{campaign}]}}\n"
        file.write_text(f"{WORLD}hooks: [{{where: '*', retry: []}}]\nrun: [until idle]\nexpect: []\n{shop}")
        _, lines = checked(PLACE, scenario=file)

    assert any(line.startswith("callbacks: 1 of 1 were taken by nobody: callo.") for line in lines), lines
