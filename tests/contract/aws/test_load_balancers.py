"""What Elastic Load Balancing refuses, fills in and takes in several forms."""

from __future__ import annotations

from threading import Timer
from typing import Any

import pytest

from gitbot.errors import CloudError, ConflictError
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.elasticloadbalancingv2 import (
    MISSING,
    SECURE,
    certificate,
    least_balancer,
    least_group,
    least_listener,
    least_rule,
    setting,
    subnets,
)
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import AwsWorld

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"zones": "a"}, "At least two subnets"),
        ({"zones": "ab", "SecurityGroups": ["sg-0123456789abcdef0"]}, "does not exist"),
    ],
)
def test_what_a_load_balancer_needs_is_refused_by_the_local_aws(
    world: AwsWorld, spec: dict[str, Any], why: str
) -> None:
    rest = {name: value for name, value in spec.items() if name != "zones"}
    with pytest.raises(CloudError, match=why):
        world.create(BALANCER, {"Subnets": subnets(world, *spec["zones"]), **rest})


def test_a_protected_load_balancer_stays_until_its_protection_is_off(world: AwsWorld) -> None:
    spec = least_balancer(world)
    on = {**spec, "LoadBalancerAttributes": [setting("deletion_protection.enabled", "true")]}
    off = {**spec, "LoadBalancerAttributes": [setting("deletion_protection.enabled", "false")]}
    made = world.create(BALANCER, on)
    with pytest.raises(CloudError, match="deletion protection"):
        world.cloud.delete(world.operation(BALANCER, on), made)
    world.update(BALANCER, made, on, off)
    world.cloud.delete(world.operation(BALANCER, off), made)
    assert world.is_absent(BALANCER, made)


def test_subnets_and_mappings_are_one_and_an_attribute_is_set_not_taken_out(
    world: AwsWorld,
) -> None:
    spec = {
        **least_balancer(world),
        "LoadBalancerAttributes": [setting("idle_timeout.timeout_seconds", "90")],
    }
    life = Life(world, BALANCER)
    life.apply(spec)
    rest = {name: value for name, value in spec.items() if name != "Subnets"}
    mappings = [{"SubnetId": one} for one in reversed(spec["Subnets"])]
    assert life.change({**rest, "SubnetMappings": mappings}).paths == ()
    other = [setting("routing.http2.enabled", "false")]
    with pytest.raises(RefusedError, match="removal-undeclared"):
        life.apply({**spec, "LoadBalancerAttributes": other})


def test_a_load_balancer_is_waited_for_and_a_generated_name_is_one_that_aws_takes(
    world: AwsWorld,
) -> None:
    hold(describes=2)
    made = world.create(BALANCER, least_balancer(world), address="internal")
    [one] = world.aws.client("elbv2").describe_load_balancers(LoadBalancerArns=[made])[
        "LoadBalancers"
    ]
    assert one["State"]["Code"] == "active"
    assert one["LoadBalancerName"].startswith("lb-internal-")
    hold(fails="no room")
    with pytest.raises(CloudError, match="cannot be used"):
        world.create(BALANCER, least_balancer(world), token="6" * 32)
    hold()


def test_a_name_of_another_is_refused(world: AwsWorld) -> None:
    client = world.aws.client("elbv2")
    client.create_load_balancer(Name="taken", Subnets=subnets(world, "a", "b"))
    with pytest.raises(ConflictError, match="import"):
        world.create(BALANCER, {**least_balancer(world), "Name": "taken"})
    with pytest.raises(client.exceptions.DuplicateLoadBalancerNameException):
        client.create_load_balancer(Name="taken", Subnets=subnets(world, "b", "c"))


@pytest.mark.parametrize(
    ("kind", "name"),
    [(BALANCER, "my-internal-lb"), (GROUP, "my-internal-group"), (GROUP, "internal-api")],
)
def test_a_name_in_the_spec_stays_as_it_is(world: AwsWorld, kind: str, name: str) -> None:
    least = least_balancer(world) if kind == BALANCER else least_group(world)
    life = Life(world, kind)
    life.apply({**least, "Name": name})
    assert life.seen["Name"] == name


def test_a_load_balancer_may_not_have_a_name_that_aws_keeps(world: AwsWorld) -> None:
    with pytest.raises(RefusedError):
        Life(world, BALANCER).apply({**least_balancer(world), "Name": "internal-api"})


@pytest.mark.parametrize(
    ("spec", "after", "path"),
    [
        ({"ProtocolVersion": "HTTP2"}, {}, "/"),
        ({"ProtocolVersion": "GRPC"}, {}, "/AWS.ALB/healthcheck"),
        (
            {"Protocol": "TCP", "HealthCheckProtocol": "HTTP"},
            {"HealthCheckProtocol": "TCP"},
            None,
        ),
    ],
)
def test_a_path_that_is_removed_goes_back_to_what_aws_checks_by_that_protocol(
    world: AwsWorld, spec: dict[str, Any], after: dict[str, Any], path: str | None
) -> None:
    least = {**least_group(world), **spec}
    life = Life(world, GROUP)
    life.apply({**least, "HealthCheckPath": "/ping"})
    life.apply({**least, **after})
    life.change({**least, **after}, {"HealthCheckPath"})
    assert life.seen.get("HealthCheckPath") == path


def test_a_listener_that_gives_up_encryption_gives_up_its_certificate(world: AwsWorld) -> None:
    plain = least_listener(world)
    secure = {
        **plain,
        "Protocol": "HTTPS",
        "Certificates": [{"CertificateArn": certificate(world)}],
        "SslPolicy": "ELBSecurityPolicy-TLS-1-2-2017-01",
        "MutualAuthentication": {"Mode": "passthrough"},
    }
    life = Life(world, LISTENER)
    life.apply(secure)
    with pytest.raises(RefusedError, match="missing-property"):
        life.apply({**plain, "Protocol": "HTTPS"})
    life.apply(plain)
    life.change(plain, {"Protocol", *secure})
    assert not {"Certificates", "SslPolicy"} & {n for n, v in life.seen.items() if v}
    life.apply(secure)


def test_an_equal_listener_of_another_is_not_taken_over(world: AwsWorld) -> None:
    """The kind: AWS answers a create of what exists with success."""
    spec = least_listener(world)
    world.aws.client("elbv2").create_listener(**spec)
    with pytest.raises(ConflictError, match="import"):
        world.create(LISTENER, spec)


def test_a_rule_waits_for_a_priority_that_another_is_about_to_leave(world: AwsWorld) -> None:
    client, spec = world.aws.client("elbv2"), least_rule(world)
    made = world.create(RULE, spec)
    [other] = client.create_rule(**{**spec, "Priority": 20})["Rules"]
    leaves = Timer(
        0.5,
        client.set_rule_priorities,
        kwargs={"RulePriorities": [{"RuleArn": other["RuleArn"], "Priority": 30}]},
    )
    leaves.start()
    world.update(RULE, made, spec, {**spec, "Priority": 20})
    leaves.join()
    assert world.properties(RULE, made)["Priority"] == 20


def test_several_actions_have_an_order_where_a_spec_gives_none(world: AwsWorld) -> None:
    sign_in = {"Type": "authenticate-oidc", "AuthenticateOidcConfig": SECURE}
    spec = {**least_rule(world), "Actions": [sign_in, MISSING]}
    life = Life(world, RULE)
    life.apply(spec)
    assert [one["Order"] for one in life.seen["Actions"]] == [1, 2]
    ordered = [{**MISSING, "Order": 2}, {**sign_in, "Order": 1}]
    assert life.change({**spec, "Actions": ordered}).paths == ()


def test_what_a_group_cannot_know_when_it_is_made_is_no_attribute(world: AwsWorld) -> None:
    assert "/LoadBalancerArns" not in world.schema(GROUP).read_only
