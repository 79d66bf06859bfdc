"""AWS::EFS::AccessPoint as a table. Shell.

FileSystemId, PosixUser, RootDirectory: replace. AccessPointTags: changed in place. Attributes:
AccessPointId, Arn.
https://docs.aws.amazon.com/efs/latest/ug/API_CreateAccessPoint.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.table import Create, Delete, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.efs.family import EFS, failed, is_available, is_there, tags_of

_SENDS = ("FileSystemId", "PosixUser", "RootDirectory")
_NUMBERS = {"Uid", "Gid", "OwnerUid", "OwnerGid"}


def _converted(value: Any, form: Callable[[Any], Any]) -> Any:
    """The value with the numbers of users and groups in another form."""
    if not isinstance(value, dict):
        return value
    done: dict[str, Any] = {}
    for name, one in value.items():
        if name in _NUMBERS:
            done[name] = form(one)
        elif name == "SecondaryGids":
            done[name] = [form(each) for each in one]
        else:
            done[name] = _converted(one, form)
    return done


def _normalised(properties: Properties) -> Properties:
    return {name: _converted(value, str) for name, value in properties.items()}


_CREATE = Create(
    call="create_access_point",
    sends=_SENDS,
    parameters=lambda operation: {
        name: _converted(operation.properties[name], int)
        for name in _SENDS
        if operation.properties.get(name) is not None
    },
    gives=lambda answer, _: str(answer["AccessPointId"]),
    token="ClientToken",
    taken=frozenset({"AccessPointAlreadyExists"}),
)
_LISTING = Plain(
    dialect=EFS,
    call="describe_access_points",
    answer="AccessPoints",
    asks=named("AccessPointId"),
    index=Index("elasticfilesystem:access-point"),
)

ACCESS_POINT = native_type(
    Table(
        name="AWS::EFS::AccessPoint",
        noun="access point",
        dialect=EFS,
        listing=_LISTING,
        shows=shown("AccessPointId", *_SENDS, Arn="AccessPointArn"),
        addresses=lambda one: {"AccessPointId": one["AccessPointId"]},
        create=_CREATE,
        exists=is_there,
        ready=is_available,
        failed=failed,
        delete=Delete(call="delete_access_point"),
        tags=tags_of("AccessPointTags", "AccessPointId"),
        normalise=_normalised,
        filled=("RootDirectory",),
    )
)
