"""Give, for each native type, a full spec and a new value of every changeable property.

Each module of the folder has the types of one service in ``CASES``.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.contract.aws.cases.case import Case


def _cases() -> tuple[Case, ...]:
    modules = [import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    return tuple(case for module in modules for case in getattr(module, "CASES", ()))


CASES = _cases()
