"""Every refusal that the contract writes down can be met, in exactly its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from simulator.conformance.contract import load_contract
from simulator.formats.sound import tone
from tests.acceptance.stage_hands import Stranger, enter, numbers, written
from tests.vendors.customers import BOUNDARY, multipart

CONTRACT = load_contract("callo")
REFUSALS = [
    pytest.param(operation.id, error.text, id=f"{operation.id}: {error.when}")
    for operation in CONTRACT.operations
    for error in operation.errors
]
KEY, PHONE, OTHER, FAR = "0123456789abcdef" * 2, *numbers(2), 999_999_999
TYPES = ("free_text", "pincode", "pincode_incoming", "tellcode", "flashcall")
ACCOUNT = f"""
accounts:
  clinic:
    vendors: [callo]
    key: {KEY}
    balance: 1.00
    credit: false
    profile: {{callo: {{speakers: [Masha], emotions: [neutral]}}}}
    campaigns:
{"".join(f"      - {{name: {kind}, type: {kind}}}{chr(10)}" for kind in TYPES)}
{"".join(f"      - {{name: old {kind}, type: {kind}, state: archived}}{chr(10)}" for kind in TYPES)}
"""
KINDS = {
    "add_confirm_call": "pincode_incoming",
    "add_tellcode_call": "tellcode",
    "add_flashcall": "flashcall",
}
FIELDS: Mapping[str, Mapping[str, Any]] = {
    **{f"add_{what}": {"phone": PHONE} for what in ("call", "confirm_call", "tellcode_call", "flashcall")},
    "append_calls": {"phones": PHONE},
    "call_by_id": {"call_id": "CALL"},
    "calls_by_phone": {"phone": OTHER},
    "calls_by_label": {"label": "taken"},
    "remove_call": {"call_id": "CALL"},
    "upload_audio": {"clip_name": "beep", "clip_file": tone(1, 0)},
    "audio_info": {"audioclip_id": FAR},
    "stoplist": {"phone": PHONE},
    "call_ids_by_phonelist": {"phonelist_id": FAR},
    "campaigns": {"mode": "all"},
}
WRONG: Mapping[str, Mapping[str, Any]] = {
    "* public_key\n  * Enter": {"public_key": "x"},
    "* public_key\n  * Invalid": {"public_key": "f" * 32},
    "* campaign_id\n  * Enter": {"campaign_id": "x"},
    "Campaign by id": {"campaign_id": FAR},
    "* campaign_id\n  * Campaign is not active": {"campaign_id": "OLD"},
    "* label\n  * Enter": {"label": "a b"},
    "* label\n  * Duplicate": {"label": "taken"},
    "* pincode": {"pincode": "x"},
    "* max_call_time": {"max_call_time": "x"},
    "* {parameter}\n  * Ensure this value is greater": {"COUNTED": "-1"},
    "* {parameter}\n  * Ensure this value is less": {"COUNTED": "9" * 12},
    "* speaker": {"speaker": "Nobody"},
    "* emotion": {"emotion": "odd"},
    "* text\n": {"text": '<audio id="7"/>'},
    "* {parameter}\n  * Enter a valid phone": {"ivr_lvl_1_btn_1_to_phone": "x"},
    "* {parameter}\n  * Only one word": {"ivr_lvl_1_btn_a b_webhook": "http://a.test"},
    "* phone_suffix": {"phone_suffix": "x"},
    "* phones\n  * This": {"phones": None},
    "* phones_file\n  * The submitted": {"phones": None, "phones_file": b""},
    "* phones_file\n  * Upload": {"phones": None, "phones_file": b"PK\x03\x04"},
    "* text_from_column": {"text_from_column": "x"},
    "* label_from_column": {"label_from_column": "x"},
    "* call_id\n": {"call_id": "x"},
    "* call_ids\n": {"call_id": None, "call_ids": "1,x"},
    "* phones\n  * Item": {"phone": None, "phones": f"{PHONE},x"},
    "* labels\n": {"label": None, "labels": "a,b c"},
    "* expand": {"expand": "2"},
    "Call by ats_call_id={call_id} dnot found": {"call_id": FAR},
    "Call by ats_call_id={call_id} is completed": {"call_id": "DONE"},
    "Phone by val": {"call_id": None, "phone": PHONE},
    "Label by val": {"label": "nobody"},
    "* page": {"page": "x"},
    "* call_status": {"call_status": "odd"},
    "* clip_file\n  * The submitted": {"clip_file": b""},
    "* clip_file\n  * Upload": {"clip_file": b"no sound"},
    "* audioclip_id\n  * Enter": {"audioclip_id": "x"},
    "* phonelist_id\n  * Enter": {"phonelist_id": "x"},
    "* mode\n  * Select": {"mode": "odd"},
    "* __all__\n  * One of call_id, phone": {"call_id": None},
    "* __all__\n  * One of {one}": {"ONE": None},
    "* __all__\n  * Only one of": {"MANY": "1234567"},
    "* {parameter}\n  * List": {"ONE": None, "MANY": ",".join(["1234567"] * 201)},
    "* {parameter}\n  * Enter a valid date": {"from_date": "2026-02-30", "from_created_date": "2026-02-30"},
    "* phone\n  * Enter": {"phone": "x", "call_id": None},
    "* campaign_id\n  * Invalid": {"campaign_id": "STRANGE"},
}
COUNTED = {"append_calls": "text_from_column", "all_calls": "page"}
"""What is a number with a least and a most; elsewhere that is max_call_time."""
ONE_OR_MANY = {
    "call_by_id": ("call_id", "call_ids"),
    "calls_by_phone": ("phone", "phones"),
    "calls_by_label": ("label", "labels"),
}


def changes(operation: str, text: str) -> Mapping[str, Any]:
    """Return what makes a right request the wrong one that meets this refusal; None leaves a field out."""
    mistake = text.removeprefix("Form isn't valid: ")
    wrong = next((wrong for opening, wrong in WRONG.items() if mistake.startswith(opening)), None)
    if wrong is None and mistake.endswith("* This field is required."):
        wrong = {mistake.partition("\n")[0].removeprefix("* "): None}
    one, many = ONE_OR_MANY.get(operation, ("", ""))
    names = {"ONE": one, "MANY": many, "COUNTED": COUNTED.get(operation, "max_call_time")}
    return {names.get(name, name): value for name, value in (wrong or {}).items()}


@pytest.fixture
def clinic() -> Stranger:
    """A stranger with one call that is over and one that is not, and a label that is taken."""
    stranger = enter(written(ACCOUNT, admit="listed"))
    stranger.call(OTHER, label="taken")
    stranger.post(
        "phones/confirm", campaign_id=stranger.campaign("pincode_incoming"), phone=OTHER, label="taken"
    )
    stranger.sandbox.act("next_outcome", number=OTHER, outcome="answered")
    stranger.advance(hours=1)
    stranger.call(numbers(1, first=7)[0], label="open")
    return stranger


def known_to(clinic: Stranger, operation: str) -> Mapping[str, Any]:
    """Return the values that stand for names in capitals, and the campaign that the operation serves."""
    campaigns = clinic.sandbox.world.accounts["callo", KEY].campaigns.values()
    named = {campaign.name: campaign.ref for campaign in campaigns}
    kind = KINDS.get(operation, "free_text")
    done, *_, open_call = clinic.sandbox.world.calls
    return {
        "HOME": named[kind],
        "OLD": named[f"old {kind}"],
        "STRANGE": named["free_text" if kind == "tellcode" else "tellcode"],
        "CALL": open_call.ref,
        "DONE": done.ref,
    }


def send(clinic: Stranger, operation: str, fields: Mapping[str, Any]) -> str:
    """Send a request and return the words of its refusal."""
    variant = CONTRACT.find(operation).variants[0]
    known = known_to(clinic, operation)
    form = {name: known.get(str(value), value) for name, value in fields.items() if value is not None}
    files = {name: ("file.bin", form.pop(name)) for name in list(form) if isinstance(form[name], bytes)}
    if variant.method == "GET":
        answer = clinic.ask("GET", variant.path, query_string=form)
    elif files:
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        answer = clinic.ask("POST", variant.path, data=multipart(form, files), content_type=kind)
    else:
        answer = clinic.ask("POST", variant.path, data=form)
    return str(answer.get_json()["data"]) if answer.status_code == 400 else answer.text


@pytest.mark.parametrize(("operation", "text"), REFUSALS)
def test_every_refusal_can_be_met_in_its_own_words(clinic: Stranger, operation: str, text: str) -> None:
    form = {"public_key": KEY, "campaign_id": "HOME", **FIELDS.get(operation, {}), **changes(operation, text)}
    if "Not enough money" in text:
        clinic.sandbox.act("top_up", vendor="callo", credential=KEY, amount="-100")
    for _ in range(5 if "is excess" in text else 0):
        send(clinic, operation, form)

    words = send(clinic, operation, form)

    (error,) = [error for error in CONTRACT.find(operation).errors if error.text == text]
    assert error.matches(words), words
