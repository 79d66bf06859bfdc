"""Cases of the types of Elastic Load Balancing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.cases.stacks import TWO_ZONES
from tests.contract.aws.world import AwsWorld

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
KIND = "AWS::ElasticLoadBalancingV2"


def a_vpc(world: AwsWorld, name: str = "a") -> str:
    """A network."""

    def make() -> str:
        return str(world.aws.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"])

    return str(world.thing(f"elb-vpc-{name}", make))


def subnets(world: AwsWorld, *zones: str) -> list[str]:
    """A subnet in each of these zones."""

    def make(zone: str) -> str:
        made = world.aws.client("ec2").create_subnet(
            VpcId=a_vpc(world),
            CidrBlock=f"10.9.{ord(zone)}.0/24",
            AvailabilityZone=f"us-east-1{zone}",
        )
        return str(made["Subnet"]["SubnetId"])

    return [str(world.thing(f"elb-subnet-{zone}", partial(make, zone))) for zone in zones]


def a_group(world: AwsWorld, name: str) -> str:
    """A security group in the network."""

    def make() -> str:
        made = world.aws.client("ec2").create_security_group(
            GroupName=f"elb-{name}", Description="x", VpcId=a_vpc(world)
        )
        return str(made["GroupId"])

    return str(world.thing(f"elb-group-{name}", make))


def setting(key: str, value: str) -> dict[str, str]:
    return {"Key": key, "Value": value}


def least_balancer(world: AwsWorld) -> dict[str, Any]:
    return {"Subnets": subnets(world, "a", "b")}


def balancer(world: AwsWorld) -> dict[str, Any]:
    return {
        **least_balancer(world),
        "Name": "serve",
        "Type": "application",
        "Scheme": "internal",
        "IpAddressType": "dualstack",
        "SecurityGroups": [a_group(world, "a")],
        "LoadBalancerAttributes": [
            setting("idle_timeout.timeout_seconds", "120"),
            setting("routing.http2.enabled", "false"),
        ],
        "Tags": TAGS,
    }


def balancer_changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "Subnets": subnets(world, "c", "b"),
        "IpAddressType": "ipv4",
        "SecurityGroups": [a_group(world, "b"), a_group(world, "a")],
        "LoadBalancerAttributes": [
            setting("idle_timeout.timeout_seconds", "180"),
            setting("routing.http2.enabled", "true"),
        ],
        "Tags": OTHER_TAGS,
    }


def beside_balancer(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name == "SubnetMappings":
        return {"Type": "network"}
    return {}


def beside_mapping(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {"SubnetId": subnets(world, "a")[0]}


def least_group(world: AwsWorld) -> dict[str, Any]:
    return {"Protocol": "HTTP", "Port": 80, "VpcId": a_vpc(world)}


def target_group(world: AwsWorld) -> dict[str, Any]:
    return {
        **least_group(world),
        "Name": "serve",
        "ProtocolVersion": "HTTP1",
        "TargetType": "ip",
        "IpAddressType": "ipv4",
        "HealthCheckEnabled": True,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "8080",
        "HealthCheckPath": "/ping",
        "HealthCheckIntervalSeconds": 60,
        "HealthCheckTimeoutSeconds": 20,
        "HealthyThresholdCount": 3,
        "UnhealthyThresholdCount": 4,
        "Matcher": {"HttpCode": "200-299"},
        "Targets": [{"Id": "10.9.97.4"}, {"Id": "10.9.97.5", "Port": 8080}],
        "TargetGroupAttributes": [setting("deregistration_delay.timeout_seconds", "30")],
        "Tags": TAGS,
    }


def group_changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "HealthCheckEnabled": True,
        "HealthCheckProtocol": "HTTPS",
        "HealthCheckPort": "8081",
        "HealthCheckPath": "/health",
        "HealthCheckIntervalSeconds": 90,
        "HealthCheckTimeoutSeconds": 30,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 6,
        "Matcher": {"HttpCode": "200,204"},
        "Targets": [{"Id": "10.9.97.6", "Port": 80}, {"Id": "10.9.97.4"}],
        "TargetGroupAttributes": [setting("deregistration_delay.timeout_seconds", "60")],
        "Tags": OTHER_TAGS,
    }


NETWORK = (
    TWO_ZONES
    + """\
door:
  type: AWS::EC2::SecurityGroup
  properties:
    GroupDescription: web
    VpcId: ${vpc.VpcId}
    SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}]
balancer:
  type: AWS::ElasticLoadBalancingV2::LoadBalancer
  properties:
    Subnets: ["${one.SubnetId}", "${two.SubnetId}"]
    SecurityGroups: ["${door.GroupId}"]
    LoadBalancerAttributes: [{Key: idle_timeout.timeout_seconds, Value: "120"}]
"""
)
GROUPS = f"""\
{NETWORK}models:
  type: AWS::ElasticLoadBalancingV2::TargetGroup
  properties:
    Protocol: HTTP
    Port: 8080
    VpcId: ${{vpc.VpcId}}
    TargetType: ip
    HealthCheckPath: /ping
    Targets: [{{Id: 10.20.1.9}}]
    TargetGroupAttributes: [{{Key: stickiness.enabled, Value: "true"}}]
"""

CASES = (
    Case(
        type=f"{KIND}::LoadBalancer",
        creating="CreateLoadBalancer",
        absent=f"{ARN}:loadbalancer/app/gone/0123456789abcdef",
        minimal=least_balancer,
        full=balancer,
        changes=balancer_changes,
        attributes=frozenset(
            {
                *("LoadBalancerArn", "LoadBalancerName", "DNSName"),
                *("CanonicalHostedZoneID", "LoadBalancerFullName"),
            }
        ),
        elsewhere=frozenset({"SubnetMappings"}),
        stack=NETWORK,
        samples={
            "Name": ["one", "two"],
            "Type": ["application", "network"],
            "Subnets": lambda world: [subnets(world, "a", "b"), subnets(world, "b", "c")],
            "SubnetMappings/*/SubnetId": lambda world: subnets(world, "a", "b"),
            "SubnetMappings/*/AllocationId": ["eipalloc-0a", "eipalloc-0b"],
            "SubnetMappings/*/PrivateIPv4Address": ["10.9.97.4", "10.9.97.5"],
            "SubnetMappings/*/IPv6Address": ["2001:db8::1", "2001:db8::2"],
            "SecurityGroups": lambda world: [[a_group(world, name)] for name in "ab"],
            "LoadBalancerAttributes": [
                [setting("idle_timeout.timeout_seconds", seconds)] for seconds in ("30", "90")
            ],
        },
        beside={"": beside_balancer, "SubnetMappings/*": beside_mapping},
    ),
    Case(
        type=f"{KIND}::TargetGroup",
        one_value=frozenset({"HealthCheckEnabled"}),
        creating="CreateTargetGroup",
        absent=f"{ARN}:targetgroup/gone/0123456789abcdef",
        minimal=least_group,
        full=target_group,
        changes=group_changes,
        attributes=frozenset({"TargetGroupArn", "TargetGroupName", "TargetGroupFullName"}),
        stack=GROUPS,
        samples={
            "Name": ["one", "two"],
            "Protocol": ["HTTP", "HTTPS"],
            "ProtocolVersion": ["HTTP1", "HTTP2"],
            "VpcId": lambda world: [a_vpc(world, name) for name in "ab"],
            "HealthCheckProtocol": ["HTTP", "HTTPS"],
            "HealthCheckPort": ["8080", "8081"],
            "HealthCheckPath": ["/a", "/b"],
            "Matcher/HttpCode": ["200", "204"],
            "Matcher/GrpcCode": ["0", "1"],
            "Targets/*/Id": ["10.9.97.4", "10.9.97.5"],
            "Targets/*/AvailabilityZone": ["all", "all"],
            "TargetGroupAttributes": [
                [setting("deregistration_delay.timeout_seconds", one)] for one in ("30", "60")
            ],
        },
    ),
)
