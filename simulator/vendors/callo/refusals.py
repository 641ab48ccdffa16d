"""How Callo words its refusals, in both languages of the cabinet: what stands in refusals.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.refusal_catalogue import RefusalCatalogue, Wording
from simulator.vendor import Refused, Rejection
from simulator.vendors.callo.statuses import LANGUAGES, Display


@dataclass(frozen=True, slots=True, kw_only=True)
class CalloWording(Wording):
    """How one fact is worded, in Russian too where that is known; `field` is that of a form."""

    field: str = ""
    ru: str = ""


CATALOGUE = RefusalCatalogue.load(__package__, CalloWording)
"""Every refusal by its name."""


class FormInvalid(Rejection):
    """A form with mistakes: each field's messages, in the order in which the fields were read."""

    def __init__(self, mistakes: Mapping[str, list[Display]]) -> None:
        super().__init__("form is not valid")
        self.mistakes = mistakes

    def __str__(self) -> str:
        return self.text("en")

    def text(self, language: str) -> str:
        """Return all mistakes as one text (observed: Django's `ErrorDict.as_text()`)."""
        return "Form isn't valid: " + "\n".join(
            "\n".join([f"* {name}", *(f"  * {message.to(language)}" for message in messages)])
            for name, messages in self.mistakes.items()
        )


class Mistake(ValueError):
    """A value that a field does not take; `words` names what is said of it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def shared_text(words: str, **details: object) -> Display:
    """Return a text that several facts share, by its name; its details may be in both languages too."""
    table = CATALOGUE.words[words]
    return _fill(table["message"], table["ru"], details)


def field_and_text(refused: Refused) -> tuple[str, Display]:
    """Return the field that a fact is a mistake of, empty for one beyond the form, and what is said of it."""
    wording = CATALOGUE[refused.fact]
    text = _fill(wording.message, wording.ru or wording.message, refused.details)
    return CATALOGUE.fill(wording.field, refused.details), text


def text_of(refused: Refused, language: str) -> str:
    """Return how a fact is told in a language."""
    field, text = field_and_text(refused)
    return FormInvalid({field: [text]}).text(language) if field else text.to(language)


def count_items(count: int) -> str:
    """Return how many items there are, as Russian counts."""
    if count % 10 == 1 and count % 100 != 11:
        return f"{count} элемент"
    few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
    return f"{count} элемента" if few else f"{count} элементов"


def _fill(en: str, ru: str, details: Mapping[str, object]) -> Display:
    texts = []
    for language, text in zip(LANGUAGES, (en, ru), strict=True):
        spoken = {
            name: value.to(language) if isinstance(value, Display) else value
            for name, value in details.items()
        }
        texts.append(CATALOGUE.fill(text, spoken))
    return Display(*texts)
