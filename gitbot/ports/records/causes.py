"""The port to the causes of drift. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gitbot.model.causes import Cause
from gitbot.model.names import Address, StackId


class Causes(Protocol):
    """Why the resources of a stack differ, as far as it was found."""

    def of_stack(self, stack: StackId) -> Mapping[Address, Cause]:
        """What was found, by resource; empty when nothing was ever looked for."""

    def put(self, stack: StackId, causes: Mapping[Address, Cause]) -> None:
        """Record what is known of the stack. It replaces everything that was recorded of it."""
