"""What `serve` is asked for is checked before it binds anything."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.settings import Settings
from simulator.errors import SimulatorError
from simulator.serving.running import serve
from simulator.serving.sockets import Ports


@pytest.fixture
def taken() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("changes", "ready_file", "reason"),
    [
        ({"scenario": "hapy"}, None, "did you mean 'happy'"),
        ({"scenario": Path("gone.yaml")}, None, "gone.yaml"),
        ({"scenario": Path("broken.yaml")}, None, "broken.yaml:2:1: unknown word 'titel'"),
        ({"vendors": ("calo",)}, None, "did you mean 'callo'"),
        ({}, Path("gone/ready.json"), "its folder is not there"),
        ({"state": Path("gone/worlds.sqlite")}, None, "its folder is not there"),
        ({}, None, "port"),
    ],
)
def test_a_mistake_is_told_even_where_the_port_is_taken(
    taken: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    ready_file: Path | None,
    reason: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.yaml").write_text("sim: 1\ntitel: x\n")

    with pytest.raises(SimulatorError) as caught:
        serve(Settings(**changes), Ports(main=taken), ready_file)

    assert reason in str(caught.value)
