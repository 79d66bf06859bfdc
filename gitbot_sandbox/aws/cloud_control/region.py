"""Keep the objects and requests of one account in one region. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from gitbot.reconciler.pointers import Path, parse, value_at
from gitbot_sandbox.aws.cloud_control.refusals import absent, busy, other_request, unknown_request
from gitbot_sandbox.aws.cloud_control.registry import ServedType, part
from gitbot_sandbox.aws.cloud_control.requests import KEPT, TOKEN_HOLDS, Request

Model: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Region:
    """What there is: ``objects`` by type and identifier, write-only values included."""

    objects: dict[str, dict[str, Model]] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    by_client_token: dict[str, str] = field(default_factory=dict)

    def of_type(self, type_name: str) -> dict[str, Model]:
        """The objects of a type by identifier."""
        return self.objects.setdefault(type_name, {})

    def find(self, kind: ServedType, identifier: str) -> str:
        """The primary identifier of the object that a primary or other identifier names.

        Raises:
            Refusal: there is no such object.
        """
        known = self.of_type(kind.name)
        if identifier in known:
            return identifier
        wanted = _as_json(identifier)
        for name, model in known.items():
            if wanted and any(_is_named(model, paths, wanted) for paths in kind.identifiers):
                return name
        raise absent(kind.name, identifier)

    def refuse_busy(self, type_name: str, identifier: str) -> None:
        """Let an open request for the object go on.

        Raises:
            Refusal: the request has still not ended.
        """
        for request in list(self.requests.values()):
            if request.type_name == type_name and request.identifier == identifier:
                request.look()
                if request.is_open:
                    raise busy(type_name, identifier)

    def same_request(
        self, client_token: str, said: tuple[str, ...], now: datetime
    ) -> Request | None:
        """The earlier request with the same client token; it goes on by one step.

        Raises:
            Refusal: that request said something else.
        """
        request = self.requests.get(self.by_client_token.get(client_token, ""))
        if request is None or now - request.began > TOKEN_HOLDS:
            return None
        if request.said != said:
            raise other_request(client_token)
        request.look()
        return request

    def request(self, token: str, now: datetime) -> Request:
        """The request with the token.

        Raises:
            Refusal: there is none, or it is too old.
        """
        found = self.requests.get(token)
        if found is None or now - found.began > KEPT:
            raise unknown_request(token)
        return found

    def known_requests(self, now: datetime) -> list[Request]:
        """The requests that are not too old, the newest first."""
        return [one for one in reversed(self.requests.values()) if now - one.began <= KEPT]

    def keep(self, request: Request, client_token: str) -> None:
        """Keep a new request; an empty client token is none."""
        self.requests[request.token] = request
        if client_token:
            self.by_client_token[client_token] = request.token


def identifier_of(model: Mapping[str, Any], paths: tuple[Path, ...]) -> str | None:
    """The values of an identifier, joined in the schema's order; None if one is missing.

    https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-identifier.html
    """
    parts = [part(model, path) for path in paths]
    return None if None in parts else "|".join(one for one in parts if one is not None)


def _as_json(identifier: str) -> Mapping[str, Any]:
    try:
        data = json.loads(identifier)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _is_named(model: Mapping[str, Any], paths: tuple[Path, ...], wanted: Mapping[str, Any]) -> bool:
    names = {parse(pointer): value for pointer, value in wanted.items()}
    return set(names) == set(paths) and all(
        value_at(model, path) == value for path, value in names.items()
    )
