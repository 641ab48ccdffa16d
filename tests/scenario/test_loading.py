from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from simulator.errors import BrokenScenario, UnknownName
from simulator.scenario.files import list_scenarios
from simulator.scenario.loading import load_scenario, load_text
from simulator.scenario.values import Advance, Pace

SECRET = "sim: 1\ntitle: secret\n"
OUTSIDE = [
    "../secret",
    "../secret.yaml",
    "a/../../secret",
    "./../secret",
    "sub/../../secret",
    "../../etc/passwd",
]
TRAVERSALS = [
    *OUTSIDE,
    *(quote(name, safe="") for name in OUTSIDE),
    *(quote(quote(name, safe=""), safe="") for name in OUTSIDE),
    *(name.replace("/", "\\") for name in OUTSIDE),
    *(name.replace("..", "..;") for name in OUTSIDE),
    *(name.replace("../", "....//") for name in OUTSIDE),
    *("", ".", "..", "/", "//", "~", "~/secret", "happy/..", "happy/.", "/etc/passwd", "//etc/passwd"),
    *("C:\\secret.yaml", "C:/secret.yaml", "C:secret", "\\\\host\\share\\secret", "//host/share/secret"),
    *(
        "file:///etc/passwd",
        "secret\0",
        "happy\n",
        " happy",
        "happy ",
        "happy//x",
        ".hidden",
        "..\u2215secret",
    ),
    *("\u2025/secret", "\uff0e\uff0e/secret", "link", "fifo", "device", "sub", "happy.yaml/", "x" * 5_000),
]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"sim: 1\n{text}\n")
    return path


def findings_about(path: Path | str) -> list[str]:
    with pytest.raises(BrokenScenario) as caught:
        load_scenario(path)
    return [finding.splitlines()[0] for finding in caught.value.findings]


@pytest.mark.parametrize("name", list_scenarios())
def test_every_shipped_scenario_loads(name: str) -> None:
    assert load_scenario(name).title


def test_a_name_that_does_not_ship_is_answered_with_those_that_do() -> None:
    with pytest.raises(UnknownName, match="happy"):
        load_scenario("hapy")


def test_a_child_is_laid_over_its_parent() -> None:
    flaky, happy = load_scenario("flaky"), load_scenario("happy")

    assert flaky.people == happy.people
    assert flaky.seed == 41
    assert len(flaky.expect) == 4


def test_maps_merge_and_lists_are_replaced(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "clock: {zone: Europe/London, mode: idle}\nrun: [resend, until idle]")
    merged = load_scenario(
        write(tmp_path, "child.yaml", "extends: base\nclock: {mode: x60}\nrun: [advance 1d]")
    )

    assert (merged.clock.zone, merged.clock.mode) == (ZoneInfo("Europe/London"), Pace("real", 60))
    assert merged.run == (Advance(timedelta(days=1)),)


def test_a_child_may_change_one_word_of_an_account(tmp_path: Path) -> None:
    child = load_scenario(write(tmp_path, "child.yaml", "extends: happy\naccounts: {clinic: {balance: 5}}"))

    assert child.accounts["clinic"].balance == 5
    assert child.accounts["clinic"].vendors == ("callo",)


def test_what_neither_child_nor_parent_says_is_missing_where_the_child_begins(tmp_path: Path) -> None:
    child = write(tmp_path, "child.yaml", "extends: happy\naccounts: {other: {balance: 5}}")

    assert findings_about(child)[0].startswith(f"{child}:3:19: missing here: 'vendors'")


def test_a_rule_is_known_by_its_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "mine.yaml", "faults: [{where: '*', do: reset}, {where: x.y, do: garble}]")

    assert [rule.id for rule in load_scenario("mine.yaml").faults] == ["mine.yaml:2", "mine.yaml:2:35"]
    assert load_scenario("flaky").limits[0].id == "flaky.yaml:8"


def test_a_file_may_extend_the_shipped_scenario_of_its_own_name(tmp_path: Path) -> None:
    assert load_scenario(write(tmp_path, "happy.yaml", "extends: happy")).seed == 7


def test_a_circle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "a.yaml", "extends: b")
    write(tmp_path, "b.yaml", "extends: a")

    assert findings_about("a.yaml") == [
        "b.yaml:2:10: a circle: a.yaml extends b.yaml extends a.yaml",
        "a.yaml:2:10: extended from here",
    ]


def test_nine_generations_are_too_many(tmp_path: Path) -> None:
    for n in range(9):
        write(tmp_path, f"g{n}.yaml", f"extends: g{n + 1}" if n < 8 else "")

    assert "more than 8 scenarios extend each other" in findings_about(tmp_path / "g0.yaml")[0]
    assert load_scenario(tmp_path / "g1.yaml").sim == 1


def test_a_broken_parent_is_told_with_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "base.yaml", "clokc: {}")
    write(tmp_path, "child.yaml", "extends: base")

    assert findings_about("child.yaml") == [
        "base.yaml:2:1: unknown word 'clokc'; did you mean 'clock'?",
        "child.yaml:2:10: extended from here",
    ]


def test_a_contradiction_between_child_and_parent_points_into_the_right_file(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "personas: {p: {first: {busy: 100%}}}")
    child = write(tmp_path, "child.yaml", "extends: base\npersonas: {p: {attempts: [busy]}}")

    assert findings_about(child)[0].startswith(f"{tmp_path}/base.yaml:2:23: either `attempts` or `first`")


@pytest.mark.parametrize("name", TRAVERSALS)
def test_extends_never_leaves_the_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(SECRET)
    inside = tmp_path / "inside"
    (inside / "sub").mkdir(parents=True)
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (inside / "device.yaml").symlink_to("/dev/zero")
    os.mkfifo(inside / "fifo.yaml")
    quoted = "".join(f"\\U{ord(letter):08x}" for letter in name)

    assert findings_about(write(inside, "child.yaml", f'extends: "{quoted}"'))


def test_a_sibling_folder_with_the_same_beginning_is_outside(tmp_path: Path) -> None:
    (tmp_path / "inside-too").mkdir()
    (tmp_path / "inside-too" / "secret.yaml").write_text(SECRET)
    child = write(tmp_path / "inside", "child.yaml", "extends: link/secret")
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "inside-too")

    assert "no scenario 'link/secret'" in findings_about(child)[0]


def test_only_regular_files_are_read() -> None:
    assert findings_about(Path("/dev/zero")) == [
        "/dev/zero:1:1: there is no such file, or it is not a regular one"
    ]


def test_text_may_extend_shipped_scenarios_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "beside.yaml", "")

    assert load_text(b"sim: 1\nextends: happy\n", "posted").seed == 7
    with pytest.raises(BrokenScenario, match="no scenario 'beside'"):
        load_text(b"sim: 1\nextends: beside\n", "posted")
