"""Read objects that nobody manages yet. Shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from gitbot.adapters.clock import SystemClock
from gitbot.errors import UserError
from gitbot.language.adopting import Existing
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Observation, Present, ReadRequest
from gitbot.model.schema import TypeSchema
from gitbot.providers.aws.catalog import Catalog, open_catalog
from gitbot.providers.aws.clouds import AwsClouds
from gitbot.providers.aws.strays import tagged
from gitbot.providers.aws.tagged_apart import belonging_to, tagged_apart
from gitbot.reconciler.named_by import named_by

if TYPE_CHECKING:
    from gitbot.providers.aws.cloud import AwsCloud
    from gitbot.providers.aws.connection import Connection

_Named: TypeAlias = tuple[str, RemoteId]
_NOTHING_TAGGED = (
    "nothing that can be adopted has such a tag, as far as AWS's index of tags knows gitbot's types"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Objects that can be adopted, and sentences about those with a tag that cannot."""

    objects: tuple[Existing, ...]
    remarks: tuple[str, ...]


def read_existing(
    environment: Environment, pairs: Sequence[tuple[str, str]], tags: Sequence[tuple[str, str]]
) -> Read:
    """The objects of these types and identifiers, and all that have one of these tags, with what belongs to
    those and cannot have tags.

    AWS's index of tags names what was deleted lately, and what another stack manages: these are left out.

    Raises:
        UserError: a type is not served, an object of ``pairs`` does not exist or is another stack's, or
            nothing has a tag.
    """
    catalog = open_catalog()
    cloud = AwsClouds(catalog, SystemClock(), hide=str).open(environment, Purpose.PLAN)
    named = [(type_, RemoteId(identifier)) for type_, identifier in pairs]
    having_tags = dict.fromkeys(
        each for key, value in tags for each in _having_tag(cloud.aws, key, value)
    )
    objects, refused = _read(cloud, catalog, [*dict.fromkeys((*named, *having_tags))])
    for each, why in refused.items():
        if each in named:
            raise UserError(why)
    if not objects:
        raise UserError(_NOTHING_TAGGED)
    belonging = [
        (type_, RemoteId(own))
        for type_, own in belonging_to(cloud.aws, [each for each in objects if each in having_tags])
    ]
    parts, _ = _read(
        cloud, catalog, [each for each in dict.fromkeys(belonging) if each not in objects]
    )
    return Read(
        objects=tuple({**objects, **parts}.values()),
        remarks=tuple(f"left out: {why}" for why in refused.values()),
    )


def _having_tag(aws: Connection, key: str, value: str) -> Iterator[_Named]:
    for one in tagged(aws, {"Key": key, "Values": [value]}):
        yield one.type, one.found.remote_id
    for type_, own in tagged_apart(aws, key, value):
        yield type_, RemoteId(own)


def _read(
    cloud: AwsCloud, catalog: Catalog, wanted: Sequence[_Named]
) -> tuple[Mapping[_Named, Existing], Mapping[_Named, str]]:
    """The objects that can be adopted, and why the others cannot."""
    schemas = {type_: _schema(catalog, type_) for type_, _ in wanted}
    requests = [
        _request(at, type_, remote_id, schemas[type_])
        for at, (type_, remote_id) in enumerate(wanted)
    ]
    seen = cloud.read(requests)
    objects: dict[_Named, Existing] = {}
    refused: dict[_Named, str] = {}
    for request in requests:
        found, own = seen[request.address], (request.type, request.remote_id)
        why = _refusal(request, found)
        if isinstance(found, Present) and not why:
            objects[own] = _existing(found, schemas[request.type])
        else:
            refused[own] = why
    return objects, refused


def _existing(found: Present, schema: TypeSchema) -> Existing:
    return Existing(
        remote_id=found.remote_id,
        properties=found.properties,
        known=named_by(found.remote_id, found.properties, found.properties),
        schema=schema,
    )


def _request(at: int, type_: str, remote_id: RemoteId, schema: TypeSchema) -> ReadRequest:
    """What to read of the object; ``at`` stands for its address, which it does not have yet."""
    return ReadRequest(
        address=Address(str(at)),
        type=type_,
        remote_id=remote_id,
        route=schema.route,
        surfaces=_surfaces(schema),
    )


def _refusal(request: ReadRequest, found: Observation) -> str:
    """Why the object cannot be adopted; empty when it can."""
    what = f"{request.type} {request.remote_id}"
    if not isinstance(found, Present):
        return f"there is no {what} in the environment's region"
    if found.ownership:
        return f"{what} has gitbot's tags: a stack manages it already"
    return ""


def _schema(catalog: Catalog, type_: str) -> TypeSchema:
    schema = catalog.lookup(type_)
    if schema is None or not schema.served:
        raise UserError(
            f"{type_} is no type that gitbot manages: docs/resource-types.md lists them"
        )
    return schema


_SAID_OTHERWISE: Final = {"AWS::EC2::Instance": frozenset({"Volumes"})}
"""What other properties, or resources of their own, say of the same parts."""


def _surfaces(schema: TypeSchema) -> frozenset[str]:
    """All properties that are managed, but for those that say again what others say."""
    if schema.handled is None:
        return frozenset(schema.json_schema.get("properties", {}))
    managed = frozenset(path.split("/")[1] for path in schema.handled)
    return managed - _SAID_OTHERWISE.get(schema.name, frozenset())
