"""GSM 03.38 and UCS-2: which letters there are, and where a text is cut."""

from __future__ import annotations

import pytest

from simulator.telephony.messages import GSM_EXTENSION, GSM_LETTERS, Alphabet, alphabet_of, parts_of, spell

# 3GPP TS 23.038, 6.2.1: the default alphabet by code, sixteen a row; 1B escapes to the extension table.
REFERENCE = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
# 6.2.1.1: the extension table, by the code behind the escape.
EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
    0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip


def test_the_default_alphabet_is_the_reference_table() -> None:
    assert len(REFERENCE) == 128
    assert set(REFERENCE) - {"\x1b"} == GSM_LETTERS
    assert set(EXTENSION.values()) == GSM_EXTENSION


@pytest.mark.parametrize("code", range(128))
def test_every_code_of_the_reference_travels_in_one_place_as_itself(code: int) -> None:
    letter = REFERENCE[code]
    if letter == "\x1b":
        assert alphabet_of(letter) is Alphabet.UNICODE
    else:
        assert spell(letter, Alphabet.GSM) == letter
        assert [parts_of(letter * many, Alphabet.GSM) for many in (160, 161)] == [1, 2]


@pytest.mark.parametrize("letter", EXTENSION.values())
def test_an_escaped_letter_takes_two_places_and_is_not_cut(letter: str) -> None:
    assert alphabet_of(letter) is Alphabet.GSM
    assert [parts_of(letter * many, Alphabet.GSM) for many in (80, 81, 152, 153)] == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("]" * 153, 3), ("a" * 152 + "€" + "a" * 152, 3), ("a" * 151 + "€" + "a" * 153, 2),
        ("a" * 158 + "€", 1), ("a" * 159 + "€", 2), ("ç", 1), ("", 1),
    ],
)  # fmt: skip
def test_a_text_in_gsm_is_cut_between_letters(text: str, parts: int) -> None:
    assert parts_of(text, Alphabet.GSM) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ж" * 70, 1), ("ж" * 71, 2), ("ж" * 134, 2), ("ж" * 135, 3),
        ("😀" * 35, 1), ("😀" * 36, 2), ("😀" * 66, 2), ("😀" * 67, 3),
        ("ж" * 66 + "😀" + "ж" * 66, 3), ("ж" * 65 + "😀" + "ж" * 67, 2),
        ("\ud83d" * 134, 2), ("é\u0301" * 35, 1),
    ],
)  # fmt: skip
def test_a_text_in_unicode_is_never_cut_within_a_surrogate_pair(text: str, parts: int) -> None:
    assert parts_of(text, Alphabet.UNICODE) == parts
