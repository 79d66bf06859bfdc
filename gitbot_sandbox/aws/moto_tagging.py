"""Make moto's index of tags give pages as AWS does. Shell.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

import sys
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap

_MOTOS_DEFAULT = 100


def patch() -> None:
    """Make all patches of this module."""
    from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend as Backend

    wrap(Backend, "get_resources", _whole_pages)


def _whole_pages(get_resources: Any) -> Any:
    """moto ends a page after 100 tags when nobody asks for a limit of tags: a page of objects with
    five tags then has 20 of them instead of 100."""

    def get(self: Any, *, tags_per_page: int, **asked: Any) -> Any:
        most = sys.maxsize if tags_per_page == _MOTOS_DEFAULT else tags_per_page
        return get_resources(self, tags_per_page=most, **asked)

    return get
