"""Share one local AWS among the tests of the folder, and empty it before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.aws import LocalAws
from tests.contract.aws.world import AwsWorld


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """moto behind its gate, over HTTP."""
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="session")
def shared_world(local_aws: LocalAws) -> AwsWorld:
    """One connection for the session: its clients are slow to build."""
    return AwsWorld(local_aws, open_catalog())


@pytest.fixture
def world(shared_world: AwsWorld) -> AwsWorld:
    """An empty cloud."""
    shared_world.aws.reset()
    return shared_world
