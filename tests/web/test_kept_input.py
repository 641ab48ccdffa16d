from io import BytesIO

from simulator.web.kept_input import KeptInput


def test_what_was_read_comes_again_and_the_rest_as_it_came() -> None:
    body = KeptInput(BytesIO(b"0123456789"))

    first = body.read(4)
    body.seek(0)

    assert (first, body.read(2), body.read(), body.read(1)) == (b"0123", b"01", b"23456789", b"")


def test_it_is_read_by_lines_too() -> None:
    body = KeptInput(BytesIO(b"a\nb\n"))

    assert [*body] == [b"a\n", b"b\n"]
