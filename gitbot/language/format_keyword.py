"""The schema keywords for blocks of addresses and for the objects that identifiers name. Pure.

``format`` says what a text must be. ``maskLength``, a keyword of gitbot's own, is the least and the most
length of the mask of a block of addresses.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from gitbot.language.object_kinds import kind_of_text, misplaced, wanted_by
from gitbot.language.validator import Check, Errors, Keyword, SchemaDocument
from gitbot.language.value_keywords import matches, with_reason

# The prefixes of identifiers, for the formats that are worth checking before a call.
_ID_PREFIXES = {
    "AWS::EC2::SecurityGroup.Id": "sg",
    "AWS::EC2::Subnet.Id": "subnet",
    "AWS::EC2::VPC.Id": "vpc",
    "AWS::EC2::Image.Id": "ami",
}
_NETWORKS = {"ipv4-network": "4", "ipv6-network": "6"}
_BLOCKS = {"4": "203.0.113.5/32", "6": "2001:db8::/32"}


def _is_network(version: str, text: str) -> bool:
    """Whether AWS takes the text: it clears host bits itself, but needs the length of the mask."""
    try:
        return "/" in text and str(ipaddress.ip_network(text, strict=False).version) == version
    except ValueError:
        return False


def _format(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    name = limit if isinstance(limit, str) else ""
    version = _NETWORKS.get(name)
    prefix = _ID_PREFIXES.get(name)

    def misfit(value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        if version and not _is_network(version, value):
            return f"is not a block of IPv{version} addresses such as {_BLOCKS[version]}"
        if prefix and not matches(rf"^{prefix}-[0-9a-f]+$", value):
            return f"does not look like {prefix}-0123456789abcdef0"
        return None

    form = with_reason("format", misfit, limit, schema)
    wanted = wanted_by({"format": name}) if name else frozenset()
    if not wanted:
        return form

    def of_another_kind(value: Any) -> str | None:
        return misplaced(kind_of_text(value), wanted) or None if isinstance(value, str) else None

    kind = with_reason("kind", of_another_kind, limit, schema)

    def check(value: Any, found: Errors) -> None:
        before = len(found)
        kind(value, found)
        if len(found) == before:
            form(value, found)

    return check


def _mask_length(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    least, most = limit

    def misfit(value: Any) -> str | None:
        length = value.rpartition("/")[2] if isinstance(value, str) and "/" in value else ""
        if not length.isdecimal() or least <= int(length) <= most:
            return None
        return f"is not between a /{least} and a /{most} block"

    return with_reason("maskLength", misfit, limit, schema)


FORMAT_KEYWORDS: Mapping[str, Keyword] = {"format": _format, "maskLength": _mask_length}
