"""Makes moto behave as AWS where gitbot's native types meet a difference: one place per defect. Shell.

Measured against moto 5.2.5. Patches are made on moto's classes and so hold for the whole process,
which is why only the sandbox's own process (or a test's) ever makes them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

_once = threading.Lock()
_done = False


def wrap(owner: type | ModuleType, name: str, make: Callable[[Any], Any]) -> None:
    """Replace ``owner.name`` by ``make(original)``."""
    setattr(owner, name, make(getattr(owner, name)))


def patch_moto() -> None:
    """Make all patches; a second time does nothing."""
    # Here, because importing moto's models takes most of a second.
    from gitbot_sandbox.aws import moto_ec2, moto_network, moto_s3

    global _done
    with _once:
        if _done:
            return
        moto_ec2.patch()
        moto_network.patch()
        moto_s3.patch()
        _done = True
