"""Numbers whose digits say what happens: which blocks of them each country has, and who keeps them free.

This is the one table that scenarios, the control API, the command line and the documentation draw from.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from simulator.telephony.phone_numbers import E164

SECONDARY, INFERRED = "secondary", "inferred"
"""Reserved, by somebody who quotes the regulator's own list; or merely unassigned, as far as we can see."""

OWN = "scenario"
OUTCOME_DIGITS = 2


class Keeper(Struct, frozen=True):
    """Who keeps numbers of a `country` free (`name`), who says so (`source`), and how sure that is.

    `provenance` is `secondary` or `inferred`.
    """

    country: str
    name: str
    source: str
    provenance: str = SECONDARY


class MagicBlock(Struct, frozen=True):
    """A run of numbers: the `stem`, two digits that choose the outcome, and `free` digits for parallel tests.

    `valid` tells whether libraries that know numbering plans take its numbers for real ones, None where
    nobody has looked, and `kind` for what: `mobile`, `fixed`, `either`, `none`, `unknown`.
    """

    stem: str
    free: int
    kind: str
    valid: bool | None
    keeper: Keeper

    @property
    def form(self) -> str:
        """How its numbers look: `+447700900OOx`, OO the outcome and each x any digit."""
        return f"{self.stem}OO{'x' * self.free}"

    def numbers(self, code: int) -> str:
        """Return its numbers with one outcome, as people write a range."""
        first = f"{self.stem}{code:02}"
        return f"{first}{'0' * self.free}..{'9' * self.free}" if self.free else first

    def number(self, code: int, nth: int = 0) -> E164:
        """Return one of its numbers: with this outcome, the `nth` of those."""
        nth_digits = str(nth).zfill(self.free) if self.free else ""
        return E164(f"{self.stem}{code:02}{nth_digits}")

    def code_of(self, number: E164) -> int | None:
        """Return the outcome that a number of this block stands for; None for any other number."""
        length = len(self.stem) + OUTCOME_DIGITS + self.free
        if len(number) != length or not number.startswith(self.stem):
            return None
        return int(number[len(self.stem) : len(self.stem) + OUTCOME_DIGITS])


_METADATA = "no list; no operator in the metadata of phonenumbers 9.0.43"
_OFCOM = Keeper("GB", "Ofcom", "bbc.com/news/blogs-magazine-monitor-32348371")
_NANPA = Keeper("US", "NANPA", "liquisearch.com/area_codes_in_the_united_states/fictional_telephone_numbers")
_ARCEP = Keeper("FR", "Arcep", "public code that names Arcep's decision 2018-0881")
_BNETZA = Keeper(
    "DE", "BNetzA", "teltarif.de/drama-rufnummern-fiktiv-bundesnetzagentur-filme/news/84487.html"
)
_NOTICE = Keeper("DE", "BNetzA", "public code that names the regulator's notice 148/2021")
_ACMA = Keeper("AU", "ACMA", "a 2014 copy of Wikipedia's Fictitious telephone number, quoting the regulator")
_COMREG = Keeper("IE", "ComReg", "third hand")


def _nobody(country: str) -> Keeper:
    return Keeper(country, "nobody", _METADATA, INFERRED)


_GB_FIXED = ("+442079460", "+441134960", "+441414960", "+441614960", "+441914980")
_FR_FIXED = ("+33199000", "+33261910", "+33353010", "+33465710", "+33536490")
_DE_FIXED = ("+493023125", "+496990009", "+494066969", "+492214710", "+498999998")
_US_AREAS = ("202", "212", "213", "305", "312", "404", "415", "617", "702", "713")
_CA_AREAS = ("416", "604", "514", "403", "613", "204", "506", "902", "306", "780")

BLOCKS: tuple[MagicBlock, ...] = (
    MagicBlock("+447700900", 1, "mobile", False, _OFCOM),
    *(MagicBlock(stem, 1, "fixed", True, _OFCOM) for stem in _GB_FIXED),
    *(MagicBlock(f"+1{area}55501", 0, "either", True, _NANPA) for area in _US_AREAS),
    *(
        MagicBlock(f"+1{area}55501", 0, "either", True, replace(_NANPA, country="CA", provenance=INFERRED))
        for area in _CA_AREAS
    ),
    *(MagicBlock(stem, 1, "fixed", True, _ARCEP) for stem in _FR_FIXED),
    MagicBlock("+33639980", 1, "mobile", False, _ARCEP),
    MagicBlock("+33790000", 1, "mobile", True, _nobody("FR")),
    *(MagicBlock(stem, 1, "fixed", True, _BNETZA) for stem in _DE_FIXED),
    *(MagicBlock(stem, 0, "mobile", True, _NOTICE) for stem in ("+4917139200", "+49176040690")),
    MagicBlock("+61255500", 1, "fixed", True, _ACMA),
    MagicBlock("+353209100", 1, "none", False, _COMREG),
    MagicBlock("+916010000", 1, "mobile", True, _nobody("IN")),
    MagicBlock("+79720000", 1, "mobile", True, _nobody("RU")),
    MagicBlock("+74950000", 1, "fixed", True, _nobody("RU")),
    MagicBlock("+380440000", 1, "fixed", True, _nobody("UA")),
)
"""Every block there is, the first of each country the one to try first; no UA mobile is known to be free."""

COUNTRIES = tuple(dict.fromkeys(block.keeper.country for block in BLOCKS))
DEFAULT = BLOCKS[:1]
"""The 1,000 mobiles kept free for drama in Britain: what is magic where a scenario does not say."""


def blocks_of(country: str) -> tuple[MagicBlock, ...]:
    """Return the blocks of a country by its two letters; none for a country without any."""
    return tuple(block for block in BLOCKS if block.keeper.country == country)


def own_block(stem: str, free: int) -> MagicBlock:
    """Return a block that a scenario makes up."""
    return MagicBlock(stem, free, "unknown", None, Keeper(OWN, OWN, OWN, OWN))


def is_reserved(number: E164) -> bool:
    """Return whether a number is kept free for good, so that it is nobody's and need not be hidden."""
    return any(block.code_of(number) is not None for block in BLOCKS if block.keeper.provenance == SECONDARY)
