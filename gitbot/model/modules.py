"""Which environment uses which module, from where. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gitbot.model.desired import ModuleUse
from gitbot.model.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleLine:
    """A module that stacks of an environment use, all from one place.

    ``missed`` are the commits that changed it since then, the newest first; ``differs``: it is another
    one at the tip.
    """

    environment: str
    use: ModuleUse
    stacks: tuple[str, ...]
    differs: bool = False
    missed: tuple[Sha, ...] = ()
