"""Several parents, attempts with shares of their own, people without a persona, events that come again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from simulator import Simulator
from simulator.errors import BrokenScenario
from simulator.faults import Period
from simulator.scenario.building import fault_rules
from simulator.scenario.lint import lint
from simulator.scenario.loading import load_scenario
from simulator.scenario.personas import cast_people
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164
from tests.scenario.files import refusal_of, scenario_of

SHOP = "accounts: {shop: {vendors: [callo], balance: 1}}\n"
NUMBER = "+447700900310"


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(f"sim: 1\n{text}")
    return folder


# -- several parents ------------------------------------------------------------------------------------


def test_of_several_parents_the_last_lies_on_top_and_the_child_on_all(tmp_path: Path) -> None:
    people = "seed: 1\ntitle: a\nstrangers: p\npersonas: {p: {attempts: [busy]}}"
    limits = "seed: 2\ntitle: b\nlimits: [{where: callo.*, allow: 5 per 1s}]"
    written(tmp_path, people=people, limits=limits, mine="extends: [people, limits]\ntitle: c")
    scenario = load_scenario(tmp_path / "mine.yaml")

    assert (scenario.seed, scenario.title, scenario.strangers) == (2, "c", "p")
    assert [rule.id for rule in scenario.limits] == [f"{tmp_path.as_posix()}/limits.yaml:4"]


def test_each_parent_that_is_not_there_or_broken_is_told_where_it_is_named(tmp_path: Path) -> None:
    written(
        tmp_path, wrong="titel: a", mine="extends:\n  - happy\n  - nobody", other="extends: [happy, wrong]"
    )
    with pytest.raises(BrokenScenario, match=r"mine\.yaml:4:5: no scenario 'nobody' beside this file"):
        load_scenario(tmp_path / "mine.yaml")
    with pytest.raises(
        BrokenScenario, match=r"(?s)unknown word 'titel'.*other\.yaml:2:18: extended from here"
    ):
        load_scenario(tmp_path / "other.yaml")


def test_parents_may_share_a_parent_and_may_not_lead_back(tmp_path: Path) -> None:
    written(
        tmp_path,
        top="seed: 5",
        left="extends: top",
        right="extends: [top, mine]",
        mine="extends: [left, top]",
    )
    assert load_scenario(tmp_path / "mine.yaml").seed == 5
    with pytest.raises(BrokenScenario, match="right"):
        load_scenario(written(tmp_path, mine="extends: [left, right]") / "mine.yaml")


# -- attempts and people --------------------------------------------------------------------------------


def test_each_attempt_may_have_shares_of_its_own() -> None:
    text = "seed: 1\nstrangers: p\npersonas: {p: {attempts: [busy, {answered: 25%, busy: 75%}, answered]}}"
    attempts = cast_people(scenario_of(text)).strangers.attempts

    assert attempts == (
        Disposition.BUSY,
        {Disposition.ANSWERED: 0.25, Disposition.BUSY: 0.75},
        Disposition.ANSWERED,
    )


def test_somebody_may_answer_without_a_persona() -> None:
    text = f"seed: 1\npeople: [{{number: '{NUMBER}', attempts: [busy, {{answered: 50%, rejected: 50%}}]}}]"
    person = cast_people(scenario_of(SHOP + text)).find(E164(NUMBER))

    assert person.persona.name == NUMBER
    assert person.persona.attempts[0] == Disposition.BUSY
    assert lint(scenario_of(SHOP + text)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("personas: {p: {attempts: [{answered: 50%}]}}", "2:27: the shares add up to 50%, not 100%"),
        (
            "personas: {p: {attempts: [{answered: 50%, busy: 50%}]}}",
            "this is drawn, so the scenario needs a `seed`",
        ),
        (
            "people: [{number: '+447700900310'}]",
            "say how they answer: either by a `persona`, or by `attempts`",
        ),
        (
            "personas: {p: {attempts: [busy]}}\n"
            "people: [{number: '+447700900310', persona: p, attempts: [busy]}]",
            "say how they answer",
        ),
        (
            "people: [{number: '+447700900310', attempts: [{answered: 1%}]}]",
            "the shares add up to 1%, not 100%",
        ),
        ("people: [{number: '+447700900310', attempts: [bussy]}]", "2:47: 'bussy' is not a word that fits"),
        ("personas: {p: {attempts: [{answerd: 100%}]}}", "2:28: 'answerd' is not a word that fits here; did"),
        ("personas: {p: {attempts: [7]}}", "7 is neither an outcome nor a map"),
        (
            "timeline: [{at: +1h, do: top_up 5.00, every: 1h}]",
            "say for how long: add `until`, or how many `times`",
        ),
        ("timeline: [{at: +1h, do: top_up 5.00, times: 3}]", "say how often: add `every`"),
        ("timeline: [{at: +1h, do: top_up 5.00, every: 0s, times: 3}]", "it would never be over"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, message: str) -> None:
    assert any(message in finding for finding in refusal_of(text))


# -- events that come again -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "balances"),
    [
        ("every: 1h, times: 3", ["1.00", "6.00", "11.00", "16.00", "16.00"]),
        ("every: 2h, until: +4h", ["1.00", "6.00", "6.00", "11.00", "11.00"]),
    ],
)
def test_an_event_comes_again(words: str, balances: list[str]) -> None:
    text = SHOP + f"timeline: [{{at: +1h, do: top_up 5.00, {words}}}]"
    world = Simulator(vendors=("callo",)).worlds.open("main", scenario_of(text)).world
    (account,) = world.accounts.values()
    amounts = []
    for hour in range(5):
        world.advance_to(world.clock.start + timedelta(hours=hour, minutes=30))
        amounts.append(account.balance)

    assert amounts == [Decimal(balance) for balance in balances]


def test_an_outage_comes_again_for_as_long_each_time() -> None:
    scenario = scenario_of("timeline: [{at: +1h, do: outage callo, for: 5m, every: 1d, times: 3}]")
    hour, five = timedelta(hours=1), timedelta(minutes=5)

    assert [rule.when for rule in fault_rules(scenario)] == [
        Period(hour + day * timedelta(days=1), five) for day in range(3)
    ]
    assert len({rule.id for rule in fault_rules(scenario)}) == 3


def test_a_file_with_several_parents_can_be_opened_for_its_document(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, mine="extends: [happy, campaign]") / "mine.yaml")

    assert list(scenario.accounts) == ["clinic", "shop"]
    assert scenario.document.value["title"] == "Three days, five attempts, clocks change, money runs out"
