"""Callr's operations, one file a resource: where each lives, what it reads, and the one thing it does."""

from __future__ import annotations

from simulator.vendors.callr.routes import (
    actions,
    audio_files,
    billing,
    calls,
    end_users,
    phone_numbers,
    recordings,
    sms,
    store,
    system,
    tasks,
    webhooks,
)
from simulator.vendors.callr.routes.table import blueprint

RESOURCES = (
    *(actions, audio_files, billing, calls, end_users, phone_numbers),
    *(recordings, sms, store, system, tasks, webhooks),
)
"""The modules whose handlers the blueprint collects."""

__all__ = ["RESOURCES", "blueprint"]
