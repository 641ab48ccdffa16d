"""The pictures of the README, made by a world: `python -m tests.pictures` writes them anew."""

from __future__ import annotations

from collections.abc import Mapping

from tests.admin.control_room import Room, open_room
from tests.source_tree import ROOT

FOLDER = ROOT / "pictures"


def pictures() -> Mapping[str, bytes]:
    """Return each picture by the name of its file."""
    (drawn,) = [draw(room) for room in open_room()]
    return drawn


def draw(room: Room) -> Mapping[str, bytes]:
    """Place calls to people of all kinds, and draw one of them and the whole campaign."""
    room.call("+447700900400")
    for code in (0, 31, 3, 4, 40, 42, 31, 0, 60, 5, 31, 71):
        for digit in range(3):
            room.call(f"+447700900{code:02}{digit}")
        room.do("POST", "/v1/clock/advance", {"by": "2m"})
    room.do("POST", "/v1/clock/advance", {"until": "idle"})
    first = room.get("/v1/calls?limit=1000")["calls"][-1]["ref"]
    paths = {
        "call.svg": f"/v1/calls/callo:{first}/timeline.svg",
        "campaign.svg": f"/v1/campaigns/{room.campaign('Reminders')}/day.svg",
    }
    return {name: room.ask("GET", path).data for name, path in paths.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures().items():
        (FOLDER / name).write_bytes(picture)
