"""Suites read from their files, of a vendor or of our user's own."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

from simulator.errors import BrokenScenario, BrokenSuite, UnknownName
from simulator.resources import place_of, suite_documents
from simulator.scenario.document import Document
from simulator.scenario.yaml_reading import read_document
from simulator.suites.cases import Suite, SuiteFile
from simulator.suites.shapes import find_misshapen

_PLACE = re.compile(r"^(?P<what>.*) - at `(?P<path>[^`]*)`$", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<nth>\d+)\]|\[\.\.\.\]")


def load_suite(vendor: str) -> Suite:
    """Load the suite of a vendor, or a file by its path (text that ends in .yaml); raises BrokenSuite.

    Raises UnknownName for a vendor that has none.
    """
    if vendor.endswith((".yaml", ".yml")):
        return _read(Path(vendor).read_bytes(), vendor)
    documents = suite_documents()
    if vendor not in documents:
        raise UnknownName("suite", vendor, [*documents])
    return _read(documents[vendor].read_bytes(), place_of(vendor, documents[vendor].name))


@cache
def _read(content: bytes, name: str) -> Suite:
    try:
        document = read_document(content, name, "a suite is a map that starts with `suite: 1`")
    except BrokenScenario as error:
        raise BrokenSuite(error.findings) from None
    try:
        suite = Suite(file=msgspec.convert(document.value, SuiteFile), document=document)
    except msgspec.ValidationError as error:
        raise BrokenSuite([_located(document, str(error))]) from None
    if misshapen := find_misshapen(suite.file, document):
        raise BrokenSuite(misshapen)
    return suite


def _located(document: Document, text: str) -> str:
    """Say a mistake that msgspec has found where it stands in the file."""
    match = _PLACE.match(text)
    steps = _STEP.finditer(match["path"]) if match else ()
    path = tuple(
        int(step["nth"]) if step["nth"] else step["key"] for step in steps if step.group() != "[...]"
    )
    return document.finding(path, match["what"] if match else text)
