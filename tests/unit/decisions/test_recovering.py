"""Which state the tagged objects of an environment are of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.recovering import doubtful, lineage_of, never_found, strangers
from gitbot.errors import UserError
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.observed import Present
from gitbot.model.plan import Plan
from gitbot.model.recorded import Deposed, RecordedResource, RecordedStack
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.reconciler.planning_world import (
    BUCKET,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

WEB = StackId(repository="1", environment="dev", name="web", region="eu-west-1")
NEW = RecordedStack(id=WEB, lineage="")
TYPE = "AWS::EC2::VPC"
HELD = replace(
    NEW,
    lineage="mine",
    serial=3,
    resources={
        Address("vpc"): RecordedResource(
            address=Address("vpc"),
            type=TYPE,
            remote_id=RemoteId("vpc-1"),
            properties={},
            account="1",
            region="eu-west-1",
        )
    },
)


def vpc(number: int, lineage: str, stack: str = "dev/web") -> dict[tuple[str, RemoteId], Present]:
    remote_id = RemoteId(f"vpc-{number}")
    tags = {"gitbot:lineage": lineage, "gitbot:stack": stack, "gitbot:resource": "vpc"}
    tags = {key: value for key, value in tags.items() if value}
    return {(TYPE, remote_id): Present(remote_id=remote_id, ownership=tags)}


@pytest.mark.parametrize(
    ("state", "live", "taken", "given", "lineage"),
    [
        (NEW, {}, [], None, None),
        (NEW, vpc(1, "a"), [], None, "a"),
        (NEW, vpc(1, "a", "dev/former"), [], None, "a"),
        (NEW, vpc(1, "a", "dev/else"), [], None, None),
        (NEW, vpc(1, ""), [], None, None),
        (NEW, {**vpc(1, "a"), **vpc(2, "b")}, [(TYPE, "vpc-2")], None, "a"),
        (NEW, {**vpc(1, "a"), **vpc(2, "b")}, [], "b", "b"),
        (NEW, vpc(1, "a"), [], "b", None),
        (HELD, vpc(1, "a"), [], None, "mine"),
        (HELD, vpc(1, "a"), [], "mine", "mine"),
    ],
)
def test_the_lineage_is_that_of_the_state_or_that_in_the_tags(
    state, live, taken, given, lineage
) -> None:
    assert lineage_of(state, {"dev/web", "dev/former"}, live, taken, given) == lineage


@pytest.mark.parametrize(
    ("state", "given", "says"),
    [
        (NEW, None, r"a: vpc-1; b: vpc-2.*--lineage"),
        (HELD, "b", "--lineage is for a stack of which it has none"),
    ],
)
def test_what_is_not_clear_is_refused(state, given, says) -> None:
    with pytest.raises(UserError, match=says):
        lineage_of(state, {"dev/web"}, {**vpc(1, "a"), **vpc(2, "b")}, [], given)


@pytest.mark.parametrize(
    ("live", "says"),
    [
        (vpc(1, "mine"), None),
        (vpc(1, "x", "prod/web"), None),
        (vpc(1, "x"), "another state of that name"),
        (vpc(1, "x", "dev/gone"), "no spec declares that stack"),
        (vpc(7, "x"), "in the state of dev/api of repository 2"),
    ],
)
def test_whose_objects_are_left_alone_is_told(live, says) -> None:
    other = replace(WEB, repository="2", name="api")
    found = strangers("dev", live, {"mine": WEB}, {(TYPE, RemoteId("vpc-7")): other})
    assert [says in one.why for one in found if says] == [True] * bool(says)
    assert len(found) == bool(says)


@pytest.mark.parametrize(
    ("type_", "properties", "told"),
    [
        pytest.param(
            "AWS::Logs::MetricFilter", {"LogGroupName": "g"}, True, id="the cloud names it"
        ),
        pytest.param(
            "AWS::Logs::MetricFilter",
            {"LogGroupName": "g", "FilterName": "f"},
            False,
            id="the spec names it",
        ),
        pytest.param("AWS::EC2::EIPAssociation", {"EIP": "1.2.3.4"}, True, id="no name at all"),
        pytest.param(
            "AWS::EC2::Route",
            {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0"},
            False,
            id="what it leads to names it",
        ),
        pytest.param("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, False, id="tags"),
        pytest.param("AWS::EC2::LaunchTemplate", {}, False, id="tags beside its properties"),
    ],
)
def test_what_nothing_finds_is_told_of_the_next_plan(
    type_: str, properties: dict[str, str], told: bool
) -> None:
    lookup = open_catalog().lookup
    schema = lookup(type_)
    assert schema is not None
    plan = plan_of(stack(resource("it", schema, properties)), schemas=lookup)
    assert [one.address for one in never_found(plan, lookup)] == ["it"] * told


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (None, ""),
        (plan_of(stack(), state(record("data", BUCKET)), present("data")), "`id-data` (data)"),
        (
            plan_of(
                stack(resource("data", BUCKET, {"BucketName": "mine"})),
                state(record("data", BUCKET, {"BucketName": "theirs"})),
                present("data", BucketName="theirs"),
            ),
            "`id-data` (data)",
        ),
        (
            plan_of(
                stack(resource("data", BUCKET, {"BucketName": "mine"})),
                state(
                    record("data", BUCKET, {"BucketName": "mine"}),
                    deposed=(Deposed(resource=record("data", BUCKET), operation="op"),),
                ),
                present("data", BucketName="mine"),
            ),
            "",
        ),
        (
            plan_of(
                stack(resource("data", BUCKET, {"BucketName": unknown("${vm.InstanceId}")})),
                state(record("data", BUCKET, {"BucketName": "mine"})),
                present("data", BucketName="mine"),
            ),
            "",
        ),
    ],
    ids=[
        "nothing is known",
        "it would go",
        "it would be replaced",
        "an old object goes",
        "it may be replaced",
    ],
)
def test_what_the_specs_would_replace_or_delete_may_be_somebody_elses(
    plan: Plan | None, told: str
) -> None:
    words = doubtful(HELD, plan)
    assert bool(words) is bool(told)
    assert told in words
    assert ("--stack web --lineage mine" in words) is bool(told)
