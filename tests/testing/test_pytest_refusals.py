"""In pytest, a test answers for what the vendor refused, and for what its client does after the test."""

from __future__ import annotations

import pytest

from tests.testing.test_pytest_plugin import run

ASK = """
import requests
BALANCE, LOOK = "users/balance/?", "phones/call_by_id/?call_id=7&"

def ask(callo, what=LOOK, key=None):
    url = callo.base_url + "/manager/cabapi_external/api/v1/" + what
    return requests.get(url + "public_key=" + (key or callo.key))

"""
LOOKS = "def test_it(callo):\n    ask(callo)\n"


def test_an_operation_that_never_succeeded_fails_the_test(pytester: pytest.Pytester) -> None:
    result = run(pytester, ASK + LOOKS)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["callo.call_by_id never succeeded: 1 request, which was refused (call_unknown x1*expect_refusal*"]
    )


@pytest.mark.parametrize("word", ["call_unknown", "call_by_id", "callo.call_unknown"])
def test_a_test_may_be_about_a_refusal(pytester: pytest.Pytester, word: str) -> None:
    marked = f"@pytest.mark.simulator(expect_refusals={word!r})\n" + LOOKS
    asked = f"def test_asked(callo):\n    callo.expect_refusal({word!r})\n    ask(callo)\n"

    run(pytester, ASK + marked + asked).assert_outcomes(passed=2)


def test_a_refusal_that_the_client_caused_may_be_expected_too(pytester: pytest.Pytester) -> None:
    wrong = "def test_it(callo):\n    %s\n    ask(callo, BALANCE, 'f' * 32)\n"
    listed = "@pytest.mark.simulator(scenario='callo/postbacks', judged=False)\n"
    result = run(pytester, ASK + listed + wrong % "pass")
    forgiven = run(pytester, ASK + listed + wrong % "callo.expect_refusal('key_unknown')")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["refused-credential at key_unknown *"])
    forgiven.assert_outcomes(passed=1)


def test_an_expected_refusal_has_to_happen(pytester: pytest.Pytester) -> None:
    result = run(pytester, ASK + "def test_it(callo):\n    callo.expect_refusal('label_taken')\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the refusal 'label_taken' was expected and did not happen"])


def test_a_refusal_that_no_contract_has_is_refused_with_a_guess(pytester: pytest.Pytester) -> None:
    marked = "@pytest.mark.simulator(expect_refusals='label_takn')\ndef test_it(callo):\n    pass\n"
    result = run(pytester, ASK + marked)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*did you mean 'label_taken'*"])


def test_a_key_that_nobody_handed_out_fails_the_test_though_anyone_is_let_in(
    pytester: pytest.Pytester,
) -> None:
    result = run(pytester, ASK + "def test_it(callo):\n    ask(callo, BALANCE, '0' * 32)\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["unissued-key at credential *"])


def test_what_a_finalizer_asks_is_judged(pytester: pytest.Pytester) -> None:
    fixture = "@pytest.fixture\ndef client(callo):\n    yield callo\n    ask(callo, BALANCE, '0' * 32)\n\n"
    result = run(pytester, ASK + fixture + "def test_it(client):\n    ask(client, BALANCE)\n")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["after the test, in a teardown or a finalizer:", "unissued-key at credential *"]
    )


def test_a_world_that_nobody_used_is_not_begun_when_its_test_is_over(pytester: pytest.Pytester) -> None:
    late = (
        "class TestIt:\n"
        "    def teardown_method(self):\n        ask(self.callo, BALANCE, '0' * 32)\n\n"
        "    def test_it(self, callo):\n        self.callo = callo\n"
    )
    result = run(pytester, ASK + late)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the telephony world of test_it.py::TestIt::test_it is over"])


def test_what_was_told_at_the_end_of_the_test_is_not_told_again(pytester: pytest.Pytester) -> None:
    fixture = "@pytest.fixture\ndef client(callo):\n    yield callo\n    ask(callo, BALANCE)\n\n"
    result = run(pytester, ASK + fixture + "def test_it(client):\n    ask(client)\n")

    result.assert_outcomes(failed=1)


def test_a_client_without_a_socket_is_told_of_as_well_when_it_asks_late(pytester: pytest.Pytester) -> None:
    tests = (
        "seen = []\n"
        "def test_one(callo):\n    seen.append((callo.httpx_client(), callo.base_url + '/x'))\n"
        "def test_two(callo):\n    assert seen[0][0].get(seen[0][1]).status_code == 404\n"
    )
    result = run(pytester, tests)

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["  test_it.py::test_one: GET /@*/callo/x"])
