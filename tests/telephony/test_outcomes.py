import subprocess
import sys
from collections import Counter
from datetime import timedelta

from simulator.telephony.keyed_random import KeyedRandom
from simulator.telephony.outcomes import Disposition, seconds

ASK = """
from simulator.telephony.keyed_random import KeyedRandom
print(KeyedRandom(7).number('ring', '+380', 1))
"""


def test_the_same_question_has_the_same_answer_whatever_was_asked_before() -> None:
    quiet, busy = KeyedRandom(7), KeyedRandom(7)
    for number in range(100):
        busy.share("noise", number)

    assert quiet.share("ring", "+380", 1) == busy.share("ring", "+380", 1)


def test_the_answer_does_not_depend_on_the_process_or_its_hash_seed() -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", ASK], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        for seed in ("0", "1", "random")
    ]

    assert {answer.stdout for answer in answers} == {f"{KeyedRandom(7).number('ring', '+380', 1)}\n".encode()}


def test_another_seed_or_subject_has_another_answer() -> None:
    answers = {
        KeyedRandom(seed).number(*subject)
        for seed in (1, 2)
        for subject in [("a", "bc"), ("ab", "c"), ("a",)]
    }

    assert len(answers) == 6


def test_shares_are_met_in_the_long_run() -> None:
    shares = {Disposition.ANSWERED: 0.3, Disposition.BUSY: 0.7}
    counts = Counter(KeyedRandom(1).choose(shares, number) for number in range(4_000))

    assert 0.27 < counts[Disposition.ANSWERED] / 4_000 < 0.33


def test_shares_need_not_add_up_to_one() -> None:
    assert KeyedRandom(1).choose({Disposition.BUSY: 5}, "anything") is Disposition.BUSY


def test_a_span_reaches_both_of_its_ends_and_nothing_beyond() -> None:
    span = seconds(0.001, 0.003)
    lengths = {KeyedRandom(1).within(span, number) for number in range(200)}

    assert lengths == {timedelta(milliseconds=length) for length in (1, 2, 3)}
