"""A client of Kaleyra: two people connected, messages to many, and what became of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.clients.kaleyra_bugs import BUGS
from tests.clients.vendor_client import Bug, Client, flow, main
from tests.clients.wire import Answer, Lost, Request

INDIA = timezone(timedelta(hours=5, minutes=30))
AGENT, CUSTOMER = "9555500001", "9555500102"
CUSTOMERS = ("9555500103", "9555500104", "9555500105", "9555500106", "9555500107")
IN_NEW_YORK = "+12125550123"
SOON = timedelta(minutes=20)
ROWS_A_PAGE = 2
BURST = 8
TOO_MANY = 201
OVER = ("ANSWER", "NOANSWER", "BUSY", "FAILED", "CANCEL", "CONGESTION")


class Refused(Exception):
    """The vendor said no inside its answer, and why."""


class Kaleyra(Client):
    """One endpoint; the method picks the operation, and everything is posted as a form."""

    vendor = "kaleyra"
    bugs: Sequence[Bug] = BUGS

    def form(self, operation: str, method: str, *fields: tuple[str, Any]) -> Request:
        key = ("api_key", self.setting("API_KEY"))
        return Request(operation, "POST", "/v1/", form=[("method", method), key, ("format", "json"), *fields])

    def as_json(self, operation: str, method: str, body: Any, *query: tuple[str, str]) -> Request:
        key = [("x-api-key", self.setting("API_KEY"))]
        return Request(
            operation,
            "POST",
            "/v1/",
            [("method", method), ("format", "json"), *query],
            body=body,
            headers=key,
        )

    def is_limited(self, answer: Answer) -> bool:
        return answer.status == 429 or b"E640" in answer.content

    def result(self, answer: Answer) -> Any:
        """Return what the vendor tells; raises Refused for whatever is not a success."""
        body = answer.json()
        if body["status"] not in ("200", "OK ") and not self.has("failure_inside_a_200"):
            raise Refused(f"{body['status']} {body['message']}")
        return body.get("data")

    def connect_two(self, *fields: tuple[str, Any], receiver: str = CUSTOMER) -> Any:
        """Call two people, connect them, and return the id of their call."""
        people = ("caller", AGENT), ("receiver", receiver)
        answer = self.ask(self.form("click_to_call", "dial.click2call", *people, ("return", "1"), *fields))
        return (self.result(answer) or {}).get("id")

    def rows(self, *fields: tuple[str, Any]) -> Any:
        answer = self.read(self.form("click_to_call_status", "dial.c2cstatus", *fields))
        return self.result(answer) or []

    def over(self, call_id: str) -> dict[str, Any] | None:
        return next((row for row in self.rows(("id", call_id)) if row["status"] in OVER), None)

    @flow
    def connect(self) -> None:
        """Connect two people and ask how it is getting on."""
        call_id = self.connect_two(
            ("retry", "1"),
            ("delay", "0"),
            ("caller_id", self.setting("CALLER_ID")),
            ("custom", "order-17"),
            ("meta", '{"order": 17}'),
        )
        self.note("rows", self.rows(("id", call_id)))

    @flow
    def watch(self) -> None:
        """Connect two people and look, with pauses, until their call is over."""
        call_id = self.connect_two()
        if self.has("polls_without_pause"):
            for _look in range(15):
                self.over(call_id)
        elif self.has("polls_for_ever"):
            for _look in range(12):
                self.over(call_id)
                self.pause()
        elif self.has("unknown_status"):
            self.note(
                "over",
                self.until(
                    lambda: [row for row in self.rows(("id", call_id)) if row["status"] == "ANSWERED"]
                ),
            )
        else:
            self.note("over", self.until(lambda: self.over(call_id)))

    @flow
    def pages(self) -> None:
        """Read the calls of a day, page by page, until a page is short."""
        for customer in CUSTOMERS:
            self.connect_two(receiver=customer)
        self.pause()
        self.note("rows", len(self.all_rows()))

    def all_rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        page = 0 if self.has("first_page_is_zero") else 1
        while True:
            day = ("fromdate", "2026/03/02"), ("todate", "2026/03/02")
            batch = self.rows(*day, ("limit", ROWS_A_PAGE), ("page", page))
            rows += batch
            short = 50 if self.has("assumed_page_size") else ROWS_A_PAGE
            if len(batch) < short or self.has("first_page_only"):
                return rows
            page += 0 if self.has("a_page_twice") and len(rows) == len(batch) else 1

    @flow
    def account(self) -> None:
        """Keep a number out and let it in again; follow somebody up; ask for incidents."""
        self.result(self.ask(self.form("blacklist", "block", ("number", CUSTOMERS[0]))))
        self.result(
            self.ask(self.form("undo_blacklist", "block", ("number", CUSTOMERS[0]), ("action", "delete")))
        )
        person = ("phone", CUSTOMER), ("name", "Anna"), ("follower", AGENT)
        request = self.form(
            "create_follow_up", "followup", *person, ("ontime", "03-03-2026 10-30"), ("autocall", "0")
        )
        self.note("follow_up", self.result(self.ask(request))["id"])
        self.result(self.read(self.form("follow_up_report", "followup.reports", ("follower", AGENT))))
        self.read(self.form("health", "monitor"))

    @flow
    def dialer(self) -> None:
        """Give the dialler one person, then some more."""
        tries = 3 if self.has("ok_with_a_blank") else 1
        for _try in range(tries):
            self.result(
                self.ask(
                    self.form(
                        "autodial_add",
                        "autodial.add",
                        ("name", "Reminders"),
                        ("number", CUSTOMER),
                        ("meta", '{"order": 17}'),
                    )
                )
            )
        people = [{"number": number, "name": "Anna"} for number in CUSTOMERS]
        if self.has("more_than_are_taken"):
            people = [{"number": str(9555500000 + place), "name": "Anna"} for place in range(1100)]
        self.result(
            self.ask(
                self.as_json("autodial_import", "autodial.import", {"data": people}, ("name", "Reminders"))
            )
        )

    @flow
    def broadcast(self) -> None:
        """Tell several people something, in a while, and see how far that is."""
        numbers = list(CUSTOMERS)
        if self.has("too_many_numbers"):
            numbers = [str(9555500000 + place) for place in range(TOO_MANY)]
        if self.has("same_number_twice"):
            numbers += numbers[:1]
        group = self.call_many(
            ",".join(numbers),
            ("campaign", "Reminders"),
            ("scheduletime", self.soon()),
            ("retries", 1),
            ("custom", ",".join(map(str, range(len(numbers))))),
        )
        self.note(
            "sent",
            len(
                self.result(self.read(self.form("obd_group_status", "voice.groupstatus", ("groupid", group))))
            ),
        )

    def call_many(self, numbers: str, *fields: tuple[str, Any]) -> Any:
        """Have a message told to some numbers and return the id of the group they are."""
        message = "undefined" if self.has("literal_undefined") else "Your table is booked."
        request = self.form(
            "start_obd_call",
            "voice.call",
            ("numbers", numbers),
            ("message", message),
            ("return", "1"),
            *fields,
        )
        return self.result(self.ask(request))["id"].partition("-")[0]

    def soon(self) -> str:
        zone = UTC if self.has("schedule_in_utc") else INDIA
        return (datetime.fromtimestamp(self.now(), zone) + SOON).strftime("%Y-%m-%d %H:%M:%S")

    @flow
    def broadcast_in_json(self) -> None:
        """Tell each of some people something of their own."""
        calls = [
            {"to": number, "message": f"Table {place}.", "custom": str(place)}
            for place, number in enumerate(CUSTOMERS)
        ]
        accepted = self.result(
            self.ask(
                self.as_json(
                    "obd_call_json", "voice.json", {"campaign": "Tables", "retries": 1, "call": calls}
                )
            )
        )
        first = accepted["0"]["id"]
        self.note("first", self.result(self.read(self.form("obd_status", "voice.status", ("id", first)))))

    @flow
    def formats(self) -> None:
        """Ask for the format that is read."""
        answer = self.read(
            self.form(
                "call_details", "dial", ("fromdate", "02/03/2026"), ("todate", "02/03/2026"), ("limit", 20)
            )
        )
        self.note("rows", answer.json()["data"])

    @flow
    def burst(self) -> None:
        """Read more than the vendor lets one read, and wait when told so."""
        for page in range(1, BURST + 1):
            answer = self.read(self.form("click_to_call_status", "dial.c2cstatus", ("page", page)))
            self.note("served", self.learnt.get("served", 0) + (not self.is_limited(answer)))

    @flow
    def callers(self) -> None:
        """Connect people by a number that is the account's."""
        foreign = self.has("foreign_caller_id", "failure_inside_a_200")
        self.connect_two(("caller_id", "8000000999" if foreign else self.setting("CALLER_ID")))

    @flow
    def abroad(self) -> None:
        """Connect an agent with somebody where it is day."""
        self.connect_two(receiver=IN_NEW_YORK if self.has("receiver_at_night") else CUSTOMER)

    @flow
    def again(self) -> None:
        """Connect an agent with two people, each once."""
        self.connect_two()
        self.connect_two(receiver=CUSTOMER if self.has("same_number_at_once") else CUSTOMERS[0])

    @flow
    def lost(self) -> None:
        """Connect two people; the answer is lost: look for their call before dialling again."""
        try:
            self.connect_two(("custom", "visit-1"))
        except Lost:
            if self.has("dials_twice"):
                self.connect_two(("custom", "visit-1"))
            elif self.has("dials_twice_with_another_reference"):
                self.connect_two(("custom", "visit-1-again"), ("retry", "2"), receiver=f"91{CUSTOMER}")
            else:
                self.note("rows", len(self.rows(("callto", CUSTOMER))))

    @flow
    def lost_list(self) -> None:
        """Call several people; the answer is lost: leave it to the reports who was called."""
        numbers = ",".join(CUSTOMERS)
        try:
            self.call_many(numbers, ("campaign", "Lost"))
        except Lost:
            if self.has("calls_all_twice"):
                self.call_many(numbers, ("campaign", "Lost again"))

    @flow
    def events(self) -> None:
        """Hear at a receiver of ours when the first one answers and when it is over."""
        from tests.clients.receiver import Receiver  # noqa: PLC0415 - only here

        done: list[str] = []

        def handle(path: str, _headers: dict[str, str], _body: bytes) -> int:
            event = json.dumps(parse_qs(urlsplit(path).query, keep_blank_values=True), sort_keys=True)
            if self.has("answers_500"):
                return 500
            if event not in done or self.has("handles_twice"):
                done.append(event)
                if '"endtime"' in event and len(done) > 1:
                    self.connect_two(receiver=CUSTOMERS[0])
            return 200

        receiver = Receiver(handle)
        address = f"http://127.0.0.1:{receiver.port}/event?order=17&status={{status}}&endtime={{endtime}}"
        if self.has("relative_callback"):
            address = "/event?status={status}"
        self.connect_two(("callback", address))
        if not self.has("gone_too_early"):
            patient = self.has("handles_twice")
            receiver.wait(4 if patient else 2, 20.0 if patient else 3.0)
            self.pause()
        receiver.close()
        self.note("events", len(done))


if __name__ == "__main__":
    sys.exit(main(Kaleyra, sys.argv[1:]))
