"""Cases of the types of CodeBuild."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import GROUPS, OTHER_TAGS, SUBNETS, TAGS, Case, made_role
from tests.contract.aws.cases.stacks import role_of
from tests.contract.aws.world import AwsWorld

_KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-00000000000{0}"
_SERVICE = "codebuild.amazonaws.com"
_NO_SOURCE = {"Type": "NO_SOURCE", "BuildSpec": "version: 0.2"}
_GITHUB = {"Type": "GITHUB", "Location": "https://github.com/ml/models.git"}
_IMAGE = "aws/codebuild/standard:7.0"
_MACHINE = {"Type": "LINUX_CONTAINER", "ComputeType": "BUILD_GENERAL1_SMALL", "Image": _IMAGE}
_BUCKET = {"Type": "S3", "Location": "models"}


def _least(world: AwsWorld) -> dict[str, Any]:
    return {
        "Source": _NO_SOURCE,
        "Artifacts": {"Type": "NO_ARTIFACTS"},
        "Environment": _MACHINE,
        "ServiceRole": made_role(world, _SERVICE),
    }


def _vpc(which: int) -> dict[str, Any]:
    return {
        "VpcId": "vpc-0123456789abcdef0",
        "Subnets": SUBNETS[which],
        "SecurityGroupIds": GROUPS[which],
    }


def _variables(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _hook(*patterns: str) -> dict[str, Any]:
    groups = [[{"Type": "EVENT", "Pattern": pattern}] for pattern in patterns]
    return {"Webhook": True, "FilterGroups": groups}


def _logs(group: str) -> dict[str, Any]:
    cloud = {"Status": "ENABLED", "GroupName": group, "StreamName": "builds"}
    return {"CloudWatchLogs": cloud, "S3Logs": {"Status": "ENABLED", "Location": f"{group}/logs"}}


def _mounted(point: str) -> list[dict[str, str]]:
    where = "fs-0123456789abcdef0.efs.us-east-1.amazonaws.com:/data"
    one = {"Identifier": "data", "Location": where, "MountPoint": point, "Type": "EFS"}
    return [one]


def _project(world: AwsWorld) -> dict[str, Any]:
    """A spec of a project with something of each kind."""
    role = made_role(world, _SERVICE)
    return {
        "Name": "build",
        "Description": "builds the images of models",
        "Source": {**_GITHUB, "BuildSpec": "build.yaml", "GitCloneDepth": 1},
        "SourceVersion": "main",
        "SecondarySources": [{**_GITHUB, "SourceIdentifier": "data"}],
        "SecondarySourceVersions": [{"SourceIdentifier": "data", "SourceVersion": "main"}],
        "Artifacts": {**_BUCKET, "Packaging": "ZIP"},
        "SecondaryArtifacts": [{**_BUCKET, "ArtifactIdentifier": "report"}],
        "Environment": {
            **_MACHINE,
            "PrivilegedMode": True,
            "EnvironmentVariables": _variables(STAGE="dev", REGION="us-east-1"),
        },
        "ServiceRole": role,
        "Cache": {"Type": "LOCAL", "Modes": ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"]},
        "VpcConfig": _vpc(0),
        "LogsConfig": _logs("a"),
        "FileSystemLocations": _mounted("/data"),
        "BuildBatchConfig": {"ServiceRole": role, "TimeoutInMins": 60},
        "EncryptionKey": _KEY.format(1),
        "TimeoutInMinutes": 30,
        "QueuedTimeoutInMinutes": 90,
        "ConcurrentBuildLimit": 2,
        "AutoRetryLimit": 1,
        "BadgeEnabled": True,
        "Visibility": "PUBLIC_READ",
        "ResourceAccessRole": role,
        "Triggers": _hook("PUSH", "PULL_REQUEST_CREATED"),
        "Tags": TAGS,
    }


def _changes(world: AwsWorld) -> dict[str, Any]:
    role = made_role(world, _SERVICE, "b")
    return {
        "Description": "builds",
        "Source": {**_GITHUB, "GitSubmodulesConfig": {"FetchSubmodules": True}},
        "SourceVersion": "next",
        "SecondarySources": [{**_NO_SOURCE, "SourceIdentifier": "data"}],
        "SecondarySourceVersions": [{"SourceIdentifier": "data", "SourceVersion": "next"}],
        "Artifacts": {**_BUCKET, "Packaging": "NONE"},
        "SecondaryArtifacts": [{**_BUCKET, "ArtifactIdentifier": "other"}],
        "Environment": {**_MACHINE, "EnvironmentVariables": _variables(STAGE="live")},
        "ServiceRole": role.rpartition("/")[2],
        "Cache": {"Type": "S3", "Location": "models/cache"},
        "VpcConfig": _vpc(1),
        "LogsConfig": {"CloudWatchLogs": {"Status": "DISABLED"}},
        "FileSystemLocations": _mounted("/other"),
        "BuildBatchConfig": {"ServiceRole": role, "CombineArtifacts": True},
        "EncryptionKey": _KEY.format(2),
        "TimeoutInMinutes": 60,
        "QueuedTimeoutInMinutes": 480,
        "ConcurrentBuildLimit": 3,
        "AutoRetryLimit": 2,
        "BadgeEnabled": False,
        "Visibility": "PRIVATE",
        "ResourceAccessRole": role,
        "Triggers": _hook("PULL_REQUEST_MERGED"),
        "Tags": OTHER_TAGS,
    }


def _beside(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name == "Triggers":
        return {"Source": _GITHUB}
    if name == "Visibility":
        return {"ResourceAccessRole": made_role(world, _SERVICE)}
    return {}


def _source(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """What a source of each kind wants."""
    return {} if name == "Location" else {"Location": _GITHUB["Location"]}


_ROLE_PATHS = ("ServiceRole", "ResourceAccessRole", "BuildBatchConfig/ServiceRole")

CASES = (
    Case(
        type="AWS::CodeBuild::Project",
        creating="CreateProject",
        absent="gone",
        minimal=_least,
        full=_project,
        changes=_changes,
        attributes=frozenset({"Id", "Name", "Arn"}),
        stack=(
            role_of("codebuild")
            + """\
images:
  type: AWS::CodeBuild::Project
  properties:
    ServiceRole: ${role.Arn}
    Source: {Type: GITHUB, Location: "https://github.com/ml/models.git"}
    Artifacts: {Type: NO_ARTIFACTS}
    Environment:
      Type: LINUX_CONTAINER
      ComputeType: BUILD_GENERAL1_SMALL
      Image: aws/codebuild/standard:7.0
      PrivilegedMode: true
      EnvironmentVariables: [{Name: STAGE, Value: dev}]
    Triggers:
      Webhook: true
      FilterGroups: [[{Type: EVENT, Pattern: PUSH}, {Type: HEAD_REF, Pattern: "^refs/heads/main$"}]]
"""
        ),
        samples={
            **{
                path: lambda world: [made_role(world, _SERVICE, name) for name in "ab"]
                for path in _ROLE_PATHS
            },
            "Source/Type": ["GITHUB", "BITBUCKET"],
            "SecondarySources/*/Type": ["GITHUB", "BITBUCKET"],
            "Artifacts/Type": ["NO_ARTIFACTS", "S3"],
            "SecondaryArtifacts/*/Type": ["NO_ARTIFACTS", "S3"],
            "EncryptionKey": [_KEY.format(1), _KEY.format(2)],
            "Cache/Type": ["S3", "NO_CACHE"],
            "Cache/Modes": [["LOCAL_SOURCE_CACHE"], ["LOCAL_CUSTOM_CACHE"]],
            "Environment/RegistryCredential/CredentialProvider": ["SECRETS_MANAGER"] * 2,
            "FileSystemLocations/*/Type": ["EFS", "EFS"],
            "VpcConfig/VpcId": ["vpc-0123456789abcdef0", "vpc-0123456789abcdef1"],
            "VpcConfig/Subnets": SUBNETS,
            "VpcConfig/SecurityGroupIds": GROUPS,
            "Environment/DockerServer/SecurityGroupIds": GROUPS,
            "Triggers/Webhook": [True, False],
            "Triggers/FilterGroups": [
                _hook(one)["FilterGroups"] for one in ("PUSH", "PULL_REQUEST_MERGED")
            ],
        },
        beside={
            "": _beside,
            "Source": _source,
            "SecondarySources/*": _source,
            "Artifacts": lambda world, name: {} if name == "Location" else {"Location": "models"},
            "SecondaryArtifacts/*": lambda world, name: {"Location": "models"},
            "Cache": lambda world, name: (
                {"Location": "models/cache"} if name != "Modes" else {"Type": "LOCAL"}
            ),
            "LogsConfig/S3Logs": lambda world, name: {"Location": "models/logs"},
            "Triggers": lambda world, name: {"Webhook": True} if name != "Webhook" else {},
        },
    ),
)
