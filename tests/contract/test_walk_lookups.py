"""Lookups that only an apply can make: asked when it can, recorded before anything is made with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gitbot.model.cloud import Purpose
from gitbot.model.desired import DesiredResource, DesiredStack, Environment
from gitbot.model.lookups import DesiredLookup, LookupRule, Pick
from gitbot.model.names import Address
from gitbot.model.values import Unknown, Value
from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws
from tests.contract.walk_world import REGION, SPAN, WalkWorld, ref, resource, stack_of

NET, RULE, PART, OWN = (Address(name) for name in ("net", "rule", "part", "lookups.own"))
LISTED = tuple(
    LookupRule(type=type_, identifiers=("*",), attributes=("*",))
    for type_ in ("AWS::EC2::SecurityGroup", "AWS::EC2::VPC")
)


@pytest.fixture
def world(local_aws: LocalAws, tmp_path: Path) -> Iterator[WalkWorld]:
    local_aws.reset()
    world = WalkWorld(local_aws, open_catalog(), tmp_path)
    rules = Environment(name="dev", region=REGION, lookups=LISTED, source=SPAN)
    world.cloud = world.clouds.open(rules, Purpose.APPLY)
    yield world
    world.engine.dispose()


def found(attribute: str = "GroupId") -> Unknown:
    """``${lookups.own.GroupId}`` as the loader leaves it."""
    inner = Unknown(template=f"${{own.{attribute}}}", references={"own": OWN})
    return Unknown(
        template=f"${{lookups.own.{attribute}}}",
        inputs={"lookups": {"own": {attribute: inner}}},
        references={OWN: OWN},
    )


def lookup(name: Value = "default", vpc: Value | None = None) -> DesiredLookup:
    """The group that AWS itself makes in the network of the stack."""
    return DesiredLookup(
        address=OWN,
        type="AWS::EC2::SecurityGroup",
        filter={"GroupName": name, "VpcId": ref("${net.VpcId}") if vpc is None else vpc},
        pick=Pick.ONE,
        attributes=("GroupId",),
        source=SPAN,
    )


def net() -> DesiredResource:
    return resource("net", "AWS::EC2::VPC", {"CidrBlock": "10.7.0.0/16"})


def rule(group: Value) -> DesiredResource:
    properties = {"GroupId": group, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    cidr = {"CidrIp": "203.0.113.5/32"}
    return resource("rule", "AWS::EC2::SecurityGroupIngress", properties | cidr, depends_on=["net"])


def part() -> DesiredResource:
    properties = {"VpcId": ref("${net.VpcId}"), "CidrBlock": "10.7.1.0/24"}
    return resource("part", "AWS::EC2::Subnet", properties, depends_on=["net"])


def stack(*resources: DesiredResource, own: DesiredLookup, **outputs: Value) -> DesiredStack:
    made = stack_of(*resources, **outputs)
    return replace(made, lookups={OWN: own}, hash=f"{made.hash}{own.asked}")


WHOLE = stack(net(), rule(found()), part(), own=lookup(), group=found())


def test_what_only_an_apply_can_ask_is_asked_there_and_recorded(world: WalkWorld) -> None:
    plan = world.plan(WHOLE)
    assert [one.found for one in plan.lookups] == [None]
    result = world.apply(WHOLE)
    assert result.ok, result.failures
    state = world.recorded()
    (group,) = state.lookups[OWN].identifiers
    assert state.lookups[OWN].attributes == {"GroupId": group}
    assert state.resources[RULE].properties["GroupId"] == group
    assert state.outputs["group"].value == group
    again = world.plan(WHOLE)
    assert again.empty
    assert [one.found for one in again.lookups] == [state.lookups[OWN]]
    assert world.apply(WHOLE).ok
    assert world.recorded().lookups == state.lookups
    # A lookup that is gone leaves state.
    assert world.apply(stack_of(net(), part())).ok
    assert world.recorded().lookups == {}
    assert world.apply(None).ok


def test_an_answer_is_recorded_before_anything_is_made_with_it(world: WalkWorld) -> None:
    world.aws.inject(
        Fault(
            operation="AuthorizeSecurityGroupIngress",
            kind=FaultKind.ERROR,
            status=400,
            code="InvalidParameterValue",
        )
    )
    result = world.apply(WHOLE)
    assert [one.address for one in result.failures] == [RULE]
    state = world.recorded()
    assert OWN in state.lookups
    assert not state.complete
    assert world.apply(WHOLE).ok
    assert world.recorded().lookups == state.lookups


def test_a_lookup_without_an_answer_fails_what_needs_it_and_nothing_else(world: WalkWorld) -> None:
    wanted = stack(net(), rule(found()), part(), own=lookup("nobody"), group=found())
    result = world.apply(wanted)
    (failure,) = result.failures
    assert failure.address == RULE
    assert "there is no AWS::EC2::SecurityGroup that fits" in failure.message
    assert {NET, PART} <= world.recorded().resources.keys()
    assert world.recorded().lookups == {}
    assert world.apply(WHOLE).ok


def test_a_lookup_that_only_an_output_needs_fails_by_its_own_name(world: WalkWorld) -> None:
    wanted = stack(net(), own=lookup("nobody"), group=found())
    result = world.apply(wanted)
    assert [one.address for one in result.failures] == [OWN]
    assert not world.recorded().complete


def test_what_a_lookup_asks_with_may_fail(world: WalkWorld) -> None:
    broken = lookup(vpc=ref("${net.VpcId.size() > 3 ? net.VpcId[0] : 1}"))
    result = world.apply(stack(net(), rule(found()), own=broken))
    assert [one.address for one in result.failures] == [RULE]
    assert "net.VpcId[0]" in result.failures[0].message
    assert NET in world.recorded().resources
