"""The command line: what it prints, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from click import Command, Context, Group, Option
from click.testing import CliRunner

from simulator.cli import MODULES, main
from tests.command_line import run
from tests.serving_process import serving
from tests.source_tree import CONTRACTS, PACKAGE, ROOT, SCENARIOS

HEAVY = {
    "flask",
    "werkzeug",
    "yaml",
    "msgspec",
    "jsonschema",
    "jsonschema_rs",
    "urllib3",
    "faker",
    "httptools",
    "phonenumbers",
}


def output_of(*arguments: str, code: int = 0) -> str:
    """Run a command in this process and return what it printed."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result.output


def test_every_command_that_a_text_of_ours_names_is_there() -> None:
    named = re.compile(r"`simulator ([a-z-]+)(?: ([a-z-]+)[` ])?")
    sources = (PACKAGE.rglob("*.py"), PACKAGE.rglob("*.html"))
    pages = (folder.rglob("README.md") for folder in (PACKAGE, SCENARIOS, CONTRACTS))
    texts = [page.read_text() for page in (*chain(*sources, *pages), ROOT / "README.md")]
    named_ones = {names for text in texts for names in named.findall(text)}

    assert len(named_ones) > 20
    for verb, second in named_ones:
        command = main.get_command(Context(main), verb)
        assert command is not None, verb
        assert not second or not isinstance(command, Group) or second in command.commands, (verb, second)


def options_of(command: Command) -> set[str]:
    """Return the options of a command, and of those below it."""
    named = {
        name for one in command.params if isinstance(one, Option) for name in (*one.opts, *one.secondary_opts)
    }
    below = [*command.commands.values()] if isinstance(command, Group) else []
    return named.union({"--help", "--version"}, *map(options_of, below))


def test_every_option_that_a_message_of_ours_names_is_there() -> None:
    verbs = [main.get_command(Context(main), name) for name in MODULES]
    ours = set().union(*(options_of(verb) for verb in verbs if verb is not None))
    ours |= {*re.findall(r'"(--simulator-[a-z-]+)"', (PACKAGE / "pytest_plugin.py").read_text())}
    span = re.compile(r"`(?:simulator |pytest |(?=--))([^`\n]*)`")
    named = [
        (source.name, option)
        for source in PACKAGE.rglob("*.py")
        for text in span.findall(source.read_text())
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)
        if source.name != "isolation.py"  # which tells of Docker's
    ]

    assert len(named) > 15
    assert [(source, option) for source, option in named if option not in ours] == []


def test_importing_all_commands_loads_nothing_heavy() -> None:
    script = (
        "import sys; from simulator.cli import MODULES, main; "
        "[main.get_command(None, name) for name in MODULES]; "
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert HEAVY.isdisjoint(done.stdout.split())


def test_a_server_that_has_not_been_asked_anything_does_not_load_the_outbound_door() -> None:
    script = "import sys; from simulator.app import Simulator; Simulator(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert {"urllib3", "openpyxl", "faker", "phonenumbers"}.isdisjoint(done.stdout.split())


@pytest.mark.parametrize(
    ("pattern", "valid"), [("+4930123456**", "yes"), ("+4477009001**", "no"), ("+4476245*****", "some")]
)
def test_a_pattern_of_one_s_own_is_told_to_look_valid_or_not(pattern: str, valid: str) -> None:
    (row,) = [line for line in output_of("numbers", pattern).splitlines() if line.endswith("your scenario")]

    assert row.split()[1:3] == ["unknown", valid]


@pytest.mark.parametrize("name", ["XX", "+4930*", "+49"])
def test_what_is_no_block_of_magic_numbers_is_answered_with_those_there_are(name: str) -> None:
    done = run("numbers", name)

    assert done.returncode == 2
    assert "GB" in done.stderr


def test_it_runs_as_a_module() -> None:
    assert run("--version").stdout.startswith("simulator, version ")


def test_settings_of_a_vendor_are_listed_with_default_mark_and_meaning() -> None:
    rows = [row.split(maxsplit=3) for row in output_of("vendors", "settings", "callr").splitlines()]

    assert ["trial", "false", "observed", "A test account, which buys no numbers."] in rows
    assert ["inventory[].count", "10", "inferred", "How many follow one another."] in rows


def test_vendors_are_listed_with_their_hosts() -> None:
    assert "callo.com, zvonok.com" in output_of("vendors")


@pytest.mark.parametrize("arguments", [("scenarios",), ("scenarios", "list")])
def test_scenarios_are_listed_with_their_titles(arguments: tuple[str, ...]) -> None:
    assert "A reminder is answered and confirmed" in output_of(*arguments)


def test_a_scenario_is_shown_as_written() -> None:
    assert "strangers: listens" in output_of("scenarios", "show", "happy")


def test_the_schema_of_scenarios_is_json() -> None:
    assert json.loads(output_of("scenarios", "schema"))["title"] == "Scenario of the vendor simulator"


def test_lint_tells_what_of_a_scenario_s_scripts_is_not_simulated(tmp_path: Path) -> None:
    script = "branches: {inbound-call: [{action: log@v9, params: {message: hi}}, {action: answer@v1}]}"
    profile = f"{{callr: {{scenarios: [{{name: one, script: '{script}'}}]}}}}"
    file = tmp_path / "mine.yaml"
    file.write_text(f"sim: 1\naccounts:\n  a:\n    vendors: [callr]\n    profile: {profile}\n")

    output = output_of("scenarios", "lint", str(file))

    assert f"warning: {file}:5:" in output
    assert "not simulated: branches.inbound-call[0]: log@v9" in output
    assert "1 of 1 can be used" in output


def test_shipped_scenarios_pass_their_lint() -> None:
    assert "1 of 1 can be used" in output_of("scenarios", "lint", "happy")


def test_a_broken_scenario_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("sim: 1\nadmitt: anyone\n")

    output = output_of("scenarios", "lint", str(file), code=1)

    assert f"{file}:2:1: " in output
    assert "0 of 1 can be used" in output


def test_a_word_that_no_vendor_knows_fails_the_lint(tmp_path: Path) -> None:
    file = tmp_path / "misspelt.yaml"
    file.write_text("sim: 1\nprofiles: {callo: {speekers: [a]}}\n")

    assert f"{file}:2:20: callo has no setting 'speekers'" in output_of(
        "scenarios", "lint", str(file), code=1
    )


@pytest.mark.parametrize("arguments", [("contracts",), ("contracts", "list")])
def test_contracts_are_listed(arguments: tuple[str, ...]) -> None:
    assert "18 operations" in output_of(*arguments)


def test_a_contract_is_shown_by_operation_and_an_operation_by_parameter() -> None:
    assert "add_call " in output_of("contracts", "show", "callo")
    assert "campaign_id" in output_of("contracts", "show", "callo", "add_call")


@pytest.mark.parametrize(
    ("operation", "lines"),
    [
        (("callr", "send_sms"), ["  text ", "1..3200 characters [documented]", "string in JSON"]),
        (("callr", "create_webhook"), ["  endpoint ", "  options.hmacSecret "]),
        (
            ("jaicp", "add_phones"),
            ["  [].maxAttempts ", "1..50 [observed]", "  [].allowedTime.mon[].localTimeFrom "],
        ),
        (
            ("jaicp", "call_job_report_by_date"),
            ["  pagination.pageSize ", "1..200 [observed]; 20 when not told"],
        ),
        (("kaleyra", "click_to_call"), ["0..2 [minimum inferred, maximum documented]", "form or multipart"]),
        (("callo", "campaigns"), ["one of all, archive, active [documented]", "for example GET /manager/"]),
    ],
)
def test_what_an_operation_takes_is_shown_whole_with_limits_defaults_and_marks(
    operation: tuple[str, str], lines: list[str]
) -> None:
    shown = output_of("contracts", "show", *operation)

    assert [line for line in lines if line not in shown] == []


def test_every_refusal_of_an_operation_is_shown_with_its_code_and_its_mark() -> None:
    shown = output_of("contracts", "show", "kaleyra", "health")

    assert "  refuses 200 E701 'No incidents found': there is nothing to tell  [documented]" in shown
    assert "  refuses 200 E603 'API key not found or inactive': nobody has this key  [inferred]" in shown


def test_shipped_contracts_pass_their_lint() -> None:
    assert "callo: no findings" in output_of("contracts", "lint")


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (("contracts", "show", "nobody"), "callo"),
        (("contracts", "show", "callo", "nothing"), "add_call"),
        (("scenarios", "show", "nothing"), "happy"),
        (("serve", "--port", "0", "--scenario", "nothing"), "happy"),
        (("serve", "--port", "0", "--vendor", "nobody"), "callo"),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones(arguments: tuple[str, ...], known: str) -> None:
    done = run(*arguments)

    assert done.returncode == 2
    assert known in done.stderr
    assert done.stderr.count("\n") == 2


@pytest.mark.parametrize(
    "arguments", [("--clock", "fast"), ("--port", "70000"), ("--allow-destination", "10.0.0.1/8")]
)
def test_a_wrong_option_is_refused(arguments: tuple[str, ...]) -> None:
    assert arguments[0] in output_of("serve", *arguments, code=2)


def test_others_are_refused_without_a_token_before_anything_opens() -> None:
    done = run("serve", "--host", "0.0.0.0")

    assert done.returncode == 2
    assert "--admin-token" in done.stderr


def test_the_welcome_has_a_command_that_works_when_pasted() -> None:
    with serving() as served:
        line = next(line for line in served.banner.splitlines() if "curl" in line)
        done = subprocess.run(["sh", "-c", f"{line} -s"], capture_output=True, text=True, check=True)

        assert json.loads(done.stdout)["phone"] == "+447700900000"


def test_the_welcome_names_the_page() -> None:
    with serving() as served:
        assert f"http://127.0.0.1:{served.port}/_simulator/ " in served.banner


def test_the_welcome_tells_whom_each_vendor_stands_for_and_how_it_calls_a_receiver_here() -> None:
    with serving("--vendor", "callr", "--vendor", "callo") as served:
        lines = [line.split() for line in served.banner.splitlines()]

    assert ["stands", "for", "https://api.callr.com"] in lines
    assert ["stands", "for", "https://callo.com,", "https://zvonok.com,"] in [line[:4] for line in lines]
    assert lines.count(["your", "receiver", "http://hook.localhost:PORT"]) == 2


def test_the_welcome_tells_that_a_scenario_begins_at_another_time(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("sim: 1\nclock: {at: 2026-03-27T17:30, zone: Europe/London, mode: x60}\n")
    with serving("--scenario", str(file)) as real, serving("--scenario", str(file), "--clock", "x60") as own:
        line = f"{file} begins at 2026-03-27T17:30 in Europe/London, and does so with `--clock x60`"

        assert line in real.banner
        assert "clock: " not in own.banner


def test_the_welcome_says_that_nothing_survives_a_restart() -> None:
    with serving() as served:
        assert "nothing survives a restart" in served.banner
        assert served.ready["credentials"]["callo"]["public_key"] in served.banner
