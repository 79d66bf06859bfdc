"""Share one local AWS among the tests of the folder, and empty it before each test."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

import pytest

from gitbot.providers.aws.api_models import API_MODELS
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.faults import S3_ACTIONS
from gitbot.providers.aws.foretelling.questions import rights_for
from gitbot.providers.aws.permissions import COMMANDS, MEASURES, PARAMETERS, TRAIL
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.aws.calls import Call
from tests.contract.aws.lives import Lives
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
def world(shared_world: AwsWorld) -> Iterator[AwsWorld]:
    """An empty cloud. Afterwards, every call must be one that `gitbot permissions` allows."""
    shared_world.reset()
    yield shared_world
    _check_permissions(shared_world)


@pytest.fixture(scope="module")
def lives(shared_world: AwsWorld) -> Iterator[Lives]:
    """One cloud for the rows of a module. Afterwards, its calls must be allowed too."""
    shared_world.reset()
    yield Lives(shared_world)
    _check_permissions(shared_world)


_OF_CODE = "s3:GetObject"
"""On buckets with code or definitions alone, which only people can name: see docs/troubles.md."""


def _check_permissions(world: AwsWorld) -> None:
    actions = {_action(call) for call in world.aws.calls if call.service != "sts"}
    rights = [one.declaration.rights for one in NATIVE_TYPES.values()]
    asked_for = {right for one in rights for right in (*one.reads, *one.writes)}
    asked_for |= {*TRAIL, *MEASURES, *COMMANDS, *PARAMETERS, *rights_for(NATIVE_TYPES), _OF_CODE}
    missing = {
        action
        for action in actions
        if not any(fnmatch.fnmatchcase(action.lower(), right.lower()) for right in asked_for)
    }
    assert not missing, f"add {sorted(missing)} to the rights of the types"


def _action(call: Call) -> str:
    """The right that IAM asks for this call."""
    if call.service in ("s3", "s3control"):
        return f"s3:{S3_ACTIONS.get(call.operation, call.operation)}"
    if call.service == "apigateway":
        known = API_MODELS.load_service_model("apigatewayv2", "service-2")["operations"]
        told = known.get(call.operation)  # else the call is named by its method and path
        return f"apigateway:{told['http']['method'] if told else call.operation.split()[0]}"
    # Calls are signed for other names than IAM knows the services by.
    service = {"monitoring": "cloudwatch", "tagging": "tag"}.get(call.service, call.service)
    return f"{service}:{call.operation}"
