"""A client that a generator made from the contract drives every group of operations over a socket."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.settings import Settings
from simulator.formats.sound import tone
from simulator.serving.running import running
from tests.source_tree import CONTRACTS

pytestmark = pytest.mark.thorough

pytest.importorskip("openapi_python_client")

PACKAGE = "callr_client_made_from_its_contract"
SCRIPT = (
    "branches:\n  api-initiated:\n    actions:\n      - action: log@v1\n        params: {message: Hello}\n"
)
DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Maker:
    """The generated package and a client of it; `ask` calls one operation and claims its status."""

    def __init__(self, root: str, key: str) -> None:
        self.models = import_module(f"{PACKAGE}.models")
        made = import_module(f"{PACKAGE}.client").AuthenticatedClient
        self.client = made(f"{root}/callr/v2.0", token=key, prefix="", auth_header_name="x-api-key")

    def ask(self, operation: str, status: int = 200, /, *where: Any, **arguments: Any) -> Any:
        """Return what the generated code made of the answer."""
        function = import_module(f"{PACKAGE}.api.{operation}").sync_detailed
        answer = function(*where, client=self.client, **arguments)
        assert answer.status_code == status, answer.content
        return answer.parsed

    def model(self, name: str, /, **fields: Any) -> Any:
        """Return one of the generated objects."""
        return getattr(self.models, name)(**fields)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    folder = tmp_path_factory.mktemp("generated")
    document = CONTRACTS / "callr" / "openapi.yaml"
    _generate(document, folder / PACKAGE)
    with pytest.MonkeyPatch.context() as patch, running(Settings(vendors=("callr",))) as place:
        patch.syspath_prepend(folder)
        maker = Maker(place.root, place.simulator.worlds.credentials("callr")["api_key"])
        yield maker
        maker.client.get_httpx_client().close()
        pairs = [pair for sandbox in place.simulator.worlds for pair in sandbox.recorder.journal.violations()]
        assert [pair for pair in pairs if pair[1].severity == "error"] == []


def _generate(document: Path, folder: Path) -> None:
    arguments = ["generate", "--path", str(document), "--output-path", str(folder), "--meta", "none"]
    command = [sys.executable, "-m", "openapi_python_client", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "parsing" not in done.stdout.lower(), done.stdout


def test_system_and_billing_answer(made: Maker) -> None:
    assert made.ask("system.ping_the_api").pong == "pong"
    assert float(made.ask("billing.get_credit_balance")) > 0
    assert made.ask("billing.get_billing_destinations")


def test_a_scenario_is_made_started_and_removed(made: Maker) -> None:
    body = made.model("ScenarioInput", name="Hello", script=SCRIPT)
    sid = made.ask("actions.create_scenario", 201, body=body).sid
    run = made.ask("actions.start_scenario", 201, sid, body=made.model("RunInput")).runid

    assert run.startswith("api:")
    assert made.ask("actions.get_an_offline_run", 200, sid, run).variables is not None
    assert sid in [hit.sid for hit in made.ask("actions.search_scenarios", name="Hell").hits]
    made.ask("actions.update_scenario", 200, sid, body=made.model("ScenarioUpdate", name="Bye"))
    made.ask("actions.delete_scenario", 204, sid)


def test_an_audio_file_is_made_filled_renamed_and_removed(made: Maker) -> None:
    sid = made.ask("audio_files.upload_audio_file", 201, body=made.model("AudioFileInput", name="Hi")).sid
    file = import_module(f"{PACKAGE}.types").File(BytesIO(tone(1, 0)), "hi.wav", "audio/wav")
    made.ask(
        "audio_files.update_audio_file_with_upload", 200, sid, body=made.model("AudioContent", file=file)
    )

    renamed = made.model("AudioFileUpdate", name="Ho")
    assert made.ask("audio_files.update_audio_file_properties", 200, sid, body=renamed).name == "Ho"
    assert made.ask("audio_files.update_audio_file_on_the_phone", 200, sid, country="FR").code
    assert made.ask("audio_files.search_audio_files", name="Ho").total == 1
    made.ask("audio_files.delete_audio_file", 204, sid)


def test_calls_are_exported_by_a_task(made: Maker) -> None:
    direction = made.models.Direction.INBOUND
    task = made.ask("calls.export_calls", 202, direction=direction, from_=DAY, to=DAY.replace(day=31))

    assert made.ask("tasks.get_task", 200, task).id == task
    made.ask("calls.hangup_a_live_call", 404, 240711945874)


def test_an_end_user_is_made_and_removed(made: Maker) -> None:
    body = made.model("EndUserInput", name="Corp", address=made.model("Address", country="FR"))
    sid = made.ask("end_users.create_end_user", 201, body=body).sid

    assert made.ask("end_users.search_end_users", name="Corp").hits[0].address.country == "FR"
    changed = made.model("EndUserUpdate", comment="Subsidiary")
    assert made.ask("end_users.update_end_user", 200, sid, body=changed).comment == "Subsidiary"
    made.ask("end_users.delete_end_user", 204, sid)


def test_a_number_is_reserved_bought_assigned_and_given_back(made: Maker) -> None:
    country = made.ask("phone_numbers_store.list_available_countries")[0].code
    kind = made.ask("phone_numbers_store.list_available_number_types", country=country)[0].type_
    made.ask("phone_numbers_store.list_available_prefixes", country=country, type_=kind)
    token = made.ask("phone_numbers_store.reserve_numbers", 201, country=country, type_=kind).token
    bought = made.ask("phone_numbers_store.buy_phone_numbers", 200, token).items[0].e164

    assert made.ask("phone_numbers.get_phone_number", 200, bought).country == country
    assert made.ask("phone_numbers.search_phone_numbers", contains=bought, detached=True).total == 1
    made.ask("phone_numbers.remove_phone_number_from_your_account", 204, bought)


def test_a_message_is_sent_and_found(made: Maker) -> None:
    text = made.model("SMSText", text="Hello world!")
    sid = made.ask("sms.send_sms", 201, body=text, to="+33639980001").sid

    assert made.ask("sms.get_sms", 200, sid).body.text == "Hello world!"
    assert made.ask("sms.search_sms", to="+33639980001", contains="world").total == 1


def test_recordings_are_searched_and_marked_in_bulk(made: Maker) -> None:
    assert made.ask("recordings.search_recordings", read=False).total == 0
    task = made.ask("recordings.update_recordings", 202, body=made.model("RecordingUpdate", read=True))

    assert made.ask("tasks.get_task", 200, task).percent >= 0
    made.ask("recordings.get_recording", 404, "callrsid")


def test_a_webhook_is_made_disabled_and_removed(made: Maker) -> None:
    kind = made.models.WebhookType.V2_NUMBER_ASSIGNED
    body = made.model("WebhookInput", endpoint="https://example.com")
    sid = made.ask("webhooks.create_webhook", 201, body=body, type_=kind).sid
    change = made.model("WebhookUpdate", status=made.models.WebhookStatusUpdate.DISABLED)

    assert made.ask("webhooks.update_webhook", 200, sid, body=change).status == "disabled"
    assert made.ask("webhooks.search_webhooks", type_=kind).total == 1
    assert made.ask("webhooks.search_webhook_logs").total == 0
    made.ask("webhooks.delete_webhook", 204, sid)
