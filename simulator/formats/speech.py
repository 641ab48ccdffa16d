"""Sentences that sound like somebody spoke them, the same for the same key."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b


@lru_cache(maxsize=10_000)  # clients ask for the same results again and again
def spoken_reply(key: str, language: str) -> str:
    """Return a sentence of three to eight words in `language` (`ru`, else English), chosen by `key`.

    The words are Faker's; its generators keep a state that threads would share, so only the words are used.
    """
    words = _words(language)
    draws = blake2b(key.encode(), digest_size=64).digest()
    length = 3 + draws[0] % 6
    picked = [
        words[int.from_bytes(draws[place : place + 4], "big") % len(words)]
        for place in range(4, 4 + 4 * length, 4)
    ]
    return " ".join(picked).capitalize() + "."


def _words(language: str) -> tuple[str, ...]:
    # Imported late: a tenth of a second that most runs never need.
    if language == "ru":
        from faker.providers.lorem.ru_RU import Provider as Russian  # noqa: PLC0415

        return Russian.word_list
    from faker.providers.lorem.en_US import Provider as English  # noqa: PLC0415

    return English.word_list
