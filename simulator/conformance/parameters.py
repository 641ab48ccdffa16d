"""What is wrong with parameters that their schema refuses, each breach in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import unquote

from jsonschema_rs import ValidationError as SchemaRefused
from msgspec import Struct

from simulator.conformance.contract import Contract, candidates
from simulator.conformance.document import follow, lookup
from simulator.conformance.examples import sample_of
from simulator.conformance.keywords import RefusedValue, leaf_of
from simulator.conformance.names import advise
from simulator.conformance.operations import Group, Variant
from simulator.conformance.violations import Place, breach, plain, quote, show
from simulator.exchange import Violation
from simulator.formats.forms import Field, Upload

Json = Any

MAX_FINDINGS = 20
_SEPARATOR = re.compile(r"[,;|\s]")

IGNORED = "leave `{name}` out: it is silently ignored"


class SentGroup(Struct, frozen=True, kw_only=True):
    """The parameters of one group as they came: read as their schemas ask, and as fields and files."""

    contract: Contract
    variant: Variant
    group: Group
    values: dict[str, Json]
    fields: tuple[Field, ...]
    files: tuple[Upload, ...]

    def explain(self) -> Iterator[Violation]:
        """Yield every breach; a missing and an unknown name that fit are one."""
        wrong = self._wrong_parts()
        yield from self._explain_parts(wrong)
        for names in self.group.one_of:
            yield from self._explain_choice(names)
        missing: list[str] = []
        strays: dict[str, RefusedValue] = {}
        for error in one_a_value(islice(self.group.validator.iter_errors(self.values), 10 * MAX_FINDINGS)):
            refused = RefusedValue(self.contract, error)
            if error.instance_path:
                if str(error.instance_path[0]) not in wrong:
                    yield self._explain_value(refused)
            elif refused.name == "required":
                missing.append(str(refused.kind["property"]))
            elif refused.name == "additionalProperties":
                strays |= dict.fromkeys(refused.kind["unexpected"][:MAX_FINDINGS], refused)
            else:
                yield self._explain_form(refused)
        choices = self._choices() if strays else {}
        for name in (name for name in strays if name in choices):
            yield self._explain_choosing(name, choices[name])
        yield from self._explain_files(strays)
        strays = {name: refused for name, refused in strays.items() if name not in choices}
        yield from self._explain_names(missing, strays)

    def _wrong_parts(self) -> dict[str, bool]:
        """Return what came as text but should be a file (True), or the other way round (False)."""
        texts = {field.name: True for field in self.fields if field.name in self.group.files}
        parts = (part.name for part in self.files if part.name not in self.group.files)
        return texts | {name: False for name in parts if self.group.property(name)}

    def _explain_parts(self, wrong: Mapping[str, bool]) -> Iterator[Violation]:
        """Yield what came more often than once, yet is no list, and what came in the wrong way."""
        counts = Counter([field.name for field in self.fields] + [part.name for part in self.files])
        for name, count in counts.items():
            if count > 1 and name not in self.group.lists:
                source = self._place(name)[0]
                yield breach("repeated-parameter", (source, "inferred"), name=name, count=count)
        for name, is_file in wrong.items():
            words = ("a file", "text", "as a multipart part with a file name")
            asked, came, how = words if is_file else ("text", "a file", "without a file name")
            yield breach("wrong-part", self._place(name), name=name, asked=asked, sent=came, how=how)

    def _place(self, name: str = "") -> Place:
        """Return where the document speaks of a parameter, or of the group, and how sure it is."""
        source = self.contract.source + self.group.sources.get(name, self.group.source)
        return source, self.group.provenance_of(name) if name else self.group.provenance

    def _explain_choice(self, names: tuple[str, ...]) -> Iterator[Violation]:
        sent = [name for name in names if name in self.values]
        if len(filled := self._filled(names)) > 1:
            listed, both = quote(filled), quote(filled, " and ")
            yield breach(
                "exclusive-parameters", self._place(), names=",".join(filled), listed=listed, sent=both
            )
        elif not sent:
            yield breach("missing-choice", self._place(), names=",".join(names), listed=quote(names))

    def _explain_value(self, refused: RefusedValue) -> Violation:
        name, leaf = str(refused.error.instance_path[0]), RefusedValue(self.contract, leaf_of(refused.error))
        source, mark = self._place(name)
        place = (source, leaf.place(mark)[1])
        if refused.name == "maxItems":
            words = {"limit": int(refused.kind["limit"]), "count": len(self.values[name])}
            return breach("too-many-items", place, name=name, rule="maxItems", **words)
        return breach(
            "bad-parameter",
            place,
            name=name,
            asked=leaf.asked,
            sent=show(refused.value),
            fix=self._fix(name, refused, leaf),
            rule=leaf.name,
        )

    def _fix(self, name: str, refused: RefusedValue, leaf: RefusedValue) -> str:
        """Return what to send instead, in words for the text that a query or a form holds."""
        schema, value = self.group.property(name), refused.value
        if isinstance(value, str) and (written := self._written_wrong(name, value, schema)):
            return written
        within = len(refused.error.instance_path) > 1 and self.values[name] != [""]
        if value == "":
            dropped = f"leave the empty item of `{name}` out" if within else f"leave `{name}` out"
            return dropped if within or not self._needs(name) else f"send a value for `{name}`"
        if within and isinstance(value, str) and _SEPARATOR.search(value.strip()):
            repeated = name in self.group.lists
            return f"repeat `{name}` for each value" if repeated else f"separate `{name}` by commas"
        sample = None if schema.get("x-secret") else sample_of(self.contract, self.variant, (name,))
        sample = sample[0] if isinstance(sample, list) and sample else sample
        if leaf.name == "type" and isinstance(value, str):
            if value.isdigit() and value.isascii() and "whole number" in leaf.asked:
                return "send a smaller number: nobody counts in so many digits"
            plainly = f"send {leaf.asked}{', in digits alone' if 'number' in leaf.asked else ''}"
            return leaf.look_alike or plainly
        return leaf.fix(None if sample is None else str(sample))

    def _written_wrong(self, name: str, value: str, schema: Mapping[str, Json]) -> str | None:
        """Return what to send where a value is right but for how it was written, or None."""
        if self._lost_its_plus(name, value, schema):
            return f"encode the + of `{name}` as %2B: a bare + in a query or a form means a space"
        if self._fits_as(name, unquote(value), value):
            return f"encode `{name}` once: it came encoded twice"
        plural = self._plural_of(name) if _SEPARATOR.search(value.strip()) else None
        return f"send several as `{plural}`" if plural else None

    def _lost_its_plus(self, name: str, value: str, schema: Mapping[str, Json]) -> bool:
        """Tell whether a blank of a value was a bare plus: of a number, of a prefix, of a zone."""
        if value.startswith(" ") and schema.get("x-phone"):
            return True
        is_needed = value.startswith(" ") or not self._fits_as(name, value.replace(" ", ""), value)
        return is_needed and self._fits_as(name, value.replace(" ", "+"), value)

    def _fits_as(self, name: str, meant: str, value: str) -> bool:
        """Tell whether a value would do if it were written like this."""
        source = self.group.sources.get(name)
        return meant != value and source is not None and _fits(self.contract, source, meant)

    def _plural_of(self, name: str) -> str | None:
        """Return the parameter that takes several values where this one takes a single one, or None."""
        others = (other for names in self.group.one_of if name in names for other in names)
        kinds = {other: self.group.property(other).get("type") for other in others}
        return next((other for other in kinds if kinds[other] == "array" != kinds.get(name)), None)

    def _needs(self, name: str) -> bool:
        """Tell whether a parameter has to come, with a value: alone, or as the only one of a choice."""
        listed = name in self.group.lists  # of which none may mean all
        choices = [names for names in (*self.group.one_of, *self._unmet_choices()) if name in names]
        return listed or name in self.group.required or any(not self._filled(names) for names in choices)

    def _unmet_choices(self) -> Iterator[list[str]]:
        """Yield the parameters of which at least one has to come, with a value, and none does."""
        filled = {name: value for name, value in self.values.items() if value not in ("", [""])}
        for error in islice(self.group.validator.iter_errors(filled), 10 * MAX_FINDINGS):
            if error.kind.name == "anyOf" and not error.instance_path:
                yield _alternatives(error)

    def _filled(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if self.values.get(name, "") not in ("", [""])]

    def _explain_form(self, refused: RefusedValue) -> Violation:
        if refused.name == "anyOf":
            names = _alternatives(refused.error)
            return breach("missing-choice", self._place(), names=",".join(names), listed=quote(names))
        place = refused.place(self.group.provenance)
        words = {"sent": "another form", "fix": "see the document", "rule": refused.name}
        return breach("bad-parameter", place, name="form", asked=refused.asked, **words)

    def _files_elsewhere(self) -> set[str]:
        """Return the files that the operation takes in a body of another type than this one."""
        return {name for group in self.variant.bodies.values() for name in group.files} - self.group.files

    def _explain_files(self, strays: Mapping[str, RefusedValue]) -> Iterator[Violation]:
        for name in [name for name in strays if name in self._files_elsewhere()]:
            how = "as a part of multipart/form-data with a file name"
            yield breach("wrong-part", self._place(), name=name, asked="a file", sent="text", how=how)

    def _choices(self) -> Mapping[str, str]:
        """Return the values by which names choose another form at the same place, which this one lacks."""
        own = self.variant.selectors
        forms = candidates(self.contract, self.variant.method, self.variant.plain_path)
        others = [form.selectors for form in forms if own.items() <= form.selectors.items()]
        return {name: value for selectors in others for name, value in selectors.items() if value is not None}

    def _explain_choosing(self, name: str, choice: str) -> Violation:
        """Explain a parameter that this form lacks and that chooses another one by a value of its own."""
        fix = f"send `{name}={choice}`, or leave it out: any other value is silently ignored"
        words = {"asked": choice, "sent": show(self.values[name]), "fix": fix, "rule": "selection"}
        return breach("bad-parameter", self._place(), name=name, **words)

    def _explain_names(self, missing: list[str], strays: Mapping[str, RefusedValue]) -> Iterator[Violation]:
        if files := self._files_elsewhere() & strays.keys():  # in place of which something else may come
            forms = self.variant.bodies.values()
            missing = [name for name in missing if all(name in form.required for form in forms)]
            strays = {name: refused for name, refused in strays.items() if name not in files}
        group, unknown = self.group, {name: self.values[name] for name in strays}
        samples = [sample for schema in group.patterns.values() for sample in schema.get("x-names", ())]
        known = [name for name in (*group.properties, *samples) if name not in self.values]
        pairs = pair_names(self.contract, missing, unknown, group.sources)
        for name in missing:
            words = tell_pair(name, pairs.get(name))
            yield breach("missing-parameter", self._place(name), name=name, rule="required", **words)
        for name, refused in strays.items():
            if name not in pairs.values():
                place = (self._place(name)[0], refused.place(group.provenance)[1])
                again = name.strip().casefold() in {sent.casefold() for sent in self.values if sent != name}
                # what came under its right name is not missed
                fix = (None if again else advise(name, known)) or IGNORED.format(name=plain(name))
                yield breach("unknown-parameter", place, name=plain(name), fix=fix, rule="name")


def one_a_value(errors: Iterable[SchemaRefused]) -> list[SchemaRefused]:
    """Return one of what refuses a value, since it is one mistake: what tells its form before a length.

    Of names that are missing or unknown, and of what refuses the whole, each is another one.
    """
    places: dict[tuple[str | int, ...], int] = {}
    kept: list[SchemaRefused] = []
    for error in errors:
        is_apart = not error.instance_path or error.kind.name in ("required", "additionalProperties")
        place = len(kept) if is_apart else places.setdefault(tuple(error.instance_path), len(kept))
        if place == len(kept):
            kept.append(error)
        elif error.kind.name in ("pattern", "const", "enum"):
            kept[place] = error
    return kept


def _alternatives(error: SchemaRefused) -> list[str]:
    """Return the parameters of which a form lacks each."""
    branches = error.kind.as_dict()["context"]
    return [str(part.kind.as_dict().get("property")) for branch in branches for part in branch]


def pair_names(
    contract: Contract, missing: list[str], unknown: dict[str, Json], sources: Mapping[str, str]
) -> dict[str, str]:
    """Return which unknown name stands for which missing one, by its letters or by where its value fits.

    `sources` are the pointers of what the document says of each known name.
    """
    pairs: dict[str, str] = {}
    for name in missing:
        free = [stray for stray in unknown if stray not in pairs.values()]
        if alike := next((stray for stray in free if advise(stray, [name])), None):
            pairs[name] = alike
    for stray, value in unknown.items():
        open_names = [name for name in missing if name in sources and name not in pairs]
        fitting = [name for name in open_names if _fits(contract, sources[name], value)]
        if stray not in pairs.values() and len(fitting) == 1 and not advise(stray, sources):
            pairs[fitting[0]] = stray
    return pairs


def _fits(contract: Contract, source: str, value: Json) -> bool:
    """Return whether a schema singles a value out; anything fits a schema that narrows nothing."""
    node, source = follow(contract.document, lookup(contract.document, source), source)
    if "schema" in node:
        node, source = follow(contract.document, node["schema"], f"{source}/schema")
    narrows = node.keys() & {"pattern", "enum", "const", "format", "anyOf"}
    return bool(narrows) and contract.schemas.at(source).is_valid(value)


def tell_pair(name: str, stray: str | None) -> dict[str, str]:
    """Return the words on a missing name for which another one came; none where nothing did."""
    if stray is None:
        return {}
    fix = advise(stray, [name]) or f"did you mean `{name}`?"
    return {"arrived": f"`{plain(stray)}`, which is unknown", "fix": fix}
