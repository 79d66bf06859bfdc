"""The tags that mark gitbot's objects, and the reserved prefixes of tags. Pure."""

from __future__ import annotations

from typing import Final

STACK_TAG: Final = "gitbot:stack"
"""``<environment>/<stack>``, for people."""
RESOURCE_TAG: Final = "gitbot:resource"
"""The object's address in its stack."""
OPERATION_TAG: Final = "gitbot:operation"
"""The id of the operation that created the object; recovery finds it by this."""
LINEAGE_TAG: Final = "gitbot:lineage"
"""The lineage of the state that owns the object."""

BUSY_TAG: Final = "gitbot:busy-until"
"""Until when a machine works. Its job writes and renews it: nobody else may write such a key."""
EXPIRES_TAG: Final = "gitbot:expires"
"""When the object's stack expires, for people: an instant in UTC, or ``never`` (any more)."""

RESERVED_TAG_PREFIXES: Final = ("aws:", "gitbot:")
"""A spec cannot set tags whose names start with these."""
