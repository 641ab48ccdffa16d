"""Lists of numbers: rows of text, CSV or Excel into contacts, and a verdict for each bad row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.errors import counted
from simulator.exchange import Loss
from simulator.formats.csv_table import MalformedTable, read_csv
from simulator.formats.forms import Upload
from simulator.formats.spreadsheet import looks_like_xlsx, read_xlsx
from simulator.telephony.accounts import Account
from simulator.telephony.campaign_settings import Contact, RowVerdict
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import MalformedNumber
from simulator.telephony.ivr import Prompt
from simulator.telephony.phone_numbers import E164, parse_number
from simulator.vendor import RequestContext
from simulator.vendors.callo.fields import LABEL, Fields
from simulator.vendors.callo.refusals import CATALOGUE
from simulator.vendors.callo.requests import FREE_TEXT, PINCODE_INCOMING, dialing
from simulator.vendors.callo.scripts import missing_clips, mix_prompt

Rows = Iterable[list[str]]
MOST_SHOWN = 5
COLUMN_FIELDS = ("text_from_column", "label_from_column")
COLUMNS = range(16_384)
"""Counted from 0 (documented), as many as Excel has (inferred)."""


def parse_append_calls(context: RequestContext) -> tuple[Campaign, list[Contact], list[RowVerdict]]:
    """Read `phones/append/calls/`: a campaign, its new contacts, and the rows that are none.

    Documented: four kinds of campaign take no lists; texts and labels are for campaigns of free text.
    """
    fields = Fields(context)
    text_column, label_column = (
        fields.integer(name, required=False, allowed=COLUMNS) for name in COLUMN_FIELDS
    )
    file, phones = fields.optional_upload("phones_file"), context.form.get("phones") or ""
    if file is None and not phones.strip():
        fields.refuse_as("phones_missing")
    campaign = dialing(fields.campaign((FREE_TEXT, PINCODE_INCOMING)))
    if campaign.kind != FREE_TEXT:
        for name in filter(fields.text, COLUMN_FIELDS):
            fields.lose("columns_ignored", name)
        text_column = label_column = None
    contacts = ContactList(context.account, campaign, text_column, label_column)
    try:
        contacts.read(_rows_of_file(file) if file else _rows_of_text(phones))
    except MalformedTable as error:
        fields.refuse_as("phones_file_unreadable", str(error))
    fields.settle()
    context.losses.extend(contacts.losses("phones_file" if file else "phones"))
    if file and phones.strip():
        context.losses.append(Loss("numbers_beside_file", "phones"))
    return campaign, contacts.accepted, contacts.refused


def _rows_of_file(file: Upload) -> Iterator[list[str]]:
    return read_xlsx(file.body) if looks_like_xlsx(file.body) else read_csv(file.body)


def _rows_of_text(text: str) -> list[list[str]]:
    """Return the rows of `phones`; what is no table after all is a list of lines, good and bad."""
    try:
        return list(read_csv(text.encode()))
    except MalformedTable:
        return [[line] for line in text.splitlines()]


class ContactList:
    """The rows of one list, judged one by one: the number stands in the first column."""

    def __init__(
        self, account: Account, campaign: Campaign, text_column: int | None, label_column: int | None
    ) -> None:
        self._account = account
        self._campaign = campaign
        self._text_column = text_column
        self._label_column = label_column
        self._labels: set[str] = set()
        self.accepted: list[Contact] = []
        self.refused: list[RowVerdict] = []
        self._silent = self._widest = 0
        self._crowded: list[int] = []

    def losses(self, place: str) -> Iterator[Loss]:
        """Yield what of the list is not called, or not said: the answer tells of neither."""
        rows = len(self.refused) + len(self.accepted)
        of = counted(rows, "row")
        if self.refused:
            shown = "; ".join(f"row {verdict.row}: {verdict.reason}" for verdict in self.refused[:MOST_SHOWN])
            made = "makes no call" if len(self.refused) == 1 else "make no call"
            yield Loss("rows_skipped", place, f"{len(self.refused)} of {of} {made}; {shown}")
        if self._crowded:
            shown = ", ".join(map(str, self._crowded[:MOST_SHOWN]))
            yield Loss("numbers_beside", place, f"{len(self._crowded)} of {of}; row {shown}")
        for name, column in zip(COLUMN_FIELDS, (self._text_column, self._label_column), strict=True):
            if column is not None and column >= self._widest > 0:
                yield Loss("column_missing", name, f"{column}, of rows with {self._widest} columns at most")
        if self._silent:
            yield Loss("clip_silent", place, f"{self._silent} of {counted(len(self.accepted), 'row')}")

    def read(self, rows: Rows) -> None:
        """Judge every row; a first row without any digit heads the contacts behind it (inferred)."""
        plain = self._text_column is None and self._label_column is None
        accept = self.accepted.append
        for place, row in enumerate(rows, start=1):
            if len(row) > 1 and any(cell.strip().startswith("+") and _is_number(cell) for cell in row[1:]):
                self._crowded.append(place)
            try:
                callee = parse_number(row[0])
            except MalformedNumber:
                self.refused.append(RowVerdict(place, row[0], _why(row)))
                continue
            if plain:
                accept(Contact(callee))
            elif (contact := self._contact(callee, place, row)) is not None:
                accept(contact)
        if self.accepted and self.refused and _is_header(self.refused[0]):
            del self.refused[0]

    def _contact(self, callee: E164, place: int, row: list[str]) -> Contact | None:
        self._widest = max(self._widest, len(row))
        text, label = _cell(row, self._text_column), _cell(row, self._label_column) or None
        if label is not None and (reason := self._judge_label(label)):
            self.refused.append(RowVerdict(place, row[0], reason))
            return None
        opening: Prompt | None = mix_prompt(self._account, text) if text else None
        self._silent += bool(missing_clips(self._account, text))
        return Contact(callee, opening, label)

    def _judge_label(self, label: str) -> str | None:
        """Return what is wrong with a label, or None and take note of it."""
        if not LABEL.fullmatch(label):
            return f"label: {CATALOGUE['label_invalid'].message}"
        if label in self._labels or label in self._campaign.labels:
            return CATALOGUE["label_taken"].message
        self._labels.add(label)
        return None


def _is_header(verdict: RowVerdict) -> bool:
    return verdict.row == 1 and not any(letter.isdigit() for letter in verdict.text)


def _is_number(cell: str) -> bool:
    try:
        return bool(parse_number(cell))
    except MalformedNumber:
        return False


def _why(row: list[str]) -> str:
    """Return why a row is no contact: its number may stand in another column than the first."""
    columns = [str(column) for column, cell in enumerate(row) if column and _is_number(cell)]
    hint = f" The number stands in column {columns[0]}, not in the first, 0." if columns else ""
    return f"{CATALOGUE['phone_invalid'].message}{hint}"


def _cell(row: list[str], column: int | None) -> str:
    return row[column].strip() if column is not None and column < len(row) else ""
