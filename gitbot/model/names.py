"""The types of names and ids, so that the type checker notices a mix-up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

Address = NewType("Address", str)
"""The name of a resource inside its stack: ``bucket``, or ``data["models"].bucket`` in a module."""


_STEP: Final = r'[A-Za-z][A-Za-z0-9_]{0,254}(?:\["[^\x00-\x1f\x7f"\\]{1,100}"\])?'
ADDRESS_PATTERN: Final = rf"{_STEP}(?:\.{_STEP})*"
"""A regular expression of the addresses that there can be."""


def is_within(address: Address, above: Address) -> bool:
    """Whether the address is the other one, or below it: a copy, or a part of the module."""
    rest = address.removeprefix(above)
    return len(rest) < len(address) and (not rest or rest[0] in ".[")


def region_of(stack: str, otherwise: str) -> str:
    """The region in the name of a stack that has several, ``web@eu-west-1``; else ``otherwise``."""
    return stack.partition("@")[2] or otherwise


def written_name(stack: str) -> str:
    """The name of the stack as its spec has it: that of ``web@eu-west-1`` is ``web``."""
    return stack.partition("@")[0]


Sha = NewType("Sha", str)
"""A full git commit or tree id, 40 hex digits."""

RemoteId = NewType("RemoteId", str)
"""The primary identifier of a cloud object. Its parts are joined by ``|`` in schema order."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EnvironmentKey:
    """One environment of one repository. A lease is taken on it."""

    repository: str
    environment: str

    def __str__(self) -> str:
        return f"{self.repository}:{self.environment}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class StackId:
    """The identity of a stack. Moving its file does not change it.

    ``repository`` is GitHub's id of the repository, or ``commit:<first commit>`` when the command
    line works without GitHub (``cli/clone.py``). A stack with ``regions`` is there once for each of them,
    and has it in its name: ``web@eu-west-1``.
    """

    repository: str
    environment: str
    name: str
    region: str

    @property
    def environment_key(self) -> EnvironmentKey:
        """The environment that the stack lives in."""
        return EnvironmentKey(repository=self.repository, environment=self.environment)

    @property
    def label(self) -> str:
        """The name that people see: ``dev/gpu-trainer``."""
        return f"{self.environment}/{self.name}"

    def __str__(self) -> str:
        return f"{self.repository}:{self.environment}/{self.name}@{self.region}"
