from __future__ import annotations

import pytest

from simulator.scenario import expectation_checks
from simulator.scenario.lint import lint
from simulator.scenario.personas import cast_people
from simulator.scenario.schema import Scenario
from simulator.telephony.people import People
from tests.scenario.files import refusal_of, scenario_of

PERSONA = "personas: {p: {attempts: [busy]}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("personas: {p: {attempts: [busy], first: {busy: 100%}}}", "either `attempts` or `first`, not both"),
        ("personas: {p: {}}", "this persona says nothing; say how attempts end"),
        ("personas: {p: {later: {busy: 100%}}}", "`later` without `first`"),
        ("personas: {p: {first: {busy: 99.5%}}}", "the shares add up to 99.5%, not 100%"),
        ("people: [{number: '+447700900310', persona: q}]", "unknown persona 'q'; known: none"),
        (PERSONA + "people: [{persona: p}]", "say who: either `number`, or `numbers` with a `count`"),
        (PERSONA + "people: [{persona: p, numbers: '+447700900***'}]", "`numbers` and `count` go together"),
        (
            PERSONA + "people: [{persona: p, numbers: '+4477009001**', count: 101}]",
            "+4477009001** leaves room for 100 numbers, not 101",
        ),
        ("strangers: q", "unknown persona 'q'; known: none"),
        ("accounts: {a: {vendors: [x], key: k, keys: {x: k}}}", "either one `key` for all vendors"),
        (
            "accounts: {a: {vendors: [callo], profile: {callr: x}}}",
            "'callr' is none of this account's `vendors`",
        ),
        ("accounts: {a: {vendors: [x], keys: {y: k}}}", "'y' is none of this account's `vendors`: x"),
        ("accounts: {a: {vendors: [x, y], campaigns: [{name: n, type: t}]}}", "say the `vendor`"),
        ("timeline: [{at: +1d, do: outage x, for: 1h, until: +2d}]", "either `for` or `until`, not both"),
        (
            "timeline: [{at: +1d, do: balance 0, for: 1h}]",
            "`balance 0` happens at once; only outages and faults last",
        ),
        ("timeline: [{at: +1d, do: balance 0, account: b}]", "unknown account 'b'; known: none"),
        ("seed: 1\nhooks: [{shuffle: 1}]", "one has nobody to change places with"),
        ("hooks: [{within: 1m}]", "this is how long `shuffle` waits; add `shuffle: 2`"),
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
def test_a_contradiction_is_told_at_its_place(text: str, message: str) -> None:
    (finding,) = refusal_of(text)

    assert finding.startswith("mine.yaml:")
    assert f": {message}" in finding


@pytest.mark.parametrize(
    "text",
    [
        "hooks: [{where: '*', twice: 100%}]",
        "hooks: [{where: '*', lose: 0%, late: 5s}]",
        "faults: [{where: '*', do: slow 2s, when: 100%}]",
    ],
)
def test_where_nothing_is_drawn_no_seed_is_needed(text: str) -> None:
    assert scenario_of(text).seed is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "expect: [{calls: {of: calls}}]",
            "nothing is expected here; add one of per_number, outside, count, answered",
        ),
        ("expect: [{client: {where: callo.add_call}}]", "nothing is expected here; add one of honours"),
        ("expect: [{hooks: {}}]", "nothing is expected here; add one of handled_once, slowest"),
        (
            "expect: [{hook: {event: call.finished}}]",
            "nothing is expected here; add one of due, delivered, tries, within",
        ),
        ("expect: [{coverage: {}}]", "nothing is expected here; name a vendor"),
        ("expect: [{calls: {answered: 50%..60%, of: people}}]", "there are no `people`"),
        ('expect: [{call: {to: "+493012345678", outcome: busy}}]', "nobody describes +493012345678"),
        ('expect: [{call: {to: "+493012345678", pressed: "1"}}]', "nobody describes +493012345678"),
        ("limits: [{where: '*', allow: 1 per 1s, from: edge}]", "a sliding one does not read `from`"),
        (
            "personas: {p: {attempts: [busy]}}\npeople:\n"
            '  - {number: "+447700900310", persona: p}\n  - {number: "+447700900310", persona: p}',
            "+447700900310 is entry 1 of `people` already",
        ),
    ],
)
def test_what_says_nothing_or_never_counts_is_refused(text: str, message: str) -> None:
    (finding,) = refusal_of(text)

    assert message in finding


@pytest.mark.parametrize(
    "text",
    [
        'expect: [{call: {to: "+493012345678", outcome: invalid}}]',
        'expect: [{call: {to: "+493012345678", attempts: 0}}]',
        'expect: [{call: {to: "+447700900040", outcome: answered}}]',
        "limits: [{where: '*', allow: 1 per 1s, window: fixed, from: edge}]",
    ],
)
def test_what_can_come_true_is_taken(text: str) -> None:
    assert scenario_of(text).sim == 1


def test_everybody_is_cast_once_however_much_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    casts = []

    def cast(scenario: Scenario) -> People:
        casts.append(scenario)
        return cast_people(scenario)

    monkeypatch.setattr(expectation_checks, "cast_people", cast)
    call = "{call: {to: '+447700900310', outcome: busy}}"
    request = "{request: {where: callo.add_call, with: {phone: '+447700900310'}, count: 1}}"
    entries = ", ".join([call, request] * 3)
    people = "people: [{number: '+447700900310', persona: p}]\n"
    scenario = scenario_of(f"{PERSONA}{people}expect: [{entries}]")
    assert len(casts) == 1

    lint(scenario)
    assert len(casts) == 2
