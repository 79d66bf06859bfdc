"""Make moto's routes of APIs refuse, keep and show what API Gateway does. Shell.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from moto.core.utils import camelcase_to_underscores

from gitbot_sandbox.aws.gateway_answers import bad, conflict, filled, missing
from gitbot_sandbox.aws.moto_patch import wrap

_OF_SOCKETS = ("modelSelectionExpression", "requestModels", "requestParameters")
_ASKED = ("CUSTOM", "JWT")
"""The kinds of authorization that ask an authorizer."""
_HTTP_KEY = re.compile(r"\$default|[A-Za-z]+ /\S*")


def patch() -> None:
    """Make all patches of this module."""
    from moto.apigatewayv2.models import Api, Route
    from moto.apigatewayv2.responses import ApiGatewayV2Response as Response

    changing: Any = Response
    wrap(Route, "to_json", _as_shown)
    wrap(Api, "delete_route", _known)
    wrap(Response, "create_route", _made)
    changing.update_route = _update_route


def _as_shown(original: Any) -> Any:
    """Defect: empty values are shown."""

    def to_json(self: Any) -> dict[str, Any]:
        return filled(original(self))

    return to_json


def _known(original: Any) -> Any:
    """Defect: what is not there is deleted."""

    def delete_route(self: Any, route_id: str) -> None:
        self.get_route(route_id)
        original(self, route_id)

    return delete_route


def _made(original: Any) -> Any:
    """Defect: routes are made that API Gateway refuses."""

    def create_route(self: Any) -> Any:
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
        _check(api, json.loads(self.body), "")
        return original(self)

    return create_route


def _update_route(self: Any) -> Any:
    """Defect: no value is taken away. An empty one does that."""
    _, api_id, _, route_id = self.path.rsplit("/", 3)
    api = self.apigatewayv2_backend.get_api(api_id)
    route, asked = api.get_route(route_id), json.loads(self.body)
    given = {name: value for name, value in asked.items() if value is not None}
    _check(api, {**route.to_json(), **given}, route_id)
    if "requestParameters" in given:  # it leaves what it is not told
        given["requestParameters"] = {
            **(route.request_parameters or {}),
            **given["requestParameters"],
        }
    for name, value in given.items():
        setattr(route, camelcase_to_underscores(name), None if value in ("", []) else value)
    return 200, {}, json.dumps(route.to_json())


def _check(api: Any, wanted: Mapping[str, Any], own: str) -> None:
    key, kind = wanted["routeKey"], wanted.get("authorizationType") or "NONE"
    if api.protocol_type == "HTTP" and not _HTTP_KEY.fullmatch(key):
        raise bad(
            "The provided route key is not formatted properly for HTTP protocol. Format should be "
            '"<HTTP METHOD> /<RESOURCE PATH>" or "$default"'
        )
    if any(one.route_key == key and one.route_id != own for one in api.routes.values()):
        raise conflict(f"Route with key {key} already exists for this API")
    target = (wanted.get("target") or "").removeprefix("integrations/")
    if target and target not in api.integrations:
        raise missing(f"Unable to find Integration by ID {target}")
    if api.protocol_type == "HTTP" and any(wanted.get(name) for name in _OF_SOCKETS):
        raise bad(f"HTTP APIs support none of {', '.join(_OF_SOCKETS)}")
    if api.protocol_type == "HTTP" and wanted.get("apiKeyRequired"):
        raise bad("ApiKeyRequired is not currently supported for HTTP APIs")
    if api.protocol_type == "WEBSOCKET" and kind == "JWT":
        raise bad("JWT authorization is only supported for HTTP APIs")
    authorizer = wanted.get("authorizerId") or ""
    if (kind in _ASKED) != bool(authorizer):
        raise bad(f"An authorizer does not go with AuthorizationType {kind}, or is missing")
    if authorizer and authorizer not in api.authorizers:
        raise missing(f"Unable to find Authorizer by ID {authorizer}")
    if wanted.get("authorizationScopes") and kind != "JWT":
        raise bad("AuthorizationScopes are only supported with JWT authorization")
