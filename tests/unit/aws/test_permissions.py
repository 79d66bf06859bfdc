"""Tests for the policies that `gitbot permissions` prints."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import partial
from typing import Any

import pytest

from gitbot.model.cloud import Purpose
from gitbot.model.lookups import LookupRule
from gitbot.model.values import Unknown
from gitbot.providers.aws import permissions
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.cloud_control.rights import rights_of
from gitbot.providers.aws.key_rights import names_key
from gitbot.providers.aws.linked_roles import LINKED
from gitbot.providers.aws.permissions import trust
from gitbot.providers.aws.policy_parts import parts
from gitbot.providers.aws.types import NATIVE_TYPES

policy = partial(permissions.policy, handlers=open_catalog().handlers)

_EVERYWHERE = ("budgets", "cloudtrail", "iam", "route53", "s3", "sts", "tag")
_READING = ("BatchGet", "Describe", "GET", "Get", "List", "Lookup", "Simulate")


def _allowed(document: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for statement in document["Statement"]:
        action = statement["Action"]
        found |= {action} if isinstance(action, str) else set(action)
    return found


@pytest.mark.parametrize("name", sorted(NATIVE_TYPES))
def test_every_type_says_what_it_reads_and_changes(name: str) -> None:
    rights = NATIVE_TYPES[name].declaration.rights
    assert rights.reads
    assert rights.writes
    assert all(one.split(":")[1].startswith(_READING) for one in rights.reads)


def test_the_role_that_plans_only_reads_and_reads_no_object_of_a_bucket() -> None:
    allowed = _allowed(policy(NATIVE_TYPES, Purpose.PLAN, region="eu-west-1"))
    assert all(one.split(":")[1].startswith(_READING) for one in allowed)
    assert "s3:GetObject" not in allowed


def test_only_the_role_that_plans_asks_who_changed_something() -> None:
    def allowed(purpose: Purpose) -> set[str]:
        return _allowed(policy(["AWS::EC2::VPC"], purpose, region="eu-west-1"))

    assert "cloudtrail:LookupEvents" in allowed(Purpose.PLAN)
    assert "cloudtrail:LookupEvents" not in allowed(Purpose.APPLY)


def test_a_policy_has_what_the_types_need_and_nothing_of_other_services() -> None:
    allowed = _allowed(policy(["AWS::S3::BucketPolicy"], Purpose.APPLY, region="eu-west-1"))
    assert {"s3:PutBucketPolicy", "s3:DeleteBucketPolicy"} <= allowed
    asking = {"iam:GetRole", "iam:SimulatePrincipalPolicy", "sts:DecodeAuthorizationMessage"}
    assert {one.split(":")[0] for one in allowed - asking} == {"s3"}
    assert asking <= allowed


@pytest.mark.parametrize("name", sorted(NATIVE_TYPES))
def test_what_lives_in_a_region_is_read_and_changed_in_that_of_the_environment_alone(
    name: str,
) -> None:
    for purpose in Purpose:
        for statement in policy([name], purpose, region="eu-west-1")["Statement"]:
            where = statement.get("Condition", {}).get("StringEquals", {})
            for action in _allowed({"Statement": [statement]}):
                anywhere = action.partition(":")[0] in _EVERYWHERE
                assert anywhere != (where.get("aws:RequestedRegion") == "eu-west-1"), action


def test_machines_are_changed_in_the_region_of_the_environment_alone() -> None:
    document = policy(["AWS::EC2::Instance"], Purpose.APPLY, region="eu-west-1")
    for statement in document["Statement"]:
        if "ec2:RunInstances" in statement["Action"]:
            assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}


@pytest.mark.parametrize(
    ("types", "services"),
    [
        pytest.param(["AWS::EC2::Instance"], ["ec2.amazonaws.com"], id="machines"),
        pytest.param(["AWS::IAM::InstanceProfile"], ["ec2.amazonaws.com"], id="profiles"),
        pytest.param(["AWS::S3::Bucket"], ["s3.amazonaws.com"], id="replication"),
        pytest.param(
            ["AWS::EC2::Instance", "AWS::S3::Bucket"],
            ["ec2.amazonaws.com", "s3.amazonaws.com"],
            id="both",
        ),
        pytest.param(["AWS::EC2::VPC", "AWS::IAM::Role"], None, id="nobody"),
    ],
)
def test_a_role_may_be_given_only_to_the_services_that_the_types_give_one_to(
    types: Collection[str], services: list[str] | None
) -> None:
    """The kind: a call that also needs iam:PassRole, which no call of its own asks for."""
    document = policy(types, Purpose.APPLY, region="eu-west-1")
    passes = [one for one in document["Statement"] if one["Action"] == "iam:PassRole"]
    conditions = [one["Condition"]["StringEquals"]["iam:PassedToService"] for one in passes]
    assert conditions == ([] if services is None else [services])
    assert "iam:PassRole" not in _allowed(policy(types, Purpose.PLAN, region="eu-west-1"))


@pytest.mark.parametrize(
    ("types", "services"),
    [
        (
            ["AWS::RDS::DBInstance", "AWS::ECS::Cluster", "AWS::ECS::Service"],
            ["ecs.amazonaws.com", "rds.amazonaws.com"],
        ),
        (["AWS::S3::Bucket"], None),
    ],
)
def test_services_may_make_the_roles_that_the_first_object_of_a_type_takes(
    types: Collection[str], services: list[str] | None
) -> None:
    """The kind: a right that an account needs once, and that no call of gitbot's own has the name of."""

    def made(purpose: Purpose) -> list[Any]:
        found = policy(types, purpose, region="eu-west-1")["Statement"]
        return [one for one in found if one["Action"] == "iam:CreateServiceLinkedRole"]

    conditions = [one["Condition"]["StringEquals"] for one in made(Purpose.APPLY)]
    assert conditions == ([] if services is None else [{"iam:AWSServiceName": services}])
    assert made(Purpose.PLAN) == []


def test_no_type_is_forgotten_of_which_the_registry_says_that_it_takes_such_a_role() -> None:
    types = open_catalog()
    action = "iam:CreateServiceLinkedRole"
    taking = {
        name
        for name in NATIVE_TYPES
        if any(action in actions for actions in types.handlers(name).values())
    }
    assert len(taking) > 5
    assert taking <= LINKED.keys()


@pytest.mark.parametrize("purpose", Purpose)
def test_the_methods_of_api_gateway_are_allowed_on_what_native_types_need(purpose: Purpose) -> None:
    """The kind: a right that reads the keys of an API's callers, because all calls have its name."""

    def on(types: Collection[str]) -> set[str]:
        found = policy(types, purpose, region="eu-west-1")["Statement"]
        statements = [one for one in found if any("apigateway:" in act for act in one["Action"])]
        resources = [one["Resource"] for one in statements]
        return {arn for one in resources for arn in ([one] if isinstance(one, str) else one)}

    start = "arn:aws:apigateway:eu-west-1::/"
    assert on(["AWS::ApiGatewayV2::Api"]) == {
        f"{start}{one}" for one in ("apis", "apis/*", "tags/*")
    }
    assert "*" in on(["AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi"])


@pytest.mark.parametrize("purpose", Purpose)
def test_no_two_statements_share_a_name(purpose: Purpose) -> None:
    document = policy(NATIVE_TYPES, purpose, region="eu-west-1")
    names = [one["Sid"] for one in document["Statement"]]
    assert len(names) == len(set(names))


def test_the_trust_policy_names_who_may_take_the_roles() -> None:
    (statement,) = trust("arn:aws:iam::123456789012:role/gitbot")["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:role/gitbot"}


def test_metrics_and_commands_are_allowed_only_where_specs_use_them() -> None:
    def more(purpose: Purpose, **uses: bool) -> set[str]:
        types = ["AWS::EC2::Instance"]
        plain = _allowed(policy(types, purpose, region="eu-west-1"))
        return _allowed(policy(types, purpose, region="eu-west-1", **uses)) - plain

    assert more(Purpose.PLAN, measures=True, commands=True) == {"cloudwatch:GetMetricData"}
    assert more(Purpose.APPLY, commands=True) == {"ssm:GetCommandInvocation", "ssm:SendCommand"}


def test_the_role_that_applies_uses_keys_only_through_the_services_whose_specs_name_one() -> None:
    types = ["AWS::EC2::Volume", "AWS::EFS::FileSystem", "AWS::SQS::Queue"]

    def of_keys(purpose: Purpose, *keyed: str) -> list[dict[str, Any]]:
        document = policy(types, purpose, region="eu-west-1", elsewhere=["us-east-1"], keyed=keyed)
        return [one for one in document["Statement"] if any("kms:" in act for act in one["Action"])]

    assert of_keys(Purpose.APPLY) == of_keys(Purpose.PLAN, *types) == []
    (found,) = of_keys(Purpose.APPLY, "AWS::EC2::Volume", "AWS::EFS::FileSystem", "AWS::ACM::Other")
    assert {"kms:CreateGrant", "kms:GenerateDataKeyWithoutPlaintext"} <= set(found["Action"])
    assert found["Condition"] == {
        "StringEquals": {
            "kms:ViaService": [
                f"{service}.{region}.amazonaws.com"
                for service in ("ec2", "elasticfilesystem")
                for region in ("eu-west-1", "us-east-1")
            ]
        }
    }


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"KmsKeyId": "${key.Arn}"}, True),
        ({"Ebs": [{"KmsKeyId": Unknown(template="${key.Arn}")}]}, True),
        ({"SSESpecification": {"KMSMasterKeyId": "1234"}}, True),
        ({"EncryptionConfig": [{"Provider": {"KeyArn": "arn:aws:kms:eu-west-1:1:key/2"}}]}, True),
        ({"EncryptionKey": "alias/own"}, True),
        ({"KmsMasterKeyId": "alias/aws/sns", "KmsDataKeyReusePeriodSeconds": 300}, False),
        ({"KmsKeyId": None, "KeyName": "a", "Tags": {"Key": "kms"}}, False),
    ],
)
def test_a_key_is_known_by_the_name_of_its_property(properties: Any, named: bool) -> None:
    assert names_key(properties) is named


@pytest.mark.parametrize("purpose", [Purpose.PLAN, Purpose.APPLY])
def test_both_roles_may_look_up_what_the_environment_lists_and_no_more(purpose: Purpose) -> None:
    rules = [
        LookupRule(type="AWS::SSM::Parameter", identifiers=("/aws/*", "/app/x"), attributes=("*",)),
        LookupRule(type="AWS::IAM::Role", identifiers=("*",), attributes=("Arn",)),
        LookupRule(type="AWS::STS::CallerIdentity", identifiers=("*",), attributes=("Account",)),
    ]
    document = policy([], purpose, region="eu-west-1", lookups=rules)
    (parameters,) = [one for one in document["Statement"] if one["Action"] == ["ssm:GetParameter"]]
    assert parameters["Resource"] == [
        "arn:aws:ssm:eu-west-1:*:parameter/app/x",
        "arn:aws:ssm:eu-west-1:*:parameter/aws/*",
    ]
    assert "iam:GetRole" in _allowed(document)
    assert not any(one.startswith(("ec2:", "kms:")) for one in _allowed(document))
    assert "ssm:GetParameter" not in _allowed(policy([], purpose, region="eu-west-1"))


def test_stacks_in_other_regions_are_allowed_there_too() -> None:
    document = policy(
        ["AWS::EC2::VPC"],
        Purpose.APPLY,
        region="us-east-1",
        elsewhere=["eu-west-1", "us-east-1"],
        secrets=["ssm:/app/key"],
    )
    text = str(document["Statement"])
    assert text.count("'aws:RequestedRegion': ['eu-west-1', 'us-east-1']") == 2
    for region in ("eu-west-1", "us-east-1"):
        assert f"arn:aws:ssm:{region}:*:parameter/app/key" in text
        assert f"ssm.{region}.amazonaws.com" in text


SHARED = "arn:aws:ssm:eu-west-1:210987654321:parameter/dev/db"


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_only_the_role_that_applies_may_open_secrets_and_only_listed_ones(
    region: str, partition: str
) -> None:
    lists = ("ssm:/dev/*", "secretsmanager:api#key", "secretsmanager:arn:x", "secretsmanager:d/*")

    def more(purpose: Purpose) -> dict[str, Any]:
        types = ["AWS::EC2::VPC"]
        plain = policy(types, purpose, region=region)["Statement"]
        found = policy(types, purpose, region=region, secrets=lists)["Statement"]
        return {one["Sid"]: one for one in found if one not in plain}

    plans, applies = more(Purpose.PLAN), more(Purpose.APPLY)
    assert _allowed({"Statement": list(plans.values())}) == {
        "ssm:DescribeParameters",
        "secretsmanager:DescribeSecret",
    }
    assert _allowed({"Statement": list(applies.values())}) == {
        "ssm:DescribeParameters",
        "ssm:GetParameter",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "kms:Decrypt",
    }
    parameters = applies["GitbotMayUseParameters"]["Resource"]
    assert parameters == [f"arn:{partition}:ssm:{region}:*:parameter/dev/*"]
    start = f"arn:{partition}:secretsmanager:{region}:*:secret:"
    secrets = [f"{start}api-??????", f"{start}d/*", "arn:x"]
    assert applies["GitbotMayUseSecrets"]["Resource"] == sorted(secrets)


def test_of_the_secrets_that_stacks_make_those_of_the_environment_may_be_opened() -> None:
    def more(purpose: Purpose) -> list[Any]:
        own = ["secretsmanager:(*)"]
        plain = policy(["AWS::EC2::VPC"], purpose, region="eu-west-1")["Statement"]
        found = policy(
            ["AWS::EC2::VPC"], purpose, region="eu-west-1", secrets=own, environment="dev"
        )
        return [one for one in found["Statement"] if one not in plain]

    assert more(Purpose.PLAN) == []
    opens, decrypts = more(Purpose.APPLY)
    assert opens["Action"] == ["secretsmanager:GetSecretValue"]
    assert opens["Condition"] == {"StringLike": {"aws:ResourceTag/gitbot:stack": "dev/*"}}
    assert opens["Resource"] == ["arn:aws:secretsmanager:eu-west-1:*:secret:*"]
    assert decrypts["Action"] == ["kms:Decrypt"]


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("ssm:/dev/*", ""),
        ("ssm:/dev/db:3", ""),
        ("secretsmanager:db:AWSPREVIOUS", ""),
        ("ssm:/dev/db:stable", "arn:aws:ssm:eu-west-1:*:parameter/dev/db"),
        (f"ssm:{SHARED}:stable", SHARED),
        (f"ssm:{SHARED}", SHARED),
    ],
)
def test_the_role_that_plans_may_ask_where_listed_labels_point(pattern: str, named: str) -> None:
    found = policy([], Purpose.PLAN, region="eu-west-1", secrets=[pattern])
    told = [one for one in found["Statement"] if "ssm:GetParameter" in one["Action"]]
    assert [one["Resource"] for one in told] == ([[named]] if named else [])
    opens = policy([], Purpose.APPLY, region="eu-west-1", secrets=[pattern])
    values = ("ssm:GetParameter", "secretsmanager:GetSecretValue")
    (arns,) = [one["Resource"] for one in opens["Statement"] if {*values} & {*one["Action"]}]
    assert not any(arn.endswith((":3", ":stable", "AWSPREVIOUS-??????")) for arn in arns)


def test_a_type_of_cloud_control_needs_its_calls_and_those_of_aws_s_handlers() -> None:
    types = ["AWS::AppConfig::Application"]
    plan = _allowed(policy(types, Purpose.PLAN, region="eu-west-1"))
    applies = _allowed(policy(types, Purpose.APPLY, region="eu-west-1"))
    calls = {"GetResource", "GetResourceRequestStatus", "ListResources"}
    assert {f"cloudformation:{one}" for one in calls} <= plan
    assert {"appconfig:GetApplication", "appconfig:ListApplications"} <= plan
    assert all(one.split(":")[1].startswith(_READING) for one in plan)
    changes = {"CreateResource", "UpdateResource", "DeleteResource"}
    assert {f"cloudformation:{one}" for one in changes} <= applies - plan
    assert {"appconfig:CreateApplication", "appconfig:TagResource"} <= applies - plan


def test_what_a_handler_decrypts_to_read_is_no_parameter_and_no_secret() -> None:
    """Together with ``ssm:GetParameters`` it would open every SecureString of the account."""
    types = ["AWS::Cognito::UserPool", "AWS::SSM::Parameter"]
    document = policy(types, Purpose.PLAN, region="eu-west-1")
    (reads,) = [one for one in document["Statement"] if "kms:Decrypt" in one["Action"]]
    assert reads["Action"] == ["kms:Decrypt"]
    contexts = ("kms:EncryptionContext:PARAMETER_ARN", "kms:EncryptionContext:SecretARN")
    assert reads["Condition"] == {"Null": dict.fromkeys(contexts, "true")}


@pytest.mark.parametrize(
    ("types", "through"),
    [
        (["AWS::Timestream::Database"], ["timestream.*.amazonaws.com"]),
        (["AWS::HealthLake::FHIRDatastore", "AWS::EC2::VPC"], ["glue.*.amazonaws.com", "healthlake.*.amazonaws.com", "lambda.*.amazonaws.com"]),
        (["AWS::APS::Workspace"], None),
        (["AWS::Timestream::Database", "AWS::APS::Workspace"], None),
    ],
)  # fmt: skip
def test_what_a_handler_decrypts_to_change_goes_through_services_that_ask_kms(
    types: list[str], through: list[str] | None
) -> None:
    document = policy(types, Purpose.APPLY, region="eu-west-1")
    may = [one for one in document["Statement"] if "kms:Decrypt" in one["Action"]]
    limits = [one["Condition"] for one in may if "StringLike" in one.get("Condition", {})]
    assert limits == ([{"StringLike": {"kms:ViaService": through}}] if through else [])
    assert any("Condition" not in one for one in may) is not bool(through)


def test_roles_are_given_through_cloud_control_to_services_of_one_name_alone() -> None:
    document = policy(["AWS::KinesisFirehose::DeliveryStream"], Purpose.APPLY, region="eu-west-1")
    (passes,) = [one for one in document["Statement"] if one["Action"] == "iam:PassRole"]
    assert passes["Condition"] == {
        "StringLike": {"iam:PassedToService": ["firehose*.amazonaws.com"]}
    }
    plain = policy(["AWS::AppConfig::Application"], Purpose.APPLY, region="eu-west-1")
    assert "iam:PassRole" not in _allowed(plain)


def test_every_type_of_cloud_control_has_rights_that_iam_takes() -> None:
    catalog = open_catalog()
    for name in (*catalog.served_names()[::10], "AWS::Batch::SchedulingPolicy"):
        rights = rights_of(catalog.handlers(name))
        assert len(rights.writes) > 3, name
        for one in rights.reads | rights.writes:
            service, _, action = one.partition(":")
            assert service == service.lower()
            assert action.replace("*", "").isalnum() or action == "*", one


def _rights(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Every action on every resource under its condition."""
    return {
        (action, resource, json.dumps(one.get("Condition")))
        for one in document["Statement"]
        for action in _texts(one["Action"])
        for resource in _texts(one["Resource"])
    }


def _texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("purpose", Purpose)
def test_a_policy_that_is_too_long_for_iam_comes_in_parts_that_allow_the_same(
    purpose: Purpose,
) -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    secrets = [f"ssm:/team-{number:03}/service/database:stable" for number in range(200)]
    whole = policy(NATIVE_TYPES, purpose, region="eu-west-1", secrets=secrets)
    found = parts(whole)
    assert len(json.dumps(whole, separators=(",", ":"))) > 6144
    assert all(len(json.dumps(one, separators=(",", ":"))) <= 6144 for one in found)
    assert set.union(*map(_rights, found)) == _rights(whole)
    assert len(found) <= 10  # how many policies a role takes
    names = [one["Sid"] for part in found for one in part["Statement"]]
    assert len(set(names)) == len(names)


def test_a_policy_that_iam_takes_stays_one() -> None:
    short = policy(["AWS::S3::Bucket"], Purpose.APPLY, region="eu-west-1")
    assert parts(short) == (short,)
