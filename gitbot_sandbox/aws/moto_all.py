"""Make all patches of moto once: each module ``moto_…`` has those of a service, in its ``patch``. Shell."""

from __future__ import annotations

import pkgutil
import threading
from functools import cache
from importlib import import_module
from pathlib import Path

_one_at_a_time = threading.Lock()
_NO_PATCHES = ("moto_all", "moto_patch")


def patch_moto() -> None:
    """Make all patches. A second call does nothing. May be called from any thread."""
    with _one_at_a_time:
        _patch_once()


@cache
def _patch_once() -> None:
    for one in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if one.name.startswith("moto_") and one.name not in _NO_PATCHES:
            import_module(f"gitbot_sandbox.aws.{one.name}").patch()
