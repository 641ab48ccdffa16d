"""What one call says and how it reacts, out of a form: words and clips, and individual IVR."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from msgspec.structs import replace

from simulator.telephony.accounts import Account
from simulator.telephony.errors import MalformedNumber
from simulator.telephony.ivr import Choice, Menu, Prompt, Script
from simulator.telephony.phone_numbers import parse_number
from simulator.vendors.callo.fields import Fields
from simulator.vendors.callo.statuses import is_button

_AUDIO = re.compile(r"""<audio\s+id\s*=\s*["']?([0-9]{1,12})["']?\s*/?>""", re.IGNORECASE)
_PARAMETER = re.compile(
    r"ivr_lvl_([0-9]{1,3})_btn_(.+)_"
    r"(audioclip_text|email_subject|email_text|sms_text|status_name|to_email|to_phone|to_sipname|webhook)",
    re.ASCII | re.DOTALL,
)
_SEPARATOR = re.compile(r"[\s,;|]")

_LETTERS: Mapping[str, tuple[str, ...]] = {
    "a": ("yes", "да"),
    "b": ("no", "нет"),
    "c": ("next", "далее"),
    "с": ("next", "далее"),  # Cyrillic, as the vendor's sample spells it
    "d": ("back", "назад"),
}
"""The words that letters stand for in names of parameters (documented; the Russian words are inferred)."""

Place = tuple[int, str]
"""A level of the menus, counted from 1, and the key or word pressed there."""


def read_opening(fields: Fields, account: Account) -> Prompt | None:
    """Return the prompt of a form's `text`, None without one; a clip the account lacks is a mistake."""
    if not (text := fields.text("text")):
        return None
    for ref in missing_clips(account, text):
        fields.refuse_as("clip_in_text_unknown", audioclip_id=ref)
    return mix_prompt(account, text)


def missing_clips(account: Account, text: str) -> list[str]:
    """Return the ids of clips that a text names and the account does not have."""
    return [ref for ref in _AUDIO.findall(text) if int(ref) not in account.clips]


def mix_prompt(account: Account, text: str) -> Prompt:
    """Return a prompt of the words in `text` and the clips it names; those that do not exist are silent."""
    if "<" not in text:
        return Prompt(text)
    clips = [clip for ref in _AUDIO.findall(text) if (clip := account.clips.get(int(ref)))]
    words = _AUDIO.sub("", text).strip()
    if not clips:
        return Prompt(words)
    return Prompt(words, clips[0].ref, sum((clip.length for clip in clips), timedelta(0)))


def read_individual_ivr(fields: Fields, script: Script) -> Script:
    """Return the campaign's script with the parameters sent for this callee.

    They change reactions the campaign has; a key or word it lacks changes nothing (documented for words), so
    one in capitals changes nothing: words are sent in lower case (documented). An empty one is not sent.
    """
    changes: dict[Place, dict[str, str]] = {}
    names = [name for name in fields.names() if name.startswith("ivr")]
    known = frozenset(_places(script.menu, 1)) if names else ()
    for name in names:
        if (parts := _PARAMETER.fullmatch(name)) and (text := fields.text(name)):
            place, what = (int(parts[1]), parts[2]), parts[3]
            _check(fields, name, place, what, known)
            if place in known:
                changes.setdefault(place, {})[what] = text
            else:
                fields.lose(_why_lost(place[1]), name)
    return replace(script, menu=_change_menu(script.menu, changes, 1)) if changes and script.menu else script


def _why_lost(key: str) -> str:
    if key != key.lower():
        return "word_in_capitals"
    return "button_unknown" if is_button(key) else "word_unknown"


def _places(menu: Menu | None, level: int) -> Iterator[Place]:
    """Yield each place by every name that a parameter may give it."""
    for key, choice in menu.choices.items() if menu else ():
        yield from ((level, name) for name in _names_of(key))
        yield from _places(choice.follow, level + 1)


def _names_of(key: str) -> Iterator[str]:
    """Yield by what a reaction is named, the plainest last; of several words one is enough (documented)."""
    words = [word for word in _SEPARATOR.split(key.lower()) if word]
    yield from (letter for letter, meant in _LETTERS.items() if not {*meant}.isdisjoint(words))
    yield from words
    yield key.lower()


def _check(fields: Fields, name: str, place: Place, what: str, known: Collection[Place]) -> None:
    # Documented: one word a parameter, spaces that belong to a word stay; so only a known key may hold them.
    if _SEPARATOR.search(place[1].strip()) and place not in known:
        fields.refuse_as("ivr_several_words", parameter=name)
    if what == "to_phone":
        try:
            parse_number(fields.text(name))
        except MalformedNumber:
            fields.refuse_as("ivr_parameter_invalid", parameter=name)


def _change_menu(menu: Menu, changes: Mapping[Place, Mapping[str, str]], level: int) -> Menu:
    choices = {key: _change_choice(key, choice, changes, level) for key, choice in menu.choices.items()}
    return replace(menu, choices=choices)


def _change_choice(
    key: str, choice: Choice, changes: Mapping[Place, Mapping[str, str]], level: int
) -> Choice:
    detail = _find_change(key, changes, level)
    follow = _change_menu(choice.follow, changes, level + 1) if choice.follow else None
    if "audioclip_text" in detail:
        spoken = Prompt(detail["audioclip_text"])
        follow = replace(follow, prompt=spoken) if follow else Menu(spoken, wait=timedelta(0))
    return replace(choice, detail={**choice.detail, **detail}, follow=follow)


def _find_change(key: str, changes: Mapping[Place, Mapping[str, str]], level: int) -> Mapping[str, str]:
    """Return what was sent for `key`; under several of its names, the plainest counts."""
    changed: dict[str, str] = {}
    for name in _names_of(key):
        changed.update(changes.get((level, name), {}))
    return changed
