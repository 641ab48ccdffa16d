from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from simulator.engine.known_names import everything_known
from simulator.errors import BrokenScenario
from simulator.resources import shipped
from simulator.scenario.editor_schema import editor_schema
from simulator.scenario.files import list_scenarios
from simulator.scenario.json_schema import schema_document
from simulator.scenario.loading import load_text
from simulator.telephony.outcomes import Disposition
from simulator.vendor_settings import settings_schema
from simulator.vendors import load_vendor, vendor_names
from tests.growth import grows_in_step, undisturbed
from tests.scenario.files import refusal_of, scenario_of

CAMPAIGN = "accounts: {a: {vendors: [callo], campaigns: [{name: x, type: free_text, text: Good day, %s}]}}"
TIMELINE = "accounts: {a: {vendors: [callo]}}\ntimeline: [{at: +1h, %s}]"
REPLY = "limits: [{where: '*', allow: 1 per 1s, reply: %s}]"


def test_the_schema_is_valid_json_schema_with_an_identity() -> None:
    schema = schema_document()
    Draft202012Validator.check_schema(schema)

    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["$id"]


@cache
def schema_with_vendors() -> dict[str, Any]:
    settings = settings_schema({name: load_vendor(name).settings for name in vendor_names()})
    return editor_schema(*settings, everything_known())


def test_the_schema_file_for_editors_is_up_to_date() -> None:
    written = (shipped("scenarios") / "scenario.schema.json").read_bytes()

    assert json.loads(written) == schema_with_vendors()


@pytest.mark.parametrize("name", list_scenarios())
def test_the_schema_accepts_every_shipped_file(name: str) -> None:
    content = (shipped("scenarios") / f"{name}.yaml").read_bytes()

    Draft202012Validator(schema_with_vendors()).validate(yaml.safe_load(content))


@pytest.mark.parametrize(
    ("profile", "valid"),
    [
        ("{callr: {sms_price: '5.50', absent_credential: 401, numbers: ['+33199001234']}}", True),
        ("{callr: {sms_price: 5.5, absent_credential: '401'}, jaicp: current}", True),
        ("{elsewhere: {any: 1}}", False),
        ("{jaicp: {profile: both}, kaleyra: {sounds: [1], errors: {key_unknown: {code: E1}}}}", True),
        ("{callr: {sms_prize: 5.5}}", False),
        ("{callr: {webhooks: [{type: v2.task.updated}]}}", False),
        ("{kaleyra: {errors: {key_unknown: {cod: E1}}}}", False),
        ("{jaicp: curent}", False),
    ],
)
def test_the_schema_knows_the_vendors_settings(profile: str, valid: bool) -> None:
    scenario = yaml.safe_load(f"{{sim: 1, accounts: {{shop: {{vendors: [callr], profile: {profile}}}}}}}")

    assert Draft202012Validator(schema_with_vendors()).is_valid(scenario) is valid


def words_of(shape: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{name}.{word}", schema)
        for name, entry in shape["$defs"].items()
        for word, schema in entry.get("properties", {}).items()
    ]


def test_every_word_is_described() -> None:
    outcomes = {outcome.value for outcome in Disposition}
    bare = [
        name
        for name, schema in words_of(schema_with_vendors())
        if "description" not in schema and name.partition(".")[2] not in outcomes
    ]

    assert bare == []


def test_what_loading_sets_cannot_be_written() -> None:
    (finding,) = refusal_of("faults: [{where: '*', do: reset, id: mine}]")

    assert finding.startswith("mine.yaml:2:34: unknown word 'id'")


def test_every_default_of_the_schema_is_what_loading_fills_in() -> None:
    scenario = scenario_of("faults: [{where: '*', do: reset}]")
    written = scenario_of(
        "clock: {zone: UTC, mode: virtual}\nfaults: [{where: '*', do: reset, when: always}]\n"
        "imports: {lag: 3s, portion: 1000, every: 1s}"
    )

    assert (scenario.clock, scenario.imports) == (written.clock, written.imports)
    assert scenario.faults[0].when == written.faults[0].when


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clokc: {}", "mine.yaml:2:1: unknown word 'clokc'; did you mean 'clock'?"),
        ("seed: x", "mine.yaml:2:7: this is text, not a whole number"),
        ("title: 5", 'mine.yaml:2:8: 5 is not text; in quotes it is: "5"'),
        ("strangers:", "mine.yaml:2:11: this is nothing, not text"),
        (
            "expect: [{messages: {failed: 9999999999}}]",
            "mine.yaml:2:30: 9999999999 is not a count or a range of",
        ),
        ("admit: anybody", "mine.yaml:2:8: 'anybody' is not a word that fits here; did you mean 'anyone'?"),
        (
            "people: [{number: '+447700900310'}]",
            "mine.yaml:2:10: say how they answer: either by a `persona`, or by",
        ),
        ("accounts: {a: {vendors: []}}", "mine.yaml:2:25: the list is empty; name at least one"),
        ("accounts: {a b: {vendors: [x]}}", "mine.yaml:2:12: 'a b' is not a name; write"),
        ("accounts: {a: {vendors: [x], profile: {x: 5}}}", "mine.yaml:2:43: 5 is not text or a map"),
        ("personas: {p: {first: {anwered: 100%}}}", "mine.yaml:2:24: 'anwered' is not a word that fits here"),
        ("personas: {p: {ring: 8 s}}", "mine.yaml:2:22: '8 s' is not a length of time"),
        ("limits: [{where: '*', allow: 1 per 1s, by: 5}]", "mine.yaml:2:44: 5 is neither text nor a list"),
        (REPLY % "5", "mine.yaml:2:47: 5 is neither `vendor` nor a map"),
        (REPLY % "{stat: 1}", "mine.yaml:2:48: unknown word 'stat'; did you mean 'status'?"),
        (REPLY % "{status: 99}", "mine.yaml:2:56: 99 is less than 200"),
        (REPLY % "{headers: {'X: a': b}}", "mine.yaml:2:58: 'X: a' is not the name of a header"),
        (REPLY % "{headers: {Content-Length: '1'}}", "mine.yaml:2:58: 'Content-Length' is not the name"),
        (REPLY % '{headers: {X: "a\\nb: c"}}', "mine.yaml:2:61: 'a b: c' has letters that cannot stand here"),
        (REPLY % '{headers: {X: "a\\n"}}', "mine.yaml:2:61: 'a ' has letters that cannot stand here"),
        (REPLY % "{status: 204}", "mine.yaml:2:56: 204 cannot stand here"),
        (REPLY % "{body: {json: ''}}", "mine.yaml:2:55: 'json' is not a content type; write"),
        ("clock: {zone: Mars}", "mine.yaml:2:15: 'Mars' is not a time zone"),
        ("run: [sleep]", "mine.yaml:2:7: 'sleep' is not a step, time moves by `advance`; write `advance 3d`"),
        ("personas: {p: {first: {busy: 0.5}}}", "mine.yaml:2:30: '0.5' is not a share, a share ends in %"),
        (
            "personas: {p: {attempts: busy}}",
            "mine.yaml:2:26: this is text, not a list; a list of one is [busy]",
        ),
        ("run: advance 3d", "mine.yaml:2:6: this is text, not a list; a list of one is [advance 3d]"),
        (
            "faults: {where: '*'}",
            "mine.yaml:2:9: this is a map, not a list; each entry of a list begins with",
        ),
        (
            "accounts: [{name: a}]",
            "mine.yaml:2:11: this is a list, not a map; as in `accounts: {clinic: {vendors: [callo], ",
        ),
        (
            "personas: {p: {attempts: [NO_ANSWER]}}",
            "mine.yaml:2:27: 'NO_ANSWER' is not a word that fits here; did you mean 'no_answer'?",
        ),
        (
            "personas: {p: {attempts: [completed]}}",
            "mine.yaml:2:27: 'completed' is not a word that fits here; known here: answered",
        ),
        ('seed: "7"', "mine.yaml:2:7: this is text, not a whole number; leave the quotes out: 7"),
        (
            "accounts: {a: {vendors: [x], balance: 5 GBP}}",
            "mine.yaml:2:39: this is text, not a number; write digits",
        ),
        (
            "accounts: {a: {vendors: [x], credit: no}}",
            "mine.yaml:2:38: this is text, not true or false; write false",
        ),
        ("accounts: {a: {vendors: [x, x]}}", "mine.yaml:2:29: x is named already; say it once"),
        (
            "extends: hapy",
            "mine.yaml:2:10: no scenario 'hapy' beside this file or among those that ship; did you "
            "mean 'happy'?",
        ),
        (
            "accounts: {a: {vendors: [callo], campaigns: [{name: A, type: b, retry: 3}]}}",
            "mine.yaml:2:72: this is a whole number, not a map; as in `retry: {attempts: 5, after: 4h}`",
        ),
        (
            "expect: [{client: {honours: [retry_after]}}]",
            "mine.yaml:2:29: this is a list, not a word; as in `honours: retry_after`",
        ),
        (
            "accounts: {a: {vendors: [callo], campaigns: [{name: A, type: b, hours: {from: '09:00'}}]}}",
            "mine.yaml:2:72: this is a map, neither text nor a list; as in `hours: [",
        ),
        (
            "clock: 2026-03-02T10:00",
            "mine.yaml:2:8: this is text, not a map; as in `clock: {at: 2026-03-02T10",
        ),
        (
            "people:",
            "mine.yaml:2:8: this is nothing, not a list; write something below it, or leave the word out",
        ),
        ("expect: [{call: {outcome: busy}}]", "mine.yaml:2:17: missing here: 'to'; as in `to: "),
        ("accounts: {a: {vendors: [callo], balance: 1,000.00}}", "mine.yaml:2:45: a comma ends a value here"),
        ("accounts: {a: {vendors: [callo], price: 0,20}}", "mine.yaml:2:43: a comma ends a value here"),
        (
            "title: @home",
            "mine.yaml:2:8: not YAML: while scanning for the next token found character that "
            "cannot start any token; text that holds or begins with such a sign goes in quotes",
        ),
        (
            'title: "home',
            "mine.yaml:2:8: not YAML: while scanning a quoted scalar found unexpected end of "
            "stream; this quote is never closed",
        ),
        (
            'people: [{number: "+447700900310" attempts: [busy]}]',
            "mine.yaml:2:35: not YAML: while parsing a "
            "flow mapping did not find expected ',' or '}'; a comma is missing before this",
        ),
        ("people: [{number: x,\nseed: 1", "mine.yaml:2:10: not YAML: while parsing a flow mapping"),
        ("clock: {zone:\u00a0UTC}", "mine.yaml:2:9: a blank that is none to YAML, U+00A0; type a plain one"),
        (
            "people:\n\u00a0 - {number: x, attempts: [busy]}",
            "mine.yaml:3:1: a blank that is none to YAML, U+00A0; type a plain one",
        ),
        (
            "personas: {p: {attempts: [unanswered]}}",
            "mine.yaml:2:27: 'unanswered' is not a word that fits here; did you mean 'no_answer'?",
        ),
        (
            "expect: [{calls: {unanswered: 3}}]",
            "mine.yaml:2:19: unknown word 'unanswered'; did you mean 'no_a",
        ),
        (
            "people: [{number: '+447700900310', texts: [undelivered]}]",
            "mine.yaml:2:44: 'undelivered' is not a word that fits here; did you mean 'failed'?",
        ),
        ("hooks: [{duplicate: 10%}]", "mine.yaml:2:10: unknown word 'duplicate'; did you mean 'twice'?"),
        ("seed: x\nhooks: [{twice: 10%}]", "mine.yaml:2:7: this is text, not a whole number"),
        ("timeline: [{at: +1h, do: top_up 1.00, every: 1h, times: -1}]", "mine.yaml:2:57: -1 is less than 1"),
        ("accounts:\n\ta: {vendors: [x]}", "mine.yaml:3:1: a tab; YAML indents with blanks only"),
        (
            "faults:\n  - where: '*'\n  do: reset",
            "mine.yaml:4:3: not YAML: while parsing a block collection did not "
            "find expected '-' indicator; is this line indented as those around it?",
        ),
        (
            "accounts: {a: {vendors: [x]}}\ntimeline: [{at: +1h, do: outage x, account: a}]",
            "mine.yaml:3:36: `outage x` asks for no account",
        ),
        (
            "accounts: {a: {vendors: [x]}}\ntimeline: [{at: +1h, do: reset, where: x.*, account: a}]",
            "mine.yaml:3:45: `reset` asks for no account",
        ),
        (CAMPAIGN % "hours: []", "mine.yaml:2:96: the list is empty; name at least one"),
        (
            TIMELINE % "do: top_up 1.00, every: 1s, times: 20000",
            "mine.yaml:3:46: this is 20,000 times; nothing",
        ),
        (
            TIMELINE % "do: top_up 1.00, every: 1s, until: +1d1h",
            "mine.yaml:3:46: this is 86,400 times; nothing",
        ),
        (
            TIMELINE % "do: top_up 1.00, every: 9999d, times: 999",
            "mine.yaml:3:46: the last time would be more",
        ),
        (
            "faults: [{where: *, do: reset}]",
            "mine.yaml:2:19: not YAML: while scanning an alias did not find "
            'expected alphabetic or numeric character; a value that starts with * goes in quotes: "*"',
        ),
        (
            "title: A: B",
            "mine.yaml:2:9: not YAML: mapping values are not allowed in this context; text that holds",
        ),
    ],
)
def test_a_wrong_word_is_told_with_its_place_and_remedy(text: str, message: str) -> None:
    (finding,) = refusal_of(text)

    assert finding.startswith(message)


def test_nobody_is_told_to_leave_the_quotes_of_a_fraction_out_where_a_whole_number_stands() -> None:
    assert refusal_of('seed: "7.5"') == ["mine.yaml:2:7: this is text, not a whole number; as in `seed: 7`"]


def test_a_version_in_quotes_is_told_how_to_write() -> None:
    with pytest.raises(BrokenScenario) as caught:
        load_text(b'sim: "1"', "mine.yaml")

    assert caught.value.findings[0].startswith(
        "mine.yaml:1:6: this is text, not a number; leave the quotes out: 1"
    )


@pytest.mark.parametrize(
    "text",
    [
        "seed: 7.0",
        "imports: {portion: 1e3}",
        "people: [{numbers: '+44770090****', count: 5e2, attempts: [busy]}]",
        "expect: [{calls: {answered: 3.0}}]",
        "limits: [{where: '*', allow: 1 per 1s, reply: {status: 503.0}}]",
    ],
)
def test_a_whole_number_may_be_written_with_a_point(text: str) -> None:
    assert scenario_of(text)


def test_what_ends_surely_needs_no_seed() -> None:
    assert scenario_of("personas: {p: {first: {answered: 100%, busy: 0%}}, q: {attempts: [{busy: 100%}]}}")


@pytest.mark.parametrize(("extends", "fits"), [("extends: happy", True), ("title: Alone", False)])
def test_an_editor_asks_for_vendors_only_where_no_parent_may_name_them(extends: str, fits: bool) -> None:
    schema = json.loads((shipped("scenarios") / "scenario.schema.json").read_text("utf-8"))
    written = yaml.safe_load(f"sim: 1\n{extends}\naccounts: {{clinic: {{balance: 5}}}}")

    assert Draft202012Validator(schema).is_valid(written) is fits


def test_a_version_may_be_written_with_a_point() -> None:
    assert load_text(b"sim: 1.0\nseed: 7.0", "mine.yaml").seed == 7


def test_every_finding_carries_a_caret() -> None:
    with pytest.raises(BrokenScenario) as caught:
        scenario_of("clokc: {}\nseed: x\nrun: [sleep]")

    assert len(caught.value.findings) == 3
    assert all(finding.splitlines()[2].strip() == "^" for finding in caught.value.findings)


def test_a_file_full_of_unknown_words_is_refused_in_step_with_its_length() -> None:
    def refuse(words: int) -> list[str]:
        return refusal_of("".join(f"word{n}: 1\n" for n in range(words)))

    with undisturbed():
        assert grows_in_step(refuse, 2_000)
    assert refuse(1_000)[-1] == "and more of the same"


def test_another_version_is_refused() -> None:
    with pytest.raises(
        BrokenScenario, match=r"mine\.yaml:1:6: '2' is not a word that fits here; known here: 1"
    ):
        load_text(b"sim: 2\n", "mine.yaml")
