"""Where something stands in a text that is YAML itself and lies in a scenario as one value."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from simulator.scenario.remarks import Path

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

Position = tuple[int, int]
"""Line and column, counted from 1."""


def place_within(lines: Sequence[str], outer: Position, text: str, path: Path) -> Position:
    """Return where `path` leads in `text`, a value that stands at `outer` among `lines`.

    It leads to a key, or to an entry of a list; where it ends early, to the last step there is. A value that
    is not a block of lines is one place.
    """
    line, column = outer
    if not lines[line - 1][column - 1 :].startswith(("|", ">")):
        return outer
    first = next((nth for nth in range(line, len(lines)) if lines[nth].strip()), line)
    indent = len(lines[first]) - len(lines[first].lstrip())
    try:
        mark = _mark(yaml.compose(text, Loader=_LOADER), path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
    return (line + 1 + mark.line, indent + 1 + mark.column) if mark else outer


def _mark(node: yaml.Node | None, path: Path) -> yaml.Mark | None:
    mark = node.start_mark if node else None
    for step in path:
        if isinstance(node, yaml.MappingNode):
            key, node = next(((key, value) for key, value in node.value if key.value == step), (None, None))
            mark = key.start_mark if key else mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            mark = node.start_mark
        else:
            break
    return mark
