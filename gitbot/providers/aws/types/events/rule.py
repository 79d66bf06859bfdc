"""AWS::Events::Rule as a table. Shell.

Name (generated when absent), EventBusName (``default`` when absent): replace. EventPattern (compared as JSON),
ScheduleExpression, Description, State, RoleArn, Targets (wholly managed once declared), Tags: changed in place.
Attributes: Arn. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.asking import ask, ask_pages
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.policy_documents import policy_text
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.events.documents import (
    normalised,
    spelled_as_in_calls,
    spelled_as_in_specs,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

EVENTS = Dialect(service="events", absent=frozenset({"ResourceNotFoundException"}), renames=True)
_NAME = Name(property="Name", longest=64)
_SETS = ("EventPattern", "ScheduleExpression", "Description", "State", "RoleArn")


def _named(arn: str) -> dict[str, str]:
    """The parameters that name a rule: its ARN has the bus, unless that is the default one."""
    bus, slash, name = arn.split(":", 5)[5].removeprefix("rule/").rpartition("/")
    return {"Name": name, **({"EventBusName": bus} if slash else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules(Plain):
    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``. A name is unique on its bus."""
        bus = str(operation.properties.get("EventBusName") or "default").rpartition("/")[2]
        at = "" if bus == "default" else f"{bus}/"
        place = f"arn:{aws.partition}:events:{aws.region}:{aws.account}"
        return self.by_id(aws, [f"{place}:rule/{at}{_NAME.of(operation)}"])


_LISTING = _Rules(
    dialect=EVENTS,
    call="describe_rule",
    asks=_named,
    tags=PlainTags(
        dialect=EVENTS,
        target=lambda one: {"ResourceARN": one["Arn"]},
        reading="list_tags_for_resource",
    ),
    name=_NAME,
    index=Index("events:rule", str),
)


def _rule(arn: str) -> dict[str, Any]:
    """The parameters that name a rule in calls about its targets."""
    found = _named(arn)
    return {"Rule": found.pop("Name"), **found}


def _read_targets(aws: Connection, arn: str) -> Sequence[Any]:
    found = ask_pages(aws, EVENTS, "list_targets_by_rule", "Targets", **_rule(arn))
    return [spelled_as_in_specs(one) for one in found]


def _write_targets(aws: Connection, arn: str, value: Any) -> None:
    wanted = {one["Id"]: one for one in value or ()}
    observed = {one["Id"]: one for one in _read_targets(aws, arn)}
    gone = [name for name in observed if name not in wanted]
    if gone:
        _each_done(ask(aws, EVENTS, "remove_targets", **_rule(arn), Ids=gone))
    new = [spelled_as_in_calls(one) for name, one in wanted.items() if one != observed.get(name)]
    if new:
        _each_done(ask(aws, EVENTS, "put_targets", **_rule(arn), Targets=new))


def _each_done(answer: Any) -> None:
    """EventBridge answers with success when it refuses single targets."""
    for entry in answer.get("FailedEntries") or ():
        why = f"target {entry.get('TargetId')}: {entry.get('ErrorMessage')}"
        raise CloudError(why, code=str(entry.get("ErrorCode", "")))


def _sent(values: Properties) -> Mapping[str, Any]:
    given = {name: value for name, value in values.items() if value is not None}
    pattern = given.get("EventPattern")
    return given if pattern is None else {**given, "EventPattern": policy_text(pattern)}


def _created(operation: Operation) -> Mapping[str, Any]:
    names = ("EventBusName", *_SETS)
    return _sent({name: operation.properties.get(name) for name in names})


_RESETS = {
    "Description": Removal(default=None, says="the description is removed"),
    "State": Removal(default="ENABLED", says="the rule is enabled"),
    "RoleArn": Removal(default=None, says="the rule has no role"),
}
_TARGETS = Surface(
    property="Targets",
    read=_read_targets,
    write=_write_targets,
    removal=Removal(default=[], says="all targets are removed"),
)
_UPDATE = Update(
    call="put_rule", sends=_SETS, whole=True, parameters=lambda values, _: _sent(values)
)

_REFINED = refining(
    {
        "/EventPattern": {"jsonText": True},
        "/Targets": {"uniqueKeys": ["Id"]},
        "/Targets/*/AppSyncParameters/GraphQLOperation": {"minLength": 1},
        "/Targets/*/EcsParameters/TagList/*": {"required": ["Key", "Value"]},
        "/Targets/*/EcsParameters/PlacementStrategies/*/Type": {
            "enum": ["random", "spread", "binpack"]
        },
        "/Targets/*/RedshiftDataParameters/Sqls/*": {"minLength": 1},
    }
)

_CREATE = Create(
    call="put_rule",
    sends=("Name", "EventBusName", *_SETS),
    parameters=_created,
    gives=lambda answer, _: str(answer["RuleArn"]),
    name=_NAME,
    repeats=True,
)

RULE = native_type(
    Table(
        name="AWS::Events::Rule",
        noun="rule",
        dialect=EVENTS,
        listing=_LISTING,
        identifier=itemgetter("Arn"),
        shows=shown("Arn", "Name", "EventBusName", *_SETS, RuleName="Name"),
        addresses=lambda one: _named(one["Arn"]),
        create=_CREATE,
        delete=Delete(call="delete_rule", clears=("Targets",)),
        tags=_LISTING.tags,
        updates=(_UPDATE,),
        resets=_RESETS,
        surfaces=(_TARGETS,),
        looks=("list_targets_by_rule",),
        calls=("put_targets", "remove_targets"),
        filled=("EventBusName",),
        identities={"/Targets": ("Id",)},
        normalise=normalised,
        refine=_REFINED,
        natural_key=("Name",),
        name_within=("EventBusName",),
        passes_role_to="events.amazonaws.com",
    )
)
