"""Tests for replacing what IAM keeps while something else has it, under the same name.

The kind: IAM deletes no role that is in an instance profile, no policy that somebody has, no group with users in it.
Their names are fixed, so that the old one must go first: the plan says that it cannot, and what can.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.errors import SpecError
from gitbot.model.desired import DesiredResource
from gitbot.model.plan import Action
from tests.contract.aws.cases.case import trust
from tests.contract.walk_world import WalkWorld, ref, resource, stack_of

DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
}


def role(**properties: Any) -> DesiredResource:
    given = {"AssumeRolePolicyDocument": trust("ec2.amazonaws.com"), **properties}
    return resource("held", "AWS::IAM::Role", given)


def policy(**properties: Any) -> DesiredResource:
    return resource("held", "AWS::IAM::ManagedPolicy", {"PolicyDocument": DOCUMENT, **properties})


def user_of(type_: str, properties: Mapping[str, Any]) -> DesiredResource:
    return resource("user", type_, properties, depends_on=["held"])


PROFILE = user_of("AWS::IAM::InstanceProfile", {"Roles": [ref("${held.RoleName}")]})
ATTACHED = user_of(
    "AWS::IAM::ManagedPolicy", {"PolicyDocument": DOCUMENT, "Roles": [ref("${held.RoleName}")]}
)
HAVING = user_of(
    "AWS::IAM::Role",
    {
        "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"),
        "ManagedPolicyArns": [ref("${held.PolicyArn}")],
    },
)


@pytest.mark.parametrize(
    ("before", "after", "user"),
    [
        (role(RoleName="r"), role(RoleName="r", Path="/ml/"), PROFILE),
        (role(RoleName="r"), role(RoleName="r", Path="/ml/"), ATTACHED),
        (
            policy(ManagedPolicyName="p"),
            policy(ManagedPolicyName="p", Description="of all buckets"),
            HAVING,
        ),
    ],
)
def test_what_keeps_its_name_is_not_replaced_while_something_that_stays_has_it(
    world: WalkWorld, before: DesiredResource, after: DesiredResource, user: DesiredResource
) -> None:
    assert world.apply(stack_of(before, user)).ok
    with pytest.raises(SpecError) as refused:
        world.plan(stack_of(after, user))
    [found] = refused.value.diagnostics
    assert found.code == "replaced-in-use"
    assert "the cloud keeps it while `user` uses it" in found.detail
    assert found.fix.startswith("Take the fixed name out or change it")
    name = next(name for name in after.properties if name.endswith("Name"))
    renamed = resource("held", after.type, {**after.properties, name: "another"})
    assert world.apply(stack_of(renamed, user)).ok
    assert world.plan(stack_of(renamed, user)).empty


def test_a_role_that_nothing_holds_is_replaced_under_its_name(world: WalkWorld) -> None:
    assert world.apply(stack_of(role(RoleName="r"))).ok
    moved = stack_of(role(RoleName="r", Path="/ml/"))
    [change] = world.plan(moved).changes
    assert change.action is Action.REPLACE
    assert world.apply(moved).ok
    assert world.plan(moved).empty
