"""The local AWS decides about rights as IAM does."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot_sandbox.aws.policies import Decision, Request, decide

ALLOWED, DENIED, NOT_ALLOWED = Decision
HERE = {"aws:RequestedRegion": "us-east-1"}


def policy(**statement: Any) -> dict[str, Any]:
    return {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", **statement}}


def when(operator: str, *values: str, key: str = "aws:RequestedRegion") -> dict[str, Any]:
    return policy(Condition={operator: {key: list(values)}})


@pytest.mark.parametrize(
    ("documents", "decision"),
    [
        ([], NOT_ALLOWED),
        ([policy()], ALLOWED),
        ([policy(Action="S3:create*")], ALLOWED),
        ([policy(Action=["s3:Get*", "ec2:*"])], NOT_ALLOWED),
        ([policy(NotAction="iam:*")], ALLOWED),
        ([policy(NotAction="s3:*")], NOT_ALLOWED),
        ([policy(Resource="arn:aws:s3:::ml-*")], ALLOWED),
        ([policy(Resource="arn:aws:s3:::other")], NOT_ALLOWED),
        ([policy(NotResource="arn:aws:s3:::other")], ALLOWED),
        ([policy(), policy(Effect="Deny", Action="s3:CreateBucket")], DENIED),
        ([policy(Effect="Deny", Action="s3:DeleteBucket"), policy()], ALLOWED),
        ([when("StringEquals", "eu-west-1", "us-east-1")], ALLOWED),
        ([when("StringEquals", "eu-west-1")], NOT_ALLOWED),
        ([when("StringNotEquals", "eu-west-1")], ALLOWED),
        ([when("StringLike", "us-*", key="AWS:requestedregion")], ALLOWED),
        ([when("StringEquals", "x", key="iam:PassedToService")], NOT_ALLOWED),
        ([when("StringEqualsIfExists", "x", key="iam:PassedToService")], ALLOWED),
        ([when("StringNotEquals", "x", key="aws:SourceVpc")], ALLOWED),
        ([when("StringNotLike", "us-*")], NOT_ALLOWED),
        ([policy(Resource="arn:aws:s3:::ml-dat[a]")], NOT_ALLOWED),
    ],
)
def test_policies_decide_together(documents: list[dict[str, Any]], decision: Decision) -> None:
    request = Request(action="s3:CreateBucket", resource="arn:aws:s3:::ml-data", context=HERE)
    assert decide(documents, request) is decision


KNOWN = {
    "aws:SecureTransport": "true",
    "aws:CurrentTime": "2026-11-29T18:00:00Z",
    "aws:SourceIp": "203.0.113.5",
    "s3:max-keys": "10",
    "aws:PrincipalTag/team": "ML",
}


@pytest.mark.parametrize(
    ("operator", "key", "value", "holds"),
    [
        ("Bool", "aws:SecureTransport", "True", True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("Bool", "aws:MultiFactorAuthPresent", "true", False),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "true", True),
        ("Null", "aws:MultiFactorAuthPresent", "true", True),
        ("Null", "aws:SourceIp", "true", False),
        ("NumericLessThanEquals", "s3:max-keys", "10", True),
        ("NumericGreaterThan", "s3:max-keys", "9.5", True),
        ("NumericNotEquals", "s3:max-keys", "10.0", False),
        ("DateLessThan", "aws:CurrentTime", "2026-11-29T20:00:00+01:00", True),
        ("DateGreaterThanEquals", "aws:CurrentTime", "2026-11-29T18:00:01Z", False),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", True),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.5", False),
        ("StringEqualsIgnoreCase", "aws:PrincipalTag/team", "ml", True),
        ("StringNotEqualsIgnoreCase", "aws:PrincipalTag/team", "ml", False),
        ("ForAnyValue:StringLike", "aws:TagKeys", "*", False),
        ("ForAllValues:StringLike", "aws:TagKeys", "owner", True),
        ("ForAnyValue:StringEquals", "aws:PrincipalTag/team", "ML", True),
    ],
)
def test_every_kind_of_condition_is_compared_as_its_kind(
    operator: str, key: str, value: str, holds: bool
) -> None:
    decided = decide([when(operator, value, key=key)], Request(action="s3:Get", context=KNOWN))
    assert (decided is ALLOWED) == holds
