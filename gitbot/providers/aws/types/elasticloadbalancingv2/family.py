"""Say how Elastic Load Balancing describes, refuses and tags, for the types that are tables. Shell.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.refusals import means
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Properties

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

ELB = Dialect(
    service="elbv2",
    prefix="elasticloadbalancing",
    absent=frozenset(
        {"LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound", "RuleNotFound"}
    ),
    busy=frozenset({"ResourceInUse"}),
)
NAMES = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
"""The pattern of all names."""


def listing(kind: str, call: str, answer: str, arn: str, name: Name | None, **more: Any) -> Plain:
    """The listing of a type whose objects are described by their ARNs, many in a call.

    ``kind`` is what an ARN names, ``arn`` the ARN's name in descriptions.
    """

    def named(aws: Connection, one: str) -> str | None:
        try:
            [found] = ask(aws, ELB, call, Names=[one])[answer]
        except CloudError as error:
            if means(error, ELB.absent):
                return None
            raise
        return str(found[arn])

    return Plain(
        dialect=ELB,
        call=call,
        answer=answer,
        many=f"{arn}s",
        most=20,
        tags=PlainTags(
            dialect=ELB,
            target=lambda one: {"ResourceArns": [one[arn]]},
            putting="add_tags",
            removing="remove_tags",
            reading="describe_tags",
            answer="TagDescriptions/0/Tags",
        ),
        name=name,
        id_of=named,
        index=Index(f"elasticloadbalancing:{kind}", own=str),
        **more,
    )


def attributes(declared: str, kind: str, arn: str) -> Surface:
    """The property with attributes. An object has more of them: those in a spec are managed."""

    def read(aws: Connection, own: str) -> Any:
        return aws.call("elbv2", f"describe_{kind}_attributes", **{arn: own})["Attributes"]

    def write(aws: Connection, own: str, value: Any) -> None:
        named: dict[str, Any] = {arn: own, "Attributes": list(value)}
        aws.call("elbv2", f"modify_{kind}_attributes", **named)

    return Surface(property=declared, read=read, write=write)


def by_key(properties: Properties, declared: str) -> Properties:
    """The properties with the attributes as a map; a list with an element that is none stays."""
    given = properties.get(declared)
    if not isinstance(given, (list, tuple)):
        return properties
    pairs = [one for one in given if isinstance(one, Mapping) and isinstance(one.get("Key"), str)]
    if len(pairs) < len(given):
        return properties
    return {**properties, declared: {one["Key"]: one.get("Value") for one in pairs}}


PAIRS: Properties = {"uniqueKeys": ["Key"], "minItems": 1}
PAIR: Properties = {"required": ["Key", "Value"]}
"""What a list of attributes and its elements must be."""
