"""One visit to the page: the world it is about, the addresses of other views, and how a view is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request
from msgspec import Struct
from werkzeug.datastructures import MultiDict

from simulator.admin.context import AdminContext, Json
from simulator.admin.worlds import describe_watched
from simulator.engine.sandbox import MAIN, Sandbox
from simulator.engine.worlds import Worlds
from simulator.exchange import Request
from simulator.web.guard import WORLD

ROWS = 50
"""How many rows a view has."""

VIEWS = (
    ("", "Live"),
    ("telephone", "Telephone"),
    ("clock", "Clock"),
    ("callbacks", "Callbacks"),
    ("findings", "Findings"),
    ("coverage", "Coverage"),
    ("campaigns", "Campaigns"),
    ("faults", "Faults"),
    ("scenario", "Scenario"),
    ("reference", "Reference"),
)


class Visit(Struct, frozen=True, kw_only=True):
    """A request to the page, admitted already: what it asks by `query`, or does by the fields of a `form`.

    It came after the event of the number `after`: what is newer may be missing from what is shown.
    """

    worlds: Worlds
    sandbox: Sandbox
    request: Request
    query: Mapping[str, str]
    form: MultiDict[str, str]
    after: int

    def page_of(self, total: int) -> int:
        """Return which page of a list of `total` rows is shown, from 1; the last for one beyond it."""
        text, last = self.query.get("page", "1"), max(-(-total // ROWS), 1)
        asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 1
        return min(max(asked, 1), last)

    @property
    def now(self) -> datetime:
        """The world's time, as clocks in the scenario's zone show it."""
        return self.sandbox.world.clock.now.astimezone(self.sandbox.scenario.clock.zone)

    @property
    def context(self) -> AdminContext:
        """The same as a request to the control API."""
        return AdminContext(self.worlds, self.sandbox, self.request, {})

    def url(self, path: str = "", **query: Any) -> str:
        """Return the address of another view of the same world; what is empty is left out of its query."""
        world = self.sandbox.world.name
        given = {"world": "" if world == MAIN else world, **query}
        asked = urlencode([(name, value) for name, value in given.items() if value not in (None, "")])
        return f"{request.script_root}/_simulator/{path}{'?' if asked else ''}{asked}"

    def base_of(self, vendor: str) -> str:
        """Return the address at which a client meets a vendor in this world."""
        world = self.sandbox.world.name
        prefix = "" if world == MAIN or request.environ.get(WORLD) else f"/@{world}"
        return f"{request.host_url.rstrip('/')}{request.script_root}{prefix}/{vendor}"

    def show(self, view: str, title: str, /, status: int = 200, **values: Any) -> Response:
        """Return a view, with everything in `values` masked."""
        sandbox = self.sandbox
        with sandbox.lock:
            masked = sandbox.recorder.masker.value({**values, "top": self._top()})
        html = render_template(
            f"page/{view}.html",
            title=title,
            view=view,
            views=VIEWS,
            url=self.url,
            here=self.url(self._path if request.method == "GET" else "", **dict(self.query)),
            path=self._path,
            query=self.query,
            moment=self.moment,
            state_tag=tag_of,
            **masked,
        )
        return Response(html, status, content_type="text/html; charset=utf-8")

    @property
    def _path(self) -> str:
        return request.path.partition("/_simulator/")[2]

    def _top(self) -> Json:
        """Return what stands above every view; hold the world's lock."""
        sandbox = self.sandbox
        clock, pace = sandbox.world.clock, self.worlds.setup.pace(sandbox.scenario)
        return {
            "world": sandbox.world.name,
            "after": self.after,
            "worlds": [other.world.name for other in self.worlds],
            "scenario": sandbox.scenario.title,
            "now": clock.now.isoformat(),
            "next_due": clock.next_due.isoformat() if clock.next_due else None,
            "pace": str(pace),
            "watched": self._watched(),
            "runs": sandbox.timekeeper is not None,
            "findings": sum(len(exchange.violations) for exchange in sandbox.recorder.journal),
        }

    def _watched(self) -> Json:
        """Return what keeps a scenario file that is followed from being taken; None where nothing does."""
        watched = describe_watched(self.worlds.settings.watched)
        return watched if watched and watched["findings"] else None

    def moment(self, text: str | None, *, dated: bool = False) -> Mapping[str, str]:
        """Return an ISO instant as `{iso, text}`, as clocks in the scenario's zone show it."""
        if not text:
            return {"iso": "", "text": ""}
        zone = self.sandbox.scenario.clock.zone
        at, now = datetime.fromisoformat(text).astimezone(zone), self.sandbox.world.clock.now.astimezone(zone)
        form = "%H:%M:%S" if at.date() == now.date() and not dated else "%d %b %Y, %H:%M:%S"
        return {"iso": at.isoformat(), "text": at.strftime(form)}


_TAGS: Mapping[str, tuple[str, ...]] = {
    "good": ("answered", "talking", "delivered", "completed", "active", "held", "ok"),
    "bad": ("failed", "lost", "error", "invalid", "refused", "broken", "no_funds", "expired"),
    "warn": (
        *("ringing", "no_answer", "busy", "rejected", "waiting", "paused", "between attempts"),
        *("ready", "exhausted"),
    ),
}


def tag_of(state: object) -> str:
    """Return in which colour a state is shown, as the name of a class."""
    return next((tag for tag, states in _TAGS.items() if str(state) in states), "")
