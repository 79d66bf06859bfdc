"""Know which of AWS's refusals pass by themselves, and for how long. Pure.

One table for each service. A refusal that is in no table is final.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from gitbot.errors import CloudError
from gitbot.providers.aws.cloud_control.passing import CLOUD_CONTROL
from gitbot.providers.aws.compute_passing import (
    AUTO_SCALING,
    LAMBDA,
    LOAD_BALANCING,
    SAGEMAKER,
    STEP_FUNCTIONS,
)
from gitbot.providers.aws.container_passing import BATCH, ECS, EKS
from gitbot.providers.aws.data_passing import DYNAMODB, EFS, KINESIS, RDS, SNS, SQS
from gitbot.providers.aws.delivery_passing import CODEBUILD, CODEPIPELINE
from gitbot.providers.aws.ec2_codes import EC2_BUSY, EC2_LAG
from gitbot.providers.aws.gateway_passing import API_GATEWAY
from gitbot.providers.aws.naming_passing import CERTIFICATES, ROUTE53
from gitbot.providers.aws.passing import PRINCIPAL_LAG, Passing, Stage

PASSING: Mapping[str, tuple[Passing, ...]] = {
    "apigatewayv2": API_GATEWAY,
    "autoscaling": AUTO_SCALING,
    "cloudcontrol": CLOUD_CONTROL,
    "ec2": (
        Passing(
            codes=EC2_LAG,
            why="EC2 does not know an object yet that was just made",
            within_s=30.0,
        ),
        Passing(
            codes=frozenset({"InvalidInstanceID.NotFound"}),
            why="EC2 does not list the new instance yet",
            within_s=60.0,
            stages=frozenset({Stage.MAKE}),
        ),
        Passing(
            codes=frozenset({"InvalidParameterValue"}),
            calls=(
                "RunInstances",
                "AssociateIamInstanceProfile",
                "ReplaceIamInstanceProfileAssociation",
            ),
            containing="nstance Profile",
            why="EC2 does not know the instance profile yet",
            within_s=90.0,
        ),
        Passing(
            codes=frozenset({"InvalidParameterValue"}),
            calls=("CreateRoute", "ReplaceRoute"),
            containing="belong to different networks",
            why="the gateway is not attached to the network yet",
            within_s=30.0,
        ),
        Passing(
            codes=frozenset({"IncorrectInstanceState"}),
            calls=("StartInstances", "StopInstances", "*IamInstanceProfile*"),
            why="the instance is still changing its state",
            within_s=120.0,
        ),
        Passing(
            codes=frozenset({"IncorrectState"}),
            calls=("AttachVolume",),
            why="the machine or the volume is not ready yet",
            within_s=120.0,
        ),
        Passing(
            codes=frozenset({"IncorrectModificationState"}),
            calls=("ModifyVolume",),
            why="an earlier change of the volume is still under way",
            within_s=600.0,
        ),
        Passing(
            codes=frozenset({"SnapshotCreationPerVolumeRateExceeded"}),
            stages=frozenset({Stage.DELETE}),
            why="AWS makes one snapshot of a volume in 15 seconds",
            within_s=60.0,
        ),
        Passing(
            codes=EC2_BUSY,
            stages=frozenset({Stage.DELETE}),
            why="something that used it is not quite gone: network interfaces take minutes",
            within_s=600.0,
        ),
        Passing(
            codes=frozenset({"InvalidParameterValue"}),
            stages=frozenset({Stage.DELETE}),
            calls=("DeleteNetworkInterface",),
            containing="currently in use",
            why="what had the network interface is not quite gone",
            within_s=600.0,
        ),
        Passing(
            codes=frozenset({"InvalidParameter"}),
            calls=("CreateFlowLogs",),
            containing="assume given IAM role",
            why=PRINCIPAL_LAG,
            within_s=30.0,
        ),
        Passing(
            codes=frozenset({"AuthFailure"}),
            stages=frozenset({Stage.DELETE}),
            calls=("ReleaseAddress",),
            containing="the specified resource",
            why="the NAT gateway that had the address is not quite gone",
            within_s=600.0,
        ),
    ),
    "iam": (
        Passing(
            codes=frozenset({"NoSuchEntity"}),
            why="IAM does not know an object yet that was just made",
            within_s=30.0,
        ),
        Passing(
            codes=frozenset({"ConcurrentModification", "EntityTemporarilyUnmodifiable"}),
            stages=frozenset(Stage),
            why="IAM is still busy with an earlier change",
            within_s=30.0,
        ),
        Passing(
            codes=frozenset({"MalformedPolicyDocument"}),
            containing="rincipal",
            why=PRINCIPAL_LAG,
            within_s=30.0,
        ),
        Passing(
            codes=frozenset({"DeleteConflict"}),
            stages=frozenset({Stage.DELETE}),
            why="IAM still sees what was taken off the object",
            within_s=20.0,
        ),
    ),
    "elasticloadbalancingv2": LOAD_BALANCING,
    "lambda": LAMBDA,
    "batch": BATCH,
    "certificatemanager": CERTIFICATES,
    "codebuild": CODEBUILD,
    "codepipeline": CODEPIPELINE,
    "dynamodb": DYNAMODB,
    "ecs": ECS,
    "efs": EFS,
    "eks": EKS,
    "kinesis": KINESIS,
    "rds": RDS,
    "route53": ROUTE53,
    "sns": SNS,
    "sqs": SQS,
    "sagemaker": SAGEMAKER,
    "stepfunctions": STEP_FUNCTIONS,
    "s3": (
        Passing(
            codes=frozenset({"OperationAborted"}),
            stages=frozenset(Stage),
            why="S3 is still busy with an earlier call for this bucket name",
            within_s=120.0,
        ),
        Passing(
            codes=frozenset({"NoSuchBucket"}),
            stages=frozenset({Stage.MAKE}),
            why="S3 does not know the new bucket yet",
            within_s=90.0,
        ),
        Passing(
            codes=frozenset({"InvalidBucketState"}),
            containing="replication configuration is present",
            why="S3 still sees the replication that has just ended",
            within_s=60.0,
        ),
        Passing(
            codes=frozenset({"MalformedPolicy"}),
            containing="rincipal",
            why=PRINCIPAL_LAG,
            within_s=30.0,
        ),
    ),
}
"""By the service in names of types, in small letters. The first row that covers a refusal counts."""

DENIALS = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"}
)
"""The codes for a right that the role lacks."""
_NAMED_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]{1,40}:[A-Za-z]{1,80})")


def named_right(message: str) -> str:
    """AWS's own name for the missing action, in code marks; empty where the text has none."""
    named = _NAMED_ACTION.search(message)
    return f"`{named[1]}`" if named is not None else ""


IN_USE = "InUse"
"""Our code for a deletion that something prevents which does not go away by itself."""


def in_use(what: str, users: Sequence[str], error: CloudError | None = None) -> CloudError:
    """The error for an object that is not deleted because it is in use.

    Waiting does not help against ``users``. Without any, ``error`` is the refusal, which may be in the table.
    """
    if users:
        more = f" and {len(users) - 5} more" if len(users) > 5 else ""
        who = f"{', '.join(users[:5])}{more} would have to go first"
        code, call = IN_USE, ""
    else:
        assert error is not None
        who, code, call = str(error).rstrip("."), error.code, error.call
    return CloudError(
        f"{what} is still in use and was left as it is: {who}. Remove what uses it and apply again.",
        code=code,
        call=call,
    )


def means(error: CloudError, codes: Collection[str]) -> bool:
    """Whether the refusal has one of the codes.

    Where a service gives one code for many things, a part of its message follows the code:
    ``ValidationException: already exist``.
    """
    for code, _, containing in (one.partition(": ") for one in codes):
        if error.code == code and containing in str(error):
            return True
    return False


def passing(service: str, error: CloudError, stage: Stage) -> Passing | None:
    """The row that covers the refusal; None when it does not pass by itself."""
    return next((row for row in PASSING.get(service, ()) if row.covers(error, stage)), None)
