"""Recordings: found by every filter, marked as read and deleted, one by one or many as a task."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulator.errors import counted
from simulator.exchange import Answer, Loss
from simulator.telephony.recordings import Recording
from simulator.vendor import RequestContext
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.fields import Query, check_sid, read_body
from simulator.vendors.callr.paging import Search
from simulator.vendors.callr.responses import render_recording
from simulator.vendors.callr.routes import blueprint

MOST = 100

SEARCH = Search[Recording](
    "recordings",
    {"created": lambda recording: recording.created},
    render_recording,
)


@blueprint.get("/recordings")
def search_recordings(context: RequestContext) -> Answer:
    """Find recordings, newest first."""
    kept = context.world.recordings.of(context.account)
    return SEARCH.answer(context, list(kept.values()), _filter(context))


def _filter(context: RequestContext) -> Callable[[Recording], bool]:
    query = Query(context.form)
    sid, kind, callid = query.sid("sid"), query.get("type"), query.integer("callid", 1)
    caller, callee, read = query.number("caller"), query.number("callee"), query.flag("read")
    (read_after, read_before), (after, before) = query.span(context, "read"), query.span(context, "created")
    shortest = query.integer("minDuration", 0) or 0

    def matches(recording: Recording) -> bool:
        at = recording.read_at
        return (
            sid in (None, recording.ref)
            and kind in (None, recording.kind)
            and callid in (None, recording.call)
            and caller in (None, recording.caller)
            and callee in (None, recording.callee)
            and read in (None, at is not None)
            and (read_after is None or (at is not None and at > read_after))
            and (read_before is None or (at is not None and at < read_before))
            and (after is None or recording.created > after)
            and (before is None or recording.created < before)
            and recording.length.total_seconds() >= shortest
        )

    return matches


@blueprint.patch("/recordings")
def update_recordings(context: RequestContext) -> Answer:
    """Mark those named, or all when none is (documented), as a task."""
    chosen, recordings = _chosen(context), context.world.recordings
    body = read_body(context, known=("read",))
    mark = partial(recordings.mark, read=body.flag("read")) if "read" in body else None
    work = partial(_do_all, chosen, "updated", mark)
    return answer_json(context.world.jobs.start(context.account, "update recordings", work).ref, 202)


@blueprint.delete("/recordings")
def delete_recordings(context: RequestContext) -> Answer:
    """Delete those named, or all when none is (documented), as a task."""
    work = partial(_do_all, _chosen(context), "deleted", context.world.recordings.remove)
    return answer_json(context.world.jobs.start(context.account, "delete recordings", work).ref, 202)


def _chosen(context: RequestContext) -> list[Recording]:
    """Return the recordings meant; SIDs that name none are passed over (inferred)."""
    kept = context.world.recordings.of(context.account)
    sids = Query(context.form).sids("sid", MOST)
    if not sids:
        context.losses.append(
            Loss("whole_selection", "sid", f"no sid, which means all: {counted(len(kept), 'recording')}")
        )
        return list(kept.values())
    if skipped := [sid for sid in dict.fromkeys(sids) if sid not in kept]:
        context.losses.append(Loss("sids_skipped", "sid", f"{len(skipped)} unknown, first {skipped[0]}"))
    return [kept[sid] for sid in dict.fromkeys(sids) if sid in kept]


def _do_all(chosen: list[Recording], word: str, act: Callable[[Recording], None] | None) -> dict[str, int]:
    """Return the result of a task under its word: how many recordings were still there to be done."""
    living = [recording for recording in chosen if not recording.removed]
    if act is not None:
        for recording in living:
            act(recording)
    return {word: len(living)}


@blueprint.get("/recordings/<sid>")
def get_recording(context: RequestContext, sid: str) -> Answer:
    """Return one recording; refused where the account has no such one."""
    return answer_json(render_recording(_find(context, sid)))


@blueprint.patch("/recordings/<sid>")
def update_recording(context: RequestContext, sid: str) -> Answer:
    """Mark one recording as read or unread."""
    recording = _find(context, sid)
    body = read_body(context, known=("read",))
    if "read" in body:
        context.world.recordings.mark(recording, read=body.flag("read"))
    return answer_json(render_recording(recording))


@blueprint.delete("/recordings/<sid>")
def delete_recording(context: RequestContext, sid: str) -> Answer:
    """Forget one recording."""
    context.world.recordings.remove(_find(context, sid))
    return answer_nothing()


def _find(context: RequestContext, sid: str) -> Recording:
    return context.world.recordings.find(context.account, check_sid("sid", sid))
