"""Words that only a vendor knows are checked where they stand, with what was probably meant."""

from __future__ import annotations

from textwrap import dedent

import pytest

from simulator.engine.known_names import everything_known
from simulator.errors import BrokenScenario
from simulator.scenario.files import list_scenarios
from simulator.scenario.loading import load_scenario
from simulator.scenario.places import check_places
from simulator.scenario.vendor_words import check_vendor_words
from simulator.vendors import load_vendor, vendor_names
from tests.scenario.files import scenario_of

VENDORS = {name: load_vendor(name) for name in vendor_names()}
SHOP = "accounts: {shop: {vendors: [%s], %s}}"
CAMPAIGN = "campaigns: [{name: a, type: %s}]"
POSTBACK = "campaigns: [{name: a, type: %s, postbacks: {%s: {url: 'http://h.test/'}}}]"


def refusals_of(text: str, *vendors: str) -> list[str]:
    """Return the first line of each finding about words of these vendors, or of all."""
    scenario = scenario_of(text)
    with pytest.raises(BrokenScenario) as caught:
        check_vendor_words(scenario, {name: VENDORS[name] for name in vendors or VENDORS})
    return [finding.splitlines()[0] for finding in caught.value.findings]


@pytest.mark.parametrize("name", list_scenarios())
def test_shipped_scenarios_use_words_that_their_vendors_know(name: str) -> None:
    check_vendor_words(load_scenario(name), VENDORS)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (
            SHOP % ("callo", POSTBACK % ("free_text", "finishd")),
            "2:88",
            "callo has no postback 'finishd'; did you mean 'finished'? known: finished, no_answer, any",
        ),
        (
            SHOP % ("kaleyra", POSTBACK % ("incoming", "finished")),
            "2:89",
            "kaleyra has no postback 'finished'; known: none",
        ),
        (
            SHOP % ("kaleyra", CAMPAIGN % "incomming"),
            "2:67",
            "kaleyra has no type of campaign 'incomming'; did you mean 'incoming'?",
        ),
        (
            SHOP % ("callo", "profile: {callo: {speekers: [a]}}"),
            "2:55",
            "callo has no setting 'speekers'; did you mean 'speakers'? known: post_reads",
        ),
        (
            SHOP % ("callr", "profile: {callr: {trial: soon}}"),
            "2:55",
            "callr's setting 'trial' is true or false, not 'soon'",
        ),
        (
            SHOP % ("jaicp", "profile: {jaicp: 1.10.4}"),
            "2:54",
            "jaicp's setting 'profile' is never '1.10.4'; did you mean '1.10.3'? known: 1.10.3, both",
        ),
        ("profiles: {callr: {unknown_kez: refuse}}", "2:20", "did you mean 'unknown_keys'?"),
        (
            "hooks: [{where: callr.call.startd}]",
            "2:17",
            "callr has no event 'call.startd'; did you mean 'call.started'?",
        ),
        (
            SHOP % ("callr", "") + "\ntimeline: [{at: +1m, do: profile trail=true}]",
            "3:26",
            "callr has no setting 'trail'; did you mean 'trial'?",
        ),
        (
            "hooks: [{where: kaleyra.*, sign: wrong}]",
            "2:34",
            "callbacks of kaleyra are never signed; those of callr are",
        ),
        (
            SHOP % ("jaicp, callo", "") + "\nhooks: [{sign: none}]",
            "3:16",
            "callbacks of callo, jaicp are never signed; those of callr are",
        ),
    ],
)
def test_a_word_that_its_vendor_does_not_know_is_told_with_its_place(
    text: str, place: str, message: str
) -> None:
    (finding,) = refusals_of(text)

    assert finding.startswith(f"mine.yaml:{place}: ")
    assert message in finding


def test_all_findings_are_told_in_the_order_of_the_file() -> None:
    text = """
        hooks: [{where: callo.finished}]
        accounts:
          shop:
            vendors: [callo]
            profile: {callo: {colour: red}}
            campaigns: [{name: a, type: pin}]
    """

    assert [finding.split(":")[1] for finding in refusals_of(dedent(text))] == ["3", "7", "8"]


def test_words_of_a_vendor_that_takes_no_part_are_not_asked_about() -> None:
    text = SHOP % ("callr, callo", "profile: {callr: {colour: red}}") + "\nhooks: [{sign: wrong}]"

    check_vendor_words(scenario_of(text), {"callo": VENDORS["callo"]})


def test_a_setting_that_one_account_can_take_may_befall_all() -> None:
    text = SHOP % ("callr, callo", "") + "\ntimeline: [{at: +1m, do: profile trial=true}]"

    check_vendor_words(scenario_of(text), VENDORS)


@pytest.mark.parametrize("text", ["accounts: {coverage: {vendors: [calo]}}", "profiles: {coverage: {}}"])
def test_only_what_is_expected_to_be_met_may_be_errors_or_callbacks(text: str) -> None:
    (remark,) = check_places(scenario_of(text), everything_known())

    assert remark.what.startswith("unknown vendor '")
    assert "callbacks" not in remark.what
