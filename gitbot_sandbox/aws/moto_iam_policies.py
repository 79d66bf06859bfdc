"""Let moto's IAM name, attach and delete managed policies as AWS does. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from moto.iam.exceptions import DeleteConflictException, EntityAlreadyExists
from moto.iam.models import IAMBackend, ManagedPolicy
from moto.iam.responses import IamResponse

from gitbot_sandbox.aws.moto_patch import wrap

_KINDS = ("users", "roles", "groups")


def patch() -> None:
    """Make the patches of this module."""
    wrap(IAMBackend, "create_policy", _one_name)
    wrap(IAMBackend, "delete_policy", _unused)
    wrap(ManagedPolicy, "attach_to", _once)
    wrap(IamResponse, "list_entities_for_policy", _by_usage)


def _one_name(original: Any) -> Any:
    """Defect: two policies of an account can have one name, if their paths differ.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
    """

    @wraps(original)
    def create_policy(
        self: Any, description: Any, path: Any, policy_document: Any, policy_name: str, tags: Any
    ) -> Any:
        local = (one for arn, one in self.managed_policies.items() if ":iam::aws:" not in arn)
        if any(one.name.lower() == policy_name.lower() for one in local):
            raise EntityAlreadyExists(
                f"A policy called {policy_name} already exists. Duplicate names are not allowed."
            )
        return original(self, description, path, policy_document, policy_name, tags)

    return create_policy


def _holders(backend: Any) -> Iterator[tuple[str, Any]]:
    for kind in _KINDS:
        for one in getattr(backend, kind).values():
            yield kind, one


def _unused(original: Any) -> Any:
    """Defect: a policy is deleted that is attached, that is a boundary, or that has several versions.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
    """

    @wraps(original)
    def delete_policy(self: Any, policy_arn: str) -> None:
        policy = self.get_policy(policy_arn)
        for _, one in _holders(self):
            boundary = getattr(one, "permissions_boundary_arn", None)
            if policy_arn in one.managed_policies or policy_arn == boundary:
                raise DeleteConflictException("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise DeleteConflictException(
                "This policy has more than one version. Before you delete a policy, you must delete the "
                "policy's versions. The default version is deleted with the policy."
            )
        original(self, policy_arn)

    return delete_policy


def _once(original: Callable[[Any, Any], None]) -> Any:
    """Defect: a policy that is attached a second time counts as attached twice."""

    @wraps(original)
    def attach_to(self: Any, obj: Any) -> None:
        if self.arn not in obj.managed_policies:
            original(self, obj)

    return attach_to


def _by_usage(original: Any) -> Any:
    """Defect: boundaries are left out, and the filter by usage is ignored.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html
    """

    @wraps(original)
    def list_entities_for_policy(self: Any) -> Any:
        from moto.core.responses import ActionResult

        arn, usage = self._get_param("PolicyArn"), self._get_param("PolicyUsageFilter")
        self.backend.get_policy(arn)
        only = (self._get_param("EntityFilter") or "").lower()
        found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
        for kind, one in _holders(self.backend):
            attached = usage != "PermissionsBoundary" and arn in one.managed_policies
            boundary = getattr(one, "permissions_boundary_arn", None)
            bounds = usage != "PermissionsPolicy" and arn == boundary
            if (attached or bounds) and only in ("", kind[:-1]):
                found[kind].append(one)
        named = {f"Policy{kind.capitalize()}": some for kind, some in found.items()}
        return ActionResult({**named, "IsTruncated": False})

    return list_entities_for_policy
