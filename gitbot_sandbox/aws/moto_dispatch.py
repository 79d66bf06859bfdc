"""Let moto remember what it looks up for each call: the names of its services, and of a service's operations.

Both stay as they are once the patches are made, and were a third of what a call costs. Shell.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from moto import backends
from moto.core import responses

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches."""
    wrap(backends, "list_of_moto_modules", _services)
    wrap(responses, "method_names_from_class", cache)


def _services(original: Any) -> Any:
    @cache
    def names() -> frozenset[str]:
        return frozenset(original())

    return names
