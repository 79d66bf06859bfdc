"""What pipelines of CodePipeline need beyond the contract of every type, against a local AWS over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from moto.codepipeline.models import codepipeline_backends

from gitbot.errors import CloudError
from gitbot.language.keywords import validator_of
from gitbot.model.names import RemoteId
from gitbot.model.plan import Action, Cause
from gitbot.reconciler.compare import compare
from tests.contract.aws.cases.case import made_role
from tests.contract.aws.life import Life
from tests.contract.aws.world import REDACTOR, AwsWorld

PIPELINE = "AWS::CodePipeline::Pipeline"
STORE = {"Type": "S3", "Location": "models-artifacts"}


def type_of(category: str, provider: str, owner: str = "AWS") -> dict[str, str]:
    return {"Category": category, "Owner": owner, "Provider": provider, "Version": "1"}


def spec_of(world: AwsWorld, token: str = "of-github", **more: Any) -> dict[str, Any]:
    """A pipeline whose source is read with a token, and whose second stage has something of each kind."""
    rule = {
        "Name": "quiet",
        "RuleTypeId": {
            "Category": "Rule",
            "Owner": "AWS",
            "Provider": "CloudWatchAlarm",
            "Version": "1",
        },
        "Configuration": {"AlarmName": "busy", "WaitTime": 5},
    }
    build = {
        "Name": "images",
        "ActionTypeId": type_of("Compute", "Commands"),
        "Commands": ["make images"],
        "EnvironmentVariables": [{"Name": "STAGE", "Value": "dev"}],
        "InputArtifacts": [{"Name": "code"}],
        "OutputArtifacts": [{"Name": "images", "Files": ["list.json"]}],
        "OutputVariables": ["COUNT"],
        "Namespace": "built",
        "RunOrder": 2,
        "TimeoutInMinutes": 30,
        "Region": "us-east-1",
        "RoleArn": made_role(world, "codepipeline.amazonaws.com", "c"),
    }
    source = {
        "Name": "code",
        "ActionTypeId": type_of("Source", "GitHub", "ThirdParty"),
        "Configuration": {"Owner": "ml", "Repo": "models", "Branch": "main", "OAuthToken": token},
        "OutputArtifacts": [{"Name": "code"}],
    }
    checked = {"Conditions": [{"Result": "FAIL", "Rules": [rule]}]}
    return {
        "Name": "train",
        "RoleArn": made_role(world, "codepipeline.amazonaws.com"),
        "PipelineType": "V2",
        "ArtifactStore": STORE,
        "Stages": [
            {"Name": "Source", "Actions": [source]},
            {
                "Name": "Build",
                "Actions": [build],
                "BeforeEntry": checked,
                "OnSuccess": checked,
                "OnFailure": {
                    "Result": "RETRY",
                    "RetryConfiguration": {"RetryMode": "ALL_ACTIONS"},
                },
            },
        ],
        **more,
    }


def token_at_aws() -> str:
    """The token that CodePipeline has, and that no call of it shows."""
    pipeline = codepipeline_backends["123456789012"]["us-east-1"].pipelines["train"].pipeline
    return str(pipeline["stages"][0]["actions"][0]["configuration"]["OAuthToken"])


def test_all_parts_of_a_stage_are_kept(world: AwsWorld) -> None:
    spec = spec_of(world)
    assert validator_of(world.schema(PIPELINE).json_schema).errors(spec) == []
    remote_id = world.create(PIPELINE, spec)
    assert world.differences(PIPELINE, remote_id, spec) == ()
    (_, seen) = world.properties(PIPELINE, remote_id)["Stages"]
    assert seen.items() >= {"OnFailure": spec["Stages"][1]["OnFailure"]}.items()
    (rule,) = seen["BeforeEntry"]["Conditions"][0]["Rules"]
    assert rule["Configuration"] == {"AlarmName": "busy", "WaitTime": "5"}


def test_a_token_is_not_shown_and_no_change_of_something_else_puts_asterisks_in_its_place(
    world: AwsWorld,
) -> None:
    """The kind: a whole that is written back with the mask that was read for a secret."""
    spec = spec_of(world)
    remote_id = world.create(PIPELINE, spec)
    shown = str(world.properties(PIPELINE, remote_id))
    assert "*" not in shown
    assert "of-github" not in shown
    changed = {**spec, "Variables": [{"Name": "stage"}]}
    world.update(PIPELINE, remote_id, spec, changed)
    assert world.differences(PIPELINE, remote_id, changed) == ()
    assert token_at_aws() == "of-github"


def test_a_new_token_is_a_change_and_is_sent(world: AwsWorld) -> None:
    spec, rotated = spec_of(world), spec_of(world, token="newer")
    remote_id = world.create(PIPELINE, spec)
    (change,) = compare(
        world.schema(PIPELINE),
        desired=rotated,
        recorded=spec,
        observed=world.properties(PIPELINE, remote_id),
        redactor=REDACTOR,
    )
    assert change.path == "/Stages/0/Actions/0/Configuration/OAuthToken"
    world.update(PIPELINE, remote_id, spec, rotated)
    assert token_at_aws() == "newer"


def test_stores_by_region_take_the_place_of_the_one_store(world: AwsWorld) -> None:
    spec = spec_of(world)
    stores = [
        {"Region": region, "ArtifactStore": {**STORE, "Location": f"models-{region}"}}
        for region in ("us-east-1", "eu-west-1")
    ]
    rest = {name: value for name, value in spec.items() if name != "ArtifactStore"}
    by_region = {**rest, "ArtifactStores": stores}
    remote_id = world.create(PIPELINE, spec)
    for before, after in ((spec, by_region), (by_region, spec)):
        properties = {
            name: after[name] for name in ("ArtifactStore", "ArtifactStores") if name in after
        }
        changed = frozenset(properties)
        operation = world.operation(PIPELINE, after, changed=changed, recorded=before)
        world.cloud.update(operation, remote_id)
        assert world.differences(PIPELINE, remote_id, after) == ()
        shown = world.properties(PIPELINE, remote_id).keys()
        assert shown & {"ArtifactStore", "ArtifactStores"} == properties.keys()


def test_what_no_spec_says_of_a_pipeline_stays_when_something_else_changes(world: AwsWorld) -> None:
    client = world.aws.client("codepipeline")
    spec = spec_of(world)
    remote_id = world.create(PIPELINE, spec)
    theirs = client.get_pipeline(name="train")["pipeline"]
    client.update_pipeline(pipeline={**theirs, "variables": [{"name": "theirs"}]})
    other = {**spec, "RoleArn": made_role(world, "codepipeline.amazonaws.com", "b")}
    world.update(PIPELINE, remote_id, spec, other)
    assert client.get_pipeline(name="train")["pipeline"]["variables"] == [{"name": "theirs"}]


def test_what_only_v2_has_and_no_spec_says_is_told_before_a_pipeline_becomes_v1(
    world: AwsWorld,
) -> None:
    client = world.aws.client("codepipeline")
    life = Life(world, PIPELINE)
    spec = spec_of(world)
    life.apply(spec)
    theirs = client.get_pipeline(name="train")["pipeline"]
    more = {"variables": [{"name": "theirs"}], "executionMode": "QUEUED"}
    client.update_pipeline(pipeline={**theirs, **more})
    older = {**spec, "PipelineType": "V1"}
    assert life.attempt(older) == {"made-otherwise"}
    with pytest.raises(CloudError, match="Only pipelines of the type V2 have this"):
        world.update(PIPELINE, RemoteId("train"), spec, older)
    life.apply({**older, "Variables": [], "Triggers": [], "ExecutionMode": "SUPERSEDED"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"ExecutionMode": "QUEUED", "PipelineType": "V1"},
        {"Variables": [{"Name": "stage"}], "PipelineType": "V1"},
        {"ArtifactStores": [{"Region": "us-east-1", "ArtifactStore": STORE}]},
    ],
    ids=["a mode of V2", "variables of V2", "two kinds of stores"],
)
def test_what_codepipeline_would_refuse_is_refused_at_plan_time(
    world: AwsWorld, wrong: dict[str, Any]
) -> None:
    assert validator_of(world.schema(PIPELINE).json_schema).errors(spec_of(world, **wrong)) != []


def test_ways_into_stages_are_closed_and_a_change_starts_it_again_where_the_spec_wants_that(
    world: AwsWorld,
) -> None:
    """A stage and what closes it come together; what somebody opens by hand is seen."""

    def started() -> int:
        return [str(call) for call in world.aws.calls].count("codepipeline.StartPipelineExecution")

    closed = "DisableInboundStageTransitions"
    life = Life(world, PIPELINE)
    plain = spec_of(world, RestartExecutionOnUpdate=True)
    life.apply(plain)
    approval = {"Name": "ask", "ActionTypeId": type_of("Approval", "Manual")}
    stages = [*plain["Stages"], {"Name": "Approve", "Actions": [approval]}]
    spec = {**plain, "Stages": stages, closed: [{"StageName": "Approve", "Reason": "not yet"}]}
    world.aws.forget_calls()
    assert life.apply(spec).action is Action.UPDATE
    assert started() == 1
    world.aws.client("codepipeline").enable_stage_transition(
        pipelineName="train", stageName="Approve", transitionType="Inbound"
    )
    assert {path.cause for path in life.change(spec).paths} == {Cause.DRIFT}
    life.apply(spec)
    life.apply({**spec, closed: [{"StageName": "Approve", "Reason": "costs"}]})
    life.apply(plain | {"Stages": stages})
    assert started() == 1
    state = world.aws.client("codepipeline").get_pipeline_state(name="train")["stageStates"]
    assert all(one["inboundTransitionState"]["enabled"] for one in state)
