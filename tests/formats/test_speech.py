"""Spoken sentences: the same for the same key, in the right language."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from simulator.formats.speech import spoken_reply


def test_the_same_key_says_the_same_in_any_thread() -> None:
    with ThreadPoolExecutor(4) as pool:
        sentences = set(pool.map(lambda _: spoken_reply("key", "en"), range(100)))

    assert len(sentences) == 1


def test_other_keys_say_other_things() -> None:
    assert len({spoken_reply(str(key), "en") for key in range(200)}) > 190


def test_a_sentence_has_three_to_eight_words_a_capital_and_a_stop() -> None:
    sentences = [spoken_reply(str(key), "en") for key in range(50)]

    assert {len(sentence.split()) for sentence in sentences} == set(range(3, 9))
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in sentences)


def test_russian_is_written_in_cyrillic() -> None:
    assert all("а" <= letter.lower() <= "я" for letter in spoken_reply("key", "ru") if letter.isalpha())
