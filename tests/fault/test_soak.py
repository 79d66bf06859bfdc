"""A short part of ``make soak``: three servers, people and faults at random, and all is right at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.postgres_server import programs
from tests.soak.soak import soak_for


@pytest.mark.full
def test_servers_that_die_at_random_lose_double_and_repeat_nothing(tmp_path: Path) -> None:
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    told: list[str] = []
    soak_for(30, tmp_path, binaries, 7, told.append)
    assert "none lost, none doubled, none applied twice" in told[-1]
