"""Each way to name a version of a secret, on the local AWS: what a plan is told, and what is opened."""

from __future__ import annotations

import json

import pytest

from gitbot.model.cloud import Purpose
from gitbot.model.secret_references import SecretProblem, SecretValue
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.world import AwsWorld, environment

OTHERS = "arn:aws:ssm:us-east-1:210987654321:parameter/dev/db"


def asked(world: AwsWorld, reference: str) -> str:
    """The version that a plan is told; or what is wrong. No value may be asked for in the clear."""
    world.aws.forget_calls()
    cloud = world.clouds.open(environment(secrets=("ssm:*", "secretsmanager:*")), Purpose.PLAN)
    told = cloud.secret_versions([reference])[reference]
    assert "GetSecretValue" not in {one.operation for one in world.aws.calls}
    return f"{told.detail} {told.fix}" if isinstance(told, SecretProblem) else told


def opened(world: AwsWorld, reference: str) -> tuple[str, str]:
    """The value that an apply sends, and its version; or what is wrong."""
    cloud = world.clouds.open(environment(secrets=("ssm:*", "secretsmanager:*")), Purpose.APPLY)
    told = cloud.open_secrets([reference], {})[reference]
    if isinstance(told, SecretValue):
        return told.value, told.version
    return told.detail, told.fix


def test_parameters_by_version_label_and_arn(world: AwsWorld) -> None:
    ssm = world.aws.client("ssm")
    for value in ("one", "two", "three"):
        ssm.put_parameter(Name="/dev/db", Value=value, Type="SecureString", Overwrite=True)
    ssm.put_parameter(Name="plain", Value="four", Type="SecureString")
    ssm.label_parameter_version(Name="/dev/db", ParameterVersion=2, Labels=["stable"])
    arn = ssm.get_parameter(Name="/dev/db")["Parameter"]["ARN"]
    plain = ssm.get_parameter(Name="plain")["Parameter"]["ARN"]
    for reference, value, version in (
        ("ssm:/dev/db", "three", "3"),
        ("ssm:/dev/db:1", "one", "1"),
        ("ssm:/dev/db:stable", "two", "2"),
        (f"ssm:{arn}", "three", "3"),
        (f"ssm:{arn}:1", "one", "1"),
        (f"ssm:{arn}:stable", "two", "2"),
        (f"ssm:{plain}", "four", "1"),
    ):
        assert asked(world, reference) == version, reference
        assert opened(world, reference) == (value, version)
    assert "has no version 9; its newest version is 3" in asked(world, "ssm:/dev/db:9")
    assert "version unstable, does not exist" in asked(world, "ssm:/dev/db:unstable")
    assert "version unstable, does not exist" in opened(world, "ssm:/dev/db:unstable")[0]
    ssm.label_parameter_version(Name="/dev/db", ParameterVersion=3, Labels=["stable"])
    assert asked(world, "ssm:/dev/db:stable") == "3", "a label that moved is another version"


def test_secrets_by_stage_id_and_arn(world: AwsWorld) -> None:
    secrets = world.aws.client("secretsmanager")
    made = secrets.create_secret(Name="dev/db", SecretString=json.dumps({"key": "one"}))
    arn, first = made["ARN"], made["VersionId"]
    second = secrets.put_secret_value(SecretId="dev/db", SecretString=json.dumps({"key": "two"}))[
        "VersionId"
    ]
    for name in ("dev/db", arn):
        for version, value, id_ in (
            ("", "two", second),
            (":AWSCURRENT", "two", second),
            (":AWSPREVIOUS", "one", first),
            (f":{first}", "one", first),
        ):
            reference = f"secretsmanager:{name}{version}#key"
            assert asked(world, reference) == id_, reference
            assert opened(world, reference) == (value, id_)
    assert "no version with the stage OLD; its stages are AWSCURRENT, AWSPREVIOUS" in asked(
        world, "secretsmanager:dev/db:OLD"
    )
    assert "no version" in asked(world, f"secretsmanager:dev/db:{'0' * 32}")
    assert "version OLD, does not exist" in opened(world, "secretsmanager:dev/db:OLD")[0]
    world.aws.forget_calls()  # whose rights depend on the list of secrets, as test_permissions has it


@pytest.mark.parametrize(
    "reference",
    [
        "ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/dev/db",
        "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
    ],
)
def test_a_secret_of_another_region_is_told_and_not_asked_for(
    shared_world: AwsWorld, reference: str
) -> None:
    assert "is in eu-west-1, and the stack in us-east-1" in asked(shared_world, reference)
    assert "is in eu-west-1" in opened(shared_world, reference)[0]


def test_where_a_label_or_anothers_parameter_points_needs_a_right_of_its_own(
    world: AwsWorld,
) -> None:
    for reference in ("ssm:/dev/db:stable", f"ssm:{OTHERS}"):
        world.aws.inject(
            Fault(
                operation="GetParameter",
                kind=FaultKind.ERROR,
                status=400,
                code="AccessDeniedException",
                message="not authorized to perform: ssm:GetParameter",
            )
        )
        told = asked(world, reference)
        assert told.startswith(f"Where {reference} points may not be asked")
        assert "allow that to `roles.plan`, or name a version by its number" in told
        world.aws.clear_faults()


def test_many_parameters_are_asked_for_as_many_at_a_time_as_aws_takes(world: AwsWorld) -> None:
    start = "ssm:arn:aws:ssm:us-east-1:123456789012:parameter/p"
    references = [f"{start}{n}" for n in range(60)]
    world.aws.client("ssm").put_parameter(Name="p7", Value="x", Type="SecureString")
    cloud = world.clouds.open(environment(secrets=("ssm:*",)), Purpose.PLAN)
    told = cloud.secret_versions(references)
    assert [one for one in references if told[one] == "1"] == [f"{start}7"]
    calls = [one for one in world.aws.calls if one.operation == "DescribeParameters"]
    assert len(calls) == 3
    world.aws.forget_calls()
