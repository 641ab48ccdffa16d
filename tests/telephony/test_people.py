from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import (
    MAGIC_PERSONAS,
    NumberBlock,
    People,
    Person,
    Persona,
    magic_catalogue,
    magic_persona,
)
from simulator.telephony.phone_numbers import E164

STRANGER = Persona(name="stranger")
FICTIONAL = E164("+447700900041")


def test_a_described_person_wins_over_a_block_a_magic_number_and_strangers() -> None:
    block = NumberBlock(E164("+447700900000"), 1000, Persona(name="block"))
    people = People(
        strangers=STRANGER, listed={FICTIONAL: Person(FICTIONAL, Persona(name="listed"))}, blocks=[block]
    )

    assert people.find(FICTIONAL).persona.name == "listed"
    assert people.find(E164("+447700900042")).persona.name == "block"
    assert people.find(E164("+380501234567")).persona.name == "stranger"


def test_the_outcome_code_of_a_magic_number_chooses_what_happens() -> None:
    busy = list(Disposition).index(Disposition.BUSY)
    persona = magic_persona(E164(f"+447700900{busy:02}7"))

    assert persona is not None
    assert persona.attempts == (Disposition.BUSY,)


def test_ten_numbers_share_each_outcome_so_that_tests_can_run_side_by_side() -> None:
    personas = {magic_persona(E164(f"+44770090030{last}")) for last in range(10)}

    assert personas == {MAGIC_PERSONAS[30]}


def test_a_number_outside_the_block_is_not_magic() -> None:
    assert magic_persona(E164("+447700901000")) is None
    assert magic_persona(E164("+4477009000")) is None
    assert People(strangers=STRANGER, magic=()).find(E164("+447700900030")).persona is STRANGER


def test_the_catalogue_names_every_code_once() -> None:
    codes = [entry["code"] for entry in magic_catalogue()]

    assert codes == [f"{code:02}" for code in sorted(MAGIC_PERSONAS)]


def test_the_last_entry_of_a_persona_s_attempts_repeats() -> None:
    persona = Persona(name="late", attempts=(Disposition.BUSY, Disposition.ANSWERED))

    assert persona.disposition(None, 5) is Disposition.ANSWERED  # type: ignore[arg-type]


def test_no_two_codes_are_told_in_the_same_words() -> None:
    personas = [entry["persona"] for entry in magic_catalogue()]

    assert [words for words in personas if personas.count(words) > 1] == []
    assert "always answered, rings 45s, talks 10m" in personas
    assert "always answered, says yes" in personas
