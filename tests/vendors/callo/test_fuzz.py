"""Odd parameters of every kind: each answer is one the contract knows, whatever is sent."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.vendors.callo import vendor
from tests.vendors.callo.desk import PHONE, open_desk

OPERATIONS = [
    (route.path.removeprefix("/manager/cabapi_external/api/v1/").rstrip("/"), verb)
    for route in vendor.operations()
    if not route.public
    for verb in route.verbs
]
NAMES = [
    "phone",
    "phones",
    "campaign_id",
    "call_id",
    "call_ids",
    "label",
    "labels",
    "page",
    "expand",
    "mode",
    "text",
    "pincode",
    "phone_suffix",
    "max_call_time",
    "from_created_date",
    "to_date",
    "call_status",
    "audioclip_id",
    "phonelist_id",
    "text_from_column",
    "label_from_column",
    "clip_name",
    "speaker",
    "ivr_lvl_1_btn_1_to_phone",
    "ivr_lvl_9_btn_\x00_webhook",
]
ODD = [
    *("", " ", "0", "1", "-1", "1.0", "٣", "9" * 40, "a,b", "\x00", "\ud7ff", "user", "=1+1"),
    *(PHONE, f"{PHONE},x", "2026-02-30", "2026-03-02", "0000-00-00 00:00:00", "<audio id='7'>"),
]
CAMPAIGN = "campaign of the desk"

values = st.one_of(st.sampled_from([*ODD, CAMPAIGN]), st.text(max_size=20))


@settings(max_examples=300)
@given(
    operation=st.sampled_from(OPERATIONS),
    sent=st.dictionaries(st.sampled_from(NAMES), values, max_size=6),
    kind=st.sampled_from(["free_text", "pincode", "pincode_incoming", "tellcode", "flashcall"]),
)
def test_no_parameters_upset_the_vendor(operation: tuple[str, str], sent: dict[str, str], kind: str) -> None:
    desk = open_desk()
    sent = {"campaign_id": CAMPAIGN, **sent}
    for name in [name for name, value in sent.items() if value == CAMPAIGN]:
        sent[name] = str(desk.campaign(kind).ref)

    answer = (desk.post if operation[1] == "POST" else desk.get)(operation[0], **sent)

    assert answer.status in (200, 400, 405)
    desk.advance(minutes=1)


def test_every_operation_of_the_document_is_served() -> None:
    assert len({path for path, _ in OPERATIONS}) == 18
