"""Say what CodeBuild wants of a project beyond the registry's schema. Pure.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_WebhookFilter.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.refining import refining, together, without_blanks

_Limits = Mapping[str, Mapping[str, Any]]
_SOURCES = (
    *("CODECOMMIT", "CODEPIPELINE", "GITHUB", "GITLAB", "GITLAB_SELF_MANAGED", "S3"),
    *("BITBUCKET", "GITHUB_ENTERPRISE", "NO_SOURCE"),
)
_MACHINES = (
    *("WINDOWS_CONTAINER", "LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "ARM_CONTAINER"),
    *("WINDOWS_SERVER_2019_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER", "LINUX_LAMBDA_CONTAINER"),
    *("ARM_LAMBDA_CONTAINER", "LINUX_EC2", "ARM_EC2", "WINDOWS_EC2", "MAC_ARM"),
)
_SIZES = (
    *(f"BUILD_GENERAL1_{size}" for size in ("SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE")),
    *(f"BUILD_LAMBDA_{size}GB" for size in (1, 2, 4, 8, 10)),
    *("ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"),
)
_EVENTS = (
    *("EVENT", "BASE_REF", "HEAD_REF", "ACTOR_ACCOUNT_ID", "FILE_PATH", "COMMIT_MESSAGE"),
    *("WORKFLOW_NAME", "TAG_NAME", "RELEASE_NAME", "REPOSITORY_NAME", "ORGANIZATION_NAME"),
)
_FILTER = {
    "type": "object",
    "properties": {
        "Type": {"type": "string", "enum": list(_EVENTS)},
        "Pattern": {"type": "string", "minLength": 1},
        "ExcludeMatchedPattern": {"type": "boolean"},
    },
    "required": ["Type", "Pattern"],
    "additionalProperties": False,
}
_SWITCH = ("ENABLED", "DISABLED")
_CHOICES = {
    "Source/Type": _SOURCES,
    "SecondarySources/*/Type": _SOURCES,
    "Artifacts/Type": ("CODEPIPELINE", "S3", "NO_ARTIFACTS"),
    "SecondaryArtifacts/*/Type": ("S3", "NO_ARTIFACTS"),
    **{
        f"{name}/{key}": choices
        for name in ("Artifacts", "SecondaryArtifacts/*")
        for key, choices in {
            "NamespaceType": ("NONE", "BUILD_ID"),
            "Packaging": ("NONE", "ZIP"),
        }.items()
    },
    "Cache/Type": ("NO_CACHE", "S3", "LOCAL"),
    "Environment/Type": _MACHINES,
    "Environment/ComputeType": _SIZES,
    "Environment/DockerServer/ComputeType": _SIZES,
    "Environment/HostKernel": ("LINUX_KERNEL_4", "LINUX_KERNEL_6", "LINUX_KERNEL_LATEST"),
    "Environment/ImagePullCredentialsType": ("CODEBUILD", "SERVICE_ROLE"),
    "Environment/RegistryCredential/CredentialProvider": ("SECRETS_MANAGER",),
    "Environment/EnvironmentVariables/*/Type": ("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"),
    "LogsConfig/CloudWatchLogs/Status": _SWITCH,
    "LogsConfig/S3Logs/Status": _SWITCH,
    "FileSystemLocations/*/Type": ("EFS",),
    "BuildBatchConfig/BatchReportMode": ("REPORT_INDIVIDUAL_BUILDS", "REPORT_AGGREGATED_BATCH"),
    "Visibility": ("PUBLIC_READ", "PRIVATE"),
    "Triggers/BuildType": ("BUILD", "BUILD_BATCH", "RUNNER_BUILDKITE_BUILD"),
    "Triggers/PullRequestBuildPolicy/RequiresCommentApproval": (
        *("DISABLED", "ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS"),
    ),
    **{
        f"{name}/Auth/Type": ("OAUTH", "CODECONNECTIONS", "SECRETS_MANAGER")
        for name in ("Source", "SecondarySources/*")
    },
}


def _of_type(*types: str) -> dict[str, Any]:
    return {"properties": {"Type": {"enum": list(types)}}, "required": ["Type"]}


_LOCATED = {
    "if": _of_type("CODEPIPELINE", "NO_SOURCE"),
    "else": {"required": ["Location"]},
    "allOf": [{"if": _of_type("NO_SOURCE"), "then": {"required": ["BuildSpec"]}}],
}
_STORED = {"if": _of_type("S3"), "then": {"required": ["Location"]}}
_PIPELINE = {"properties": {"Type": {"const": "CODEPIPELINE"}}}
_IN_PIPELINE = {"properties": {"Source": _PIPELINE}}
_LIMITS: _Limits = {
    "": {
        "if": _IN_PIPELINE,
        "then": {"properties": {"Artifacts": _PIPELINE}},
        "else": {"not": {"properties": {"Artifacts": _PIPELINE}}},
        "allOf": [
            {
                "if": {
                    "properties": {"Visibility": {"const": "PUBLIC_READ"}},
                    "required": ["Visibility"],
                },
                "then": {"required": ["ResourceAccessRole"]},
            },
        ],
    },
    "Name": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{1,149}$"},
    "Description": {"maxLength": 255},
    "Source": _LOCATED,
    "SecondarySources": {"maxItems": 12, "uniqueKeys": ["SourceIdentifier"]},
    "SecondarySources/*": {**_LOCATED, "required": ["Type", "SourceIdentifier"]},
    "SecondarySourceVersions": {"maxItems": 12, "uniqueKeys": ["SourceIdentifier"]},
    "SecondarySourceVersions/*": {"required": ["SourceIdentifier", "SourceVersion"]},
    "Artifacts": _STORED,
    "SecondaryArtifacts": {"maxItems": 12, "uniqueKeys": ["ArtifactIdentifier"]},
    "SecondaryArtifacts/*": {**_STORED, "required": ["Type", "ArtifactIdentifier"]},
    "Cache": {
        **_STORED,
        "allOf": [{"if": _of_type("LOCAL"), "then": {"required": ["Modes"]}}],
    },
    "Cache/Modes/*": {
        "enum": ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE"]
    },
    "Environment/EnvironmentVariables": {"uniqueKeys": ["Name"]},
    "LogsConfig/S3Logs": {
        "if": {"properties": {"Status": {"const": "ENABLED"}}},
        "then": {"required": ["Location"]},
    },
    "FileSystemLocations": {"uniqueKeys": ["Identifier"]},
    "VpcConfig": {"required": ["VpcId", "Subnets", "SecurityGroupIds"]},
    "VpcConfig/Subnets": {"minItems": 1, "maxItems": 16},
    "VpcConfig/SecurityGroupIds": {"minItems": 1, "maxItems": 5},
    "Triggers": {
        "required": ["Webhook"],
        "if": {"properties": {"Webhook": {"const": False}}},
        "then": {"maxProperties": 1},
    },
    "Triggers/FilterGroups/*": {"minItems": 1, "items": _FILTER},
    "ConcurrentBuildLimit": {"minimum": 1},
    "AutoRetryLimit": {"type": "integer", "minimum": 0, "maximum": 10},
    **{path: {"enum": list(choices)} for path, choices in _CHOICES.items()},
}

refine = together(without_blanks("Description", "Value"), refining(_LIMITS))
"""The registry's schema with these limits."""
