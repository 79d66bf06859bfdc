"""Add changes of stages, which moto's APIs lack, and make them refuse and keep what API Gateway does. Shell.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from moto.core.utils import camelcase_to_underscores

from gitbot_sandbox.aws.gateway_answers import bad, conflict, filled, missing, serve
from gitbot_sandbox.aws.moto_patch import wrap

_STAGE = "/v2/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)"


def patch() -> None:
    """Make all patches of this module."""
    from moto.apigatewayv2.models import Api, Stage, apigatewayv2_backends
    from moto.apigatewayv2.responses import ApiGatewayV2Response as Response

    from gitbot_sandbox.aws.tag_index import index

    serve(f"{_STAGE}/accesslogsettings$")
    serve(f"{_STAGE}/routesettings/(?P<route_key>.+)$")
    wrap(Stage, "__init__", _deployed)
    wrap(Stage, "to_json", _as_shown)
    wrap(Api, "create_stage", _checked)
    wrap(Api, "delete_stage", _known)
    for made in (update_stage, delete_access_log_settings, delete_route_settings):
        setattr(Response, made.__name__, made)
    for name, own in (("get_tags", _get), ("tag_resource", _tag), ("untag_resource", _untag)):
        wrap(Response, name, _of_stages(own))
    index(apigatewayv2_backends, "apigateway:stages", _tagged_stages)


def _tagged_stages(backend: Any) -> Iterator[tuple[str, Any]]:
    for api in backend.apis.values():
        for stage in api.stages.values():
            yield f"{api.arn}/stages/{stage.name}", stage.tags


def _deployed(original: Any) -> Any:
    """Defect: the deployment is lost."""

    def __init__(self: Any, api: Any, config: dict[str, Any]) -> None:
        original(self, api, config)
        self.deployment_id = config.get("deploymentId")

    return __init__


def _as_shown(original: Any) -> Any:
    """Defects: the deployment and what is off are not shown."""

    def to_json(self: Any) -> dict[str, Any]:
        told = {**original(self), "autoDeploy": bool(self.auto_deploy)}
        return filled({**told, "deploymentId": self.deployment_id})

    return to_json


def _checked(original: Any) -> Any:
    """Defects: a stage is made a second time, and one that API Gateway refuses."""

    def create_stage(self: Any, config: dict[str, Any]) -> Any:
        if config["stageName"] in self.stages:
            raise conflict("Stage already exists")
        _check(self, config)
        return original(self, config)

    return create_stage


def _known(original: Any) -> Any:
    """Defect: what is not there is deleted."""

    def delete_stage(self: Any, stage_name: str) -> None:
        self.get_stage(stage_name)
        original(self, stage_name)

    return delete_stage


def _check(api: Any, asked: Mapping[str, Any]) -> None:
    routes = asked.get("routeSettings") or {}
    keys = {one.route_key for one in api.routes.values()}
    for key in routes:
        if key not in keys:
            raise missing(f"Unable to find Route by key {key} within the provided RouteSettings")
    for settings in (asked.get("defaultRouteSettings") or {}, *routes.values()):
        if api.protocol_type == "HTTP" and {"loggingLevel", "dataTraceEnabled"} & settings.keys():
            raise bad("Execution logs are not supported on protocolType HTTP")
    if asked.get("autoDeploy") and asked.get("deploymentId"):
        raise bad("DeploymentId cannot be set for a stage with AutoDeploy")
    logs = asked.get("accessLogSettings") or {}
    if str(logs.get("destinationArn")).endswith(":*"):
        raise bad("Invalid ARN specified in the request: AccessLogSettings.DestinationArn")


def _stage(self: Any) -> tuple[Any, Any]:
    """The API and the stage that the path names."""
    api_id, _, stage = self.path.split("/apis/")[1].split("/")[:3]
    api = self.apigatewayv2_backend.get_api(api_id)
    return api, api.get_stage(unquote(stage))


def update_stage(self: Any) -> Any:
    """UpdateStage, which moto lacks. It leaves what it is not told, and an empty text takes a variable away."""
    (api, stage), asked = _stage(self), json.loads(self.body)
    given = {name: value for name, value in asked.items() if value is not None}
    _check(api, given)
    for name in ("routeSettings", "defaultRouteSettings", "stageVariables"):
        if name in given:
            had = getattr(stage, camelcase_to_underscores(name)) or {}
            given[name] = _merged(had, given[name])
    for name, value in given.items():
        setattr(stage, camelcase_to_underscores(name), value)
    return 200, {}, json.dumps(stage.to_json())


def _merged(had: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    maps = {
        key: _merged(had.get(key, {}), one) for key, one in told.items() if isinstance(one, dict)
    }
    return {key: one for key, one in {**had, **told, **maps}.items() if one != ""}


def delete_access_log_settings(self: Any) -> Any:
    """DeleteAccessLogSettings, which moto lacks."""
    _, stage = _stage(self)
    stage.access_log_settings = None
    return 204, {}, ""


def delete_route_settings(self: Any) -> Any:
    """DeleteRouteSettings, which moto lacks."""
    _, stage = _stage(self)
    key = unquote(self.path.split("/routesettings/")[1])
    if stage.route_settings.pop(key, None) is None:
        raise missing(f"Unable to find settings of the route {key}")
    return 204, {}, ""


def _of_stages(own: Any) -> Any:
    """Defect: stages have no tags of their own, but those that they were made with."""

    def make(original: Any) -> Any:
        def tags(self: Any) -> Any:
            path = unquote(self.path.split("/tags/")[1]).partition("::/apis/")[2]
            api, _, name = path.partition("/stages/")
            if not name:
                return original(self)
            return own(self, self.apigatewayv2_backend.get_api(api).get_stage(name))

        return tags

    return make


def _get(self: Any, stage: Any) -> Any:
    return 200, {}, json.dumps({"tags": stage.tags})


def _tag(self: Any, stage: Any) -> Any:
    tags = {**stage.tags, **json.loads(self.body).get("tags", {})}
    if len(tags) > 50:
        raise bad("Too many tags: a resource has at most 50")
    stage.tags = tags
    return 201, {}, "{}"


def _untag(self: Any, stage: Any) -> Any:
    gone = self.querystring.get("tagKeys") or []
    stage.tags = {key: value for key, value in stage.tags.items() if key not in gone}
    return 204, {}, ""
