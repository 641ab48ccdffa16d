"""Every refusal that a contract names has its words in the vendor's refusals.toml, and no other is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from simulator import vendors
from simulator.conformance.contract import load_contract
from simulator.errors import SimulatorError
from simulator.refusal_catalogue import Detail, RefusalCatalogue, Refusals, Wording
from simulator.telephony import errors
from simulator.vendors import load_vendor, vendor_names

VENDORS = vendor_names()


def catalogue(vendor: str) -> RefusalCatalogue[Wording]:
    return load_vendor(vendor).refusals


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_contract_and_the_catalogue_name_the_same_refusals(vendor: str) -> None:
    assert set(catalogue(vendor)) == set(load_contract(vendor).errors)


@pytest.mark.parametrize("vendor", VENDORS)
def test_they_agree_how_sure_each_is_and_with_which_status_it_comes(vendor: str) -> None:
    named = load_contract(vendor).errors.items()

    assert {name: (error.provenance, error.status) for name, error in named} == {
        fact: (wording.provenance, wording.http_status) for fact, wording in catalogue(vendor).items()
    }


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_words_and_codes_are_those_of_the_contract(vendor: str) -> None:
    named = load_contract(vendor).errors
    wrong = [
        fact
        for fact, wording in catalogue(vendor).items()
        if not named[fact].has_code(wording.code)
        or not (named[fact].text == wording.code or named[fact].text.endswith(wording.message))
    ]

    assert wrong == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_on_demand_nothing_stays_in_braces(vendor: str) -> None:
    known = catalogue(vendor)
    texts = {fact: known.fill(wording.message, known.examples(fact, {})) for fact, wording in known.items()}
    simple = {fact: text for fact, text in texts.items() if fact not in load_vendor(vendor).on_demand}

    assert [fact for fact, text in simple.items() if re.search(r"\{\w+\}", text)] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_errors_that_are_told_are_the_networks(vendor: str) -> None:
    kinds = [getattr(errors, name) for name in catalogue(vendor).facts]

    assert all(issubclass(kind, errors.TelephonyError) for kind in kinds)


def test_an_installed_vendor_that_tells_no_error_of_the_networks_is_refused_when_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "misspelt_vendor"
    package.mkdir()
    (package / "__init__.py").write_text(MISSPELT)
    (package / "refusals.toml").write_text(
        '[gone]\nerrors = {UnknownCal = {id = "ref"}}\nmessage = "{id}"\nprovenance = "inferred"\n'
    )
    point = EntryPoint("misspelt", "misspelt_vendor:vendor", "vendors")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(vendors, "installed_vendors", lambda: {"misspelt": point})

    with pytest.raises(SimulatorError) as refused:
        load_vendor("misspelt")

    assert refused.value.message == (
        "refusals.toml of misspelt, errors of gone: the network has no error 'UnknownCal'"
    )
    assert refused.value.remedy.startswith("did you mean 'UnknownCall'? known: AccountSuspended, ")


MISSPELT = """
from simulator.refusal_catalogue import RefusalCatalogue, Wording
from simulator.vendor import Vendor

class Misspelt(Vendor):
    name = "misspelt"
    refusals = RefusalCatalogue.load(__name__, Wording)

vendor = Misspelt()
"""

DETAILS: Mapping[str, Detail] = {"id": Detail(example="0", parameters=("id", "uid"), longest=4)}
GONE = Wording(message="{id} is gone: {why}", provenance="inferred", examples={"why": "sold"})
SMALL = RefusalCatalogue(lambda: Refusals({"gone": GONE}, DETAILS))


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ({"id": 7, "why": "sold"}, "7 is gone: sold"),
        ({"id": "1234567", "why": "1234567"}, "1234 is gone: 1234567"),
        ({"id": "{why}", "why": "{id}"}, "{why is gone: {id}"),
        ({"id": 7}, "7 is gone: {why}"),
    ],
)
def test_details_are_filled_in_once_and_cut_short(details: Mapping[str, object], text: str) -> None:
    assert SMALL.fill(SMALL["gone"].message, details) == text


@pytest.mark.parametrize(
    ("parameters", "ref"), [({}, "0"), ({"uid": "5"}, "5"), ({"uid": "5", "id": "6"}, "6"), ({"id": ""}, "0")]
)
def test_a_refusal_on_demand_tells_what_the_request_says(parameters: Mapping[str, str], ref: str) -> None:
    assert SMALL.examples("gone", parameters) == {"id": ref, "why": "sold"}


def test_a_refusal_that_there_is_not_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError):
        load_vendor("callo").staged_refusal("no_such_refusal", {})
