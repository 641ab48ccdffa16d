"""Callo's operations: where each lives, what it reads, and the one thing it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from werkzeug.exceptions import MethodNotAllowed

from simulator.exchange import Answer
from simulator.formats.csv_table import write_csv
from simulator.telephony.calls import Order
from simulator.telephony.campaign_settings import Method
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import TelephonyError, UnknownCall
from simulator.vendor import RequestContext, VendorBlueprint
from simulator.vendors.callo import media, results, wire
from simulator.vendors.callo.answers import answer, answer_done, answer_json
from simulator.vendors.callo.bulk import parse_append_calls
from simulator.vendors.callo.camp_stats import render_camp_stats
from simulator.vendors.callo.paging import WALKS
from simulator.vendors.callo.paths import API, ROOT
from simulator.vendors.callo.settings import CalloSettings

ADDING = ("GET", "POST")
"""Documented: the vendor shows GET and recommends POST."""

blueprint = VendorBlueprint("callo", ROOT, append_slash=True)

Handler = Callable[[RequestContext], Answer]
T = TypeVar("T")
F = TypeVar("F")


def read(path: str, operation: str) -> Callable[[Handler], Handler]:
    """Serve GET at `path` below the API, and POST where the account's profile says so."""

    def keep(handler: Handler) -> Handler:
        @wraps(handler)
        def guarded(context: RequestContext) -> Answer:
            if context.request.method == "POST" and not CalloSettings.of(context.account).post_reads:
                raise MethodNotAllowed
            return handler(context)

        blueprint.add_url_rule(API + path, operation, guarded, methods=("GET", "POST"))
        return handler

    return keep


@blueprint.route(f"{API}/phones/call/", methods=ADDING)
def add_call(context: RequestContext) -> Answer:
    """Add one call."""
    call = context.world.place_call(*wire.parse_add_call(context))
    return answer_json(results.render_added_call(call), context.account.language)


@blueprint.route(f"{API}/phones/confirm/", methods=ADDING)
def add_confirm_call(context: RequestContext) -> Answer:
    """Add a call that verifies a number by a code, a key or a call of theirs."""
    return _verify(context, *wire.parse_confirm(context))


@blueprint.route(f"{API}/phones/tellcode/", methods=ADDING)
def add_tellcode_call(context: RequestContext) -> Answer:
    """Add a call in which a robot dictates a code."""
    return _verify(context, *wire.parse_tellcode(context))


@blueprint.route(f"{API}/phones/flashcall/", methods=ADDING)
def add_flashcall(context: RequestContext) -> Answer:
    """Add a call whose caller number ends with a code."""
    return _verify(context, *wire.parse_flashcall(context))


@blueprint.post(f"{API}/phones/append/calls/")
def append_calls(context: RequestContext) -> Answer:
    """Take a list of numbers in; their calls appear later."""
    campaign, contacts, refused = parse_append_calls(context)
    phones = context.world.imports.take(campaign, contacts, refused)
    return answer_json(results.render_phone_list(phones, campaign), context.account.language)


@read("/phones/call_by_id/", "call_by_id")
def call_by_id(context: RequestContext) -> Answer:
    """Tell the results of calls by their ids."""
    refs, expand = wire.parse_call_ids(context)
    calls = _those_found(context.account.call, refs)
    return answer_json([results.render_call(call, expand) for call in calls], context.account.language)


@read("/phones/calls_by_phone/", "calls_by_phone")
def calls_by_phone(context: RequestContext) -> Answer:
    """Tell the results of a campaign's calls to some numbers, each number's newest first."""
    campaign, numbers, filters, expand = wire.parse_calls_by_phone(context)
    found = _those_found(lambda number: context.account.calls_to(number, campaign), numbers)
    calls = [call for calls in found for call in calls if filters.match(call)]
    return answer_json(
        [results.render_call_to_phone(call, expand) for call in calls], context.account.language
    )


@read("/phones/all_calls/", "all_calls")
def all_calls(context: RequestContext) -> Answer:
    """Tell the results of a campaign's calls, page by page, newest first."""
    campaign, page, filters, expand = wire.parse_all_calls(context)
    calls = WALKS.of(context.account).page(campaign, filters, page)
    return answer_json(
        [results.render_campaign_call(call, expand) for call in calls], context.account.language
    )


@read("/phones/calls_by_label/", "calls_by_label")
def calls_by_label(context: RequestContext) -> Answer:
    """Tell the results of a campaign's calls by their labels."""
    campaign, labels, expand = wire.parse_calls_by_label(context)
    calls = _those_found(campaign.call_labelled, labels)
    return answer_json(
        [results.render_labelled_call(call, expand) for call in calls], context.account.language
    )


@read("/phones/camp_stats/", "camp_stats")
def camp_stats(context: RequestContext) -> Answer:
    """Tell how a campaign's calls were dialed and ended."""
    return answer_done(render_camp_stats(*wire.parse_camp_stats(context)), context.account.language)


@blueprint.post(f"{API}/phones/remove_call/")
def remove_call(context: RequestContext) -> Answer:
    """Take a call, or every open call to a number, out of dialing; the answer's words are inferred."""
    campaign, ref, number = wire.parse_remove_call(context)
    if ref is None:
        calls = context.account.calls_to(number, campaign)
        for call in [call for call in calls if call.ending is None] or calls[:1]:
            context.world.remove_call(call)
        return answer_done(f"Phone by val={number} removed", context.account.language)
    call = context.account.call(ref)
    if call.campaign is not campaign:
        raise UnknownCall(ref)
    context.world.remove_call(call)
    return answer_done(f"Call by ats_call_id={ref} removed", context.account.language)


@blueprint.post(f"{API}/audio/upload/")
def upload_audio(context: RequestContext) -> Answer:
    """Keep a sound file as a clip."""
    clip = context.world.add_clip(context.account, wire.parse_clip(context))
    return answer_json(results.render_clip(clip, context.account), context.account.language)


@read("/audio/info/", "audio_info")
def audio_info(context: RequestContext) -> Answer:
    """Tell about a clip."""
    clip = context.account.clip(wire.parse_clip_ref(context))
    return answer_json(results.render_clip_info(clip, context.account), context.account.language)


@blueprint.post(f"{API}/phones/stoplist/")
def stoplist(context: RequestContext) -> Answer:
    """Never call a number again; the answer's words are inferred."""
    number = wire.parse_stoplist(context)
    context.world.stop_list(context.account, number)
    return answer_done(f"Phone by val={number} added", context.account.language)


@read("/phonelists/call_ids_by_phonelist/", "call_ids_by_phonelist")
def call_ids_by_phonelist(context: RequestContext) -> Answer:
    """Tell the ids of the calls that came of a list, newest first, as CSV."""
    campaign, ref = wire.parse_phone_list(context)
    calls = reversed(campaign.phone_list(ref).calls)
    rows = ((call.callee, str(call.ref), results.render_time(call.created)) for call in calls)
    table = write_csv(rows, ("phoneval", "ats_call_id", "created"))
    return answer(table, "text/csv", context.account.language)


@read("/users/balance/", "balance")
def balance(context: RequestContext) -> Answer:
    """Tell the balance."""
    return answer_json({"balance": results.render_balance(context.account)}, context.account.language)


@read("/phones/cost/", "campaign_cost")
def campaign_cost(context: RequestContext) -> Answer:
    """Tell what a campaign has cost, for all time and today."""
    campaign = wire.parse_campaign(context)
    return answer_json(results.render_cost(campaign, context.world.clock.now), context.account.language)


@read("/campaigns/", "campaigns")
def campaigns(context: RequestContext) -> Answer:
    """Tell which campaigns there are."""
    return answer_json(
        results.render_campaigns(context.account, wire.parse_mode(context)), context.account.language
    )


@blueprint.public("/cdr/record/<int:campaign>/<name>/")
def recording(context: RequestContext, campaign: int, name: str) -> Answer:  # noqa: ARG001 - the key tells all
    """Play what was recorded of a call."""
    return media.answer_recording(media.find_recording(context.world, name, context.form.get("key")))


@blueprint.public("/directcdr/<key>/<int:owner>/<int:ref>/<file>")
def direct_recording(context: RequestContext, key: str, owner: int, ref: int, file: str) -> Answer:  # noqa: ARG001
    """Play what was recorded of one attempt."""
    return media.answer_recording(media.find_direct_recording(context.world, ref, key))


@blueprint.public("/media/converted/<int:a>/<int:b>/<int:number>.wav")
def converted_clip(context: RequestContext, a: int, b: int, number: int) -> Answer:  # noqa: ARG001
    """Play a clip as WAV."""
    return media.answer_converted(media.find_clip(context.world, number))


@blueprint.public("/media/original/<int:a>/<int:b>/<int:number>.<kind>")
def original_clip(context: RequestContext, a: int, b: int, number: int, kind: str) -> Answer:  # noqa: ARG001
    """Play a clip as it was uploaded."""
    return media.answer_original(media.find_clip(context.world, number))


def _verify(context: RequestContext, campaign: Campaign, order: Order) -> Answer:
    call = context.world.place_call(campaign, order)
    waits = campaign.method is Method.AWAIT
    numbers = (context.account.caller_ids or wire.SERVICE_NUMBERS)[:3] if waits else ()
    return answer_done(results.render_verification(call, numbers), context.account.language)


def _those_found(find: Callable[[T], F], wanted: list[T]) -> list[F]:
    """Return what is found of a list; raises the first miss only when there is nothing else (inferred)."""
    found: list[F] = []
    missed: TelephonyError | None = None
    for one in wanted:
        try:
            found.append(find(one))
        except TelephonyError as error:
            missed = missed or error
    if missed and not found:
        raise missed
    return found
