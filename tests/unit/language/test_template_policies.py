"""Policies of templates that belong to several owners."""

from __future__ import annotations

import pytest

from tests.unit.language.test_template_groups import spec_of

SHARED = """Resources:
  P:
    Type: AWS::SQS::QueuePolicy
    DeletionPolicy: Retain
    Properties: {Queues: [!Ref A, !Ref B, !Ref C], PolicyDocument: {Statement: []}}
  P2: {Type: AWS::SQS::Queue}
  A: {Type: AWS::SQS::Queue}
  B: {Type: AWS::SQS::Queue}
  C: {Type: AWS::SQS::Queue}
  T:
    Type: AWS::SNS::TopicPolicy
    DependsOn: P
    Properties: {Topics: [!Ref Y, !Ref Z], PolicyDocument: {Statement: []}}
  Y: {Type: AWS::SNS::Topic}
  Z: {Type: AWS::SNS::Topic, DependsOn: [A, P]}
"""


def test_a_policy_of_several_queues_is_one_for_each() -> None:
    found = spec_of(SHARED)["resources"]
    policies = {name: one for name, one in found.items() if one["type"].endswith("Policy")}
    assert {name: one["properties"].get("Queues") for name, one in policies.items()} == {
        "p": ["${a.QueueUrl}"],
        "p3": ["${b.QueueUrl}"],
        "p4": ["${c.QueueUrl}"],
        "t": None,
        "t2": None,
    }
    assert [policies[name]["properties"]["Topics"] for name in ("t", "t2")] == [
        ["${y.TopicArn}"],
        ["${z.TopicArn}"],
    ]
    assert all(policies[name]["lifecycle"] == {"retain": True} for name in ("p", "p3", "p4"))


def test_who_waits_for_the_policy_waits_for_all_of_them() -> None:
    found = spec_of(SHARED)["resources"]
    assert found["z"]["lifecycle"]["dependsOn"] == ["a", "p", "p3", "p4"]
    assert found["t2"]["lifecycle"]["dependsOn"] == ["p", "p3", "p4"]


def test_a_policy_of_several_roles_users_and_groups_is_one_for_each() -> None:
    of = "{Roles: [!Ref R, named], Users: [!Ref U], Groups: [devs], PolicyName: logs, PolicyDocument: {}}"
    found = spec_of(
        f"Resources:\n  P: {{Type: AWS::IAM::Policy, Properties: {of}}}\n  U: {{Type: AWS::IAM::User}}\n"
        "  R:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {}\n"
        "      Policies: [{PolicyName: own, PolicyDocument: {}}]\n"
    )["resources"]
    owners = ("Roles", "Users", "Groups")
    assert {
        name: {key: one["properties"][key] for key in owners if key in one["properties"]}
        for name, one in found.items()
        if one["type"] == "AWS::IAM::Policy"
    } == {
        "p": {"Roles": ["${r.RoleName}"]},
        "p2": {"Roles": ["named"]},
        "p3": {"Users": ["${u.UserName}"]},
        "p4": {"Groups": ["devs"]},
        "r_policy1": {"Roles": ["${r.RoleName}"]},
    }


@pytest.mark.parametrize("queues", ["[!Ref A]", "!Ref A", "[!If [C, !Ref A, !Ref AWS::NoValue]]"])
def test_other_policies_stay_as_they_are(queues: str) -> None:
    found = spec_of(
        "Conditions: {C: !Equals [a, a]}\nResources:\n  A: {Type: AWS::SQS::Queue}\n  P:\n"
        "    Type: AWS::SQS::QueuePolicy\n"
        f"    Properties: {{Queues: {queues}, PolicyDocument: {{Statement: []}}}}\n"
    )["resources"]
    assert set(found) == {"a", "p"}
