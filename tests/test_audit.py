"""What is told of an audit: faults, and that nobody could be asked."""

from __future__ import annotations

from tests.audit import summarise


def test_a_known_fault_fails_and_is_named() -> None:
    faulty = {"name": "flask", "version": "3.1.3", "vulns": [{"id": "CVE-1"}]}
    right = {"name": "click", "version": "8.2", "vulns": []}

    assert summarise({"dependencies": [faulty, right]}) == (["flask 3.1.3: CVE-1"], False)
    assert summarise({"dependencies": [right]}) == (["1 packages, no known fault"], True)


def test_that_no_source_of_advisories_is_reachable_is_told() -> None:
    unasked = {"name": "flask", "skip_reason": "not found"}
    right = {"name": "click", "version": "8.2", "vulns": []}

    assert "nothing was audited" in summarise({"dependencies": [unasked]})[0][0]
    assert summarise({"dependencies": [unasked, right]})[0] == ["no advisories could be had of flask"]
