"""Add to moto's CodeCommit what it lacks: changes, lists, keys, triggers and tags. Shell.

https://docs.aws.amazon.com/codecommit/latest/APIReference/API_CreateRepository.html
https://docs.aws.amazon.com/codecommit/latest/APIReference/API_UpdateRepositoryName.html
https://docs.aws.amazon.com/codecommit/latest/APIReference/API_PutRepositoryTriggers.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import wraps
from typing import Any

from moto.codecommit.exceptions import (
    InvalidRepositoryNameException,
    RepositoryDoesNotExistException,
    RepositoryNameExistsException,
)
from moto.codecommit.models import CodeCommit, codecommit_backends
from moto.codecommit.responses import CodeCommitResponse as Responses
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult

from gitbot_sandbox.aws.moto_patch import MOST_TAGS, wrap
from gitbot_sandbox.aws.tag_index import index

_NAME = re.compile(r"[\w.-]{1,100}(?<!\.git)")
_EVENTS = {"all", "createReference", "deleteReference", "updateReference"}


def patch() -> None:
    """Make all patches of this module."""
    for one in (
        *(list_repositories, batch_get_repositories, update_repository_name),
        *(update_repository_description, update_repository_encryption_key),
        *(put_repository_triggers, get_repository_triggers),
        *(create_commit, get_branch, get_file),
        *(tag_resource, untag_resource, list_tags_for_resource),
    ):
        setattr(Responses, one.__name__, one)
    wrap(Responses, "create_repository", _all_kept)
    index(codecommit_backends, "codecommit:", _tagged)


def _tagged(backend: Any) -> Iterator[tuple[str, Any]]:
    for one in backend.repositories.values():
        yield one.repository_metadata["Arn"], one.tags


def _repository(responses: Any, name: str) -> Any:
    found = responses.codecommit_backend.repositories.get(name)
    if found is None:
        raise RepositoryDoesNotExistException(name)
    return found


def _named(responses: Any) -> Any:
    return _repository(responses, responses._get_param("repositoryName"))


def _all_kept(original: Any) -> Any:
    """Defects: tags and the key are dropped; a name may end with .git and be of any length; without a description
    one is shown."""

    @wraps(original)
    def create_repository(self: Any) -> Any:
        name, tags = self._get_param("repositoryName"), self._get_param("tags") or {}
        if not _NAME.fullmatch(name):
            raise InvalidRepositoryNameException()
        _check_tags(tags)
        original(self)
        made = _repository(self, name)
        made.tags, made.triggers = dict(tags), []
        shown = made.repository_metadata
        own = f"arn:aws:kms:{self.region}:{self.current_account}:key/codecommit"
        shown["kmsKeyId"] = self._get_param("kmsKeyId") or own
        if shown["repositoryDescription"] is None:
            del shown["repositoryDescription"]
        return ActionResult({"repositoryMetadata": shown})

    return create_repository


def list_repositories(self: Any) -> ActionResult:
    """The call that moto lacks."""
    found = [one.repository_metadata for one in self.codecommit_backend.repositories.values()]
    names = ("repositoryName", "repositoryId")
    return ActionResult({"repositories": [{name: one[name] for name in names} for one in found]})


def batch_get_repositories(self: Any) -> ActionResult:
    """The call that moto lacks."""
    names, all_of = self._get_param("repositoryNames"), self.codecommit_backend.repositories
    if len(names) > 100:
        raise JsonRESTError(
            "MaximumRepositoryNamesExceededException",
            "The maximum number of allowed repository names was exceeded.",
        )
    return ActionResult(
        {
            "repositories": [all_of[name].repository_metadata for name in names if name in all_of],
            "repositoriesNotFound": [name for name in names if name not in all_of],
        }
    )


def update_repository_name(self: Any) -> EmptyResult:
    """The call that moto lacks: what is made of the name changes with it."""
    old, new = self._get_param("oldName"), self._get_param("newName")
    all_of, one = self.codecommit_backend.repositories, _repository(self, old)
    if new in all_of:
        raise RepositoryNameExistsException(new)
    if not _NAME.fullmatch(new):
        raise InvalidRepositoryNameException()
    fresh = CodeCommit(self.current_account, self.region, "", new).repository_metadata
    named = ("repositoryName", "cloneUrlSsh", "cloneUrlHttp", "Arn")
    one.repository_metadata |= {name: fresh[name] for name in named}
    all_of[new] = all_of.pop(old)
    return EmptyResult()


def update_repository_description(self: Any) -> EmptyResult:
    """The call that moto lacks: none takes the description away."""
    shown = _named(self).repository_metadata
    shown.pop("repositoryDescription", None)
    if text := self._get_param("repositoryDescription"):
        shown["repositoryDescription"] = text
    return EmptyResult()


def update_repository_encryption_key(self: Any) -> ActionResult:
    """The call that moto lacks."""
    shown = _named(self).repository_metadata
    before, shown["kmsKeyId"] = shown["kmsKeyId"], self._get_param("kmsKeyId")
    names = ("repositoryId", "kmsKeyId")
    return ActionResult({**{name: shown[name] for name in names}, "originalKmsKeyId": before})


def put_repository_triggers(self: Any) -> ActionResult:
    """The call that moto lacks: the triggers take the place of all others, and show what was left out as empty."""
    one, triggers = _named(self), self._get_param("triggers")
    if len(triggers) > 10:
        raise JsonRESTError(
            "MaximumRepositoryTriggersExceededException",
            "The number of triggers allowed for the repository was exceeded.",
        )
    for each in triggers:
        if not each["events"] or not set(each["events"]) <= _EVENTS:
            raise JsonRESTError(
                "InvalidRepositoryTriggerEventsException",
                "One or more events specified for the trigger is not valid.",
            )
    one.triggers = [{"customData": "", "branches": [], **each} for each in triggers]
    return ActionResult({"configurationId": one.repository_metadata["repositoryId"]})


def get_repository_triggers(self: Any) -> ActionResult:
    """The call that moto lacks."""
    one = _named(self)
    own = one.repository_metadata["repositoryId"]
    return ActionResult({"configurationId": own, "triggers": one.triggers})


def create_commit(self: Any) -> ActionResult:
    """The call that moto lacks, as far as files are put into a branch that has none.

    https://docs.aws.amazon.com/codecommit/latest/APIReference/API_CreateCommit.html
    """
    one, branch, files = _named(self), self._get_param("branchName"), self._get_param("putFiles")
    branches = one.__dict__.setdefault("branches", {})
    if branch in branches:
        raise JsonRESTError("ParentCommitIdRequiredException", "A parent commit ID is required.")
    if len(files) > 100:
        raise JsonRESTError("MaximumFileEntriesExceededException", "Too many files.")
    known: dict[str, Any] = {}
    for each in files:
        if each["filePath"] in known:
            raise JsonRESTError("SamePathRequestException", "The path is there twice.")
        known[each["filePath"]] = each
    branches[branch] = known
    return ActionResult({"commitId": f"{len(branches):040x}", "treeId": "0" * 40})


def get_branch(self: Any) -> ActionResult:
    """The call that moto lacks."""
    branch = self._get_param("branchName")
    if branch not in getattr(_named(self), "branches", {}):
        raise JsonRESTError("BranchDoesNotExistException", "The branch does not exist.")
    return ActionResult({"branch": {"branchName": branch, "commitId": "0" * 40}})


def get_file(self: Any) -> ActionResult:
    """The call that moto lacks, of the branch that ``commitSpecifier`` names."""
    files = getattr(_named(self), "branches", {}).get(self._get_param("commitSpecifier"), {})
    found = files.get(self._get_param("filePath"))
    if found is None:
        raise JsonRESTError("FileDoesNotExistException", "The file does not exist.")
    return ActionResult(
        {
            "filePath": found["filePath"],
            "fileMode": found["fileMode"],
            "fileContent": base64.b64decode(found["fileContent"]),
        }
    )


def _by_arn(responses: Any) -> Any:
    return _repository(responses, responses._get_param("resourceArn").split(":")[-1])


def _check_tags(tags: dict[str, str]) -> None:
    if len(tags) > MOST_TAGS:
        raise JsonRESTError(
            "TooManyTagsException",
            "The maximum number of tags for an AWS CodeCommit resource has been exceeded.",
        )


def tag_resource(self: Any) -> EmptyResult:
    """The call that moto lacks."""
    one = _by_arn(self)
    tags = {**one.tags, **self._get_param("tags")}
    _check_tags(tags)
    one.tags = tags
    return EmptyResult()


def untag_resource(self: Any) -> EmptyResult:
    """The call that moto lacks."""
    one = _by_arn(self)
    for key in self._get_param("tagKeys"):
        one.tags.pop(key, None)
    return EmptyResult()


def list_tags_for_resource(self: Any) -> ActionResult:
    """The call that moto lacks."""
    return ActionResult({"tags": _by_arn(self).tags})
