"""The tags that mark gitbot's objects, and the reserved prefixes of tags. Pure."""

from __future__ import annotations

import re
from typing import Final

from gitbot.model.names import Address

STACK_TAG: Final = "gitbot:stack"
"""``<environment>/<stack>``, for people."""
RESOURCE_TAG: Final = "gitbot:resource"
"""The object's address in its stack, as ``address_text`` spells it."""
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

MOST_IN_A_TAG: Final = 256
"""How many characters the value of a tag can have."""

_COPY: Final = re.compile(r'\["([^"]*)"\]')
_ESCAPE: Final = re.compile("(?:=[0-9A-F]{2})+")


def address_text(address: Address) -> str:
    """The address as a tag can hold it: ``data["a b"].bucket`` is ``data/a=20b.bucket``.

    Tags take letters, digits, spaces and ``_.:/=+-@``:
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
    """
    return _COPY.sub(lambda found: "/" + _escaped(found[1]), address)


def address_from(text: str) -> Address:
    """The address that ``address_text`` spelled so."""
    steps = []
    for step in text.split("."):
        key, *copy = step.split("/", 1)
        steps.append(key + "".join(f'["{_unescaped(one)}"]' for one in copy))
    return Address(".".join(steps))


def _escaped(key: str) -> str:
    return "".join(
        each if each.isascii() and (each.isalnum() or each in "_-") else _bytes(each)
        for each in key
    )


def _bytes(text: str) -> str:
    return "".join(f"={each:02X}" for each in text.encode())


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(
        lambda found: bytes.fromhex(found[0].replace("=", "")).decode(errors="replace"), text
    )
