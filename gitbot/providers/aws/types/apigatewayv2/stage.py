"""AWS::ApiGatewayV2::Stage as a table. Shell.

ApiId, StageName: replace. AutoDeploy, DeploymentId (without AutoDeploy), Description, StageVariables,
AccessLogSettings, DefaultRouteSettings (limits of requests are not taken out, but set: no call of AWS deletes them), RouteSettings (by the keys of
routes, which the API must have), ClientCertificateId (of WebSocket APIs), Tags: changed in place.
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
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
from gitbot.providers.aws.types.apigatewayv2.family import (
    GATEWAY,
    SEPARATOR,
    TAGGING,
    TAGS,
    TAKEN,
    Parts,
    arn_of,
    emptied,
    without_empty,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_KEY, _LOGS, _DEFAULT = ("ApiId", "StageName"), "AccessLogSettings", "DefaultRouteSettings"
_VARIABLES, _ROUTES = "StageVariables", "RouteSettings"
_SETS = (
    *("AutoDeploy", "DeploymentId", "Description", _VARIABLES, _DEFAULT),
    "ClientCertificateId",
)
_RESETS = {
    "AutoDeploy": Removal(default=False, says="it keeps the deployment that it has"),
    "Description": Removal(default=None, says="it has no description"),
    _VARIABLES: Removal(default=None, says="the variables that the spec set are deleted"),
    "ClientCertificateId": Removal(default=None, says="it shows no certificate to what it calls"),
}
_QUIET: Mapping[str, Any] = {
    "DataTraceEnabled": False,
    "DetailedMetricsEnabled": False,
    "LoggingLevel": "OFF",
}
"""What routes do that nothing is said of."""
_NOTHING_SAID = {
    f"/{_DEFAULT}/{name}": Removal(default=value, says="routes do not, unless theirs say so")
    for name, value in _QUIET.items()
}
_DELIVERIES = tuple(
    f"logs:{name}"
    for name in (
        *("CreateLogDelivery", "CreateLogGroup", "DeleteLogDelivery", "DescribeLogGroups"),
        *("DescribeResourcePolicies", "GetLogDelivery", "ListLogDeliveries"),
        *("PutResourcePolicy", "UpdateLogDelivery"),
    )
)
"""What API Gateway does in the name of whoever gives a stage a log group.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html"""


def _identifier(one: Described) -> str:
    return f"{one['ApiId']}{SEPARATOR}{one['StageName']}"


def _own(arn: str) -> str:
    return SEPARATOR.join(arn.partition("::/apis/")[2].split("/stages/", 1))


def _alike(aws: Connection, operation: Operation) -> Iterable[str]:
    return [_identifier(operation.properties)]


_LISTING = Parts(
    dialect=GATEWAY,
    call="get_stage",
    paged="get_stages",
    own="StageName",
    tags=TAGS,
    name=Name(property="StageName", longest=128),
    keyed=_alike,
    also=lambda aws, one: {"Arn": arn_of(aws, f"{one['ApiId']}/stages/{one['StageName']}")},
    index=Index("apigateway:/apis/stages", own=_own),
)


def _shows(one: Described) -> Properties:
    told = without_empty(shown(*_KEY, *_SETS, _LOGS, _ROUTES)(one))
    settings = {**_QUIET, **told[_DEFAULT]} if _DEFAULT in told else None
    return {**told, "AutoDeploy": bool(one.get("AutoDeploy")), _DEFAULT: settings}


def _normalised(properties: Properties) -> Properties:
    """A log group's ARN ends otherwise where CloudWatch Logs tells it: with ``:*``."""
    logs = properties.get(_LOGS)
    return {**properties, _LOGS: _logs(logs)} if isinstance(logs, Mapping) else properties


def _logs(settings: Mapping[str, Any]) -> dict[str, Any]:
    to = settings.get("DestinationArn")
    plain = to.removesuffix(":*") if isinstance(to, str) else to
    return {**settings, **({"DestinationArn": plain} if "DestinationArn" in settings else {})}


def _made(operation: Operation) -> Properties:
    return _normalised(given(operation, (*_KEY, *_SETS, _LOGS, _ROUTES)))


def _changed(values: Properties, one: Described) -> Properties:
    """The parameters of an update: a variable goes with an empty text."""
    sent = dict(emptied(values, one))
    if _VARIABLES in values:
        had = dict.fromkeys(one.get(_VARIABLES) or (), "")
        sent[_VARIABLES] = {**had, **(values[_VARIABLES] or {})}
    return sent


_UPDATE = Update(call="update_stage", sends=_SETS, parameters=_changed, shared=(f"/{_VARIABLES}",))


def _addresses(own: str) -> dict[str, str]:
    api, _, stage = own.partition(SEPARATOR)
    return {"ApiId": api, "StageName": stage}


def _write_logs(aws: Connection, own: str, value: Any) -> None:
    if value is None:
        aws.call("apigatewayv2", "delete_access_log_settings", **_addresses(own))
    else:
        settings: dict[str, Any] = {**_addresses(own), _LOGS: _logs(value)}
        aws.call("apigatewayv2", "update_stage", **settings)


def _write_routes(aws: Connection, own: str, value: Any) -> None:
    """An update leaves what it is not told, so that settings which lose a part are deleted first."""
    named: dict[str, Any] = _addresses(own)
    had = aws.call("apigatewayv2", "get_stage", **named).get(_ROUTES) or {}
    wanted = dict(value or {})
    for key, settings in sorted(had.items()):
        if {name for name, one in settings.items() if one} - set(wanted.get(key, ())):
            aws.call("apigatewayv2", "delete_route_settings", **named, RouteKey=key)
    if wanted:
        aws.call("apigatewayv2", "update_stage", **named, RouteSettings=wanted)


_SURFACES = (
    Surface(
        property=_LOGS, write=_write_logs, removal=Removal(default=None, says="no access is logged")
    ),
    Surface(
        property=_ROUTES,
        write=_write_routes,
        removal=Removal(default=None, says="all routes have the settings of the stage"),
    ),
)
_CALLS = ("delete_access_log_settings", "delete_route_settings", "update_stage")
_DEPLOYED = {"properties": {"AutoDeploy": {"const": True}}, "required": ["AutoDeploy"]}
_LIMITS: Mapping[str, Properties] = {
    "": {"allOf": [{"if": _DEPLOYED, "then": {"not": {"required": ["DeploymentId"]}}}]},
    "StageName": {"pattern": r"^(\$default|[A-Za-z0-9_-]{1,128})$"},
    "DeploymentId": {"minLength": 1},
    "ClientCertificateId": {"minLength": 1},
    "Description": {"minLength": 1, "maxLength": 1024},
    _VARIABLES: {
        **{"type": "object", "minProperties": 1, "additionalProperties": False},
        "patternProperties": {"^[A-Za-z0-9_]+$": {"type": "string"}},
    },
    _LOGS: {"required": ["DestinationArn", "Format"]},
    f"{_LOGS}/DestinationArn": {"pattern": "^arn:"},
    f"{_LOGS}/Format": {"minLength": 1, "maxLength": 3072},
    _DEFAULT: {"minProperties": 1},
    f"{_DEFAULT}/LoggingLevel": {"enum": ["ERROR", "INFO", "OFF"]},
    f"{_DEFAULT}/ThrottlingBurstLimit": {"minimum": 0},
    f"{_DEFAULT}/ThrottlingRateLimit": {"minimum": 0},
    _ROUTES: {
        "type": "object",
        "additionalProperties": {"$ref": "#/definitions/RouteSettings"},
        "minProperties": 1,
    },
}

STAGE = native_type(
    Table(
        name="AWS::ApiGatewayV2::Stage",
        noun="stage",
        dialect=GATEWAY,
        listing=_LISTING,
        identifier=_identifier,
        shows=_shows,
        addresses=shown(*_KEY),
        create=Create(
            call="create_stage",
            sends=(*_KEY, *_SETS, _LOGS, _ROUTES),
            parameters=_made,
            gives=lambda _, given: _identifier(given),
            taken=TAKEN,
        ),
        updates=(_UPDATE,),
        resets=_RESETS,
        removals=_NOTHING_SAID,
        partial=(f"/{_DEFAULT}",),
        filled=("DeploymentId",),
        surfaces=_SURFACES,
        delete=Delete(call="delete_stage"),
        tags=_LISTING.tags,
        calls=(*_CALLS, *TAGGING, *_DELIVERIES),
        natural_key=_KEY,
        normalise=_normalised,
        refine=refining(_LIMITS),
        losses=Losses(gone="callers of the stage get no answer any more"),
    )
)
