"""AWS::RDS::DBSubnetGroup as a table. Shell.

DBSubnetGroupName, in small letters: replace (generated when absent). DBSubnetGroupDescription, SubnetIds (in two
zones at least), Tags: changed in place. Attributes: DBSubnetGroupArn. RDS deletes no group that an instance uses.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSubnetGroup.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.rds.family import RDS, SMALL_LETTERS, tags_of

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="DBSubnetGroupName", longest=255)
_CHANGED = ("DBSubnetGroupDescription", "SubnetIds")
_TAGS = tags_of("DBSubnetGroupArn")
_LISTING = Plain(
    dialect=RDS,
    call="describe_db_subnet_groups",
    answer="DBSubnetGroups",
    asks=named("DBSubnetGroupName"),
    tags=_TAGS,
    name=_NAME,
    index=Index("rds:subgrp"),
)


def _shows(one: Described) -> Properties:
    subnets = [each["SubnetIdentifier"] for each in one.get("Subnets") or ()]
    names = ("DBSubnetGroupName", "DBSubnetGroupDescription", "DBSubnetGroupArn")
    return {**shown(*names)(one), "SubnetIds": subnets}


def _instances(aws: Connection, one: Described) -> Sequence[str]:
    """The instances in the subnets."""
    name = one["DBSubnetGroupName"]
    return [
        f"DB instance {each['DBInstanceIdentifier']}"
        for each in aws.pages("rds", "describe_db_instances", "DBInstances")
        if (each.get("DBSubnetGroup") or {}).get("DBSubnetGroupName") == name
        and each["DBInstanceStatus"] != "deleting"
    ]


SUBNET_GROUP = native_type(
    Table(
        name="AWS::RDS::DBSubnetGroup",
        noun="DB subnet group",
        dialect=RDS,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("DBSubnetGroupName"),
        create=Create(
            call="create_db_subnet_group",
            sends=("DBSubnetGroupName", *_CHANGED),
            gives=lambda _, given: str(given["DBSubnetGroupName"]),
            name=_NAME,
            taken=frozenset({"DBSubnetGroupAlreadyExists"}),
        ),
        updates=(Update(call="modify_db_subnet_group", sends=_CHANGED, whole=True),),
        delete=Delete(call="delete_db_subnet_group", users=_instances),
        tags=_TAGS,
        natural_key=("DBSubnetGroupName",),
        refine=refining(
            {
                "DBSubnetGroupName": {"minLength": 1, **SMALL_LETTERS},
                "DBSubnetGroupDescription": {"minLength": 1},
                "SubnetIds": {"minItems": 2, "uniqueItems": True},
            }
        ),
        looks=("describe_db_instances",),
        kept_in_use=True,
    )
)
