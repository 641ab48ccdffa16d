"""Odd parameters of every kind: each answer is one the contract knows, whatever is sent."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.formats.json_text import write_compact_json
from simulator.vendors.kaleyra import endpoint
from tests.vendors.kaleyra.desk import ASHA, HOOK, RAVI, open_desk

METHODS = sorted(
    {value for known in endpoint.METHODS for name, value in known.parameters if name == "method"}
)
NAMES = [
    *("caller", "receiver", "retry", "delay", "return", "caller_id", "meta", "custom", "callback", "format"),
    *("fromdate", "todate", "call to", "callto", "limit", "page", "id", "number", "action", "phone", "name"),
    *(
        "follower",
        "ontime",
        "autocall",
        "notes",
        "numbers",
        "group",
        "play",
        "message",
        "retries",
        "campaign",
    ),
    *("newgroup", "scheduletime", "mobile", "groupid", "jsonp", "follower"),
]
ODD = [
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "1.0",
        "٣",
        "9" * 40,
        "a,b",
        "\x00",
        "\ud7ff",
        "\r\n[x] => y",
        "]]>",
        "<i>&amp;",
    ),
    *(ASHA, f"{ASHA}-{RAVI}", f"{ASHA}^{RAVI}", "ivr:1", "1.ivr", "1.sound", "{}", "[[[[", HOOK, "http://["),
    *("2026/03/02", "31/02/2026", "0001/01/01", "31/12/9999", "03-03-2026 11-30", "31-12-9999 23-59"),
    *("1772445600", "99999999999", "2026-03-02 18:00:00", "delete", "4477", "json", "xml", "php", "jsonp"),
]

values = st.one_of(st.sampled_from(ODD), st.text(max_size=20))
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=10), st.sampled_from(ODD)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["call", "to", *NAMES]), inner, max_size=3),
    ),
    max_leaves=8,
)


@settings(max_examples=500)
@given(method=st.sampled_from(METHODS), sent=st.dictionaries(st.sampled_from(NAMES), values, max_size=8))
def test_no_parameters_upset_the_vendor(method: str, sent: dict[str, str]) -> None:
    desk = open_desk()

    answer = desk.post(method, **sent)

    assert answer.status == 200
    desk.advance(minutes=1)


@settings(max_examples=300)
@given(method=st.sampled_from(["voice.json", "autodial.import", "autodial.add"]), value=plain)
def test_no_json_upsets_the_vendor(method: str, value: object) -> None:
    desk = open_desk()
    body = {"call": [{"to": ASHA, "play": "1.sound"}], **value} if isinstance(value, dict) else value

    answer = desk.post_json(method, write_compact_json(body), format="json", name="n")

    assert answer.status == 200
    desk.advance(minutes=1)


@settings(max_examples=100)
@given(body=st.binary(max_size=60))
def test_no_bytes_upset_the_vendor(body: bytes) -> None:
    for kind in (
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "",
    ):
        assert open_desk().post_json("voice.json", body, kind, format="xml").status == 200
