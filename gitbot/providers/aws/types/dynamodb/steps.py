"""Say which call brings a table nearer to what is wanted: DynamoDB takes a change in steps. Pure.

One call makes or deletes one index, and nothing else beside it; while a table is being changed, it
takes no other change.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.providers.aws.table import Described, Properties
from gitbot.providers.aws.types.dynamodb.shapes import (
    UNLIMITED,
    index_made,
    parameters_of,
    properties_of,
    typed_keys,
)

_ALONE = ("DeletionProtectionEnabled", "TableClass")


def next_step(wanted: Properties, table: Described) -> Mapping[str, Any]:
    """The parameters of the next UpdateTable; none when the table has all that is wanted."""
    has = properties_of(table)
    return next(_steps(wanted, has), {})


def _steps(wanted: Properties, has: Properties) -> Iterator[Mapping[str, Any]]:
    for name in _ALONE:
        if wanted.get(name) not in (None, has[name]):
            yield {name: wanted[name]}
    yield from _deletions(wanted, has)
    yield from _throughputs(wanted, has)
    yield from _creations(wanted, has)
    yield from _streams(wanted, has)


def encryption(wanted: Properties, table: Described) -> Mapping[str, Any]:
    """The parameters that change how the table is encrypted; none where it is as wanted. A step of its
    own, for when the property changed: of an alias in it, the description does not tell."""
    if _holds(wanted["SSESpecification"], properties_of(table)["SSESpecification"]):
        return {}
    return parameters_of(wanted)


def _by_name(properties: Properties) -> dict[str, Mapping[str, Any]]:
    return {one["IndexName"]: one for one in properties.get("GlobalSecondaryIndexes") or ()}


def _deletions(wanted: Properties, has: Properties) -> Iterator[Mapping[str, Any]]:
    """Indexes that are not wanted, or with other keys or attributes: these are made again."""
    if "GlobalSecondaryIndexes" not in wanted:
        return
    kept = _by_name(wanted)
    definitions = wanted.get("AttributeDefinitions") or has["AttributeDefinitions"]
    for name, index in _by_name(has).items():
        here = _shape(index, has["AttributeDefinitions"])
        if name not in kept or _shape(kept[name], definitions) != here:
            yield {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]}


def _shape(index: Mapping[str, Any], definitions: Any) -> tuple[Any, ...]:
    projection = index["Projection"]
    return (
        typed_keys(index, definitions)["KeySchema"],
        projection.get("ProjectionType"),
        sorted(projection.get("NonKeyAttributes") or ()),
    )


def _throughputs(wanted: Properties, has: Properties) -> Iterator[Mapping[str, Any]]:
    """The billing mode together with the throughput of the table and of every index."""
    mode = wanted.get("BillingMode") or has["BillingMode"]
    name = "ProvisionedThroughput" if mode == "PROVISIONED" else "OnDemandThroughput"
    step: dict[str, Any] = {}
    if mode != has["BillingMode"]:
        step["BillingMode"] = mode
    if name in wanted and (asked := _limits(name, wanted[name], has.get(name))):
        step[name] = asked
    kept, there = _by_name(wanted), _by_name(has)
    updates = [
        {"Update": {"IndexName": one, name: asked}}
        for one in sorted(kept.keys() & there.keys())
        if (asked := _limits(name, kept[one].get(name), there[one].get(name)))
    ]
    if updates:
        step["GlobalSecondaryIndexUpdates"] = updates
    if step:
        yield step


def _limits(name: str, wanted: Any, has: Any) -> dict[str, Any]:
    """The limits to set, all of them; none where they are as wanted, or where there must be some."""
    wanted, has = wanted or {}, has or {}
    if wanted == has or (name == "ProvisionedThroughput" and not wanted):
        return {}
    return {**dict.fromkeys(has, UNLIMITED), **wanted}


def _creations(wanted: Properties, has: Properties) -> Iterator[Mapping[str, Any]]:
    definitions = wanted.get("AttributeDefinitions") or has["AttributeDefinitions"]
    for name, index in _by_name(wanted).items():
        if name not in _by_name(has):
            yield {
                "AttributeDefinitions": definitions,
                "GlobalSecondaryIndexUpdates": [{"Create": index_made(index)}],
            }


def _streams(wanted: Properties, has: Properties) -> Iterator[Mapping[str, Any]]:
    """A stream with another view is another stream: the former one ends first."""
    if "StreamSpecification" not in wanted:
        return
    view = (wanted["StreamSpecification"] or {}).get("StreamViewType")
    had = (has["StreamSpecification"] or {}).get("StreamViewType")
    if had not in (None, view):
        yield {"StreamSpecification": {"StreamEnabled": False}}
    elif had != view:
        yield {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": view}}


def _holds(wanted: Mapping[str, Any], has: Mapping[str, Any]) -> bool:
    """Whether the encryption is as wanted; the description has the key's ARN, whatever names it."""
    key, arn = str(wanted.get("KMSMasterKeyId") or ""), str(has.get("KMSMasterKeyId") or "")
    return wanted["SSEEnabled"] == has["SSEEnabled"] and (not key or arn.endswith(key))
