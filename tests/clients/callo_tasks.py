"""The client of Callo, doing the tasks of its suite."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.clients.callo import API, OVER, SOUND, Callo
from tests.clients.receiver import Handle
from tests.clients.tasks import DEFERRED, Conclusion, Handled, Refused, TaskClient, read_json, run
from tests.clients.understanding import CALLO
from tests.clients.vendor_client import Bug
from tests.clients.wire import Answer, Lost, Request

NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


class CalloTasks(TaskClient, Callo):
    """Every task that a client of Callo can be given."""

    bugs: Sequence[Bug] = (*Callo.bugs, *CALLO)

    def result(self, answer: Answer) -> Any:
        """Return what the vendor says, with or without its envelope; raises Refused and Unreadable."""
        if answer.status >= 500:
            raise Lost(str(answer.status))
        if answer.status != 200 and not self.has("refusal_is_success"):
            raise Refused(answer.text)
        value = read_json(answer)
        return value["data"] if isinstance(value, dict) and "status" in value else value

    def get(self, operation: str, path: str, *fields: tuple[str, Any]) -> Any:
        request = Request(operation, "GET", f"{API}/{path}/", [self.key, *fields])
        return self.look_at(request)

    def change(self, operation: str, path: str, *fields: tuple[str, Any]) -> Any:
        """Ask for something that happens once."""
        return self.order(self.post(operation, path, *fields))

    def is_limited(self, answer: Answer) -> bool:
        return answer.status == 429 and not self.has("limit_is_refusal")

    # -- voice ------------------------------------------------------------------------------------------

    def do_place(
        self, phone: str, text: str = "", label: str = "", webhook: str = "", now: str = ""
    ) -> Conclusion:
        if self.is_night([phone], now):
            return DEFERRED
        fields = [("text", text), ("label", label), ("ivr_lvl_1_btn_1_webhook", webhook)]
        fields = [(name, value) for name, value in fields if value]
        try:
            call = self.change("add_call", "phones/call", ("phone", phone), self.campaign, *fields)
        except Refused:
            raise
        except Exception:
            if not label or self.has("lost_is_refused"):
                return {"outcome": "refused" if self.has("lost_is_refused") else "unknown"}
            return self.looked_up(label)
        return {"outcome": "placed", "id": self.id_of(call.get("call_id"))}

    def looked_up(self, label: str) -> Conclusion:
        """Conclude from the label whether a call whose answer was lost is there."""
        try:
            rows = self.get("calls_by_label", "phones/calls_by_label", self.campaign, ("label", label))
        except Refused:
            return {"outcome": "unknown"}
        return {"outcome": "placed", "id": self.id_of(rows[0]["call_id"])}

    def id_of(self, call_id: Any) -> Any:
        if self.has("id_through_a_float"):
            return float(call_id)
        return int(call_id) & 0xFFFFFFFF if self.has("id_through_32_bits") else call_id

    def do_confirm(self, phone: str, code: str) -> Conclusion:
        sent = str(int(code)) if self.has("code_as_a_number") else code
        campaign = ("campaign_id", self.setting("CAMPAIGN_ID_PINCODE"))
        call = self.change(
            "add_confirm_call", "phones/confirm", ("phone", phone), campaign, ("pincode", sent)
        )
        if self.has("envelope_not_opened"):
            return {"outcome": "placed", "id": None, "code": sent}
        return {"outcome": "placed", "id": call["call_id"], "code": sent}

    def do_flash(self, phone: str, code: str) -> Conclusion:
        sent = str(int(code)) if self.has("suffix_as_a_number") else code
        campaign = ("campaign_id", self.setting("CAMPAIGN_ID_FLASHCALL"))
        call = self.change(
            "add_flashcall", "phones/flashcall", ("phone", phone), campaign, ("phone_suffix", sent)
        )
        return {"outcome": "placed", "id": call["call_id"]}

    def do_status(self, call_id: Any) -> Conclusion:
        row = self.status(call_id)[0]
        created = row["created"].replace("Z", "") if self.has("zone_dropped") else row["created"]
        if self.has("time_of_the_reader"):
            created = created.replace("Z", "+03:00")
        cost = row["cost"]
        return {
            "outcome": "done",
            "id": row["call_id"],
            "status": row["status"],
            "over": row["status"] in OVER,
            "created": created,
            "cost": str(round(float(cost))) if self.has("cost_in_whole_units") else cost,
        }

    def do_find(self, label: str) -> Conclusion:
        try:
            rows = self.get("calls_by_label", "phones/calls_by_label", self.campaign, ("label", label))
        except Refused:
            return {"outcome": "none"}
        if not rows or "call_id" not in rows[0]:
            return {"outcome": "found", "id": None}
        return {"outcome": "found", "id": self.id_of(rows[0]["call_id"])}

    def do_watch(self, phone: str) -> Conclusion:
        call_id = self.change("add_call", "phones/call", ("phone", phone), self.campaign)["call_id"]
        over = ("compl_finished", "user") if self.has("only_good_ends") else OVER
        last: list[str] = []

        def look() -> str | None:
            last[:] = [self.status(call_id)[0]["status"]]
            return last[0] if last[0] in over else None

        if self.has("first_look_is_the_end"):
            look()
        elif not self.until(look):
            return {"outcome": "unknown"}
        return {
            "outcome": "over",
            "id": call_id,
            "status": last[0],
            "answered": last[0] != "attempts_exc" or self.has("end_is_an_answer"),
        }

    # -- sums -------------------------------------------------------------------------------------------

    def do_report(self) -> Conclusion:
        ids = self.all_ids()
        unique = ids if self.has("rows_counted_twice") else [*dict.fromkeys(ids)]
        total = float(sum(unique)) if self.has("sum_in_a_float") else sum(unique)
        return {"outcome": "done", "count": len(unique), "sum": total}

    def all_ids(self) -> list[int]:
        ids: list[int] = []
        page = 0 if self.has("pages_from_0") else 1
        while True:
            rows = self.get("all_calls", "phones/all_calls", self.campaign, ("page", page))
            ids += [row["call_id"] for row in rows]
            full_is_the_end = self.has("full_page_is_the_end") and len(rows) == 1_000
            if not rows or self.has("page_1_only") or full_is_the_end:
                return ids
            page += 1

    def append(self, phones: Sequence[str]) -> Any:
        fields = self.campaign, ("phones", "\n".join(phones))
        return self.change("append_calls", "phones/append/calls", *fields)

    def do_bulk(self, phones: Sequence[str]) -> Conclusion:
        rows = [phone for phone in phones if NUMBER.fullmatch(phone) or self.has("junk_goes_along")]
        answer = self.append(rows)
        taken = len(phones) if self.has("all_are_taken") else answer["calls_count"]
        return {"outcome": "accepted", "accepted": taken}

    def do_import(self, phones: Sequence[str]) -> Conclusion:
        self.append(phones)
        if not self.has("import_is_at_once"):
            self.until(lambda: len(self.all_ids()) >= len(phones))
        ids = [*dict.fromkeys(self.all_ids())]
        return {"outcome": "imported", "count": len(ids), "sum": sum(ids)}

    def do_balance(self) -> Conclusion:
        amount = self.get("balance", "users/balance")["balance"]
        if self.has("balance_in_cents"):
            return {"outcome": "done", "amount": str(float(amount) * 100)}
        return {"outcome": "done", "amount": str(int(float(amount))) if self.has("cents_cut_off") else amount}

    def do_cost(self) -> Conclusion:
        cost = self.get("campaign_cost", "phones/cost", self.campaign)
        name = "daily_cost" if self.has("cost_of_today") else "forever_cost"
        return {"outcome": "done", "amount": cost[name], "currency": cost["currency"]}

    def do_statistics(self, **days: str) -> Conclusion:
        at = {name: datetime.fromisoformat(day) for name, day in days.items()}
        if not self.has("dates_as_they_came"):
            at = {name: day.astimezone(UTC) for name, day in at.items()}
        fields = [(f"{name}_date", f"{day:%Y-%m-%d %H:%M:%S}") for name, day in at.items()]
        statistics = self.get("camp_stats", "phones/camp_stats", self.campaign, *fields)
        rows = statistics["call_statuses"]
        total = sum(row["count"] for row in rows) if self.has("total_added_in") else 0
        return {
            "outcome": "done",
            "count": total or next(row["count"] for row in rows if row["status"] == "all"),
        }

    def do_campaigns(self) -> Conclusion:
        campaigns = self.get("campaigns", "campaigns", ("mode", "active"))["campaigns"]
        return {"outcome": "done", "count": len(campaigns)}

    # -- changes ----------------------------------------------------------------------------------------

    def do_remove(self, call_id: Any) -> Conclusion:
        if not self.has("removes_nothing"):
            self.change("remove_call", "phones/remove_call", ("call_id", call_id), self.campaign)
        return {"outcome": "removed"}

    def do_block(self, phone: str) -> Conclusion:
        self.change("stoplist", "phones/stoplist", ("phone", phone))
        if self.has("calls_who_is_blocked"):
            self.change("add_call", "phones/call", ("phone", phone), self.campaign)
        return {"outcome": "blocked"}

    def do_upload(self, name: str) -> Conclusion:
        request = self.post("upload_audio", "audio/upload", ("clip_name", name))
        request.file = ("clip_file", "greeting.wav", SOUND)
        return {"outcome": "uploaded", "id": self.result(self.ask(request))["audioclip_id"]}

    # -- callbacks --------------------------------------------------------------------------------------

    def do_receive(self, phones: Sequence[str], receiver: str) -> Conclusion:
        def handle(handled: Handled) -> Handle:
            def note(path: str, _headers: dict[str, str], _body: bytes) -> int:
                handled.note(parse_qs(urlsplit(path).query).get("call", [""])[0])
                return 500 if self.has("answers_errors") else 200

            return note

        def place(handled: Handled) -> None:
            for phone in phones:
                call = self.change("add_call", "phones/call", ("phone", phone), self.campaign)
                handled.note_placed(str(call["call_id"]))

        ids = self.hear(receiver, handle, place, lambda call: self.status(call)[0]["status"] in OVER)
        if self.has("goes_by_the_order"):
            ids = self.handled().placed[: len(ids) - 1]
        return {"outcome": "heard", "handled": len(ids), "sum": sum(map(int, ids))}


if __name__ == "__main__":
    sys.exit(run(CalloTasks, sys.argv[1:]))
