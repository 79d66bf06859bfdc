"""Let moto's IAM bound, move, tag and delete users and groups as AWS does. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import signature
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.exceptions import DeleteConflictException, EntityAlreadyExists
from moto.iam.models import IAMBackend, Role, User
from moto.iam.responses import IamResponse

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(IamResponse, "create_user", _with_boundary)
    IamResponse.put_user_permissions_boundary = _put_boundary  # type: ignore[attr-defined]
    IamResponse.delete_user_permissions_boundary = _delete_boundary  # type: ignore[attr-defined]
    User.permissions_boundary = Role.permissions_boundary  # type: ignore[attr-defined]
    User.permissions_boundary_arn = None  # type: ignore[attr-defined]
    wrap(IAMBackend, "create_user", _one_name("user"))
    wrap(IAMBackend, "create_group", _one_name("group"))
    wrap(IAMBackend, "update_user", _tags_move)
    wrap(IAMBackend, "update_group", _path_alone)
    wrap(IAMBackend, "delete_user", _without(_of_a_user))
    wrap(IAMBackend, "delete_group", _without(_of_a_group))
    for noun in ("user", "role"):
        wrap(IAMBackend, f"tag_{noun}", _folding(noun))
        wrap(IAMBackend, f"untag_{noun}", _unfolding(noun))


def _one_name(noun: str) -> Any:
    """Defect: names that differ only in the case of letters are taken for two.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
    """

    def make(original: Any) -> Any:
        given_to = signature(original)

        @wraps(original)
        def create(*given: Any, **named: Any) -> Any:
            asked = given_to.bind(*given, **named).arguments
            name, present = asked[f"{noun}_name"], getattr(asked["self"], f"{noun}s")
            if any(one.lower() == name.lower() for one in present):
                raise EntityAlreadyExists(f"{noun.capitalize()} with name {name} already exists.")
            return original(*given, **named)

        return create

    return make


def _with_boundary(original: Any) -> Any:
    """Defect: CreateUser takes no boundary, and doubled tag keys.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
    """

    @wraps(original)
    def create_user(self: Any) -> Any:
        self.backend._tag_verification(self._get_param("Tags", []))
        answer = original(self)
        user = self.backend.get_user(self._get_param("UserName"))
        user.permissions_boundary_arn = self._get_param("PermissionsBoundary")
        return answer

    return create_user


def _put_boundary(self: Any) -> ActionResult:
    """Hole: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html"""
    user = self.backend.get_user(self._get_param("UserName"))
    user.permissions_boundary_arn = self._get_param("PermissionsBoundary")
    return EmptyResult()


def _delete_boundary(self: Any) -> ActionResult:
    """Hole: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html"""
    self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = None
    return EmptyResult()


def _tags_move(original: Any) -> Any:
    """Defect: a user who gets another path loses the tags, because the path is a part of the ARN."""

    @wraps(original)
    def update_user(
        self: Any, user_name: str, new_path: Any = None, new_user_name: Any = None
    ) -> None:
        before = self.users[user_name].arn if user_name in self.users else ""
        tags = self.tagger.list_tags_for_resource(before)["Tags"]
        original(self, user_name, new_path, new_user_name)
        after = self.users[new_user_name or user_name].arn
        if after != before:
            self.tagger.delete_all_tags_for_resource(before)
            self.tagger.tag_resource(after, tags)

    return update_user


def _path_alone(original: Any) -> Any:
    """Defect: the path of a group changes only together with its name.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html
    """

    @wraps(original)
    def update_group(self: Any, group_name: str, new_group_name: Any, new_path: Any) -> None:
        group = self.get_group(group_name)
        if new_path:
            group.path = new_path
        if new_group_name:
            original(self, group_name, new_group_name, new_path)

    return update_group


def _of_a_user(backend: Any, name: str) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html"""
    user = backend.get_user(name)
    return {
        "remove users from group": backend.get_groups_for_user(name),
        "delete login profile": user.password,
        "delete access keys": user.access_keys,
        "delete MFA device": user.mfa_devices,
        "delete signing certificates": user.signing_certificates,
        "delete SSH public keys": user.ssh_public_keys,
        "delete service specific credentials": user.service_specific_credentials,
    }


def _of_a_group(backend: Any, name: str) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html"""
    group = backend.get_group(name)
    return {
        "remove users from group": group.users,
        "detach all policies": group.managed_policies,
        "delete policies": group.policies,
    }


def _without(parts: Callable[[Any, str], Mapping[str, Any]]) -> Any:
    """Defect: an object is deleted that has parts; ``parts`` says which, by what must be done before."""

    def make(original: Any) -> Any:
        @wraps(original)
        def delete(self: Any, name: str) -> None:
            for what, there in parts(self, name).items():
                if there:
                    raise DeleteConflictException(f"Cannot delete entity, must {what} first.")
            original(self, name)

        return delete

    return make


def _folding(noun: str) -> Any:
    """Defect: a key that differs from another only in the case of letters makes a second tag.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """

    def make(original: Any) -> Any:
        @wraps(original)
        def tag(self: Any, name: str, tags: Sequence[dict[str, str]]) -> None:
            self._tag_verification(tags)
            getattr(self, f"untag_{noun}")(name, [one["Key"] for one in tags])
            original(self, name, tags)

        return tag

    return make


def _unfolding(noun: str) -> Any:
    """Defect: only the tag whose key has the same case of letters is removed."""

    def make(original: Any) -> Any:
        @wraps(original)
        def untag(self: Any, name: str, tag_keys: Sequence[str]) -> None:
            wanted = {key.lower() for key in tag_keys}
            tags = getattr(self, f"get_{noun}")(name).tags or ()
            original(self, name, [one["Key"] for one in tags if one["Key"].lower() in wanted])

        return untag

    return make
