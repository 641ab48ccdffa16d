"""The client of Kaleyra, doing the tasks of its suite."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.clients.kaleyra import INDIA, Kaleyra
from tests.clients.receiver import Handle
from tests.clients.tasks import DEFERRED, Conclusion, Handled, Refused, TaskClient, Unreadable, read_json, run
from tests.clients.understanding import KALEYRA
from tests.clients.vendor_client import Bug
from tests.clients.wire import Answer, Lost

MOST_NUMBERS = 200
MOST_PEOPLE = 1_000
NO_INCIDENTS = "E701"
TOO_FAST = "E640"


class KaleyraTasks(TaskClient, Kaleyra):
    """Every task that a client of Kaleyra can be given."""

    bugs: Sequence[Bug] = (*Kaleyra.bugs, *KALEYRA)

    def is_limited(self, answer: Answer) -> bool:
        if self.has("limit_in_the_envelope_unknown"):
            return answer.status == 429
        return answer.status == 429 or TOO_FAST.encode() in answer.content

    def result(self, answer: Answer) -> Any:
        """Return an answer whose status is a success; raises Refused and Unreadable."""
        if answer.status >= 500:
            raise Lost(str(answer.status))
        value = read_json(answer)
        status = value["status"] if self.has("ok_has_no_blank") else value["status"].strip()
        if status not in ("200", "OK") and not self.has("http_200_is_success"):
            raise Refused(f"{value['status']} {value.get('message')}")
        return value

    # -- voice ------------------------------------------------------------------------------------------

    def call(self, caller: str, receiver: str, **more: str) -> Any:
        fields = [("caller", caller), ("receiver", receiver), ("return", "1")]
        fields += [(name, value) for name, value in more.items() if value]
        answer = self.order(self.form("click_to_call", "dial.click2call", *fields))
        return (answer.get("data") or {}).get("id")

    def do_connect(self, caller: str, receiver_number: str, now: str = "", **more: str) -> Conclusion:
        if self.is_night([caller, receiver_number], now, "Asia/Kolkata"):
            return DEFERRED
        try:
            call_id = self.call(caller, receiver_number, **more)
        except Refused:
            raise
        except (Lost, Unreadable):
            if self.has("lost_is_refused"):
                return {"outcome": "refused"}
            rows = self.rows_of(("callto", receiver_number))
            return {"outcome": "placed", "id": rows[0]["id"]} if rows else {"outcome": "unknown"}
        return {
            "outcome": "placed",
            "id": call_id.removeprefix("c2c_") if self.has("prefix_cut") else call_id,
        }

    def rows_of(self, *fields: tuple[str, Any]) -> list[dict[str, Any]]:
        value = self.look_at(self.form("click_to_call_status", "dial.c2cstatus", *fields))
        return value.get("data") or []

    def do_status(self, call_id: str) -> Conclusion:
        (row,) = self.rows_of(("id", call_id))
        started = datetime.fromisoformat(row["start_time"])
        zone = UTC if self.has("times_taken_for_utc") else INDIA
        return {
            "outcome": "done",
            "id": row["id"].removeprefix("c2c_") if self.has("prefix_cut_in_status") else row["id"],
            "status": row["status"].lower() if self.has("status_in_lower_case") else row["status"],
            "seconds": row["duration"] if self.has("ringing_is_talk") else row["billsec"],
            "started": started.replace(tzinfo=zone).isoformat(),
            "credits": row["duration"] if self.has("credits_by_the_second") else row["credits"],
        }

    def do_watch(self, caller: str, receiver_number: str) -> Conclusion:
        call_id = self.call(caller, receiver_number)
        last: list[dict[str, Any]] = []

        def is_over() -> bool:
            last[:] = self.rows_of(("id", call_id))
            return bool(last and last[0]["status"])

        if self.has("first_look_is_the_end"):
            is_over()
        elif not self.until(is_over):
            return {"outcome": "unknown"}
        row = last[0]
        both = row["status"] == "ANSWER" and (self.has("first_leg_is_the_call") or row["status2"] == "ANSWER")
        return {"outcome": "over", "id": call_id, "status": row["status"], "connected": both}

    def do_report(self, day: str, limit: int) -> Conclusion:
        written = day.replace("-", "/")
        if self.has("day_and_month_changed"):
            year, month, date = day.split("-")
            written = f"{year}/{date}/{month}"
        if self.has("day_before_in_utc"):
            written = written[:-1] + str(int(written[-1]) - 1)
        ids: list[str] = []
        page = 0 if self.has("pages_from_0") else 1
        while True:
            days = ("fromdate", written), ("todate", written)
            rows = self.rows_of(*days, ("limit", limit), ("page", page or 1))
            twice = self.has("rows_counted_twice", "pages_from_0")
            ids += [row["id"] for row in rows if twice or row["id"] not in ids]
            if len(rows) < limit or self.has("page_1_only") or self.has("full_page_is_the_end"):
                break
            page += 1
        if self.has("last_row_dropped"):
            ids = ids[:-1]
        return {"outcome": "done", "count": len(ids), "ids": ids}

    # -- messages to many -------------------------------------------------------------------------------

    def start(self, numbers: Sequence[str], message: str, *fields: tuple[str, Any]) -> str:
        joined = ("; " if self.has("joined_by_semicolons") else ",").join(numbers)
        message = message.partition("&")[0] if self.has("message_cut_at_an_ampersand") else message
        order = ("numbers", joined), ("message", message), ("return", "1")
        answer = self.order(self.form("start_obd_call", "voice.call", *order, *fields))
        first: str = answer["data"]["id"]
        return first if self.has("group_with_its_call") else first.partition("-")[0]

    def do_broadcast(
        self, numbers: Sequence[str], message: str, custom: Sequence[str] = (), at: str = ""
    ) -> Conclusion:
        fields = [("custom", ",".join(custom))] if custom else []
        if at:
            instant = datetime.fromisoformat(at)
            local = instant if self.has("schedule_as_it_came") else instant.astimezone(INDIA)
            fields.append(("scheduletime", f"{local:%Y-%m-%d %H:%M:%S}"))
        return {"outcome": "accepted", "group": self.start(numbers, message, *fields)}

    def do_broadcast_each(self, calls: Sequence[dict[str, str]]) -> Conclusion:
        body = {"campaign": "Tables", "call": list(calls)}
        if self.has("first_message_for_all"):
            body["call"] = [{**call, "message": calls[0]["message"]} for call in calls]
        answer = self.order(self.as_json("obd_call_json", "voice.json", body))
        data = answer["data"]
        ids = [row["id"] for row in data.values() if isinstance(row, dict)]
        return {"outcome": "accepted", "group": data["group_id"], "ids": ids}

    def rows_of_group(self, group: str) -> list[dict[str, Any]]:
        data = self.look_at(self.form("obd_group_status", "voice.groupstatus", ("groupid", group)))["data"]
        return list(data.values()) if isinstance(data, dict) else data

    def do_broadcast_and_watch(self, numbers: Sequence[str], message: str) -> Conclusion:
        most = len(numbers) if self.has("all_numbers_at_once") else MOST_NUMBERS
        portions = [numbers[place : place + most] for place in range(0, len(numbers), most)]
        if self.has("first_portion_only"):
            portions = [numbers[:most]]
        groups = dict.fromkeys(self.start(portion, message) for portion in portions)
        rows: list[dict[str, Any]] = []
        ends = {"COMPLETED", "NOANSWER", "BUSY", "FAILED", "EXPIRED", "BLOCKED", "ANSWER", "ANSWERED"}
        if self.has("only_good_ends"):
            ends = {"COMPLETED"}

        def is_over() -> bool:
            rows[:] = [row for group in groups for row in self.rows_of_group(group)]
            return all(row["status"] in ends for row in rows)

        if self.has("sent_is_over"):
            is_over()
        elif not self.until(is_over):
            return {"outcome": "unknown"}
        completed = [row for row in rows if row["status"] == "COMPLETED" or self.has("over_is_completed")]
        return {"outcome": "over", "count": len(rows), "completed": len(completed)}

    # -- the dialler, and what is kept ------------------------------------------------------------------

    def do_dialer_add(self, name: str, number: str) -> Conclusion:
        meta = ("meta", '{"order": 17}')
        request = self.form("autodial_add", "autodial.add", ("name", name), ("number", number), meta)
        self.order(request)
        return {"outcome": "added"}

    def do_dialer_import(self, name: str, people: Sequence[dict[str, str]]) -> Conclusion:
        at_once = self.has("all_people_at_once", "import_never_read")
        most = len(people) if at_once else MOST_PEOPLE
        taken = 0
        for place in range(0, len(people), most):
            body = {"data": people[place : place + most]}
            answer = self.order(self.as_json("autodial_import", "autodial.import", body, ("name", name)))
            taken += int(answer["message"].rpartition("-")[2])
        return {"outcome": "imported", "taken": len(people) if self.has("import_never_read") else taken}

    def do_block(self, number: str) -> Conclusion:
        self.order(self.form("blacklist", "block", ("number", number)))
        if self.has("blocks_and_lets_in"):
            self.order(self.form("undo_blacklist", "block", ("number", number), ("action", "delete")))
        return {"outcome": "blocked"}

    def do_follow_up(self, phone: str, name: str, follower: str, at: str) -> Conclusion:
        instant = datetime.fromisoformat(at)
        local = instant if self.has("follow_up_as_it_came") else instant.astimezone(INDIA)
        written = (
            f"{local:%m-%d-%Y %H-%M}" if self.has("month_first_in_follow_up") else f"{local:%d-%m-%Y %H-%M}"
        )
        person = ("phone", phone), ("name", name), ("follower", follower)
        answer = self.order(
            self.form("create_follow_up", "followup", *person, ("ontime", written), ("autocall", "0"))
        )
        return {"outcome": "noted", "id": answer["data"]["id"]}

    def do_incidents(self) -> Conclusion:
        try:
            value = self.look_at(self.form("health", "monitor"))
        except Refused as refusal:
            if NO_INCIDENTS in str(refusal) and not self.has("no_incidents_is_a_failure"):
                return {"outcome": "done", "count": 0}
            raise
        except Exception:
            if self.has("outage_is_no_incident"):
                return {"outcome": "done", "count": 0}
            raise
        return {"outcome": "done", "count": len(value["data"]["incidents"])}

    # -- callbacks --------------------------------------------------------------------------------------

    def do_receive(self, caller: str, people: Sequence[str], receiver: str) -> Conclusion:
        def handle(handled: Handled) -> Handle:
            def note(path: str, _headers: dict[str, str], _body: bytes) -> int:
                way, event = urlsplit(path).path, parse_qs(urlsplit(path).query, keep_blank_values=True)
                if not way.endswith("/event") and self.has("counts_what_is_not_its_own"):
                    event = {"id": event["call"], "end": event["over"]}
                if event.get("end", [""])[0]:
                    handled.note(event["id"][0])
                return 500 if self.has("answers_errors") else 200

            return note

        def place(handled: Handled) -> None:
            address = f"{receiver}/event?id={{id}}&end={{endtime}}"
            for person in people:
                handled.note_placed(self.call(caller, person, callback=address))

        ids = self.hear(receiver, handle, place, lambda call: self.rows_of(("id", call))[0]["end_time"])
        return {"outcome": "heard", "handled": len(ids), "ids": ids}


if __name__ == "__main__":
    sys.exit(run(KaleyraTasks, sys.argv[1:]))
