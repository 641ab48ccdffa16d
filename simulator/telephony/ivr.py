"""What a call says and how the callee's presses and words move through it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from simulator.telephony.policies import FOLLOWS, Policy

LETTERS_PER_SECOND = 15
SHORTEST_PROMPT = timedelta(seconds=1)
REACTION = timedelta(seconds=2)


class Prompt(Struct, frozen=True, gc=False):
    """Something the callee hears: text to synthesise, a clip, or both."""

    text: str = ""
    clip: int | str | None = None
    clip_length: timedelta = timedelta(0)

    @property
    def length(self) -> timedelta:
        """How long it takes to say, at fifteen letters a second and at least one second."""
        if not self.text and self.clip is None:
            return timedelta(0)
        return max(_speech(len(self.text)) + self.clip_length, SHORTEST_PROMPT)


@lru_cache(maxsize=1_000)  # a page of results asks thousands of times
def _speech(letters: int) -> timedelta:
    return timedelta(seconds=round(letters / LETTERS_PER_SECOND, 1))


class Choice(Struct, frozen=True, kw_only=True):
    """One branch of a menu: its label, what it sets off and where it leads."""

    label: str = ""
    action: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    follow: Menu | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    redial: Redial | None = None


class Redial(Struct, frozen=True):
    """What a script asks for when the callee wants to be called again: a new call.

    It is dialed `after` that long, by a `policy` laid over the number's own, `most` times in a row.
    """

    after: timedelta
    policy: Policy = FOLLOWS
    most: int = 1


class Menu(Struct, frozen=True):
    """A prompt and the branches behind keys (`"1"`) and spoken words (`"yes"`)."""

    prompt: Prompt = Prompt()
    choices: Mapping[str, Choice] = field(default_factory=dict)
    wait: timedelta = timedelta(seconds=5)


class Script(Struct, frozen=True):
    """All that a call says: an opening, then a code to key in, a menu, or nothing."""

    opening: Prompt = Prompt()
    menu: Menu | None = None
    code: str | None = None

    def saying(self, opening: Prompt) -> Script:
        """Return the same script with another opening."""
        return Script(opening, self.menu, self.code)


class Conduct(Struct, frozen=True, kw_only=True, gc=False):
    """What the callee does once the line is open: how long they stay, what they press and say.

    `presses` are keys or words in order, one a menu. A `code` that is asked for is keyed `right`, `wrong` or
    not at all (`none`); where nothing is said of it they press their key for a code of one digit, and key any
    other rightly. `conclusion` and `notes` are what the script makes of the talk, whichever way it goes.
    """

    patience: timedelta
    presses: tuple[str, ...] = ()
    says: str = ""
    code: str = ""
    conclusion: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)


class Result(StrEnum):
    """What came out of the conversation."""

    HEARD = "heard"
    CHOSEN = "chosen"
    INVALID_KEY = "invalid_key"
    NO_INPUT = "no_input"
    CODE_RIGHT = "code_right"
    CODE_WRONG = "code_wrong"
    HUNG_UP = "hung_up"
    CUT_OFF = "cut_off"


class Press(Struct, frozen=True, gc=False):
    """One key or word, where in the menus it came, and the branch it took (None: there is no such branch)."""

    after: timedelta
    key: str
    level: int
    choice: Choice | None


class Conversation(Struct, frozen=True, kw_only=True, gc=False):
    """A walk through a script, laid out in full: lengths count from the answer, `says` is the callee's."""

    length: timedelta
    result: Result
    presses: tuple[Press, ...] = ()
    says: str = ""
    concluded: str | None = None
    noted: Mapping[str, str] = field(default_factory=dict)

    @property
    def conclusion(self) -> str | None:
        """The result that the script set: the callee's own, else the label of the branch taken; or None."""
        chosen = self.chosen
        label = chosen.choice.label if chosen and chosen.choice else ""
        return self.concluded or label or None

    @property
    def notes(self) -> dict[str, str]:
        """What the script wrote down, by header: along the branches taken, then about the callee."""
        notes: dict[str, str] = {}
        for press in self.presses:
            notes |= press.choice.notes if press.choice else {}
        return {**notes, **self.noted}

    def menu_at(self, script: Script, at: timedelta) -> Menu | None:
        """Return the menu of the script that is open `at` this long after the answer, or None."""
        before = [press for press in self.presses if press.after < at]
        last = before[-1].choice if before else None
        return last.follow if last else script.menu

    def until(self, end: timedelta, result: Result) -> Conversation:
        """Return what there is of it where the line is closed at `end`, with that result."""
        presses = tuple(press for press in self.presses if press.after <= end)
        return replace(self, length=end, result=result, presses=presses)

    @property
    def redial(self) -> Redial | None:
        """What the branch taken last asks for, or None."""
        return self.chosen.choice.redial if self.chosen and self.chosen.choice else None

    @property
    def chosen(self) -> Press | None:
        """The last branch taken, or None."""
        for press in reversed(self.presses):  # a loop, for a page of results asks thousands of times
            if press.choice:
                return press
        return None


def converse(script: Script, conduct: Conduct, most: timedelta | None = None) -> Conversation:
    """Walk `conduct` through `script`; the line is cut after `most`."""
    length, result, presses = _walk(script, conduct)
    hung_up = result is Result.HUNG_UP
    talk = Conversation(
        length=length,
        result=result,
        presses=presses,
        says=conduct.says,
        concluded=None if hung_up else conduct.conclusion,
        noted={} if hung_up else conduct.notes,
    )
    return talk if most is None or length <= most else talk.until(most, Result.CUT_OFF)


_Walk = tuple[timedelta, Result, tuple[Press, ...]]
"""How long the talk is, what comes out of it, and what is pressed."""


def _walk(script: Script, conduct: Conduct) -> _Walk:
    opening = script.opening.length
    if conduct.patience < min(opening, REACTION):
        return conduct.patience, Result.HUNG_UP, ()
    if script.code is not None:
        return _key_in(script.code, conduct, opening)
    if script.menu is not None:
        return _choose(script.menu, conduct, opening)
    length = min(opening, conduct.patience) if opening else conduct.patience
    return length, Result.HEARD, ()


def _key_in(code: str, conduct: Conduct, opening: timedelta) -> _Walk:
    if conduct.code == "none":
        return opening + REACTION, Result.NO_INPUT, ()
    entered, after = _other(code) if conduct.code == "wrong" else code, opening + REACTION
    if not conduct.code and len(code) == 1 and conduct.presses and len(conduct.presses[0]) == 1:
        entered = conduct.presses[0]
    result = Result.CODE_RIGHT if entered == code else Result.CODE_WRONG
    return after + REACTION, result, (Press(after, entered, 1, None),)


def _other(code: str) -> str:
    """Return a code of the same length that differs in its last digit."""
    return code[:-1] + str((int(code[-1]) + 1) % 10) if code else "0"


def _choose(first: Menu, conduct: Conduct, opening: timedelta) -> _Walk:
    presses: tuple[Press, ...] = ()
    after = opening
    menu: Menu | None = first
    keys = iter(conduct.presses)
    while menu is not None:
        after += menu.prompt.length
        key = next(keys, None)
        if key is None:
            return after + menu.wait, Result.CHOSEN if presses else Result.NO_INPUT, presses
        after += REACTION
        choice = menu.choices.get(key)
        presses += (Press(after, key, len(presses) + 1, choice),)
        if choice is None:
            return after + REACTION, Result.INVALID_KEY, presses
        menu = choice.follow
    return after + REACTION, Result.CHOSEN, presses


def interject(script: Script, talk: Conversation, key: str, at: timedelta) -> Conversation:
    """Change a conversation under way: the callee presses `key` at `at` instead of whatever was laid out.

    What happened before stays; a code or an unknown key ends the talk, a branch leads where it leads.
    """
    length, result, presses = _go_on(script, talk, key, at)
    return replace(talk, length=length, result=result, presses=presses)


def _go_on(script: Script, talk: Conversation, key: str, at: timedelta) -> _Walk:
    before = tuple(press for press in talk.presses if press.after < at)
    if script.code is not None:
        result = Result.CODE_RIGHT if key == script.code else Result.CODE_WRONG
        return at + REACTION, result, (*before, Press(at, key, 1, None))
    menu = talk.menu_at(script, at)
    choice = menu.choices.get(key) if menu else None
    presses = (*before, Press(at, key, len(before) + 1, choice))
    if menu is None:
        return talk.length, talk.result, presses
    if choice is None:
        return at + REACTION, Result.INVALID_KEY, presses
    if choice.follow is None:
        return at + REACTION, Result.CHOSEN, presses
    return at + choice.follow.prompt.length + choice.follow.wait, Result.CHOSEN, presses
