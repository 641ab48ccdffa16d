"""What operators set: the admin token from a file, and logs that a collector reads."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.serving.log_lines import JsonLines
from tests.serving_process import serving


@pytest.mark.parametrize(
    ("content", "more", "problem"),
    [("", [], "is empty"), ("secret", ["--admin-token", "other"], "are two tokens")],
)
def test_a_token_is_said_once(tmp_path: Path, content: str, more: list[str], problem: str) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    result = CliRunner().invoke(main, ["serve", "--admin-token-file", str(file), *more])

    assert result.exit_code == 2
    assert problem in result.output


def test_the_token_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    with serving("--admin-token-file", str(file), "--vendor", "callr") as served:
        assert served.ready["admin_token"] == "from-a-file"
        assert "from-a-file" not in served.banner


def test_a_log_line_is_json_with_its_instance_and_its_traceback() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        trace = (type(error), error, error.__traceback__)
    record = logging.LogRecord("simulator", logging.WARNING, "x.py", 1, "line %s\nmore", ("one",), trace)
    text = JsonLines().format(record)
    line = json.loads(text)

    assert "\n" not in text
    assert (line["level"], line["logger"], line["message"]) == ("warning", "simulator", "line one\nmore")
    assert line["instance"]
    assert "ValueError: broken" in line["traceback"]
