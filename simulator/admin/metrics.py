"""What a monitor wants to know, in the text format of Prometheus; and whether we live and are ready."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from flask import Response

from simulator.admin.context import AdminContext
from simulator.engine.sandbox import Sandbox
from simulator.engine.worlds import Worlds

TEXT = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]
Counts = Counter[tuple[str, ...]]


def show_metrics(context: AdminContext) -> Response:
    """Return all figures of a simulator; those of a world that begins again begin again."""
    worlds = context.worlds
    lines = [*_process(worlds), *_traffic(worlds), *_latency(worlds), ""]
    return Response("\n".join(lines), content_type=TEXT)


def _process(worlds: Worlds) -> Iterator[str]:
    yield from _family("worlds", "gauge", "Open worlds.", [({}, len(worlds))])
    memory = worlds.memory.counts()["memory"]
    yield from _family("memory_bytes", "gauge", "What all worlds remember, by estimate.", [({}, memory)])
    if worlds.survival is not None:
        file = worlds.survival.file
        yield from _family("state_bytes", "gauge", "What the state file holds.", [({}, file.size())])
        yield from _family("state_allowed_bytes", "gauge", "How much it may.", [({}, file.megabytes << 20)])
    yield from _family("bugs_total", "counter", "Failures of the simulator itself.", [({}, len(worlds.bugs))])


_COUNTED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("requests_total", "counter", "Requests.", ("world", "vendor", "operation", "status")),
    ("refusals_total", "counter", "Refused requests.", ("world", "vendor", "operation")),
    ("findings", "gauge", "Breaches that are kept.", ("world", "vendor", "operation", "code")),
    ("callbacks", "gauge", "Callbacks.", ("world", "vendor", "state")),
    ("due", "gauge", "Acts that wait for their time.", ("world",)),
)
"""What is counted of all worlds, each with its labels."""


def _traffic(worlds: Worlds) -> Iterator[str]:
    tally: dict[str, Counts] = {name: Counter() for name, *_ in _COUNTED}
    for sandbox in worlds:
        with sandbox.lock:
            _count(sandbox, tally)
    for name, kind, meaning, labels in _COUNTED:
        values = [(dict(zip(labels, key, strict=True)), times) for key, times in sorted(tally[name].items())]
        yield from _family(name, kind, meaning, values)


def _count(sandbox: Sandbox, tally: Mapping[str, Counts]) -> None:
    """Count one world; hold its lock."""
    name, recorder = sandbox.world.name, sandbox.recorder
    for vendor, operations in recorder.coverage.as_json().items():
        for operation, seen in operations.items():
            for status, times in seen["statuses"].items():
                tally["requests_total"][name, vendor, operation, str(status)] += times
            tally["refusals_total"][name, vendor, operation] += sum(seen["errors"].values())
    for exchange, violation in recorder.journal.violations():
        tally["findings"][name, exchange.vendor, exchange.operation or "", violation.code] += 1
    for delivery in sandbox.world.outbox.deliveries.values():
        tally["callbacks"][name, delivery.vendor, str(delivery.state)] += 1
    tally["due"][name,] = sandbox.world.clock.waiting


def _latency(worlds: Worlds) -> Iterator[str]:
    latency = worlds.latency
    yield "# HELP simulator_request_seconds How long answers of vendors took to make, in seconds of the host."
    yield "# TYPE simulator_request_seconds histogram"
    for bound, count in latency.below():
        yield f'simulator_request_seconds_bucket{{le="{bound:g}"}} {count}'
    yield f'simulator_request_seconds_bucket{{le="+Inf"}} {latency.count}'
    yield f"simulator_request_seconds_sum {latency.total:.6f}"
    yield f"simulator_request_seconds_count {latency.count}"


def _family(name: str, kind: str, meaning: str, values: Iterable[tuple[Labels, int]]) -> Iterator[str]:
    yield f"# HELP simulator_{name} {meaning}"
    yield f"# TYPE simulator_{name} {kind}"
    for labels, value in values:
        inside = ",".join([f'{label}="{_escaped(text)}"' for label, text in labels.items()])
        yield f"simulator_{name}{f'{{{inside}}}' if inside else ''} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
