"""Say how EC2 lists, tags and refuses, for the types that are tables. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_network
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from gitbot.errors import CloudError, InvariantError
from gitbot.model.cloud import Operation
from gitbot.model.tag_limits import TagLimits
from gitbot.model.tags import OPERATION_TAG, RESOURCE_TAG, address_text
from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.ec2_codes import EC2_BUSY, EC2_LAG
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refusals import means
from gitbot.providers.aws.table import Described, Properties
from gitbot.providers.aws.tagging import EC2_TAGS, Marks
from gitbot.providers.aws.types.ec2.common import put_tags, remove_tags, tag_specifications
from gitbot.providers.aws.types.ec2.filters import FILTERED, chunks, literal, passes

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

EC2 = Dialect(
    service="ec2",
    absent=EC2_LAG,
    busy=EC2_BUSY | {"InvalidParameterValue: currently in use"},
    reads=("Describe*",),
)
FEW = 3
"""Up to so many objects are described one by one, where the alternative is to describe all."""


def as_it_is(described: Described) -> Iterator[Described]:
    """The element itself: it is one object."""
    yield described


@dataclass(frozen=True, slots=True)
class Ec2Listing:
    """A ``describe_…`` call with a filter, in pages.

    ``by`` is the filter for identifiers; empty: there is none, and all objects are described, but for a
    few where ``ids`` is the parameter for identifiers. ``value`` makes the filter's value from an identifier.
    ``each`` returns the objects in one element of the answer. ``key`` is the filter for the natural
    key, and the property with its value. ``only`` is a filter that leaves other objects out, and
    its value. ``paged`` says that the call has pages, ``filters`` what it calls its filters.
    """

    call: str
    answer: str
    by: str
    key: tuple[str, str] | None = None
    each: Callable[[Described], Iterable[Described]] = as_it_is
    value: Callable[[str], str] = str
    only: tuple[str, str] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    paged: bool = True
    index: Index | None = None
    calls: tuple[str, ...] = ()
    filters: str = "Filters"
    ids: str = ""

    def __post_init__(self) -> None:
        """Refuse a filter of which nobody has said what it compares with."""
        for name in (*filter(None, [self.by]), *(self.key or ())[:1], *(self.only or ())[:1]):
            if name not in FILTERED:
                raise InvariantError(f"nothing says which values the filter {name} compares with")

    def by_id(self, aws: Connection, ids: Iterable[str]) -> Iterator[Described]:
        """See ``table.Listing``.

        A filter does not fail if one object is gone; a list of identifiers would.
        """
        if self.by:
            return self.matching(aws, self.by, [self.value(one) for one in ids])
        wanted = sorted(set(ids))
        if not self.ids or len(wanted) > FEW:
            return self._described(aws)
        return chain.from_iterable(aws.each(lambda one: self._alone(aws, one), wanted))

    def _alone(self, aws: Connection, own: str) -> list[Described]:
        """The object with this identifier, if there is one."""
        try:
            return list(self._described(aws, **{self.ids: [own]}))
        except CloudError as error:
            if means(error, EC2.absent) or str(error.code).endswith(".Malformed"):
                return []
            raise

    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        return self.matching(aws, f"tag:{OPERATION_TAG}", [operation.token])

    def by_marks(self, aws: Connection, marks: Marks) -> Iterator[Described]:
        """See ``table.Listing``."""
        key, value = marks.tag
        owner = {"Name": f"tag:{key}", "Values": [value]}
        return self.matching(aws, f"tag:{RESOURCE_TAG}", map(address_text, marks.addresses), owner)

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        if self.key is not None and (value := operation.properties.get(self.key[1])):
            yield from self.matching(aws, self.key[0], [str(value)])

    def matching(
        self, aws: Connection, filter_: str, values: Iterable[str], *more: Mapping[str, Any]
    ) -> Iterator[Described]:
        """The objects whose ``filter_`` has one of the values, and that pass the other filters.

        An endpoint may ignore a filter or read it in its own way, so each object is compared again. What several
        threads ask about single values at a time is one call.
        """
        only = () if self.only is None else ({"Name": self.only[0], "Values": [self.only[1]]},)
        for chunk in chunks(values):
            wanted = ({"Name": filter_, "Values": chunk}, *more, *only)
            if len(chunk) == 1 and not more:
                question = (
                    type(self),
                    self.call,
                    self.each,
                    filter_,
                    self.only,
                    str(self.parameters),
                )
                ask = partial(self._filtered, aws, filter_, only)
                objects = aws.gathering.ask(question, chunk[0], ask)
            else:
                objects = self._filtered(aws, filter_, (*more, *only), chunk)
            for found in objects:
                if all(passes(found, each) for each in wanted):
                    yield found

    def _filtered(
        self,
        aws: Connection,
        filter_: str,
        more: Iterable[Mapping[str, Any]],
        values: Sequence[str],
    ) -> list[Described]:
        """The objects that the answer has for one of the values and for the other filters."""
        filters = [
            {**one, "Values": [literal(value) for value in one["Values"]]}
            for one in ({"Name": filter_, "Values": values}, *more)
        ]
        return list(self._described(aws, **{self.filters: filters}))

    def _described(self, aws: Connection, **filters: Any) -> Iterator[Described]:
        parameters = {**filters, **self.parameters}
        answers = (
            aws.pages("ec2", self.call, self.answer, **parameters)
            if self.paged
            else aws.call("ec2", self.call, **parameters)[self.answer]
        )
        for one in answers:
            yield from self.each(one)


@dataclass(frozen=True, slots=True)
class Ec2Tags:
    """Tags for the creating call of this ``kind`` of object; later by the identifier ``target``."""

    kind: str
    target: str
    declared: str = "Tags"
    limits: TagLimits = EC2_TAGS
    late: bool = False
    as_map: bool = False
    calls: tuple[str, ...] = ("create_tags", "delete_tags")

    def at_creation(self, operation: Operation) -> Mapping[str, Any]:
        """See ``table.Tagging``."""
        return {"TagSpecifications": tag_specifications(operation, self.kind)}

    def put(self, aws: Connection, described: Described, tags: Mapping[str, str]) -> None:
        """See ``table.Tagging``."""
        put_tags(aws, described[self.target], tags)

    def remove(self, aws: Connection, described: Described, keys: Iterable[str]) -> None:
        """See ``table.Tagging``."""
        remove_tags(aws, described[self.target], keys)


def is_available(described: Described) -> bool:
    """``ready`` for VPCs, subnets and NAT gateways."""
    return bool(described.get("State") == "available")


def ipv6_blocks(described: Described) -> list[Described]:
    """The blocks of IPv6 addresses that a VPC or a subnet has, or is about to get."""
    blocks = described.get("Ipv6CidrBlockAssociationSet", ())
    return [one for one in blocks if one["Ipv6CidrBlockState"]["State"].startswith("associat")]


def with_canonical_networks(properties: Properties) -> Properties:
    """The properties in the form for comparison: EC2 keeps networks in their canonical form."""
    return {
        name: canonical(value) if name.endswith("CidrBlock") else value
        for name, value in properties.items()
    }


def canonical(network: Any) -> Any:
    """``100.68.0.18/18`` as ``100.68.0.0/18``; anything that is not a network stays as it is."""
    try:
        return str(ip_network(network.strip(), strict=False))
    except (AttributeError, ValueError):
        return network


VPC_SIZES: Final = {"maskLength": [16, 28]}
PART_OF_VPC: Final = {**VPC_SIZES, "blockOf": "VpcId"}
"""Keywords of a VPC's block of IPv4 addresses, and of what lies in it.
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""


def requiring(*names: str) -> Callable[[Properties], Properties]:
    """``refine`` that requires properties which the call needs and the registry leaves optional."""

    def refine(schema: Properties) -> Properties:
        return {**schema, "required": sorted({*schema.get("required", ()), *names})}

    return refine
