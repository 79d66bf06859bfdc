"""Gives lists out in pages, each with an opaque cursor for the next one. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from gitbot.model.values import Json
from gitbot.webhooks.api.problems import INVALID, ApiError
from gitbot.webhooks.api.routes import Answer, Call, Schema

MOST = 100

QUERY: dict[str, Schema] = {
    "limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST,
        "default": MOST,
        "description": "how many items at most",
    },
    "after": {
        "type": "string",
        "maxLength": 1000,
        "description": "`next` of the page before",
    },
}
"""The parameters of every list."""


def listed(items: Schema) -> Schema:
    """The schema of a page of such items."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": items, "maxItems": MOST},
            "next": {"type": ["string", "null"]},
        },
    }


def after(call: Call) -> str:
    """The key that the page begins after; empty for the first page.

    Raises:
        ApiError: the cursor is none of ours.
    """
    cursor = call.query.get("after", "")
    try:
        return base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise ApiError(INVALID, "after is not the `next` of a page") from error


def page(call: Call, found: Iterable[tuple[str, Json]]) -> Answer:
    """A page of what was found, which is sorted by key and begins after ``after``.

    Takes no more of it than the page needs, so it may be made while it is read.
    """
    limit = call.query.get("limit", MOST)
    first = list(islice(found, limit + 1))
    items: list[Any] = [item for _, item in first[:limit]]
    if len(first) <= limit:
        return Answer(body={"items": items, "next": None})
    cursor = base64.urlsafe_b64encode(first[limit - 1][0].encode()).decode()
    query = urlencode({**call.query, "after": cursor})
    return Answer(
        body={"items": items, "next": cursor},
        headers={"Link": f'<{call.address}?{query}>; rel="next"'},
    )
