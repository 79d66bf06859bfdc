"""AWS::DynamoDB::Table as a table. Shell.

TableName (generated when absent), KeySchema, LocalSecondaryIndexes: replace. AttributeDefinitions,
GlobalSecondaryIndexes (made and deleted one at a time), BillingMode, ProvisionedThroughput,
OnDemandThroughput, StreamSpecification, SSESpecification, TableClass, DeletionProtectionEnabled,
TimeToLiveSpecification, PointInTimeRecoverySpecification, KinesisStreamSpecification (read with calls of
their own where they are declared), ContributorInsightsSpecification (of indexes, too; one listing for all
tables), Tags: changed in place. Attributes: Arn, StreamArn.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from gitbot.model.schema import Losses, Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Table, Update
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.dynamodb import apart, insights
from gitbot.providers.aws.types.dynamodb.limits import HANDLED, INDEXES, LIMITS, LOCAL
from gitbot.providers.aws.types.dynamodb.shapes import (
    INSIGHTS,
    USUAL,
    compared,
    parameters_of,
    properties_of,
)
from gitbot.providers.aws.types.dynamodb.steps import encryption, next_step

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
    f"{INSIGHTS}/Mode": Removal(default=USUAL, says="all keys that are asked for are counted"),
    f"KinesisStreamSpecification/{apart.PRECISION}": Removal(
        default=apart.USUAL_PRECISION, says="times have milliseconds"
    ),
}

_KEY_NAMES = ("/SSESpecification/KMSMasterKeyId",)
_LOSSES = Losses(
    gone="all its items are lost; AWS keeps a backup for 35 days if it could be put back in time"
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
_SETS = ("/AttributeDefinitions", INDEXES, f"{INDEXES}/*/Projection/NonKeyAttributes", LOCAL)
_UPDATES = (
    Update(call="update_table", sends=_CHANGED, steps=True, parameters=next_step),
    Update(call="update_table", sends=("SSESpecification",), parameters=encryption),
)
_OPEN = "DeletionProtectionEnabled"
_DELETE = Delete(
    call="delete_table", protected=lambda one: f"{_OPEN}: false" if one.get(_OPEN) else ""
)

TABLE = native_type(
    Table(
        name="AWS::DynamoDB::Table",
        noun="table",
        dialect=DYNAMODB,
        timeouts=minutes(create=30, update=360, delete=30),
        listing=_LISTING,
        shows=properties_of,
        addresses=lambda one: {"TableName": one["TableName"]},
        create=_CREATE,
        ready=_is_active,
        delete=_DELETE,
        tags=TAGS,
        updates=_UPDATES,
        surfaces=apart.APART,
        joins=(insights.JOIN,),
        completes=insights.write_of_indexes,
        resets=_RESETS,
        natural_key=("TableName",),
        handled=HANDLED,
        partial=("/SSESpecification", "/PointInTimeRecoverySpecification"),
        key_names=_KEY_NAMES,
        sets=_SETS,
        identities=_IDENTITIES,
        normalise=compared,
        refine=refining(LIMITS),
        looks=apart.LOOKS,
        calls=apart.CALLS,
        follows={"StreamArn": ("StreamSpecification",)},
        losses=_LOSSES,
    )
)
