"""The keys of the jobs that change the cloud because a stack expires. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gitbot.model.keys.base import ForStack
from gitbot.model.names import StackId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndJob(ForStack):
    """Do to one stack what its expiry asks for now."""

    region: str

    @property
    def stack_id(self) -> StackId:
        """The stack."""
        return StackId(
            repository=self.repository,
            environment=self.environment,
            name=self.stack,
            region=self.region,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchStack(EndJob):
    """Give the machines of a stack the power, and its objects the tag, that its expiry asks for."""

    what: ClassVar[str] = "switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyStack(EndJob):
    """Destroy a stack whose time is over."""

    what: ClassVar[str] = "destroy"
