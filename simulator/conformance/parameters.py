"""What is wrong with parameters that their schema refuses, each breach in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema_rs import ValidationError as SchemaRefused

from simulator.conformance.contract import Contract, candidates
from simulator.conformance.document import follow, lookup
from simulator.conformance.examples import sample_of
from simulator.conformance.keywords import (
    asked_by,
    fix_by,
    leaf_of,
    mark_of,
    schema_of,
    source_of,
)
from simulator.conformance.names import advise
from simulator.conformance.operations import Group, Variant
from simulator.conformance.violations import Place, breach, plain, quote, show
from simulator.exchange import Violation
from simulator.formats.forms import Field, Upload

Json = Any

MAX_FINDINGS = 20
IGNORED = "leave `{name}` out: it is silently ignored"


@dataclass(frozen=True)
class Sent:
    """The parameters of one group as they came: read as their schemas ask, and as fields and files."""

    values: dict[str, Json]
    fields: tuple[Field, ...]
    files: tuple[Upload, ...]

    def repeated(self, group: Group) -> dict[str, int]:
        """Return the parameters that came more often than once, yet are no list, with their counts."""
        counts = Counter([field.name for field in self.fields] + [part.name for part in self.files])
        return {name: count for name, count in counts.items() if count > 1 and name not in group.lists}

    def wrong_parts(self, group: Group) -> dict[str, bool]:
        """Return what came as text but should be a file (True), or the other way round (False)."""
        texts = {field.name: True for field in self.fields if field.name in group.files}
        parts = (part.name for part in self.files if part.name not in group.files)
        return texts | {name: False for name in parts if group.property(name)}


def explain_group(contract: Contract, variant: Variant, group: Group, sent: Sent) -> Iterator[Violation]:
    """Yield every breach of a group of parameters; a missing and an unknown name that fit are one."""
    for name, count in sent.repeated(group).items():
        source = _place(contract, group, name)[0]
        yield breach("repeated-parameter", (source, "inferred"), name=name, count=count)
    wrong = sent.wrong_parts(group)
    for name, is_file in wrong.items():
        words = ("a file", "text", "as a multipart part with a file name")
        asked, came, how = words if is_file else ("text", "a file", "without a file name")
        yield breach("wrong-part", _place(contract, group, name), name=name, asked=asked, sent=came, how=how)
    for names in group.one_of:
        yield from _explain_choice(contract, group, names, sent.values)
    missing: list[str] = []
    strays: dict[str, SchemaRefused] = {}
    for error in islice(group.validator.iter_errors(sent.values), 10 * MAX_FINDINGS):
        if error.instance_path:
            if error.instance_path[0] not in wrong:
                yield _explain_value(contract, variant, group, error, sent.values)
        elif error.kind.name == "required":
            missing.append(str(error.kind.as_dict()["property"]))
        elif error.kind.name == "additionalProperties":
            strays |= dict.fromkeys(error.kind.as_dict()["unexpected"][:MAX_FINDINGS], error)
        else:
            yield _explain_form(contract, group, error)
    choices = _choices(contract, variant) if strays else {}
    for name in (name for name in strays if name in choices):
        yield _explain_choosing(contract, group, name, choices[name], sent.values[name])
    strays = {name: error for name, error in strays.items() if name not in choices}
    yield from _explain_names(contract, group, missing, strays, sent.values)


def _choices(contract: Contract, variant: Variant) -> Mapping[str, str]:
    """Return the values by which parameters choose another form at the same place, of what this one lacks."""
    forms = candidates(contract, variant.method, variant.path.partition("#")[0])
    others = [form.selectors for form in forms if variant.selectors.items() <= form.selectors.items()]
    return {name: value for selectors in others for name, value in selectors.items() if value is not None}


def _explain_choosing(contract: Contract, group: Group, name: str, choice: str, value: Json) -> Violation:
    """Explain a parameter that this form lacks and that chooses another one by a value of its own."""
    place = (contract.source + group.source, group.provenance)
    fix = f"send `{name}={choice}`, or leave it out: any other value is silently ignored"
    return breach(
        "bad-parameter", place, name=name, asked=choice, sent=show(value), fix=fix, rule="selection"
    )


def _place(contract: Contract, group: Group, name: str) -> Place:
    """Return where the document speaks of a parameter, and how sure it is."""
    return contract.source + group.sources.get(name, group.source), group.provenance_of(name)


def _explain_choice(
    contract: Contract, group: Group, names: tuple[str, ...], values: dict[str, Json]
) -> Iterator[Violation]:
    sent = [name for name in names if name in values]
    place = (contract.source + group.source, group.provenance)
    if len(sent) > 1:
        listed, both = quote(sent), quote(sent, " and ")
        yield breach("exclusive-parameters", place, names=",".join(sent), listed=listed, sent=both)
    elif not sent:
        yield breach("missing-choice", place, names=",".join(names), listed=quote(names))


def _explain_form(contract: Contract, group: Group, error: SchemaRefused) -> Violation:
    if error.kind.name == "anyOf":
        branches = error.kind.as_dict()["context"]
        names = [str(part.kind.as_dict().get("property")) for branch in branches for part in branch]
        place = (contract.source + group.source, group.provenance)
        return breach("missing-choice", place, names=",".join(names), listed=quote(names))
    place = (source_of(contract.source, error), mark_of(contract.document, error, group.provenance))
    asked = asked_by(error, schema_of(contract.document, error))
    words = {"sent": "another form", "fix": "see the document", "rule": error.kind.name}
    return breach("bad-parameter", place, name="form", asked=asked, **words)


def _explain_names(
    contract: Contract,
    group: Group,
    missing: list[str],
    strays: Mapping[str, SchemaRefused],
    values: dict[str, Json],
) -> Iterator[Violation]:
    samples = [sample for schema in group.patterns.values() for sample in schema.get("x-names", ())]
    known = [name for name in (*group.properties, *samples) if name not in values]
    pairs = pair_names(contract, missing, {name: values[name] for name in strays}, group.sources)
    for name in missing:
        place, meant = _place(contract, group, name), pairs.get(name)
        yield breach("missing-parameter", place, name=name, rule="required", **tell_pair(name, meant))
    for name, error in strays.items():
        if name not in pairs.values():
            mark = mark_of(contract.document, error, group.provenance)
            fix = advise(name, known) or IGNORED.format(name=plain(name))
            source = contract.source + group.sources.get(name, group.source)
            yield breach("unknown-parameter", (source, mark), name=plain(name), fix=fix, rule="name")


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


def _explain_value(
    contract: Contract, variant: Variant, group: Group, error: SchemaRefused, values: dict[str, Json]
) -> Violation:
    name = str(error.instance_path[0])
    place = _place(contract, group, name)
    leaf = leaf_of(error)
    mark = mark_of(contract.document, leaf, place[1])
    if error.kind.name == "maxItems":
        limit, count = int(error.kind.as_dict()["limit"]), len(values[name])
        return breach(
            "too-many-items", (place[0], mark), name=name, limit=limit, count=count, rule="maxItems"
        )
    schema = group.property(name)
    return breach(
        "bad-parameter",
        (place[0], mark),
        name=name,
        asked=asked_by(leaf, schema_of(contract.document, leaf)),
        sent=show(error.instance),
        fix=_fix(contract, variant, error, schema),
        rule=leaf.kind.name,
    )


def _fix(contract: Contract, variant: Variant, error: SchemaRefused, schema: dict[str, Json]) -> str:
    value, name = error.instance, str(error.instance_path[0])
    if schema.get("x-phone") and isinstance(value, str) and value.startswith(" "):
        return f"encode the + of `{name}` as %2B: a bare + in a query means a space"
    leaf = leaf_of(error)
    sample = None if schema.get("x-secret") else sample_of(contract, variant, (name,))
    return fix_by(leaf, schema_of(contract.document, leaf), None if sample is None else str(sample))
