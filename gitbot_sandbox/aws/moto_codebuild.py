"""Make moto's projects of CodeBuild keep, change and refuse as AWS's do. Shell.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateProject.html
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateWebhook.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from moto.codebuild.exceptions import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from moto.codebuild.models import CodeBuild, codebuild_backends
from moto.codebuild.responses import CodeBuildResponse as Responses
from moto.core.responses import ActionResult, EmptyResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends

from gitbot_sandbox.aws.tag_index import index

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,149}")
_HOSTED = ("GITHUB", "GITHUB_ENTERPRISE", "BITBUCKET", "GITLAB", "GITLAB_SELF_MANAGED")
_OF_WEBHOOKS = ("filterGroups", "buildType", "pullRequestBuildPolicy")
_DEFAULTS: dict[str, Any] = {
    "timeoutInMinutes": 60,
    "queuedTimeoutInMinutes": 480,
    "cache": {"type": "NO_CACHE"},
    "projectVisibility": "PRIVATE",
}
_OF_PARTS: dict[str, dict[str, Any]] = {
    "environment": {
        "environmentVariables": [],
        "privilegedMode": False,
        "imagePullCredentialsType": "CODEBUILD",
    },
    "source": {"insecureSsl": False},
    "artifacts": {"encryptionDisabled": False},
}
"""What parts of a project show that say nothing else."""


def patch() -> None:
    """Make all patches of this module: moto's calls keep few parameters, and it has none that change."""
    for one in (
        *(create_project, update_project, update_project_visibility),
        *(create_webhook, update_webhook, delete_webhook),
    ):
        setattr(Responses, one.__name__, one)
    index(codebuild_backends, "codebuild:project", _tagged)


def _tagged(backend: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for one in backend.codebuild_projects.values():
        yield one.arn, {tag["key"]: tag["value"] for tag in one.project_metadata["tags"]}


def _role(responses: Any, role: str) -> str:
    """The ARN of the role by this name or ARN. Raises what CodeBuild does where it cannot take the role."""
    name = role.split("/")[-1]
    try:
        return str(iam_backends[responses.current_account]["aws"].get_role(name).arn)
    except NotFoundException:
        raise InvalidInputException(
            "CodeBuild is not authorized to perform: sts:AssumeRole on service role. Please verify that: "
            "1) The provided service role exists, 2) The role name is case-sensitive and matches exactly, "
            "and 3) The role has the necessary trust policy configured."
        ) from None


def _kept(responses: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """What a project shows of the parameters."""
    shown = {name: value for name, value in asked.items() if name != "badgeEnabled"}
    shown["tags"] = _checked_tags(asked.get("tags") or [])
    if "serviceRole" in asked:
        shown["serviceRole"] = _role(responses, asked["serviceRole"])
    if "badgeEnabled" in asked:
        shown["badge"] = {"badgeEnabled": asked["badgeEnabled"]}
    shown |= {name: {**more, **asked[name]} for name, more in _OF_PARTS.items() if name in asked}
    if asked.get("encryptionKey", "").startswith("alias/"):
        place = f"{responses.region}:{responses.current_account}"
        shown["encryptionKey"] = f"arn:aws:kms:{place}:{asked['encryptionKey']}"
    for name in ("source", "artifacts"):
        if name in asked:
            _check_located(name, asked[name])
    if asked.get("concurrentBuildLimit") == 0:
        raise InvalidInputException("Project concurrent build limit must be greater than 0")
    if asked.get("vpcConfig") and len(asked["vpcConfig"]) < 3:
        raise InvalidInputException(
            "Invalid vpc config: it needs a VPC, subnets and security groups"
        )
    return shown


def _check_located(noun: str, one: dict[str, Any]) -> None:
    if one["type"] not in ("CODEPIPELINE", "NO_SOURCE", "NO_ARTIFACTS") and not one.get("location"):
        raise InvalidInputException(f"Project {noun} location is required")
    if one["type"] == "NO_SOURCE" and not one.get("buildspec"):
        raise InvalidInputException("buildspec is required for a project without source")


def _checked_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    if len(tags) > 50:
        raise InvalidInputException("The number of tags exceeds the maximum of 50")
    return tags


def _pipelines_alone(shown: dict[str, Any]) -> None:
    types = {shown["source"]["type"], shown["artifacts"]["type"]}
    if "CODEPIPELINE" in types and len(types) > 1:
        raise InvalidInputException(
            "Source and artifacts of a project must both be of CodePipeline"
        )


def _without_nothing(shown: dict[str, Any]) -> dict[str, Any]:
    """What an update emptied is gone."""
    return {
        name: value
        for name, value in shown.items()
        if name == "tags" or value not in ("", [], {}, -1)
    }


def create_project(self: Any) -> ActionResult:
    """Defects: most parameters are dropped, and a source without a location is refused."""
    asked, backend = json.loads(self.body), self.codebuild_backend
    name = asked["name"]
    if not _NAME.fullmatch(name):
        raise InvalidInputException("Project name may only contain letters, digits, - and _")
    if name in backend.codebuild_projects:
        place = f"arn:aws:codebuild:{self.region}:{self.current_account}:project/{name}"
        raise ResourceAlreadyExistsException(f"Project already exists: {place}")
    shown = _kept(self, asked)
    _pipelines_alone(shown)
    one = CodeBuild(
        *(self.current_account, self.region, name, None),
        *(asked["source"], asked["artifacts"], asked["environment"], shown["serviceRole"]),
    )
    one.project_metadata = _without_nothing({**one.project_metadata, **_DEFAULTS, **shown})
    backend.codebuild_projects[name], backend.build_history[name] = one, []
    return ActionResult({"project": one.project_metadata})


def _project(responses: Any, name: str) -> Any:
    found = responses.codebuild_backend.codebuild_projects.get(name)
    if found is None:
        raise ResourceNotFoundException(f"Project cannot be found: {name}")
    return found


def update_project(self: Any) -> ActionResult:
    """The call that moto lacks: each parameter takes the place of what was, and tags that are not said go."""
    asked = json.loads(self.body)
    one = _project(self, asked["name"])
    shown = {**one.project_metadata, **_kept(self, asked)}
    _pipelines_alone(shown)
    one.project_metadata = _without_nothing(shown)
    return ActionResult({"project": one.project_metadata})


def update_project_visibility(self: Any) -> ActionResult:
    """The call that moto lacks."""
    arn, role = self._get_param("projectArn"), self._get_param("resourceAccessRole")
    shown = _project(self, arn.partition(":project/")[2]).project_metadata
    if role is not None:
        shown["resourceAccessRole"] = _role(self, role)
    shown["projectVisibility"] = self._get_param("projectVisibility")
    return ActionResult({"projectArn": arn, "projectVisibility": shown["projectVisibility"]})


def _webhook(responses: Any) -> dict[str, Any]:
    """The project's webhook, that is to be changed."""
    name = responses._get_param("projectName")
    found: dict[str, Any] | None = _project(responses, name).project_metadata.get("webhook")
    if found is None:
        raise ResourceNotFoundException(f"No webhook found for project {name}")
    return found


def create_webhook(self: Any) -> ActionResult:
    """The call that moto lacks."""
    name = self._get_param("projectName")
    shown = _project(self, name).project_metadata
    if "webhook" in shown:
        raise ResourceAlreadyExistsException(f"Webhook already exists for project {name}")
    if shown["source"]["type"] not in _HOSTED:
        raise InvalidInputException("Webhooks are not supported for the source type of the project")
    given = {key: value for key, value in json.loads(self.body).items() if key in _OF_WEBHOOKS}
    shown["webhook"] = {
        "url": "https://api.github.com/repos/it/it/hooks/1",
        "payloadUrl": f"https://codebuild.{self.region}.amazonaws.com/webhooks?t=1",
        "secret": "of-the-webhook",
        "buildType": "BUILD",
        "pullRequestBuildPolicy": {"requiresCommentApproval": "DISABLED"},
        **given,
    }
    return ActionResult({"webhook": shown["webhook"]})


def update_webhook(self: Any) -> ActionResult:
    """The call that moto lacks. What it is not given stays."""
    one = _webhook(self)
    given = json.loads(self.body)
    one |= {key: given[key] for key in _OF_WEBHOOKS if given.get(key)}
    return ActionResult({"webhook": one})


def delete_webhook(self: Any) -> EmptyResult:
    """The call that moto lacks."""
    _webhook(self)
    del _project(self, self._get_param("projectName")).project_metadata["webhook"]
    return EmptyResult()
