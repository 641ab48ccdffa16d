"""When the garbage collector works: not while one large request is answered."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 1_000_000
"""Above so many bytes a request brings so many things that walking over them takes as long as making them."""


@contextmanager
def collecting_later(size: int) -> Iterator[None]:
    """Let the collector rest while a request of that many bytes is answered.

    What such a request brings is kept, or is freed without a collector as soon as nobody holds it.
    Nothing is lost when several threads do so at a time: the first that ends wakes the collector.
    """
    rests = size > LARGE and gc.isenabled()
    if rests:
        gc.disable()
    try:
        yield
    finally:
        if rests:
            gc.enable()
