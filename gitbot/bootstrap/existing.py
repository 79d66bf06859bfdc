"""Read objects that nobody manages yet. Shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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


def read_existing(
    environment: Environment, pairs: Sequence[tuple[str, str]], tags: Sequence[tuple[str, str]]
) -> tuple[Existing, ...]:
    """The objects of these types and identifiers, and all that have one of these tags.

    Raises:
        UserError: a type is not served, an object does not exist or is another stack's, or none has a tag.
    """
    catalog = open_catalog()
    cloud = AwsClouds(catalog, SystemClock(), hide=lambda text: text).open(
        environment, Purpose.PLAN
    )
    wanted = dict.fromkeys((type_, RemoteId(identifier)) for type_, identifier in pairs)
    for key, value in tags:
        for one in tagged(cloud.aws, {"Key": key, "Values": [value]}):
            wanted[one.type, one.found.remote_id] = None
    if not wanted:
        raise UserError(
            "nothing has such a tag, as far as AWS's index of tags knows gitbot's types"
        )
    schemas = {type_: _schema(catalog, type_) for type_, _ in wanted}
    requests = [
        ReadRequest(
            address=Address(str(at)),
            type=type_,
            remote_id=remote_id,
            route=schemas[type_].route,
            surfaces=_surfaces(schemas[type_]),
        )
        for at, (type_, remote_id) in enumerate(wanted)
    ]
    return tuple(_existing(requests, cloud.read(requests), schemas))


def _existing(
    requests: Sequence[ReadRequest],
    seen: Mapping[Address, Observation],
    schemas: Mapping[str, TypeSchema],
) -> Iterator[Existing]:
    for one in requests:
        found = seen[one.address]
        if not isinstance(found, Present):
            raise UserError(f"there is no {one.type} {one.remote_id} in the environment's region")
        if found.ownership:
            raise UserError(
                f"{one.type} {one.remote_id} has gitbot's tags: a stack manages it already"
            )
        yield Existing(
            remote_id=found.remote_id, properties=found.properties, schema=schemas[one.type]
        )


def _schema(catalog: Catalog, type_: str) -> TypeSchema:
    schema = catalog.lookup(type_)
    if schema is None or not schema.served:
        raise UserError(
            f"{type_} is no type that gitbot manages: docs/resource-types.md lists them"
        )
    return schema


def _surfaces(schema: TypeSchema) -> frozenset[str]:
    """All properties that are managed."""
    if schema.handled is None:
        return frozenset(schema.json_schema.get("properties", {}))
    return frozenset(path.split("/")[1] for path in schema.handled)
