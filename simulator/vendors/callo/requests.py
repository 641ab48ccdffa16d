"""What Callo's forms ask for, as orders to the network."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from simulator.exchange import Loss
from simulator.formats.sound import MalformedSound, measure
from simulator.telephony.accounts import AudioClip
from simulator.telephony.calls import Order
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import CampaignNotDialing
from simulator.telephony.ivr import Prompt
from simulator.telephony.phone_numbers import E164
from simulator.vendor import RequestContext
from simulator.vendors.callo.fields import Fields
from simulator.vendors.callo.paging import Filters
from simulator.vendors.callo.scripts import read_individual_ivr, read_opening
from simulator.vendors.callo.settings import CalloSettings
from simulator.vendors.callo.statuses import CALL_STATUSES

FREE_TEXT, PINCODE, PINCODE_SHORT = "free_text", "pincode", "pincode_short"
PINCODE_INCOMING, TELLCODE, FLASHCALL = "pincode_incoming", "tellcode", "flashcall"
PINCODE_PLACE = "{pincode}"
"""Stands in a campaign's text where the robot dictates the code."""

SERVICE_NUMBERS = (E164("+442079460018"), E164("+442079460151"), E164("+442079460287"))
"""Numbers the vendor calls from and can be called at: kept free for drama by the British regulator."""

VOICE = "Maxim"
"""Who speaks where nothing is said of it: the campaign's voice (documented), by the sample's name."""

CALL_TIMES = range(1, 86_401)
"""Seconds (inferred)."""

PAGES = range(1, 1_000_001)
"""Counted from 1 (documented), as far as anybody has calls (inferred)."""


def parse_add_call(context: RequestContext) -> tuple[Campaign, Order]:
    """Read `phones/call/`: a call with its own text, label, limits and individual IVR."""
    fields, settings = Fields(context), CalloSettings.of(context.account)
    callee = fields.number("phone")
    opening = read_opening(fields, context.account)
    label = fields.label("label")
    pincode = fields.digits("pincode", range(1, 11))
    longest = fields.integer("max_call_time", required=False, allowed=CALL_TIMES)
    speaker = fields.choice("speaker", settings.speakers) or next(iter(settings.speakers), VOICE)
    fields.choice("emotion", settings.emotions)
    campaign = dialing(fields.campaign((FREE_TEXT, PINCODE)))
    script = read_individual_ivr(fields, campaign.script)
    fields.settle()
    script = script.saying(opening) if opening else script
    order = Order(
        callee=callee,
        script=script,
        label=label,
        max_length=None if longest is None else timedelta(seconds=longest),
        speaker=speaker,
        keeps_clip=opening is not None and opening.clip is None,
    )
    if campaign.kind == PINCODE:
        order = _with_code(context, campaign, order, pincode)
    elif pincode:
        context.losses.append(Loss("code_ignored", "pincode"))
    return campaign, order


def parse_confirm(context: RequestContext) -> tuple[Campaign, Order]:
    """Read `phones/confirm/`: a call that asks for a code or a key, or waits to be called."""
    fields = Fields(context)
    callee, label = fields.number("phone"), fields.label("label")
    pincode = fields.digits("pincode", range(1, 11))
    campaign = dialing(fields.campaign((PINCODE, PINCODE_SHORT, PINCODE_INCOMING)))
    order = Order(callee=callee, label=label)
    if campaign.kind == PINCODE_INCOMING:
        return campaign, replace(order, code=pincode or "")
    if campaign.kind == PINCODE_SHORT:
        return campaign, replace(order, code=pincode or _new_code(context, campaign, callee))
    return campaign, _with_code(context, campaign, order, pincode)


def parse_tellcode(context: RequestContext) -> tuple[Campaign, Order]:
    """Read `phones/tellcode/`: a call in which the robot dictates the code, digit by digit."""
    fields = Fields(context)
    callee = fields.number("phone")
    pincode = fields.digits("pincode", range(1, 11))
    campaign = dialing(fields.campaign((TELLCODE,)))
    code = pincode or _new_code(context, campaign, callee)
    text = campaign.script.opening.text or PINCODE_PLACE
    spoken = text.replace(PINCODE_PLACE, " ".join(code))
    return campaign, Order(callee=callee, script=campaign.script.saying(Prompt(spoken)), code=code)


def parse_flashcall(context: RequestContext) -> tuple[Campaign, Order]:
    """Read `phones/flashcall/`: a call whose caller number ends with the code."""
    fields = Fields(context)
    callee = fields.number("phone")
    suffix = fields.digits("phone_suffix", range(4, 5), "valid_value")
    campaign = dialing(fields.campaign((FLASHCALL,)))
    code = suffix or _new_code(context, campaign, callee)
    own = context.account.caller_ids or SERVICE_NUMBERS
    return campaign, Order(callee=callee, code=code, caller_id=E164(own[0][:-4] + code))


def parse_all_calls(context: RequestContext) -> tuple[Campaign, int, Filters, bool]:
    """Read `all_calls/`: a campaign, a page from 1, dates and a status, and whether attempts are wanted."""
    fields = Fields(context)
    page = fields.integer("page", required=False, allowed=PAGES) or 1
    status = fields.text("call_status")
    if not (status.isascii() and status.isdigit()):
        fields.choice("call_status", tuple(CALL_STATUSES))
    filters, expand = replace(read_filters(fields), status=status), fields.flag("expand")
    return fields.campaign(), page, filters, expand


def parse_clip(context: RequestContext) -> AudioClip:
    """Read `audio/upload/`: a clip, measured by its bytes."""
    fields = Fields(context)
    name = fields.required("clip_name")
    file = fields.upload("clip_file")
    length = 0.0
    if file.body:
        try:
            length = measure(file.body).seconds
        except MalformedSound as error:
            formats = "WAV, MP3, OGG, FLAC and M4A are read here"
            fields.refuse_as("clip_file_invalid", f"clip_file: {error}; {formats}")
    fields.settle()
    return AudioClip(
        ref=0,
        name=name,
        created=context.world.clock.now,
        length=timedelta(seconds=length),
        text=fields.text("text"),
        speaker=fields.text("speaker"),
        body=file.body,
    )


def dialing(campaign: Campaign) -> Campaign:
    """Return a campaign that dials; raises CampaignNotDialing for a stopped one too (inferred)."""
    if campaign.state is not CampaignState.ACTIVE:
        raise CampaignNotDialing(campaign.ref)
    return campaign


def _with_code(context: RequestContext, campaign: Campaign, order: Order, pincode: str | None) -> Order:
    code = pincode or _new_code(context, campaign, order.callee)
    return replace(order, script=replace(order.script or campaign.script, code=code), code=code)


def _new_code(context: RequestContext, campaign: Campaign, callee: E164) -> str:
    """Return a code of four digits (observed), keyed by the callee and which call to them this is."""
    earlier = context.account.latest.get(callee)
    nth = earlier.nth + 1 if earlier else 1
    draw = context.world.random.below(10_000, "pincode", context.account.name, campaign.ref, callee, nth)
    return f"{draw:04}"


def read_filters(fields: Fields) -> Filters:
    """Read the four dates between which calls were created and changed."""
    return Filters(
        *fields.span("from_created_date", "to_created_date"),
        *fields.span("from_updated_date", "to_updated_date"),
    )
