"""Read and write who counts the keys that a table and its indexes are asked for most. Shell.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from gitbot.model.cloud import Operation
from gitbot.providers.aws.table import Described, Join, Properties
from gitbot.providers.aws.types.dynamodb.shapes import INSIGHTS, USUAL, counted, properties_of

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

INDEXES: Final = "GlobalSecondaryIndexes"
OFF: Final[Mapping[str, Any]] = {"Enabled": False}
CALLS = ("update_contributor_insights",)
LOOKS = ("list_contributor_insights",)


def _listed(aws: Connection, **of: str) -> dict[tuple[str, str], Properties]:
    """What is counted, by table and index (empty: the table); whatever is not listed is not counted."""
    found: list[Described] = []
    asked = dict(of)
    while True:
        page = aws.call("dynamodb", "list_contributor_insights", **asked)
        found += page.get("ContributorInsightsSummaries") or ()
        if not page.get("NextToken"):
            break
        asked["NextToken"] = page["NextToken"]
    return {
        (one["TableName"], one.get("IndexName", "")): {
            "Enabled": True,
            "Mode": one.get("ContributorInsightsMode") or USUAL,
        }
        for one in found
        if one.get("ContributorInsightsStatus") in ("ENABLING", "ENABLED")
    }


def _of_all(aws: Connection, tables: Mapping[str, Described]) -> Iterator[Properties]:
    """Each table with what is counted of it: one listing tells of all tables of the region."""
    told = _listed(aws)
    for name, table in tables.items():
        indexes = [
            {**one, **({INSIGHTS: of_it} if (of_it := told.get((name, one["IndexName"]))) else {})}
            for one in properties_of(table)[INDEXES]
        ]
        yield {"TableName": name, INDEXES: indexes, INSIGHTS: told.get((name, ""), OFF)}


JOIN = Join(
    calls=_of_all,
    gives=lambda one: ((one["TableName"], {name: one[name] for name in (INDEXES, INSIGHTS)}),),
    only_for=(INDEXES, INSIGHTS),
)


def write_insights(aws: Connection, table: str, value: Any) -> None:
    """Count the keys of the table as wanted; None: do not. Idempotent."""
    _bring(aws, table, "", value or OFF, _listed(aws, TableName=table))


def write_of_indexes(aws: Connection, operation: Operation, table: str) -> None:
    """Count the keys of each index as wanted, once the index is there. Idempotent."""
    wanted, was = (_by_index(one) for one in (operation.properties, operation.recorded))
    if not any(one.get(INSIGHTS) for one in (*wanted.values(), *was.values())):
        return
    had = _listed(aws, TableName=table)
    for name, index in wanted.items():
        _bring(aws, table, name, index.get(INSIGHTS) or OFF, had)


def _by_index(properties: Properties) -> dict[str, Properties]:
    return {one["IndexName"]: one for one in properties.get(INDEXES) or ()}


def _bring(
    aws: Connection,
    table: str,
    index: str,
    wanted: Properties,
    had: Mapping[tuple[str, str], Properties],
) -> None:
    if counted(wanted) == had.get((table, index), OFF):
        return
    on = bool(wanted["Enabled"])
    named = {"TableName": table, **({"IndexName": index} if index else {})}
    mode = {"ContributorInsightsMode": counted(wanted)["Mode"]} if on else {}
    action = "ENABLE" if on else "DISABLE"
    call = "update_contributor_insights"
    aws.call("dynamodb", call, **named, ContributorInsightsAction=action, **mode)
