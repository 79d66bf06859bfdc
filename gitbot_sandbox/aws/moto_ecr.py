"""Put moto's repositories of ECR into its index of tags. Shell.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ecr.models import ecr_backends

from gitbot_sandbox.aws.tag_index import index


def patch() -> None:
    """Make all patches of this module."""
    index(ecr_backends, "ecr:repository", _repositories)


def _repositories(backend: Any) -> Iterator[tuple[str, Any]]:
    for one in backend.repositories.values():
        yield one.arn, backend.tagger.get_tag_dict_for_resource(one.arn)
