"""Make moto's integrations of APIs refuse, keep and show what API Gateway does. Shell.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.core.utils import camelcase_to_underscores

from gitbot_sandbox.aws.gateway_answers import bad, conflict, filled
from gitbot_sandbox.aws.moto_patch import wrap

_OF_SOCKETS = (
    *("requestTemplates", "templateSelectionExpression"),
    *("passthroughBehavior", "contentHandlingStrategy"),
)
_MERGED = ("requestParameters", "responseParameters")
"""Maps of which an update leaves what it is not told, and takes away what it says is empty."""


def patch() -> None:
    """Make all patches of this module."""
    from moto.apigatewayv2.models import Api, Integration
    from moto.apigatewayv2.responses import ApiGatewayV2Response as Response

    changing: Any = Response
    wrap(Integration, "to_json", _as_shown)
    wrap(Api, "delete_integration", _unused)
    wrap(Response, "create_integration", _made)
    changing.update_integration = _update_integration


def _as_shown(original: Any) -> Any:
    """Defects: empty values are shown, and what API Gateway fills in is not."""

    def to_json(self: Any) -> dict[str, Any]:
        told = filled(original(self))
        return {"connectionType": "INTERNET", "payloadFormatVersion": "1.0", **told}

    return to_json


def _unused(original: Any) -> Any:
    """Defects: what routes lead to is deleted, and what is not there."""

    def delete_integration(self: Any, integration_id: str) -> None:
        self.get_integration(integration_id)
        target = f"integrations/{integration_id}"
        users = [one.route_id for one in self.routes.values() if one.target == target]
        if users:
            raise conflict(
                "Cannot delete Integration because it is referenced by the following Routes with Ids: "
                f"[{', '.join(users)}]"
            )
        original(self, integration_id)

    return delete_integration


def _made(original: Any) -> Any:
    """Defect: integrations are made that API Gateway refuses."""

    def create_integration(self: Any) -> Any:
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
        _check(api, json.loads(self.body))
        return original(self)

    return create_integration


def _update_integration(self: Any) -> Any:
    """Defects: maps are replaced as a whole, and no value is taken away. An empty one does that."""
    _, api_id, _, own = self.path.rsplit("/", 3)
    api = self.apigatewayv2_backend.get_api(api_id)
    integration, asked = api.get_integration(own), json.loads(self.body)
    given = {name: value for name, value in asked.items() if value is not None}
    had = integration.to_json()
    for name in _MERGED:
        merged = {**(had.get(name) or {}), **given.get(name, {})}
        given[name] = {key: value for key, value in merged.items() if value}
    _check(api, {**had, **given})
    for name, value in given.items():
        setattr(integration, camelcase_to_underscores(name), value if value != "" else None)
    return 200, {}, json.dumps(integration.to_json())


def _check(api: Any, wanted: Mapping[str, Any]) -> None:
    kind = wanted["integrationType"]
    if api.protocol_type == "HTTP" and any(wanted.get(name) for name in _OF_SOCKETS):
        raise bad(f"HTTP APIs support none of {', '.join(_OF_SOCKETS)}")
    called = wanted.get("integrationUri") or wanted.get("integrationSubtype")
    if not called and kind != "MOCK":
        raise bad(f"An integration of type {kind} needs an IntegrationUri or an IntegrationSubtype")
    if api.protocol_type == "HTTP" and kind not in ("AWS_PROXY", "HTTP_PROXY"):
        raise bad("HTTP APIs have integrations of type AWS_PROXY and HTTP_PROXY alone")
    function = kind == "AWS_PROXY" and api.protocol_type == "HTTP"
    if function and not wanted.get("payloadFormatVersion"):
        raise bad("PayloadFormatVersion is a required parameter for integration")
    if (wanted.get("connectionType") == "VPC_LINK") != bool(wanted.get("connectionId")):
        raise bad("ConnectionId goes with ConnectionType VPC_LINK")
    if not 50 <= (wanted.get("timeoutInMillis") or 50) <= 30000:
        raise bad("TimeoutInMillis must be between 50 and 30000")
