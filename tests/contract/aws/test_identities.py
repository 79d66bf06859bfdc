"""Tests for what only IAM has: reads in pages, new principals, deletion in order."""

from __future__ import annotations

import json

import pytest

from gitbot.errors import CloudError, UserError
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Observation, Present, ReadRequest
from gitbot.model.schema import Route
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.case import PUBLIC_KEY, TAGS, read_policy, trust
from tests.contract.aws.cases.iam import role
from tests.contract.aws.world import AwsWorld

ROLE = "AWS::IAM::Role"
PROFILE = "AWS::IAM::InstanceProfile"


def read_many(world: AwsWorld, type_: str, names: list[str]) -> dict[str, Observation]:
    surfaces = frozenset(path.split("/")[1] for path in world.schema(type_).handled or ())
    requests = [
        ReadRequest(
            address=Address(name),
            type=type_,
            remote_id=RemoteId(name),
            route=Route.NATIVE,
            surfaces=surfaces,
        )
        for name in names
    ]
    return {str(address): one for address, one in world.cloud.read(requests).items()}


def test_many_roles_are_read_in_pages_with_the_same_result_as_one_by_one(world: AwsWorld) -> None:
    full = role(world)
    world.create(ROLE, full)
    iam = world.aws.client("iam")
    names = [f"role-{number}" for number in range(12)]
    for name in names:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("x.example")))
    alone = read_many(world, ROLE, ["contract"])["contract"]
    world.aws.forget_calls()
    together = read_many(world, ROLE, ["contract", "missing", *names])
    assert len(world.aws.calls) <= 4
    assert isinstance(alone, Present)
    assert isinstance(together["missing"], Absent)
    normalise = world.schema(ROLE).normalise
    assert normalise is not None
    there = together["contract"]
    assert isinstance(there, Present)
    one, other = normalise(alone.properties), normalise(there.properties)
    assert {**one, "Policies": 0, "ManagedPolicyArns": 0} == {
        **other,
        "Policies": 0,
        "ManagedPolicyArns": 0,
    }
    assert sorted(one["ManagedPolicyArns"]) == sorted(other["ManagedPolicyArns"])
    assert sorted(map(str, one["Policies"])) == sorted(map(str, other["Policies"]))
    assert all(isinstance(together[name], Present) for name in names)


def test_many_profiles_are_read_with_the_tags_that_say_whose_they_are(world: AwsWorld) -> None:
    """ListInstanceProfiles of the real IAM leaves out the tags."""
    iam = world.aws.client("iam")
    names = [f"profile-{number}" for number in range(12)]
    tags = [{"Key": "gitbot:lineage", "Value": "l"}, {"Key": "owner", "Value": "ml"}]
    for name in names:
        iam.create_instance_profile(InstanceProfileName=name, Tags=tags)
    world.aws.forget_calls()
    together = read_many(world, PROFILE, ["missing", *names])
    assert {str(call) for call in world.aws.calls} == {"iam.GetInstanceProfile"}
    assert isinstance(together["missing"], Absent)
    assert [one.ownership for name in names if isinstance(one := together[name], Present)] == [
        {"gitbot:lineage": "l"}
    ] * len(names)


def test_the_create_is_repeated_until_iam_knows_the_principal(world: AwsWorld) -> None:
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="iam",
            operation="CreateRole",
            status=400,
            code="MalformedPolicyDocument",
            message="Invalid principal in policy",
            count=2,
        )
    )
    world.create(ROLE, {"RoleName": "patient", "AssumeRolePolicyDocument": trust("x.example")})
    assert not world.is_absent(ROLE, RemoteId("patient"))


def test_a_broken_policy_fails_at_once(world: AwsWorld) -> None:
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="iam",
            operation="CreateRole",
            status=400,
            code="MalformedPolicyDocument",
            message="Syntax errors in policy",
        )
    )
    with pytest.raises(CloudError, match="Syntax errors"):
        world.create(ROLE, {"RoleName": "r", "AssumeRolePolicyDocument": trust("x.example")})
    assert [str(call) for call in world.aws.calls] == ["iam.CreateRole"]


def test_a_role_is_deleted_with_the_policies_that_others_attached(world: AwsWorld) -> None:
    spec = role(world)
    remote_id = world.create(ROLE, spec)
    iam = world.aws.client("iam")
    extra = iam.create_policy(PolicyName="extra", PolicyDocument=json.dumps(read_policy("*")))
    iam.attach_role_policy(RoleName=remote_id, PolicyArn=extra["Policy"]["Arn"])
    world.cloud.delete(world.operation(ROLE, spec), remote_id)
    assert world.is_absent(ROLE, remote_id)


def whole_role(world: AwsWorld) -> tuple[dict[str, object], RemoteId]:
    """A role with policies of both kinds."""
    spec = role(world)
    assert spec["ManagedPolicyArns"]
    assert spec["Policies"]
    return spec, world.create(ROLE, spec)


def test_a_role_in_a_profile_keeps_everything_and_the_message_names_the_profile(
    world: AwsWorld,
) -> None:
    """The kind: a deletion of several calls asks first whether the last one can succeed."""
    spec, name = whole_role(world)
    iam = world.aws.client("iam")
    iam.create_instance_profile(InstanceProfileName="trainers")
    iam.add_role_to_instance_profile(InstanceProfileName="trainers", RoleName=name)
    with pytest.raises(CloudError, match="instance profile trainers would have to go first"):
        world.cloud.delete(world.operation(ROLE, spec), name)
    assert world.differences(ROLE, name, spec) == ()
    calls = {call.operation for call in world.aws.calls}
    assert not calls & {"DetachRolePolicy", "DeleteRolePolicy", "DeleteRole"}


def denied(operation: str) -> Fault:
    return Fault(
        kind=FaultKind.ERROR, operation=operation, status=403, code="AccessDenied", count=None
    )


def test_a_role_whose_deletion_is_refused_gets_its_policies_back(world: AwsWorld) -> None:
    spec, name = whole_role(world)
    world.aws.inject(denied("DeleteRole"))
    with pytest.raises(CloudError, match="iam:DeleteRole"):
        world.cloud.delete(world.operation(ROLE, spec), name)
    assert world.differences(ROLE, name, spec) == ()
    world.aws.inject(denied("PutRolePolicy"))
    with pytest.raises(CloudError, match="could not get its policies back"):
        world.cloud.delete(world.operation(ROLE, spec), name)


def test_a_profile_whose_deletion_is_refused_gets_its_role_back(world: AwsWorld) -> None:
    _, name = whole_role(world)
    spec = {"InstanceProfileName": "trainers", "Roles": [name]}
    profile = world.create(PROFILE, spec)
    world.aws.inject(denied("DeleteInstanceProfile"))
    with pytest.raises(CloudError, match="iam:DeleteInstanceProfile"):
        world.cloud.delete(world.operation(PROFILE, spec), profile)
    assert world.properties(PROFILE, profile)["Roles"] == [name]


def test_names_that_the_spec_does_not_give_are_generated_for_each_operation(
    world: AwsWorld,
) -> None:
    spec = {"AssumeRolePolicyDocument": trust("ec2.amazonaws.com")}
    first = world.create(ROLE, spec)
    second = world.create(ROLE, spec, token="another")
    assert first.startswith("thing-")
    assert first != second
    assert world.cloud.create(world.operation(ROLE, spec)) == first


def test_a_key_pair_without_a_public_key_is_refused_with_the_reason(world: AwsWorld) -> None:
    key = "AWS::EC2::KeyPair"
    assert "PublicKeyMaterial" in world.schema(key).json_schema["required"]
    with pytest.raises(UserError, match="ssh-keygen"):
        world.cloud.create(world.operation(key, {"KeyName": "k"}))


def test_the_comment_of_a_public_key_is_no_difference(world: AwsWorld) -> None:
    key = "AWS::EC2::KeyPair"
    remote_id = world.create(key, {"KeyName": "k", "PublicKeyMaterial": PUBLIC_KEY, "Tags": TAGS})
    other = {"KeyName": "k", "PublicKeyMaterial": PUBLIC_KEY.replace("ann@example", "bob")}
    assert world.differences(key, remote_id, other) == ()


def test_a_role_that_a_lost_reply_has_added_is_no_quota(world: AwsWorld) -> None:
    """The call is sent again, and a profile takes one role only."""
    iam = world.aws.client("iam")
    for name in ("trainer", "other"):
        document = json.dumps(trust("ec2.amazonaws.com"))
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    lost = Fault(kind=FaultKind.LOST_REPLY, operation="AddRoleToInstanceProfile")
    world.aws.inject(lost)
    name = world.create(PROFILE, {"InstanceProfileName": "trainers", "Roles": ["trainer"]})
    (role,) = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]
    assert role["RoleName"] == "trainer"
