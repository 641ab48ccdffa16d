"""What a run has to keep: shares of a contract, a ratchet that rises, a baseline that shrinks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from simulator.reports.evidence import Evidence, Met, VendorCoverage
from simulator.reports.run_gates import (
    RunGates,
    UnreadableGate,
    baseline_key,
    parse_count,
    parse_share,
    pass_gates,
)
from tests.reports.runs import case

HALF = VendorCoverage(
    operations=Met(met=("a",), missed=("b",)),
    parameters=Met(met=("a: x",), missed=("a: y",)),
    answers=Met(met=("a: 200",), missed=("a: 400",)),
    callbacks=Met(),
)
RUN = Evidence(made_by="check", cases=(case("callo.a", "FAIL"),), coverage={"callo": HALF})
GREEN = replace(RUN, cases=(case("callo.a", "PASS"),))
KEY = baseline_key(RUN.cases[0], RUN.cases[0].findings[0].key)


def gate_report(gates: RunGates, run: Evidence = GREEN) -> tuple[str, bool]:
    _, lines, holds = pass_gates(run, gates)
    return "\n".join(lines), holds


@pytest.mark.parametrize(
    ("gates", "holds"),
    [
        (RunGates(shares={"callo": 50}), True),
        (RunGates(shares={"callo": 50.1}), False),
        (RunGates(shares={"callr": 1}), False),
        (RunGates(shares={"callo": 90}, enforced=False), True),
        (RunGates(missed={"callo": 3}), True),
        (RunGates(missed={"callo": 2}), False),
        (RunGates(missed={"callr": 200}), False),
    ],
)
def test_a_share_and_a_count_are_kept_or_not(gates: RunGates, holds: bool) -> None:
    assert gate_report(gates)[1] is holds


def test_three_numbers_are_told() -> None:
    text, _ = gate_report(RunGates(shares={"callo": 90}, missed={"callo": 40}, enforced=False))

    assert "coverage of callo: 50.0 %, 3 missed (1 of 2 operations" in text
    assert "asked for: 90 % at least, 40 missed at most (not enforced)" in text


def test_a_ratchet_rises_and_never_falls(tmp_path: Path) -> None:
    file = tmp_path / "ratchet.json"
    gates = RunGates(ratchet=file)

    assert gate_report(gates)[1]
    assert json.loads(file.read_text()) == {"callo": 50.0}
    file.write_text('{"callo": 60.0}')
    text, holds = gate_report(gates)
    assert (holds, "and it was 60 %" in text) == (False, True)
    assert json.loads(file.read_text()) == {"callo": 60.0}


def test_a_ratchet_does_not_rise_with_a_run_that_failed(tmp_path: Path) -> None:
    assert gate_report(RunGates(ratchet=tmp_path / "ratchet.json"), RUN)[1]

    assert not (tmp_path / "ratchet.json").exists()


def test_a_baseline_accepts_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"# ours\n{KEY}  # being mended\n")

    run, lines, holds = pass_gates(RUN, RunGates(baseline=tmp_path / "known"))
    other, _, _ = pass_gates(
        replace(RUN, cases=(case("callo.b", "FAIL"), *RUN.cases)), RunGates(baseline=tmp_path / "known")
    )

    assert ([one.accepted for one in run.cases], lines, holds) == ([True], [], True)
    assert [one.failed for one in other.cases] == [True, False]


def test_a_baseline_may_only_shrink(tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"{KEY}  # mended by now\n")

    text, holds = gate_report(RunGates(baseline=tmp_path / "known"))

    assert holds is False
    assert text.startswith("not found any more, take it out of")


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (lambda file: RunGates(baseline=file), f"{KEY}\n"),
        (lambda file: RunGates(ratchet=file), "[1]"),
        (lambda file: RunGates(ratchet=file), "{"),
    ],
)
def test_what_is_no_such_file_is_told_with_what_to_write(
    tmp_path: Path, of: Callable[[Path], RunGates], text: str
) -> None:
    (tmp_path / "file").write_text(text)

    with pytest.raises(UnreadableGate, match="file:") as caught:
        pass_gates(GREEN, of(tmp_path / "file"))
    assert "write" in caught.value.remedy


def test_a_number_of_a_vendor_is_read() -> None:
    assert parse_share("callo=80%") == ("callo", 80.0)
    assert parse_count("callo=3") == ("callo", 3)
    with pytest.raises(ValueError, match="such as callo=80"):
        parse_share("callo")
