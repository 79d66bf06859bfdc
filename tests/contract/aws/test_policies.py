"""Tests for policies of IAM: their versions, who has them, and reading many of them in pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gitbot.errors import CloudError, ConflictError
from gitbot.model.names import RemoteId
from gitbot.model.observed import Absent, Present
from tests.contract.aws.cases.case import read_policy, trust
from tests.contract.aws.cases.iam import group, inline_policy, managed_policy, user
from tests.contract.aws.test_identities import read_many
from tests.contract.aws.world import AwsWorld

POLICY, INLINE, USER = "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::User"
GROUP = "AWS::IAM::Group"
MANY = 12


def document(number: int) -> dict[str, Any]:
    return read_policy(f"arn:aws:s3:::bucket-{number}/*")


def versions(world: AwsWorld, arn: str) -> list[str]:
    found = world.aws.client("iam").list_policy_versions(PolicyArn=arn)["Versions"]
    return sorted(f"{one['VersionId']}{'*' * one['IsDefaultVersion']}" for one in found)


def test_a_policy_keeps_five_versions_and_its_default_whatever_its_age(world: AwsWorld) -> None:
    arn = world.create(POLICY, {"PolicyDocument": document(0)})
    for number in range(1, 6):
        world.update(
            *(POLICY, arn, {"PolicyDocument": document(number - 1)}),
            {"PolicyDocument": document(number)},
        )
    assert versions(world, arn) == ["v2", "v3", "v4", "v5", "v6*"]
    world.aws.client("iam").set_default_policy_version(PolicyArn=arn, VersionId="v2")  # by hand
    world.update(POLICY, arn, {"PolicyDocument": document(5)}, {"PolicyDocument": document(6)})
    assert versions(world, arn) == ["v2", "v4", "v5", "v6", "v7*"]
    assert world.differences(POLICY, arn, {"PolicyDocument": document(6)}) == ()


def test_a_policy_is_read_with_a_call_for_itself_and_one_for_its_document(world: AwsWorld) -> None:
    arn = world.create(POLICY, {"PolicyDocument": document(0)})
    world.aws.forget_calls()
    world.observe(POLICY, arn, frozenset({"PolicyDocument"}))
    assert sorted(one.operation for one in world.aws.calls) == ["GetPolicy", "GetPolicyVersion"]


def test_a_version_that_is_there_is_not_made_again(world: AwsWorld) -> None:
    arn = world.create(POLICY, {"PolicyDocument": document(0)})
    for _ in range(2):
        world.update(POLICY, arn, {"PolicyDocument": document(0)}, {"PolicyDocument": document(1)})
    assert versions(world, arn) == ["v1", "v2*"]


@pytest.mark.parametrize("boundary", [False, True])
def test_a_policy_that_a_stranger_has_stays_whole_and_the_message_names_him(
    world: AwsWorld, boundary: bool
) -> None:
    spec = managed_policy(world)
    arn = world.create(POLICY, spec)
    iam, role = world.aws.client("iam"), "stranger"
    given = {"RoleName": role, "AssumeRolePolicyDocument": json.dumps(trust("x.example"))}
    iam.create_role(**given, **({"PermissionsBoundary": arn} if boundary else {}))
    if not boundary:
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    with pytest.raises(CloudError, match=r"still in use .* role stranger would have to go first"):
        world.cloud.delete(world.operation(POLICY, spec), arn)
    wanted = spec if boundary else {**spec, "Roles": [*spec["Roles"], role]}
    assert world.differences(POLICY, arn, wanted) == ()


def access_key(world: AwsWorld, name: str) -> str:
    made = world.aws.client("iam").create_access_key(UserName=name)
    return f"access key {made['AccessKey']['AccessKeyId']}"


def git_credential(world: AwsWorld, name: str) -> str:
    made = world.aws.client("iam").create_service_specific_credential(
        UserName=name, ServiceName="codecommit.amazonaws.com"
    )
    return f"credential {made['ServiceSpecificCredential']['ServiceSpecificCredentialId']}"


@pytest.mark.parametrize("give", [access_key, git_credential])
def test_a_user_who_has_more_stays_whole_with_the_password_and_the_message_names_it(
    world: AwsWorld, give: Callable[[AwsWorld, str], str]
) -> None:
    spec = user(world)
    name = world.create(USER, spec)
    given = give(world, name)
    with pytest.raises(CloudError, match=f"{given} would have to go first"):
        world.cloud.delete(world.operation(USER, spec), name)
    assert world.differences(USER, name, spec) == ()
    assert world.aws.client("iam").get_login_profile(UserName=name)["LoginProfile"]


def test_a_group_with_users_stays_whole_and_the_message_names_them(world: AwsWorld) -> None:
    spec = group(world)
    name = world.create(GROUP, spec)
    world.create(USER, {"UserName": "ada", "Groups": [name]})
    with pytest.raises(CloudError, match="user ada would have to go first"):
        world.cloud.delete(world.operation(GROUP, spec), name)
    assert world.differences(GROUP, name, spec) == ()


def test_a_group_that_somebody_else_made_in_between_keeps_its_policies(world: AwsWorld) -> None:
    """It has no tags, so all that it has is compared: one with the name and path alone is ours."""
    made = {"GroupName": "contract", "Path": "/ml/"}
    wanted = {**made, "Policies": group(world)["Policies"]}
    iam, operation = world.aws.client("iam"), world.operation(GROUP, wanted)
    iam.create_group(**made)
    assert world.cloud.create(operation) == "contract"
    document = json.dumps(read_policy("*"))
    iam.put_group_policy(GroupName="contract", PolicyName="theirs", PolicyDocument=document)
    for spec in (wanted, made):
        with pytest.raises(ConflictError, match="import"):
            world.cloud.create(world.operation(GROUP, spec))
    assert iam.list_group_policies(GroupName="contract")["PolicyNames"] == ["theirs"]


def test_the_local_aws_deletes_no_user_with_a_git_credential(world: AwsWorld) -> None:
    iam, name = world.aws.client("iam"), "ada"
    iam.create_user(UserName=name)
    own = git_credential(world, name).split()[1]
    with pytest.raises(iam.exceptions.DeleteConflictException, match="service specific"):
        iam.delete_user(UserName=name)
    iam.delete_service_specific_credential(UserName=name, ServiceSpecificCredentialId=own)
    iam.delete_user(UserName=name)


def test_a_tag_whose_key_changes_only_its_letters_is_still_there(world: AwsWorld) -> None:
    """To IAM, both are one key: who removes the first one afterwards removes the second."""
    before, after = ({"Tags": [{"Key": key, "Value": "ml"}]} for key in ("Owner", "owner"))
    name = world.create(USER, before)
    world.update(USER, name, before, after)
    assert world.differences(USER, name, after) == ()


def in_order(value: Any) -> Any:
    """The value with each list in one order."""
    if isinstance(value, dict):
        return {key: in_order(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted(map(in_order, value), key=json.dumps)
    return value


def users(world: AwsWorld) -> list[str]:
    return [world.create(USER, {"UserName": f"user-{one}"}) for one in range(MANY)]


def policies(world: AwsWorld) -> list[str]:
    spec = {"PolicyDocument": document(1)}
    return [world.create(POLICY, {**spec, "ManagedPolicyName": f"p-{one}"}) for one in range(MANY)]


def groups(world: AwsWorld) -> list[str]:
    return [world.create(GROUP, {"GroupName": f"group-{one}"}) for one in range(MANY)]


def inlines(world: AwsWorld) -> list[str]:
    spec = inline_policy(world)
    return [world.create(INLINE, {**spec, "PolicyName": f"p-{one}"}) for one in range(MANY)]


@pytest.mark.parametrize(
    ("type_", "make", "full", "calls"),
    [
        (USER, users, user, 1),
        (GROUP, groups, group, 1),
        (INLINE, inlines, inline_policy, 1),
        (POLICY, policies, managed_policy, MANY + 2 + 4),  # GetPolicy alone tells the tags
    ],
)
def test_many_are_read_in_pages_with_the_same_result_as_one_by_one(
    world: AwsWorld,
    type_: str,
    make: Callable[[AwsWorld], Sequence[str]],
    full: Callable[[AwsWorld], dict[str, Any]],
    calls: int,
) -> None:
    spec = full(world)
    one = world.create(type_, spec)
    alone = world.observe(type_, one)
    many, gone = make(world), RemoteId(one.replace("contract", "gone"))
    gone = RemoteId(f"{one}-gone") if gone == one else gone
    world.aws.forget_calls()
    together = read_many(world, type_, [one, gone, *many])
    assert len(world.aws.calls) <= calls
    assert isinstance(together[gone], Absent)
    there = together[one]
    assert isinstance(there, Present)
    assert isinstance(alone, Present)
    normalise = world.schema(type_).normalise
    assert normalise is not None
    assert in_order(normalise(there.properties)) == in_order(normalise(alone.properties))
    assert there.ownership == alone.ownership
    assert all(isinstance(together[each], Present) for each in many)
