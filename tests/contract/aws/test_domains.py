"""What only domains of SageMaker do: whole requests, words that clear, a home that stays, members in the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.names import RemoteId
from gitbot.model.plan import Action, Cause
from gitbot.model.schema import TypeSchema
from gitbot.reconciler.reasons import fate
from gitbot_sandbox.aws.moto_sagemaker_domains import LEFT_OUT
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.sagemaker import ROLE, domain
from tests.contract.aws.life import Life
from tests.contract.aws.world import AwsWorld

DOMAIN = "AWS::SageMaker::Domain"
USERS, LAB = "DefaultUserSettings", "JupyterLabAppSettings"
_SCRIPT = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config/"
NO_ROOM = "The subnet has no free addresses."


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Let no domain of another test take time or forget settings."""
    yield
    hold()
    LEFT_OUT.keeps = True


def maps_and_lists(schema: TypeSchema) -> tuple[set[str], set[str]]:
    """The paths of the maps of settings that the registry knows, and of the lists in them."""
    maps, lists = set[str](), set[str]()

    def walk(node: Any, path: str) -> None:
        if "$ref" in node:
            node = schema.json_schema["definitions"][node["$ref"].rpartition("/")[2]]
        if node.get("type") == "array":
            lists.add(path)
        elif node.get("properties"):
            maps.add(path)
            for name, below in node["properties"].items():
                walk(below, f"{path}/{name}")

    for name in ("DefaultUserSettings", "DefaultSpaceSettings", "DomainSettings"):
        walk(schema.json_schema["properties"][name], f"/{name}")
    return maps, lists


def test_every_map_of_settings_is_sent_whole_and_every_list_in_it_can_be_emptied(
    world: AwsWorld,
) -> None:
    """The kind: a setting that a newer registry has, and that an update resets or a removal leaves."""
    schema = world.schema(DOMAIN)
    maps, lists = maps_and_lists(schema)
    assert schema.partial == maps
    assert lists <= set(schema.removals)


def shown(world: AwsWorld, own: str | None) -> dict[str, Any]:
    assert own is not None
    return dict(world.aws.client("sagemaker").describe_domain(DomainId=own))


def with_users(world: AwsWorld, **settings: Any) -> dict[str, Any]:
    return {**domain(world), USERS: {"ExecutionRole": ROLE, **settings}}


def homes(world: AwsWorld) -> list[str]:
    found = world.aws.client("efs").describe_file_systems()["FileSystems"]
    return [one["FileSystemId"] for one in found]


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "reset"])
def test_an_update_sends_what_others_have_set_and_clears_what_left_the_spec(
    world: AwsWorld, keeps: bool
) -> None:
    """Whether SageMaker keeps or resets what a request leaves out, which it does not say."""
    lab = {
        "DefaultResourceSpec": {
            "InstanceType": "ml.t3.medium",
            "LifecycleConfigArn": f"{_SCRIPT}a",
        },
        "LifecycleConfigArns": [f"{_SCRIPT}a"],
        "BuiltInLifecycleConfigArn": f"{_SCRIPT}b",
    }
    life = Life(world, DOMAIN)
    life.apply(with_users(world, SecurityGroups=["sg-0123456789abcdef0"], **{LAB: lab}))
    theirs = {"DefaultResourceSpec": {"InstanceType": "system"}}
    roles = {"ExecutionRoleArns": [ROLE]}
    world.aws.client("sagemaker").update_domain(
        DomainId=life.remote_id,
        DefaultUserSettings={"TensorBoardAppSettings": theirs, LAB: {"EmrSettings": roles}},
    )
    LEFT_OUT.keeps = keeps
    kept = {"DefaultResourceSpec": {"InstanceType": "ml.g5.xlarge"}}
    assert life.apply(with_users(world, **{LAB: kept})).action is Action.UPDATE
    assert shown(world, life.remote_id)[USERS] == {
        "ExecutionRole": ROLE,
        "StudioWebPortal": "ENABLED",
        "DefaultLandingUri": "studio::",
        "SpaceStorageSettings": {
            "DefaultEbsStorageSettings": {
                "DefaultEbsVolumeSizeInGb": 5,
                "MaximumEbsVolumeSizeInGb": 100,
            }
        },
        "TensorBoardAppSettings": theirs,
        LAB: {**kept, "EmrSettings": roles},
    }


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "reset"])
def test_a_whole_map_goes_setting_by_setting(world: AwsWorld, keeps: bool) -> None:
    lab = {"CodeRepositories": [{"RepositoryUrl": "https://git.example/a"}]}
    life = Life(world, DOMAIN)
    life.apply(with_users(world, **{LAB: lab}))
    LEFT_OUT.keeps = keeps
    assert life.apply(with_users(world)).action is Action.UPDATE
    assert not shown(world, life.remote_id)[USERS].get(LAB)
    sized = {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}}
    life.apply(with_users(world, **{LAB: sized}))
    assert life.attempt(with_users(world)) == {"removal-undeclared"}


def test_what_somebody_set_otherwise_is_put_back(world: AwsWorld) -> None:
    spec = with_users(world, SecurityGroups=["sg-0123456789abcdef0"])
    life = Life(world, DOMAIN)
    life.apply(spec)
    world.aws.client("sagemaker").update_domain(
        DomainId=life.remote_id,
        DefaultUserSettings={"SecurityGroups": ["sg-0123456789abcdef1"]},
    )
    change = life.apply(spec)
    assert {path.cause for path in change.paths} == {Cause.DRIFT}
    assert shown(world, life.remote_id)[USERS]["SecurityGroups"] == ["sg-0123456789abcdef0"]


def test_the_word_for_nothing_is_no_difference(world: AwsWorld) -> None:
    life = Life(world, DOMAIN)
    spec = {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": "None"}}
    life.apply(with_users(world, **{LAB: spec}))
    other = {
        "DefaultResourceSpec": {**spec["DefaultResourceSpec"], "LifecycleConfigArn": f"{_SCRIPT}a"}
    }
    assert life.apply(with_users(world, **{LAB: other})).action is Action.UPDATE
    assert life.apply(with_users(world, **{LAB: spec})).action is Action.UPDATE
    has = shown(world, life.remote_id)[USERS][LAB]["DefaultResourceSpec"]
    assert has == {"InstanceType": "ml.t3.medium"}


def test_a_home_is_made_later_and_never_taken_away(world: AwsWorld) -> None:
    life, base = Life(world, DOMAIN), domain(world)
    life.apply({**base, "HomeEfsFileSystemCreation": "Disabled"})
    assert homes(world) == []
    life.apply({**base, "HomeEfsFileSystemCreation": "Enabled"})
    assert homes(world) == [shown(world, life.remote_id)["HomeEfsFileSystemId"]]
    refused = life.attempt({**base, "HomeEfsFileSystemCreation": "Disabled"})
    assert refused == {"cannot-shrink"}


@pytest.mark.parametrize("empties", [False, True])
def test_the_home_stays_unless_the_spec_says_otherwise_and_the_plan_says_so(
    world: AwsWorld, empties: bool
) -> None:
    spec = domain(world)
    made = world.create(DOMAIN, spec)
    [home] = homes(world)
    [words] = fate(world.schema(DOMAIN), world.properties(DOMAIN, made))
    assert f"file system {home} stays in EFS" in words
    world.cloud.delete(world.operation(DOMAIN, spec, empty_on_delete=empties), made)
    assert world.is_absent(DOMAIN, made)
    assert homes(world) == ([] if empties else [home])


def test_a_domain_takes_time_and_says_why_it_fails(world: AwsWorld) -> None:
    spec = domain(world)
    hold(describes=2)
    made = world.create(DOMAIN, spec)
    assert shown(world, made)["Status"] == "InService"
    wanted = {**spec, "TagPropagation": "ENABLED"}
    world.update(DOMAIN, made, spec, wanted)
    assert world.differences(DOMAIN, made, wanted) == ()
    hold(describes=1, fails=NO_ROOM)
    other = {**spec, "DomainName": "second"}
    with pytest.raises(CloudError, match=f"cannot be used: {NO_ROOM}"):
        world.create(DOMAIN, other, token="5" * 32)
    with pytest.raises(CloudError, match=f"was not deleted: {NO_ROOM}"):
        world.cloud.delete(world.operation(DOMAIN, wanted), made)


def test_an_update_that_fails_is_an_error_and_fails_no_later_one(world: AwsWorld) -> None:
    spec = domain(world)
    made = world.create(DOMAIN, spec)
    hold(describes=1, fails=NO_ROOM)
    wanted = {**spec, "TagPropagation": "ENABLED"}
    with pytest.raises(CloudError, match=f"did not change domain {made}: {NO_ROOM}"):
        world.update(DOMAIN, made, spec, wanted)
    hold()
    world.update(DOMAIN, made, spec, {**spec, "Tags": [{"Key": "team", "Value": "growth"}]})
    world.update(DOMAIN, made, spec, wanted)
    assert world.differences(DOMAIN, made, wanted) == ()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"AppNetworkAccessType": "VpcOnly"}, id="the network"),
        pytest.param({"SubnetIds": ["subnet-0123456789abcdef0"]}, id="fewer subnets"),
        pytest.param({USERS: {"ExecutionRole": f"{ROLE}-2"}}, id="a role"),
    ],
)
def test_what_changes_only_while_no_app_runs_is_said_before(
    world: AwsWorld, changes: dict[str, Any]
) -> None:
    life = Life(world, DOMAIN)
    life.apply(domain(world))
    own = {"DomainId": life.remote_id, "UserProfileName": "ann"}
    sagemaker = world.aws.client("sagemaker")
    sagemaker.create_user_profile(**own)
    sagemaker.create_app(**own, AppType="JupyterLab", AppName="default")
    wanted = {**domain(world), **changes}
    reasons = life.change(wanted).reasons
    assert "SageMaker changes this only while no app runs in the domain." in reasons
    assert life.remote_id is not None
    with pytest.raises(CloudError, match="has apps that run"):
        world.update(DOMAIN, RemoteId(life.remote_id), domain(world), wanted)
