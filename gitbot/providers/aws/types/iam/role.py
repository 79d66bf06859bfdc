"""AWS::IAM::Role over the IAM API. Shell.

RoleName (generated when absent), Path: replace. AssumeRolePolicyDocument, Description,
MaxSessionDuration (seconds, 3600 by default), ManagedPolicyArns and Policies (each managed as a
whole once declared), PermissionsBoundary, Tags: changed in place. Attributes: Arn, RoleId.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, GitbotError, TransientError
from gitbot.model.cloud import Operation
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Observation, ReadRequest
from gitbot.model.schema import Removal
from gitbot.providers.aws.native import Declaration, NativeType
from gitbot.providers.aws.observations import observations
from gitbot.providers.aws.policy_documents import deleted_principals, normalised_policy, policy_text
from gitbot.providers.aws.refusals import in_use
from gitbot.providers.aws.rights import Rights
from gitbot.providers.aws.surfaces import (
    TAGS_REMOVAL,
    Surface,
    declared,
    names_of,
    removals_of,
    write_surfaces,
)
from gitbot.providers.aws.table import shown
from gitbot.providers.aws.tagging import (
    IAM_TAGS,
    Marks,
    found,
    generated_name,
    is_generated,
    tag_changes,
    tag_map,
)
from gitbot.providers.aws.types.iam.common import create_once
from gitbot.providers.aws.types.iam.family import tags
from gitbot.providers.aws.types.iam.holders import (
    GONE,
    PAGE,
    ROLES,
    ignoring_gone,
    normalised_inline,
    refine,
)
from gitbot.providers.aws.types.iam.reading import read_roles, role_or_none

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

LONGEST_NAME = 64
_TAGS = tags("role", shown("RoleName"))


def _trust(aws: Connection, role: str, value: Any) -> None:
    text = policy_text(value)
    aws.call("iam", "update_assume_role_policy", RoleName=role, PolicyDocument=text)


def _description(aws: Connection, role: str, value: Any) -> None:
    _update_role(aws, role, Description=value or "")


def _duration(aws: Connection, role: str, value: Any) -> None:
    _update_role(aws, role, MaxSessionDuration=value or 3600)


def _update_role(aws: Connection, role: str, **changed: Any) -> None:
    # UpdateRole resets a value that it is not given to its default, so give it both.
    observed = role_or_none(aws, role) or {}
    kept = {key: observed[key] for key in ("Description", "MaxSessionDuration") if key in observed}
    aws.call("iam", "update_role", RoleName=role, **(kept | changed))


def _boundary(aws: Connection, role: str, value: Any) -> None:
    if value:
        aws.call("iam", "put_role_permissions_boundary", RoleName=role, PermissionsBoundary=value)
    else:
        ignoring_gone(lambda: aws.call("iam", "delete_role_permissions_boundary", RoleName=role))


SURFACES = (
    Surface(property="AssumeRolePolicyDocument", write=_trust),
    Surface(
        property="Description",
        write=_description,
        removal=Removal(default="", says="the description is emptied"),
    ),
    Surface(
        property="MaxSessionDuration",
        write=_duration,
        removal=Removal(default=3600, says="sessions last an hour at most"),
    ),
    Surface(
        property="PermissionsBoundary",
        write=_boundary,
        removal=Removal(default=None, says="the boundary is taken away"),
    ),
    *ROLES.surfaces,
)
SENT = ("Description", "MaxSessionDuration", "Path", "PermissionsBoundary")
"""The properties that CreateRole takes under their own names. It also takes the trust policy."""


class RoleHandler:
    """Roles; see ``native.Handler``."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        return observations(requests, read_roles(aws, requests))

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        properties: Mapping[str, Any] = operation.properties
        name = _role_name(operation)
        parameters = {key: properties[key] for key in SENT if properties.get(key) is not None}

        def create() -> Any:
            return aws.call(
                "iam",
                "create_role",
                RoleName=name,
                AssumeRolePolicyDocument=policy_text(properties["AssumeRolePolicyDocument"]),
                **_TAGS.at_creation(operation),
                **parameters,
            )

        create_once(self, aws, operation, name, "role", create)
        return RemoteId(name)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        follow_ups = declared(operation.properties) - {*SENT, "AssumeRolePolicyDocument"}
        write_surfaces(aws, remote_id, SURFACES, operation.properties, follow_ups)

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        touched = operation.changed | operation.removed
        write_surfaces(aws, remote_id, SURFACES, operation.properties, touched)
        if "Tags" in touched:
            role, changes = {"RoleName": remote_id}, tag_changes(operation)
            if changes.remove:  # first: to IAM, ``Owner`` and ``owner`` are one key
                _TAGS.remove(aws, role, changes.remove)
            _TAGS.put(aws, role, changes.put)

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        ignoring_gone(lambda: _delete_whole(aws, remote_id))

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        role = role_or_none(aws, _role_name(operation))
        return None if role is None else found(role["RoleName"], tag_map(role.get("Tags")))

    def tagged(self, aws: Connection, marks: Marks) -> Iterator[Found]:
        """The roles whose names may have been generated for these addresses."""
        for listed in list(aws.pages("iam", "list_roles", "Roles", PaginationConfig=PAGE)):
            if is_generated(listed["RoleName"], marks.addresses, LONGEST_NAME):
                role = role_or_none(aws, listed["RoleName"])  # the list leaves out the tags
                if role is not None:
                    yield found(role["RoleName"], tag_map(role.get("Tags")))

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        if operation.ownership:
            _TAGS.put(aws, {"RoleName": remote_id}, operation.ownership)


def _delete_whole(aws: Connection, role: str) -> None:
    """Delete the role with its policies. When IAM refuses, the role is left as it was.

    IAM deletes a role only without policies and outside of every instance profile, so ask for the
    profiles first, and put the policies back when the last call is refused.
    """
    listing = ("list_instance_profiles_for_role", "InstanceProfiles")
    profiles = [one["InstanceProfileName"] for one in aws.pages("iam", *listing, RoleName=role)]
    if profiles:
        raise in_use(f"role {role}", [f"instance profile {name}" for name in profiles])
    had = {
        "ManagedPolicyArns": list(ROLES.attached(aws, role)),
        "Policies": ROLES.inline(aws, role),
    }
    try:
        write_surfaces(aws, role, SURFACES, {}, had.keys())
        aws.call("iam", "delete_role", RoleName=role)
    except (CloudError, TransientError) as error:
        if isinstance(error, CloudError) and error.code == GONE:
            raise
        _put_back(aws, role, had, error)
        raise


def _put_back(aws: Connection, role: str, had: Mapping[str, Any], error: GitbotError) -> None:
    try:
        write_surfaces(aws, role, SURFACES, had, had.keys())
    except (CloudError, TransientError) as second:
        raise CloudError(
            f"{error} And role {role} could not get its policies back: {second} It still has to be "
            "deleted, or get them by hand.",
            code=error.code if isinstance(error, CloudError) else "",
        ) from second


def _role_name(operation: Operation) -> str:
    return str(operation.properties.get("RoleName") or generated_name(operation, LONGEST_NAME))


def normalise_role(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties in the form for comparison."""
    done = normalised_inline(properties)
    if "AssumeRolePolicyDocument" in done:
        done["AssumeRolePolicyDocument"] = normalised_policy(done["AssumeRolePolicyDocument"])
    return done


RIGHTS = Rights.of(
    "iam",
    reads=(
        "GetAccountAuthorizationDetails",
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListInstanceProfilesForRole",
        "ListRolePolicies",
        "ListRoles",
    ),
    makes="CreateRole",
    removes="DeleteRole",
    writes=(
        "AttachRolePolicy",
        "CreateRole",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "TagRole",
        "UntagRole",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
    ),
)

ROLE = NativeType(
    declaration=Declaration(
        name="AWS::IAM::Role",
        rights=RIGHTS,
        tag_limits=IAM_TAGS,
        handled=frozenset(f"/{name}" for name in (*names_of(SURFACES), "Path", "RoleName", "Tags")),
        sets=frozenset({"/ManagedPolicyArns", "/Policies"}),
        identities={"/Policies": ("PolicyName",)},
        removals={**removals_of(SURFACES), "/Tags": TAGS_REMOVAL},
        normalise=normalise_role,
        natural_key=("RoleName",),
        kept_in_use=True,
        refuses_taken=True,
        refine=refine,
        explains=deleted_principals,
    ),
    handler=RoleHandler(),
)
