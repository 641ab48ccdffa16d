"""What readers of JUnit know: everything else is a mistake.

JUnit has no one schema. These are the elements and attributes of a widely used one, that of the xUnit plugin
of Jenkins (junit-10.xsd), in our words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")
"""Seconds, as JUnit writes them."""


class Allowed(NamedTuple):
    """What an element has: attributes that it needs, others that it may have, and children."""

    needed: set[str]
    others: set[str]
    children: set[str]


ENDING = Allowed(set(), {"type", "message"}, set())
JUNIT = {
    "testsuites": Allowed(set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": Allowed(
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": Allowed(
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": ENDING,
    "error": ENDING,
    "skipped": ENDING,
    "system-out": Allowed(set(), set(), set()),
}


def junit_mistakes(element: Element) -> Iterator[str]:
    """Yield what an element, or one in it, has that JUnit does not, or lacks that it needs."""
    allowed = JUNIT[element.tag]
    given = {*element.attrib}
    yield from (f"{element.tag} lacks {name}" for name in allowed.needed - given)
    yield from (f"{element.tag} has {name}" for name in given - allowed.needed - allowed.others)
    if not TIME.fullmatch(element.get("time", "0")):
        yield f"{element.tag} takes {element.get('time')}"
    for child in element:
        if child.tag not in allowed.children:
            yield f"{child.tag} in {element.tag}"
        else:
            yield from junit_mistakes(child)
