"""AWS::IAM::Group as a table. Shell.

GroupName (generated when absent): replaces. Path, ManagedPolicyArns and Policies (each managed as a whole once
declared): changed in place. Attributes: Arn. A group has no tags and is part of nothing: only state says whose it
is, and one that no state has is taken over with consent alone. A group with users in it is not deleted.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.table import Create, Delete, Described, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.iam.family import IAM, TAKEN, IamListing, moving
from gitbot.providers.aws.types.iam.holders import GROUPS, normalised_inline, refine

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="GroupName", longest=128)


def _users(aws: Connection, group: Described) -> Sequence[str]:
    """Who is in the group, and would lose what it allows."""
    users = aws.pages("iam", "get_group", "Users", GroupName=group["GroupName"])
    return [f"user {one['UserName']}" for one in users]


GROUP = native_type(
    Table(
        name="AWS::IAM::Group",
        noun="group",
        dialect=IAM,
        listing=IamListing(noun="group", answer="Group", name=_NAME, holder=GROUPS, tagged=False),
        shows=shown("GroupName", "Arn", "Path", "ManagedPolicyArns", "Policies"),
        addresses=shown("GroupName"),
        create=Create(
            call="create_group",
            sends=("GroupName", "Path"),
            gives=lambda answer, _: str(answer["Group"]["GroupName"]),
            name=_NAME,
            taken=TAKEN,
        ),
        updates=(moving("group"),),
        resets={"Path": Removal(default="/", says="the group is at the top")},
        delete=Delete(call="delete_group", clears=("ManagedPolicyArns", "Policies"), users=_users),
        surfaces=GROUPS.surfaces,
        calls=GROUPS.writes,
        identities={"/Policies": ("PolicyName",)},
        normalise=normalised_inline,
        refine=refine,
        follows={"Arn": ("Path",)},
        natural_key=("GroupName",),
        kept_in_use=True,
    )
)
