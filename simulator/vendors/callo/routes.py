"""Callo's operations: where each lives, what it reads, and the one thing it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from msgspec.structs import replace
from werkzeug.exceptions import NotFound

from simulator.exchange import Answer
from simulator.formats.csv_table import write_csv
from simulator.telephony.calls import Order
from simulator.telephony.campaign_settings import Method
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import TelephonyError, UnknownCall
from simulator.vendor import RequestContext
from simulator.vendors.callo import media, paging, requests, responses
from simulator.vendors.callo.answers import answer, answer_json
from simulator.vendors.callo.bulk import parse_append_calls
from simulator.vendors.callo.camp_stats import render_camp_stats
from simulator.vendors.callo.endpoint import blueprint, operation
from simulator.vendors.callo.fields import Fields, read_integer, read_label, read_number

__all__ = ["blueprint"]

MODES = ("all", "archive", "active")
"""Which campaigns are told of."""

K = TypeVar("K")
V = TypeVar("V")


@operation("/phones/call/")
def add_call(context: RequestContext) -> object:
    """Add one call."""
    return responses.render_added_call(context.world.place_call(*requests.parse_add_call(context)))


@operation("/phones/confirm/")
def add_confirm_call(context: RequestContext) -> object:
    """Add a call that verifies a number by a code, a key or a call of theirs."""
    return _verify(context, *requests.parse_confirm(context))


@operation("/phones/tellcode/")
def add_tellcode_call(context: RequestContext) -> object:
    """Add a call in which a robot dictates a code."""
    return _verify(context, *requests.parse_tellcode(context))


@operation("/phones/flashcall/")
def add_flashcall(context: RequestContext) -> object:
    """Add a call whose caller number ends with a code."""
    return _verify(context, *requests.parse_flashcall(context))


@operation("/phones/append/calls/", "POST")
def append_calls(context: RequestContext) -> object:
    """Take a list of numbers in; their calls appear later."""
    campaign, contacts, refused = parse_append_calls(context)
    return responses.render_phone_list(context.world.imports.take(campaign, contacts, refused), campaign)


@operation("/phones/call_by_id/", reads=True)
def call_by_id(context: RequestContext) -> object:
    """Tell the results of calls by their ids."""
    fields = Fields(context)
    refs, expand = fields.one_or_many("call_id", "call_ids", read_integer), fields.flag("expand")
    fields.settle()
    return [responses.render_call(call, expand) for call in _find_all(context.account.call, refs)]


@operation("/phones/calls_by_phone/", reads=True)
def calls_by_phone(context: RequestContext) -> object:
    """Tell the results of a campaign's calls to some numbers, each number's newest first."""
    fields = Fields(context)
    numbers = fields.one_or_many("phone", "phones", read_number)
    filters, expand, campaign = requests.read_filters(fields), fields.flag("expand"), fields.campaign()
    by_number = _find_all(lambda number: context.account.calls_to(number, campaign), numbers)
    calls = [call for calls in by_number for call in calls if filters.match(call)]
    return _between(context, filters, [responses.render_call_to_phone(call, expand) for call in calls])


@operation("/phones/all_calls/", reads=True)
def all_calls(context: RequestContext) -> object:
    """Tell the results of a campaign's calls, page by page, newest first."""
    campaign, page, filters, expand = requests.parse_all_calls(context)
    calls = paging.page_of(context.account, campaign, filters, page)
    return _between(context, filters, [responses.render_campaign_call(call, expand) for call in calls])


@operation("/phones/calls_by_label/", reads=True)
def calls_by_label(context: RequestContext) -> object:
    """Tell the results of a campaign's calls by their labels."""
    fields = Fields(context)
    labels, expand = fields.one_or_many("label", "labels", read_label), fields.flag("expand")
    calls = _find_all(fields.campaign().call_labelled, labels)
    return [responses.render_labelled_call(call, expand) for call in calls]


@operation("/phones/camp_stats/", reads=True)
def camp_stats(context: RequestContext) -> object:
    """Tell how a campaign's calls were dialed and ended, of those created between two dates."""
    fields = Fields(context)
    filters = paging.Filters(*fields.span("from_date", "to_date"))
    return _between(context, filters, responses.wrap(render_camp_stats(fields.campaign(), filters)))


@operation("/phones/remove_call/")
def remove_call(context: RequestContext) -> object:
    """Take a call, or every open call to a number, out of dialing; the answer's words are inferred."""
    fields = Fields(context)
    ref, number = fields.integer("call_id", required=False), fields.number("phone", required=False)
    if not fields.text("call_id") and not fields.text("phone"):
        fields.refuse_as("call_or_phone_missing")
    campaign = requests.dialing(fields.campaign())
    if ref is None:
        calls = context.account.calls_to(number, campaign)
        for call in [call for call in calls if call.ending is None] or calls[:1]:
            context.world.remove_call(call, cut=True)
        return responses.wrap(f"Phone by val={number} removed")
    call = context.account.call(ref)
    if call.campaign is not campaign:
        raise UnknownCall(ref)
    if number and number != call.callee:
        fields.lose("phone_beside_id", "phone")
    context.world.remove_call(call, cut=True)
    return responses.wrap(f"Call by ats_call_id={ref} removed")


@operation("/audio/upload/", "POST")
def upload_audio(context: RequestContext) -> object:
    """Keep a sound file as a clip."""
    clip = context.world.clips.add(context.account, requests.parse_clip(context))
    return responses.render_clip(clip, context.account)


@operation("/audio/info/", reads=True)
def audio_info(context: RequestContext) -> object:
    """Tell about a clip; a campaign that is named must exist."""
    fields = Fields(context)
    ref = fields.integer("audioclip_id")
    if fields.text("campaign_id"):
        fields.campaign()
    fields.settle()
    return responses.render_clip_info(context.account.clip(ref or 0), context.account)


@operation("/phones/stoplist/", "POST")
def stoplist(context: RequestContext) -> object:
    """Never call a number again; the answer's words are inferred."""
    fields = Fields(context)
    number = fields.number("phone")
    fields.settle()
    context.world.stop_list(context.account, number)
    return responses.wrap(f"Phone by val={number} added")


@operation("/phonelists/call_ids_by_phonelist/", reads=True)
def call_ids_by_phonelist(context: RequestContext) -> object:
    """Tell the ids of the calls that came of a list, newest first, as CSV."""
    fields = Fields(context)
    ref = fields.integer("phonelist_id")
    calls = reversed(fields.campaign().phone_list(ref or 0).calls)
    rows = ((call.callee, str(call.ref), responses.render_time(call.created)) for call in calls)
    table = write_csv(rows, ("phoneval", "ats_call_id", "created"))
    return answer(table, "text/csv", context.account.language)


@operation("/users/balance/", reads=True)
def balance(context: RequestContext) -> object:
    """Tell the balance."""
    return {"balance": responses.render_balance(context.account)}


@operation("/phones/cost/", reads=True)
def campaign_cost(context: RequestContext) -> object:
    """Tell what a campaign has cost, for all time and today."""
    return responses.render_cost(Fields(context).campaign(), context.world.clock.now)


@operation("/campaigns/", reads=True)
def campaigns(context: RequestContext) -> object:
    """Tell which campaigns there are."""
    fields = Fields(context)
    mode = fields.choice("mode", MODES, required=True)
    fields.settle()
    return responses.render_campaigns(context.account, mode)


@blueprint.public("/cdr/record/<int:campaign>/<int:started>.<int:ref>/")
def recording(context: RequestContext, campaign: int, started: int, ref: int) -> Answer:  # noqa: ARG001
    """Play what was recorded of a call."""
    kept = media.find_recording(context.world, ref, context.form.get("key"))
    if kept.name != f"{started}.{ref}":
        raise NotFound
    return media.answer_recording(kept)


@blueprint.public("/directcdr/<key>/<int:owner>/<int:ref>/<file>")
def direct_recording(context: RequestContext, key: str, owner: int, ref: int, file: str) -> Answer:  # noqa: ARG001
    """Play what was recorded of one attempt."""
    return media.answer_recording(media.find_recording(context.world, ref, key))


@blueprint.public("/media/converted/<int:a>/<int:b>/<int:number>.wav")
def converted_clip(context: RequestContext, a: int, b: int, number: int) -> Answer:  # noqa: ARG001
    """Play a clip as WAV."""
    return media.answer_converted(media.find_clip(context.world, number))


@blueprint.public("/media/original/<int:a>/<int:b>/<int:number>.<kind>")
def original_clip(context: RequestContext, a: int, b: int, number: int, kind: str) -> Answer:  # noqa: ARG001
    """Play a clip as it was uploaded."""
    return media.answer_original(media.find_clip(context.world, number))


def _between(context: RequestContext, filters: paging.Filters, value: object) -> Answer:
    """Return an answer about the calls that match, with what a tester has to know of its dates."""
    remark = paging.remark_on_dates(filters, context.world.clock.now)
    return replace(answer_json(value, context.account.language), remark=remark)


def _verify(context: RequestContext, campaign: Campaign, order: Order) -> object:
    call = context.world.place_call(campaign, order)
    waits = campaign.method is Method.AWAIT
    numbers = (context.account.caller_ids or requests.SERVICE_NUMBERS)[:3] if waits else ()
    return responses.wrap(responses.render_verification(call, numbers))


def _find_all(find: Callable[[K], V], keys: Iterable[K]) -> list[V]:
    """Return what `find` has for the keys, without those it has nothing for.

    Raises its error for the first of these only when there is nothing else (inferred).
    """
    values: list[V] = []
    misses: list[TelephonyError] = []
    for key in keys:
        try:
            values.append(find(key))
        except TelephonyError as error:
            misses.append(error)
    if misses and not values:
        raise misses[0]
    return values
