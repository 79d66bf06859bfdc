"""Only a role or policy that is new is waited for, against a local AWS over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.new_roles import may_lag
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws
from tests.contract.aws.cases.case import made_role, trust
from tests.contract.aws.test_build_projects import PROJECT, spec_of
from tests.contract.aws.world import AwsWorld

ACCOUNT = "123456789012"
NOWHERE = f"arn:aws:iam::{ACCOUNT}:role/nowhere"
DENIED = CloudError("not authorized to perform", code="InvalidInputException")


@pytest.fixture
def fresh(local_aws: LocalAws) -> Iterator[AwsWorld]:
    """A world whose process has changed nothing of IAM's."""
    local_aws.reset()
    yield AwsWorld(local_aws, open_catalog())
    local_aws.reset()


def lags(world: AwsWorld, within_s: float = 60.0, **properties: Any) -> bool:
    operation = world.operation(PROJECT, properties)
    return may_lag(world.cloud.aws, operation, DENIED, within_s)


@pytest.mark.parametrize("role", [NOWHERE, "nowhere"])
def test_a_role_that_is_not_there_is_told_at_once_in_the_words_of_aws(
    fresh: AwsWorld, role: str
) -> None:
    began = time.monotonic()
    with pytest.raises(CloudError, match="not authorized to perform") as refused:
        fresh.create(PROJECT, spec_of(fresh, ServiceRole=role))
    assert time.monotonic() - began < 15
    assert "gitbot tried it again" not in str(refused.value)


def test_a_role_that_was_just_made_is_waited_for(fresh: AwsWorld) -> None:
    fresh.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="codebuild",
            operation="CreateProject",
            count=2,
            status=400,
            code="InvalidInputException",
            message="Not authorized to perform DescribeSubnets",
        )
    )
    assert fresh.create(PROJECT, spec_of(fresh)) == "build"


def test_what_gitbot_changed_of_iam_a_moment_ago_is_waited_for(fresh: AwsWorld) -> None:
    """Also a policy, of which IAM shows no date, and a role that IAM does not know everywhere yet."""
    assert not lags(fresh, ServiceRole=NOWHERE)
    document = trust("codebuild.amazonaws.com")
    fresh.create("AWS::IAM::Role", {"RoleName": "mine", "AssumeRolePolicyDocument": document})
    assert lags(fresh, ServiceRole=NOWHERE)
    assert not lags(fresh, within_s=0.0, ServiceRole=NOWHERE)
    fresh.reopen()
    assert lags(fresh, ServiceRole=NOWHERE), "another stack of the same process"


def test_an_old_role_is_not_waited_for_and_what_nobody_can_tell_is(fresh: AwsWorld) -> None:
    role = made_role(fresh, "codebuild.amazonaws.com")
    assert lags(fresh, ServiceRole=role)
    assert not lags(fresh, within_s=0.0, ServiceRole=role)
    assert lags(fresh, ServiceRole="arn:aws:iam::999999999999:role/theirs")
    assert lags(fresh, Name="no role at all")
    fresh.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="iam",
            operation="GetRole",
            status=403,
            code="AccessDenied",
        )
    )
    assert lags(fresh, within_s=0.0, ServiceRole=role)
