"""What the API answers when it does not do what was asked: problems of RFC 9457. Pure.

https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitbot.model.values import Json

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of problem. ``advice`` says what the caller can do about it."""

    name: str
    status: int
    title: str
    advice: str

    @property
    def uri(self) -> str:
        """The kind as problems name it. Programs tell kinds apart by this, not by the title."""
        return f"urn:gitbot:problem:{self.name}"


INVALID = Kind(
    name="invalid",
    status=400,
    title="The request is not valid",
    advice="Change what the detail names. /api/v1/openapi.json describes each request.",
)
UNAUTHORIZED = Kind(
    name="unauthorized",
    status=401,
    title="No valid token",
    advice="Get a token with `gitbot login` and send it as `Authorization: Bearer gbt_…`.",
)
FORBIDDEN = Kind(
    name="forbidden",
    status=403,
    title="You may not do this",
    advice="Ask somebody who may. The detail says who that is.",
)
NOT_FOUND = Kind(
    name="not-found",
    status=404,
    title="Not found",
    advice="Check the names. What you have no read access to on GitHub is not found either.",
)
WRONG_METHOD = Kind(
    name="wrong-method",
    status=405,
    title="The address does not take this method",
    advice="Use a method that the header Allow names.",
)
CONFLICT = Kind(
    name="conflict",
    status=409,
    title="The world has moved, or is busy",
    advice="Look again, and decide on what is there now.",
)
GONE = Kind(
    name="gone",
    status=410,
    title="Its time is over",
    advice="Begin anew.",
)
TOO_LARGE = Kind(
    name="too-large",
    status=413,
    title="The request is too large",
    advice="Send a smaller body.",
)
NOT_JSON = Kind(
    name="not-json",
    status=415,
    title="The body is not JSON",
    advice="Send JSON with the header `Content-Type: application/json`.",
)
TOO_MANY = Kind(
    name="too-many-requests",
    status=429,
    title="Too many requests",
    advice="Wait for as many seconds as the header Retry-After says.",
)
FAILED = Kind(
    name="failed",
    status=500,
    title="gitbot failed",
    advice="Tell whoever runs the server; its log says why.",
)
UNAVAILABLE = Kind(
    name="unavailable",
    status=503,
    title="Not possible now",
    advice="Wait for as many seconds as the header Retry-After says, and ask again.",
)

KINDS = {
    kind.status: kind
    for kind in (
        INVALID,
        UNAUTHORIZED,
        FORBIDDEN,
        NOT_FOUND,
        WRONG_METHOD,
        CONFLICT,
        GONE,
        TOO_LARGE,
        NOT_JSON,
        TOO_MANY,
        FAILED,
        UNAVAILABLE,
    )
}


class ApiError(Exception):
    """Ends a request with a problem. ``detail`` is for the person who asked."""

    def __init__(self, kind: Kind, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})


def body_of(kind: Kind, detail: str) -> dict[str, Json]:
    """The problem as JSON."""
    return {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "advice": kind.advice,
    }


SCHEMA: dict[str, Json] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "advice"],
    "properties": {
        "type": {"type": "string", "enum": [kind.uri for kind in KINDS.values()]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "advice": {"type": "string"},
    },
}
"""What ``body_of`` makes, as JSON Schema."""
