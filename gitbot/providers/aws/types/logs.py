"""AWS::Logs::LogGroup as a table. Shell.

LogGroupName (generated when absent), LogGroupClass: replace. RetentionInDays (for ever when absent),
KmsKeyId (the ARN of a key), DeletionProtectionEnabled, Tags: changed in place. Attributes: Arn.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Table, shown
from gitbot.providers.aws.table_handler import native_type

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

LOGS = Dialect(service="logs", absent=frozenset({"ResourceNotFoundException"}), renames=True)
_NAME = Name(property="LogGroupName", longest=512)
_SENDS = ("LogGroupName", "LogGroupClass", "KmsKeyId", "DeletionProtectionEnabled")
_LISTING = Plain(
    dialect=LOGS,
    call="describe_log_groups",
    many="LogGroupIdentifiers",
    most=50,
    answer="LogGroups",
    tags=PlainTags(
        dialect=LOGS,
        target=lambda one: {"ResourceArn": one["Arn"].removesuffix(":*")},
        mapped=True,
        reading="list_tags_for_resource",
    ),
    name=_NAME,
    index=Index("logs:log-group", lambda arn: arn.split(":")[6]),
)


def _retention(aws: Connection, group: str, days: Any) -> None:
    if days:
        aws.call("logs", "put_retention_policy", logGroupName=group, retentionInDays=int(days))
    else:
        aws.call("logs", "delete_retention_policy", logGroupName=group)


def _key(aws: Connection, group: str, arn: Any) -> None:
    if arn:
        aws.call("logs", "associate_kms_key", logGroupName=group, kmsKeyId=arn)
    else:
        aws.call("logs", "disassociate_kms_key", logGroupName=group)


def _protection(aws: Connection, group: str, value: Any) -> None:
    call, on = "put_log_group_deletion_protection", bool(value)
    aws.call("logs", call, logGroupIdentifier=group, deletionProtectionEnabled=on)


def _surface(name: str, write: Any, default: Any, says: str) -> Surface:
    return Surface(property=name, write=write, removal=Removal(default=default, says=says))


LOG_GROUP = native_type(
    Table(
        name="AWS::Logs::LogGroup",
        noun="log group",
        dialect=LOGS,
        listing=_LISTING,
        shows=shown("Arn", "RetentionInDays", *_SENDS),
        addresses=shown("LogGroupName"),
        create=Create(
            call="create_log_group",
            sends=_SENDS,
            gives=lambda _, given: str(given["LogGroupName"]),
            name=_NAME,
            taken=frozenset({"ResourceAlreadyExistsException"}),
        ),
        delete=Delete(call="delete_log_group"),
        tags=_LISTING.tags,
        surfaces=(
            _surface("RetentionInDays", _retention, None, "events are kept for ever"),
            _surface("KmsKeyId", _key, None, "new events are encrypted with a key of AWS"),
            _surface("DeletionProtectionEnabled", _protection, False, "it can be deleted"),
        ),
        calls=(
            *("put_retention_policy", "delete_retention_policy", "associate_kms_key"),
            *("disassociate_kms_key", "put_log_group_deletion_protection"),
        ),
        natural_key=("LogGroupName",),
        losses=Losses(gone="its log events are lost"),
    )
)
