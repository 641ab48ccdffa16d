"""Every refusal that a contract names has its words in the vendor's refusals.toml, and no other is there."""

from __future__ import annotations

import re

import pytest

from simulator.conformance.contract import load_contract
from simulator.refusal_catalogue import RefusalCatalogue, Wording
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
