"""The walk makes, changes, finds and deletes objects of types that Cloud Control serves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.names import Address, RemoteId
from gitbot.model.plan import Action
from gitbot.model.recorded import Intent, IntentKind, RecordedResource
from gitbot.model.schema import Route
from gitbot.model.values import Redacted, Sensitive
from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws
from gitbot_sandbox.aws.cloud_control.door import CLOUD_CONTROL
from tests.contract.walk_death import KILLED, apply_until
from tests.contract.walk_world import STACK, WalkWorld, resource, stack_of

IT = Address("it")
TAGS = [{"Key": "owner", "Value": "ml"}]
GROUP, CLUSTER = "AWS::ResourceGroups::Group", "AWS::Athena::WorkGroup"
QUERY, HYPERVISOR = "AWS::Athena::NamedQuery", "AWS::BackupGateway::Hypervisor"
DOCUMENT = {"schemaVersion": "2.2", "description": "x", "mainSteps": []}
SELECT = {"Database": "runs", "QueryString": "select 1"}
"""A type without tags, names and updates: only its request tells which object it has made."""

CASES: Mapping[str, tuple[dict[str, Any], dict[str, Any], Action]] = {
    GROUP: ({"Name": "runs", "Tags": TAGS}, {"Description": "of training"}, Action.UPDATE),
    "AWS::Athena::WorkGroup": ({"Name": "runs"}, {"Tags": TAGS}, Action.UPDATE),
    "AWS::AppConfig::Application": ({"Name": "a"}, {"Description": "b"}, Action.UPDATE),
    "AWS::Cognito::UserPoolGroup": (
        {"UserPoolId": "us-east-1_abcdefghi", "GroupName": "runs"},
        {"Precedence": "3"},
        Action.UPDATE,
    ),
    "AWS::SSM::Document": (
        {"Content": json.dumps(DOCUMENT), "DocumentType": "Command"},
        {"Tags": TAGS},
        Action.UPDATE,
    ),
    QUERY: (SELECT, {"Description": "all of them"}, Action.REPLACE),
}
"""Type: the properties of a new object, what is added then, and what that does."""


@pytest.fixture
def world(local_aws: LocalAws, tmp_path: Path) -> Iterator[WalkWorld]:
    local_aws.reset()
    made = WalkWorld(local_aws, open_catalog(), tmp_path)
    yield made
    made.engine.dispose()


def it(type_: str, **properties: Any) -> DesiredStack:
    lifecycle = properties.pop("lifecycle", {})
    found: DesiredResource = resource("it", type_, properties, **lifecycle)
    return stack_of(found)


def group(**more: Any) -> DesiredStack:
    return it(GROUP, Name="runs", **more)


def objects(type_: str) -> dict[str, Any]:
    """What there really is, write-only values included."""
    return CLOUD_CONTROL.region("123456789012", "us-east-1").of_type(type_)


def fail(code: str, **fields: Any) -> Fault:
    return Fault(kind=FaultKind.PROGRESS, service="*", operation="*", code=code, **fields)


@pytest.mark.parametrize("type_", CASES)
def test_an_object_lives(world: WalkWorld, type_: str) -> None:
    given, more, action = CASES[type_]
    before, after = it(type_, **given), it(type_, **given, **more)
    result = world.apply(before)
    assert result.ok, result.failures
    made = world.recorded().resources[IT]
    assert made.route is Route.CLOUD_CONTROL
    assert list(objects(type_)) == [made.remote_id]
    assert not world.plan(before).effective
    assert [one.action for one in world.plan(after).effective] == [action]
    result = world.apply(after)
    assert result.ok, result.failures
    assert not world.plan(after).effective
    now = world.recorded().resources[IT].remote_id
    assert (now == made.remote_id) is (action is Action.UPDATE)
    assert list(objects(type_)) == [now]
    assert world.apply(None).ok
    assert world.recorded().empty
    assert not objects(type_)


def test_two_objects_whose_names_the_service_makes_up_are_apart_in_one_place(
    world: WalkWorld,
) -> None:
    """The kind: two metric filters of a log group are taken for one object."""
    type_ = "AWS::Logs::MetricFilter"
    counted = {
        "LogGroupName": "runs",
        "FilterPattern": "error",
        "MetricTransformations": [
            {"MetricName": "errors", "MetricNamespace": "ml", "MetricValue": "1"}
        ],
    }
    one, two = (resource(name, type_, counted) for name in ("one", "two"))
    assert world.apply(stack_of(one, two)).ok
    assert len(objects(type_)) == 2
    assert not world.plan(stack_of(one, two)).effective
    other = replace(two, address=Address("other"))
    assert {each.action for each in world.plan(stack_of(one, other)).effective} == {
        Action.CREATE,
        Action.DELETE,
    }


def test_drift_is_seen_and_put_back_and_what_others_set_stays(world: WalkWorld) -> None:
    wanted = group(Description="ours", Tags=TAGS)
    assert world.apply(wanted).ok
    (model,) = objects(GROUP).values()
    model["Description"] = "theirs"
    model["Tags"].append({"Key": "theirs", "Value": "1"})
    (change,) = world.plan(wanted).effective
    assert [path.path for path in change.paths] == ["/Description"]
    assert world.apply(wanted).ok
    (model,) = objects(GROUP).values()
    assert model["Description"] == "ours"
    keys = {tag["Key"] for tag in model["Tags"]}
    assert keys >= {"owner", "theirs", "gitbot:operation", "gitbot:lineage"}
    assert world.apply(group()).ok
    (model,) = objects(GROUP).values()
    assert "Description" not in model
    assert "owner" not in {tag["Key"] for tag in model["Tags"]}
    assert "theirs" in {tag["Key"] for tag in model["Tags"]}


def test_what_is_to_be_kept_in_a_snapshot_is_not_deleted(world: WalkWorld) -> None:
    """The kind: state of an earlier version, whose type has become native: the plan promises a snapshot."""
    assert world.apply(group(lifecycle={"snapshot_on_delete": True})).ok
    (failure,) = world.apply(None).failures
    assert "keeps nothing in a snapshot" in failure.message
    assert list(objects(GROUP)) == [world.recorded().resources[IT].remote_id]
    assert world.apply(group(lifecycle={"snapshot_on_delete": False})).ok
    assert world.apply(None).ok
    assert not objects(GROUP)


def test_a_snapshot_that_the_new_object_is_to_have_is_not_waited_for_of_an_old_one_without(
    world: WalkWorld,
) -> None:
    assert world.apply(it(QUERY, **SELECT)).ok
    (old,) = objects(QUERY)
    keeping = {"snapshot_on_delete": True}
    assert world.apply(it(QUERY, **SELECT, Description="all of them", lifecycle=keeping)).ok
    assert old not in objects(QUERY)


def test_what_aws_says_of_a_failure_is_told(world: WalkWorld) -> None:
    world.aws.inject(fail("InvalidRequest", message="the query is wrong"))
    (failure,) = world.apply(group()).failures
    assert "the query is wrong (InvalidRequest)" in failure.message
    assert world.recorded().empty
    assert world.apply(group()).ok


@pytest.mark.parametrize("code", ["Throttling", "ServiceInternalError", "GeneralServiceException"])
def test_a_failure_that_passes_is_asked_again_with_another_token(
    world: WalkWorld, code: str
) -> None:
    world.aws.inject(fail(code, count=2))
    assert world.apply(group()).ok
    world.aws.inject(fail(code))
    assert world.apply(group(Description="new")).ok
    world.aws.inject(fail(code))
    assert world.apply(None).ok
    assert not objects(GROUP)


def test_a_creation_that_fails_late_spoils_its_object_which_is_replaced(world: WalkWorld) -> None:
    world.aws.inject(fail("NotStabilized", message="too late", applied=True, polls=1))
    (failure,) = world.apply(it(HYPERVISOR, Name="a", Host="host.example")).failures
    assert "too late" in failure.message
    spoilt = world.recorded().resources[IT]
    assert spoilt.tainted
    assert list(objects(HYPERVISOR)) == [spoilt.remote_id]
    assert world.apply(it(HYPERVISOR, Name="a", Host="host.example")).ok
    state = world.recorded()
    assert state.resources[IT].remote_id != spoilt.remote_id
    assert list(objects(HYPERVISOR)) == [state.resources[IT].remote_id]
    assert not state.deposed


def test_a_name_that_is_taken_is_told_with_how_to_import_it_and_that_works(
    world: WalkWorld,
) -> None:
    client = world.aws.client("cloudcontrol")
    client.create_resource(TypeName=GROUP, DesiredState='{"Name": "runs"}')
    (failure,) = world.apply(group()).failures
    assert "`lifecycle.import: runs`" in failure.message
    adopting = group(Description="ours", lifecycle={"import_id": "runs"})
    result = world.apply(adopting)
    assert result.ok, result.failures
    (model,) = objects(GROUP).values()
    assert model["Description"] == "ours"
    assert "gitbot:lineage" in {tag["Key"] for tag in model["Tags"]}
    assert not world.plan(adopting).effective


def test_another_s_object_that_appears_during_the_request_is_never_taken(world: WalkWorld) -> None:
    """The kind: an event of a failed request names the object that was in the way."""
    world.aws.inject(fail("AlreadyExists", message="it is there", applied=True, polls=2))
    (failure,) = world.apply(group()).failures
    assert "exists already" in failure.message
    assert world.recorded().empty
    assert list(objects(GROUP)) == ["runs"]


def test_values_that_nobody_can_read_come_with_every_change(world: WalkWorld) -> None:
    given = {"Name": "a", "Host": "host.example", "Username": "ada", "Password": Sensitive("hush")}
    assert world.apply(it(HYPERVISOR, **given)).ok
    recorded = world.recorded().resources[IT]
    assert isinstance(recorded.properties["Password"], Redacted)
    assert not world.plan(it(HYPERVISOR, **given)).effective
    after = it(HYPERVISOR, **{**given, "Host": "other.example"})
    assert world.apply(after).ok
    (model,) = objects(HYPERVISOR).values()
    assert (model["Host"], model["Password"], model["Username"]) == ("other.example", "hush", "ada")
    assert "hush" not in repr(world.recorded())
    assert not world.plan(after).effective


def test_a_lost_reply_makes_no_second_object(world: WalkWorld) -> None:
    world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation="CreateResource"))
    assert world.apply(it(QUERY, **SELECT)).ok
    assert list(objects(QUERY)) == [world.recorded().resources[IT].remote_id]


BOUNDARIES = (
    "before cloud CreateResource",
    "after cloud CreateResource",
    "after state receive",
    "after state identify",
)


@pytest.mark.parametrize("type_", [GROUP, QUERY, HYPERVISOR])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_creation_that_a_death_cut_off_is_finished_with_the_same_object(
    world: WalkWorld, tmp_path: Path, type_: str, boundary: str
) -> None:
    given = {
        GROUP: {"Name": "runs"},
        QUERY: SELECT,
        HYPERVISOR: {"Name": "a", "Host": "host.example"},
    }
    wanted = it(type_, **given[type_])
    assert apply_until(world, tmp_path, wanted, boundary) == KILLED
    before = list(objects(type_))
    with world.lease() as lease:
        state = world.recover(lease)
    assert not state.intents
    assert list(objects(type_)) == [state.resources[IT].remote_id]
    assert not before or before == list(objects(type_))
    assert not state.resources[IT].tainted
    assert not world.plan(wanted).effective


def test_an_update_that_a_death_cut_off_is_finished(world: WalkWorld, tmp_path: Path) -> None:
    assert world.apply(group(Description="old")).ok
    (before,) = objects(GROUP)
    world.aws.inject(Fault(kind=FaultKind.PROGRESS, type=GROUP, polls=3))
    wanted = group(Description="new")
    assert apply_until(world, tmp_path, wanted, "after cloud UpdateResource") == KILLED
    with world.lease() as lease:
        state = world.recover(lease)
    assert not state.intents
    (model,) = objects(GROUP).values()
    assert (list(objects(GROUP)), model["Description"]) == ([before], "new")
    assert not world.plan(wanted).effective


def test_a_deletion_that_a_death_cut_off_is_over_or_planned_again(
    world: WalkWorld, tmp_path: Path
) -> None:
    assert world.apply(group()).ok
    world.aws.inject(Fault(kind=FaultKind.PROGRESS, type=GROUP, polls=3))
    assert apply_until(world, tmp_path, None, "after cloud DeleteResource") == KILLED
    assert world.apply(None).ok
    assert world.recorded().empty
    assert not objects(GROUP)


def announced(world: WalkWorld, type_: str, given: Mapping[str, Any], **fields: Any) -> Intent:
    """The intent of a creation that an earlier process announced."""
    now = world.clock.now()
    intent = Intent(
        operation="op-1",
        kind=IntentKind.CREATE,
        address=IT,
        resource=RecordedResource(
            address=IT,
            type=type_,
            remote_id=RemoteId(""),
            properties=given,
            account=world.cloud.account(),
            region="us-east-1",
            route=Route.CLOUD_CONTROL,
        ),
        epoch=1,
        begun_at=now,
        deadline=now + timedelta(minutes=1),
        request_token="op-1",
        asked_at=now,
    )
    intent = replace(intent, **fields)
    with world.lease() as lease:
        world.store.begin(lease(), STACK, world.recorded().lineage, intent)
    return intent


def test_what_cannot_be_found_any_more_stops_and_is_not_made_twice(world: WalkWorld) -> None:
    long_ago = world.clock.now() - timedelta(hours=37)
    announced(world, QUERY, SELECT, asked_at=long_ago)
    with world.lease() as lease, pytest.raises(Exception, match="Look for it in the console"):
        world.recover(lease)
    assert world.recorded().intents
    assert not objects(QUERY)


def test_what_would_be_found_by_its_tags_is_given_up_when_it_is_not_there(
    world: WalkWorld,
) -> None:
    long_ago = world.clock.now() - timedelta(hours=37)
    announced(world, HYPERVISOR, {"Name": "a"}, asked_at=long_ago)
    with world.lease() as lease:
        assert world.recover(lease).empty
    assert not objects(HYPERVISOR)


def test_a_hidden_value_that_died_with_the_process_does_not_make_a_second_object(
    world: WalkWorld,
) -> None:
    """The request is asked for its end: it cannot be sent again without the secret."""
    client = world.aws.client("cloudcontrol")
    event = client.create_resource(
        TypeName=HYPERVISOR, DesiredState='{"Name": "a", "Password": "hush"}', ClientToken="op-1"
    )["ProgressEvent"]
    hidden = Redacted(digest="d", key_id="k1")
    given = {"Name": "a", "Password": hidden}
    announced(world, HYPERVISOR, given, receipt=event["RequestToken"])
    with world.lease() as lease:
        state = world.recover(lease)
    assert list(objects(HYPERVISOR)) == [state.resources[IT].remote_id]
    assert not state.intents
