"""Who people are: a name and an address for every number, the same each time, so that one recognises them."""

from __future__ import annotations

from functools import cache, lru_cache
from threading import Lock
from typing import Any, NamedTuple

LOCALES = (
    ("+44", "en_GB"), ("+1", "en_US"), ("+33", "fr_FR"), ("+49", "de_DE"), ("+61", "en_AU"),
    ("+353", "en_IE"), ("+91", "en_IN"), ("+7", "ru_RU"), ("+380", "uk_UA"),
)  # fmt: skip


class Introduction(NamedTuple):
    """How somebody is introduced."""

    name: str
    address: str

    @property
    def initials(self) -> str:
        """Return the first letters of first and last name."""
        words = [word for word in self.name.split() if word[:1].isalpha() and not word.endswith(".")]
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@lru_cache(maxsize=20_000)
def introduce(number: str) -> Introduction:
    """Return the name and the address of whoever has a number, keyed by it; no real person's."""
    locale = next((name for prefix, name in LOCALES if number.startswith(prefix)), "en_GB")
    faker, lock = _faker(locale)
    with lock:
        faker.seed_instance(number)
        name = f"{faker.first_name()} {faker.last_name()}"
        return Introduction(name, f"{faker.street_address()}, {faker.city()}")


@cache
def _faker(locale: str) -> tuple[Any, Lock]:
    from faker import Faker  # noqa: PLC0415 - a tenth of a second, for whoever looks at the page only

    return Faker(locale), Lock()
