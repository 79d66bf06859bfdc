"""Make APIs of definitions in OpenAPI, as SAM does. Shell.

A definition says all of an API, its name, routes and integrations. To import it replaces all that, tags included.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-tag-value.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Properties

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

BODY = "Body"
_TAG = "x-amazon-apigateway-tag-value"


def named_by(given: Properties) -> dict[str, Any]:
    """What the creating call needs and a definition says; nothing without one."""
    if BODY not in given:
        return {}
    return {"Name": given[BODY]["info"]["title"], "ProtocolType": "HTTP"}


def _write(aws: Connection, api: str, value: Any) -> None:
    had = aws.call("apigatewayv2", "get_api", ApiId=api).get("Tags") or {}
    aws.call("apigatewayv2", "reimport_api", ApiId=api, Body=json.dumps(_with_tags(value, had)))


def _with_tags(definition: Mapping[str, Any], had: Mapping[str, str]) -> dict[str, Any]:
    """The definition with the tags that the API has: they say whose it is."""
    own = [{"name": key, _TAG: value} for key, value in sorted(had.items())]
    others = [one for one in definition.get("tags") or () if one.get("name") not in had]
    return {**definition, "tags": [*others, *own]}


DEFINITION = Surface(property=BODY, write=_write)

LIMITS: Properties = {
    "type": "object",
    "required": ["openapi", "info"],
    "properties": {
        "info": {"type": "object", "required": ["title"], "properties": {"title": {"minLength": 1}}}
    },
}
"""What a definition must have: an API has a name."""
