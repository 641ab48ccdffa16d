"""Suites in pytest: a class with a method a task, and an item a case."""

from __future__ import annotations

import pytest

from simulator.testing import client_suites

SUITE = """
from simulator.testing.client_suites import CalloClientSuite
from tests.clients.wire import Request, send

PATH = "/manager/cabapi_external/api/v1/phones/call/"


class TestOurs(CalloClientSuite):
    only = ("CALLO-1.1", "CALLO-2.1", "CALLO-2.4")

    def place(self, task):
        key, campaign = task.credentials["public_key"], task.credentials["campaign_id"]
        fields = {"public_key": key, "campaign_id": campaign, **task.arguments}
        answer = send(task.base_url, Request("add_call", "POST", PATH, form=fields.items()))
        return {"outcome": "placed", "id": answer.json().get("call_id")}
"""


def test_each_case_is_an_item_that_passes_fails_or_is_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_ours=SUITE)

    result = pytester.runpytest("-q", "-rs", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=1, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["*requires a refusal is HTTP 400*", "*`status` is not filled in*"])


def test_there_is_a_class_for_each_vendor_that_has_a_suite_and_for_no_other() -> None:
    assert client_suites.KaleyraClientSuite.vendor == "kaleyra"
    with pytest.raises(AttributeError, match="unknown suite"):
        _ = client_suites.NobodyClientSuite
