"""The client of JAICP, doing the tasks of its suite."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.clients.jaicp import OVER, Jaicp
from tests.clients.tasks import Conclusion, Refused, TaskClient, Unreadable, listen, read_json, run
from tests.clients.understanding import JAICP
from tests.clients.vendor_client import Bug
from tests.clients.wire import Answer, Lost, Request

MOSCOW = timezone(timedelta(hours=3))
ANSWERED = ("longCallWithResult", "longCallWithNoResult", "shortCall")


class JaicpTasks(TaskClient, Jaicp):
    """Every task that a client of JAICP can be given."""

    bugs: Sequence[Bug] = (*Jaicp.bugs, *JAICP)

    def result(self, answer: Answer) -> Any:
        """Return what the vendor says; raises Refused and Unreadable."""
        if answer.status >= 500:
            raise Lost(str(answer.status))
        if answer.status != 200 and not self.has("every_answer_is_a_success"):
            raise Refused(answer.text)
        if not answer.content and not self.has("parses_an_empty_body"):
            return None
        return read_json(answer)

    def look(self, operation: str, way: str, body: Any = None) -> Any:
        """Ask for what only reads, again where the answer is lost."""
        return self.look_at(self.request(operation, way, body))

    def order_by_key(self, request: Request, repeatable: bool) -> Any:
        """Ask for something that calls people: once, or again under the same key."""
        try:
            return self.order_once(request)
        except (Lost, Unreadable):
            if self.has("fresh_key_each_time"):
                request.headers["Idempotence-Key"] = "another"
            elif not repeatable and not self.has("repeats_without_a_key"):
                raise
            return self.order_once(request)

    # -- numbers ----------------------------------------------------------------------------------------

    def give(self, phones: Sequence[str], key: str = "", **terms: Any) -> list[str]:
        good = [phone for phone in phones if phone.isdecimal()]
        body = [{"phone": phone, **terms} for phone in good]
        if self.has("one_number_at_a_time"):
            body = body[:1]
        ids: list[str] = self.order_by_key(
            self.request("add_phones", "/addPhones", body, key), repeatable=bool(key)
        )
        return ids

    def do_add(self, phones: Sequence[str], key: str = "", **more: Any) -> Conclusion:
        try:
            ids = self.give(phones, key, **self.terms(**more))
        except (Lost, Unreadable):
            if self.has("lost_is_refused"):
                return {"outcome": "refused"}
            raise
        return {
            "outcome": "accepted",
            "ids": [float(one) for one in ids] if self.has("ids_are_floats") else ids,
        }

    def terms(
        self, payload: Any = None, zone: str = "", hours: Sequence[str] = (), start: str = ""
    ) -> dict[str, Any]:
        terms: dict[str, Any] = {"payload": payload} if payload else {}
        if payload and self.has("payload_of_texts"):
            terms["payload"] = {name: str(value) for name, value in payload.items()}
        if payload and self.has("numbers_out_of_texts"):
            terms["payload"] = {name: int(v) if str(v).isdecimal() else v for name, v in payload.items()}
        if payload and self.has("names_in_ascii"):
            terms["payload"] = {
                name: str(v).encode("ascii", "ignore").decode() for name, v in payload.items()
            }
        if zone:
            terms["gmtZone"] = "UTC" if self.has("zone_is_utc") else zone
        if hours:
            opens, closes = hours
            if self.has("hours_converted"):
                opens, closes = f"{int(opens[:2]) - 3:02}{opens[2:]}", f"{int(closes[:2]) - 3:02}{closes[2:]}"
            terms["allowedTime"] = {"default": [{"localTimeFrom": opens, "localTimeTo": closes}]}
        if start:
            at = datetime.fromisoformat(start)
            local = at if self.has("start_as_it_came") else at.astimezone(UTC)
            terms["startDateTime"] = f"{local:%Y-%m-%dT%H:%M:%S}Z"
        return terms

    def do_crm(self, phone: str, key: str, name: str) -> Conclusion:
        path = f"/api/crmCalls/campaign/{self.setting('TOKEN')}/addPhone"
        name = name.partition("&")[0] if self.has("form_pasted_together") else name
        form = ("phone", phone), ("name", name)
        headers = [("Idempotence-Key", key)]
        request = Request("crm_add_phone_post", "POST", path, form=form, headers=headers)
        job = self.order_by_key(request, repeatable=True)
        return {"outcome": "accepted", "id": int(job) & 0xFFFFFFF if self.has("id_of_28_bits") else job}

    # -- reports ----------------------------------------------------------------------------------------

    def jobs_of(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.look("call_job_report", "/callJob/getReport", {"ids": list(ids)})
        return rows

    def do_report(self, ids: Sequence[str]) -> Conclusion:
        asked = ids[:1] if self.has("first_id_only") else ids
        return {"outcome": "done", "count": len(self.jobs_of(asked))}

    def do_status(self, id: str) -> Conclusion:  # noqa: A002 - the name of the task's argument
        (row,) = self.jobs_of([id])
        finished = row["finishedAt"]
        if self.has("null_is_zero"):
            finished = finished or 0
        seconds = row["callDuration"]
        return {
            "outcome": "done",
            "id": row["callJobId"],
            "status": row["jobStatus"].lower() if self.has("status_in_lower_case") else row["jobStatus"],
            "over": row["jobStatus"] in OVER or self.has("everything_is_over"),
            "created": self.instant(row["createdAt"]),
            "finished": None if finished is None else self.instant(finished),
            "seconds": (seconds or 0) / 1000 if self.has("seconds_are_milliseconds") else seconds,
        }

    def instant(self, milliseconds: int) -> str:
        at = datetime.fromtimestamp(milliseconds / 1000, UTC)
        if self.has("milliseconds_are_seconds"):
            at = datetime.fromtimestamp(milliseconds / 100_000, UTC)
        if self.has("times_of_moscow"):
            at = at.replace(tzinfo=MOSCOW)
        return at.isoformat()

    def do_watch(self, phones: Sequence[str]) -> Conclusion:
        ids = self.give(phones)
        rows: list[dict[str, Any]] = []
        ends = ANSWERED if self.has("only_good_ends") else OVER

        def are_over() -> bool:
            rows[:] = self.jobs_of(ids)
            over = [row["jobStatus"] in ends for row in rows]
            return any(over) if self.has("one_is_all") else all(over)

        if self.has("first_look_is_the_end"):
            are_over()
        elif not self.until(are_over):
            return {"outcome": "unknown"}
        answered = [row for row in rows if row["jobStatus"] in ANSWERED or self.has("over_is_answered")]
        return {"outcome": "over", "answered": len(answered)}

    def all_pages(self, operation: str, way: str, size: int, more: dict[str, Any] | None) -> list[int]:
        ids: list[int] = []
        page = 1 if self.has("pages_from_1") else 0
        while True:
            pagination = {"page": page, "pageSize": size}
            body = pagination if more is None else {**more, "pagination": pagination}
            rows = self.look(operation, way, body)["items"]
            ids += [int(row["callJobId"]) for row in rows]
            full_is_the_end = self.has("full_page_is_the_end") and len(rows) == size
            if len(rows) < size or self.has("page_0_only") or full_is_the_end:
                return ids
            twice = self.has("a_page_twice_over") and len(ids) == size and page == 0
            ids += ids if twice else []
            page += 1

    def do_sum(self, page_size: int, **span: str) -> Conclusion:
        if self.has("day_of_the_reader"):
            span = {"from": "2026-03-02T10:30:00Z", "to": "2026-03-03T10:30:00Z"}
        created = {"createdAtFrom": span["from"], "createdAtTo": span["to"]}
        way = "/callJob/getReportByDate"
        ids = self.all_pages("call_job_report_by_date", way, page_size, {"filter": created})
        total = sum(ids)
        return {
            "outcome": "done",
            "count": len(ids),
            "sum": total % 2**32 if self.has("sum_in_32_bits") else total,
        }

    def do_unfinished(self, page_size: int) -> Conclusion:
        ids = self.all_pages("unfinished_call_jobs", "/callJob/getUnfinished", page_size, None)
        return {"outcome": "done", "count": len(ids), "sum": sum(ids)}

    # -- the campaign -----------------------------------------------------------------------------------

    def do_campaign(self) -> Conclusion:
        path = f"/api/calls/campaign/{self.setting('TOKEN')}"
        try:
            info = self.look_at(Request("campaign_info", "GET", path))
        except Exception:
            if self.has("outage_is_an_answer"):
                return {"outcome": "done", "name": ""}
            raise
        return {"outcome": "done", "name": info["name"]}

    def do_pause(self) -> Conclusion:
        self.order_once(self.request("pause", "/control/pause"))
        if self.has("pauses_and_goes_on"):
            self.order_once(self.request("resume", "/control/resume"))
        return {"outcome": "done"}

    def do_cancel(self, ids: Sequence[str]) -> Conclusion:
        cancelled = self.order_once(self.request("cancel", "/callJob/cancel", {"ids": list(ids)}))
        return {"outcome": "done", "count": len(ids if self.has("asked_is_cancelled") else cancelled)}

    # -- the question before a call ---------------------------------------------------------------------

    def do_check(self, phones: Sequence[str], receiver: str, denied: Sequence[str] = ()) -> Conclusion:
        handled = self.handled()
        left_alone = () if self.has("forgets_who_is_denied") and handled.placed else denied
        own = (*phones,)
        asked: list[str] = []
        refused: list[str] = []

        def handle(_path: str, _headers: dict[str, str], body: bytes) -> int:
            phone = str(json.loads(body)["phone"])
            if phone in own or self.has("counts_what_is_not_its_own"):
                asked.append(phone)
            if self.has("answers_errors"):
                return 500
            if self.has("always_no") or (phone in left_alone and not self.has("always_allows")):
                refused.append(phone)
                return 403
            return 200

        receiving = listen(receiver, handle)
        if not handled.placed:
            check = {"externalCheckUrl": f"{receiver}/may-call", "externalCheckMaxRetries": 2}
            for job in self.give(phones, externalCheck=check):
                handled.note_placed(job)
        if not self.has("gone_too_early"):
            self.wait_for_the_end()
        receiving.close()
        if self.has("counts_what_was_given"):
            asked = [*phones]
        copies = self.has("counts_each_copy")
        count = len(asked) + 1 if self.has("counts_one_more") else len(asked if copies else {*asked})
        return {"outcome": "heard", "asked": count, "denied": len({*refused})}


if __name__ == "__main__":
    sys.exit(run(JaicpTasks, sys.argv[1:]))
