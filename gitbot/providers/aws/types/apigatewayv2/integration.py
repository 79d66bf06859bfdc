"""AWS::ApiGatewayV2::Integration as a table. Shell.

ApiId, IntegrationType, IntegrationSubtype: replace. IntegrationUri, IntegrationMethod, Description, ConnectionType,
ConnectionId, CredentialsArn, PayloadFormatVersion, TimeoutInMillis, TlsConfig, RequestParameters, ResponseParameters,
and of WebSocket APIs RequestTemplates (one is not taken out, but set), TemplateSelectionExpression,
PassthroughBehavior, ContentHandlingStrategy: changed in place. Attributes: IntegrationId. An integration has neither a
name nor tags: it belongs to whom the API belongs to, and is known by its type, where it leads to and its description.
Two of an API that agree in these need descriptions of their own.
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.refining import refining
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
from gitbot.providers.aws.types.apigatewayv2.family import (
    GATEWAY,
    OF_API,
    SEPARATOR,
    Parts,
    emptied,
    parts_of,
    without_empty,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_FIXED = ("ApiId", "IntegrationType", "IntegrationSubtype")
_KNOWN = (*_FIXED, "IntegrationUri", "IntegrationMethod", "Description")
_REQUEST, _RESPONSE = "RequestParameters", "ResponseParameters"
_SETS = (
    *("IntegrationUri", "IntegrationMethod", "Description", "ConnectionType", "ConnectionId"),
    *("CredentialsArn", "PayloadFormatVersion", "TimeoutInMillis", "TlsConfig"),
    *(_REQUEST, _RESPONSE, "RequestTemplates", "TemplateSelectionExpression"),
    *("PassthroughBehavior", "ContentHandlingStrategy"),
)
_RESETS = {
    "Description": Removal(default=None, says="it has no description"),
    _REQUEST: Removal(default=None, says="requests are passed on as they are"),
    _RESPONSE: Removal(default=None, says="responses are passed on as they are"),
    "PassthroughBehavior": Removal(default="WHEN_NO_MATCH", says="the default of API Gateway"),
}


def _alike(aws: Connection, operation: Operation) -> Iterable[str]:
    """The integrations that can be this one: with nothing else of what it is known by."""
    given: Mapping[str, Any] = operation.properties
    found = parts_of(aws, "get_integrations", str(given["ApiId"]))
    filled = {"IntegrationMethod"} - given.keys()  # API Gateway calls functions with POST
    told = [name for name in _KNOWN if name not in filled]
    return [
        _identifier(one)
        for one in found
        if all((one.get(name) or "") == (given.get(name) or "") for name in told)
    ]


def _identifier(one: Described) -> str:
    return f"{one['ApiId']}{SEPARATOR}{one['IntegrationId']}"


def _shows(one: Described) -> Properties:
    told = without_empty(shown("IntegrationId", *_FIXED, *_SETS)(one))
    mapped = {
        status: {_RESPONSE: [{"Destination": to, "Source": source} for to, source in all_.items()]}
        for status, all_ in (told.get(_RESPONSE) or {}).items()
    }
    return {**told, _RESPONSE: mapped or None}


def _mappings(value: Any) -> dict[str, dict[str, str]]:
    """Changes of responses as the API takes them: by status, then by destination."""
    return {
        status: {each["Destination"]: each["Source"] for each in one.get(_RESPONSE) or ()}
        for status, one in (value or {}).items()
    }


def _made(operation: Operation) -> Properties:
    sent = given(operation, (*_FIXED, *_SETS))
    return {**sent, **({_RESPONSE: _mappings(sent[_RESPONSE])} if _RESPONSE in sent else {})}


def _changed(values: Properties, one: Described) -> Properties:
    """The parameters of an update, which API Gateway checks with the type.

    A change of requests goes with an empty text, one of responses with an empty map.
    """
    sent = dict(emptied(values, one))
    if _REQUEST in values:
        had: dict[str, Any] = dict.fromkeys(one.get(_REQUEST) or (), "")
        sent[_REQUEST] = {**had, **(values[_REQUEST] or {})}
    if _RESPONSE in values:
        had = {status: {} for status in one.get(_RESPONSE) or ()}
        sent[_RESPONSE] = {**had, **_mappings(values[_RESPONSE])}
    return {**without_empty(shown("IntegrationType", "IntegrationSubtype")(one)), **sent}


_CALLED = ("IntegrationUri", "IntegrationSubtype")
_LIMITS: Mapping[str, Properties] = {
    "": {
        "allOf": [
            {
                "if": {
                    "properties": {"ConnectionType": {"const": "VPC_LINK"}},
                    "required": ["ConnectionType"],
                },
                "then": {"required": ["ConnectionId"]},
                "else": {"not": {"required": ["ConnectionId"]}},
            },
            {
                "if": {"properties": {"IntegrationType": {"const": "MOCK"}}},
                "else": {"anyOf": [{"required": [one]} for one in _CALLED]},
            },
        ],
        "dependentExcluded": {"IntegrationSubtype": ["IntegrationUri"]},
    },
    "IntegrationType": {"enum": ["AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"]},
    "IntegrationUri": {"minLength": 1, "maxLength": 2048},
    "IntegrationMethod": {
        "enum": ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    },
    "IntegrationSubtype": {"minLength": 1, "maxLength": 128},
    "Description": {"minLength": 1, "maxLength": 1024},
    "ConnectionType": {"enum": ["INTERNET", "VPC_LINK"]},
    "ConnectionId": {"minLength": 1},
    "PayloadFormatVersion": {"enum": ["1.0", "2.0"]},
    "TimeoutInMillis": {"minimum": 50, "maximum": 30000},
    "TlsConfig": {"required": ["ServerNameToVerify"]},
    "TlsConfig/ServerNameToVerify": {"minLength": 1},
    _REQUEST: {"minProperties": 1},
    _RESPONSE: {"minProperties": 1},
    "RequestTemplates": {"minProperties": 1},
    "TemplateSelectionExpression": {"minLength": 1},
    "PassthroughBehavior": {"enum": ["NEVER", "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES"]},
    "ContentHandlingStrategy": {"enum": ["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"]},
}

INTEGRATION = native_type(
    Table(
        name="AWS::ApiGatewayV2::Integration",
        noun="integration",
        dialect=GATEWAY,
        listing=Parts(
            dialect=GATEWAY,
            call="get_integration",
            paged="get_integrations",
            own="IntegrationId",
            keyed=_alike,
        ),
        identifier=_identifier,
        shows=_shows,
        addresses=shown("ApiId", "IntegrationId"),
        create=Create(
            call="create_integration",
            sends=(*_FIXED, *_SETS),
            parameters=_made,
            gives=lambda answer, given: f"{given['ApiId']}{SEPARATOR}{answer['IntegrationId']}",
        ),
        updates=(Update(call="update_integration", sends=_SETS, parameters=_changed),),
        resets=_RESETS,
        delete=Delete(call="delete_integration"),
        natural_key=_KNOWN,
        parent=OF_API,
        partial=("/RequestTemplates",),
        passes_role_to="apigateway.amazonaws.com",
        refine=refining(_LIMITS),
    )
)
