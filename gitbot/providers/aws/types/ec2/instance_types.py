"""Find machines of a type that the region does not have, before anything is stopped for it. Shell.

EC2 refuses such a type only when the machine is launched, or already stopped to be changed.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.observed import Making, Objection
from gitbot.model.placement import PLACEMENT
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
    asked = [(each.address, type_) for each in makings for type_ in _types_of(each)]
    types = sorted({type_ for _, type_ in asked})
    known = dict(zip(types, aws.each(lambda one: _is_known(aws, one), types), strict=True))
    if all(known.values()):
        return
    offered = _offered(aws)
    for address, type_ in asked:
        if not known[type_]:
            meant = get_close_matches(type_, offered, n=_MOST_MEANT)
            names = ", ".join(f"`{one}`" for one in meant)
            yield Objection(
                address=address,
                why=f"{aws.region} has no instance type `{type_}`.",
                fix=f"Did you mean {names}?" if names else "Choose one that this region has.",
            )


def _types_of(making: Making) -> list[str]:
    """The types that the machine can get, as far as they are known; none where it keeps its own."""
    if making.changed is not None and "InstanceType" not in making.changed:
        return []
    choices = making.properties.get(PLACEMENT)
    listed = choices.get("instanceTypes") if isinstance(choices, Mapping) else None
    types = [making.properties.get("InstanceType"), *(listed if isinstance(listed, list) else ())]
    return [one for one in types if isinstance(one, str)]


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
