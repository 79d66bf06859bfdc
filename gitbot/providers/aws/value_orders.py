"""Which numbers of a type must not fall, such as a least and a most size; by either route. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final

_ENDS: Final = (("Minimum", "Maximum"), ("Min", "Max"))
_PORTS: Final = ("FromPort", "ToPort")
_PROTOCOL: Final = "IpProtocol"
_WITHOUT_PORTS: Final = {"enum": ["-1", "icmp", "icmpv6", "1", "58"]}
_BETWEEN: Final = ("DesiredCapacity", "DesiredSize")


def with_orders(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON Schema of a type, which refuses maps with a least number above the most.

    They go by their names, in the schema itself and in its definitions.
    """
    definitions = {name: _ordered(one) for name, one in schema.get("definitions", {}).items()}
    return {**_ordered(schema), **({"definitions": definitions} if definitions else {})}


def _ordered(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties", {})
    if {*_PORTS, _PROTOCOL} <= properties.keys():
        # Of ICMP they are the type and the code of a message.
        ports = {"anyOf": [{"ascending": [_PORTS]}, {"properties": {_PROTOCOL: _WITHOUT_PORTS}}]}
        below = {"properties": {one: {"maximum": 65535} for one in _PORTS}}
        return {**schema, "allOf": [*schema.get("allOf", ()), ports, below]}
    pairs = list(_pairs(properties))
    return {**schema, "ascending": pairs} if pairs else schema


def _pairs(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    between = [one for one in _BETWEEN if one in properties]
    for name in properties:
        for least, most in _ENDS:
            other = most + name.removeprefix(least)
            if name.startswith(least) and other in properties:
                yield from combinations((name, *between, other), 2)
                break
