"""AWS::KMS::Key as a table. Shell.

KeySpec, KeyUsage, MultiRegion, Origin: replace. Description, KeyPolicy (compared as a document),
EnableKeyRotation, RotationPeriodInDays (365 by default, only beside a rotation), Enabled, Tags: changed in
place. PendingWindowInDays: how many days a deletion waits, 30 by default; until then people can cancel it.
Attributes: KeyId, Arn. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.policy_documents import normalised_policy, policy_text
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.kms.family import KMS

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_FIXED = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")
_LISTING = Plain(
    dialect=KMS,
    call="describe_key",
    answer="KeyMetadata",
    asks=named("KeyId"),
    tags=PlainTags(
        dialect=KMS,
        target=shown("KeyId"),
        reading="list_resource_tags",
        arn="Arn",
        pair=("TagKey", "TagValue"),
    ),
    index=Index("kms:key"),
)


def _parameters(operation: Operation) -> Mapping[str, Any]:
    given = operation.properties
    sent = {name: given[name] for name in (*_FIXED, "Description") if given.get(name) is not None}
    policy = given.get("KeyPolicy")
    return {**sent, **({} if policy is None else {"Policy": policy_text(policy)})}


def _read_policy(aws: Connection, key: str) -> Any:
    return aws.call("kms", "get_key_policy", KeyId=key, PolicyName="default")["Policy"]


def _write_policy(aws: Connection, key: str, policy: Any) -> None:
    text = policy_text(policy)
    aws.call("kms", "put_key_policy", KeyId=key, PolicyName="default", Policy=text)


def _switch(on: bool) -> Callable[[Connection, str, Any], None]:
    """A disabled key takes no other change: it is enabled before them, and disabled after them."""

    def write(aws: Connection, key: str, value: Any) -> None:
        if (value is not False) == on:
            aws.call("kms", "enable_key" if on else "disable_key", KeyId=key)

    return write


def _rotation(name: str) -> Callable[[Connection, str], Any]:
    return lambda aws, key: aws.call("kms", "get_key_rotation_status", KeyId=key).get(name)


def _rotate(aws: Connection, key: str, value: Any) -> None:
    # A disabled key refuses both calls, also where they change nothing.
    if bool(value) != _rotation("KeyRotationEnabled")(aws, key):
        aws.call("kms", "enable_key_rotation" if value else "disable_key_rotation", KeyId=key)


def _period(aws: Connection, key: str, days: Any) -> None:
    if _rotation("RotationPeriodInDays")(aws, key) not in (None, days):
        aws.call("kms", "enable_key_rotation", KeyId=key, RotationPeriodInDays=int(days))


def _normalised(properties: Properties) -> Properties:
    policy = properties.get("KeyPolicy")
    return properties if policy is None else {**properties, "KeyPolicy": normalised_policy(policy)}


def _refined(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A period is only taken beside a rotation."""
    on = {"EnableKeyRotation": {"const": True}}
    rotates = {"required": ["EnableKeyRotation"], "properties": on}
    refined = refining({"/KeyPolicy": {"minLength": 1}})(schema)
    return {**refined, "if": {"required": ["RotationPeriodInDays"]}, "then": rotates}


_SURFACES = (
    Surface(property="Enabled", write=_switch(on=True)),
    Surface(property="KeyPolicy", read=_read_policy, write=_write_policy),
    Surface(property="EnableKeyRotation", read=_rotation("KeyRotationEnabled"), write=_rotate),
    Surface(
        property="RotationPeriodInDays",
        read=_rotation("RotationPeriodInDays"),
        write=_period,
        removal=Removal(default=365, says="the key is rotated once a year"),
    ),
    Surface(
        property="Enabled",
        write=_switch(on=False),
        removal=Removal(default=True, says="the key can be used"),
    ),
)
_CALLS = (
    *("enable_key", "disable_key", "put_key_policy"),
    *("enable_key_rotation", "disable_key_rotation"),
)

KEY = native_type(
    Table(
        name="AWS::KMS::Key",
        noun="key",
        dialect=KMS,
        listing=_LISTING,
        shows=shown("KeyId", "Arn", "Description", "Enabled", *_FIXED),
        addresses=shown("KeyId"),
        create=Create(
            call="create_key",
            sends=(*_FIXED, "Description", "KeyPolicy"),
            parameters=_parameters,
            gives=lambda answer, _: str(answer["KeyMetadata"]["KeyId"]),
        ),
        exists=lambda one: "PendingDeletion" not in one["KeyState"],
        delete=Delete(call="schedule_key_deletion", sends=("PendingWindowInDays",)),
        tags=_LISTING.tags,
        updates=(Update(call="update_key_description", sends=("Description",)),),
        resets={"Description": Removal(default="", says="the description is emptied")},
        surfaces=_SURFACES,
        removals={"/EnableKeyRotation": Removal(default=False, says="the key is not rotated")},
        looks=("get_key_policy", "get_key_rotation_status"),
        calls=_CALLS,
        normalise=_normalised,
        refine=_refined,
        losses=Losses(gone="what is encrypted with it can never be read again"),
    )
)
