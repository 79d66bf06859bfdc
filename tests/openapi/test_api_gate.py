"""The API of a server answers many requests as its document says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.api_gate import RANDOM, hold, unlimited
from tests.contract.api_world import api_world

pytestmark = pytest.mark.full


@RANDOM
def test_hundreds_of_requests_are_answered_as_the_document_says(tmp_path: Path) -> None:
    with api_world(tmp_path) as world:
        hold(world, world.app(unlimited()), examples=60)
