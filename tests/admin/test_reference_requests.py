"""What the reference offers to try keeps its contract as it stands there, whatever comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.exchange import Exchange

IDS_OF_THE_DOCUMENT = "/x-losses/sids_skipped"
"""Recordings that the document names and no world has are passed over."""

DRAFT = re.compile(r'name="request"[^>]*>(.*?)</textarea>', re.DOTALL)


def sent_from_the_page(simulator: Simulator, vendor: str) -> Iterator[tuple[str, Exchange]]:
    """Send the request that the page proposes for each operation; yield it with what came of it."""
    client, journal = Client(simulator), simulator.worlds.sandbox().recorder.journal
    for operation in simulator.worlds.setup.contract(vendor).operations:
        page = client.get(f"/_simulator/reference/{vendor}/{operation.id}").text
        draft = DRAFT.search(page)
        assert draft is not None
        request = unescape(draft[1])
        headers = {"Origin": "http://localhost"}
        client.post("/_simulator/do/send", data={"vendor": vendor, "request": request}, headers=headers)
        yield operation.id, [*journal][-1]


@pytest.mark.parametrize("vendor", ["callo", "callr", "jaicp", "kaleyra"])
def test_a_request_to_try_keeps_its_contract(vendor: str) -> None:
    faults = {
        (operation, exchange.operation, one.code, one.where)
        for operation, exchange in sent_from_the_page(Simulator(vendors=(vendor,)), vendor)
        for one in exchange.violations
        if not one.source.endswith(IDS_OF_THE_DOCUMENT)
    }

    assert faults == set()


def test_a_file_to_try_is_a_sound_that_plays() -> None:
    clips = {
        operation: exchange.answer.status
        for operation, exchange in sent_from_the_page(Simulator(vendors=("callo", "callr")), "callo")
    }

    assert clips["upload_audio"] == 200
