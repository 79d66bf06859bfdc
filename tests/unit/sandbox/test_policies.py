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


def test_an_operator_that_is_not_known_here_is_never_passed_over() -> None:
    with pytest.raises(NotImplementedError, match="Bool"):
        decide([when("Bool", "true")], Request(action="s3:CreateBucket", context=HERE))
