"""Make moto behave as AWS by replacing single methods of its classes. Shell.

Measured against moto 5.2.5. A replacement holds for the whole process, so only the sandbox's own
process or a test's makes one.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any


def wrap(owner: type | ModuleType, name: str, make: Callable[[Any], Any]) -> None:
    """Replace ``owner.name`` by ``make(original)``."""
    setattr(owner, name, make(getattr(owner, name)))
