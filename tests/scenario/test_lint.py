from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.scenario.files import list_scenarios
from simulator.scenario.lint import lint
from simulator.scenario.loading import load_scenario
from simulator.scenario.values import ExpireKey

CROWD = """
seed: 1
accounts: {shop: {vendors: [callo]}}
personas:
  adult:
    first: {answered: 30%, busy: 70%}
    second: {answered: 45%, busy: 55%}
    later: {answered: 25%, busy: 75%}
people: [{numbers: "+447700900***", count: 500, persona: adult}]
"""


CAMPAIGN = "accounts: {a: {vendors: [callo], campaigns: [{name: x, type: free_text, %s}]}}"
FAULTS = "faults: [{where: %s}, {where: %s}]"
ALIKE = "personas: {a: {attempts: [busy]}}\n"
RUN = (
    "accounts: {s: {vendors: [callo]}}\npeople: [{numbers: '+447700900***', count: 900, persona: a},"
    " {numbers: '+4477009001"
)
CALL = (
    ALIKE + "people: [{number: '+447700900310', persona: a}]\nexpect: [{call: {to: '+447700900310', %s}}]\n"
)


def warnings_about(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "mine.yaml"
    path.write_text(f"sim: 1\n{text}\n")
    return [finding.splitlines()[0] for finding in lint(load_scenario(path))]


@pytest.mark.parametrize("name", list_scenarios())
def test_shipped_scenarios_give_no_warning(name: str) -> None:
    assert lint(load_scenario(name)) == []


def test_a_band_that_the_shares_cannot_hold_is_warned_of_with_the_sum(tmp_path: Path) -> None:
    bands = "expect: [{calls: {per_number: at most 5}}, {calls: {answered: 88%..99%}}]"
    (warning,) = warnings_about(tmp_path, CROWD + bands)

    assert warning.endswith("88%..99% cannot hold: 5 attempts give 83.8% ± 4.9% (three sigma)")


def test_a_band_that_holds_gives_no_warning(tmp_path: Path) -> None:
    bands = "expect: [{calls: {per_number: at most 5}}, {calls: {answered: 78%..89%}}]"

    assert warnings_about(tmp_path, CROWD + bands) == []


TEXT = (
    "people: [{number: '+33639980001', persona: a}]\npersonas: {a: {%s}}\n"
    "expect: [{message: {to: '+33639980001', %s}}]"
)
HOOKS = "hooks: [{where: '*', %s}]\nexpect: [{hook: {event: call.finished, %s}}]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: ${NAME}", "mine.yaml:2:8: nothing is put in for ${NAME}: it stands here as it is"),
        ('title: "{{ name }}"', "nothing is put in for {{ name }}"),
        ("personas: {p: {attempts: [busy]}}", "nobody is 'p'"),
        ("admit: anyone", "without `strangers` every number not described is invalid"),
        ("faults: [{where: '*', do: reset, when: from +1h for 0s}]", "`from +1h for 0s` never opens"),
        ("timeline: [{at: +1d, do: outage calo, for: 0s}]", "this is over at once"),
        ("expect: [{calls: {outside: {hours: '09:00-09:00'}}}]", "closes when it opens"),
        (CAMPAIGN % "customer_time: true", "it dials at any hour, so whose time it is changes nothing"),
        (
            CAMPAIGN % "expires: 1h, retry: {attempts: 3, after: 4h}",
            "a call is over before its second attempt",
        ),
        ("clock: {at: 2026-03-02T10:00, mode: real}", "a real clock has the host's time"),
        ("clock: {mode: real, pause: 300ms}", "only an idle clock steps in pauses: add `mode: idle`"),
        ("faults: [{where: '*', do: slow 0s}]", "`slow 0s` changes nothing"),
        ("faults: [{where: '*', do: cut 0%}]", "`cut 0%` changes nothing"),
        ("hooks: [{lose: 100%, twice: 100%}]", "all are lost, so nothing else happens to them"),
        ("title: 12:34", "YAML 1.1 tools read 12:34 otherwise"),
        (FAULTS % ("callo.*, do: reset", "callo.add_call, do: garble"), "never applies: the rule on line 2"),
        (
            FAULTS % ("'*', when: requests 1..9, do: reset", "callo.*, when: request 4, do: garble"),
            "never app",
        ),
        (
            FAULTS % ("'*', when: from +1m for 9m, do: reset", "callo.*, when: from +2m for 8m, do: garble"),
            "never applies",
        ),
        (
            "hooks: [{where: '*', twice: 100%}, {where: callo.*, late: 2s}]",
            "never applies: the rule on line 2",
        ),
        (
            "limits: [{where: callo.*, allow: 5 per 1s}, {where: callo.*, allow: 9 per 1s}]",
            "never refuses: the limit on line 2 always refuses before",
        ),
        (
            ALIKE + RUN + "**', count: 100, persona: a}]",
            "nobody is left here: line 4 has all these numbers first",
        ),
        (
            "people: [{number: '+447700900310', persona: a}]\n" + ALIKE,
            "nobody calls them: there are no `accounts`",
        ),
        (
            "accounts: {a: {vendors: [callo], stop_list: ['+447700900310']}}\n"
            "people: [{number: '+447700900310', persona: a}]\n" + ALIKE,
            "they are on the stop list of all accounts",
        ),
        (
            "accounts: {a: {vendors: [callo]}}\nlimits: [{where: jaicp.*, allow: 5 per 1s}]",
            "no account is at jaicp",
        ),
        (
            "accounts: {a: {vendors: [callo]}}\ntimeline: [{at: +1d, do: outage jaicp}]",
            "no account is at jaicp",
        ),
        (
            "clock: {at: 2026-03-02T10:00}\ntimeline: [{at: 2026-03-02T09:00, do: pause campaigns}]",
            "before the world begins",
        ),
        ("expect: [{calls: {answered: at least 60%, busy: at least 50%}}]", "add up to 110%, more than all"),
        (CALL % "outcome: answered", "cannot hold: calls to 'a' end as busy, cancelled"),
        (CALL % 'pressed: "1"', "cannot hold: 'a' never answers"),
        (CALL.replace("busy", "answered") % 'pressed: "1"', "cannot hold: 'a' presses nothing"),
        (
            "accounts: {a: {vendors: [callo], campaigns: [{name: b, type: c, retry: {attempts: 2}}]}}\n"
            + CALL % "attempts: at least 3",
            "cannot hold: no campaign tries more than 2 times",
        ),
        ("accounts: {a: {vendors: [callo]}}\nexpect: [{coverage: {callr: 90%}}]", "no account is at callr"),
        (
            "accounts: {a: {vendors: [callo]}}\nexpect: [{request: {where: callr.send_sms, count: 1}}]",
            "no account is at callr, so nothing that is asked there counts",
        ),
        (TEXT % ("texts: [expired]", "state: delivered"), "cannot hold: messages to 'a' end as expired"),
        (TEXT % ("attempts: [invalid]", "state: delivered"), "cannot hold: messages to 'a' end as failed"),
        ("expect: [{messages: {count: at most 2, delivered: 2, failed: 1}}]", "add up to 3, more than all 2"),
        ("expect: [{calls: {count: 4, answered: 3, busy: 2}}]", "add up to 5, more than all 4"),
        (HOOKS % ("lose: 100%", "delivered: 1"), "cannot hold: the rule on line 2 loses all callbacks"),
        (HOOKS % ("retry: [1s, 2s]", "tries: 4"), "by the rule on line 2 each is tried 3 times at most"),
        ("timeline: [{at: +1h, do: renew_key}]", "no key has expired that could be renewed"),
        ("hooks: [{when: from +1h for 0s, twice: 100%}]", "this is over at once"),
        ("timeline: [{at: +1h, do: outage callo, until: +30m}]", "this is over before it begins"),
        (
            "timeline: [{at: 2026-03-02T10:00, do: outage callo, until: 2026-03-02T09:00}]",
            "this is over before it begins",
        ),
        (
            "clock: {at: 2026-03-02T10:00}\ntimeline: [{at: +1h, do: outage callo, until: 2026-03-02T10:30}]",
            "this is over before it begins",
        ),
        (
            "clock: {at: 2026-03-29T01:30, zone: Europe/London}",
            "clocks go forward over it in Europe/London, so it is 02:30",
        ),
        (
            "clock: {zone: Europe/London}\ntimeline: [{at: 2026-03-29T01:30, do: outage callo, for: 1h}]",
            "there is no such time",
        ),
        (
            "accounts: {a: {vendors: [callo], campaigns: [{name: b, type: free_text, "
            "hours: ['mon 09:00-20:00', 'sat 10:00-10:00']}]}}",
            "sat 10:00-10:00 closes when it opens",
        ),
    ],
)
def test_what_is_hardly_meant_is_warned_of(text: str, message: str, tmp_path: Path) -> None:
    assert any(message in warning for warning in warnings_about(tmp_path, text))


def test_strict_fails_on_what_is_hardly_meant(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("sim: 1\npersonas: {p: {attempts: [busy]}}\n")

    assert CliRunner().invoke(main, ["scenarios", "lint", str(file)]).exit_code == 0
    assert CliRunner().invoke(main, ["scenarios", "lint", "--strict", str(file)]).exit_code == 1


BROKEN = """\
sim: 1
titel: Misspelt in many places
seed: 1
accounts:
  shop: {vendors: [calo], stop_list: [+447700900310], price: 1}
people:
  - {number: "+447700900311", persona: bussy}
  - {number: "+447700900312", persona: shy}
personas:
  busy: {atempts: [bussy, answerd]}
  shy: {texts: [deliverd]}
faults:
  - {where: callo.add_cal, when: request 1, do: refuse phone_mising}
  - {where: callo.add_call, do: repyl, reply: {statos: 200}}
timeline:
  - {at: +1h, do: expire_kye}
run: [untl idle]
expect:
  - {request: {where: callo.add_call, with: {phoen: "+447700900311"}, cuont: 1}}
"""


def test_what_is_mechanical_is_mended_in_place(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(BROKEN)
    outcome = CliRunner().invoke(main, ["scenarios", "lint", "--fix", "--strict", str(file)])

    assert outcome.output == "1 of 1 can be used\n"
    assert file.read_text() == (
        BROKEN.replace("titel", "title")
        .replace("[calo]", "[callo]")
        .replace("[+447700900310]", '["+447700900310"]')
        .replace("bussy", "busy")
        .replace("atempts", "attempts")
        .replace("answerd", "answered")
        .replace("add_cal,", "add_call,")
        .replace("mising", "missing")
        .replace("deliverd", "delivered")
        .replace("repyl", "reply")
        .replace("statos", "status")
        .replace("expire_kye", "expire_key")
        .replace("untl", "until")
        .replace("phoen", "phone")
        .replace("cuont", "count")
    )


def test_a_file_keeps_its_line_breaks_and_its_mark_when_it_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = "\ufeffsim: 1\r\n# a\u2028# comment\r\nextends: happy\r\nrun: [untl idle]\r\n"
    file.write_bytes(text.encode())
    CliRunner().invoke(main, ["scenarios", "lint", "--fix", str(file)])

    assert file.read_bytes().decode() == text.replace("untl", "until")


def test_what_is_not_mechanical_is_left_to_people(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    words = "clock: {at: 10:00, zone: GMT+1}\nxyz: 1\npersonas: {p: {attempts: [completed]}}\n"
    file.write_text(text := f"sim: 1\n{words}")
    CliRunner().invoke(main, ["scenarios", "lint", "--fix", str(file)])

    assert file.read_text() == text


def test_what_many_events_are_warned_of_takes_no_time_by_their_square(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def key(expired: bool) -> ExpireKey:
        looks.append(expired)
        return ExpireKey(expired)

    monkeypatch.setattr("simulator.scenario.lint.ExpireKey", key)
    events = ", ".join(f"{{at: +{hour}h, do: renew_key}}" for hour in range(1, 31))
    warnings = warnings_about(tmp_path, f"accounts: {{shop: {{vendors: [callo]}}}}\ntimeline: [{events}]")

    assert sum("no key has expired" in warning for warning in warnings) == 30
    assert len(looks) <= 2 * 30
