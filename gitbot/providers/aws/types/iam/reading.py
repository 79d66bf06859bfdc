"""Read roles: one by one for a few, in pages of the account for many. Shell.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.observed import ReadRequest
from gitbot.providers.aws.types.iam.holders import FEW, GONE, PAGE, ROLES, held

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


def read_roles(aws: Connection, requests: Sequence[ReadRequest]) -> dict[str, dict[str, Any]]:
    """The properties of the roles that exist, by name."""
    if len(requests) > FEW:
        return _roles_in_bulk(aws, {str(request.remote_id) for request in requests})
    found = aws.each(lambda request: _read_role(aws, request), requests)
    return {
        str(request.remote_id): role
        for request, role in zip(requests, found, strict=True)
        if role is not None
    }


def _read_role(aws: Connection, request: ReadRequest) -> dict[str, Any] | None:
    name = str(request.remote_id)
    role = role_or_none(aws, name)
    if role is None:
        return None
    done = _role(role)
    try:
        if "ManagedPolicyArns" in request.surfaces:
            done["ManagedPolicyArns"] = list(ROLES.attached(aws, name))
        if "Policies" in request.surfaces:
            done["Policies"] = ROLES.inline(aws, name)
    except CloudError as error:
        if error.code != GONE:
            raise
        return None
    return done


def _roles_in_bulk(aws: Connection, names: set[str]) -> dict[str, dict[str, Any]]:
    # The account's details lack two fields that the list of roles has.
    details = ROLES.details(aws)
    listed = {
        role["RoleName"]: role
        for role in aws.pages("iam", "list_roles", "Roles", PaginationConfig=PAGE)
        if role["RoleName"] in names
    }
    done = {}
    for detail in details:
        name = detail["RoleName"]
        if name in listed:
            done[name] = _role({**listed[name], **detail}) | held(detail)
    return done


def _role(role: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "RoleName": role["RoleName"],
        "RoleId": role["RoleId"],
        "Arn": role["Arn"],
        "Path": role["Path"],
        "AssumeRolePolicyDocument": role["AssumeRolePolicyDocument"],
        "Description": role.get("Description", ""),
        "MaxSessionDuration": role.get("MaxSessionDuration", 3600),
        "PermissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "Tags": list(role.get("Tags", ())),
    }


def role_or_none(aws: Connection, name: str) -> Mapping[str, Any] | None:
    """The role as GetRole returns it; None if there is none."""
    role = one_or_none(aws, "get_role", "Role", RoleName=name)
    return role if role is not None and role["RoleName"] == name else None


def one_or_none(
    aws: Connection, operation: str, key: str, /, **parameters: str
) -> Mapping[str, Any] | None:
    """The object as a ``get`` call returns it; None if there is none."""
    try:
        return aws.call("iam", operation, **parameters)[key]  # type: ignore[no-any-return]
    except CloudError as error:
        if error.code == GONE:
            return None
        raise
