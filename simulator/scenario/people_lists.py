"""People from a CSV file beside a scenario: each row becomes an entry of `people` that knows its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from simulator.errors import counted, guess
from simulator.scenario.document import Document, Located, Path, Place, Source
from simulator.scenario.files import ScenarioText, find_list

MOST_PEOPLE = 10_000
"""More rows are no list of customers but a load; `numbers` with a `count` cost nothing."""

COLUMNS = ("number", "persona", "attempts", "texts", "zone")
_LISTS = ("attempts", "texts")
_CONDUCT = ("persona", "attempts", "texts")
_BESIDE = frozenset({"file", "persona", "attempts", "texts", "zone"})


def with_listed_people(document: Document, text: ScenarioText) -> Document:
    """Return the document of a text with an entry of `people` for each row of the files that it names.

    What is wrong with a file is told where it stands there; an entry that cannot be read stays as it is.
    """
    people = document.value.get("people")
    if not isinstance(people, list) or not any(map(_names_file, people)):
        return document
    filled = _Filled(whole=document, text=text)
    for nth, entry in enumerate(people):
        if _names_file(entry) and entry.keys() <= _BESIDE:
            filled.take_rows(nth, entry)
        else:
            filled.keep(nth, entry)
    return filled.document()


def _names_file(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("file"), str)


class _Filled(Struct, kw_only=True):
    """A document under construction, in which people come from files as well."""

    whole: Document
    text: ScenarioText
    people: list[object] = field(default_factory=list)
    origins: dict[Path, Path] = field(default_factory=dict)
    cells: dict[Path, Place] = field(default_factory=dict)
    errors: list[Located] = field(default_factory=list)

    def document(self) -> Document:
        """Return the document with what was taken so far."""
        others = {path: path for path in self.whole.places if path[:1] != ("people",) or len(path) == 1}
        moved = self.whole.moved({**self.whole.value, "people": self.people}, others | self.origins)
        return replace(moved, places={**moved.places, **self.cells}, errors=(*moved.errors, *self.errors))

    def keep(self, nth: int, entry: object, words: Collection[str] | None = None) -> None:
        """Keep an entry where an entry of the file stands, and some of its words or all where they do."""
        old, new = ("people", nth), ("people", len(self.people))
        for path in self.whole.places:
            if path[:2] == old and (words is None or len(path) == 2 or path[2] in words):
                self.origins[(*new, *path[2:])] = path
        self.people.append(entry)

    def take_rows(self, nth: int, entry: Mapping[str, object]) -> None:
        """Take each row of a file; what its entry says besides holds where a row leaves it open."""
        here = ("people", nth, "file")
        file = find_list(self.text, str(entry["file"]))
        if file is None:
            what = f"no file {entry['file']!r} beside this one; a list of people is a .csv file there"
            self._refuse(here, what)
            self.keep(nth, entry)
            return
        name, content = file
        table = Table(name, content)
        beside = {word: value for word, value in entry.items() if word != "file"}
        rows = [] if table.errors else list(table.rows())
        self.errors += table.errors
        if not rows and not table.errors:
            self._refuse(here, f"{name} has no rows below its header")
        for place, row, cells in rows:
            own = not row.keys().isdisjoint(_CONDUCT)
            words = {word: value for word, value in beside.items() if not (own and word in _CONDUCT)}
            path = ("people", len(self.people))
            self.keep(nth, {**words, **row}, words)
            self.cells[path] = place
            self.cells |= {(*path, word): cell for word, cell in cells.items()}

    def _refuse(self, path: Path, what: str) -> None:
        self.errors.append(self.whole.place(path).located(what))


class Table:
    """A CSV file with a header, of commas or semicolons; `errors` tells what cannot be read of it."""

    def __init__(self, name: str, content: bytes) -> None:
        self.errors: list[Located] = []
        text = content.decode("utf-8-sig", "replace")
        self._source = Source(name, tuple(text.splitlines()) or ("",))
        self._delimiter = ";" if self._source.lines[0].count(";") > self._source.lines[0].count(",") else ","
        self._header = [(column, cell.strip()) for column, cell in self._cells(1)]
        self._check_header()
        if "�" in text:
            self._refuse(1 + text[: text.index("�")].count("\n"), 1, "not UTF-8; save the file as UTF-8")
        if len(self._source.lines) > MOST_PEOPLE + 1:
            self._refuse(MOST_PEOPLE + 2, 1, f"more than {MOST_PEOPLE:,} people; describe a run by `numbers`")

    def rows(self) -> Iterator[tuple[Place, dict[str, object], dict[str, Place]]]:
        """Yield each row's place, its words, and where each of them stands; empty cells say nothing."""
        for line in range(2, len(self._source.lines) + 1):
            if not self._source.lines[line - 1].strip():
                continue
            cells = self._cells(line)
            if len(cells) != len(self._header):
                text = self._source.lines[line - 1]
                count = f"{counted(len(cells), 'cell')} under {counted(len(self._header), 'column')}"
                is_open = text.count('"') % 2 == 1
                at = text.rindex('"') + 1 if is_open else 1
                self._refuse(line, at, "a quote that nothing closes on its line" if is_open else count)
                continue
            filled = [
                (name, cell.strip(), column)
                for (_, name), (column, cell) in zip(self._header, cells, strict=True)
                if cell.strip()
            ]
            for name, cell, column in filled:
                if name in _LISTS and "," in cell:
                    self._refuse(line, column, f"a blank separates them: {' '.join(re.split('[, ]+', cell))}")
            yield (
                Place(self._source, line, 1),
                {name: cell.split() if name in _LISTS else cell for name, cell, _ in filled},
                {name: Place(self._source, line, column) for name, _, column in filled},
            )

    def _check_header(self) -> None:
        names = [name for _, name in self._header]
        for nth, (column, name) in enumerate(self._header):
            if "\t" in name:
                self._refuse(1, column, "a tab; cells are separated by commas or semicolons")
            elif name not in COLUMNS:
                self._refuse(1, column, f"unknown column {name!r}; {guess(name, COLUMNS)}")
            elif name in names[:nth]:
                self._refuse(1, column, f"a second column {name!r}")
        if "number" not in names and not self.errors:
            self._refuse(1, 1, "there is no column `number`")

    def _cells(self, line: int) -> Sequence[tuple[int, str]]:
        """Return the cells of a line, each with its column counted from 1."""
        text, start, cells = self._source.lines[line - 1], 0, []
        for cell in next(csv.reader([text], delimiter=self._delimiter), []):
            start = max(text.find(cell, start), start)
            cells.append((start + 1, cell))
            start += len(cell)
        return cells

    def _refuse(self, line: int, column: int, what: str) -> None:
        self.errors.append(Place(self._source, line, column).located(what, inherited=True))
