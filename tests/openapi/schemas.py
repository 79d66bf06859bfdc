"""Turn GitHub's descriptions into validators that say what a call or delivery has wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import jsonschema_rs

from tests.openapi.fetch import fetch

BASE = "urn:github"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call through the API: what was sent and what came back."""

    method: str
    path: str
    sent: Any
    status: int
    answer: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


def _modern(node: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` as JSON Schema says it, and references made absolute."""
    if isinstance(node, list):
        return [_modern(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {k: _modern(v) for k, v in node.items() if k not in ("nullable", "example", "examples")}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = made["$ref"].replace("#/", f"{BASE}#/", 1)
    if node.get("nullable") is not True:
        return made
    return {"anyOf": [made, {"type": "null"}]}


class Api:
    """The REST API's description."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._paths: dict[str, Any] = document["paths"]
        self._components = document["components"]
        resource = {"components": {"schemas": _modern(document["components"]["schemas"])}}
        self._registry = jsonschema_rs.Registry([(BASE, resource)])
        self._patterns = [
            (re.compile("/" + re.sub(r"\{[^}]+\}", "[^/]+", p.strip("/")) + "$"), p)
            for p in sorted(self._paths, key=lambda p: p.count("{"))
        ]

    @classmethod
    @cache
    def load(cls) -> Self:
        """From the fetched file."""
        return cls(json.loads(fetch("api.json").read_text()))

    def template(self, path: str) -> str | None:
        """The described path that an address belongs to."""
        if "/contents/" in path or "/compare/" in path or "/git/" in path:
            path = _one_segment(path)
        return next((name for pattern, name in self._patterns if pattern.match(path)), None)

    def problems(self, exchange: Exchange) -> list[str]:
        """What is wrong with it; a status that is not described is not."""
        template = self.template(exchange.path)
        operation = self._paths.get(template or "", {}).get(exchange.method.lower())
        if operation is None:
            return [f"{exchange}: GitHub has no such operation"]
        found = []
        if exchange.sent is not None:
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            found += self._check(f"{exchange}: request", schema, exchange.sent)
        response = self._response(operation, exchange.status)
        if response is not None and (exchange.status < 400 or "content" in response):
            content = response.get("content", {})
            schema = content.get("application/json", {}).get("schema")
            found += self._check(f"{exchange}: answer", schema, exchange.answer)
        return found

    def _response(self, operation: dict[str, Any], status: int) -> dict[str, Any] | None:
        response = operation["responses"].get(str(status))
        if response is not None and "$ref" in response:
            response = self._components["responses"][response["$ref"].rpartition("/")[2]]
        return response

    def _check(self, where: str, schema: Any, value: Any) -> list[str]:
        if schema is None:
            return [] if value in (None, {}) else [f"{where}: nothing was to be said"]
        validator = jsonschema_rs.Draft7Validator(_modern(schema), registry=self._registry)
        return [
            f"{where} at {'/'.join(map(str, e.instance_path))}: {_short(e.message)}"
            for e in validator.iter_errors(value)
        ]


def _short(message: str) -> str:
    """A message without most of the value that it quotes."""
    return message if len(message) < 300 else f"{message[:100]} … {message[-150:]}"


def _one_segment(path: str) -> str:
    """Parameters that span slashes (paths, refs) folded into one segment."""
    folded = re.sub(r"(/contents)/.*$", r"\1/x", path)
    folded = re.sub(r"(/compare)/.+$", r"\1/x", folded)
    return re.sub(r"(/git/(?:ref|refs|matching-refs))/.+$", r"\1/x", folded)


def _lenient(node: Any) -> Any:
    """A schema that lets further properties be."""
    if isinstance(node, list):
        return [_lenient(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if not (k == "additionalProperties" and v is False)}
    return {k: _lenient(v) for k, v in kept.items()}


class Webhooks:
    """The webhooks' schemas."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._strict = document["definitions"]
        self._lenient = _lenient(document["definitions"])

    @classmethod
    @cache
    def load(cls) -> Self:
        """From the fetched file."""
        return cls(json.loads(fetch("webhooks.json").read_text()))

    def problems(self, event: str, payload: Any) -> list[str]:
        """What is wrong with a delivery; further properties are not."""
        return self._check(self._lenient, event, payload)

    def additions(self, event: str, payload: Any) -> list[str]:
        """What the strict schema says beyond that: mostly properties younger than it."""
        return self._check(self._strict, event, payload)

    def _check(self, definitions: dict[str, Any], event: str, payload: Any) -> list[str]:
        name = f"{event}${payload.get('action', 'event')}"
        if name not in definitions:
            return [f"GitHub has no delivery {name}"]
        schema = {"$ref": f"#/definitions/{name}", "definitions": definitions}
        return [
            f"{name} at {'/'.join(map(str, e.instance_path))}: {_short(e.message)}"
            for e in jsonschema_rs.Draft7Validator(schema).iter_errors(payload)
        ]
