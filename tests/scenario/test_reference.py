"""The reference: whole, up to date, and each of its examples is a scenario that can be used."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from simulator.cli import main
from simulator.cli.words import reference
from simulator.engine.known_names import everything_known
from simulator.resources import shipped
from simulator.scenario.building import world_remarks
from simulator.scenario.explaining import explain
from simulator.scenario.files import list_scenarios
from simulator.scenario.json_schema import plain_schema
from simulator.scenario.lint import lint
from simulator.scenario.loading import load_scenario, load_text
from simulator.scenario.reference import Page, pages
from simulator.scenario.words import PHRASES
from simulator.telephony.outcomes import Disposition
from simulator.testing.given import load_given
from tests.scenario.files import scenario_of

KNOWN = everything_known()
VENDORS = {name: KNOWN.operator(name) for name in KNOWN.present}


@pytest.mark.parametrize("page", pages(), ids=[page.place for page in pages()])
def test_every_example_is_loaded(page: Page) -> None:
    for word in page.words:
        load_text(
            word.scenario.encode(),
            f"{word.name}.yaml",
            lambda scenario: world_remarks(scenario, VENDORS, KNOWN),
        )
        assert word.example in word.scenario


def test_every_word_of_the_schema_has_its_place() -> None:
    shapes = plain_schema()["$defs"].values()

    assert sum(len(page.words) for page in pages()) == sum(
        len(shape.get("properties", ())) for shape in shapes
    )


def test_every_form_of_a_phrase_can_be_read() -> None:
    for phrase in PHRASES.values():
        for form in phrase.forms:
            phrase.read(form)


def test_every_outcome_has_a_meaning() -> None:
    assert all(outcome.meaning for outcome in Disposition)


def test_the_written_reference_is_up_to_date() -> None:
    assert (shipped("scenarios") / "README.md").read_text("utf-8") == reference()


def test_every_setting_operation_and_event_of_a_vendor_is_named() -> None:
    whole = reference()
    for name, vendor in VENDORS.items():
        for setting in vendor.settings.__struct_fields__:  # type: ignore[attr-defined]
            assert f"- **{setting}** (" in whole
        for operation in KNOWN.interface(name).operations:
            assert f"- **{operation}** (" in whole
    assert all(f"- `{event}`: " in whole for event in KNOWN.events)


@pytest.mark.parametrize(
    ("topic", "shown"),
    [
        ("faults", "`do: slow 2s..8s`"),
        ("retry", "How often a call is tried."),
        ("hmacSecret", "At callr: **webhooks[].options.hmacSecret** (documented): The secret"),
        ("callr", "**webhooks[].options.hmacSecret** (documented)"),
        ("outcomes", "**congestion**: The network had no line free; a message expires."),
        ("numbers", "always busy"),
        ("events", "`call.finished`: callo"),
        ("double_dials", "In expect.client:"),
        ("retri", "did you mean 'retry'?"),
    ],
)
def test_a_topic_is_shown_or_guessed(topic: str, shown: str) -> None:
    assert shown in CliRunner().invoke(main, ["words", topic]).output


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_scenario_to_begin_with_has_no_mistake_and_no_warning(vendor: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    outcome = CliRunner().invoke(main, ["scenarios", "init", str(file), "--vendor", vendor])
    scenario = load_scenario(file, lambda one: world_remarks(one, VENDORS, KNOWN))

    assert outcome.exit_code == 0
    assert lint(scenario) == []
    assert (tmp_path / "scenario.schema.json").read_text() == (
        shipped("scenarios") / "scenario.schema.json"
    ).read_text()
    assert "is there already" in CliRunner().invoke(main, ["scenarios", "init", str(file)]).output


@pytest.mark.parametrize("name", ["flaky", "campaign", "callr/support_line"])
def test_a_scenario_is_shown_with_all_that_it_extends(name: str) -> None:
    shown = CliRunner().invoke(main, ["scenarios", "show", name, "--resolved"]).output
    again, scenario = load_text(shown.encode(), "resolved.yaml"), load_scenario(name)

    assert (again.accounts, again.people, again.personas) == (
        scenario.accounts,
        scenario.people,
        scenario.personas,
    )
    assert [rule.do for rule in again.faults] == [rule.do for rule in scenario.faults]
    assert "extends" not in shown


@pytest.mark.parametrize("name", list_scenarios())
def test_each_number_and_rule_of_a_scenario_is_explained(name: str) -> None:
    scenario = load_scenario(name)
    text = "\n".join(explain(scenario))

    assert all(
        (person.persona or ("end as" if person.texts else "ends as")) in text for person in scenario.people
    )
    places = [rule.where for rules in (scenario.limits, scenario.faults, scenario.hooks) for rule in rules]
    assert all(str(where) in text for where in places)
    assert text.count("Then ") == len(scenario.expect)


def test_what_happens_to_a_number_is_told_in_a_sentence() -> None:
    text = "\n".join(
        explain(
            scenario_of(
                """
                seed: 1
                accounts: {shop: {vendors: [callo], balance: 5}}
                people: [{number: "+447700900310", persona: shy}]
                personas:
                  shy: {attempts: [busy, answered], ring: 3s, talk: 10s..1m30s, press: "1"}
                """
            )
        )
    )

    assert "'shop' has an account at callo with 5.00." in text
    assert (
        "+447700900310 (shy): the first attempt ends as busy; the rest ends as answered; "
        "it rings 3s, they talk 10s to 1m30s; they press 1." in text
    )
    assert "Every other number is invalid" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "accounts: {a: {vendors: [callo], price: 0.25, credit: false}}",
            "Besides: price 0.25, credit false.",
        ),
        (
            "accounts: {a: {vendors: [callo], campaigns: [{name: N, type: free_text, text: Hello you.}]}}",
            "Its campaign 'N' (free_text) has text 'Hello you.'.",
        ),
        (
            "accounts: {a: {vendors: [callo], campaigns: [{name: N, type: free_text, menu: {keys: {'1': "
            "{label: ok}}}}]}}",
            "has menu keys 1 label ok.",
        ),
        ("limits: [{where: callo.*, allow: 1 per 1s, window: fixed}]", "1 per 1s are let in, window fixed."),
        ("faults: [{where: callo.*, do: reply, reply: {status: 200}}]", "always: reply, reply status 200."),
        ("imports: {lag: 9s}", "Bulk imports: lag 9s."),
        ("expect_refusals: [limit_exceeded]", "These refusals are part of it: limit_exceeded."),
        (
            "seed: 1\nstrangers: p\npersonas: {p: {attempts: [{busy: 0.5%, answered: 99.5%}]}}",
            "ends as busy (0.5%), answered (99.5%)",
        ),
        ("strangers: p\npersonas: {p: {attempts: [answered], calls_in: never}}", "Besides: calls in never."),
        ("clock: {zone: Asia/Tokyo}", "The world begins on 2026-03-02 at 10:00, UTC;"),
    ],
)
def test_no_word_of_a_scenario_is_left_out_of_its_explanation(words: str, sentence: str) -> None:
    assert sentence in "\n".join(explain(scenario_of(words)))


@pytest.mark.parametrize(
    ("answered", "share"),
    [("85%", "more than 99%"), ("50%", "88%"), ("0.1%", "fewer than 1%"), ("100%", None), ("0%", None)],
)
def test_nearly_all_are_not_said_to_be_all(answered: str, share: str | None) -> None:
    rest = 100 - float(answered[:-1])
    persona = f"{{attempts: [{{answered: {answered}, busy: {rest:g}%}}]}}"
    text = "\n".join(explain(scenario_of(f"seed: 1\nstrangers: odd\npersonas: {{odd: {persona}}}")))

    assert (f"{share} of them answer within 3 attempts" in text) if share else ("of them" not in text)


@pytest.mark.parametrize("page", pages(), ids=[page.place for page in pages()])
def test_every_example_can_be_said_as_a_map_in_python(page: Page) -> None:
    for word in page.words:
        words = yaml.safe_load(word.scenario)

        assert load_given(words).document.value.keys() >= words.keys() - {"extends"}
