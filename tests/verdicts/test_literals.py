"""Values that were never meant are told, and no word of anybody's is taken for one."""

from __future__ import annotations

import pytest

from tests.verdicts.bench import ANN, Open


@pytest.mark.parametrize(
    "value", ["undefined", "null", "NaN", "None", "[object Object]", "Hello undefined, come"]
)
def test_a_literal_in_place_of_a_value_is_told(bench: Open, value: str) -> None:
    clients = [bench(), bench()]
    clients[0].callo("phones/call", phone=ANN, text=value)
    clients[1].text(value)

    assert [client.broken() for client in clients] == [["literals"], ["literals"]]


@pytest.mark.parametrize(
    "value",
    [
        "<User object at 0x7f3a2c1d5e50>",
        "<coroutine object main.<locals>.name at 0x7f3a2c1d5e50>",
        "#<User:0x000078e1f8b2a0c8>",
        "com.shop.Customer@1b6d3586",
        "System.Collections.Generic.List`1[System.String]",
        "Hello %!s(MISSING)",
        "Hello <nil>",
        "[Function: name]",
        "function () { return name; }",
        "b'Anna'",
        "Votre table est rÃ©servÃ©e",
        "Votre table est r\ufffdserv\ufffde",
        "РўРІРѕР№ СЃС‚РѕР»",
    ],
)
def test_an_object_or_letters_misread_are_told_wherever_they_stand(bench: Open, value: str) -> None:
    client = bench()
    client.jaicp("addPhones", [{"phone": "79161234567", "payload": {"name": value}}])

    assert client.broken() == ["literals"]


@pytest.mark.parametrize(
    "value",
    [
        "Hello {{name}}, come",
        "Hello {name}, come",
        "Hello ${customer.name}, come",
        "Hello <%= name %>, come",
        "Hello %s, come",
        "Tom &amp; Anna&#39;s table",
        "Your%20table%20is%20booked",
        "Your+table+is+booked",
    ],
)
def test_words_for_people_that_nobody_finished_are_told(bench: Open, value: str) -> None:
    clients = [bench(), bench()]
    clients[0].text(value)
    clients[1].callo("phones/append/calls", phone=ANN, phones=f"{ANN},{value}", text_from_column=1)
    clients[1].callo("phones/call", phone=ANN, text=value)

    assert [client.broken() for client in clients] == [["literals"], ["literals"]]


@pytest.mark.parametrize(
    "value",
    [
        "None of us can come",
        "null and void",
        "Undefined",
        "Mr Null",
        "nana",
        "100 % sure, 50%!(really), C++ & Co.",
        "ADIÓS à tous, ça coûte 5 € – «Été»",
        "Твой стол, д. Рё",
        "b'Anna' and the rest",
        "https://x.example/a%20b%20c?d=e+f+g",
        "1+1+1",
        "{} { } {1} $5",
        "anna@deadbeef.example",
    ],
)
def test_a_word_is_no_literal(bench: Open, value: str) -> None:
    client = bench()
    client.callo("phones/call", phone=ANN, text=value)
    client.text(value)
    client.jaicp("addPhones", [{"phone": "79161234567", "payload": {"greeting": "Hello {{name}}"}}])

    assert client.broken() == []
