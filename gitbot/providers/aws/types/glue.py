"""AWS::Glue::Database as a table. Shell.

DatabaseInput's Name, in small letters: replace. Its Description, LocationUri, Parameters and
CreateTableDefaultPermissions: changed in place by one call. CatalogId must be the account. The database carries
only the tags that say who owns it. Attributes: DatabaseName.
https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html
https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateDatabase.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.errors import UserError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses
from gitbot.model.values import keeps_hidden
from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_GLUE = Dialect(service="glue", absent=frozenset({"EntityNotFoundException"}))
_INPUT, _PARAMETERS, _PERMISSIONS = (
    *("DatabaseInput", "Parameters"),
    "CreateTableDefaultPermissions",
)
_PARTS = ("Name", "Description", "LocationUri", _PARAMETERS, _PERMISSIONS)
_TAGS = PlainTags(
    dialect=_GLUE,
    target=shown(ResourceArn="Arn"),
    declared="",
    reading="get_tags",
    put_as="TagsToAdd",
    remove_as="TagsToRemove",
    mapped=True,
)
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "CatalogId": {"pattern": "^[0-9]{12}$"},
    _INPUT: {"required": ["Name"]},
    f"{_INPUT}/Name": {"pattern": "^[^A-Z]+$"},
}


def _keyed(_: Connection, operation: Operation) -> Iterable[str]:
    return [_input(operation.properties)["Name"]]


def _in_own_catalog(aws: Connection, operation: Operation) -> Mapping[str, Any]:
    """Nothing more to send. Raises UserError for another catalog, where nobody would look for the database."""
    catalog = operation.properties["CatalogId"]
    if catalog != aws.account:
        raise UserError(
            f"{operation.address}: CatalogId is {catalog}, and the account of this environment is "
            f"{aws.account}. Write {aws.account}, or make the database in the environment of its account."
        )
    return {}


def _input(properties: Mapping[str, Any]) -> dict[str, Any]:
    return dict(properties[_INPUT])


def _arn(aws: Connection, one: Described) -> Mapping[str, str]:
    place = f"{aws.partition}:glue:{aws.region}:{aws.account}"
    return {"Arn": f"arn:{place}:database/{one['Name']}"}


_LISTING = Plain(
    dialect=_GLUE,
    call="get_database",
    answer="Database",
    asks=named("Name"),
    tags=_TAGS,
    keyed=_keyed,
    also=_arn,
    index=Index("glue:database"),
)


@keeps_hidden
def _parameters(given: Any) -> Any:
    """The parameters as the API has them: a map of texts."""
    try:
        read = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        return given
    if not isinstance(read, Mapping):
        return read
    return {key: _text(value) for key, value in read.items()}


@keeps_hidden
def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else value


def _sent(database: Mapping[str, Any]) -> dict[str, Any]:
    sent = {name: value for name, value in database.items() if value is not None}
    return {
        **sent,
        **({_PARAMETERS: _parameters(sent[_PARAMETERS])} if _PARAMETERS in sent else {}),
    }


def _changed(values: Properties, one: Described) -> Properties:
    """The whole database: Glue empties what the call leaves out. Permissions that nobody declared stay."""
    kept = shown(_PERMISSIONS)(one)
    return {_INPUT: _sent({**kept, **values[_INPUT]})}


def _compared(properties: Properties) -> Properties:
    database = properties.get(_INPUT)
    if not isinstance(database, Mapping) or _PARAMETERS not in database:
        return properties
    return {**properties, _INPUT: {**database, _PARAMETERS: _parameters(database[_PARAMETERS])}}


_UPDATE = Update(
    call="update_database",
    sends=(_INPUT,),
    parameters=_changed,
    shared=(f"/{_INPUT}/{_PARAMETERS}",),
)
_CREATE = Create(
    call="create_database",
    sends=("CatalogId", _INPUT),
    parameters=lambda it: {
        **shown("CatalogId")(it.properties),
        _INPUT: _sent(_input(it.properties)),
    },
    asks=_in_own_catalog,
    gives=lambda _, given: str(_input(given)["Name"]),
    taken=frozenset({"AlreadyExistsException"}),
)
DATABASE = native_type(
    Table(
        name="AWS::Glue::Database",
        noun="database",
        dialect=_GLUE,
        listing=_LISTING,
        shows=lambda one: {
            **shown("CatalogId", DatabaseName="Name")(one),
            _INPUT: shown(*_PARTS)(one),
        },
        addresses=shown("Name"),
        create=_CREATE,
        updates=(_UPDATE,),
        create_only=(f"/{_INPUT}/Name",),
        handled=tuple(f"/{_INPUT}/{name}" for name in _PARTS),
        filled=(f"{_INPUT}/{_PERMISSIONS}",),
        instead={"/DatabaseName": "Write the name in DatabaseInput: {Name: …}."},
        delete=Delete(call="delete_database"),
        tags=_TAGS,
        normalise=_compared,
        natural_key=(f"{_INPUT}/Name",),
        refine=refining(_LIMITS),
        stateful=True,
        losses=Losses(gone="the definitions of its tables are lost; their files in S3 stay"),
    )
)
