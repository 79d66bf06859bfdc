"""Find the native resource types: the types of a service are in the module or folder of its name. Shell.

``AWS::EC2::Subnet`` is in ``ec2``, ``AWS::Lambda::Function`` in ``lambda_``. A module says which types
it has by module-level values of ``NativeType``. A service is imported when the first of its types is
asked for, so that a command pays for the services in its specs alone.
"""

from __future__ import annotations

import keyword
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TypeVar, overload

from gitbot.providers.aws.native import NativeType

T = TypeVar("T")


class NativeTypes(Mapping[str, NativeType]):
    """The native types by name. To iterate imports all of them."""

    def __getitem__(self, name: str) -> NativeType:
        return _of_service(folder_of(name))[name]

    @overload
    def get(self, key: str, /) -> NativeType | None: ...
    @overload
    def get(self, key: str, /, default: NativeType | T) -> NativeType | T: ...
    def get(self, key: str, /, default: object = None) -> object:
        """The native type of this name, else ``default``."""
        return _of_service(folder_of(key)).get(key, default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in _of_service(folder_of(name))

    def __iter__(self) -> Iterator[str]:
        for folder in sorted(_folders()):
            yield from _of_service(folder)

    def __len__(self) -> int:
        return sum(1 for _ in self)


NATIVE_TYPES = NativeTypes()


def folder_of(name: str) -> str:
    """The module or folder for the type of this name: its service in small letters."""
    service = name.split("::")[1].lower() if name.count("::") == 2 else ""
    return f"{service}_" if keyword.iskeyword(service) else service


@cache
def modules_of(folder: str) -> tuple[ModuleType, ...]:
    """The modules with the types of a service; none for a service without native types."""
    if folder not in _folders():
        return ()
    top = import_module(f"{__name__}.{folder}")
    inner = pkgutil.iter_modules(top.__path__) if hasattr(top, "__path__") else ()
    return (top, *(import_module(f"{top.__name__}.{one.name}") for one in inner))


@cache
def _folders() -> frozenset[str]:
    return frozenset(one.name for one in pkgutil.iter_modules(__path__))


@cache
def _of_service(folder: str) -> Mapping[str, NativeType]:
    values = (value for module in modules_of(folder) for value in vars(module).values())
    return {one.declaration.name: one for one in values if isinstance(one, NativeType)}
