"""Add SageMaker's code repositories to moto, and what its model package groups lack. Shell.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateCodeRepository.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteModelPackageGroup.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ConflictException, ValidationError
from moto.sagemaker.models import SageMakerModelBackend as Backend
from moto.sagemaker.responses import SageMakerResponse as Responses
from moto.sagemaker.utils import arn_formatter

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make all patches of this module."""
    for one in (
        *(create_code_repository, describe_code_repository, update_code_repository),
        *(delete_code_repository, delete_model_package_group),
        *(get_model_package_group_policy, put_model_package_group_policy),
        delete_model_package_group_policy,
    ):
        setattr(Responses, one.__name__, one)
    wrap(Backend, "iter_tagged_resources", _with_repositories)
    wrap(Backend, "_get_resource_from_arn", _repositories_too)


# --- code repositories ---------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Repository:
    arn: str
    shown: dict[str, Any]
    tags: list[dict[str, str]]


def _repositories(backend: Any) -> dict[str, _Repository]:
    """By name; gone when moto is emptied."""
    found: dict[str, _Repository] = vars(backend).setdefault("code_repositories", {})
    return found


def _repository(responses: Any) -> _Repository:
    name = responses.params["CodeRepositoryName"]
    found = _repositories(responses.sagemaker_backend).get(name)
    if found is None:
        raise ValidationError(message=f"Cannot find CodeRepository {name}")
    return found


def create_code_repository(self: Any) -> ActionResult:
    """The call that moto lacks."""
    backend, name = self.sagemaker_backend, self.params["CodeRepositoryName"]
    if name in _repositories(backend):
        raise ValidationError(message=f"Cannot create already existing code repository {name}")
    arn = arn_formatter("code-repository", name, backend.account_id, backend.region_name)
    now = utcnow()
    shown = {
        "CodeRepositoryName": name,
        "CodeRepositoryArn": arn,
        "GitConfig": dict(self.params["GitConfig"]),
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    tags = list(self.params.get("Tags") or ())
    _repositories(backend)[name] = _Repository(arn=arn, shown=shown, tags=tags)
    return ActionResult({"CodeRepositoryArn": arn})


def describe_code_repository(self: Any) -> ActionResult:
    """The call that moto lacks."""
    return ActionResult(_repository(self).shown)


def update_code_repository(self: Any) -> ActionResult:
    """The call that moto lacks: only the secret changes."""
    found = _repository(self)
    found.shown["GitConfig"] |= self.params.get("GitConfig") or {}
    return ActionResult({"CodeRepositoryArn": found.arn})


def delete_code_repository(self: Any) -> EmptyResult:
    """The call that moto lacks."""
    _repository(self)
    del _repositories(self.sagemaker_backend)[self.params["CodeRepositoryName"]]
    return EmptyResult()


def _with_repositories(original: Any) -> Any:
    @wraps(original)
    def iter_tagged_resources(self: Any) -> Iterator[TaggedResource]:
        yield from original(self)
        for one in _repositories(self).values():
            yield TaggedResource(
                arn=one.arn,
                tags={tag["Key"]: tag["Value"] for tag in one.tags},
                resource_type="sagemaker:code-repository",
            )

    return iter_tagged_resources


def _repositories_too(original: Any) -> Any:
    @wraps(original)
    def _get_resource_from_arn(self: Any, arn: str) -> Any:
        kind, _, name = arn.split(":", 5)[5].partition("/")
        if kind == "code-repository" and name in _repositories(self):
            return _repositories(self)[name]
        return original(self, arn)

    return _get_resource_from_arn


# --- model package groups ------------------------------------------------------------------------


def _group(responses: Any) -> Any:
    name = responses.params["ModelPackageGroupName"]
    return responses.sagemaker_backend.describe_model_package_group(name)


def delete_model_package_group(self: Any) -> EmptyResult:
    """The call that moto lacks. A group with packages stays."""
    group, backend = _group(self), self.sagemaker_backend
    name = group.model_package_group_name
    if any(one.model_package_group_name == name for one in backend.model_packages.values()):
        raise ConflictException(
            f"Model Package Group {group.arn} cannot be deleted as it still contains Model Packages."
        )
    del backend.model_package_groups[name]
    return EmptyResult()


def put_model_package_group_policy(self: Any) -> ActionResult:
    """The call that moto lacks."""
    group, policy = _group(self), self.params["ResourcePolicy"]
    try:
        json.loads(policy)
    except ValueError as error:
        raise ValidationError(message="The resource policy is no valid JSON") from error
    group.resource_policy = policy
    return ActionResult({"ModelPackageGroupArn": group.arn})


def get_model_package_group_policy(self: Any) -> ActionResult:
    """The call that moto lacks."""
    return ActionResult({"ResourcePolicy": _policy(self)})


def delete_model_package_group_policy(self: Any) -> EmptyResult:
    """The call that moto lacks."""
    _policy(self)
    _group(self).resource_policy = None
    return EmptyResult()


def _policy(responses: Any) -> str:
    group = _group(responses)
    found = getattr(group, "resource_policy", None)
    if found is None:
        raise ValidationError(message=f"Cannot find resource policy for {group.arn}")
    return str(found)
