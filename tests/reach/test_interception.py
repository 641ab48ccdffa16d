"""What a command is given to read, beside what it has already."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.serving.authority import new_authority
from simulator.serving.interception import Plan, joined, system_roots, tries, write_interception
from tests.serving_process import PATIENCE


@pytest.fixture(scope="module")
def certificate() -> bytes:
    return new_authority().certificate


def plan(certificate: bytes, keeps_roots: bool = False) -> Plan:
    return Plan(
        hosts=("api.callr.com", "*.just-ai.com"),
        guarded=("callr.com", "just-ai.com"),
        address="127.0.0.1",
        plain=1,
        secure=2,
        proxy="http://127.0.0.1:3",
        certificate=certificate,
        keeps_roots=keeps_roots,
    )


def test_what_is_there_already_stays(tmp_path: Path, certificate: bytes) -> None:
    ours = write_interception(tmp_path, plan(certificate))
    present = {"NODE_OPTIONS": "--no-warnings", "PYTHONPATH": "/mine", "JAVA_TOOL_OPTIONS": "-Xmx1g"}

    both = joined(ours, present)

    assert both["NODE_OPTIONS"] == f"--no-warnings {ours['NODE_OPTIONS']}"
    assert both["PYTHONPATH"] == os.pathsep.join([ours["PYTHONPATH"], "/mine"])
    assert both["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=3 ")
    assert both["PHP_INI_SCAN_DIR"] == f":{ours['PHP_INI_SCAN_DIR']}"  # the empty one is PHP's own
    assert joined(ours, {})["NODE_OPTIONS"] == ours["NODE_OPTIONS"]


def test_the_authorities_of_this_machine_stay_where_hosts_are_let_through(
    tmp_path: Path, certificate: bytes
) -> None:
    roots = b"\n".join(system_roots())
    bundles = [
        Path(
            write_interception(tmp_path / str(keeps), plan(certificate, keeps))["SSL_CERT_FILE"]
        ).read_bytes()
        for keeps in (False, True)
    ]

    assert bundles == [certificate, b"\n".join([certificate, roots]) if roots else certificate]


LOOKS = """
import ours_as_well, socket
print([socket.getaddrinfo(host, 443)[0][4] for host in ("API.callr.com.", b"bot.just-ai.com")])
for look_up, *asked in (socket.getaddrinfo, "www.callr.com", 443), (socket.gethostbyname, "a.b.just-ai.com"):
    try:
        look_up(*asked)
    except ConnectionRefusedError as error:
        print(error)
"""


def test_a_python_is_led_and_its_own_customization_is_run(tmp_path: Path, certificate: bytes) -> None:
    variables = write_interception(tmp_path / "ours", plan(certificate))
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ours_as_well'] = sys\n")
    there = joined(variables, {"PYTHONPATH": str(tmp_path)})

    done = subprocess.run(
        [sys.executable, "-c", LOOKS],
        env=there,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.stderr == ""
    led, *refused = done.stdout.splitlines()
    assert led == str([("127.83.73.77", 443)] * 2)
    assert len(refused) == 2
    assert [(host, port) for host, port, _ in tries(tmp_path)] == [
        ("www.callr.com", "443"), ("a.b.just-ai.com", ""),
    ]  # fmt: skip


def test_a_line_that_was_not_finished_is_left_out(tmp_path: Path) -> None:
    whole = '{"host": "callo.com", "port": "443", "how": "Node, connect", "program": ["a.js"]}\n'
    (tmp_path / "tried.log").write_text(whole + whole[:20])

    assert list(tries(tmp_path)) == [("callo.com", "443", "Node, connect, in a.js")]
