"""Telephones: who has them, what they do now, what is heard on the line, and the texts that came and went."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from operator import attrgetter

from simulator.admin.context import Json
from simulator.admin.page.lists import call_row
from simulator.admin.page.names import introduce
from simulator.admin.page.visit import Visit
from simulator.admin.people import show_person
from simulator.telephony.attempt_planner import script_of
from simulator.telephony.calls import NOTHING, Call, Direction
from simulator.telephony.ivr import Menu
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.phone_numbers import E164
from simulator.telephony.typed_numbers import read_typed_number
from simulator.telephony.world import World

MOST_PHONES = 6
MOST_TEXTS = 30
MOST_CALLS = 6
MOST_SUGGESTED = 24
HUES = 6
"""How many colours there are for faces."""


def numbers_of(visit: Visit) -> list[E164]:
    """Return the numbers whose telephones are shown; raises MalformedNumber."""
    texts = [text.strip() for text in visit.query.get("numbers", "").split(",") if text.strip()]
    if more := visit.query.get("number", "").strip():
        texts.append(more)
    return list(dict.fromkeys(read_typed_number(visit.sandbox.world, text) for text in texts))[:MOST_PHONES]


def understood(visit: Visit) -> Json:
    """Return the number that somebody typed, and how it was read, where that is not as it stands."""
    typed = visit.query.get("number", "").strip()
    if not typed or typed.startswith("+"):
        return None
    return {"typed": typed, "number": read_typed_number(visit.sandbox.world, typed)}


def show_telephone(visit: Visit, number: E164) -> Json:
    """Return one telephone; hold the world's lock."""
    world = visit.sandbox.world
    places = {other: f"{OWNED}{place}" for place, other in enumerate(_owned(world))}
    takers = {number: places[number] for account in world.accounts.values() for number in account.numbers}
    calls = (call for call in world.newest_calls() if number in (call.callee, getattr(call, "party", None)))
    return {
        "phone": show_person(visit.context, number),
        **_face(number),
        "address": introduce(number).address,
        "caller": _caller(world, number),
        "hears": _heard(world, number),
        "threads": _threads(world, number, takers),
        "calling": _is_calling(world, number),
        "owned": [{"value": value, "callee": other} for other, value in places.items()],
        "written_to": [{"value": value, "callee": other} for other, value in takers.items()],
        "calls": [call_row(visit, call) for call in islice(calls, MOST_CALLS)],
    }


def _face(number: E164) -> dict[str, Json]:
    """Return somebody's name, with their initials and in which colour these are shown."""
    person, hue = introduce(number), sum(int(digit) for digit in number if digit.isdecimal()) % HUES
    return {"name": person.name, "initials": person.initials, "hue": hue}


def _caller(world: World, number: E164) -> str | None:
    """Return the number that the telephone shows as the caller's, None where none is or nobody calls."""
    call = world.lines.get(number)
    if call is None:
        return None
    return call.caller_id if isinstance(call, Call) else call.caller


def _heard(world: World, number: E164) -> Json:
    """Return what is heard on the line, and what the keys do now; None where it is not open."""
    call = world.lines.get(number)
    attempt = call.active if isinstance(call, Call) else None
    if not isinstance(call, Call) or attempt is None or attempt.answered is None:
        return None
    if (at := world.clock.now - attempt.answered) < NOTHING:
        return None
    script = script_of(call)
    presses = [
        press for press in (attempt.conversation.presses if attempt.conversation else ()) if press.after < at
    ]
    last = presses[-1].choice if presses else None
    menu = last.follow if last else script.menu
    prompt = menu.prompt.text if menu and (menu.prompt.text or presses) else ""
    return {
        "text": " ".join(filter(None, ("" if presses else script.opening.text, prompt))),
        "choices": _choices(menu),
        "takes_code": script.code is not None,
        "pressed": "".join(press.key for press in presses),
    }


def _choices(menu: Menu | None) -> list[Json]:
    if menu is None:
        return []
    return [{"key": key, "label": choice.label or choice.action} for key, choice in menu.choices.items()]


def _threads(world: World, number: E164, places: Mapping[E164, str]) -> list[Json]:
    """Return the newest texts from and to a number, by whom it writes with, the newest thread first.

    `reply` is how a form names whom an answer goes to, None where nobody would get it.
    """
    messages = [
        message
        for account in world.accounts.values()
        for message in account.message_log
        if number in (message.letter.sender, message.letter.recipient)
    ]
    messages.sort(key=attrgetter("created"))
    threads: dict[str, list[Json]] = {}
    for message in messages[-MOST_TEXTS:]:
        letter, own = message.letter, message.letter.sender == number
        text = {"own": own, "text": letter.text, "state": message.state, "at": message.created.isoformat()}
        other = letter.recipient if own else letter.sender
        threads[other] = [*threads.pop(other, ()), text]
    return [
        {"callee": other, "reply": places.get(E164(other)), "texts": texts}
        for other, texts in reversed(threads.items())
    ]


OWNED = "owned:"
"""How a form names a number that an account owns, which may be masked: by its place among them."""


def dialed(world: World, text: str) -> str:
    """Return the number that a form names, as it was written or by its place among those owned."""
    place = text.removeprefix(OWNED)
    owned = _owned(world)
    if place != text and place.isdecimal() and int(place) < len(owned):
        return owned[int(place)]
    return text


def _owned(world: World) -> list[E164]:
    """Return the numbers that accounts own or call from, which can be called."""
    owned = [
        number for account in world.accounts.values() for number in (*account.numbers, *account.caller_ids)
    ]
    return list(dict.fromkeys(owned))


def _is_calling(world: World, number: E164) -> bool:
    """Tell whether a number is the one that calls, so that nothing rings there."""
    call = world.lines.get(number)
    return isinstance(call, LiveCall) and call.direction is Direction.INCOMING


def suggested(visit: Visit, standing: Collection[E164]) -> list[Json]:
    """Return people whose telephone one might like to have beside those `standing`; hold the world's lock."""
    world = visit.sandbox.world
    return [
        {"callee": number, "what": what, **_face(number)}
        for number, what in islice(_candidates(world, standing), MOST_SUGGESTED)
    ]


_OF_MAGIC = {31: "answers and presses 1", 3: "does not answer", 4: "is busy", 60: "says yes"}


def _candidates(world: World, standing: Collection[E164]) -> Iterator[tuple[E164, str]]:
    """Yield numbers with why: on the line, lately called, in the scenario, magic."""
    seen = {*standing}
    lately = (
        call.callee if isinstance(call, Call) else call.party for call in islice(world.newest_calls(), 50)
    )
    sources = (
        ((number, "on the line now") for number in world.lines),
        ((number, "called lately") for number in dict.fromkeys(lately)),
        (
            (number, f"in the scenario: {(person.usual or person.persona).name}")
            for number, person in world.people.listed.items()
        ),
        ((block.first, f"in the scenario: {block.persona.name}") for block in world.people.blocks),
        ((block.number(code), what) for block in world.people.magic[:1] for code, what in _OF_MAGIC.items()),
    )
    for source in sources:
        for number, what in source:
            if number not in seen:
                seen.add(number)
                yield number, what
