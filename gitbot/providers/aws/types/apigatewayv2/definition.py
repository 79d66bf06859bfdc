"""Make APIs of definitions in OpenAPI, as SAM does, or with one route at once. Pure.

A definition says all of an API, its name, routes and integrations. To import it replaces all that, tags included.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-tag-value.html
"""

from __future__ import annotations

import json
from typing import Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.table import Described, Properties, Update
from gitbot.providers.aws.tagging import tag_map

BODY = "Body"
_SPELLED = {"FailOnWarnings": "FailOnWarnings", "BasePath": "Basepath"}
_HOW = tuple(_SPELLED)
"""How a definition is imported, by the names in the API."""
_TAG = "x-amazon-apigateway-tag-value"


def named_by(given: Properties) -> dict[str, Any]:
    """What the creating call needs and a definition says; nothing without one."""
    if BODY not in given:
        return {}
    return {"Name": given[BODY]["info"]["title"], "ProtocolType": "HTTP"}


def _imported(values: Properties, one: Described) -> dict[str, Any]:
    """The parameters of an import, with the tags that the API has: they say whose it is."""
    definition, had = values[BODY], tag_map(one["Tags"])
    own = [{"name": key, _TAG: value} for key, value in sorted(had.items())]
    others = [tag for tag in definition.get("tags") or () if tag.get("name") not in had]
    told = {_SPELLED[name]: values[name] for name in _SPELLED if values.get(name) is not None}
    return {**told, BODY: json.dumps({**definition, "tags": [*others, *own]})}


def _led(values: Properties, _: Described) -> Properties:
    return {name: value for name, value in values.items() if value is not None}


QUICK = ("Target", "RouteKey", "CredentialsArn")
"""What makes an API with one route at once."""
LED = Update(call="update_api", sends=QUICK, parameters=_led)
IMPORT = Update(call="reimport_api", sends=(BODY, *_HOW), along=_HOW, parameters=_imported)
RESETS = {
    "FailOnWarnings": Removal(default=None, says="warnings stop no import"),
    "RouteKey": Removal(default=None, says="the route keeps the key that it has"),
    "BasePath": Removal(default=None, says="the path of a server is ignored"),
}

LIMITS: Properties = {
    "type": "object",
    "required": ["openapi", "info"],
    "properties": {
        "info": {"type": "object", "required": ["title"], "properties": {"title": {"minLength": 1}}}
    },
}
"""What a definition must have: an API has a name."""
WRITTEN = (BODY, *_HOW)
"""What nobody can read back."""
