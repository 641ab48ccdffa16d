"""From a vendor's name, or a file, to its suite: found, read, decoded; mistakes with file and line."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

from simulator.errors import BrokenScenario, BrokenSuite, UnknownName
from simulator.resources import suite_documents
from simulator.scenario.document import Document, read_document
from simulator.suites.cases import Suite, SuiteFile

_PLACE = re.compile(r"^(?P<what>.*) - at `(?P<path>[^`]*)`$", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<nth>\d+)\]|\[\.\.\.\]")


def list_suites() -> list[str]:
    """Return the vendors whose clients can be certified."""
    return [*suite_documents()]


def load_suite(vendor: str) -> Suite:
    """Load the suite of a vendor, or a file by its path (text that ends in .yaml); raises BrokenSuite.

    Raises UnknownName for a vendor that has none.
    """
    if vendor.endswith((".yaml", ".yml")):
        return _read(Path(vendor).read_bytes(), vendor)
    documents = suite_documents()
    if vendor not in documents:
        raise UnknownName("suite", vendor, [*documents])
    return _read(documents[vendor].read_bytes(), f"contracts/{vendor}/{documents[vendor].name}")


@cache
def _read(content: bytes, name: str) -> Suite:
    try:
        document = read_document(content, name)
    except BrokenScenario as error:
        raise BrokenSuite(error.findings) from None
    try:
        return Suite(file=msgspec.convert(document.value, SuiteFile), document=document)
    except msgspec.ValidationError as error:
        raise BrokenSuite([_located(document, str(error))]) from None


def _located(document: Document, text: str) -> str:
    """Say a mistake that msgspec has found where it stands in the file."""
    match = _PLACE.match(text)
    steps = _STEP.finditer(match["path"]) if match else ()
    path = tuple(
        int(step["nth"]) if step["nth"] else step["key"] for step in steps if step.group() != "[...]"
    )
    return document.finding(path, match["what"] if match else text)
