"""Say how FSx names, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/fsx/latest/APIReference/Welcome.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import shown

FSX = Dialect(
    service="fsx",
    absent=frozenset({"FileSystemNotFound"}),
    reads=(
        *("describe_data_repository_associations", "describe_storage_virtual_machines"),
        "describe_volumes",
    ),
)
TAGS = PlainTags(dialect=FSX, target=shown("ResourceARN"))
"""Descriptions have tags."""
