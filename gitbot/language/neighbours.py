"""Finds what AWS refuses because of another resource of the same stack. Pure.

Security groups belong to the network of the subnets beside them, and routes have the form that the protocol of their
API wants. What names an object of elsewhere is left to AWS.
https://docs.aws.amazon.com/vpc/latest/userguide/security-groups.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from gitbot.language.nodes import place_of
from gitbot.language.written import Written
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.model.values import Unknown, Value

Desired: TypeAlias = Mapping[Address, DesiredResource]
Path: TypeAlias = tuple[str | int, ...]
_VPC, _SUBNET, _GROUP = "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup"
_ASSOCIATION: Final = "AWS::EC2::SecurityGroupVpcAssociation"
"""Lets a group be used in other networks than its own."""
_API, _ROUTE = "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Route"
_SUBNETS: Final = ("SubnetId", "SubnetIds", "Subnets")
_GROUPS: Final = ("SecurityGroupIds", "SecurityGroups", "GroupSet", "Groups")
_PEOPLES: Final = frozenset({"Environment", "Parameters", "Variables"})
_PLAIN: Final = (str, int, bool, Unknown)
_DEFAULT_BLOCK: Final = "172.31."
_HTTP_KEY: Final = re.compile(r"\$default|[A-Za-z]+ /\S*")


def check_neighbours(desired: Desired, written: Mapping[Address, Written]) -> None:
    """Add a problem for each group of another network than a subnet beside it, and each route without its form."""
    types = {one.type for one in desired.values()}
    both = {_SUBNET, _GROUP} <= types and _ASSOCIATION not in types
    for address, one in desired.items():
        for path, beside in _maps(one.properties, ()) if both else ():
            _check_groups(desired, written[address], path, beside)
        if one.type == _ROUTE:
            _check_route(desired, written[address], one.properties)


def _maps(value: Value, path: Path) -> Iterator[tuple[Path, Mapping[str, Value]]]:
    """Every map of the tree, with its path, but for those whose keys are people's own."""
    if isinstance(value, Mapping):
        yield path, value
        for name, item in value.items():
            if type(item) not in _PLAIN and name not in _PEOPLES:
                yield from _maps(item, (*path, name))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _maps(item, (*path, index))


def _check_groups(desired: Desired, one: Written, path: Path, beside: Mapping[str, Value]) -> None:
    """Add a problem for the first group in the map that cannot be used in a subnet there."""
    for subnet in (
        found for name in _SUBNETS for _, found in _named(desired, beside, name, _SUBNET)
    ):
        home = _network(desired, subnet)
        for name in _GROUPS:
            for index, group in _named(desired, beside, name, _GROUP):
                if _apart(desired, home, other := _network(desired, group)):
                    what = f"{group.address} is a group of {_words(other)}, and {subnet.address} is a subnet of {home}."
                    fix = f"Give {group.address} the VpcId of {subnet.address}, or name a group of its network."
                    add_at("group-elsewhere", one, (*path, name, *index), what, fix)
                    return


def _named(
    desired: Desired, beside: Mapping[str, Value], name: str, type_: str
) -> Iterator[tuple[Path, DesiredResource]]:
    """The resources of the type that a property names, each with its place in a list."""
    value = beside.get(name)
    items = list(enumerate(value)) if isinstance(value, (list, tuple)) else [(None, value)]
    for index, item in items:
        found = referred(desired, item)
        if found is not None and found.type == type_:
            yield (() if index is None else (index,)), found


def referred(desired: Desired, value: Value) -> DesiredResource | None:
    """The one resource of the stack that the value comes from; None where that is not sure."""
    names = {*value.references.values()} if isinstance(value, Unknown) else set()
    return desired.get(names.pop()) if len(names) == 1 else None


def _network(desired: Desired, one: DesiredResource) -> str | None:
    """The network of a subnet or group: an address, an identifier, empty for the default one; None: not known."""
    if "VpcId" not in one.properties:
        return "" if one.type == _GROUP and one.lifecycle.import_id is None else None
    value = one.properties["VpcId"]
    found = referred(desired, value)
    if found is not None:
        return found.address if found.type == _VPC else None
    return value if isinstance(value, str) else None


def _apart(desired: Desired, home: str | None, other: str | None) -> bool:
    """Whether these are two networks for sure: a resource may be the one that an identifier names."""
    if not home or other is None or home == other:
        return False
    own = desired.get(Address(home))
    if other:
        return (own is None) is (desired.get(Address(other)) is None)
    # No new network is the default one, which has the same block everywhere.
    block = own.properties.get("CidrBlock") if own is not None else None
    imported = own is None or own.lifecycle.import_id is not None
    return not imported and isinstance(block, str) and not block.startswith(_DEFAULT_BLOCK)


def _words(network: str | None) -> str:
    return network or "the default VPC (it has no VpcId)"


def _check_route(desired: Desired, one: Written, properties: Mapping[str, Value]) -> None:
    """Add a problem where an HTTP API of the stack does not take the key of its route."""
    api, key = referred(desired, properties.get("ApiId")), properties.get("RouteKey")
    if api is None or api.type != _API or not isinstance(key, str):
        return
    if api.properties.get("ProtocolType") == "HTTP" and not _HTTP_KEY.fullmatch(key):
        what = f"RouteKey {key} is no route of {api.address}, which is an HTTP API."
        fix = "Write a method and a path, such as `GET /pets/{id}` or `ANY /`, or `$default`."
        add_at("property-value", one, ("RouteKey",), what, fix)


def add_at(code: str, one: Written, path: Path, what: str, fix: str) -> None:
    """Add a problem at the path of a resource's properties."""
    mark = one.home if one.properties is None else place_of(one.properties, path)
    one.problems.add(code, mark, what, fix)
