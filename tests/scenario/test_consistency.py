from __future__ import annotations

import pytest

from tests.scenario.files import refusal_of

PERSONA = "personas: {p: {attempts: [busy]}}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("personas: {p: {attempts: [busy], first: {busy: 100%}}}", "either `attempts` or `first`, not both"),
        ("personas: {p: {later: {busy: 100%}}}", "`later` without `first`"),
        ("personas: {p: {first: {busy: 99.5%}}}", "the shares add up to 99.5%, not 100%"),
        ("people: [{number: '+447700900101', persona: q}]", "unknown persona 'q'; known: none"),
        (PERSONA + "people: [{persona: p}]", "say who: either `number`, or `numbers` with a `count`"),
        (PERSONA + "people: [{persona: p, numbers: '+447700900***'}]", "`numbers` and `count` go together"),
        (
            PERSONA + "people: [{persona: p, numbers: '+4477009001**', count: 101}]",
            "+4477009001** leaves room for 100 numbers, not 101",
        ),
        ("strangers: q", "unknown persona 'q'; known: none"),
        ("accounts: {a: {vendors: [x], key: k, keys: {x: k}}}", "either one `key` for all vendors"),
        ("accounts: {a: {vendors: [x], keys: {y: k}}}", "unknown vendor of this account 'y'; known: x"),
        ("accounts: {a: {vendors: [x, y], campaigns: [{name: n, type: t}]}}", "say the `vendor`"),
        ("timeline: [{at: +1d, do: outage x, for: 1h, until: +2d}]", "either `for` or `until`, not both"),
        (
            "timeline: [{at: +1d, do: balance 0, for: 1h}]",
            "`balance 0` happens at once; only an outage lasts",
        ),
        ("timeline: [{at: +1d, do: balance 0, account: b}]", "unknown account 'b'; known: none"),
        ("seed: 1\nhooks: [{share: 30%}]", "this is the share that is signed wrongly; say `sign: wrong`"),
        ("expect: [{}]", "one subject an entry, not 0: nothing"),
        (
            "expect: [{contract: {}, real_time: at most 5s}]",
            "one subject an entry, not 2: contract, real_time",
        ),
        ("faults: [{where: '*', do: reset, when: 3%}]", "this is drawn, so the scenario needs a `seed`"),
        ("personas: {p: {ring: 8s..9s}}", "this is drawn, so the scenario needs a `seed`"),
    ],
)
def test_a_contradiction_is_told_at_its_place(text: str, told: str) -> None:
    (finding,) = refusal_of(text)

    assert finding.startswith("mine.yaml:")
    assert f": {told}" in finding
