"""AWS::IAM::InstanceProfile as a table. Shell.

InstanceProfileName (generated when absent), Path: replace. Roles (one) is changed in place.
Attributes: Arn. It carries ownership tags, though the registry's type has no Tags property.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.iam.family import IAM, TAKEN, IamListing, tags
from gitbot.providers.aws.types.iam.holders import ignoring_gone

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = "InstanceProfileName"
_FULL = "LimitExceeded"
"""The code of a profile that has a role: it takes one."""
_NAMED = Name(property=_NAME, longest=128)


def _roles(aws: Connection, profile: str) -> list[str]:
    described = aws.call("iam", "get_instance_profile", **{_NAME: profile})["InstanceProfile"]
    return [role["RoleName"] for role in described["Roles"]]


def _write_roles(aws: Connection, profile: str, value: Any) -> None:
    observed = _roles(aws, profile)
    wanted = [str(role) for role in value or ()]
    # A profile has one role at most, so remove the old one first.
    for role in observed:
        if role not in wanted:
            _remove_role(aws, profile, role)
    for role in wanted:
        if role not in observed:
            _add_role(aws, profile, role)


def _add_role(aws: Connection, profile: str, role: str) -> None:
    """Add the role. A call whose reply was lost is sent again, and meets what it has done."""
    try:
        aws.call("iam", "add_role_to_instance_profile", **{_NAME: profile}, RoleName=role)
    except CloudError as error:
        if error.code != _FULL or role not in _roles(aws, profile):
            raise


def _remove_role(aws: Connection, profile: str, role: str) -> None:
    named = {_NAME: profile, "RoleName": role}
    ignoring_gone(lambda: aws.call("iam", "remove_role_from_instance_profile", **named))


def _shows(profile: Described) -> Properties:
    roles = [role["RoleName"] for role in profile.get("Roles", ())]
    return {**shown(_NAME, "Arn", "Path")(profile), "Roles": roles}


INSTANCE_PROFILE = native_type(
    Table(
        name="AWS::IAM::InstanceProfile",
        noun="instance profile",
        dialect=IAM,
        listing=IamListing(noun="instance_profile", answer="InstanceProfile", name=_NAMED),
        identifier=itemgetter(_NAME),
        shows=_shows,
        create=Create(
            call="create_instance_profile",
            sends=(_NAME, "Path"),
            gives=lambda answer, _: answer["InstanceProfile"][_NAME],
            name=_NAMED,
            taken=TAKEN,
        ),
        delete=Delete(
            call="delete_instance_profile",
            parameters=lambda profile: {_NAME: profile[_NAME]},
            clears=("Roles",),
        ),
        tags=tags("instance_profile", shown(_NAME), declared=""),
        surfaces=(Surface(property="Roles", write=_write_roles),),
        calls=("add_role_to_instance_profile", "remove_role_from_instance_profile"),
        passes_role_to="ec2.amazonaws.com",
        natural_key=(_NAME,),
    )
)
