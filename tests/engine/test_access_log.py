"""The access log holds nobody up: not the world, not the answers, not the end of the process."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import pytest

from simulator.engine.access_log import AccessLog
from tests.serving_process import PATIENCE, command


@contextmanager
def unread_pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        os.close(reading)


def line(text: str) -> logging.LogRecord:
    return logging.LogRecord("simulator.access", logging.INFO, "", 0, text, (), None)


def test_lines_that_nobody_reads_are_dropped_and_counted() -> None:
    with unread_pipe() as (reading, writing):
        log = AccessLog(writing, most=5)
        for number in range(3_000):
            log.emit(line(f"{number} {'x' * 1_000}"))
        dropped = log.dropped
        with closing(os.fdopen(os.dup(reading))) as reader:
            first, reported = reader.readline(), 0
            while reported < dropped:
                text = reader.readline()
                reported += json.loads(text)["dropped"] if text.startswith("{") else 0

    assert dropped > 2_500
    assert reported == dropped
    assert first.startswith("0 ")


@pytest.mark.thorough
def test_answers_go_on_and_the_process_ends_although_nobody_reads_the_log(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with unread_pipe() as (_, writing):
        serve = command("serve", "--port", "0", "--ready-file", str(ready), "--access-log")
        with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=writing, text=True) as process:
            os.close(writing)
            assert process.stdout is not None
            while not process.stdout.readline().startswith("ready"):
                pass
            document = json.loads(ready.read_text())
            for _ in range(600):
                with socket.create_connection(("127.0.0.1", document["port"]), PATIENCE) as client:
                    client.sendall(b"GET /callo/nowhere HTTP/1.0\r\nUser-Agent: " + b"x" * 900 + b"\r\n\r\n")
                    assert client.recv(12).endswith(b" 404")
            process.terminate()

            assert process.wait(PATIENCE) == 0


def test_the_end_waits_for_lines_that_somebody_reads() -> None:
    with unread_pipe() as (reading, writing):
        log, chunks = AccessLog(writing), list[bytes]()
        reader = Thread(target=lambda: chunks.append(os.read(reading, 100)))
        reader.start()
        log.emit(line("one"))
        log.flush()
        reader.join(PATIENCE)

    assert chunks == [b"one\n"]
