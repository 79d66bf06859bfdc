"""AWS::DynamoDB::Table as a table. Shell.

TableName (generated when absent), KeySchema, LocalSecondaryIndexes: replace. AttributeDefinitions,
GlobalSecondaryIndexes (made and deleted one at a time), BillingMode, ProvisionedThroughput,
OnDemandThroughput, StreamSpecification, SSESpecification, TableClass, DeletionProtectionEnabled,
TimeToLiveSpecification and PointInTimeRecoverySpecification (read with calls of their own where they
are declared), Tags: changed in place. Attributes: Arn, StreamArn.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Losses, Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Table, Update
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.dynamodb.limits import HANDLED, INDEXES, LIMITS, LOCAL
from gitbot.providers.aws.types.dynamodb.shapes import (
    compared,
    parameters_of,
    properties_of,
)
from gitbot.providers.aws.types.dynamodb.steps import encryption, next_step

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

DYNAMODB = Dialect(
    service="dynamodb", absent=frozenset({"ResourceNotFoundException", "TableNotFoundException"})
)
TAGS = PlainTags(
    dialect=DYNAMODB,
    target=lambda one: {"ResourceArn": one["TableArn"]},
    reading="list_tags_of_resource",
)
_NAME = Name(property="TableName", longest=255)
_LISTING = Plain(
    dialect=DYNAMODB,
    call="describe_table",
    answer="Table",
    asks=named("TableName"),
    tags=TAGS,
    name=_NAME,
    index=Index("dynamodb:table"),
)
_FIXED = ("TableName", "KeySchema", "LocalSecondaryIndexes")
_CHANGED = (
    *("AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode", "ProvisionedThroughput"),
    *("OnDemandThroughput", "StreamSpecification", "TableClass"),
    "DeletionProtectionEnabled",
)
_RESETS = {
    "ProvisionedThroughput": Removal(default=None, says="BillingMode must be PAY_PER_REQUEST"),
    "OnDemandThroughput": Removal(default=None, says="requests are not limited"),
    "GlobalSecondaryIndexes": Removal(default=[], says="the indexes are deleted"),
    "StreamSpecification": Removal(default=None, says="the stream ends"),
    "SSESpecification": Removal(
        default={"SSEEnabled": False}, says="DynamoDB encrypts with its own key"
    ),
    "TableClass": Removal(default="STANDARD", says="the table has the standard class"),
    "DeletionProtectionEnabled": Removal(default=False, says="the table can be deleted"),
}

_KEY_NAMES = ("/SSESpecification/KMSMasterKeyId",)
_LOSSES = Losses(
    gone="all its items are lost; AWS keeps a backup for 35 days if it could be put back in time"
)
_BELOW = {"/SSESpecification/SSEType": Removal(default=None, says="KMS is the only type")}


def _read_ttl(aws: Connection, table: str) -> Any:
    told = aws.call("dynamodb", "describe_time_to_live", TableName=table)["TimeToLiveDescription"]
    on = told.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    return {"Enabled": on, **({"AttributeName": told["AttributeName"]} if on else {})}


def _write_ttl(aws: Connection, table: str, value: Any) -> None:
    had = _read_ttl(aws, table)
    wanted = {"Enabled": False} if value is None or not value["Enabled"] else dict(value)
    if wanted == had:
        return
    for one in [{**had, "Enabled": False}] if had["Enabled"] else []:
        aws.call("dynamodb", "update_time_to_live", TableName=table, TimeToLiveSpecification=one)
    if wanted["Enabled"]:
        aws.call("dynamodb", "update_time_to_live", TableName=table, TimeToLiveSpecification=wanted)


def _read_recovery(aws: Connection, table: str) -> Any:
    told = aws.call("dynamodb", "describe_continuous_backups", TableName=table)
    found = told["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
    on = found.get("PointInTimeRecoveryStatus") == "ENABLED"
    days = found.get("RecoveryPeriodInDays") if on else None
    return {
        "PointInTimeRecoveryEnabled": on,
        **({"RecoveryPeriodInDays": days} if days is not None else {}),
    }


def _write_recovery(aws: Connection, table: str, value: Any) -> None:
    wanted = {"PointInTimeRecoveryEnabled": False, **(value or {})}
    aws.call(
        *("dynamodb", "update_continuous_backups"),
        TableName=table,
        PointInTimeRecoverySpecification=wanted,
    )


_APART = (
    Surface(
        property="TimeToLiveSpecification",
        read=_read_ttl,
        write=_write_ttl,
        removal=Removal(default={"Enabled": False}, says="no item expires"),
    ),
    Surface(
        property="PointInTimeRecoverySpecification",
        read=_read_recovery,
        write=_write_recovery,
        removal=Removal(
            default={"PointInTimeRecoveryEnabled": False}, says="it cannot be put back in time"
        ),
    ),
)


def _is_active(table: Described) -> bool:
    indexes = table.get("GlobalSecondaryIndexes") or ()
    states = [table["TableStatus"], *(one.get("IndexStatus", "ACTIVE") for one in indexes)]
    return set(states) <= {"ACTIVE"}


_CREATE = Create(
    call="create_table",
    sends=(*_FIXED, *_CHANGED, "SSESpecification"),
    parameters=lambda operation: parameters_of(
        {name: operation.properties.get(name) for name in (*_FIXED, *_CHANGED, "SSESpecification")}
    ),
    gives=lambda answer, _: str(answer["TableDescription"]["TableName"]),
    name=_NAME,
    taken=frozenset({"ResourceInUseException"}),
)
_IDENTITIES = {
    "/AttributeDefinitions": ("AttributeName",),
    **dict.fromkeys((INDEXES, LOCAL), ("IndexName",)),
}
_UPDATES = (
    Update(call="update_table", sends=_CHANGED, steps=True, parameters=next_step),
    Update(call="update_table", sends=("SSESpecification",), parameters=encryption),
)

TABLE = native_type(
    Table(
        name="AWS::DynamoDB::Table",
        noun="table",
        dialect=DYNAMODB,
        timeouts=minutes(create=30, update=360, delete=30),
        listing=_LISTING,
        identifier=itemgetter("TableName"),
        shows=properties_of,
        addresses=lambda one: {"TableName": one["TableName"]},
        create=_CREATE,
        ready=_is_active,
        delete=Delete(call="delete_table"),
        tags=TAGS,
        updates=_UPDATES,
        surfaces=_APART,
        resets=_RESETS,
        natural_key=("TableName",),
        handled=HANDLED,
        removals=_BELOW,
        partial=("/SSESpecification", "/PointInTimeRecoverySpecification"),
        write_only=_KEY_NAMES,
        key_names=_KEY_NAMES,
        sets=("/AttributeDefinitions", INDEXES, f"{INDEXES}/*/Projection/NonKeyAttributes", LOCAL),
        identities=_IDENTITIES,
        normalise=compared,
        refine=refining(LIMITS),
        looks=("describe_time_to_live", "describe_continuous_backups"),
        calls=("update_time_to_live", "update_continuous_backups"),
        losses=_LOSSES,
    )
)
