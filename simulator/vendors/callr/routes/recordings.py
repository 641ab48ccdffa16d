"""Recordings: found by every filter, marked as read and deleted, one by one or many as a task."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulator.exchange import Answer, Loss
from simulator.telephony.recordings import Recording
from simulator.telephony.world import World
from simulator.vendor import CustomerVisit
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.fields import Query, check_sid, read_body
from simulator.vendors.callr.paging import Search
from simulator.vendors.callr.rendering import render_recording
from simulator.vendors.callr.routes.table import delete, patch, routes

MOST = 100

SEARCH = Search[Recording](
    "recordings",
    {"created": lambda recording: recording.created},
    render_recording,
    alive=lambda recording: recording.ref in recording.account.recordings,
)


@routes.get("/recordings", "search_recordings")
def search_recordings(visit: CustomerVisit) -> Answer:
    """Find recordings, newest first."""
    return SEARCH.answer(visit, list(visit.account.recordings.values()), _filter(Query(visit.form)))


def _filter(query: Query) -> Callable[[Recording], bool]:
    sid, kind, callid = query.sid("sid"), query.get("type"), query.integer("callid", 1)
    caller, callee, read = query.number("caller"), query.number("callee"), query.flag("read")
    read_after, read_before = query.instant("readAfter"), query.instant("readBefore")
    after, before = query.instant("createdAfter"), query.instant("createdBefore")
    shortest = query.integer("minDuration", 0) or 0

    def matches(recording: Recording) -> bool:
        heard = recording.read_at
        return (
            sid in (None, recording.ref)
            and kind in (None, recording.kind)
            and callid in (None, recording.call)
            and caller in (None, recording.caller)
            and callee in (None, recording.callee)
            and read in (None, heard is not None)
            and (read_after is None or (heard is not None and heard > read_after))
            and (read_before is None or (heard is not None and heard < read_before))
            and (after is None or recording.created > after)
            and (before is None or recording.created < before)
            and recording.length.total_seconds() >= shortest
        )

    return matches


@patch("/recordings", "update_recordings")
def update_recordings(visit: CustomerVisit) -> Answer:
    """Mark those named, or all when none is (documented), as a task."""
    chosen = _chosen(visit)
    body = read_body(visit, known=("read",))
    read = body.flag("read") if "read" in body else None
    job = visit.world.jobs.start(
        visit.account, "update recordings", partial(_mark_all, visit.world, chosen, read)
    )
    return answer_json(job.ref, 202)


@delete("/recordings", "delete_recordings")
def delete_recordings(visit: CustomerVisit) -> Answer:
    """Delete those named, or all when none is (documented), as a task."""
    work = partial(_remove_all, visit.world, _chosen(visit))
    return answer_json(visit.world.jobs.start(visit.account, "delete recordings", work).ref, 202)


def _chosen(visit: CustomerVisit) -> list[Recording]:
    """Return the recordings meant; SIDs that name none are passed over (inferred)."""
    kept = visit.account.recordings
    sids = Query(visit.form).sids("sid", MOST)
    if not sids:
        visit.losses.append(Loss("whole_selection", "sid", f"no sid, which means all {len(kept)} recordings"))
        return list(kept.values())
    if skipped := [sid for sid in dict.fromkeys(sids) if sid not in kept]:
        visit.losses.append(Loss("sids_skipped", "sid", f"{len(skipped)} unknown, first {skipped[0]}"))
    return [kept[sid] for sid in dict.fromkeys(sids) if sid in kept]


def _mark_all(world: World, chosen: list[Recording], read: bool | None) -> dict[str, int]:
    living = [recording for recording in chosen if recording.ref in recording.account.recordings]
    for recording in living if read is not None else []:
        world.recordings.mark(recording, read=bool(read))
    return {"updated": len(living)}


def _remove_all(world: World, chosen: list[Recording]) -> dict[str, int]:
    living = [recording for recording in chosen if recording.ref in recording.account.recordings]
    for recording in living:
        world.recordings.remove(recording)
    return {"deleted": len(living)}


@routes.get("/recordings/<sid>", "get_recording")
def get_recording(visit: CustomerVisit, sid: str) -> Answer:
    """Tell one recording."""
    return answer_json(render_recording(_find(visit, sid)))


@patch("/recordings/<sid>", "update_recording")
def update_recording(visit: CustomerVisit, sid: str) -> Answer:
    """Mark one recording as read or unread."""
    recording = _find(visit, sid)
    body = read_body(visit, known=("read",))
    if "read" in body:
        visit.world.recordings.mark(recording, read=body.flag("read"))
    return answer_json(render_recording(recording))


@delete("/recordings/<sid>", "delete_recording")
def delete_recording(visit: CustomerVisit, sid: str) -> Answer:
    """Forget one recording."""
    visit.world.recordings.remove(_find(visit, sid))
    return answer_nothing()


def _find(visit: CustomerVisit, sid: str) -> Recording:
    return visit.world.recordings.find(visit.account, check_sid("sid", sid))
