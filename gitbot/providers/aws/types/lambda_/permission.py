"""AWS::Lambda::Permission as a table. Shell.

FunctionName (a name, or an ARN with or without alias), Action, Principal, SourceArn, SourceAccount,
PrincipalOrgID, EventSourceToken, FunctionUrlAuthType, InvokedViaFunctionUrl: replace. Attributes: Id, the
statement's identifier in the function's policy, which gitbot generates. A permission has no tags: it belongs
to whom the function belongs to.
https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Parent
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.refusals import means
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.lambda_.family import LAMBDA, TAKEN
from gitbot.providers.aws.types.lambda_.names import addressed, short_name, with_short_name

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_ID = Name(property="Id", longest=100)
_CONDITIONS = {
    "aws:sourcearn": "SourceArn",
    "aws:sourceaccount": "SourceAccount",
    "aws:principalorgid": "PrincipalOrgID",
    "lambda:eventsourcetoken": "EventSourceToken",
    "lambda:functionurlauthtype": "FunctionUrlAuthType",
    "lambda:invokedviafunctionurl": "InvokedViaFunctionUrl",
}
"""By the condition's key in small letters: the property that it stands for."""
_SENDS = ("FunctionName", "Action", "Principal", *_CONDITIONS.values())
_ACCOUNT = re.compile(r"arn:[^:]+:iam::(\d{12}):root")


def _shown(statement: Described) -> Properties:
    principal = statement["Principal"]
    told = {
        _CONDITIONS[key.lower()]: value
        for tests in (statement.get("Condition") or {}).values()
        for key, value in tests.items()
        if key.lower() in _CONDITIONS
    }
    if "InvokedViaFunctionUrl" in told:
        told["InvokedViaFunctionUrl"] = told["InvokedViaFunctionUrl"] in (True, "true")
    return {
        **told,
        "FunctionName": statement["FunctionName"],
        "Id": statement["Sid"],
        "Action": statement["Action"],
        "Principal": next(iter(principal.values())) if isinstance(principal, dict) else principal,
    }


def _normalised(properties: Properties) -> Properties:
    """AWS shows an account as the ARN of its root."""
    principal = properties.get("Principal")
    account = _ACCOUNT.fullmatch(principal) if isinstance(principal, str) else None
    named = {} if account is None else {"Principal": account[1]}
    return {**with_short_name(properties), **named}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Permissions(Plain):
    """The statements of functions' policies: one call for all of a function."""

    def _described(self, aws: Connection, ids: list[str]) -> Iterable[Described | None]:
        of_functions = {one.rpartition("|")[0] for one in ids}
        told = aws.each(lambda function: statements(aws, function), sorted(of_functions))
        return [one for some in told for one in some if _identifier(one) in ids]

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``. The operation's own statement, or else those that allow the same."""
        given = {name: one for name, one in operation.properties.items() if one is not None}
        wanted = _normalised({name: one for name, one in given.items() if name in _SENDS})
        alike = [
            one
            for one in statements(aws, short_name(given["FunctionName"]))
            if {**_normalised(_shown(one)), "Id": None} == {**wanted, "Id": None}
        ]
        own = _ID.of(operation)
        return iter(sorted(alike, key=lambda one: one["Sid"] != own))


def statements(aws: Connection, function: str) -> list[Mapping[str, Any]]:
    """The statements of the function's policy that stand for permissions, with the function's name."""
    try:
        policy = aws.call("lambda", "get_policy", **addressed(function))["Policy"]
    except CloudError as error:
        if means(error, LAMBDA.absent):
            return []
        raise
    found = json.loads(policy)["Statement"]
    return [{**one, "FunctionName": function} for one in found if one["Effect"] == "Allow"]


def _identifier(one: Described) -> str:
    return f"{one['FunctionName']}|{one['Sid']}"


def _made(operation: Operation) -> Mapping[str, Any]:
    given = operation.properties
    sent = {name: given[name] for name in _SENDS if given.get(name) is not None}
    return {**sent, **addressed(str(given["FunctionName"]))}


PERMISSION = native_type(
    Table(
        name="AWS::Lambda::Permission",
        noun="permission",
        dialect=LAMBDA,
        listing=_Permissions(dialect=LAMBDA, call="get_policy"),
        identifier=_identifier,
        shows=_shown,
        spells={"Id": "StatementId"},
        create=Create(
            call="add_permission",
            sends=_SENDS,
            parameters=_made,
            gives=lambda _, given: f"{short_name(given['FunctionName'])}|{given['Id']}",
            name=_ID,
            taken=TAKEN,
        ),
        delete=Delete(
            call="remove_permission",
            parameters=lambda one: {**addressed(one["FunctionName"]), "StatementId": one["Sid"]},
        ),
        natural_key=_SENDS,
        normalise=_normalised,
        parent=Parent(type="AWS::Lambda::Function", reference="FunctionName"),
    )
)
