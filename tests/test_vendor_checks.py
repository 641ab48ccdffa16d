"""What the author of a vendor forgot is told as that, with the place, before anything else fails of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from simulator.conformance.contract import load_contract
from simulator.conformance.recordings import nearest
from simulator.errors import SimulatorError
from simulator.exchange import Answer, Exchange, Request
from simulator.resources import installed_vendors
from simulator.suites.loading import load_suite
from simulator.vendor_checks import NoVendor, plugged
from simulator.vendors import load_vendor

BEEPLINE = Path(__file__).parent / "fifth_vendor" / "beepline"
OFFERED = "[simulator.vendors]\nbeepline = beepline:vendor\n"

RECORDED = """
exchanges:
- operation: send_message
  request: {method: POST, path: /api/messages, json: {to: "+447700900001", text: Hello}}
  answer: {status: 201}
"""

Offer = Callable[[str, str], EntryPoint]


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Offer]:
    """Offer the fifth vendor by an entry point, some of its source in other words."""
    information = tmp_path / "beepline_simulated-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: beepline-simulated\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(OFFERED)
    shutil.copytree(BEEPLINE, tmp_path / "beepline")
    monkeypatch.syspath_prepend(tmp_path)

    def put(words: str, others: str) -> EntryPoint:
        source = tmp_path / "beepline" / "__init__.py"
        text = source.read_text()
        assert words in text
        source.write_text(text.replace(words, others))
        return installed_vendors()["beepline"]

    yield put
    sys.modules.pop("beepline", None)


SETTINGS = """
from typing import Annotated
from simulator.vendor_settings import Settings
class Own(Settings, frozen=True, kw_only=True):
    speed: int = 3
class Beepline(Vendor):
    settings = Own
"""

REFUSALS = """
from simulator.refusal_catalogue import RefusalCatalogue, Wording
class Beepline(Vendor):
    refusals = RefusalCatalogue.load("beepline", Wording)
"""


@pytest.mark.parametrize(
    ("words", "others", "finding"),
    [
        ("vendor = Beepline()", "vendor = Beepline", "is no Vendor, but class Beepline"),
        ("vendor = Beepline()", "seller = Beepline()", "cannot be loaded: AttributeError: module 'beepline'"),
        ("vendor = Beepline()", "vendor = (", "cannot be loaded: SyntaxError: '(' was never closed"),
        ("import re\n", "import re, nothing\n", "cannot be loaded: ModuleNotFoundError: No module"),
        ("    key_form = KEY\n", "", "Beepline lacks `key_form`"),
        ("    blueprint = blueprint\n", "", "Beepline lacks `blueprint`"),
        ("    def new_id(", "    def new_ids(", "lacks the method `new_id`: Make a reference for"),
        ("    def refusal(", "    def refuse(", "lacks the method `refusal`: Put a telephony error"),
        ('= "beepline", "Beepline"', '= "bepline", "Beepline"', "its name is 'bepline', and that of its"),
        ('VendorBlueprint("beepline"', 'VendorBlueprint("callo"', "write VendorBlueprint('beepline', ...)"),
        ('"message.updated",)', '"message.updated",), signs=True', "Beepline lacks `tamper_signature`"),
        ("class Beepline(Vendor):", SETTINGS, "Own.speed has no mark: write Annotated[TYPE, documented"),
        ("    callees =", "    settings = dict\n    callees =", "settings <class 'dict'> are no class below"),
        ("class Beepline(Vendor):", REFUSALS, "its refusals.toml cannot be used: [Errno 2] No such file"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(offer: Offer, words: str, others: str, finding: str) -> None:
    with pytest.raises(NoVendor) as mistake:
        plugged(offer(words, others))

    assert mistake.value.message.startswith("the vendor beepline (beepline:vendor)")
    assert finding in mistake.value.message
    assert mistake.value.remedy


@pytest.mark.parametrize(
    ("table", "finding"),
    [
        ('[lost]\nmessage = "gone"\n', "[lost]: Missing required argument 'provenance'"),
        (
            '[lost]\nmessage = "gone"\nprovenance = "sure"\n',
            "'sure' is none of documented, observed",
        ),
        ("[lost\n", "Expected ']' at the end of a table declaration"),
        (
            '[lost]\nmessage = "gone"\nprovenance = "inferred"\nerrors = {UnknownCal = {}}\n',
            "[lost]: the network has no error 'UnknownCal'; did you mean 'UnknownCall'?",
        ),
    ],
)
def test_a_refusal_that_cannot_be_is_told_with_its_table(
    offer: Offer, tmp_path: Path, table: str, finding: str
) -> None:
    (tmp_path / "beepline" / "refusals.toml").write_text(table)

    with pytest.raises(NoVendor) as mistake:
        plugged(offer("class Beepline(Vendor):", REFUSALS))

    assert finding in mistake.value.message


def test_one_without_a_contract_is_told_where_it_goes(offer: Offer, tmp_path: Path) -> None:
    (tmp_path / "beepline" / "openapi.yaml").unlink()

    with pytest.raises(NoVendor, match=r"no contract: write one into openapi\.yaml, beside the module"):
        plugged(offer("", ""))
    with pytest.raises(SimulatorError, match=r"write one into beepline/openapi\.yaml"):
        load_contract("beepline")


def test_what_was_recorded_of_it_lies_beside_its_contract(offer: Offer, tmp_path: Path) -> None:
    (tmp_path / "beepline" / "recordings").mkdir()
    (tmp_path / "beepline" / "recordings" / "messages.yaml").write_text(RECORDED)
    offer("", "")
    request = Request("POST", "/api/messages", body=b'{"to": "+447700900009"}')

    assert nearest(exchange_of(request)) == 'POST /api/messages {"to": "+447700900001", "text": "Hello"}'


def test_a_mistake_in_its_suite_is_told_where_the_suite_lies(offer: Offer, tmp_path: Path) -> None:
    (tmp_path / "beepline" / "client_suite.yaml").write_text("suite: 1\n")
    offer("", "")

    with pytest.raises(SimulatorError, match=r"^beepline/client_suite\.yaml:1:1"):
        load_suite("beepline")


def exchange_of(request: Request) -> Exchange:
    """Return a request to the fifth vendor with an answer that tells nothing."""
    return Exchange(
        id="1", at=datetime(2026, 3, 2, tzinfo=UTC), world="main", vendor="beepline",
        operation="send_message", request=request, answer=Answer(),
    )  # fmt: skip


def test_one_that_has_everything_is_loaded(offer: Offer) -> None:
    assert plugged(offer("", "")).title == "Beepline"


@pytest.mark.parametrize("name", ["callo", "callr", "jaicp", "kaleyra"])
def test_those_that_ship_have_everything(name: str) -> None:
    point = EntryPoint(name, f"simulator.vendors.{name}:vendor", "simulator.vendors")

    assert plugged(point) is load_vendor(name)
