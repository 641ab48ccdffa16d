"""Callo's operations: where each lives, what it reads, and the one thing it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from werkzeug.exceptions import MethodNotAllowed

from simulator.exchange import Answer
from simulator.formats.csv_table import write_csv
from simulator.telephony.calls import Order
from simulator.telephony.campaigns import Campaign, Method
from simulator.telephony.errors import TelephonyError, UnknownCall
from simulator.vendor import CustomerVisit, Routes, Visit
from simulator.vendors.callo import media, results, wire
from simulator.vendors.callo.answers import answer, answer_done, answer_json
from simulator.vendors.callo.bulk import parse_append_calls
from simulator.vendors.callo.camp_stats import render_camp_stats
from simulator.vendors.callo.paging import walks_of
from simulator.vendors.callo.paths import API, ROOT
from simulator.vendors.callo.settings import setting

ADDING = ("GET", "POST")
"""Documented: the vendor shows GET and recommends POST."""

routes = Routes(ROOT, append_slash=True)

Handler = Callable[[CustomerVisit], Answer]
T = TypeVar("T")
F = TypeVar("F")


def read(path: str, operation: str) -> Callable[[Handler], Handler]:
    """Serve GET at `path` below the API, and POST where the account's profile says so."""

    def keep(handler: Handler) -> Handler:
        @wraps(handler)
        def guarded(visit: CustomerVisit) -> Answer:
            if visit.request.method == "POST" and not setting(visit.account, "post_reads"):
                raise MethodNotAllowed
            return handler(visit)

        routes.on(("GET", "POST"), API + path, operation)(guarded)
        return handler

    return keep


@routes.on(ADDING, f"{API}/phones/call/", "add_call")
def add_call(visit: CustomerVisit) -> Answer:
    """Add one call."""
    call = visit.world.place_call(*wire.parse_add_call(visit))
    return answer_json(results.render_added_call(call), visit.account.language)


@routes.on(ADDING, f"{API}/phones/confirm/", "add_confirm_call")
def add_confirm_call(visit: CustomerVisit) -> Answer:
    """Add a call that verifies a number by a code, a key or a call of theirs."""
    return _verify(visit, *wire.parse_confirm(visit))


@routes.on(ADDING, f"{API}/phones/tellcode/", "add_tellcode_call")
def add_tellcode_call(visit: CustomerVisit) -> Answer:
    """Add a call in which a robot dictates a code."""
    return _verify(visit, *wire.parse_tellcode(visit))


@routes.on(ADDING, f"{API}/phones/flashcall/", "add_flashcall")
def add_flashcall(visit: CustomerVisit) -> Answer:
    """Add a call whose caller number ends with a code."""
    return _verify(visit, *wire.parse_flashcall(visit))


@routes.post(f"{API}/phones/append/calls/", "append_calls")
def append_calls(visit: CustomerVisit) -> Answer:
    """Take a list of numbers in; their calls appear later."""
    campaign, contacts, refused = parse_append_calls(visit)
    phones = visit.world.imports.take(campaign, contacts, refused)
    return answer_json(results.render_phone_list(phones, campaign), visit.account.language)


@read("/phones/call_by_id/", "call_by_id")
def call_by_id(visit: CustomerVisit) -> Answer:
    """Tell the results of calls by their ids."""
    refs, expand = wire.parse_call_ids(visit)
    calls = _those_found(visit.account.call, refs)
    return answer_json([results.render_call(call, expand) for call in calls], visit.account.language)


@read("/phones/calls_by_phone/", "calls_by_phone")
def calls_by_phone(visit: CustomerVisit) -> Answer:
    """Tell the results of a campaign's calls to some numbers, each number's newest first."""
    campaign, numbers, filters, expand = wire.parse_calls_by_phone(visit)
    found = _those_found(lambda number: visit.account.calls_to(number, campaign), numbers)
    calls = [call for calls in found for call in calls if filters.match(call)]
    return answer_json([results.render_call_to_phone(call, expand) for call in calls], visit.account.language)


@read("/phones/all_calls/", "all_calls")
def all_calls(visit: CustomerVisit) -> Answer:
    """Tell the results of a campaign's calls, page by page, newest first."""
    campaign, page, filters, expand = wire.parse_all_calls(visit)
    calls = walks_of(visit.account).page(campaign, filters, page)
    return answer_json([results.render_campaign_call(call, expand) for call in calls], visit.account.language)


@read("/phones/calls_by_label/", "calls_by_label")
def calls_by_label(visit: CustomerVisit) -> Answer:
    """Tell the results of a campaign's calls by their labels."""
    campaign, labels, expand = wire.parse_calls_by_label(visit)
    calls = _those_found(campaign.call_labelled, labels)
    return answer_json([results.render_labelled_call(call, expand) for call in calls], visit.account.language)


@read("/phones/camp_stats/", "camp_stats")
def camp_stats(visit: CustomerVisit) -> Answer:
    """Tell how a campaign's calls were dialed and ended."""
    return answer_done(render_camp_stats(*wire.parse_camp_stats(visit)), visit.account.language)


@routes.post(f"{API}/phones/remove_call/", "remove_call")
def remove_call(visit: CustomerVisit) -> Answer:
    """Take a call, or every open call to a number, out of dialing; the answer's words are inferred."""
    campaign, ref, number = wire.parse_remove_call(visit)
    if ref is None:
        calls = visit.account.calls_to(number, campaign)
        for call in [call for call in calls if call.ending is None] or calls[:1]:
            visit.world.remove_call(call)
        return answer_done(f"Phone by val={number} removed", visit.account.language)
    call = visit.account.call(ref)
    if call.campaign is not campaign:
        raise UnknownCall(ref)
    visit.world.remove_call(call)
    return answer_done(f"Call by ats_call_id={ref} removed", visit.account.language)


@routes.post(f"{API}/audio/upload/", "upload_audio")
def upload_audio(visit: CustomerVisit) -> Answer:
    """Keep a sound file as a clip."""
    clip = visit.world.add_clip(visit.account, wire.parse_clip(visit))
    return answer_json(results.render_clip(clip, visit.account), visit.account.language)


@read("/audio/info/", "audio_info")
def audio_info(visit: CustomerVisit) -> Answer:
    """Tell about a clip."""
    clip = visit.account.clip(wire.parse_clip_ref(visit))
    return answer_json(results.render_clip_info(clip, visit.account), visit.account.language)


@routes.post(f"{API}/phones/stoplist/", "stoplist")
def stoplist(visit: CustomerVisit) -> Answer:
    """Never call a number again; the answer's words are inferred."""
    number = wire.parse_stoplist(visit)
    visit.world.stop_list(visit.account, number)
    return answer_done(f"Phone by val={number} added", visit.account.language)


@read("/phonelists/call_ids_by_phonelist/", "call_ids_by_phonelist")
def call_ids_by_phonelist(visit: CustomerVisit) -> Answer:
    """Tell the ids of the calls that came of a list, newest first, as CSV."""
    campaign, ref = wire.parse_phone_list(visit)
    calls = reversed(campaign.phone_list(ref).calls)
    rows = ((call.callee, str(call.ref), results.render_time(call.created)) for call in calls)
    table = write_csv(rows, ("phoneval", "ats_call_id", "created"))
    return answer(table, "text/csv", visit.account.language)


@read("/users/balance/", "balance")
def balance(visit: CustomerVisit) -> Answer:
    """Tell the balance."""
    return answer_json({"balance": results.render_balance(visit.account)}, visit.account.language)


@read("/phones/cost/", "campaign_cost")
def campaign_cost(visit: CustomerVisit) -> Answer:
    """Tell what a campaign has cost, for all time and today."""
    campaign = wire.parse_campaign(visit)
    return answer_json(results.render_cost(campaign, visit.world.clock.now), visit.account.language)


@read("/campaigns/", "campaigns")
def campaigns(visit: CustomerVisit) -> Answer:
    """Tell which campaigns there are."""
    return answer_json(
        results.render_campaigns(visit.account, wire.parse_mode(visit)), visit.account.language
    )


@routes.get("/cdr/record/<int:campaign>/<name>/", "recording", public=True)
def recording(visit: Visit, campaign: int, name: str) -> Answer:  # noqa: ARG001 - the key tells all
    """Play what was recorded of a call."""
    return media.answer_recording(media.find_recording(visit.world, name, visit.form.get("key")))


@routes.get("/directcdr/<key>/<int:owner>/<int:ref>/<file>", "direct_recording", public=True)
def direct_recording(visit: Visit, key: str, owner: int, ref: int, file: str) -> Answer:  # noqa: ARG001
    """Play what was recorded of one attempt."""
    return media.answer_recording(media.find_direct_recording(visit.world, ref, key))


@routes.get("/media/converted/<int:a>/<int:b>/<int:number>.wav", "converted_clip", public=True)
def converted_clip(visit: Visit, a: int, b: int, number: int) -> Answer:  # noqa: ARG001
    """Play a clip as WAV."""
    return media.answer_converted(media.find_clip(visit.world, number))


@routes.get("/media/original/<int:a>/<int:b>/<int:number>.<kind>", "original_clip", public=True)
def original_clip(visit: Visit, a: int, b: int, number: int, kind: str) -> Answer:  # noqa: ARG001
    """Play a clip as it was uploaded."""
    return media.answer_original(media.find_clip(visit.world, number))


def _verify(visit: CustomerVisit, campaign: Campaign, order: Order) -> Answer:
    call = visit.world.place_call(campaign, order)
    waits = campaign.method is Method.AWAIT
    numbers = (visit.account.caller_ids or wire.SERVICE_NUMBERS)[:3] if waits else ()
    return answer_done(results.render_verification(call, numbers), visit.account.language)


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
