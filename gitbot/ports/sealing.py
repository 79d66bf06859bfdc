"""The port to the encryption of a store's values. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol


class Sealing(Protocol):
    """Which key the values of a store are sealed with, and how to bring all under the newest one."""

    @property
    def key_id(self) -> str:
        """The id of the key that values are written with; empty where they are in plain text."""

    def left(self) -> Mapping[str, int]:
        """How many values are not as they would be written now, by where they are; only what has some."""

    def rotate(self, told: Callable[[int, int], None]) -> tuple[str, ...]:
        """Write what is left anew, while others read and write; returns what is to be done by hand.

        ``told`` gets how many are done, and how many there are. Safe to repeat after a crash: it goes on with
        what is left. When nothing is, the keys of before are forgotten.

        Raises:
            UserError: a value cannot be opened.
        """
