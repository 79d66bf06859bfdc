"""AWS::StepFunctions::StateMachine as a table. Shell.

StateMachineName (generated when absent), StateMachineType (STANDARD when absent): replace. Definition or
DefinitionString with DefinitionSubstitutions (compared as JSON), or DefinitionS3Location (JSON; what is there is read
with the caller's rights at each apply that changes the machine: gitbot's role for applies needs ``s3:GetObject`` on it;
the place is compared), RoleArn, LoggingConfiguration,
TracingConfiguration, EncryptionConfiguration, Tags: changed in place. Executions that run go on with the
definition with which they started. Attributes: Arn, Name, StateMachineRevisionId.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, arn_of, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.text_attributes import parsed
from gitbot.providers.aws.types.stepfunctions.definitions import (
    DEFINITION,
    FILLED,
    LOCATION,
    definition_text,
    text_in,
    with_definition,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_STATES = Dialect(
    service="stepfunctions",
    prefix="states",
    absent=frozenset({"StateMachineDoesNotExist", "ResourceNotFound"}),
    renames=True,
)
_NAME = Name(property="StateMachineName", longest=80)
_FIXED = ("StateMachineName", "StateMachineType")
_SETS = ("RoleArn", "LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration")
_OWNED_KEY = {"Type": "AWS_OWNED_KEY"}
_RESETS = {
    "LoggingConfiguration": Removal(default={"Level": "OFF"}, says="nothing is logged"),
    "TracingConfiguration": Removal(default={"Enabled": False}, says="nothing is traced"),
    "EncryptionConfiguration": Removal(default=_OWNED_KEY, says="a key of AWS encrypts it"),
}
_LISTING = Plain(
    dialect=_STATES,
    call="describe_state_machine",
    asks=named("StateMachineArn"),
    tags=PlainTags(
        dialect=_STATES,
        target=lambda one: {"ResourceArn": one["StateMachineArn"]},
        reading="list_tags_for_resource",
    ),
    name=_NAME,
    id_of=arn_of("states", "stateMachine:"),
    index=Index("states:stateMachine", own=str),
)
_OWN = shown(
    *("Name", *_SETS),
    Arn="StateMachineArn",
    StateMachineName="Name",
    StateMachineType="Type",
    DefinitionString="Definition",
)


def _shows(one: Described) -> Properties:
    # A machine that was never updated has a revision that only calls name.
    return {**_OWN(one), "StateMachineRevisionId": one.get("RevisionId", "INITIAL")}


def _made(operation: Operation) -> dict[str, Any]:
    given = operation.properties
    sent = {name: given[name] for name in (*_FIXED, *_SETS) if given.get(name) is not None}
    return sent if given.get(LOCATION) else {**sent, "Definition": definition_text(given)}


def _fetched(aws: Connection, operation: Operation) -> dict[str, Any]:
    given: Any = operation.properties
    place = given.get(LOCATION)
    return {"definition": text_in(place, aws, given)} if place else {}


def _redefined(values: Properties, _: Described) -> dict[str, Any]:
    return {} if values.get(LOCATION) else {"Definition": definition_text(values)}


def _redefine(aws: Connection, operation: Operation, arn: str) -> None:
    """Give the machine the definition that is in S3 by now, if it has another one."""
    wanted = _fetched(aws, operation)
    if not wanted:
        return
    named = {"stateMachineArn": arn}
    has = aws.call("stepfunctions", "describe_state_machine", **named)["definition"]
    if parsed(has) != parsed(wanted["definition"]):
        aws.call("stepfunctions", "update_state_machine", **named, **wanted)


_CREATE = Create(
    call="create_state_machine",
    sends=(*_FIXED, *DEFINITION, *_SETS),
    parameters=_made,
    asks=_fetched,
    gives=lambda answer, _: str(answer["StateMachineArn"]),
    name=_NAME,
    taken=frozenset({"StateMachineAlreadyExists"}),
    repeats=True,
)
_UPDATES = (
    # The role comes first: a new definition may need its new rights.
    Update(call="update_state_machine", sends=_SETS),
    Update(call="update_state_machine", sends=DEFINITION, whole=True, parameters=_redefined),
)
_REMOVALS = {
    f"/{FILLED}": Removal(default=None, says="none is made"),
    f"/{LOCATION}": Removal(default=None, says="the definition is what the spec has in its place"),
}
_OFF = {"Level": {"const": "OFF"}}
_LIMITS: Mapping[str, Properties] = {
    "": {
        "requiredXor": ["Definition", "DefinitionString", LOCATION],
        "if": {"not": {"required": [FILLED]}},  # what is filled in may be no text
        "then": {"properties": {"DefinitionString": {"jsonText": True}}},
    },
    **{f"{LOCATION}/{name}": {"minLength": 1} for name in ("Bucket", "Key", "Version")},
    "LoggingConfiguration": {
        "if": {"required": ["Level"], "not": {"properties": _OFF}},
        "then": {"required": ["Destinations"]},
    },
    "LoggingConfiguration/Destinations": {"maxItems": 1},
    "LoggingConfiguration/Destinations/*": {"required": ["CloudWatchLogsLogGroup"]},
    "LoggingConfiguration/Destinations/*/CloudWatchLogsLogGroup": {"required": ["LogGroupArn"]},
    "LoggingConfiguration/Destinations/*/CloudWatchLogsLogGroup/LogGroupArn": {"pattern": r":\*$"},
    "EncryptionConfiguration": {
        "if": {"properties": {"Type": {"const": "CUSTOMER_MANAGED_KMS_KEY"}}},
        "then": {"required": ["KmsKeyId"]},
        "else": {"maxProperties": 1},
    },
}

STATE_MACHINE = native_type(
    Table(
        name="AWS::StepFunctions::StateMachine",
        noun="state machine",
        dialect=_STATES,
        listing=_LISTING,
        shows=_shows,
        addresses=lambda one: {"StateMachineArn": one["StateMachineArn"]},
        spells={"StateMachineName": "Name", "StateMachineType": "Type"},
        create=_CREATE,
        updates=_UPDATES,
        resets=_RESETS,
        completes=_redefine,
        removals=_REMOVALS,
        write_only=(f"/{LOCATION}", f"/{FILLED}"),
        filled=("Definition", "DefinitionString"),
        exists=lambda one: bool(one.get("Status") != "DELETING"),
        delete=Delete(call="delete_state_machine"),
        tags=_LISTING.tags,
        natural_key=("StateMachineName",),
        normalise=with_definition,
        follows={"StateMachineRevisionId": (*_SETS, *DEFINITION)},
        refine=refining(_LIMITS),
        passes_role_to="states.amazonaws.com",
        losses=Losses(gone="its executions end, and their history is deleted"),
    )
)
