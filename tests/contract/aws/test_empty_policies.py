"""The local AWS refuses a policy with no statement where AWS does."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.world import AwsWorld

EMPTY = '{"Version": "2012-10-17", "Statement": []}'


def _ecr(world: AwsWorld) -> Any:
    ecr = world.aws.client("ecr")
    ecr.create_repository(repositoryName="empty")
    return ecr.set_repository_policy(repositoryName="empty", policyText=EMPTY)


def _iam(world: AwsWorld) -> Any:
    return world.aws.client("iam").create_role(RoleName="empty", AssumeRolePolicyDocument=EMPTY)


def _kms(world: AwsWorld) -> Any:
    return world.aws.client("kms").create_key(Policy=EMPTY)


def _kms_later(world: AwsWorld) -> Any:
    kms = world.aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    return kms.put_key_policy(KeyId=key, PolicyName="default", Policy=EMPTY)


def _s3(world: AwsWorld) -> Any:
    s3 = world.aws.client("s3")
    s3.create_bucket(Bucket="a-bucket-with-no-rights")
    return s3.put_bucket_policy(Bucket="a-bucket-with-no-rights", Policy=EMPTY)


def _sns(world: AwsWorld) -> Any:
    sns = world.aws.client("sns")
    arn = sns.create_topic(Name="empty")["TopicArn"]
    return sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=EMPTY)


def _sqs(world: AwsWorld) -> Any:
    return world.aws.client("sqs").create_queue(QueueName="empty", Attributes={"Policy": EMPTY})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (_ecr, "InvalidParameterException"),
        (_iam, "MalformedPolicyDocument"),
        (_kms, "MalformedPolicyDocumentException"),
        (_kms_later, "MalformedPolicyDocumentException"),
        (_s3, "MalformedPolicy"),
        (_sns, "InvalidParameter"),
        (_sqs, "InvalidAttributeValue"),
    ],
)
def test_a_policy_with_no_statement_is_refused(world: AwsWorld, given: Any, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        given(world)
    assert refused.value.response["Error"]["Code"] == code
