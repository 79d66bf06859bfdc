"""A policy that AWS would not take as one is refused when the spec is loaded.

The kind: a document that is any JSON to the registry, and that IAM refuses in the apply.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitbot.language.policy_keyword import misfit_of, of_another_bucket
from gitbot.model.values import Unknown
from tests.unit.language.test_aws_specs import load

OPEN = Unknown(template="${a.Arn}", references={})
MAY: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TAKES: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}


def policy(*statements: Any, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def without(statement: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key not in names}


@pytest.mark.parametrize(
    ("document", "kind", "says"),
    [
        ('{"Statement": [', "identity", "is no JSON text: Expecting value: line 1"),
        ("[]", "identity", "must be a map"),
        ('"text"', "trust", "must be a map"),
        ([MAY], "identity", "must be a map"),
        ({}, "identity", "has no Statement"),
        ('{"Version": "2012-10-17"}', "resource", "has no Statement"),
        (policy(), "trust", "has no Statement"),
        (policy(), "identity", "has no Statement"),
        (policy(MAY, Version="2012-10-18"), "identity", "has Version 2012-10-18: write"),
        (policy("Allow"), "identity", "that is no map"),
        (policy(without(MAY, "Effect")), "identity", "without Effect"),
        (policy({**MAY, "Effect": "allow"}), "identity", "with Effect allow: write Allow or Deny"),
        ({"Statement": {**MAY, "Effect": "Permit"}}, "identity", "with Effect Permit"),
        (policy(without(MAY, "Action")), "identity", "without Action"),
        (policy(without(MAY, "Resource")), "identity", "without Resource"),
        (policy({**MAY, "Principal": "*"}), "identity", "with Principal, which only"),
        (policy({**MAY, "NotPrincipal": "*"}), "identity", "with NotPrincipal, which only"),
        (policy(MAY), "resource", "without Principal"),
        (policy(without(MAY, "Resource")), "trust", "without Principal"),
        (policy({**TAKES, "Resource": "*"}), "trust", "with Resource: who may take a role"),
        (policy(MAY, without(MAY, "Effect")), "identity", "without Effect"),
        (
            policy({**MAY, "Action": "s3GetObject"}),
            "identity",
            "with the Action s3GetObject: write",
        ),
        (policy({**TAKES, "Action": ["sts:AssumeRole", "x"]}), "trust", "with the Action x: write"),
        (policy({**MAY, "Action": ["s3:*", "ls"], "Principal": "*"}), "resource", "the Action ls"),
        (policy({**TAKES, "Action": "s3:GetObject"}), "trust", "is said with sts:AssumeRole"),
        (
            policy({**MAY, "Resource": "my-bucket"}),
            "identity",
            "with the Resource my-bucket: write",
        ),
        (policy({**MAY, "Resource": ["*", "s3://a"]}), "identity", "with the Resource s3://a"),
        (policy({**MAY, "Resource": "a/*", "Principal": "*"}), "bucket", "with the Resource a/*"),
        (policy(), "bucket", "has no Statement"),
        (policy(), "resource", "has no Statement"),
        ('{"Statement": []}', "resource", "has no Statement"),
        (policy(), "emptyable", None),
        (policy({**MAY, "Foo": 1}), "identity", "with Foo, which is no part of one"),
        (policy({**MAY, "Principal": "*", "Conditions": {}}), "resource", "with Conditions, which"),
        (
            policy({**MAY, "Condition": {"StringEqual": {"a": "b"}}}),
            "identity",
            "with the Condition StringEqual, which is no operator",
        ),
        (
            policy({**TAKES, "Condition": {"ForAnyValues:StringLike": {"a": "b"}}}),
            "trust",
            "with the Condition ForAnyValues:StringLike",
        ),
        *(
            (policy({**MAY, "Sid": "a", "Condition": {one: {"a:b": "c"}}}), "identity", None)
            for one in (
                *("StringEqualsIfExists", "ForAllValues:StringLike", "ForAnyValue:ArnLikeIfExists"),
                *("Null", "bool", "NumericLessThanEquals", "DateGreaterThan", "NotIpAddress"),
            )
        ),
        (policy({**MAY, "Condition": {"StringEqual": {}}}), "identity", None),
        (policy({**MAY, "Condition": OPEN}), "identity", None),
        (
            policy({**MAY, "Action": "*", "Resource": ["arn:aws:s3:::a*/${aws:username}", OPEN]}),
            "identity",
            None,
        ),
        (policy({**MAY, "Action": [OPEN, "s3:Get*"], "Resource": "*"}), "identity", None),
        (policy({**MAY, "Resource": "queue", "Principal": "*"}), "resource", None),
        (policy({**TAKES, "Action": ["sts:AssumeRole", "STS:TagSession"]}), "trust", None),
        (policy({**TAKES, "Action": ["*", "sts:*"]}), "trust", None),
        (policy(MAY), "identity", None),
        ({"Statement": MAY}, "identity", None),
        (
            '{"Statement": {"Effect": "Deny", "NotAction": "*", "NotResource": "*"}}',
            "identity",
            None,
        ),
        (policy(MAY, Version="2008-10-17", Id="x"), "identity", None),
        (policy({**TAKES, "Principal": {"Service": "lambda"}}), "trust", "with the Service lambda"),
        (
            policy({**MAY, "Principal": {"Service": ["s3.amazonaws.com", "sns"]}}),
            "resource",
            "with the Service sns: write sns.amazonaws.com",
        ),
        (policy({**TAKES, "Principal": {"Service": "x.eu-west-1.amazonaws.com"}}), "trust", None),
        (policy(TAKES), "trust", None),
        (policy({**TAKES, "Principal": {"Service": OPEN}}), "trust", None),
        (policy({**MAY, "Principal": "*"}), "resource", None),
        (policy(without({**MAY, "NotPrincipal": "*"}, "Resource")), "resource", None),
        (OPEN, "identity", None),
        ({"Statement": OPEN}, "identity", None),
        (policy(OPEN, Version=OPEN), "trust", None),
        (policy({"Effect": OPEN, "Action": OPEN, "Resource": OPEN}), "identity", None),
    ],
)
def test_a_document_that_aws_takes_for_no_policy(
    document: Any, kind: str, says: str | None
) -> None:
    found = misfit_of(document, kind)
    if says is None:
        assert found is None
    else:
        assert found is not None
        assert says in found


@pytest.mark.parametrize("statements", ["{Statement: []}", '{"Statement": []}'])
@pytest.mark.parametrize(
    ("thing", "fits"),
    [
        ("AWS::ECR::Repository, properties: {RepositoryPolicyText: %s}", False),
        ("AWS::ECR::RegistryPolicy, properties: {PolicyText: %s}", False),
        ("AWS::KMS::Key, properties: {KeyPolicy: %s}", False),
        ("AWS::KMS::ReplicaKey, properties: {PrimaryKeyArn: a, KeyPolicy: %s}", False),
        ("AWS::SNS::TopicInlinePolicy, properties: {TopicArn: t, PolicyDocument: %s}", False),
        ("AWS::SQS::QueueInlinePolicy, properties: {Queue: q, PolicyDocument: %s}", False),
        ("AWS::SageMaker::ModelPackageGroup, properties: {ModelPackageGroupPolicy: %s}", True),
        ("AWS::S3::BucketPolicy, properties: {Bucket: a-bucket, PolicyDocument: %s}", False),
        ("AWS::SNS::TopicPolicy, properties: {Topics: [t], PolicyDocument: %s}", False),
        ("AWS::SQS::QueuePolicy, properties: {Queues: [q], PolicyDocument: %s}", False),
        ("AWS::EFS::FileSystem, properties: {FileSystemPolicy: %s}", True),
    ],
)
def test_a_policy_with_no_statement_is_refused_where_aws_refuses_it(
    thing: str, statements: str, fits: bool
) -> None:
    found = [one.detail for one in load(f"r: {{type: {thing % statements}}}\n").diagnostics]
    assert any("has no Statement" in one for one in found) is not fits


@pytest.mark.parametrize(
    ("bucket", "resource", "fits"),
    [
        ("a-b", "arn:aws:s3:::a-b", True),
        ("a-b", ["arn:aws-cn:s3:::a-b/*", "arn:aws:s3:::a-b/x/${aws:username}"], True),
        ("a-b", "arn:aws:s3:::a*", True),
        ("a-b", "*", True),
        ("a-b", OPEN, True),
        (OPEN, "arn:aws:s3:::a-b", True),
        ("a-b", "arn:aws:s3:us-east-1:123456789012:accesspoint/x", True),
        ("a-b", "arn:aws:s3:::a-c", False),
        ("a-b", [OPEN, "arn:aws:s3:::a-b", "arn:aws:s3:::a-c/*"], False),
    ],
)
def test_the_policy_of_a_bucket_is_about_that_bucket(
    bucket: Any, resource: Any, fits: bool
) -> None:
    document = policy({**MAY, "Principal": "*", "Resource": resource})
    found = of_another_bucket({"Bucket": bucket, "PolicyDocument": document})
    assert (found is None) == fits
    assert fits or "and a Statement has the Resource arn:aws:s3:::a-c" in str(found)


@pytest.mark.parametrize(
    ("resource", "fits"),
    [
        ("${a.Arn}", True),
        ("${a.Arn}/*", True),
        ("arn:aws:s3:::${b.BucketName}/*", True),  # may have the name of the other one
        ("${b.Arn}", False),
        ("${b.Arn}/x/*", False),
    ],
)
def test_buckets_without_names_are_told_apart_by_their_resources(resource: str, fits: bool) -> None:
    buckets = "a: {type: AWS::S3::Bucket}\nb: {type: AWS::S3::Bucket}\n"
    statement = {**MAY, "Principal": "*", "Resource": [resource]}
    properties = {"Bucket": "${a.BucketName}", "PolicyDocument": policy(statement)}
    resources = json.dumps({"type": "AWS::S3::BucketPolicy", "properties": properties})
    found = [one.detail for one in load(f"{buckets}p: {resources}\n").diagnostics]
    assert (found == []) == fits
    assert fits or f"has the Resource {resource}." in found[0]


def test_another_bucket_and_a_wrong_word_are_diagnostics_of_the_spec() -> None:
    named = (("a-bucket-of-mine", "*"), ("other-bucket", "*"), ("a-bucket-of-mine", "s3GetObject"))
    found = []
    for resource, action in named:
        statement = {**MAY, "Principal": "*", "Resource": f"arn:aws:s3:::{resource}"}
        document = policy({**statement, "Action": action})
        properties = {"Bucket": "a-bucket-of-mine", "PolicyDocument": document}
        resources = json.dumps({"type": "AWS::S3::BucketPolicy", "properties": properties})
        found.append([one.detail for one in load(f"p: {resources}\n").diagnostics])
    assert found[0] == []
    assert "is for the bucket a-bucket-of-mine, and a Statement has the Resource" in found[1][0]
    assert "has a Statement with the Action s3GetObject" in found[2][0]
