"""A client of Callr: messages, scripts that call, numbers, exports, and webhooks with a signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from tests.clients.callr_bugs import BUGS
from tests.clients.vendor_client import Bug, Client, flow, main
from tests.clients.wire import Answer, Lost, Request

API = "/v2.0"
PEOPLE = ("+33639980001", "+33639980002", "+33639980003", "+33639980004", "+33639980005")
SECRET = "night-owl"
SCRIPT = """\
branches:
  api-initiated:
    actions:
      - action: dial@v1
        params: {targets: [{number: "${{ $number }}", timeout: 20}]}
        result: $dialed
"""
ROWS_A_PAGE = 2
BURST = 8
OVER = ("delivered", "failed", "error", "expired")


class Refused(Exception):
    """The vendor said no, and why."""


class Callr(Client):
    """The key goes in a header; what is asked stands in the query, what is written in JSON."""

    vendor = "callr"
    bugs: Sequence[Bug] = BUGS

    def request(
        self, operation: str, verb: str, way: str, query: Iterable[tuple[str, Any]] = (), body: Any = None
    ) -> Request:
        return Request(
            operation, verb, f"{API}{way}", query, body=body, headers=[("x-api-key", self.setting("API_KEY"))]
        )

    def get(self, operation: str, way: str, *query: tuple[str, Any]) -> Any:
        return self.result(self.read(self.request(operation, "GET", way, query)))

    def do(self, operation: str, verb: str, way: str, *query: tuple[str, Any], body: Any = None) -> Any:
        return self.result(self.ask(self.request(operation, verb, way, query, body)))

    def result(self, answer: Answer) -> Any:
        """Return what the vendor tells; raises Refused."""
        if answer.status >= 400:
            raise Refused(answer.text)
        return answer.json() if answer.content else None

    def text(self, to: str, words: str = "Your table is booked.", sender: str = "Bistro") -> Any:
        """Send a message and return its SID."""
        request = self.request(
            "send_sms",
            "POST",
            "/sms",
            [("to", to), ("from", sender), ("trafficType", "alerting"), ("encoding", "gsm")],
            {"text": words},
        )
        answer = self.ask(request)
        if self.has("refusal_taken_for_success") and answer.status >= 400:
            return str(answer.json().get("sid"))
        return self.result(answer)["sid"]

    def over(self, sid: str) -> dict[str, Any] | None:
        row = self.get("get_sms", f"/sms/{sid}")
        return row if row["status"] in OVER else None

    @flow
    def send_one(self) -> None:
        """Send a message and ask how it is getting on."""
        sid = self.text(PEOPLE[0], "undefined" if self.has("literal_undefined") else "Your table is booked.")
        self.note("status", self.get("get_sms", f"/sms/{sid}")["status"])

    @flow
    def watch(self) -> None:
        """Send a message and look, with pauses, until it is delivered or will not be."""
        sid = self.text(PEOPLE[0])
        if self.has("polls_without_pause"):
            for _look in range(15):
                self.over(sid)
        elif self.has("polls_for_ever"):
            for _look in range(12):
                self.over(sid)
                self.pause()
        elif self.has("unknown_status"):
            self.note("over", self.until(lambda: self.get("get_sms", f"/sms/{sid}")["status"] == "received"))
        else:
            self.note("over", self.until(lambda: self.over(sid)))

    @flow
    def pages(self) -> None:
        """Read the messages of a day, page by page."""
        for person in PEOPLE:
            self.text(person)
        rows: list[dict[str, Any]] = []
        offset = 1 if self.has("first_offset_is_one") else 0
        hour = "14" if self.has("day_in_another_zone") else "00"
        while True:
            page = self.get(
                "search_sms",
                "/sms",
                ("direction", "outbound"),
                ("createdAfter", f"2026-03-02T{hour}:00:00Z"),
                ("offset", offset),
                ("limit", ROWS_A_PAGE),
            )
            rows += page["hits"]
            more = len(page["hits"]) == 10 if self.has("assumed_page_size") else page["hasMore"]
            if not more or self.has("first_page_only"):
                break
            offset += 0 if self.has("a_page_twice") and len(rows) == ROWS_A_PAGE else ROWS_A_PAGE
            offset -= 1 if self.has("overlapping_offsets") else 0
        self.note("rows", len(rows))

    @flow
    def account(self) -> None:
        """Look at credit and numbers, and at what is for sale; reserve and let go."""
        credit = float(self.get("get_credit_balance", "/billing/credit"))
        self.note("euros", credit if self.has("cents_for_euros") else credit / 100)
        self.get("search_phone_numbers", "/numbers", ("detached", "true"), ("sort", "e164"), ("order", "asc"))
        self.get("list_available_number_types", "/numbers/store/types", ("country", "FR"))
        order = ("country", "FR"), ("type", "geographic"), ("quantity", 2)
        token = self.do("reserve_numbers", "POST", "/numbers/store", *order)["token"]
        if self.has("reserves_twice"):
            self.ask(self.request("reserve_numbers", "POST", "/numbers/store", order))
        if self.has("reservation_after_purchase"):
            self.ask(self.request("buy_phone_numbers", "POST", f"/numbers/store/{token}"))
        self.get("get_reservation_status", f"/numbers/store/{token}")
        self.do("cancel_reservation", "DELETE", f"/numbers/store/{token}")

    @flow
    def person(self) -> None:
        """Write down whom a number is for, correct it, and strike it out."""
        address = {"street": "1 rue de la Paix", "zip": "75002", "city": "Paris", "country": "FR"}
        sid = self.do("create_end_user", "POST", "/end-users", body={"name": "Bistro", "address": address})[
            "sid"
        ]
        self.do("update_end_user", "PATCH", f"/end-users/{sid}", body={"comment": "closed on Mondays"})
        self.do("delete_end_user", "DELETE", f"/end-users/{sid}")

    @flow
    def script(self) -> None:
        """Write a script that calls somebody, run it, and look at the run."""
        sid = self.create_script()
        run = self.start(sid, PEOPLE[0])
        self.note("run", self.get("get_an_offline_run", f"/actions/{sid}/runs/{run}"))
        self.get("search_scenarios", "/actions", ("limit", 20))

    def create_script(self) -> Any:
        body = {"name": "Reminder", "script": SCRIPT, "format": "yaml"}
        return self.do("create_scenario", "POST", "/actions", body=body)["sid"]

    def start(self, sid: str, number: str) -> Any:
        variables = {"$number": number}
        return self.do("start_scenario", "POST", f"/actions/{sid}/runs", body={"variables": variables})[
            "runid"
        ]

    @flow
    def recordings(self) -> None:
        """Delete the recordings that have been listened to; none means nothing to do."""
        page = self.get("search_recordings", "/recordings", ("read", "true"), ("limit", 100))
        sids = [("sid", row["sid"]) for row in page["hits"]]
        if sids or self.has("empty_filter"):
            self.do("delete_recordings", "DELETE", "/recordings", *sids)

    @flow
    def export(self) -> None:
        """Have the calls of a month exported."""
        first = "2026-01-01T00:00:00Z" if self.has("sixty_days") else "2026-02-02T00:00:00Z"
        answer = self.ask(
            self.request(
                "export_calls",
                "POST",
                "/calls/export",
                [("direction", "outbound"), ("from", first), ("to", "2026-03-02T00:00:00Z")],
            )
        )
        if answer.status < 400:
            looks = 15 if self.has("polls_a_task_without_pause") else 1
            for _look in range(looks):
                self.note("task", self.get("get_task", f"/tasks/{answer.json()}")["status"])

    @flow
    def burst(self) -> None:
        """Read more than the vendor lets one read, and wait when told so."""
        for page in range(BURST):
            query = ("offset", 20 * page), ("limit", 20)
            answer = self.read(self.request("search_sms", "GET", "/sms", query))
            self.note("served", self.learnt.get("served", 0) + (answer.status == 200))

    @flow
    def senders(self) -> None:
        """Send from a number of the account's own."""
        foreign = self.has("foreign_sender")
        self.text(PEOPLE[0], sender="+33199009999" if foreign else self.setting("NUMBER"))

    @flow
    def again(self) -> None:
        """Write to two people, each once."""
        self.text(PEOPLE[0])
        self.text(PEOPLE[0] if self.has("same_message_twice") else PEOPLE[1])

    @flow
    def lost(self) -> None:
        """Send a message whose answer is lost: look for it before sending it again."""
        try:
            self.text(PEOPLE[0])
        except Lost:
            if self.has("texts_twice"):
                self.text(PEOPLE[0])
            elif self.has("texts_twice_otherwise"):
                self.text(PEOPLE[0], "Once more: your table is booked.", "BistroParis")
            else:
                self.note("sent", self.get("search_sms", "/sms", ("to", PEOPLE[0]))["total"])

    @flow
    def lost_run(self) -> None:
        """Start a script that calls; the answer is lost: nobody knows whether it runs; it is left alone."""
        sid = self.create_script()
        try:
            self.start(sid, PEOPLE[0])
        except Lost:
            if self.has("calls_twice"):
                self.start(sid, PEOPLE[0])

    @flow
    def webhook(self) -> None:
        """Hear of what became of a message, by a webhook that is signed."""
        self.hear_of_a_message(5.5 if self.has("is_slow") else 0.0)

    @flow
    def slow_webhook(self) -> None:
        """The same with a receiver that takes its time, within the five seconds that the vendor waits."""
        self.hear_of_a_message(0.6)

    def hear_of_a_message(self, thinks: float) -> None:
        from tests.clients.receiver import Receiver  # noqa: PLC0415 - only here

        taken: list[str] = []

        def handle(_path: str, headers: dict[str, str], body: bytes) -> int:
            right = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
            if headers.get("x-callr-hmacsignature") != right and not self.has("takes_a_wrong_signature"):
                return 403
            self.pause(thinks)
            return self.handle_event(json.loads(body), taken)

        receiver = Receiver(handle)
        endpoint = f"http://hook.localhost:{receiver.port}/sms"
        options = {"hmacSecret": SECRET, "hmacAlgo": "sha256"}
        hook = self.do(
            "create_webhook",
            "POST",
            "/webhooks",
            ("type", "v2.sms.outbound.updated"),
            body={"endpoint": endpoint, "options": options},
        )["sid"]
        self.text(PEOPLE[0])
        if not self.has("gone_too_early"):
            patient = self.has("handles_twice") or self.has("is_slow")
            receiver.wait(12 if patient else 4, 20.0 if patient else 3.0)
            self.close_webhook(hook)
            self.pause()
        receiver.close()
        self.note("events", len(taken))

    def handle_event(self, event: dict[str, Any], taken: list[str]) -> int:
        """Handle an event once, whatever comes twice."""
        if self.has("answers_500"):
            return 500
        if event["id"] not in taken or self.has("handles_twice"):
            taken.append(event["id"])
            if event["payload"]["status"] == "delivered" and event["payload"]["to"] == PEOPLE[0]:
                self.text(PEOPLE[1], "The first one knows.")
        return 200

    def close_webhook(self, sid: str) -> None:
        change = (
            {"endpoint": "https://example.com/sms"}
            if self.has("changes_the_endpoint")
            else {"status": "disabled"}
        )
        self.do("update_webhook", "PATCH", f"/webhooks/{sid}", body=change)
        self.get("search_webhook_logs", "/webhooks/logs", ("limit", 50))
        self.do("delete_webhook", "DELETE", f"/webhooks/{sid}")


if __name__ == "__main__":
    sys.exit(main(Callr, sys.argv[1:]))
