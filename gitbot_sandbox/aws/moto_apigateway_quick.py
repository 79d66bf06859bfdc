"""Make APIs with one route at once, which moto's API Gateway lacks. Shell.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitbot_sandbox.aws.gateway_answers import bad
from gitbot_sandbox.aws.moto_patch import wrap

_QUICK = ("target", "routeKey", "credentialsArn")


def patch() -> None:
    """Make all patches of this module."""
    from moto.apigatewayv2.responses import ApiGatewayV2Response as Response

    wrap(Response, "create_api", _led)
    wrap(Response, "update_api", _led_elsewhere)


def _given(self: Any) -> Mapping[str, Any]:
    asked = json.loads(self.body)
    return {**asked, **{name: asked.get(name) for name in _QUICK}}


def _led(original: Any) -> Any:
    """Defect: a new API gets neither the integration, nor the route and the stage that quick create asks for."""

    def create_api(self: Any) -> Any:
        asked = _given(self)
        target = asked["target"]
        if not target and any(asked[name] for name in _QUICK):
            raise bad("Quick create needs a target")
        if target and asked.get("protocolType") != "HTTP":
            raise bad("Quick create is supported for HTTP APIs only")
        answer = original(self)
        if target:
            _lead(self.apigatewayv2_backend.get_api(json.loads(answer[2])["apiId"]), asked)
        return answer

    return create_api


def _lead(api: Any, asked: Mapping[str, Any]) -> None:
    kind = _kind(asked["target"])
    made = api.create_integration(
        connection_type="INTERNET",
        description="",
        integration_method=None,
        integration_type=kind,
        integration_uri=asked["target"],
        credentials_arn=asked["credentialsArn"],
        payload_format_version="2.0" if kind == "AWS_PROXY" else "1.0",
    )
    route = api.create_route(
        api_key_required=False,
        authorization_scopes=[],
        route_key=asked["routeKey"] or "$default",
        target=f"integrations/{made.id}",
    )
    api.create_stage({"stageName": "$default", "autoDeploy": True})
    api.quick = (made, route)


def _led_elsewhere(original: Any) -> Any:
    """Defect: an API keeps its target, its route and its credentials.

    Nobody says what becomes of an API that was made without a target; here it gets one.
    """

    def update_api(self: Any) -> Any:
        asked = _given(self)
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-1])
        if any(asked[name] for name in _QUICK):
            if getattr(api, "quick", None) is None:
                _lead(api, asked)
            _lead_elsewhere(api, asked)
        return original(self)

    return update_api


def _lead_elsewhere(api: Any, asked: Mapping[str, Any]) -> None:
    made, route = api.quick
    if asked["routeKey"] and route.route_key == "$default":
        raise bad("The $default route key cannot be modified")
    route.route_key = asked["routeKey"] or route.route_key
    made.credentials_arn = asked["credentialsArn"] or made.credentials_arn
    if asked["target"]:
        made.integration_uri, made.integration_type = asked["target"], _kind(asked["target"])


def _kind(target: str) -> str:
    return "AWS_PROXY" if target.startswith("arn:") else "HTTP_PROXY"
