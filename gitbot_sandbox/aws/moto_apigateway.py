"""Make moto's HTTP and WebSocket APIs refuse, keep and show what API Gateway does. Shell.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from gitbot_sandbox.aws.gateway_answers import bad, filled, serve
from gitbot_sandbox.aws.moto_patch import at_most_fifty, wrap

_BY_PATH = ("$request.method $request.path", "${request.method} ${request.path}")
_TAG = "x-amazon-apigateway-tag-value"
_CREDENTIALS = "AllowCredentials is not supported for origin *"


def patch() -> None:
    """Make all patches of this module."""
    from moto.apigatewayv2.models import Api, apigatewayv2_backends
    from moto.apigatewayv2.models import ApiGatewayV2Backend as Backend
    from moto.apigatewayv2.responses import ApiGatewayV2Response as Response

    from gitbot_sandbox.aws.tag_index import index

    serve("/v2/tags/(?P<resource_arn>.+)$")
    wrap(Api, "to_json", _as_shown)
    wrap(Api, "import_api", _imported)
    wrap(Backend, "delete_api", _known)
    wrap(Backend, "tag_resource", at_most_fifty(_tags_of, _too_many_tags))
    wrap(Response, "create_api", _made)
    wrap(Response, "update_api", _changed)
    for name in ("get_tags", "tag_resource", "untag_resource"):
        wrap(Response, name, _of_existing)
    index(apigatewayv2_backends, "apigateway:apis", _tagged_apis)


def _tags_of(backend: Any, arn: str) -> Mapping[str, str]:
    found: Mapping[str, str] = backend.get_tags(arn)
    return found


def _too_many_tags() -> Exception:
    return bad("Too many tags: a resource has at most 50")


def _tagged_apis(backend: Any) -> Iterator[tuple[str, Any]]:
    for api in backend.apis.values():
        yield api.arn, backend.get_tags(api.arn)


def _as_shown(original: Any) -> Any:
    """Defects: WebSocket APIs have addresses of HTTP, there is no kind of IP address, and empty values are shown."""

    def to_json(self: Any) -> dict[str, Any]:
        told = original(self)
        if self.protocol_type == "WEBSOCKET":
            told["apiEndpoint"] = told["apiEndpoint"].replace("https://", "wss://")
        return filled({**told, "ipAddressType": getattr(self, "ip_address_type", "ipv4")})

    return to_json


def _imported(original: Any) -> Any:
    """Defects: an import takes stages away, leaves tags and the description, and needs no name."""

    def import_api(self: Any, body_str: str, fail_on_warnings: bool) -> None:
        body, stages = json.loads(body_str), dict(self.stages)
        if not body.get("info", {}).get("title"):
            raise bad("Unable to create API from import: the definition has no title")
        original(self, body_str, fail_on_warnings)
        self.stages.update(stages)
        self.description = body["info"].get("description")
        self.cors_configuration = _lowered(body.get("x-amazon-apigateway-cors"))
        self.backend.untag_resource(self.arn, list(self.backend.get_tags(self.arn)))
        tags = {one["name"]: one.get(_TAG) for one in body.get("tags", ())}
        self.backend.tag_resource(self.arn, {key: one for key, one in tags.items() if one})

    return import_api


def _known(original: Any) -> Any:
    """Defect: what is not there is deleted."""

    def delete_api(self: Any, api_id: str) -> None:
        self.get_api(api_id)
        original(self, api_id)

    return delete_api


def _made(original: Any) -> Any:
    """Defects: APIs are made that API Gateway refuses, and the kind of IP address is lost."""

    def create_api(self: Any) -> Any:
        asked = json.loads(self.body)
        _check(asked, str(asked.get("protocolType")))
        _, headers, body = original(self)
        api = self.apigatewayv2_backend.get_api(json.loads(body)["apiId"])
        api.cors_configuration = _lowered(asked.get("corsConfiguration"))
        api.ip_address_type = asked.get("ipAddressType") or "ipv4"
        return 201, headers, json.dumps(api.to_json())

    return create_api


def _changed(original: Any) -> Any:
    """Defects: a change of CORS takes the rest of it away, and the kind of IP address stays."""

    def update_api(self: Any) -> Any:
        asked = json.loads(self.body)
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-1])
        given = {name: value for name, value in asked.items() if value is not None}
        cors = {
            **(api.cors_configuration or {}),
            **(_lowered(asked.get("corsConfiguration")) or {}),
        }
        _check(
            {
                "routeSelectionExpression": api.route_selection_expression,
                **given,
                "corsConfiguration": cors,
            },
            api.protocol_type,
        )
        status, headers, _ = original(self)
        api.cors_configuration = cors or None
        api.ip_address_type = asked.get("ipAddressType") or api.ip_address_type
        return status, headers, json.dumps(api.to_json())

    return update_api


def _check(asked: Mapping[str, Any], protocol: str) -> None:
    cors, routes = asked.get("corsConfiguration") or {}, asked.get("routeSelectionExpression")
    if protocol == "WEBSOCKET" and not routes:
        raise bad("RouteSelectionExpression is required for WEBSOCKET protocol type")
    if protocol == "WEBSOCKET" and cors:
        raise bad("CORS configuration is only supported for HTTP APIs")
    if protocol == "HTTP" and routes and routes not in _BY_PATH:
        raise bad(f"RouteSelectionExpression must be {_BY_PATH[1]} for HTTP APIs")
    if cors.get("allowCredentials") and "*" in cors.get("allowOrigins", ()):
        raise bad(_CREDENTIALS)
    if not -1 <= (cors.get("maxAge") or 0) <= 86400:
        raise bad("MaxAge must be between -1 and 86400")


def _lowered(cors: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As it is kept: names of headers in small letters."""
    if cors is None:
        return None
    return {
        name: [one.lower() for one in value] if name.endswith("Headers") else value
        for name, value in cors.items()
    }


def _of_existing(original: Any) -> Any:
    """Defect: what is not there has tags."""

    def tags(self: Any) -> Any:
        path = unquote(self.path.split("/tags/")[1]).partition("::/apis/")[2]
        if path:
            self.apigatewayv2_backend.get_api(path.split("/")[0])
        return original(self)

    return tags
