"""Give, for each native type, a full spec and a new value of every changeable property.

Each module of the folder has the types of one service in ``CASES``. A test of ``every_type`` runs
for each of them; one of ``some_types`` for a few, and for all where ``model_checks`` says so.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module

import pytest

from tests.contract.aws.cases.case import Case
from tests.model_checks import some

FEW = 8


def _cases() -> tuple[Case, ...]:
    modules = [import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    return tuple(case for module in modules for case in getattr(module, "CASES", ()))


CASES = _cases()
every_type = pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)


def some_types(
    turn: int = 0, where: Callable[[Case], bool] = lambda case: True
) -> pytest.MarkDecorator:
    """The parameter ``case``: a few of the types for which ``where`` is true, by ``turn`` other ones."""
    rows = some(FEW, [case for case in CASES if where(case)], turn=turn)
    return pytest.mark.parametrize("case", rows, ids=lambda case: case.type)
