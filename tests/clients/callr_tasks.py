"""The client of Callr, doing the tasks of its suite."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from tests.clients.callr import OVER, SECRET, Callr
from tests.clients.receiver import Handle
from tests.clients.tasks import DEFERRED, Conclusion, Handled, Refused, TaskClient, Unreadable, read_json, run
from tests.clients.understanding import CALLR
from tests.clients.vendor_client import Bug
from tests.clients.wire import Answer, Lost

LONGEST_EXPORT = timedelta(days=31)
CENTS = 100
EVENT = "v2.sms.outbound.updated"
Pairs = Iterable[tuple[str, Any]]


class CallrTasks(TaskClient, Callr):
    """Every task that a client of Callr can be given."""

    bugs: Sequence[Bug] = (*Callr.bugs, *CALLR)
    repeats = ("repeats_what_was_lost", "starts_again")

    def result(self, answer: Answer) -> Any:
        """Return what the vendor says; raises Refused and Unreadable."""
        if answer.status >= 500:
            raise Lost(str(answer.status))
        if answer.status >= 400 and not self.has("refusal_is_success"):
            raise Refused(answer.text)
        if not answer.content and not self.has("parses_an_empty_body"):
            return None
        return read_json(answer)

    def look(self, operation: str, way: str, query: Pairs = ()) -> Any:
        """Ask for what only reads, again where the answer is lost."""
        return self.look_at(self.request(operation, "GET", way, query))

    def change(self, operation: str, verb: str, way: str, query: Pairs = (), body: Any = None) -> Any:
        """Ask for something that happens once."""
        return self.order(self.request(operation, verb, way, query, body))

    # -- messages ---------------------------------------------------------------------------------------

    def write(self, to: str, text: str, sender: str) -> Any:
        if self.has("text_in_ascii"):
            text = text.encode("ascii", "ignore").decode()
        query = [("to", to), ("from", sender), ("trafficType", "alerting")]
        if self.has("alerts_are_marketing"):
            query = query[:2]
        return self.change("send_sms", "POST", "/sms", query, {"text": text})

    def do_send(self, to: str, text: str, sender: str, now: str = "") -> Conclusion:
        if self.is_night([to], now):
            return DEFERRED
        try:
            message = self.write(to, text, sender)
        except Refused:
            raise
        except (Lost, Unreadable):
            if self.has("lost_is_refused"):
                return {"outcome": "refused"}
            rows = self.look("search_sms", "/sms", [("to", to), ("direction", "outbound")])["hits"]
            return {"outcome": "sent", "id": rows[0]["sid"]} if rows else {"outcome": "unknown"}
        if self.has("sends_twice_to_be_sure"):
            self.write(to, text, sender)
        parts = 1 if self.has("one_part_always") else message.get("parts")
        return {"outcome": "sent", "id": message.get("sid"), "parts": parts}

    def do_status(self, sid: str) -> Conclusion:
        row = self.look("get_sms", f"/sms/{sid}")
        cents = Decimal(row["cost"])
        euros = cents if self.has("cost_in_euros") else cents / CENTS
        created = row["created"].replace("Z", "") if self.has("zone_dropped") else row["created"]
        if self.has("times_of_paris"):
            created = created.replace("Z", "+01:00")
        delivered = row["delivered"]
        return {
            "outcome": "done",
            "id": row["sid"].upper() if self.has("sid_in_capitals") else row["sid"],
            "status": row["status"],
            "euros": str(round(euros, 2) if self.has("cost_rounded") else euros),
            "created": created,
            "delivered_at": row["updated"] if self.has("updated_is_delivered") else delivered,
        }

    def do_watch(self, sid: str = "", **letter: str) -> Conclusion:
        sid = sid or self.write(**letter)["sid"]
        last: list[str] = []
        ends: tuple[str, ...] = ("sent", *OVER) if self.has("sent_is_the_end") else OVER
        if self.has("only_good_ends"):
            ends = ("delivered",)

        def is_over() -> bool:
            last[:] = [self.look("get_sms", f"/sms/{sid}")["status"]]
            return last[0] in ends

        if self.has("first_look_is_the_end"):
            is_over()
        elif not self.until(is_over):
            return {"outcome": "unknown"}
        return {"outcome": "over", "delivered": last[0] == "delivered" or self.has("over_is_delivered")}

    def do_report(self, limit: int, **since: str) -> Conclusion:
        at = datetime.fromisoformat(since["from"])
        utc = at if self.has("since_as_it_came") else at.astimezone(UTC)
        sids: list[str] = []
        offset = 1 if self.has("offsets_from_1") else 0
        while True:
            query = [("direction", "outbound"), ("createdAfter", f"{utc:%Y-%m-%dT%H:%M:%SZ}")]
            page = self.look("search_sms", "/sms", [*query, ("offset", offset), ("limit", limit)])
            sids += [row["sid"] for row in page["hits"]]
            if not page["hasMore"] or self.has("page_1_only"):
                break
            offset += 1 if self.has("offset_counts_pages") else limit
        if self.has("total_is_the_count_of_a_page"):
            sids = sids[:limit]
        return {"outcome": "done", "count": len(sids), "ids": sids}

    # -- the account ------------------------------------------------------------------------------------

    def do_credit(self) -> Conclusion:
        try:
            cents = Decimal(self.look("get_credit_balance", "/billing/credit"))
        except Exception:
            if self.has("outage_is_no_credit"):
                return {"outcome": "done", "euros": 0}
            raise
        if self.has("cents_are_euros"):
            return {"outcome": "done", "euros": str(cents)}
        euros = cents // CENTS if self.has("cents_cut_off") else cents / CENTS
        return {"outcome": "done", "euros": str(euros)}

    def do_run(self, script: str, number: str) -> Conclusion:
        body = {"name": "Reminder", "script": script, "format": "yaml"}
        sid = self.change("create_scenario", "POST", "/actions", (), body)["sid"]
        name = "number" if self.has("variable_without_dollar") else "$number"
        way = f"/actions/{sid}/runs"
        run_id = self.change("start_scenario", "POST", way, (), {"variables": {name: number}})["runid"]
        return {"outcome": "started", "id": run_id.partition(":")[2] if self.has("run_id_cut") else run_id}

    def do_reserve(self, country: str, kind: str, quantity: int) -> Conclusion:
        query = [("country", country), ("type", kind), ("quantity", quantity)]
        answer = self.change("reserve_numbers", "POST", "/numbers/store", query)
        count = quantity + 1 if self.has("counts_one_more") else len(answer["items"])
        if self.has("reserves_once_more"):
            self.send(self.request("reserve_numbers", "POST", "/numbers/store", query))
        return {"outcome": "reserved", "token": answer["token"], "count": count}

    def do_export(self, **span: str) -> Conclusion:
        start, end = (datetime.fromisoformat(span[name]).astimezone(UTC) for name in ("from", "to"))
        longest = end - start if self.has("sixty_days_at_once") else LONGEST_EXPORT
        while start < end:
            until = min(start + longest, end)
            days = ("from", f"{start:%Y-%m-%dT%H:%M:%SZ}"), ("to", f"{until:%Y-%m-%dT%H:%M:%SZ}")
            task = self.change("export_calls", "POST", "/calls/export", [("direction", "outbound"), *days])
            if not self.has("task_is_the_result") and not self.until(partial(self.is_done, task)):
                return {"outcome": "unknown"}
            start = end if self.has("first_part_only") else until
        return {"outcome": "exported"}

    def is_done(self, task: str) -> bool:
        done: bool = self.look("get_task", f"/tasks/{task}")["status"] == "done"
        return done

    def do_clean(self) -> Conclusion:
        rows = self.look("search_recordings", "/recordings", [("read", "true"), ("limit", 100)])["hits"]
        sids = [("sid", row["sid"]) for row in rows]
        if sids or self.has("deletes_nothing_by_all"):
            self.change("delete_recordings", "DELETE", "/recordings", sids)
        return {"outcome": "done", "count": len(sids)}

    # -- webhooks ---------------------------------------------------------------------------------------

    def do_subscribe(self, type: str, endpoint: str) -> Conclusion:  # noqa: A002 - the task's own name for it
        return {"outcome": "subscribed", "id": self.hook(type, endpoint)}

    def hook(self, kind: str, endpoint: str, secret: str = SECRET) -> Any:
        body = {"endpoint": endpoint, "options": {"hmacSecret": secret, "hmacAlgo": "sha256"}}
        return self.change("create_webhook", "POST", "/webhooks", [("type", kind)], body)["sid"]

    def do_unsubscribe(self, sid: str) -> Conclusion:
        if self.has("disables_instead"):
            self.change("update_webhook", "PATCH", f"/webhooks/{sid}", (), {"status": "disabled"})
        else:
            self.change("delete_webhook", "DELETE", f"/webhooks/{sid}")
        return {"outcome": "unsubscribed"}

    def do_receive(
        self, to: Sequence[str], text: str, sender: str, receiver: str, secret: str = SECRET
    ) -> Conclusion:
        rejected: list[str] = []
        delivered = ("sent" if self.has("sent_is_a_delivery") else "delivered",)

        def handle(handled: Handled) -> Handle:
            def note(_path: str, headers: dict[str, str], body: bytes) -> int:
                if not self.is_genuine(headers, body, secret):
                    rejected.append("")
                    return 200 if self.has("swallows_a_wrong_signature") else 403
                if self.has("answers_errors"):
                    return 500
                event = json.loads(body)
                if event["type"] != EVENT:
                    return self.note_unknown(event, handled)
                if event["payload"]["status"] in delivered:
                    handled.note(event["payload"]["sid"])
                return 200

            return note

        def place(handled: Handled) -> None:
            self.hook(EVENT, f"{receiver}/sms", secret)
            for number in to:
                handled.note_placed(self.write(number, text, sender)["sid"])

        ids = self.hear(receiver, handle, place, self.is_delivered)
        return {"outcome": "heard", "handled": len(ids), "ids": ids, "rejected": bool(rejected)}

    def note_unknown(self, event: dict[str, Any], handled: Handled) -> int:
        """Leave an event of another type alone; return the status of the answer."""
        if self.has("counts_what_is_not_its_own"):
            handled.note(event["id"])
        return 500 if self.has("errors_at_unknown_types") else 200

    def is_delivered(self, sid: str) -> bool:
        return bool(self.look("get_sms", f"/sms/{sid}")["status"] == "delivered")

    def is_genuine(self, headers: dict[str, str], body: bytes, secret: str) -> bool:
        """Tell whether an event is signed with the secret, over the bytes as they came."""
        if self.has("checks_no_signature"):
            return True
        if self.has("signs_what_it_parsed"):
            body = json.dumps(json.loads(body)).encode()
        right = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(headers.get("x-callr-hmacsignature", ""), right)


if __name__ == "__main__":
    sys.exit(run(CallrTasks, sys.argv[1:]))
