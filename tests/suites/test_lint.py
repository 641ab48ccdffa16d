"""Worlds of cases: what their vendor does not know in them is told where it stands in the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.suites.test_loading import SUITE, load


@pytest.mark.parametrize(
    ("words", "column", "says"),
    [
        ("faults: [{where: callo.add_cal, do: reset}]", 33, "callo has no operation 'add_cal'"),
        ("faults: [{where: calo.*, do: reset}]", 33, "unknown vendor 'calo'; did you mean 'callo'?"),
        ("profiles: {callo: {post_read: true}}", 35, "did you mean 'post_reads'?"),
    ],
)
def test_a_name_that_no_vendor_has_is_told_at_its_place(
    tmp_path: Path, words: str, column: int, says: str
) -> None:
    (finding,) = load(
        tmp_path, SUITE.replace("title: A call\n", f"title: A call\n    scenario: {{{words}}}\n")
    )

    assert finding.startswith(f"{tmp_path}/suite.yaml:11:{column}: ")
    assert says in finding
