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

_BALANCERS = (
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


def made_listener(world: AwsWorld, name: str = "a") -> str:
    """A listener of a load balancer of its own."""

    def make() -> str:
        made = world.aws.client("elbv2").create_listener(
            LoadBalancerArn=made_balancer(world, name),
            Port=81,
            Protocol="HTTP",
            DefaultActions=[MISSING],
        )
        return str(made["Listeners"][0]["ListenerArn"])

    return str(world.thing(f"elb-listener-{name}", make))


def made_balancer(world: AwsWorld, name: str = "a") -> str:
    """A load balancer."""

    def make() -> str:
        made = world.aws.client("elbv2").create_load_balancer(
            Name=f"balancer-{name}", Subnets=subnets(world, "a", "b")
        )
        return str(made["LoadBalancers"][0]["LoadBalancerArn"])

    return str(world.thing(f"elb-balancer-{name}", make))


def made_group(world: AwsWorld, name: str = "a") -> str:
    """A target group."""

    def make() -> str:
        made = world.aws.client("elbv2").create_target_group(
            Name=f"group-{name}", Protocol="HTTP", Port=80, VpcId=a_vpc(world)
        )
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    return str(world.thing(f"elb-made-group-{name}", make))


def certificate(world: AwsWorld, name: str = "a") -> str:
    """A certificate."""

    def make() -> str:
        made = world.aws.client("acm").request_certificate(DomainName=f"{name}.example.com")
        return str(made["CertificateArn"])

    return str(world.thing(f"elb-certificate-{name}", make))


MISSING = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
SECURE = {
    "Issuer": "https://example.com",
    "AuthorizationEndpoint": "https://example.com/authorize",
    "TokenEndpoint": "https://example.com/token",
    "UserInfoEndpoint": "https://example.com/user",
    "ClientId": "serve",
    "ClientSecret": "secret",
}


def least_listener(world: AwsWorld) -> dict[str, Any]:
    return {
        "LoadBalancerArn": made_balancer(world),
        "Port": 80,
        "Protocol": "HTTP",
        "DefaultActions": [MISSING],
    }


def listener(world: AwsWorld) -> dict[str, Any]:
    return {
        **least_listener(world),
        "Port": 443,
        "Protocol": "HTTPS",
        "SslPolicy": "ELBSecurityPolicy-TLS-1-2-2017-01",
        "Certificates": [{"CertificateArn": certificate(world)}],
        "MutualAuthentication": {"Mode": "passthrough"},
        "DefaultActions": [
            {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": SECURE},
            {"Type": "forward", "Order": 2, "TargetGroupArn": made_group(world)},
        ],
        "ListenerAttributes": [setting("routing.http.response.server.enabled", "false")],
        "Tags": TAGS,
    }


def listener_changes(world: AwsWorld) -> Mapping[str, Any]:
    groups = [{"TargetGroupArn": made_group(world, name), "Weight": 2} for name in "ab"]
    return {
        "Port": 8443,
        "SslPolicy": "ELBSecurityPolicy-2016-08",
        "Certificates": [{"CertificateArn": certificate(world, "b")}],
        "MutualAuthentication": {"Mode": "off"},
        "DefaultActions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
        "ListenerAttributes": [setting("routing.http.response.server.enabled", "true")],
        "Tags": OTHER_TAGS,
    }


def beside_listener(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name not in ("SslPolicy", "Certificates", "AlpnPolicy", "MutualAuthentication"):
        return {}
    secure = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": certificate(world)}]}
    return {key: value for key, value in secure.items() if key != name}


def beside_action(world: AwsWorld, name: str) -> Mapping[str, Any]:
    kinds = {
        "FixedResponseConfig": "fixed-response",
        "RedirectConfig": "redirect",
        "AuthenticateCognitoConfig": "authenticate-cognito",
        "AuthenticateOidcConfig": "authenticate-oidc",
    }
    if name in kinds:
        return {"Type": kinds[name]}
    group = {} if name == "ForwardConfig" else {"TargetGroupArn": made_group(world)}
    return {"Type": "forward", **group}


def beside_forward(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {"TargetGroups": [{"TargetGroupArn": made_group(world)}]}


def beside_sign_in(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {} if name == "UseExistingClientSecret" else {"ClientSecret": "secret"}


def actions_beside(declared: str) -> Mapping[str, Any]:
    at = f"{declared}/*"
    return {
        at: beside_action,
        f"{at}/ForwardConfig": beside_forward,
        f"{at}/ForwardConfig/TargetGroups/*": lambda world, name: {
            "TargetGroupArn": made_group(world)
        },
        f"{at}/ForwardConfig/TargetGroupStickinessConfig": lambda world, name: {"Enabled": True},
        f"{at}/AuthenticateOidcConfig": beside_sign_in,
    }


def actions_samples(declared: str, seconds: list[Any]) -> Mapping[str, Any]:
    at = f"{declared}/*"
    addresses = [
        *("Issuer", "AuthorizationEndpoint", "TokenEndpoint", "UserInfoEndpoint"),
        *("ClientId", "ClientSecret", "Scope", "SessionCookieName"),
        *("UserPoolArn", "UserPoolClientId", "UserPoolDomain"),
    ]
    return {
        f"{at}/Type": ["forward", "forward"],
        f"{at}/TargetGroupArn": lambda world: [made_group(world, name) for name in "ab"],
        f"{at}/ForwardConfig/TargetGroups/*/TargetGroupArn": lambda world: [
            made_group(world, name) for name in "ab"
        ],
        f"{at}/RedirectConfig/Protocol": ["HTTP", "HTTPS"],
        f"{at}/RedirectConfig/Port": ["80", "443"],
        f"{at}/RedirectConfig/Path": ["/a", "/b"],
        f"{at}/FixedResponseConfig/StatusCode": ["404", "503"],
        "**/SessionTimeout": seconds,
        "**/AuthenticationRequestExtraParams": [{"a": "b"}, {"a": "c"}],
        **{f"**/{name}": ["https://a.example", "https://b.example"] for name in addresses},
    }


def least_rule(world: AwsWorld) -> dict[str, Any]:
    return {
        "ListenerArn": made_listener(world),
        "Priority": 10,
        "Conditions": [{"Field": "path-pattern", "Values": ["/models/*"]}],
        "Actions": [MISSING],
    }


def rule(world: AwsWorld) -> dict[str, Any]:
    methods = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}}
    return {
        **least_rule(world),
        "Conditions": [methods, {"Field": "host-header", "Values": ["serve.example.com"]}],
        "Actions": [{"Type": "forward", "TargetGroupArn": made_group(world)}],
        "Tags": TAGS,
    }


def rule_changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "Priority": 20,
        "Conditions": [
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b"]}},
            {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
        ],
        "Actions": [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}],
        "Tags": OTHER_TAGS,
    }


FIELDS = {
    "HostHeaderConfig": "host-header",
    "PathPatternConfig": "path-pattern",
    "HttpHeaderConfig": "http-header",
    "HttpRequestMethodConfig": "http-request-method",
    "QueryStringConfig": "query-string",
    "SourceIpConfig": "source-ip",
}


def beside_condition(world: AwsWorld, name: str) -> Mapping[str, Any]:
    values = {} if name in (*FIELDS, "Values") else {"Values": ["/a"]}
    return {"Field": FIELDS.get(name, "path-pattern"), **values}


LISTENERS = f"""\
{GROUPS}web:
  type: AWS::ElasticLoadBalancingV2::Listener
  properties:
    LoadBalancerArn: ${{balancer.LoadBalancerArn}}
    Port: 80
    Protocol: HTTP
    DefaultActions:
      - {{Type: fixed-response, FixedResponseConfig: {{StatusCode: "404", ContentType: text/plain}}}}
serve:
  type: AWS::ElasticLoadBalancingV2::ListenerRule
  properties:
    ListenerArn: ${{web.ListenerArn}}
    Priority: 10
    Conditions: [{{Field: path-pattern, Values: ["/models/*"]}}]
    Actions: [{{Type: forward, TargetGroupArn: "${{models.TargetGroupArn}}"}}]
"""

_LISTENERS = (
    Case(
        type=f"{KIND}::Listener",
        creating="CreateListener",
        absent=f"{ARN}:listener/app/gone/0123456789abcdef/0123456789abcdef",
        minimal=least_listener,
        full=listener,
        changes=listener_changes,
        attributes=frozenset({"ListenerArn"}),
        others=lambda world: {"Port": 443},
        elsewhere=frozenset({"Protocol", "AlpnPolicy"}),
        needed=frozenset({"Certificates"}),
        stack=LISTENERS,
        samples={
            "LoadBalancerArn": lambda world: [made_balancer(world, name) for name in "ab"],
            "Port": [80, 8080],
            "Protocol": ["HTTP", "HTTP"],
            "SslPolicy": ["ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-2016-08"],
            "Certificates/*/CertificateArn": lambda world: [
                certificate(world, one) for one in "ab"
            ],
            "AlpnPolicy": [["HTTP2Only"], ["HTTP2Preferred"]],
            "MutualAuthentication/TrustStoreArn": [f"{ARN}:truststore/{one}/0" for one in "ab"],
            "ListenerAttributes": [
                [setting("routing.http.response.server.enabled", one)] for one in ("true", "false")
            ],
            **actions_samples("DefaultActions", ["60", "120"]),
        },
        beside={"": beside_listener, **actions_beside("DefaultActions")},
    ),
    Case(
        type=f"{KIND}::ListenerRule",
        creating="CreateRule",
        absent=f"{ARN}:listener-rule/app/gone/0123456789abcdef/0123456789abcdef/0123456789abcdef",
        minimal=least_rule,
        full=rule,
        changes=rule_changes,
        attributes=frozenset({"RuleArn", "IsDefault"}),
        others=lambda world: {"Priority": 10},
        stack=LISTENERS.replace("Priority: 10", "Priority: 11"),
        samples={
            "ListenerArn": lambda world: [made_listener(world, name) for name in "ab"],
            "Conditions/*/Field": ["path-pattern", "host-header"],
            "Conditions/*/HttpRequestMethodConfig/Values": [["GET"], ["PUT"]],
            "Conditions/*/SourceIpConfig/Values": [["10.0.0.0/8"], ["192.0.2.0/24"]],
            "Conditions/*/Values": [["/a"], ["/b"]],
            "**/Values": [["a"], ["b"]],
            "**/HttpHeaderName": ["X-One", "X-Two"],
            **actions_samples("Actions", [60, 120]),
        },
        beside={
            "Conditions/*": beside_condition,
            "Conditions/*/QueryStringConfig/Values/*": lambda world, name: {"Value": "a"},
            **actions_beside("Actions"),
        },
    ),
)
CASES = (*_BALANCERS, *_LISTENERS)
