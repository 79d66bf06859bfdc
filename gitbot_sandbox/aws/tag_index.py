"""Add services to moto's index of tags whose objects it leaves out. Shell.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.resourcegroupstaggingapi import models

from gitbot_sandbox.aws.moto_patch import wrap


@dataclass(frozen=True, slots=True)
class _Service:
    """Fits what moto wants of a backend whose objects are in its index."""

    tagged: Callable[[], Iterator[TaggedResource]]

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """All objects of the service with their tags."""
        return self.tagged()

    def owns_arn(self, arn: str) -> bool:
        """False: tags are put on these objects by the calls of their service alone."""
        return False


def index(backends: Any, kind: str, objects: Callable[[Any], Iterator[tuple[str, Any]]]) -> None:
    """Let the index have the objects of a service.

    ``backends`` are moto's, ``kind`` is ``ecr:repository``, and ``objects`` returns the ARN and the tags
    of each object of a backend.
    """

    def make(backends_of: Any) -> Any:
        @wraps(backends_of)
        def iter_taggable_backends(account_id: str, region_name: str) -> Iterator[Any]:
            yield from backends_of(account_id, region_name)
            backend = backends[account_id][region_name]

            def tagged() -> Iterator[TaggedResource]:
                for arn, tags in objects(backend):
                    yield TaggedResource(arn=arn, tags=dict(tags), resource_type=kind)

            yield _Service(tagged)

        return iter_taggable_backends

    wrap(models, "iter_taggable_backends", make)


def ec2_objects(
    kind: str, things: Callable[[Any], Iterable[Any]]
) -> Callable[[Any], Iterator[tuple[str, Any]]]:
    """``objects`` for things of EC2, from its backend; ``kind`` is as their ARNs have it."""

    def objects(backend: Any) -> Iterator[tuple[str, Any]]:
        prefix = f"arn:{backend.partition}:ec2:{backend.region_name}:{backend.account_id}:{kind}"
        for one in things(backend):
            yield f"{prefix}/{one.id}", backend.tags.get(one.id, {})

    return objects
