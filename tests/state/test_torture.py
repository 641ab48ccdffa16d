"""The short forms of the torture: each kind of harm once, and nothing that was acknowledged is lost."""

from __future__ import annotations

import pytest

from tests.state.torture import HARM, torture_redis, torture_sqlite

pytestmark = pytest.mark.thorough


def test_a_server_with_a_state_file_is_killed() -> None:
    history, findings = torture_sqlite(2)

    assert findings == []
    assert history.acknowledged >= 45


def test_servers_with_a_redis_and_the_redis_are_killed_cut_off_and_paused() -> None:
    history, findings = torture_redis(len(HARM))

    assert findings == []
    assert history.acknowledged >= 75
