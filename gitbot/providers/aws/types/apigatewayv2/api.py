"""AWS::ApiGatewayV2::Api as a table. Shell.

ProtocolType (HTTP or WEBSOCKET): replaces. Name, Description, Version, RouteSelectionExpression (a WebSocket API needs
one), ApiKeySelectionExpression and DisableSchemaValidation (of WebSocket APIs), DisableExecuteApiEndpoint,
IpAddressType, CorsConfiguration (of HTTP APIs), Body (a definition in OpenAPI, which then says most of that; nobody can read it) with FailOnWarnings and
BasePath, Target (of an HTTP API; makes a route to it and a stage ``$default``, and cannot be taken away) with RouteKey
and CredentialsArn (nobody can read the three), Tags: changed in place. Attributes: ApiId, ApiEndpoint, ExecuteApiArn.
Names are not unique: an API is found by its tags. Not handled: definitions elsewhere (BodyS3Location).
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.model.tags import OPERATION_TAG
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import (
    Create,
    Delete,
    Described,
    Properties,
    Table,
    Update,
    given,
    shown,
)
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.apigatewayv2.definition import (
    BODY,
    IMPORT,
    LED,
    LIMITS,
    QUICK,
    RESETS,
    WRITTEN,
    named_by,
)
from gitbot.providers.aws.types.apigatewayv2.family import (
    GATEWAY,
    TAGGING,
    TAGS,
    arn_of,
    emptied,
    without_empty,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_CORS, _ROUTES, _KEYS = "CorsConfiguration", "RouteSelectionExpression", "ApiKeySelectionExpression"
_UNCHECKED = "DisableSchemaValidation"
_SETS = (
    *("Name", "Description", "Version", _ROUTES, _KEYS),
    *("DisableExecuteApiEndpoint", "IpAddressType", _UNCHECKED),
)
_OF_SOCKETS = (_KEYS, _UNCHECKED)
_BY_PATH = "$request.method $request.path"
_RESETS = {
    "Description": Removal(default=None, says="it has no description"),
    "Version": Removal(default=None, says="it has no version"),
    _ROUTES: Removal(default=_BY_PATH, says="the default of API Gateway"),
    _KEYS: Removal(default="$request.header.x-api-key", says="the header `x-api-key` has the key"),
    "DisableExecuteApiEndpoint": Removal(default=False, says="its own address answers"),
    "IpAddressType": Removal(default="ipv4", says="it is reached over IPv4"),
    _UNCHECKED: Removal(default=False, says="deployments check models"),
    **RESETS,
}
_LISTS = ("AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders")
_NO_CORS: Mapping[str, Any] = {
    "AllowCredentials": False,
    **{name: [] for name in _LISTS},
    "MaxAge": 0,
}
"""How an update takes a part of CORS away: it leaves what it is not told."""
_NOT_SAID = {
    f"/{_CORS}/{name}": Removal(default=value, says="browsers are told nothing of it")
    for name, value in _NO_CORS.items()
}
_NO_ORIGINS = Removal(default=None, says="pages of other origins may not call it")


def _tagged(aws: Connection, key: str, value: str) -> Iterable[str]:
    """The APIs with this tag. API Gateway lists tags, and at once; AWS's index has them later."""
    found = aws.pages("apigatewayv2", "get_apis", "Items")
    return [str(one["ApiId"]) for one in found if (one.get("Tags") or {}).get(key) == value]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Apis(Plain):
    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        return self.by_id(aws, _tagged(aws, OPERATION_TAG, operation.token))


def _arns(aws: Connection, one: Described) -> Properties:
    account, own = aws.account, one["ApiId"]
    execute = f"arn:{aws.partition}:execute-api:{aws.region}:{account}:{own}"
    return {"Arn": arn_of(aws, own), "ExecuteApiArn": execute}


_LISTING = _Apis(
    dialect=GATEWAY,
    call="get_api",
    asks=named("ApiId"),
    tags=TAGS,
    marked=lambda aws, marks: _tagged(aws, *marks.tag),
    also=_arns,
    index=Index("apigateway:/apis"),
)
_OWN = shown("ApiId", "ApiEndpoint", "ExecuteApiArn", "ProtocolType", *_SETS)


def _shows(one: Described) -> Properties:
    cors = one.get(_CORS)
    told = {**without_empty(_OWN(one)), _UNCHECKED: bool(one.get(_UNCHECKED))}
    return {**told, _CORS: {**_NO_CORS, **cors} if cors else None}


def _made(operation: Operation) -> Properties:
    definition = given(operation, (BODY,))
    return {**named_by(definition), **given(operation, ("ProtocolType", *_SETS, *QUICK, _CORS))}


def _write_cors(aws: Connection, api: str, value: Any) -> None:
    if value is None:
        aws.call("apigatewayv2", "delete_cors_configuration", ApiId=api)
    else:
        aws.call("apigatewayv2", "update_api", ApiId=api, CorsConfiguration=dict(value))


def _normalised(properties: Properties) -> Properties:
    """API Gateway shows headers in small letters, and takes variables in braces and without."""
    done, cors = dict(properties), properties.get(_CORS)
    if isinstance(cors, Mapping):
        done[_CORS] = {name: _folded(value) for name, value in cors.items()}
    if isinstance(properties.get(_ROUTES), str):
        done[_ROUTES] = re.sub(r"\$\{([\w.]+)\}", r"$\1", properties[_ROUTES])
    return done


def _folded(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        return value
    return [one.lower() if isinstance(one, str) else one for one in value]


def _is(protocol: str) -> dict[str, Any]:
    return {"properties": {"ProtocolType": {"const": protocol}}, "required": ["ProtocolType"]}


_LIMITS: Mapping[str, Properties] = {
    "": {
        "if": {"required": [BODY]},
        "else": {"required": ["Name", "ProtocolType"]},
        "dependentRequired": {
            **{name: [BODY] for name in WRITTEN if name != BODY},
            **{name: ["Target"] for name in QUICK if name != "Target"},
        },
        "dependentExcluded": {
            BODY: [*(one for one in _SETS if one != "IpAddressType"), *QUICK, _CORS]
        },
        "allOf": [
            {
                "if": _is("WEBSOCKET"),
                "then": {
                    "required": [_ROUTES],
                    "not": {"anyOf": [{"required": [one]} for one in (_CORS, BODY, *QUICK)]},
                },
                "else": {
                    "properties": {
                        _ROUTES: {"enum": [_BY_PATH, "${request.method} ${request.path}"]}
                    },
                    "not": {"anyOf": [{"required": [one]} for one in _OF_SOCKETS]},
                },
            }
        ],
    },
    BODY: LIMITS,
    "BasePath": {"enum": ["ignore", "prepend", "split"]},
    "ProtocolType": {"enum": ["HTTP", "WEBSOCKET"]},
    "Name": {"minLength": 1, "maxLength": 128},
    "Description": {"minLength": 1, "maxLength": 1024},
    "Version": {"minLength": 1, "maxLength": 64},
    _ROUTES: {"minLength": 1},
    **{name: {"minLength": 1} for name in QUICK},
    _KEYS: {"enum": ["$request.header.x-api-key", "$context.authorizer.usageIdentifierKey"]},
    "IpAddressType": {"enum": ["ipv4", "dualstack"]},
    _CORS: {
        "minProperties": 1,
        "if": {
            "properties": {"AllowCredentials": {"const": True}},
            "required": ["AllowCredentials"],
        },
        "then": {"properties": {"AllowOrigins": {"items": {"not": {"const": "*"}}}}},
    },
    **{f"{_CORS}/{name}": {"minItems": 1, "uniqueItems": True} for name in _LISTS},
    **{f"{_CORS}/{name}/*": {"minLength": 1} for name in _LISTS},
    f"{_CORS}/MaxAge": {"minimum": -1, "maximum": 86400},
}
_INSTEAD = {"/BodyS3Location": "Give the definition itself as `Body`."}
_UPDATES = (
    IMPORT,
    Update(call="update_api", sends=_SETS, parameters=emptied),
    LED,
)

API = native_type(
    Table(
        name="AWS::ApiGatewayV2::Api",
        noun="API",
        dialect=GATEWAY,
        listing=_LISTING,
        shows=_shows,
        addresses=lambda one: {"ApiId": one["ApiId"]},
        create=Create(
            call="create_api",
            sends=("ProtocolType", *_SETS, *QUICK, _CORS),
            parameters=_made,
            gives=lambda answer, _: str(answer["ApiId"]),
        ),
        updates=_UPDATES,
        resets=_RESETS,
        surfaces=(Surface(property=_CORS, write=_write_cors, removal=_NO_ORIGINS),),
        write_only=tuple(f"/{name}" for name in (*WRITTEN, *QUICK)),
        filled=("Name",),
        removals=_NOT_SAID,
        partial=(f"/{_CORS}",),
        delete=Delete(call="delete_api"),
        tags=_LISTING.tags,
        calls=(*TAGGING, "delete_cors_configuration"),
        normalise=_normalised,
        sets=tuple(f"/{_CORS}/{name}" for name in _LISTS),
        refine=refining(_LIMITS),
        instead=_INSTEAD,
        losses=Losses(gone="callers do not reach it any more, and a new one has another address"),
    )
)
