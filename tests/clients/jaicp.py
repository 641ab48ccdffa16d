"""A client of JAICP: numbers given to a campaign, reports on them, and a check before each call."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from tests.clients.jaicp_bugs import BUGS
from tests.clients.vendor_client import Bug, Client, flow, main
from tests.clients.wire import Answer, Lost, Request

PHONES = ("79161234567", "79161234568", "79161234569", "79161234570", "79161234571")
IN_NEW_YORK = "12125550123"
DAY = {"createdAtFrom": "2026-03-02T00:00:00Z", "createdAtTo": "2026-03-03T00:00:00Z"}
DAY_IN_MOSCOW = {"createdAtFrom": "2026-03-02T13:30:00Z", "createdAtTo": "2026-03-03T13:30:00Z"}
TERMS: dict[str, Any] = {
    "payload": {"name": "Anna"},
    "maxAttempts": 3,
    "retryIntervalInMinutes": 30,
    "gmtZone": "Europe/Moscow",
    "dialerPriority": 2,
    "allowedDays": ["mon", "tue", "wed", "thu", "fri"],
    "allowedTime": {"default": [{"localTimeFrom": "09:00", "localTimeTo": "20:00"}]},
    "startDateTime": "2026-03-02T08:00:00Z",
    "finishDateTime": "2026-03-05T17:00:00Z",
}
ROWS_A_PAGE = 2
BURST = 8
OVER = ("longCallWithResult", "longCallWithNoResult", "noAnswer", "notDone", "nonexistentNumber")


class Refused(Exception):
    """The vendor said no, and why."""


class Jaicp(Client):
    """The token of the campaign stands in the path; everything else is JSON."""

    vendor = "jaicp"
    bugs: Sequence[Bug] = BUGS

    def request(self, operation: str, way: str, body: Any = None, key: str = "") -> Request:
        headers = {"Idempotence-Key": key} if key else {}
        path = f"/api/calls/campaign/{self.setting('TOKEN')}{way}"
        return Request(operation, "POST", path, body=body, headers=headers.items())

    def get(self, operation: str, way: str) -> Any:
        return self.result(
            self.read(Request(operation, "GET", f"/api/calls/campaign/{self.setting('TOKEN')}{way}"))
        )

    def result(self, answer: Answer) -> Any:
        """Return what the vendor tells; raises Refused."""
        if answer.status != 200:
            raise Refused(answer.text)
        return answer.json() if answer.content else None

    def jobs(self, phones: Iterable[str], key: str = "", **terms: Any) -> Any:
        """Give numbers to the campaign and return the ids of their jobs."""
        body = [{"phone": phone, **terms} for phone in phones]
        answer = self.ask(self.request("add_phones", "/addPhones", body, key))
        if self.has("refusal_swallowed") and answer.status != 200:
            return []
        return self.result(answer)

    def report(self, ids: Iterable[str]) -> Any:
        return self.result(self.read(self.request("call_job_report", "/callJob/getReport", {"ids": [*ids]})))

    def over(self, ids: list[str]) -> list[dict[str, Any]] | None:
        rows = self.report(ids)
        return rows if all(row["jobStatus"] in OVER for row in rows) else None

    @flow
    def add(self) -> None:
        """Give two numbers with terms to the campaign and ask how they are getting on."""
        terms = TERMS | ({"payload": {"name": "undefined"}} if self.has("literal_undefined") else {})
        ids = self.jobs(PHONES[:2], "add-1", **terms)
        self.note("statuses", [row["jobStatus"] for row in self.report(ids)])

    @flow
    def watch(self) -> None:
        """Give a number to the campaign and look, with pauses, until its call is over."""
        ids = self.jobs(PHONES[:1])
        if self.has("polls_without_pause"):
            for _look in range(15):
                self.over(ids)
        elif self.has("polls_for_ever"):
            for _look in range(12):
                self.over(ids)
                self.pause()
        elif self.has("unknown_status"):
            self.note(
                "over", self.until(lambda: [row for row in self.report(ids) if row["jobStatus"] == "done"])
            )
        else:
            self.note("over", self.until(lambda: self.over(ids)))

    @flow
    def pages(self) -> None:
        """Read the jobs of a day, page by page, until a page is short."""
        self.jobs(PHONES)
        rows: list[dict[str, Any]] = []
        page = 1 if self.has("first_page_is_one") else 0
        while True:
            day = DAY_IN_MOSCOW if self.has("day_in_another_zone") else DAY
            body = {"filter": day, "pagination": {"page": page, "pageSize": ROWS_A_PAGE}}
            batch = self.result(
                self.read(self.request("call_job_report_by_date", "/callJob/getReportByDate", body))
            )["items"]
            rows += batch
            short = 20 if self.has("assumed_page_size") else ROWS_A_PAGE
            if len(batch) < short or self.has("first_page_only"):
                break
            page += 0 if self.has("a_page_twice") and len(rows) == len(batch) else 1
        self.note("rows", len(rows))

    @flow
    def attempts(self) -> None:
        """Read what there is on attempts, and what is still to be done."""
        ids = self.jobs(PHONES[:2])
        self.result(self.read(self.request("call_attempt_report", "/callAttempt/getReport", {"ids": ids})))
        body = {
            "filter": {"startedAtFrom": "2026-03-02T00:00:00Z"},
            "pagination": {"page": 0, "pageSize": 20},
        }
        self.result(
            self.read(self.request("call_attempt_report_by_date", "/callAttempt/getReportByDate", body))
        )
        page = {"page": 0, "pageSize": 20}
        self.result(self.read(self.request("unfinished_call_jobs", "/callJob/getUnfinished", page)))

    @flow
    def crm(self) -> None:
        """Give numbers one by one, as a CRM does."""
        path = f"/api/crmCalls/campaign/{self.setting('TOKEN')}/addPhone"
        form = ("phone", PHONES[0]), ("gmtZone", "Europe/Moscow"), ("name", "Anna")
        self.note(
            "id",
            self.result(
                self.ask(
                    Request(
                        "crm_add_phone_post", "POST", path, form=form, headers=[("Idempotence-Key", "crm-1")]
                    )
                )
            ),
        )
        query = ("phone", f"+{PHONES[1]}"), ("name", "Boris")
        self.result(
            self.ask(Request("crm_add_phone_get", "GET", path, query, headers=[("Idempotence-Key", "crm-2")]))
        )

    @flow
    def control(self) -> None:
        """Look at the campaign, let it pause and go on, and take a number back."""
        if self.has("starts_in_the_current_edition"):
            self.ask(self.request("start", "/control/start"))
        ids = self.jobs(PHONES[:1])
        self.result(self.ask(self.request("pause", "/control/pause")))
        self.result(self.ask(self.request("cancel", "/callJob/cancel", {"ids": ids})))
        self.result(self.ask(self.request("resume", "/control/resume")))
        self.note("status", self.get("campaign_status", "/status"))
        self.note("name", self.get("campaign_info", "")["name"])

    @flow
    def several(self) -> None:
        """Give a list in which each number stands once."""
        twice = self.has("same_number_twice", "refusal_swallowed")
        ids = self.jobs([*PHONES[:3], *PHONES[:1]] if twice else PHONES[:3])
        if self.has("ids_before_they_exist"):
            self.report(str(int(ids[-1]) + step) for step in (1, 2, 3))
        if self.has("ids_joined"):
            self.report([",".join(ids)])
        if self.has("same_number_at_once"):
            self.jobs(PHONES[:1])
            self.jobs(PHONES[:1])

    @flow
    def abroad(self) -> None:
        """Give a number of a place where it is day."""
        self.jobs([IN_NEW_YORK if self.has("call_at_night") else PHONES[0]])
        self.pause()

    @flow
    def burst(self) -> None:
        """Read more than the vendor lets one read, and wait when told so."""
        for page in range(BURST):
            body = {"filter": DAY, "pagination": {"page": page, "pageSize": 20}}
            answer = self.read(self.request("call_job_report_by_date", "/callJob/getReportByDate", body))
            self.note("served", self.learnt.get("served", 0) + (answer.status == 200))

    @flow
    def lost(self) -> None:
        """Give a number; the answer is lost: the same again under the same key is safe."""
        path = f"/api/crmCalls/campaign/{self.setting('TOKEN')}/addPhone"

        def order(key: str, **more: str) -> Request:
            headers = [("Idempotence-Key", key)] if key else []
            form = [("phone", PHONES[0]), ("order", "17"), *more.items()]
            return Request("crm_add_phone_post", "POST", path, form=form, headers=headers)

        try:
            self.ask(order("" if self.has("no_key_at_all") else "visit-1"))
        except Lost:
            if self.has("fresh_key"):
                self.ask(order("visit-2"))
            elif self.has("no_key_at_all"):
                self.ask(order("", sent="again"))
            else:
                self.note("id", self.result(self.ask(order("visit-1"))))

    @flow
    def lost_list(self) -> None:
        """Give a list; the answer is lost: the same again under the same key is safe."""
        try:
            self.jobs(PHONES[:3], "list-1")
        except Lost:
            if self.has("adds_all_twice"):
                self.jobs(PHONES[:3])
            elif self.has("adds_all_with_another_payload"):
                self.jobs((f"+{phone}" for phone in PHONES[:3]), "list-2", payload={"again": True})
            else:
                self.note("ids", self.jobs(PHONES[:3], "list-1"))

    @flow
    def checked(self) -> None:
        """Be asked before each call whether it may be made; say no for whoever asked to be left alone."""
        from tests.clients.receiver import Receiver  # noqa: PLC0415 - only here

        left_alone = {PHONES[1]}

        def handle(_path: str, _headers: dict[str, str], body: bytes) -> int:
            phone = json.loads(body)["phone"]
            if self.has("answers_500", "takes_another_verb"):
                return 500 if self.has("answers_500") else 405
            return 200 if phone not in left_alone or self.has("always_yes") else 403

        receiver = Receiver(handle)
        address = f"http://127.0.0.1:{receiver.port}/may-call"
        if self.has("relative_check"):
            address = "/may-call"
        check = {"externalCheckUrl": address, "externalCheckMaxRetries": 2}
        if self.has("gone_too_early"):
            receiver.close()
        self.jobs(PHONES[:2], externalCheck=check)
        if self.has("gone_too_early"):
            self.pause()
            return
        receiver.wait(2, 2.0)
        self.pause()
        receiver.close()


if __name__ == "__main__":
    sys.exit(main(Jaicp, sys.argv[1:]))
