"""The types of names and ids, so that the type checker notices a mix-up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

Address = NewType("Address", str)
"""The name of a resource inside its stack: ``bucket``, or ``data["models"].bucket`` in a module."""


def is_within(address: Address, above: Address) -> bool:
    """Whether the address is the other one, or below it: a copy, or a part of the module."""
    rest = address.removeprefix(above)
    return len(rest) < len(address) and (not rest or rest[0] in ".[")


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
    line works without GitHub (``cli/clone.py``).
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
