"""The local CloudFormation makes and deletes what the local services take.

The kind: a patch of a call of moto that takes its arguments as the API gives them, and not as moto's templates do.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.cases.case import trust
from tests.contract.aws.world import AwsWorld


def of(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def part(name: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


ROLE = of("IAM::Role", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
NETWORK = {
    "Net": of("EC2::VPC", CidrBlock="10.0.0.0/16"),
    "Here": of(
        "EC2::Subnet", VpcId=ref("Net"), CidrBlock="10.0.0.0/24", AvailabilityZone="us-east-1a"
    ),
    "There": of(
        "EC2::Subnet", VpcId=ref("Net"), CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b"
    ),
    "Group": of("EC2::SecurityGroup", VpcId=ref("Net"), GroupDescription="d"),
}
QUEUE = of("SQS::Queue")
CODE = {"ZipFile": "def run(event, context): pass"}
FUNCTION = of(
    "Lambda::Function",
    Runtime="python3.12",
    Handler="index.run",
    Role=part("Role", "Arn"),
    Code=CODE,
)
PASS = {"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True}}}
TASK = of(
    "ECS::TaskDefinition", ContainerDefinitions=[{"Name": "a", "Image": "nginx", "Memory": 128}]
)
TEMPLATES: dict[str, dict[str, Any]] = {
    "queue": {"A": QUEUE},
    "fifo": {"A": of("SQS::Queue", FifoQueue=True, QueueName="a.fifo")},
    "dead letters": {
        "Dead": QUEUE,
        "A": of(
            "SQS::Queue",
            QueueName="full",
            VisibilityTimeout=60,
            RedrivePolicy={"deadLetterTargetArn": part("Dead", "Arn"), "maxReceiveCount": 3},
        ),
    },
    "topic": {"Q": QUEUE, "A": of("SNS::Topic", Subscription=[{"Protocol": "sqs", "Endpoint": part("Q", "Arn")}])},
    "function": {"Role": ROLE, "F": FUNCTION, "A": of("Lambda::Permission", FunctionName=ref("F"), Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")},
    "source": {"Role": ROLE, "F": FUNCTION, "Q": QUEUE, "A": of("Lambda::EventSourceMapping", FunctionName=ref("F"), EventSourceArn=part("Q", "Arn"))},
    "service": {"C": of("ECS::Cluster"), "T": TASK, "A": of("ECS::Service", Cluster=ref("C"), TaskDefinition=ref("T"), DesiredCount=0)},
    "balancer": {
        **NETWORK,
        "A": of("ElasticLoadBalancingV2::LoadBalancer", Subnets=[ref("Here"), ref("There")]),
        "T": of("ElasticLoadBalancingV2::TargetGroup", Port=80, Protocol="HTTP", VpcId=ref("Net")),
        "L": of("ElasticLoadBalancingV2::Listener", LoadBalancerArn=ref("A"), Port=80, Protocol="HTTP", DefaultActions=[{"Type": "forward", "TargetGroupArn": ref("T")}]),
        "R": of("ElasticLoadBalancingV2::ListenerRule", ListenerArn=ref("L"), Priority=1, Conditions=[{"Field": "path-pattern", "Values": ["/a"]}], Actions=[{"Type": "forward", "TargetGroupArn": ref("T")}]),
    },
    "machine of states": {"Role": ROLE, "A": of("StepFunctions::StateMachine", RoleArn=part("Role", "Arn"), DefinitionString=json.dumps(PASS))},
    "zone": {"A": of("Route53::HostedZone", Name="example.com")},
    "interface": {**NETWORK, "A": of("EC2::NetworkInterface", SubnetId=ref("Here"))},
    "database": {"A": of("RDS::DBInstance", DBInstanceClass="db.t3.micro", Engine="postgres", MasterUsername="ml", MasterUserPassword="abcdefgh", AllocatedStorage="20")},
    "environment": {
        **NETWORK,
        "Role": ROLE,
        "P": of("IAM::InstanceProfile", Roles=[ref("Role")]),
        "A": of(
            "Batch::ComputeEnvironment",
            Type="MANAGED",
            ServiceRole=part("Role", "Arn"),
            ComputeResources={"Type": "EC2", "MinvCpus": 0, "MaxvCpus": 2, "InstanceTypes": ["m5.large"], "Subnets": [ref("Here")], "SecurityGroupIds": [ref("Group")], "InstanceRole": part("P", "Arn")},
        ),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", TEMPLATES)
def test_a_template_makes_and_deletes_it(world: AwsWorld, case: str) -> None:
    api = world.aws.client("cloudformation")
    body = json.dumps({"Resources": TEMPLATES[case]})
    api.create_stack(StackName="made", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    found = api.describe_stack_resources(StackName="made")["StackResources"]
    assert {one["LogicalResourceId"] for one in found} == TEMPLATES[case].keys()
    api.delete_stack(StackName="made")
    with pytest.raises(ClientError, match="does not exist"):
        api.describe_stacks(StackName="made")


def test_a_queue_of_a_template_has_what_the_template_says(world: AwsWorld) -> None:
    body = json.dumps({"Resources": TEMPLATES["dead letters"]})
    world.aws.client("cloudformation").create_stack(StackName="made", TemplateBody=body)
    sqs = world.aws.client("sqs")
    url = sqs.get_queue_url(QueueName="full")["QueueUrl"]
    has = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert has["VisibilityTimeout"] == "60"
    assert json.loads(has["RedrivePolicy"])["maxReceiveCount"] == 3


@pytest.mark.parametrize("policy", ["Delete", None])
def test_a_database_of_a_template_leaves_a_snapshot(world: AwsWorld, policy: str | None) -> None:
    kept = {"DeletionPolicy": policy} if policy else {}
    api = world.aws.client("cloudformation")
    body = json.dumps({"Resources": {"A": TEMPLATES["database"]["A"] | kept}})
    api.create_stack(StackName="made", TemplateBody=body)
    api.delete_stack(StackName="made")
    rds = world.aws.client("rds")
    assert rds.describe_db_instances()["DBInstances"] == []
    assert len(rds.describe_db_snapshots()["DBSnapshots"]) == (0 if policy else 1)
