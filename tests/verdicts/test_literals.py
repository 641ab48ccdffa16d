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
        "%D0%92%D0%B0%D1%88 %D1%81%D1%82%D0%BE%D0%BB",
        "Votre table est r=C3=A9serv=C3=A9e",
        "Votre table est r\\u00e9serv\\u00e9e",
        "b: r\\xc3\\xa9serv\\xc3\\xa9e",
        "Your table is booked.\\nSee you",
        "Your table: [datetime.date(2026, 3, 2)]",
        "Your total: Decimal('12.50')",
        "Your total is 0.30000000000000004 euro",
        "Your total is 1.7999999999999998",
        "Invalid Date",
        "Hello <<First Name>>, come",
        "Hello [FIRSTNAME], come",
        "Hello %name%, come",
        "Your colour: <Colour.RED: 1>",
        "{'name': 'Anna', 'table': 4}",
        'You asked for {:table=>4, :name=>"Anna"}',
        "See https:\\/\\/x.example\\/a",
    ],
)
def test_words_for_people_that_nobody_finished_are_told(bench: Open, value: str) -> None:
    clients = [bench(), bench()]
    clients[0].text(value)
    clients[1].callo("phones/append/calls", phone=ANN, phones=f"{ANN},{value}", text_from_column=1)
    clients[1].callo("phones/call", phone=ANN, text=value)

    assert [client.broken() for client in clients] == [["literals"], ["literals"]]


def test_markup_is_told_in_what_is_read_and_not_in_what_a_voice_may_know(bench: Open) -> None:
    clients = [bench(), bench(), bench()]
    clients[0].text("<p>Your table is <b>booked</b>.")
    clients[1].text("Your table<br/>is booked")
    clients[2].callo("phones/call", phone=ANN, text="<p>Your table is <b>booked</b>.</p>")

    assert [client.broken() for client in clients] == [["literals"], ["literals"], []]


def test_json_within_json_is_told_wherever_it_stands_and_json_in_a_text_is_not(bench: Open) -> None:
    clients = [bench(), bench()]
    for client, value in zip(clients, ['"{\\"order\\": 17}"', '{"order": 17}'], strict=True):
        client.jaicp("addPhones", [{"phone": "79161234567", "payload": {"meta": value}}])

    assert [client.broken() for client in clients] == [["literals"], []]


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
        "C:\\x64\\new\\u2 and ¯\\_(ツ)_/¯",
        "Pi is 3.141592653589793, and half of it 1.5",
        "Version 1.0000000.1 of 19.99 costs 0.1000000000",
        "a%20b, 50%25, x=AB=CD, 1<b>2",
        "https://x.example/%C3%A9t%C3%A9",
        "An Invalid Date was given",
        "the decimal(5) and the date(2026)",
        "[URGENT] %TEMP% is full, 100%sure%, <<!>> and << 5 >>",
        '{"name": "Anna"} => { 1 }',
    ],
)
def test_a_word_is_no_literal(bench: Open, value: str) -> None:
    client = bench()
    client.callo("phones/call", phone=ANN, text=value)
    client.text(value)
    client.jaicp("addPhones", [{"phone": "79161234567", "payload": {"greeting": "Hello {{name}}"}}])

    assert client.broken() == []
