from __future__ import annotations

import pytest

from simulator.conformance.error_texts import ErrorText

EXCESS = "Calls count to camp_id:{campaign_id}, {phone} is excess (limit {limit}/{seconds}sec)"


@pytest.mark.parametrize(
    ("template", "text", "same"),
    [
        ("Nothing to fill in", "Nothing to fill in", True),
        ("Nothing to fill in", "Nothing to fill in.", False),
        (EXCESS, "Calls count to camp_id:1, +380123456789 is excess (limit 5/30sec)", True),
        (EXCESS, "Calls count to camp_id:1, +380123456789 is excess (limit 5-30sec)", False),
        (EXCESS, "Calls count to camp_id:1 is excess (limit 5/30sec)", False),
        ("{a} and {b}", "one and two", True),
        ("ab{x}ba", "aba", False),
    ],
)
def test_a_text_matches_its_template_with_anything_in_the_gaps(template: str, text: str, same: bool) -> None:
    assert ErrorText(status=400, text=template, when="", provenance="inferred").matches(text) is same


def test_a_refusal_may_be_told_in_another_language() -> None:
    error = ErrorText(
        status=400,
        text="Pick one. {x} is none.",
        when="",
        provenance="inferred",
        translated=("Wähle. {x} gibt es nicht.",),
    )

    assert error.matches("Wähle. Zwölf gibt es nicht.")
    assert error.matches("Pick one. 12 is none.")
    assert not error.matches("Wähle. 12 is none.")
