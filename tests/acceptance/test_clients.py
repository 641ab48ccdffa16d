"""Clients of several makes over a real socket: what a newcomer tries in the first hour."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import soundfile

from simulator.formats.sound import tone
from tests.acceptance.stage_hands import API, numbers
from tests.serving_process import PATIENCE, Served, serving

ANSWERS_AND_PRESSES_ONE = "+447700900310"
CLIENTS: dict[str, Callable[[], Any]] = {
    "requests": requests.Session,
    "httpx": lambda: httpx.Client(timeout=PATIENCE),
}
EXCESS = "Calls count to camp_id:{}, {} is excess (limit 5/30sec)"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as process:
        yield process


class Newcomer:
    """An HTTP client of some make with a key of its own, and the campaigns that come with it."""

    def __init__(self, http: Any, served: Served, key: str) -> None:
        self.http, self.key = http, key
        self.root: str = served.ready["base_urls"]["callo"]
        self.control: str = served.ready["control"]
        rows = self.get("campaigns", mode="all").json()["campaigns"]
        self.campaigns = {row["type"]: row["id"] for row in rows}

    def get(self, name: str, **fields: Any) -> Any:
        return self.http.get(f"{self.root}{API}/{name}/", params={"public_key": self.key, **fields})

    def post(self, name: str, files: Any = None, **fields: Any) -> Any:
        form = {"public_key": self.key, **fields}
        return self.http.post(f"{self.root}{API}/{name}/", data=form, files=files)

    def call(self, phone: str = ANSWERS_AND_PRESSES_ONE, **fields: Any) -> Any:
        return self.post("phones/call", campaign_id=self.campaigns["free_text"], phone=phone, **fields)

    def result(self, call_id: int) -> Any:
        (result,) = self.get("phones/call_by_id", call_id=call_id, expand=1).json()
        return result

    def advance(self, length: str) -> None:
        assert self.http.post(f"{self.control}/clock/advance", json={"by": length}).status_code == 200


@pytest.fixture(params=CLIENTS)
def newcomer(request: pytest.FixtureRequest, served: Served) -> Iterator[Newcomer]:
    with CLIENTS[request.param]() as http:
        newcomer = Newcomer(http, served, os.urandom(16).hex())
        newcomer.advance("1m")
        yield newcomer


def seconds_of(sound: bytes) -> float:
    with wave.open(BytesIO(sound)) as file:
        return float(file.getnframes() / file.getframerate())


def test_a_call_is_added_and_seen_answered(newcomer: Newcomer) -> None:
    added = newcomer.call().json()
    before = newcomer.result(added["call_id"])["status"]

    newcomer.advance("1h")
    after = newcomer.result(added["call_id"])

    assert added["phone"] == ANSWERS_AND_PRESSES_ONE
    assert (before, after["status"], after["button_num"]) == ("in_process", "user", 1)
    assert [attempt["attempt_num"] for attempt in after["attempts"]] == [1]


def test_the_sixth_call_to_a_number_is_too_many(newcomer: Newcomer) -> None:
    answers = [newcomer.call() for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [400]
    words = EXCESS.format(newcomer.campaigns["free_text"], ANSWERS_AND_PRESSES_ONE)
    assert answers[5].json() == {"status": "error", "data": words}


def met_page(answer: Any) -> bool:
    """Tell whether an answer is the vendor's page for those who ask too often."""
    kind, server = answer.headers["Content-Type"], answer.headers["Server"]
    page = (answer.status_code, kind, server, answer.content[:7])
    return page == (429, "text/html; charset=utf-8", "gunicorn/19.9.0", b"<h1>429")


def busiest_second(newcomer: Newcomer, answers: list[Any]) -> int:
    """Return how many of the requests that were let in came within one second of the world's clock."""
    ids = [answer.headers["X-Simulator-Exchange"] for answer in answers if answer.status_code == 200]
    shown = [newcomer.http.get(f"{newcomer.control}/exchanges/{ref}").json() for ref in ids]
    times = sorted(datetime.fromisoformat(exchange["at"]) for exchange in shown)
    return max(sum(start <= at < start + timedelta(seconds=1) for at in times) for start in times)


@pytest.mark.parametrize("threads", [1, 16])
def test_twenty_requests_a_second_are_let_in_and_the_next_meet_a_page(
    newcomer: Newcomer, threads: int
) -> None:
    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(lambda _: newcomer.get("users/balance"), range(100)))

    assert busiest_second(newcomer, answers) <= 20
    assert all(met_page(answer) for answer in answers if answer.status_code != 200)
    assert any(met_page(answer) for answer in answers)


def test_an_uploaded_clip_plays_back_as_long_as_it_is(newcomer: Newcomer) -> None:
    clip = tone(2.5, 3)
    upload = newcomer.post("audio/upload", files={"clip_file": ("beep.wav", clip)}, clip_name="beep").json()
    info = newcomer.get("audio/info", audioclip_id=upload["audioclip_id"]).json()

    assert upload["length"] == info["length_val"] == 2.5
    assert newcomer.http.get(upload["url"]).content == clip
    assert newcomer.http.get(info["original_url"]).content == clip


@pytest.mark.parametrize("kind", ["ogg", "flac", "mp3"])
def test_a_clip_of_another_kind_is_converted(newcomer: Newcomer, kind: str) -> None:
    samples, rate = soundfile.read(BytesIO(tone(1.5, 3)))
    room = BytesIO()
    soundfile.write(room, samples, rate, format=kind.upper())
    files = {"clip_file": (f"beep.{kind}", room.getvalue())}

    upload = newcomer.post("audio/upload", files=files, clip_name="beep").json()

    assert upload["length"] == pytest.approx(1.5, abs=0.2)
    assert seconds_of(newcomer.http.get(upload["url"]).content) == pytest.approx(upload["length"], abs=0.01)


def test_a_recording_is_as_long_as_the_call(newcomer: Newcomer) -> None:
    call_id = newcomer.call().json()["call_id"]
    newcomer.advance("1h")
    result = newcomer.result(call_id)

    for url in (result["recorded_audio"], result["attempts"][0]["recorded_audio"]):
        answer = newcomer.http.get(url)
        assert answer.headers["Content-Type"] == "audio/x-wav"
        assert ceil(seconds_of(answer.content)) == result["duration"]


def test_the_same_label_at_once_from_many_threads_makes_one_call(newcomer: Newcomer) -> None:
    crowd = numbers(16)
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda phone: newcomer.call(phone, label="once"), crowd))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15


@pytest.mark.thorough
def test_a_client_in_javascript_meets_the_same_vendor(served: Served) -> None:
    if (node := shutil.which("node")) is None:
        pytest.skip("node is not installed")
    clip, script = tone(2.5, 3), Path(__file__).with_name("visit.mjs")
    arguments = (served.ready["base_urls"]["callo"], served.ready["control"], "ab" * 16)
    done = subprocess.run(
        [node, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
        env={**os.environ, "CLIP": base64.b64encode(clip).decode()},
    )
    met = json.loads(done.stdout)

    assert (met["status"], met["often"]) == ("user", [200] * 5 + [400])
    assert (met["hasty"][:20], {*met["hasty"]}) == ([200] * 20, {200, 429})
    assert met["excess"].endswith("+447700900102 is excess (limit 5/30sec)")
    assert met["page"] == "text/html; charset=utf-8"
    assert ceil((met["recording"] - 44) / 16_000) == met["duration"]
    assert (met["length"], base64.b64decode(met["clip"])) == (2.5, clip)
