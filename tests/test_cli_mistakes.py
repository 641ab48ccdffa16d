"""What a command makes of files, numbers and options that are no use: a line or two, and before it begins."""

from __future__ import annotations

import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from sys import executable
from threading import Thread

import pytest

from tests.command_line import run

NO_TEXT = b"\x94\xfe"
DEEP = "[" * 3000
CASE = ("suite", "callo", "--only", "CALLO-1.1", "--task", "*=touch begun")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run commands in a folder with files that are no use."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary").write_bytes(NO_TEXT)
    (tmp_path / "binary.yaml").write_bytes(NO_TEXT)
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "deep.json").write_text('{"callo": ' + DEEP)
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("serve", "--port", "0", "--admin-token-file", "binary"), 2, "binary is no text"),
        (("scenarios", "lint", "--fix", "binary.yaml"), 1, "binary.yaml:1:1: not UTF-8"),
        ((*CASE, "--expected-failures", "binary"), 2, "binary: it is no text in UTF-8"),
        ((*CASE, "--baseline", "binary"), 2, "binary: it is no text in UTF-8"),
        ((*CASE, "--ratchet", "list.json"), 2, "list.json: no shares by vendor"),
        (("report", "deep.json"), 2, "deep.json: no evidence of version 1"),
        (("replay", "deep.json"), 2, "deep.json: no worlds recorded in version"),
        (("faults", "on", "callo.balance", "reply", "--reply", DEEP), 2, "--reply is no JSON"),
        (
            (*CASE, "--evidence", "nowhere/run.json"),
            2,
            "nowhere/run.json cannot be written: there is no folder",
        ),
        ((*CASE, "--report", "html=folder"), 2, "folder cannot be written: it is a folder"),
        (("check", "--baseline", "binary", "--", "touch", "begun"), 2, "binary: it is no text in UTF-8"),
        (("check", "--ratchet", "list.json", "--", "touch", "begun"), 2, "list.json: no shares by vendor"),
        (("check", "--report", "junit=nowhere/x", "--", "touch", "begun"), 2, "there is no folder"),
        (("run", "happy", "--junit", "nowhere/x"), 2, "nowhere/x cannot be written"),
        (
            ("probe", "callo", "--target", "http://127.0.0.1:1", "--key", "a=@binary"),
            2,
            "binary: it is no text",
        ),
    ],
)
def test_a_file_that_is_no_use_is_told_before_anything_is_done(
    arguments: tuple[str, ...], code: int, message: str, here: Path
) -> None:
    done = run(*arguments)

    assert done.returncode == code
    assert message in done.stderr + done.stdout
    assert not (here / "begun").exists()


@pytest.mark.parametrize("content", ["{}", "null", "[" * 3000, "x"])
@pytest.mark.parametrize("verb", ["env", "clock", "tail"])
def test_a_ready_file_that_is_none_is_told_so(verb: str, content: str, here: Path) -> None:
    (here / "ready.json").write_text(content)
    done = run(verb, "--ready-file", "ready.json")

    assert done.returncode == 2
    assert done.stderr.startswith("simulator: ready.json is no ready file of a simulator\n  name the one")


def test_another_program_at_the_address_is_told_so() -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as page:
        Thread(target=page.serve_forever, daemon=True).start()
        done = run("clock", "--url", f"http://127.0.0.1:{page.server_port}")
        page.shutdown()

    assert done.returncode == 2
    assert done.stderr.startswith("simulator: something else answers at http://127.0.0.1:")


def test_an_address_without_scheme_is_told_so() -> None:
    assert "'127.0.0.1:8070' is no address" in run("clock", "--url", "127.0.0.1:8070").stderr


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--min-coverage callo=101", "a number from 0 to 100"),
        ("--min-coverage callo=nan", "no VENDOR=NUMBER"),
        ("--min-coverage calo=1", "did you mean 'callo'?"),
        ("--max-missed callo=-1", "a whole number"),
        ("--max-missed callo=1.5", "a whole number"),
        ("--max-missed calo=1", "did you mean 'callo'?"),
        ("--timeout nan", "not in the range x>=0.1"),
        ("--patience inf", "not in the range x>=0.1"),
    ],
)
def test_a_number_that_holds_nothing_is_refused(option: str, message: str, here: Path) -> None:
    done = run(*CASE, *option.split())

    assert done.returncode == 2
    assert message in done.stderr
    assert not (here / "begun").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--tls-port 0", "--tls-port says more of --tls: give that, too"),
        ("--state-full", "--state-full says more of --state"),
        ("--state-size 5", "--state-size says more of --state"),
        ("--state-size 5 --state redis://127.0.0.1:1", "--state-size is about a state file"),
        ("--vendor-ports 65534", "leaves no room for 4 vendors: give 65532 at most"),
        ("--allow-destination hooks.example.com:443", "'hooks.example.com:443' is no host such as"),
        ("--allow-destination *.example.com", "'*.example.com' is no host such as"),
        ("--state folder", "folder is a folder, so it is no state file"),
        ("--state /dev/null", "/dev/null is no regular file"),
    ],
)
def test_an_option_of_serve_that_would_do_nothing_is_refused(options: str, message: str) -> None:
    done = run("serve", "--port", "0", *options.split())

    assert done.returncode == 2
    assert message in done.stderr
    assert "503" not in done.stderr


def test_what_a_proxy_lets_through_wants_a_proxy(here: Path) -> None:
    done = run("check", "--pass", "pypi.org", "--", "touch", "begun")

    assert done.returncode == 2
    assert "give --intercept or --guard" in done.stderr
    assert not (here / "begun").exists()


@pytest.mark.parametrize("verb", ["run", "scenarios lint", "scenarios explain", "scenarios show"])
def test_a_file_that_is_not_named_as_a_scenario_is_told_so(verb: str, here: Path) -> None:
    (here / "mine.txt").write_text("sim: 1")

    assert (
        "mine.txt is not named as a scenario is\n  give a file whose name ends in"
        in run(*verb.split(), "mine.txt").stderr
    )
    assert "folder" in run(*verb.split(), "folder").stderr.partition("\n")[0]
    assert run("scenarios", "init", "other.txt").returncode == 2


def test_what_cannot_be_linted_keeps_nothing_else_from_it(here: Path) -> None:
    sound, broken = "sim: 1\ntitle: x\n", "sim: 1\npeeple: []\n"
    for name, text in (("a.yaml", sound), ("folder/deep/b.yml", broken), ("z.yaml", broken)):
        (here / name).parent.mkdir(exist_ok=True, parents=True)
        (here / name).write_text(text)
    (here / "folder/compose.yaml").write_text("services: {}\n")
    (here / "folder/.hidden").mkdir()
    (here / "folder/.hidden/c.yaml").write_text(broken)
    (here / "empty").mkdir()

    done = run("scenarios", "lint", "a.yaml", "empty", "folder", "nobody", "z.yaml")

    assert "no scenario lies in empty" in done.stderr
    assert "unknown scenario 'nobody'" in done.stderr
    assert "folder/deep/b.yml:2:1: unknown word 'peeple'" in done.stdout
    assert "z.yaml:2:1: unknown word 'peeple'" in done.stdout
    assert "hidden" not in done.stdout
    assert "1 of 5 can be used" in done.stdout
    assert done.returncode == 1


def test_a_file_that_turns_out_not_to_be_writable_is_told_without_a_traceback(here: Path) -> None:
    (here / "scenario.schema.json").mkdir()

    assert run("scenarios", "init").stderr == "simulator: scenario.schema.json: Is a directory\n"


def test_a_scenario_that_is_not_there_is_not_to_be_mended() -> None:
    assert run("run", "mine.yaml").stderr.endswith(
        "\n  is the name right, and the folder? `simulator scenarios init FILE` writes one to begin with\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux' own")
def test_a_full_disk_behind_what_is_printed_is_told_without_a_traceback() -> None:
    command = f"{executable} -m simulator words --all > /dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (2, "simulator: what is printed: No space left on device\n")


def test_a_probe_that_reached_nobody_does_not_tell_that_nothing_drifted() -> None:
    done = run("probe", "callo", "--target", "http://127.0.0.1:1", "--only", "balance", "--rate", "20")

    assert done.returncode == 2
    assert "no operations asked, so nothing is known of drift" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("serv",), "No such command 'serv'; did you mean 'serve'?"),
        (("tail", "--kind", "cal"), "'cal' is no kind of event; did you mean 'call'?"),
        (("xyzzy",), "No such command 'xyzzy'; --help lists those that there are"),
        (("words", "callo.add_cal"), "did you mean 'callo.add_call'?"),
        (
            ("scenarios", "lint", "folder"),
            "no scenario lies in folder\n  one is a file whose name",
        ),
        (("open", "--url", "http://127.0.0.1:1"), "simulator: no simulator answers at http://127.0.0.1:1"),
    ],
)
def test_what_is_misspelt_or_not_there_is_told_with_what_helps(
    arguments: tuple[str, ...], message: str
) -> None:
    done = run(*arguments)

    assert done.returncode > 0
    assert message in done.stderr


def test_an_operation_is_a_topic() -> None:
    shown = run("words", "callo.add_call").stdout

    assert shown.startswith("- **add_call** (documented): Add a call. Refusals: key_missing, ")
