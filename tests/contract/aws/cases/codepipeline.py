"""Cases of the types of CodePipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case, made_role
from tests.contract.aws.cases.stacks import role_of
from tests.contract.aws.world import AwsWorld

_SERVICE = "codepipeline.amazonaws.com"
_KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001"
_STORE = {"Type": "S3", "Location": "models-artifacts"}
_OTHER_STORE = {"Type": "S3", "Location": "other-artifacts"}


def _action(name: str, category: str, provider: str, owner: str = "AWS", **more: Any) -> Any:
    type_ = {"Category": category, "Owner": owner, "Provider": provider, "Version": "1"}
    return {"Name": name, "ActionTypeId": type_, **more}


def _source(token: str = "of-github", branch: str = "main") -> dict[str, Any]:
    configuration = {
        "Owner": "ml",
        "Repo": "models",
        "Branch": branch,
        "OAuthToken": token,
        "PollForSourceChanges": False,
    }
    action = _action(
        *("code", "Source", "GitHub", "ThirdParty"),
        Configuration=configuration,
        OutputArtifacts=[{"Name": "code"}],
    )
    return {"Name": "Source", "Actions": [action]}


def _build(**more: Any) -> dict[str, Any]:
    action = _action(
        *("images", "Build", "CodeBuild"),
        Configuration={"ProjectName": "images", "EnvironmentVariables": '[{"name": "A"}]'},
        InputArtifacts=[{"Name": "code"}],
        **more,
    )
    return {"Name": "Build", "Actions": [action]}


def _approval() -> dict[str, Any]:
    return {"Name": "Approve", "Actions": [_action("ask", "Approval", "Manual")]}


def _least(world: AwsWorld) -> dict[str, Any]:
    return {
        "RoleArn": made_role(world, _SERVICE),
        "ArtifactStore": _STORE,
        "Stages": [_source(), _build()],
    }


def _triggers(branch: str) -> list[dict[str, Any]]:
    push = [{"Branches": {"Includes": [branch]}}]
    git = {"SourceActionName": "code", "Push": push}
    return [{"ProviderType": "CodeStarSourceConnection", "GitConfiguration": git}]


def _beside(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {"PipelineType": "V2"} if name in ("Variables", "Triggers", "ExecutionMode") else {}


CASES = (
    Case(
        type="AWS::CodePipeline::Pipeline",
        creating="CreatePipeline",
        absent="gone",
        minimal=_least,
        full=lambda world: {
            **_least(world),
            "Name": "train",
            "ArtifactStore": {**_STORE, "EncryptionKey": {"Id": _KEY, "Type": "KMS"}},
            "Stages": [_source(), _approval(), _build(RunOrder=2, Namespace="built")],
            "ExecutionMode": "QUEUED",
            "PipelineType": "V2",
            "Variables": [{"Name": "stage", "DefaultValue": "dev", "Description": "where"}],
            "Triggers": _triggers("main"),
            "DisableInboundStageTransitions": [{"StageName": "Approve", "Reason": "not yet"}],
            "RestartExecutionOnUpdate": True,
            "Tags": TAGS,
        },
        changes=lambda world: {
            "RoleArn": made_role(world, _SERVICE, "b"),
            "ArtifactStore": _OTHER_STORE,
            "Stages": [
                _source(token="another"),
                {
                    **_build(),
                    "OnFailure": {
                        "Result": "RETRY",
                        "RetryConfiguration": {"RetryMode": "ALL_ACTIONS"},
                    },
                },
            ],
            "ExecutionMode": "PARALLEL",
            "PipelineType": "V2",
            "Variables": [{"Name": "stage"}],
            "Triggers": _triggers("next"),
            "DisableInboundStageTransitions": [{"StageName": "Build", "Reason": "costs"}],
            "RestartExecutionOnUpdate": False,
            "Tags": OTHER_TAGS,
        },
        one_value=frozenset({"PipelineType"}),
        elsewhere=frozenset({"ArtifactStores"}),
        attributes=frozenset({"Name", "Arn", "Version"}),
        stack=(
            role_of("codepipeline")
            + """\
artifacts:
  type: AWS::S3::Bucket
  properties: {BucketName: every-type-artifacts}
train:
  type: AWS::CodePipeline::Pipeline
  properties:
    RoleArn: ${role.Arn}
    PipelineType: V2
    ArtifactStore: {Type: S3, Location: "${artifacts.BucketName}"}
    Variables: [{Name: stage, DefaultValue: dev}]
    Stages:
      - Name: Source
        Actions:
          - Name: code
            ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: "1"}
            Configuration:
              S3Bucket: ${artifacts.BucketName}
              S3ObjectKey: code.zip
              PollForSourceChanges: false
            OutputArtifacts: [{Name: code}]
      - Name: Build
        Actions:
          - Name: images
            ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
            Configuration: {ProjectName: images}
            InputArtifacts: [{Name: code}]
"""
        ),
        samples={
            "RoleArn": lambda world: [made_role(world, _SERVICE, name) for name in "ab"],
            "ExecutionMode": ["QUEUED", "PARALLEL"],
            "PipelineType": ["V2", "V1"],
            "Stages": lambda world: [[_source(), _build()], [_source(branch="next"), _build()]],
            "DisableInboundStageTransitions/*/StageName": ["Build", "Build"],
            "DisableInboundStageTransitions/*/Reason": ["not yet", "costs"],
            "ArtifactStores/*/Region": ["us-east-1", "eu-west-1"],
            "ArtifactStores/*/ArtifactStore/Location": ["models-artifacts", "other-artifacts"],
            "ArtifactStores/*/ArtifactStore/Type": ["S3", "S3"],
            "ArtifactStores/*/ArtifactStore/EncryptionKey/Type": ["KMS", "KMS"],
            "ArtifactStore/Location": ["models-artifacts", "other-artifacts"],
            "ArtifactStore/Type": ["S3", "S3"],
            "ArtifactStore/EncryptionKey/Type": ["KMS", "KMS"],
            "Triggers/*/ProviderType": ["CodeStarSourceConnection"] * 2,
            "Triggers/*/GitConfiguration/PullRequest/*/Events": [["OPEN"], ["CLOSED"]],
        },
        beside={
            "": _beside,
            "Triggers/*": lambda world, name: (
                {}
                if name == "GitConfiguration"
                else {"GitConfiguration": {"SourceActionName": "code"}}
            ),
        },
    ),
)
