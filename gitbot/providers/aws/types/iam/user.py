"""AWS::IAM::User as a table. Shell.

UserName (generated when absent): replaces. Path, PermissionsBoundary, Groups, ManagedPolicyArns and Policies (each
managed as a whole once declared), LoginProfile (never read: the user may change the password), Tags: changed in
place. Attributes: Arn. A user with keys, devices, certificates or credentials for a service is deleted only without
them.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.refining import refining, together
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.iam.family import IAM, TAKEN, IamListing, moving, tags
from gitbot.providers.aws.types.iam.holders import USERS, ignoring_gone, normalised_inline, refine

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="UserName", longest=64)
_LISTING = IamListing(noun="user", answer="User", name=_NAME, holder=USERS)
_SENDS = ("UserName", "Path", "PermissionsBoundary")
_PARTS = {
    "access key": ("list_access_keys", "AccessKeyMetadata", "AccessKeyId"),
    "device": ("list_mfa_devices", "MFADevices", "SerialNumber"),
    "signing certificate": ("list_signing_certificates", "Certificates", "CertificateId"),
    "SSH key": ("list_ssh_public_keys", "SSHPublicKeys", "SSHPublicKeyId"),
}
"""What only a person may take from a user: the call that lists it, its key, and its name."""
_CREDENTIALS = "list_service_specific_credentials"


def _groups(aws: Connection, user: str) -> list[str]:
    found = aws.pages("iam", "list_groups_for_user", "Groups", UserName=user)
    return [one["GroupName"] for one in found]


def _write_groups(aws: Connection, user: str, value: Any) -> None:
    wanted, observed = set(value or ()), set(_groups(aws, user))
    for group in sorted(wanted - observed):
        aws.call("iam", "add_user_to_group", UserName=user, GroupName=group)
    for group in sorted(observed - wanted):
        named = {"UserName": user, "GroupName": group}
        ignoring_gone(lambda named=named: aws.call("iam", "remove_user_from_group", **named))  # type: ignore[misc]


def _write_login(aws: Connection, user: str, value: Any) -> None:
    if not value:
        ignoring_gone(lambda: aws.call("iam", "delete_login_profile", UserName=user))
        return
    try:
        aws.call("iam", "create_login_profile", UserName=user, **value)
    except CloudError as error:
        if error.code not in TAKEN:
            raise
        aws.call("iam", "update_login_profile", UserName=user, **value)


def _write_boundary(aws: Connection, user: str, value: Any) -> None:
    call = "user_permissions_boundary"
    if value:
        aws.call("iam", f"put_{call}", UserName=user, PermissionsBoundary=value)
    else:
        ignoring_gone(lambda: aws.call("iam", f"delete_{call}", UserName=user))


def _users(aws: Connection, user: Described) -> Sequence[str]:
    """What a user has that would be lost for ever."""
    named = {"UserName": user["UserName"]}
    parts = [
        f"{noun} {one[own]}"
        for noun, (call, key, own) in _PARTS.items()
        for one in aws.pages("iam", call, key, **named)
    ]
    # botocore has no paginator for this call, and one credential is enough
    credentials = aws.call("iam", _CREDENTIALS, **named).get("ServiceSpecificCredentials") or ()
    return [*parts, *(f"credential {one['ServiceSpecificCredentialId']}" for one in credentials)]


def _without_login(aws: Connection, user: Described) -> None:
    _write_login(aws, user["UserName"], None)


def _shows(user: Described) -> Properties:
    boundary = (user.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    named = shown("UserName", "Arn", "Path", "ManagedPolicyArns", "Policies", Groups="GroupList")
    return {**named(user), "PermissionsBoundary": boundary}


_CALLS = (
    *("add_user_to_group", "remove_user_from_group"),
    *(f"{verb}_login_profile" for verb in ("create", "update", "delete")),
    *(f"{verb}_user_permissions_boundary" for verb in ("put", "delete")),
    *USERS.writes,
)
_DELETE = Delete(
    call="delete_user",
    clears=("Groups", "ManagedPolicyArns", "Policies"),
    first=_without_login,
    barred=True,
    users=_users,
)
_SURFACES = (
    Surface(
        property="PermissionsBoundary",
        write=_write_boundary,
        removal=Removal(default=None, says="the boundary is taken away"),
    ),
    Surface(
        property="Groups",
        read=_groups,
        write=_write_groups,
        removal=Removal(default=[], says="the user leaves all groups"),
    ),
    *USERS.surfaces,
    Surface(
        property="LoginProfile",
        write=_write_login,
        removal=Removal(default=None, says="the user cannot sign in with a password"),
    ),
)

USER = native_type(
    Table(
        name="AWS::IAM::User",
        noun="user",
        dialect=IAM,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("UserName"),
        create=Create(
            call="create_user",
            sends=_SENDS,
            gives=lambda answer, _: str(answer["User"]["UserName"]),
            name=_NAME,
            taken=TAKEN,
        ),
        updates=(moving("user"),),
        resets={"Path": Removal(default="/", says="the user is at the top")},
        delete=_DELETE,
        tags=tags("user", shown("UserName")),
        surfaces=_SURFACES,
        looks=("list_groups_for_user", _CREDENTIALS, *(call for call, _, _ in _PARTS.values())),
        calls=_CALLS,
        write_only=("/LoginProfile",),
        identities={"/Policies": ("PolicyName",)},
        normalise=normalised_inline,
        refine=together(refine, refining({"Groups": {"uniqueItems": True}})),
        follows={"Arn": ("Path",)},
        natural_key=("UserName",),
        kept_in_use=True,
        losses=Losses(gone="whoever signs in as the user cannot any more"),
    )
)
