"""Makes the OpenAPI 3.1 document of the API from its table of routes. Pure.

https://spec.openapis.org/oas/v3.1.1
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gitbot.webhooks.api.problems import KINDS, MEDIA_TYPE, SCHEMA
from gitbot.webhooks.api.routes import NAMES, Route, Schema

_ALWAYS = frozenset({429, 500, 503})
_HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"schema": {"type": "string", "pattern": "^[0-9]+$"}}},
    503: {"Retry-After": {"schema": {"type": "string", "pattern": "^[0-9]+$"}}},
}


def document(routes: Sequence[Route], *, root: str, version: str) -> dict[str, Any]:
    """The document. ``root`` is the path that all routes are below."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gitbot",
            "version": version,
            "description": "Asks a server of gitbot what it knows, with the rights that you have on "
            "GitHub. Every refusal is a problem of RFC 9457.",
        },
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": SCHEMA},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def statuses(route: Route) -> frozenset[int]:
    """The statuses that the route may refuse with."""
    found = set(_ALWAYS | route.problems)
    if not route.public:
        found.add(401)
    if route.parts:
        found.add(404)
    # A parameter that there is none of is refused too.
    found.add(400)
    if route.body is not None:
        found |= {413, 415}
    return frozenset(found)


def _operation(route: Route) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "security": [] if route.public else [{"token": []}],
        "parameters": [
            *(_parameter(name, "path", NAMES[name]) for name in route.parts),
            *(_parameter(name, "query", schema) for name, schema in route.query.items()),
        ],
        "responses": {
            **{str(status): _answer(status, schema) for status, schema in route.answers.items()},
            **{str(status): _refusal(status) for status in sorted(statuses(route))},
        },
    }
    if route.body is not None:
        content = {"application/json": {"schema": route.body}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _parameter(name: str, where: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _answer(status: int, schema: Schema | None) -> dict[str, Any]:
    made: dict[str, Any] = {"description": "Done" if schema is None else "What was asked for"}
    if status == 202:
        made["description"] = "Taken: it is not done yet"
    if schema is not None:
        made["content"] = {"application/json": {"schema": schema}}
    return made


def _refusal(status: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": KINDS[status].title,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in _HEADERS:
        made["headers"] = _HEADERS[status]
    return made
