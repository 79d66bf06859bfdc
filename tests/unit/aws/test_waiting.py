"""Waiting uses the clock that is passed in, is bounded by the table of refusals, and is not silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.names import Address
from gitbot.model.schema import Route
from gitbot.providers.aws.final_refusals import NEVER, never
from gitbot.providers.aws.passing import Stage
from gitbot.providers.aws.refusals import PASSING, means, passing
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot.providers.aws.waiting import HEARTBEAT_S, eventually, patiently, wait_until

START = datetime(2030, 1, 1, tzinfo=UTC)
FAR = START + timedelta(days=9)


@dataclass
class Steps:
    """A clock that goes on by ``step_s`` each time somebody looks at it."""

    step_s: float = 3600.0
    now_is: datetime = START
    looks: list[datetime] = field(default_factory=list)

    def now(self) -> datetime:
        self.looks.append(self.now_is)
        self.now_is += timedelta(seconds=self.step_s)
        return self.looks[-1]


def operation(deadline: datetime = FAR, watch: Callable[[str], None] = print) -> Operation:
    return Operation(
        token="t",
        address=Address("thing"),
        type="AWS::X::Y",
        route=Route.NATIVE,
        properties={},
        deadline=deadline,
        watch=watch,
    )


def test_waiting_gives_up_when_the_clock_has_passed_the_deadline() -> None:
    with pytest.raises(CloudError, match="gave up waiting for it") as late:
        wait_until("it", lambda: False, operation(START + timedelta(hours=1)), Steps())
    assert late.value.code == "Timeout"


def test_a_finished_wait_needs_no_clock() -> None:
    clock = Steps()
    wait_until("it", lambda: True, operation(START - timedelta(hours=1)), clock)
    assert clock.looks == []


def test_a_long_wait_says_what_it_waits_for() -> None:
    heard: list[str] = []
    left = [3]

    def done() -> bool:
        left[0] -= 1
        return left[0] <= 0

    wait_until("it to run", done, operation(watch=heard.append), Steps(HEARTBEAT_S))
    assert heard == ["waiting for it to run"] * 2


def failing(times: int, code: str, message: str = "words", call: str = "") -> Callable[[], str]:
    left = [times]

    def work() -> str:
        if left[0]:
            left[0] -= 1
            raise CloudError(message, code=code, call=call)
        return "seen"

    return work


def tried(
    work: Callable[[], str],
    stage: Stage,
    service: str,
    heard: list[str],
    step_s: float = 1.0,
    lags: bool = True,
) -> str:
    return patiently(
        work,
        service=service,
        stage=stage,
        operation=operation(watch=heard.append),
        clock=Steps(step_s),
        lags=lambda error, within_s: lags,
    )


@pytest.mark.parametrize(
    ("service", "stage", "code", "message", "call"),
    [
        ("ec2", Stage.MAKE, "InvalidGroup.NotFound", "gone", ""),
        ("ec2", Stage.MAKE, "InvalidInstanceID.NotFound", "gone", "ec2:DescribeInstances"),
        (
            "ec2",
            Stage.CHANGE,
            "InvalidParameterValue",
            "Invalid IAM Instance Profile name",
            "ec2:AssociateIamInstanceProfile",
        ),
        ("ec2", Stage.MAKE, "InvalidParameterValue", "Instance Profile", "ec2:RunInstances"),
        ("ec2", Stage.DELETE, "DependencyViolation", "in use", "ec2:DeleteSecurityGroup"),
        ("iam", Stage.MAKE, "MalformedPolicyDocument", "Invalid principal", "iam:CreateRole"),
        ("iam", Stage.DELETE, "DeleteConflict", "detach first", "iam:DeleteRole"),
        ("s3", Stage.MAKE, "OperationAborted", "try again", "s3:CreateBucket"),
        ("s3", Stage.MAKE, "NoSuchBucket", "none", "s3:PutBucketVersioning"),
        ("s3", Stage.CHANGE, "MalformedPolicy", "Invalid principal", "s3:PutBucketPolicy"),
        ("dynamodb", Stage.CHANGE, "ResourceInUseException", "updated", "dynamodb:UpdateTable"),
        ("dynamodb", Stage.MAKE, "LimitExceededException", "10 tables", "dynamodb:CreateTable"),
        ("sqs", Stage.MAKE, "QueueDeletedRecently", "wait 60 seconds", "sqs:CreateQueue"),
        ("sns", Stage.CHANGE, "ConcurrentAccess", "again", "sns:TagResource"),
        ("efs", Stage.DELETE, "FileSystemInUse", "has mount targets", "efs:DeleteFileSystem"),
        ("efs", Stage.CHANGE, "IncorrectMountTargetState", "creating", ""),
        ("sagemaker", Stage.DELETE, "ValidationException", "Cannot update in-progress", ""),
        ("sagemaker", Stage.CHANGE, "ValidationException", "Unable to transition to", ""),
        ("sagemaker", Stage.MAKE, "ValidationException", "Could not assume role", ""),
        ("ecs", Stage.MAKE, "InvalidParameterException", "still Draining", "ecs:CreateService"),
        ("ecs", Stage.DELETE, "ClusterContainsServicesException", "active", "ecs:DeleteCluster"),
        (
            "eks",
            Stage.MAKE,
            "InvalidParameterException",
            "roleArn, arn:aws:iam::1:role/a, does not exist",
            "eks:CreateCluster",
        ),
        ("eks", Stage.CHANGE, "ResourceInUseException", "has update 1 in progress", ""),
        ("eks", Stage.CHANGE, "ResourceInUseException", "currently not in Active State", ""),
        (
            "eks",
            Stage.MAKE,
            "InvalidRequestException",
            "not in ACTIVE status",
            "eks:CreateNodegroup",
        ),
        ("batch", Stage.DELETE, "ClientException", "resource is being modified", ""),
        ("batch", Stage.DELETE, "ClientException", "existing JobQueue relationship", ""),
        ("elasticloadbalancingv2", Stage.DELETE, "ResourceInUse", "by a listener", ""),
        ("elasticloadbalancingv2", Stage.CHANGE, "PriorityInUse", "in use", ""),
        ("apigatewayv2", Stage.DELETE, "ConflictException", "due to concurrent modification", ""),
        (
            *("apigatewayv2", Stage.DELETE, "ConflictException"),
            *("it is referenced by the following Routes", "apigatewayv2:DeleteIntegration"),
        ),
    ],
)
def test_what_passes_by_itself_is_tried_again_and_told(
    service: str, stage: Stage, code: str, message: str, call: str
) -> None:
    """The kind: a refusal of AWS that is only early is no failure."""
    heard: list[str] = []
    assert tried(failing(2, code, message, call), stage, service, heard) == "seen"
    row = passing(service, CloudError(message, code=code, call=call), stage)
    assert row is not None
    with pytest.raises(CloudError, match="gitbot tried it again") as last:
        tried(failing(99, code, message, call), stage, service, heard, row.within_s / 3)
    assert (last.value.code, last.value.call) == (code, call)
    assert all(message in text and row.why in text for text in heard)


def test_each_table_of_what_passes_is_for_a_service_of_types() -> None:
    """The kind: a table by another name of the service, which nothing ever finds."""
    services = {name.split("::")[1].lower() for name in NATIVE_TYPES}
    assert PASSING.keys() - services == {"cloudcontrol"}


@pytest.mark.parametrize(
    ("service", "stage", "code", "message", "call"),
    [
        ("ec2", Stage.DELETE, "InvalidGroup.NotFound", "gone", ""),
        ("ec2", Stage.CHANGE, "InvalidInstanceID.NotFound", "gone", ""),
        ("ec2", Stage.MAKE, "InvalidParameterValue", "bad address", "ec2:RunInstances"),
        ("ec2", Stage.MAKE, "InvalidParameterValue", "Instance Profile", "ec2:CreateRoute"),
        ("ec2", Stage.DELETE, "InUse", "instance i-1", ""),
        ("ec2", Stage.CHANGE, "DependencyViolation", "in use", "ec2:ModifyVpcAttribute"),
        ("iam", Stage.MAKE, "MalformedPolicyDocument", "Syntax errors", "iam:CreateRole"),
        ("iam", Stage.CHANGE, "AccessDenied", "no", "iam:PutRolePolicy"),
        ("s3", Stage.CHANGE, "NoSuchBucket", "none", "s3:PutBucketVersioning"),
        ("sqs", Stage.MAKE, "OperationAborted", "later", "sqs:CreateQueue"),
        ("dynamodb", Stage.MAKE, "ResourceInUseException", "exists", "dynamodb:CreateTable"),
        ("efs", Stage.DELETE, "FileSystemNotFound", "gone", "efs:DeleteFileSystem"),
        ("sagemaker", Stage.CHANGE, "ValidationException", "Could not find model", ""),
        ("sagemaker", Stage.MAKE, "ValidationException", "Cannot update in-progress", ""),
        ("ecs", Stage.MAKE, "InvalidParameterException", "still Draining", "ecs:UpdateService"),
        ("batch", Stage.MAKE, "ClientException", "resource is being modified", ""),
        ("apigatewayv2", Stage.MAKE, "ConflictException", "Stage already exists", ""),
        ("eks", Stage.DELETE, "ResourceInUseException", "Cluster has nodegroups attached", ""),
        (
            "eks",
            Stage.MAKE,
            "InvalidParameterException",
            "subnet-1 does not exist",
            "eks:CreateCluster",
        ),
    ],
)
def test_what_does_not_pass_is_raised_at_once(
    service: str, stage: Stage, code: str, message: str, call: str
) -> None:
    with pytest.raises(CloudError, match=message):
        tried(failing(1, code, message, call), stage, service, [])


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("Gone", "whatever", True),
        ("Invalid", "Could not find model", True),
        ("Invalid", "Could not assume role", False),
        ("Other", "Could not find model", False),
    ],
)
def test_a_code_for_many_things_means_one_by_its_message(
    code: str, message: str, expected: bool
) -> None:
    """The kind: a refusal of bad values that is taken for an object that is gone."""
    codes = {"Gone", "Invalid: Could not find", "Invalid: does not exist"}
    assert means(CloudError(message, code=code), codes) is expected


def test_nothing_both_passes_and_never_passes() -> None:
    for service, codes in NEVER.items():
        for code in codes:
            assert never(service, code)
            assert not any(code in row.codes for row in PASSING[service])


@pytest.mark.parametrize(("codes", "deadline"), [({"Other"}, FAR), ({"NotYet"}, START)])
def test_what_is_in_the_way_is_not_waited_for_when_it_is_another_refusal_or_too_late(
    codes: set[str], deadline: datetime
) -> None:
    assert (
        eventually(failing(2, "NotYet"), codes={"NotYet"}, operation=operation(), clock=Steps(1.0))
        == "seen"
    )
    with pytest.raises(CloudError, match="words"):
        eventually(
            failing(1, "NotYet"), codes=codes, operation=operation(deadline), clock=Steps(1.0)
        )


@pytest.mark.parametrize(
    ("service", "code", "message"),
    [
        ("codebuild", "InvalidInputException", "Not authorized to perform DescribeSubnets"),
        ("lambda", "InvalidParameterValueException", "The role cannot be assumed by Lambda."),
        ("iam", "MalformedPolicyDocument", "Invalid principal in policy"),
    ],
)
def test_where_nothing_of_iam_is_new_a_refusal_is_told_at_once(
    service: str, code: str, message: str
) -> None:
    heard: list[str] = []
    with pytest.raises(CloudError, match=message) as refused:
        tried(failing(1, code, message), Stage.MAKE, service, heard, lags=False)
    assert "gitbot tried it again" not in str(refused.value)
    assert tried(failing(1, code, message), Stage.MAKE, service, heard, lags=True) == "seen"


def test_what_else_passes_by_itself_is_waited_for_whatever_iam_does() -> None:
    work = failing(1, "OperationAborted", "try again", "s3:CreateBucket")
    assert tried(work, Stage.MAKE, "s3", [], lags=False) == "seen"
