from __future__ import annotations

import pytest

from simulator.conformance.names import find_look_alikes


@pytest.mark.parametrize("spelt", ["long\u0421all", "long\uff23all"])
def test_a_foreign_letter_is_found_whichever_alphabet_it_comes_from(spelt: str) -> None:
    hint = find_look_alikes(spelt, ["busy", "longCall"])

    assert hint is not None
    assert hint.startswith(f"letter 5 is U+{ord(spelt[4]):04X} ")


def test_it_is_found_when_the_document_is_the_one_with_the_foreign_letter() -> None:
    assert find_look_alikes("longCall", ["long\u0421all"])


@pytest.mark.parametrize("text", ["longCall", "longcall", "other", None, 5, "x" * 300])
def test_what_is_equal_or_plainly_different_is_no_look_alike(text: object) -> None:
    assert find_look_alikes(text, ["longCall", 7, None]) is None
