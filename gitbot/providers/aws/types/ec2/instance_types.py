"""Find machines of a type that the region does not have, before anything is stopped for it. Shell.

EC2 refuses such a type only when the machine is launched, or already stopped to be changed.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.observed import Making, Objection
from gitbot.providers.aws.types.ec2.common import ignoring

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NO_SUCH_TYPE = frozenset({"InvalidInstanceType", "InvalidInstanceType.NotFound"})
_MOST_MEANT = 3


def unknown_instance_types(aws: Connection, makings: Sequence[Making]) -> Iterator[Objection]:
    """An objection to each machine whose type the region does not have.

    One call for each type; where one is unknown, the types of the region are listed, to say what may
    be meant.
    """
    asked = {each.address: _type_of(each) for each in makings if _type_of(each)}
    types = sorted(set(asked.values()))
    known = dict(zip(types, aws.each(lambda one: _is_known(aws, one), types), strict=True))
    if all(known.values()):
        return
    offered = _offered(aws)
    for address, type_ in asked.items():
        if not known[type_]:
            meant = get_close_matches(type_, offered, n=_MOST_MEANT)
            names = ", ".join(f"`{one}`" for one in meant)
            yield Objection(
                address=address,
                why=f"{aws.region} has no instance type `{type_}`.",
                fix=f"Did you mean {names}?" if names else "Choose one that this region has.",
            )


def _type_of(making: Making) -> str:
    """The type that the machine gets; empty where it keeps its own, or the type is not known yet."""
    if making.changed is not None and "InstanceType" not in making.changed:
        return ""
    type_ = making.properties.get("InstanceType")
    return type_ if isinstance(type_, str) else ""


def _is_known(aws: Connection, type_: str) -> bool:
    try:
        aws.call("ec2", "describe_instance_types", InstanceTypes=[type_])
    except CloudError as error:
        ignoring(_NO_SUCH_TYPE, error)
        return False
    return True


def _offered(aws: Connection) -> list[str]:
    listing = ("describe_instance_type_offerings", "InstanceTypeOfferings")
    return sorted({str(one["InstanceType"]) for one in aws.pages("ec2", *listing)})
