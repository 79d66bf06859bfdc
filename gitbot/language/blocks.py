"""Finds blocks of addresses that do not fit into their network, where one stack has both. Pure.

The schema of a property says ``blockOf``: the property beside it that names the network, which has blocks of its own
under the same name. With ``blockAdded`` the block is one more of the network's, as ``AWS::EC2::VPCCidrBlock`` gives.
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, TypeAlias

from gitbot.language.nodes import place_of
from gitbot.language.written import Written
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.model.values import Unknown, Value

Desired: TypeAlias = Mapping[Address, DesiredResource]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A block, and the network that it is of: by the address of its resource, or as it is written.

    ``network`` is None where nobody knows the block yet.
    """

    of: Address | str
    address: Address
    name: str
    adds: bool
    network: IPv4Network | None


def check_blocks(desired: Desired, written: Mapping[Address, Written]) -> None:
    """Add a problem for each block that lies outside of its network, and for each that overlaps another one."""
    first = {one.type: address for address, one in desired.items()}
    names = {type_: _names(written[address]) for type_, address in first.items()}
    if not any(names.values()):
        return
    parts = {address for address, one in desired.items() if names[one.type]}
    blocks = [
        block
        for one in desired.values()
        for block in _blocks(one, names[one.type])
        if block.of not in parts  # it names its network by another part: nobody looks further
    ]
    before: dict[Address | str, list[_Block]] = {}
    for block in blocks:
        if block.network is None or block.adds:
            continue
        whole = _whole(block, blocks, desired)
        if whole and not any(block.network.subnet_of(one) for one in whole):
            texts = " and ".join(map(str, whole))
            _add("block-outside", block, f"lies outside of {block.of}, which has {texts}", written)
        for other in before.get(block.of, ()):
            if other.network is not None and block.network.overlaps(other.network):
                what = f"overlaps {other.network} of {other.address}"
                _add("block-overlaps", block, what, written)
        before.setdefault(block.of, []).append(block)


def _names(written: Written) -> Mapping[str, Mapping[str, Any]]:
    """The properties of the type that are blocks of a network, with their schemas."""
    schema = written.type.schema.json_schema if written.type is not None else {}
    return {name: one for name, one in schema.get("properties", {}).items() if "blockOf" in one}


def _blocks(one: DesiredResource, names: Mapping[str, Mapping[str, Any]]) -> Iterator[_Block]:
    for name, schema in names.items():
        of = _network(one.properties.get(schema["blockOf"]))
        if of and name in one.properties:
            yield _Block(
                of=of,
                address=one.address,
                name=name,
                adds="blockAdded" in schema,
                network=_parsed(one.properties[name]),
            )


def _network(value: Value) -> Address | str:
    """Which network a property names; empty where that is not known."""
    if isinstance(value, Unknown):
        named = [*value.references.values()]
        return named[0] if len(named) == 1 else ""
    return value if isinstance(value, str) else ""


def _parsed(value: Value) -> IPv4Network | None:
    try:
        return IPv4Network(value, strict=False) if isinstance(value, str) else None
    except ValueError:
        return None  # another check says so


def _whole(block: _Block, blocks: list[_Block], desired: Desired) -> list[IPv4Network]:
    """The blocks of the block's network; none where one of them is not known."""
    network = desired.get(Address(block.of))
    if network is None:
        return []
    own = _parsed(network.properties.get(block.name))
    added = [one.network for one in blocks if one.adds and one.of == block.of]
    found = [one for one in (own, *added) if one is not None]
    return found if len(found) == 1 + len(added) else []


def _add(code: str, block: _Block, what: str, written: Mapping[Address, Written]) -> None:
    one = written[block.address]
    node = one.properties
    mark = one.home if node is None else place_of(node, (block.name,))
    text = f"{block.name} of {block.address}, {block.network}, {what}."
    one.problems.add(code, mark, text, "Give each a part of the network of its own.")
