"""From a name, a file or words in Python to a scenario: found, read, laid over its parents, checked, decoded.

A child is laid over its parent by three rules: maps merge word by word, lists and plain values are
replaced whole, and what the child does not mention stays as the parent said it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, reduce
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml
from msgspec.structs import replace

from simulator.errors import BrokenScenario, SimulatorError, guess
from simulator.scenario.checking import sound_part, word_remarks
from simulator.scenario.consistency import sense_remarks
from simulator.scenario.document import Document, Remark, merged
from simulator.scenario.document import Path as Steps
from simulator.scenario.files import SUFFIXES, ScenarioText, find_parent, find_text, list_scenarios
from simulator.scenario.people_lists import with_listed_people
from simulator.scenario.schema import Scenario
from simulator.scenario.words import PHRASES, Words
from simulator.scenario.yaml_reading import read_in_part
from simulator.telephony.clock import write_length

DEEPEST = 8
_RULES = ("limits", "faults", "hooks", "timeline", "expect")


Check = Callable[[Scenario], Iterable[Remark]]
"""What else there is to say about a scenario, by somebody who knows its vendors."""

GivenScenario = str | Path | Mapping[str, object] | Scenario
INLINE = "scenario given in Python"


def load_inline(given: object, also: Check | None = None) -> Scenario:
    """Return the scenario that is given in Python: by name, by file, in words, or loaded already.

    A map may leave out `sim`; its lengths may be timedeltas, its moments dates, its money Decimals. Text that
    is more than a name or a path is YAML. Raises SimulatorError for what is no scenario.
    """
    if isinstance(given, Scenario):
        return given
    if isinstance(given, Mapping):
        text = yaml.safe_dump({"sim": 1, **_plain(given)}, sort_keys=False, allow_unicode=True)
        return load_text(text.encode(), INLINE, also, Path())
    if isinstance(given, str) and ("\n" in given or given.lstrip().startswith(("{", "sim:"))):
        return load_text(given.encode(), INLINE, also, Path())
    if not isinstance(given, str | Path):
        what = f"{type(given).__name__} is no scenario"
        raise SimulatorError(what, "give a name, a path, a text of YAML, or a map of its words")
    return load_scenario(given, also)


def _plain(value: Any) -> Any:
    """Return a value as a scenario file has it."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, timedelta):
        return write_length(value)
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value


def load_scenario(name_or_path: str | Path, also: Check | None = None) -> Scenario:
    """Load a shipped scenario by name, or a file by its path (a Path, or text that ends in .yaml or .yml).

    Raises UnknownName for a name that does not ship and BrokenScenario with every finding, those of `also`
    among them.
    """
    if isinstance(name_or_path, Path) or name_or_path.endswith(SUFFIXES):
        return _open(find_text(name_or_path), also)
    return _sensible(_shipped(name_or_path), also)


@cache
def _shipped(name: str) -> Scenario:
    """Read a scenario that ships, once; its words were checked by then, and what checks is slow to build."""
    return _decode(_laid_over_parents(find_text(name), ()))


def load_text(content: bytes, name: str, also: Check | None = None, folder: Path | None = None) -> Scenario:
    """Load a scenario that did not come from a file; it may extend, and list people from, shipped files only.

    Whoever may read files says in which `folder` others may lie beside it.
    """
    return _open(ScenarioText(name, content, None, folder), also)


def load_part(
    document: Document, path: Steps, words: dict[str, object], elsewhere: Mapping[str, Steps] = {}
) -> Scenario:
    """Load a scenario that stands in another document at `path`, whose `words` it has; it extends `happy`.

    Findings point into that document, where some of the words may stand `elsewhere`. Raises BrokenScenario.
    """
    moves = {path: (), **{place: (word,) for word, place in elsewhere.items()}}
    origins = {
        (*target, *place[len(source) :]): place
        for source, target in moves.items()
        for place in document.places
        if place[: len(source)] == source
    }
    part = document.moved({"sim": 1, "extends": "happy", **words}, origins)
    part = replace(part, places={(): document.place(path), **part.places})
    return _finished(_extended(part, ScenarioText(document.source.name, b""), ()), None)


def _open(text: ScenarioText, also: Check | None) -> Scenario:
    return _finished(_laid_over_parents(text, ()), also)


def _finished(document: Document, also: Check | None) -> Scenario:
    if remarks := word_remarks(document):
        raise BrokenScenario(document.findings([*remarks, *_further(document, remarks, also)]))
    return _sensible(_decode(document), also)


def _sensible(scenario: Scenario, also: Check | None) -> Scenario:
    document: Document = scenario.document
    remarks = [*sense_remarks(scenario), *(also(scenario) if also else ())]
    if remarks or document.errors:
        raise BrokenScenario(document.findings(remarks))
    return scenario


def _further(document: Document, remarks: Collection[Remark], also: Check | None) -> Iterator[Remark]:
    """Yield what is wrong besides words that cannot be read, of what can; nothing that follows from those."""
    if (part := sound_part(document, remarks)) is None:
        return
    sound, origins = part
    scenario = _decode(sound)
    broken = [remark.path for remark in remarks]
    for remark in (*sense_remarks(scenario), *(also(scenario) if also else ())):
        path = _origin(remark.path, origins)
        names = [str(gone[1]) for gone in broken if len(gone) == 2 and gone[0] in ("accounts", "personas")]
        asked_for = (gone for gone in broken if path[: len(gone) - 1] == gone[:-1])
        follows = (
            any(gone[: len(path)] == path for gone in broken)
            or any(repr(name) in remark.what for name in names)
            or any(f"`{gone[-1]}`" in remark.what for gone in asked_for)
        )
        if not follows:
            yield remark._replace(path=path)


def _origin(path: Steps, origins: Mapping[Steps, Steps]) -> Steps:
    known = next(path[:length] for length in range(len(path), -1, -1) if path[:length] in origins)
    return (*origins[known], *path[len(known) :])


def _decode(document: Document) -> Scenario:
    """Make a scenario of a checked document: every phrase is read here, and nowhere later.

    Each rule's `id` is its file and line, and the column if there are two.
    """
    content = read_phrases(document.value, Scenario)
    taken: set[str] = set()
    for word in _RULES:
        for nth, rule in enumerate(content.get(word, ())):
            place = document.place((word, nth))
            line = f"{place.source.name}:{place.line}"
            rule["id"] = f"{line}:{place.column}" if line in taken else line
            taken.add(rule["id"])
    return msgspec.convert({**content, "document": document}, Scenario)


def with_words(scenario: Scenario, words: dict[str, object]) -> Scenario:
    """Return a scenario with other words laid over its own, as a child's are; they must be sound."""
    document: Document = scenario.document
    return _decode(replace(document, value=merged(document.value, words)))


def rule_ids(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the ids of a scenario's rules by the word that they stand under."""
    return {word: tuple(rule.id for rule in getattr(scenario, word)) for word in _RULES}


def remake(words: Mapping[str, Any], ids: Mapping[str, Iterable[str]], name: str) -> Scenario:
    """Make a scenario again of its resolved words, whose rules keep their ids; raises BrokenScenario."""
    scenario = load_text(json.dumps({**words}, ensure_ascii=False).encode(), name)
    rules = {
        word: tuple(replace(rule, id=one) for rule, one in zip(getattr(scenario, word), known, strict=True))
        for word, known in ids.items()
    }
    return replace(scenario, **rules)


def _laid_over_parents(text: ScenarioText, below: tuple[ScenarioText, ...]) -> Document:
    return _extended(read_in_part(text.content, text.name), text, below)


def _extended(document: Document, text: ScenarioText, below: tuple[ScenarioText, ...]) -> Document:
    """Return a document with the people that it lists in files, laid over what it extends."""
    document = with_listed_people(document, text)
    named = document.value.get("extends")
    names: dict[Steps, str] = {("extends",): named} if isinstance(named, str) else {}
    if isinstance(named, list):
        names = {("extends", nth): name for nth, name in enumerate(named) if isinstance(name, str)}
    bases = [_base(document, place, text, below) for place in names]
    if not bases:
        return document
    return reduce(Document.extended_by, [*bases, document])


def _base(document: Document, place: Steps, text: ScenarioText, below: tuple[ScenarioText, ...]) -> Document:
    """Return the parent that is named at a place, with all that it extends itself."""
    name = document.text(place)
    parent = find_parent(text, name)
    if parent is None:
        here = f"no scenario {name!r} beside this file or among those that ship"
        wrong = [document.finding(place, f"{here}; {guess(name, list_scenarios())}")]
    elif chain := _wrong_chain(parent, (*below, text)):
        wrong = [document.finding(place, chain)]
    else:
        try:
            base = _laid_over_parents(parent, (*below, text))
            if not (inside := base.findings(word_remarks(base))):
                return base
        except BrokenScenario as error:
            inside = error.findings
        wrong = [*inside, document.finding(place, "extended from here")]
    raise BrokenScenario([*document.findings(word_remarks(document)), *wrong])


def _wrong_chain(parent: ScenarioText, chain: tuple[ScenarioText, ...]) -> str:
    if any(parent.file == text.file for text in chain):
        return f"a circle: {' extends '.join([*(text.name for text in chain), parent.name])}"
    return f"more than {DEEPEST} scenarios extend each other" if len(chain) >= DEEPEST else ""


# -- phrases become values -----------------------------------------------------------------------------------


def read_phrases(content: Any, kind: Any) -> Any:
    """Return what is checked, as a scenario file has it, with every phrase as the value it stands for.

    The schema would tell which is which as well, but takes 7 ms to make, which a start without a file of its
    own can save.
    """
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        names = [(part.extra_json_schema or {}).get("x-phrase") for part in parts[1:]]
        if name := next(filter(None, names), None):
            content = _whole(content)
            return PHRASES[name].read(content) if type(content) in (str, int) else content
        return read_phrases(content, parts[0])
    if origin in (Union, UnionType):
        for choice in parts:
            content = read_phrases(content, choice)  # which changes nothing of another kind
    elif isinstance(content, list) and origin is tuple:
        return [read_phrases(entry, parts[0]) for entry in content]
    elif isinstance(content, dict) and origin is dict:
        return {key: read_phrases(entry, parts[1]) for key, entry in content.items()}
    elif isinstance(content, dict) and isinstance(kind, type) and issubclass(kind, Words):
        kinds = _kinds_of(kind)
        return {word: read_phrases(entry, kinds.get(word)) for word, entry in content.items()}
    return _whole(content) if kind is int or origin is Literal else content


def _whole(content: Any) -> Any:
    """Return a whole number as one: JSON Schema takes 7.0 and 1e3 for such, and so lets them pass."""
    return int(content) if isinstance(content, float) and content.is_integer() else content


@cache
def _kinds_of(kind: type[Words]) -> dict[str, Any]:
    """Return the type of each word of a map, by the word as a scenario has it."""
    hints = get_type_hints(kind, include_extras=True)
    words = zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True)
    return {word: hints[name] for word, name in words}
