"""AWS::ApiGatewayV2::Route as a table. Shell.

ApiId: replaces. RouteKey (an API has one route of each), Target (``integrations/`` and the identifier of an
integration), AuthorizationType, AuthorizerId, AuthorizationScopes, OperationName, and of WebSocket APIs
ApiKeyRequired, RouteResponseSelectionExpression, ModelSelectionExpression, RequestModels (one is not taken out, but
set), RequestParameters: changed in place. Attributes: RouteId. A route has no tags: it belongs to whom the API belongs
to.
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.refining import TEXTS, refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.apigatewayv2.family import (
    GATEWAY,
    OF_API,
    SEPARATOR,
    TAKEN,
    Parts,
    parts_of,
    without_empty,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_SCOPES, _TOKENS = "AuthorizationScopes", "JWT"
_ASKING = ("CUSTOM", _TOKENS)
"""The kinds of authorization that ask an authorizer."""
_SETS = (
    *("RouteKey", "Target", "AuthorizationType", "AuthorizerId", _SCOPES),
    *("OperationName", "ApiKeyRequired", "RouteResponseSelectionExpression"),
    *("ModelSelectionExpression", "RequestModels"),
)
_PARAMETERS = "RequestParameters"
_RESETS = {
    "AuthorizationType": Removal(default="NONE", says="everybody may call it"),
    "AuthorizerId": Removal(default=None, says="no authorizer is asked"),
    _SCOPES: Removal(default=None, says="every scope will do"),
    "OperationName": Removal(default=None, says="the operation has no name"),
    "ApiKeyRequired": Removal(default=False, says="callers need no key"),
    "RouteResponseSelectionExpression": Removal(default=None, says="callers get no answer"),
}


def _alike(aws: Connection, operation: Operation) -> Iterable[str]:
    """The route of the key: there can be one."""
    given: Mapping[str, Any] = operation.properties
    found = parts_of(aws, "get_routes", str(given["ApiId"]))
    return [_identifier(one) for one in found if one["RouteKey"] == given.get("RouteKey")]


def _identifier(one: Described) -> str:
    return f"{one['ApiId']}{SEPARATOR}{one['RouteId']}"


def _changed(values: Properties, one: Described) -> Properties:
    """The parameters of an update. An authorizer goes with the kind of authorization, and scopes with tokens."""
    kind = values.get("AuthorizationType") or one["AuthorizationType"]
    along: dict[str, Any] = {"AuthorizationType": kind} if "AuthorizerId" in values else {}
    if kind not in _ASKING and one.get("AuthorizerId"):
        along["AuthorizerId"] = ""
    if kind != _TOKENS and one.get(_SCOPES):
        along[_SCOPES] = []
    empty = {name: [] if name == _SCOPES else "" for name in values}
    sent = {name: empty[name] if value is None else value for name, value in values.items()}
    return {**along, **sent}


def _write_parameters(aws: Connection, own: str, value: Any) -> None:
    """An update leaves what it is not told."""
    api, _, route = own.partition(SEPARATOR)
    named: dict[str, Any] = {"ApiId": api, "RouteId": route}
    had, wanted = aws.call("apigatewayv2", "get_route", **named), dict(value or {})
    for key in sorted(set(had.get(_PARAMETERS) or ()) - set(wanted)):
        call = "delete_route_request_parameter"
        aws.call("apigatewayv2", call, **named, RequestParameterKey=key)
    if wanted:
        aws.call("apigatewayv2", "update_route", **named, RequestParameters=wanted)


def _is(*kinds: str) -> dict[str, Any]:
    return {
        "properties": {"AuthorizationType": {"enum": list(kinds)}},
        "required": ["AuthorizationType"],
    }


_LIMITS: Mapping[str, Properties] = {
    "": {
        "allOf": [
            {
                "if": _is(*_ASKING),
                "then": {"required": ["AuthorizerId"]},
                "else": {"not": {"required": ["AuthorizerId"]}},
            },
            {"if": _is(_TOKENS), "else": {"not": {"required": [_SCOPES]}}},
        ]
    },
    "RouteKey": {"minLength": 1},
    "Target": {"pattern": "^integrations/[^/]+$", "maxLength": 128},
    "AuthorizationType": {"enum": ["NONE", "AWS_IAM", *_ASKING]},
    "AuthorizerId": {"minLength": 1},
    _SCOPES: {"minItems": 1, "uniqueItems": True},
    f"{_SCOPES}/*": {"minLength": 1, "maxLength": 64},
    "OperationName": {"minLength": 1, "maxLength": 64},
    "RouteResponseSelectionExpression": {"minLength": 1},
    "ModelSelectionExpression": {"minLength": 1},
    "RequestModels": {**TEXTS, "minProperties": 1},
    _PARAMETERS: {
        "additionalProperties": {"$ref": "#/definitions/ParameterConstraints"},
        "minProperties": 1,
    },
}
_SURFACE = Surface(
    property=_PARAMETERS,
    write=_write_parameters,
    removal=Removal(default=None, says="no parameter is named"),
)

ROUTE = native_type(
    Table(
        name="AWS::ApiGatewayV2::Route",
        noun="route",
        dialect=GATEWAY,
        listing=Parts(
            dialect=GATEWAY, call="get_route", paged="get_routes", own="RouteId", keyed=_alike
        ),
        identifier=_identifier,
        shows=lambda one: without_empty(shown("ApiId", "RouteId", *_SETS, _PARAMETERS)(one)),
        addresses=shown("ApiId", "RouteId"),
        create=Create(
            call="create_route",
            sends=("ApiId", *_SETS, _PARAMETERS),
            gives=lambda answer, given: f"{given['ApiId']}{SEPARATOR}{answer['RouteId']}",
            taken=TAKEN,
        ),
        updates=(Update(call="update_route", sends=_SETS, parameters=_changed),),
        resets=_RESETS,
        surfaces=(_SURFACE,),
        calls=("delete_route_request_parameter",),
        partial=("/RequestModels",),
        delete=Delete(call="delete_route"),
        natural_key=("ApiId", "RouteKey"),
        parent=OF_API,
        sets=(f"/{_SCOPES}",),
        refine=refining(_LIMITS),
    )
)
