"""Lists of a role or a topic of a template that has policies or subscriptions beside it."""

from __future__ import annotations

import pytest

from gitbot.language.cloudformation.adopting import RunningStack
from gitbot.language.cloudformation.converting import convert
from tests.unit.language.test_template_groups import TYPES, spec_of

DOCUMENT = "PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:List*', Resource: '*'}]}"
BESIDE = f"""Conditions: {{Is-Here: !Equals [!Ref AWS::Region, us-east-1]}}
Resources:
  Job:
    Type: AWS::IAM::Role
    DeletionPolicy: Retain
    Properties:
      AssumeRolePolicyDocument:
        Statement: {{Effect: Allow, Principal: {{Service: ec2.amazonaws.com}}, Action: sts:AssumeRole}}
      Policies:
        - {{PolicyName: one, {DOCUMENT}}}
        - !If [Is-Here, {{PolicyName: two, {DOCUMENT}}}, !Ref AWS::NoValue]
  JobPolicy1: {{Type: AWS::SQS::Queue}}
  More:
    Type: AWS::IAM::Policy
    Properties: {{PolicyName: more, Roles: [!Ref Job], {DOCUMENT}}}
  Profile: {{Type: AWS::IAM::InstanceProfile, Properties: {{Roles: [!Ref Job]}}}}
  Name: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: !Sub "x-${{Job.Arn}}"}}}}
  Late: {{Type: AWS::SNS::Topic, DependsOn: Job}}
"""


def test_policies_of_a_role_stand_beside_those_that_are_resources() -> None:
    """The kind: a template that is valid and that no spec could say, since each list is the whole list."""
    resources = spec_of(BESIDE)["resources"]
    assert "Policies" not in resources["job"]["properties"]
    first, second = resources["job_policy2"], resources["job_policy3"]
    assert first["type"] == "AWS::IAM::Policy"
    assert (first["properties"]["PolicyName"], first["properties"]["Roles"]) == (
        "one",
        ["${job.RoleName}"],
    )
    assert first["lifecycle"] == {"retain": True}
    assert (second["properties"]["PolicyName"], second["when"]) == ("two", "${locals.is_here}")


def test_who_uses_the_role_waits_for_its_policies_as_before() -> None:
    resources = spec_of(BESIDE)["resources"]
    both = ["job_policy2", "job_policy3"]
    for name in ("more", "profile", "name"):
        assert resources[name]["lifecycle"]["dependsOn"] == both
    assert resources["late"]["lifecycle"]["dependsOn"] == ["job", *both]
    assert "lifecycle" not in resources["job_policy1"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("Roles: [!Ref Job], P", "Roles: [other], P"), ("!Ref AWS::NoValue", "{PolicyName: three}")],
)
def test_other_lists_of_policies_stay_lists(old: str, new: str) -> None:
    made = convert(BESIDE.replace(old, new), name="net", kind="Stack", types=TYPES, file="a.yaml")
    assert made.text is not None
    assert "job_policy2" not in made.text


def test_a_running_stack_says_which_policies_need_an_identifier() -> None:
    running = RunningStack(name="net", template=BESIDE, objects={"Job": "job-1"})
    made = convert(BESIDE, name="net", kind="Stack", types=TYPES, file="a.yaml", running=running)
    assert "the identifier of job_policy2" in (made.text or "")
    assert "the identifier of job_policy3" in (made.text or "")


TOPIC = """Parameters: {More: {Type: String, Default: c@example.com}}
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Alarms:
    Type: AWS::SNS::Topic
    Properties:
      Subscription:
        - {Protocol: email, Endpoint: a@example.com}
        - {Protocol: sqs, Endpoint: !GetAtt Queue.Arn}
  Beside:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Alarms, Protocol: email, Endpoint: !Ref More}
"""


def test_subscriptions_of_a_topic_stand_beside_those_that_are_resources() -> None:
    resources = spec_of(TOPIC)["resources"]
    assert resources["alarms"]["properties"] == {}
    assert resources["alarms_subscription1"]["properties"] == {
        "Protocol": "email",
        "Endpoint": "a@example.com",
        "TopicArn": "${alarms.TopicArn}",
    }
    assert resources["alarms_subscription2"]["properties"]["Endpoint"] == "${queue.Arn}"
    both = ["alarms_subscription1", "alarms_subscription2"]
    assert resources["beside"]["lifecycle"]["dependsOn"] == both
    alone = spec_of(TOPIC.replace("!Ref Alarms, P", "'arn:aws:sns:eu-west-1:1:other', P"))
    assert len(alone["resources"]["alarms"]["properties"]["Subscription"]) == 2
