"""What a secret stands beside is told as it is, and what repeats a secret is not shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.names import Address
from gitbot.model.plan import Plan
from gitbot.model.values import is_known
from gitbot.reconciler.reading import read_requests
from gitbot.reconciler.refreshing import Refresh, refresh
from gitbot.reconciler.silencing import silenced
from gitbot_sandbox.aws import LocalAws
from tests.contract.test_walk_secrets import PASSWORD, applied, desired, planned, world
from tests.contract.walk_world import REDACTOR, WalkWorld

__all__ = ["world"]

SPEC = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  resources:
    role:
      type: AWS::IAM::Role
      properties:
        RoleName: repeats
        AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]}
        Policies:
          - PolicyName: p
            PolicyDocument:
              Version: "2012-10-17"
              Statement:
                - {Sid: one, Effect: Allow, Action: "s3:GetObject", Resource: "*", Condition: {StringEquals: {"aws:UserAgent": '${secret("ssm:/dev/db")}'}}}
                - {Sid: two, Effect: Allow, Action: "s3:ListBucket", Resource: "*"}
          - PolicyName: t
            PolicyDocument: '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
              "Condition": {"StringEquals": {"aws:UserAgent": "${secret("secretsmanager:dev/api#key")}"}}}]}'
    project:
      type: AWS::CodeBuild::Project
      properties:
        ServiceRole: ${role.Arn}
        Source: {Type: NO_SOURCE, BuildSpec: "version: 0.2"}
        Artifacts: {Type: NO_ARTIFACTS}
        Environment:
          Type: LINUX_CONTAINER
          ComputeType: BUILD_GENERAL1_SMALL
          Image: aws/codebuild/standard:7.0
          EnvironmentVariables:
            - {Name: FIRST, Value: a}
            - {Name: PW, Value: '${secret("ssm:/dev/db")}'}
            - {Name: LAST, Value: z}
"""


def shown(plan: Plan) -> str:
    return repr([(one.address, one.paths, one.reasons) for one in plan.effective])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("s3:ListBucket", "s3:ListAllMyBuckets"),
        ("            - {Name: FIRST, Value: a}\n", ""),
        ("Value: a", "Value: b"),
        ("Sid: two, ", ""),
    ],
)
def test_a_state_without_anything_in_plain_stays_as_it_is_whatever_the_spec_says_next(
    world: WalkWorld, before: str, after: str
) -> None:
    assert applied(world, SPEC).ok
    state = world.recorded()
    wanted = desired(world, SPEC.replace(before, after))
    assert silenced(state, wanted, world.clouds.schemas, REDACTOR) is state
    plan = world.plan(wanted, state)
    assert "Kanarie" not in shown(plan)
    changed = [path for one in plan.effective for path in one.paths]
    assert len(changed) == (1 if before else 0), changed


def test_a_secret_that_somebody_copies_is_shown_nowhere(
    world: WalkWorld, local_aws: LocalAws
) -> None:
    assert applied(world, SPEC).ok
    role = world.recorded().resources[Address("role")].remote_id
    iam = local_aws.client("iam")
    policy = iam.get_role_policy(RoleName=role, PolicyName="p")["PolicyDocument"]
    policy["Statement"][1]["Condition"] = {"StringLike": {"aws:Referer": f"x {PASSWORD}"}}
    put(iam, role, "p", policy)
    whole = iam.get_role_policy(RoleName=role, PolicyName="t")["PolicyDocument"]
    put(iam, role, "copy", whole)
    build = local_aws.client("codebuild")
    name = world.recorded().resources[Address("project")].remote_id
    (there,) = build.batch_get_projects(names=[name])["projects"]
    variables = there["environment"]["environmentVariables"]
    new = {"name": "NEW", "value": f"pg://{PASSWORD}", "type": "PLAINTEXT"}
    there["environment"]["environmentVariables"] = [*variables, new]
    build.update_project(name=name, environment=there["environment"])
    plan = planned(world, SPEC)
    assert {str(one.address) for one in plan.effective} == {"role", "project"}
    assert "Kanarie" not in shown(plan)
    assert applied(world, SPEC).ok
    assert planned(world, SPEC).empty


def put(iam: Any, role: str, name: str, policy: Any) -> None:
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))


def test_refresh_takes_no_secret_into_state(world: WalkWorld, local_aws: LocalAws) -> None:
    assert applied(world, SPEC).ok
    before = world.recorded()
    name = before.resources[Address("project")].remote_id
    build = local_aws.client("codebuild")
    build.update_project(name=name, description=f"of {PASSWORD}", timeoutInMinutes=77)
    iam = local_aws.client("iam")
    iam.update_role(RoleName=before.resources[Address("role")].remote_id, Description="own-text-7")
    wanted = SPEC.replace(
        "        ServiceRole:",
        "        Description: one\n        TimeoutInMinutes: 60\n        ServiceRole:",
    ).replace("        RoleName: repeats", "        RoleName: repeats\n        Description: mine")
    assert applied(world, wanted).ok
    build.update_project(name=name, description=f"of {PASSWORD}", timeoutInMinutes=77)
    iam.update_role(RoleName=before.resources[Address("role")].remote_id, Description="own-text-7")
    found = refreshed(world, lambda text: text.replace("own-text-7", "(sensitive)"))
    assert [(one.address, one.path) for one in found.taken] == [("project", "/TimeoutInMinutes")]
    kept = [one for one in found.kept if one.path == "/Description"]
    assert {str(one.address) for one in kept} == {"project", "role"}
    assert all("may be a secret" in one.detail for one in kept)
    told = repr((found.after, found.kept))
    assert "Kanarie" not in told
    assert "own-text-7" not in told


def refreshed(world: WalkWorld, hide: Callable[[str], str]) -> Refresh:
    state = world.recorded()
    seen = world.cloud.read(read_requests(None, state, world.clouds.schemas))
    return refresh(state, seen, {}, world.clouds.schemas, REDACTOR, hide)


MACHINE = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  resources:
    role:
      type: AWS::IAM::Role
      properties:
        AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}]}
    machine:
      type: AWS::StepFunctions::StateMachine
      properties:
        RoleArn: ${role.Arn}
        DefinitionString: '{"StartAt": "Go", "States": {"Go": {"Type": "Pass", "Result": "$${key}", "End": true, "Comment": "${role.Arn}"}}}'
        DefinitionSubstitutions: {key: '${secret("ssm:/dev/db")}'}
"""


def test_a_rebuilt_state_has_no_filled_definition(world: WalkWorld) -> None:
    """As after a lost store: the record has what the spec says in plain, and not what the secret is put into."""
    assert applied(world, MACHINE).ok
    state = world.recorded()
    machine = state.resources[Address("machine")]
    bare = {name: one for name, one in machine.properties.items() if "Subst" not in name}
    lost = replace(
        state,
        resources={**state.resources, machine.address: replace(machine, properties=bare)},
    )
    seen = world.cloud.read(read_requests(None, lost, world.clouds.schemas))
    found = refresh(lost, seen, {}, world.clouds.schemas, REDACTOR, str).after
    wanted = desired(world, MACHINE)
    quiet = silenced(found, wanted, world.clouds.schemas, REDACTOR)
    assert all(is_known(one.properties) for one in quiet.resources.values())
    assert "Kanarie" not in repr(quiet)
    plan = world.plan(wanted, quiet)
    assert [str(one.address) for one in plan.effective] == ["machine"]
    assert "Kanarie" not in shown(plan)
