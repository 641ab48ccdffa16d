import pytest

from simulator.telephony.errors import MalformedNumber
from simulator.telephony.phone_numbers import parse_number


@pytest.mark.parametrize(
    "text",
    ["+380501234567", "380501234567", " +380 50 123-45-67 ", "+380 (50) 123.45.67", "+380\u00a0501234567"],
)
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    assert parse_number(text) == "+380501234567"


@pytest.mark.parametrize(
    "text", ["20260302", "2026 03 02", "20-26-03-02", "2126-03-02", "2026-13-02", "26.03.02.02"]
)
def test_only_what_is_written_as_a_day_is_taken_for_one(text: str) -> None:
    assert parse_number(text) == "+" + "".join(filter(str.isdigit, text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "+0501234567",
        "0501234567",
        "12345",
        "+1234567890123456",
        "+38050abc4567",
        "٣٨٠٥٠١٢٣٤٥٦٧",
        "1_000_000",
        "2026-03-02",
        " 1985-12-31 ",
        "12.03.2026",
        "447700900501.0",
        " +447700900501.0",
        "31-12-1999",
    ],
)
def test_what_is_no_number_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(MalformedNumber) as refused:
        parse_number(text)

    assert refused.value.text == text
