"""What all tests share: the same generated examples in every run, however long a busy machine takes."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


def pytest_collection_finish() -> None:
    """Put ten thousand collected tests aside: who collects garbage need not look at them each time."""
    gc.collect()
    gc.freeze()
