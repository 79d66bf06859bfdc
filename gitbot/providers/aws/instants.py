"""Write instants in one spelling. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def one_instant(value: Any) -> Any:
    """The instant, a ``datetime`` or text in the form of ISO 8601, as text in UTC; anything else as it is."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
