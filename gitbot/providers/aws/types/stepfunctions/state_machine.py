"""AWS::StepFunctions::StateMachine as a table. Shell.

StateMachineName (generated when absent), StateMachineType (STANDARD when absent): replace. Definition or
DefinitionString with DefinitionSubstitutions (compared as JSON), RoleArn, LoggingConfiguration,
TracingConfiguration, EncryptionConfiguration, Tags: changed in place. Executions that run go on with the
definition with which they started. Attributes: Arn, Name, StateMachineRevisionId.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, arn_of, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.stepfunctions.definitions import (
    DEFINITION,
    definition_text,
    with_definition,
)

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
    return {**sent, "Definition": definition_text(given)}


def _redefined(values: Properties, _: Described) -> dict[str, Any]:
    return {"Definition": definition_text(values)}


_CREATE = Create(
    call="create_state_machine",
    sends=(*_FIXED, *DEFINITION, *_SETS),
    parameters=_made,
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
_OFF = {"Level": {"const": "OFF"}}
_LIMITS: Mapping[str, Properties] = {
    "": {"requiredXor": ["Definition", "DefinitionString"]},
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
        identifier=itemgetter("StateMachineArn"),
        shows=_shows,
        addresses=lambda one: {"StateMachineArn": one["StateMachineArn"]},
        spells={"StateMachineName": "Name", "StateMachineType": "Type"},
        create=_CREATE,
        updates=_UPDATES,
        resets=_RESETS,
        removals={"/DefinitionSubstitutions": Removal(default=None, says="none is made")},
        exists=lambda one: bool(one.get("Status") != "DELETING"),
        delete=Delete(call="delete_state_machine"),
        tags=_LISTING.tags,
        natural_key=("StateMachineName",),
        normalise=with_definition,
        refine=refining(_LIMITS),
        instead={"/DefinitionS3Location": "Write the definition into the spec as `Definition`."},
        passes_role_to="states.amazonaws.com",
        losses=Losses(gone="its executions end, and their history is deleted"),
    )
)
