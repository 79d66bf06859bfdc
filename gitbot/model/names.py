"""Names of things, as types that cannot be swapped by mistake. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

Address = NewType("Address", str)
"""A resource's name inside its stack: ``bucket`` or ``datasets.bucket`` or ``bucket["eu"]``."""

Sha = NewType("Sha", str)
"""A full git commit or tree id, 40 hex digits."""

RemoteId = NewType("RemoteId", str)
"""A cloud object's primary identifier; composite ones are joined by ``|`` in schema order."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EnvironmentKey:
    """One environment of one repository: what a lease is taken on."""

    repository: str
    environment: str

    def __str__(self) -> str:
        return f"{self.repository}:{self.environment}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class StackId:
    """A stack's identity; moving its file does not change it.

    ``repository`` is the forge's stable repository id as text (``owner/name`` where a command
    line works without a forge).
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
        """``dev/gpu-trainer``: how people are shown the stack."""
        return f"{self.environment}/{self.name}"

    def __str__(self) -> str:
        return f"{self.repository}:{self.environment}/{self.name}@{self.region}"
