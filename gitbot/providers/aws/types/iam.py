"""AWS::IAM::Role and AWS::IAM::InstanceProfile over the IAM API. Shell.

AWS::IAM::Role
    RoleName (generated when absent), Path: replace. AssumeRolePolicyDocument, Description,
    MaxSessionDuration (seconds, 3600 by default), ManagedPolicyArns and Policies (each managed as a
    whole once declared), PermissionsBoundary, Tags: changed in place. Attributes: Arn, RoleId.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html

AWS::IAM::InstanceProfile
    InstanceProfileName (generated when absent), Path: replace. Roles (one) is changed in place.
    Attributes: Arn.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, ConflictError
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Found, Observation, Present
from gitbot.model.schema import Removal
from gitbot.ports import Operation, ReadRequest
from gitbot.providers.aws.native import Declaration, NativeType
from gitbot.providers.aws.policy_documents import normalised_policy, policy_text
from gitbot.providers.aws.tagging import (
    creation_tags,
    found,
    generated_name,
    tag_changes,
    tag_list,
    tag_map,
)
from gitbot.providers.aws.types.iam_reading import (
    GONE,
    attached_policies,
    inline_policies,
    profile_or_none,
    read_profiles,
    read_roles,
    role_or_none,
)
from gitbot.providers.aws.waiting import eventually

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

LONGEST_ROLE = 64
LONGEST_PROFILE = 128
TAKEN = "EntityAlreadyExists"
BUSY = frozenset({"ConcurrentModification", "DeleteConflict"})


def _ignoring_gone(call: Callable[[], Any]) -> None:
    try:
        call()
    except CloudError as error:
        if error.code != GONE:
            raise


# --- roles ---------------------------------------------------------------------------------------

Change = Callable[["Connection", str, Any], None]


def _trust(aws: Connection, role: str, value: Any) -> None:
    text = policy_text(value)
    aws.call("iam", "update_assume_role_policy", RoleName=role, PolicyDocument=text)


def _description(aws: Connection, role: str, value: Any) -> None:
    _update_role(aws, role, Description=value or "")


def _duration(aws: Connection, role: str, value: Any) -> None:
    _update_role(aws, role, MaxSessionDuration=value or 3600)


def _update_role(aws: Connection, role: str, **changed: Any) -> None:
    # UpdateRole puts what it is not told back to its default, so it is told both.
    observed = role_or_none(aws, role) or {}
    kept = {key: observed[key] for key in ("Description", "MaxSessionDuration") if key in observed}
    aws.call("iam", "update_role", RoleName=role, **(kept | changed))


def _boundary(aws: Connection, role: str, value: Any) -> None:
    if value:
        aws.call("iam", "put_role_permissions_boundary", RoleName=role, PermissionsBoundary=value)
    else:
        _ignoring_gone(lambda: aws.call("iam", "delete_role_permissions_boundary", RoleName=role))


def _managed_policies(aws: Connection, role: str, value: Any) -> None:
    observed = set(attached_policies(aws, role))
    wanted = set(value or ())
    for arn in sorted(wanted - observed):
        aws.call("iam", "attach_role_policy", RoleName=role, PolicyArn=arn)
    for arn in sorted(observed - wanted):
        _detach(aws, role, arn)


def _inline_policies(aws: Connection, role: str, value: Any) -> None:
    observed = {
        one["PolicyName"]: normalised_policy(one["PolicyDocument"])
        for one in inline_policies(aws, role)
    }
    wanted = {one["PolicyName"]: one["PolicyDocument"] for one in value or ()}
    for name, document in wanted.items():
        if name not in observed or normalised_policy(document) != observed[name]:
            aws.call(
                "iam",
                "put_role_policy",
                RoleName=role,
                PolicyName=name,
                PolicyDocument=policy_text(document),
            )
    for name in sorted(set(observed) - set(wanted)):
        _delete_inline(aws, role, name)


def _detach(aws: Connection, role: str, arn: str) -> None:
    _ignoring_gone(lambda: aws.call("iam", "detach_role_policy", RoleName=role, PolicyArn=arn))


def _delete_inline(aws: Connection, role: str, name: str) -> None:
    _ignoring_gone(lambda: aws.call("iam", "delete_role_policy", RoleName=role, PolicyName=name))


AT_CREATION: Mapping[str, Change] = {
    "AssumeRolePolicyDocument": _trust,
    "Description": _description,
    "MaxSessionDuration": _duration,
    "PermissionsBoundary": _boundary,
}
AFTERWARDS: Mapping[str, Change] = {
    "ManagedPolicyArns": _managed_policies,
    "Policies": _inline_policies,
}


class RoleHandler:
    """Roles; see ``native.Handler``."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        return _observations(requests, read_roles(aws, requests))

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        properties: Mapping[str, Any] = operation.properties
        name = _role_name(operation)
        parameters = {
            key: properties[key]
            for key in ("Description", "MaxSessionDuration", "Path", "PermissionsBoundary")
            if properties.get(key) is not None
        }

        def create() -> Any:
            return aws.call(
                "iam",
                "create_role",
                RoleName=name,
                AssumeRolePolicyDocument=policy_text(properties["AssumeRolePolicyDocument"]),
                Tags=tag_list(creation_tags(operation)),
                **parameters,
            )

        _create(self, aws, operation, name, "role", lambda: _trusting(create, operation))
        return RemoteId(name)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        self._change(aws, operation, remote_id, AFTERWARDS, frozenset(operation.properties))

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        touched = operation.changed | operation.removed
        _trusting(
            lambda: self._change(aws, operation, remote_id, {**AT_CREATION, **AFTERWARDS}, touched),
            operation,
        )
        if "Tags" in touched:
            changes = tag_changes(operation)
            if changes.put:
                aws.call("iam", "tag_role", RoleName=remote_id, Tags=tag_list(changes.put))
            if changes.remove:
                aws.call("iam", "untag_role", RoleName=remote_id, TagKeys=list(changes.remove))

    def _change(
        self,
        aws: Connection,
        operation: Operation,
        role: str,
        changes: Mapping[str, Change],
        touched: frozenset[str],
    ) -> None:
        for name, change in changes.items():
            if name in touched:
                value = operation.properties.get(name)
                _when_seen(partial(change, aws, role, value), operation)

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        def delete() -> None:
            for arn in list(attached_policies(aws, remote_id)):
                _detach(aws, remote_id, arn)
            for policy in inline_policies(aws, remote_id, documents=False):
                _delete_inline(aws, remote_id, policy["PolicyName"])
            aws.call("iam", "delete_role", RoleName=remote_id)

        _ignoring_gone(
            lambda: eventually(delete, codes=BUSY, deadline=operation.deadline, within_s=20.0)
        )

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        role = role_or_none(aws, _role_name(operation))
        return None if role is None else found(role["RoleName"], tag_map(role.get("Tags")))

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        if operation.ownership:
            aws.call("iam", "tag_role", RoleName=remote_id, Tags=tag_list(operation.ownership))


# --- instance profiles ---------------------------------------------------------------------------


class InstanceProfileHandler:
    """Instance profiles; see ``native.Handler``. They carry ownership tags, though the registry's
    type has no Tags property."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        return _observations(requests, read_profiles(aws, requests))

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        name = _profile_name(operation)
        path = operation.properties.get("Path")

        def create() -> Any:
            return aws.call(
                "iam",
                "create_instance_profile",
                InstanceProfileName=name,
                Tags=tag_list(operation.ownership),
                **({"Path": path} if path else {}),
            )

        _create(self, aws, operation, name, "instance profile", create)
        return RemoteId(name)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        _when_seen(lambda: self._write_roles(aws, operation, remote_id), operation)

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        if "Roles" in operation.changed:
            _when_seen(lambda: self._write_roles(aws, operation, remote_id), operation)

    def _write_roles(self, aws: Connection, operation: Operation, profile: str) -> None:
        observed = [role["RoleName"] for role in _profile(aws, profile)["Roles"]]
        wanted = [str(role) for role in operation.properties.get("Roles") or ()]  # type: ignore[union-attr]
        # A profile holds one role at a time: the old one has to go first.
        for role in observed:
            if role not in wanted:
                self._remove(aws, profile, role)
        for role in wanted:
            if role not in observed:
                aws.call(
                    "iam",
                    "add_role_to_instance_profile",
                    InstanceProfileName=profile,
                    RoleName=role,
                )

    def _remove(self, aws: Connection, profile: str, role: str) -> None:
        _ignoring_gone(
            lambda: aws.call(
                "iam",
                "remove_role_from_instance_profile",
                InstanceProfileName=profile,
                RoleName=role,
            )
        )

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        def delete() -> None:
            for role in _profile(aws, remote_id)["Roles"]:
                self._remove(aws, remote_id, role["RoleName"])
            aws.call("iam", "delete_instance_profile", InstanceProfileName=remote_id)

        _ignoring_gone(
            lambda: eventually(delete, codes=BUSY, deadline=operation.deadline, within_s=20.0)
        )

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        name = _profile_name(operation)
        profile = profile_or_none(aws, name)
        return None if profile is None else found(name, tag_map(profile.get("Tags")))

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        if operation.ownership:
            aws.call(
                "iam",
                "tag_instance_profile",
                InstanceProfileName=remote_id,
                Tags=tag_list(operation.ownership),
            )


def _profile(aws: Connection, name: str) -> Mapping[str, Any]:
    profile = profile_or_none(aws, name)
    if profile is None:
        raise CloudError(f"instance profile {name} is gone", code=GONE)
    return profile


# --- both ----------------------------------------------------------------------------------------


def _role_name(operation: Operation) -> str:
    return str(operation.properties.get("RoleName") or generated_name(operation, LONGEST_ROLE))


def _profile_name(operation: Operation) -> str:
    return str(
        operation.properties.get("InstanceProfileName")
        or generated_name(operation, LONGEST_PROFILE)
    )


def _create(
    handler: RoleHandler | InstanceProfileHandler,
    aws: Connection,
    operation: Operation,
    name: str,
    kind: str,
    create: Callable[[], Any],
) -> None:
    try:
        create()
    except CloudError as error:
        if error.code != TAKEN:
            raise
        present = handler.find(aws, operation)
        if present is None or present.operation != operation.token:
            raise ConflictError(
                f"{operation.address}: the account has an IAM {kind} named {name} already. Choose "
                f"another name, or take it over with `lifecycle: {{import: {name}}}`."
            ) from error


def _trusting(call: Callable[[], Any], operation: Operation) -> Any:
    # A principal that was made a moment ago is "invalid" until IAM has spread the news.
    return eventually(
        call,
        codes={"MalformedPolicyDocument"},
        containing="rincipal",
        within_s=30.0,
        deadline=operation.deadline,
    )


def _when_seen(call: Callable[[], Any], operation: Operation) -> None:
    eventually(
        call, codes={GONE, "ConcurrentModification"}, deadline=operation.deadline, within_s=30.0
    )


def _observations(
    requests: Sequence[ReadRequest], properties: Mapping[str, Mapping[str, Any]]
) -> Mapping[Address, Observation]:
    return {
        request.address: (
            Present(remote_id=request.remote_id, properties=properties[request.remote_id])
            if request.remote_id in properties
            else Absent()
        )
        for request in requests
    }


# --- declarations --------------------------------------------------------------------------------


def normalise_role(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The role's properties as they are compared."""
    done = dict(properties)
    if "AssumeRolePolicyDocument" in done:
        done["AssumeRolePolicyDocument"] = normalised_policy(done["AssumeRolePolicyDocument"])
    if isinstance(done.get("Policies"), (list, tuple)):
        done["Policies"] = [_normalised_inline(one) for one in done["Policies"]]
    return done


def _normalised_inline(policy: Any) -> Any:
    if not isinstance(policy, Mapping) or "PolicyDocument" not in policy:
        return policy
    return {**policy, "PolicyDocument": normalised_policy(policy["PolicyDocument"])}


def _paths(names: Iterable[str]) -> frozenset[str]:
    return frozenset(f"/{name}" for name in names)


ROLE = NativeType(
    declaration=Declaration(
        name="AWS::IAM::Role",
        handled=_paths({*AT_CREATION, *AFTERWARDS, "Path", "RoleName", "Tags"}),
        sets=frozenset({"/ManagedPolicyArns", "/Policies"}),
        identities={"/Policies": ("PolicyName",)},
        removals={
            "/Description": Removal(default="", says="the description is emptied"),
            "/MaxSessionDuration": Removal(default=3600, says="sessions last an hour at most"),
            "/PermissionsBoundary": Removal(default=None, says="the boundary is taken away"),
            "/ManagedPolicyArns": Removal(default=[], says="all managed policies are detached"),
            "/Policies": Removal(default=[], says="all inline policies are deleted"),
            "/Tags": Removal(default=None, says="the tags are deleted"),
        },
        normalise=normalise_role,
        natural_key="RoleName",
    ),
    handler=RoleHandler(),
)
INSTANCE_PROFILE = NativeType(
    declaration=Declaration(
        name="AWS::IAM::InstanceProfile",
        handled=_paths({"InstanceProfileName", "Path", "Roles"}),
        natural_key="InstanceProfileName",
    ),
    handler=InstanceProfileHandler(),
)
