"""A client of Callo: calls, codes, lists, clips, and the webhook of a button."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.clients.callo_bugs import BUGS
from tests.clients.vendor_client import PAUSE, Bug, Client, flow, main
from tests.clients.wire import Answer, Lost, Request

API = "/manager/cabapi_external/api/v1"
CALLEE = "+447700900310"
OTHERS = ("+447700900702", "+447700900703", "+447700900704")
AWAY = "+447700900031"
"""Who never answers, and is tried again: a call to them is not over when a busy machine asks late."""

IN_NEW_YORK = "+12125550123"
OVER = ("compl_finished", "compl_nofinished", "attempts_exc", "user", "novalid_button", "pincode_ok")
BURST = 8
MANY_PAGES = 25
SOUND = (
    b"RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00"
    b"\x02\x00\x10\x00data\x08\x00\x00\x00" + bytes(8)
)
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(64)


class Refused(Exception):
    """The vendor said no, and why."""


class Callo(Client):
    """The key and the campaign come from the environment; every write is a form, every read a query."""

    vendor = "callo"
    bugs: Sequence[Bug] = BUGS

    @property
    def key(self) -> tuple[str, str]:
        return "public_key", self.setting("PUBLIC_KEY")

    @property
    def campaign(self) -> tuple[str, str]:
        return "campaign_id", self.setting("CAMPAIGN_ID")

    def post(self, operation: str, path: str, *fields: tuple[str, Any]) -> Request:
        return Request(operation, "POST", f"{API}/{path}/", form=[self.key, *fields])

    def get(self, operation: str, path: str, *fields: tuple[str, Any]) -> Any:
        return self.result(self.read(Request(operation, "GET", f"{API}/{path}/", [self.key, *fields])))

    def result(self, answer: Answer) -> Any:
        """Return what the vendor tells, with or without its envelope; raises Refused."""
        if answer.status != 200:
            raise Refused(answer.text)
        body = answer.json()
        return body["data"] if isinstance(body, dict) and "status" in body else body

    def place(self, phone: str, *fields: tuple[str, Any]) -> Any:
        """Add a call and return its id."""
        order = self.post("add_call", "phones/call", ("phone", phone), self.campaign, *fields)
        answer = self.ask(order)
        if self.has("refusal_taken_for_success", "refusal_swallowed"):
            return answer.json().get("call_id") if answer.status in (200, 400) else None
        return self.result(answer)["call_id"]

    def status(self, *call_ids: Any) -> Any:
        name = "call_id" if len(call_ids) == 1 else "call_ids"
        return self.get("call_by_id", "phones/call_by_id", (name, ",".join(map(str, call_ids))))

    def over(self, call_id: Any) -> dict[str, Any] | None:
        row = self.status(call_id)[0]
        return row if row["status"] in OVER else None

    @flow
    def call(self) -> None:
        """Place a call and see how it is getting on."""
        text = "undefined" if self.has("literal_undefined") else "Your table is booked."
        call_id = self.place(CALLEE, ("text", text), ("label", "booking_17"), ("max_call_time", 120))
        self.note("status", self.status(call_id)[0]["status"])

    @flow
    def watch(self) -> None:
        """Place a call and look again, with pauses, until it is over."""
        call_id = self.place(OTHERS[0])
        if self.has("polls_without_pause"):
            rows = [self.over(call_id) for _look in range(15)]
            self.note("over", rows[-1])
        elif self.has("polls_for_ever"):
            for _look in range(12):
                self.over(call_id)
                self.pause()
        elif self.has("unknown_status"):
            self.note("over", self.until(lambda: self.status(call_id)[0]["status"] == "completed"))
        else:
            self.note("over", self.until(lambda: self.over(call_id)))

    @flow
    def codes(self) -> None:
        """Confirm a number by a code, dictated, called or asked for."""
        for phone, operation, path, kind, extra in (
            (OTHERS[0], "add_confirm_call", "phones/confirm", "PINCODE", [("pincode", "0042")]),
            (OTHERS[1], "add_tellcode_call", "phones/tellcode", "TELLCODE", [("pincode", "0042")]),
            (OTHERS[2], "add_flashcall", "phones/flashcall", "FLASHCALL", [("phone_suffix", "0042")]),
        ):
            campaign = ("campaign_id", self.setting(f"CAMPAIGN_ID_{kind}"))
            request = self.post(operation, path, ("phone", phone), campaign, *extra)
            self.note(operation, self.result(self.ask(request))["call_id"])

    @flow
    def bulk(self) -> None:
        """Hand over a list, wait until its calls are there, and read all pages of them."""
        numbers = [*OTHERS, OTHERS[0]] if self.has("same_number_twice") else list(OTHERS)
        if self.has("junk_in_the_list"):
            numbers.append("see page two")
        request = self.post(
            "append_calls", "phones/append/calls", self.campaign, ("phones", "\n".join(numbers))
        )
        self.note("list", self.result(self.ask(request)))
        if not self.has("asks_before_import"):
            self.until(self.pages)
        rows = self.pages()
        if rows:
            self.note("rows", len(self.status(*[row["call_id"] for row in rows])))

    def pages(self) -> list[dict[str, Any]]:
        """Read pages from the first until an empty one."""
        rows: list[dict[str, Any]] = []
        page = 0 if self.has("first_page_is_zero") else 1
        while True:
            batch = self.get("all_calls", "phones/all_calls", self.campaign, ("page", page))
            rows += batch
            if not batch or self.has("first_page_only"):
                return rows
            page += 0 if self.has("a_page_twice") and len(rows) == len(batch) else 1

    @flow
    def account(self) -> None:
        """Look at money, campaigns and statistics; take a call back; never call somebody again."""
        self.note("balance", self.get("balance", "users/balance")["balance"])
        if self.has("cents_for_euros"):
            self.note("balance", int(float(self.learnt["balance"]) * 1_000_000))
        self.note("cost", self.get("campaign_cost", "phones/cost", self.campaign))
        self.note("campaigns", len(self.get("campaigns", "campaigns", ("mode", "active"))["campaigns"]))
        call_id = self.place(AWAY, ("label", "reminder_3"))
        self.get("calls_by_label", "phones/calls_by_label", self.campaign, ("label", "reminder_3"))
        self.get("calls_by_phone", "phones/calls_by_phone", self.campaign, ("phones", AWAY))
        self.ask(self.post("remove_call", "phones/remove_call", ("call_id", call_id), self.campaign))
        self.ask(self.post("stoplist", "phones/stoplist", ("phone", OTHERS[2])))

    @flow
    def statistics(self) -> None:
        """Sum up a day."""
        days = ("from_date", "2026-03-02 00:00:00"), ("to_date", "2026-03-02 23:59:59")
        if self.has("dates_in_local_time"):
            days = ("from_date", "2026-03-02 18:30:00"), ("to_date", "2026-03-03 18:29:59")
        self.get("camp_stats", "phones/camp_stats", self.campaign, *days)

    @flow
    def clip(self) -> None:
        """Upload a clip, look at it, and play it to somebody."""
        request = self.post("upload_audio", "audio/upload", ("clip_name", "Greeting"))
        request.file = (
            ("clip_file", "greeting.mp3", MP3) if self.has("wrong_media") else ("clip_file", "a.wav", SOUND)
        )
        clip = self.result(self.ask(request))["audioclip_id"]
        self.get("audio_info", "audio/info", ("audioclip_id", clip))
        self.place(OTHERS[2], ("text", f'<audio id="{clip}"/>'))

    @flow
    def burst(self) -> None:
        """Read a few pages, of which a limit lets only some through at once, and wait when told so."""
        self.note("served", self.pages_served(BURST))

    @flow
    def many_pages(self) -> None:
        """Read more pages than the vendor lets one read in a second, and wait when told so."""
        self.note("served", self.pages_served(MANY_PAGES))

    def pages_served(self, count: int) -> int:
        """Ask for so many pages of a table and return how many were answered."""
        path = f"{API}/phones/all_calls/"
        pages = [[self.key, self.campaign, ("page", page)] for page in range(1, count + 1)]
        return sum(self.read(Request("all_calls", "GET", path, query)).status == 200 for query in pages)

    @flow
    def refusals(self) -> None:
        """Reuse a label on purpose... by mistake: the second call is refused, and nobody notices."""
        self.place(OTHERS[0], ("label", "once"))
        if self.has("refusal_swallowed"):
            self.place(OTHERS[1], ("label", "once"))
        if self.has("refusal_taken_for_success"):
            self.status(self.place(OTHERS[1], ("label", "once")))

    @flow
    def again(self) -> None:
        """Call two people, each once."""
        self.place(OTHERS[0])
        self.place(OTHERS[0] if self.has("same_number_at_once") else OTHERS[1])
        if self.has("same_number_at_once"):
            self.place(OTHERS[0])

    @flow
    def abroad(self) -> None:
        """Call where it is day."""
        self.place(IN_NEW_YORK if self.has("call_at_night") else OTHERS[0])

    @flow
    def lost(self) -> None:
        """Place a call whose answer is lost: look it up by its label before repeating anything."""
        try:
            self.place(CALLEE, ("label", "visit_1"))
        except Lost:
            self.after_a_lost_answer()

    def after_a_lost_answer(self) -> None:
        if self.has("dials_twice_with_another_label"):
            self.place(CALLEE, ("label", "visit_1_again"))
        elif self.has("dials_twice"):
            self.place(CALLEE.removeprefix("+"), ("text", "Sorry if you hear this twice."))
        else:
            rows = self.get("calls_by_label", "phones/calls_by_label", self.campaign, ("label", "visit_1"))
            self.note("call", rows[0]["call_id"])

    @flow
    def lost_list(self) -> None:
        """Hand over a list whose answer is lost: look before handing it over again."""
        request = self.post(
            "append_calls", "phones/append/calls", self.campaign, ("phones", "\n".join(OTHERS))
        )
        try:
            self.ask(request)
        except Lost:
            if self.has("hands_over_twice"):
                self.ask(request)
            else:
                self.note("rows", len(self.until(self.pages) or []))

    @flow
    def button(self) -> None:
        """Call somebody who presses 1, and hear of it at a webhook of ours."""
        from tests.clients.receiver import Receiver  # noqa: PLC0415 - only here

        done: list[str] = []

        def handle(path: str, _headers: dict[str, str], _body: bytes) -> int:
            order = parse_qs(urlsplit(path).query).get("order", [""])[0]
            if self.has("answers_500"):
                return 500
            if order not in done or self.has("handles_twice"):
                done.append(order)
                self.place(OTHERS[1], ("label", f"thanks_{len(done)}"))
            return 200

        receiver = Receiver(handle)
        address = f"http://127.0.0.1:{receiver.port}/pressed?order=17&by=phone"
        if self.has("unreachable_webhook"):
            address = "/pressed?order=17"
        self.place(CALLEE, ("ivr_lvl_1_btn_1_webhook", address))
        if not self.has("gone_too_early"):
            patient = self.has("handles_twice")
            receiver.wait(2 if patient else 1, 20.0 if patient else 3.0)
            self.pause(PAUSE)
        receiver.close()
        self.note("thanked", len(done))


if __name__ == "__main__":
    sys.exit(main(Callo, sys.argv[1:]))
