"""Names the objects of an environment's state below a prefix of a bucket. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from gitbot.model.names import EnvironmentKey, StackId

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """The names below ``prefix``, which ends with a slash or is empty.

    ``keys/<id>`` and ``moved`` are of no environment. ``moved`` is there when all state was moved to another store.

    ``<repository>/<environment>/`` has the object ``lease``, ``journal/<number>`` and
    ``stacks/<name>/<region>``. Numbers have leading zeros, so that a listing is in their order.
    """

    prefix: str

    @property
    def moved(self) -> str:
        """The object that says where all state was moved to."""
        return f"{self.prefix}moved"

    def environment(self, key: EnvironmentKey) -> str:
        """What the names of the environment's objects begin with."""
        return f"{self.repository(key.repository)}{quote(key.environment, safe='')}/"

    def repository(self, repository: str) -> str:
        """What the names of the repository's objects begin with."""
        return f"{self.prefix}{quote(repository, safe='')}/"

    @property
    def keys(self) -> str:
        """What the names of the objects begin with that tell which keys the values are sealed with."""
        return f"{self.prefix}keys/"

    def lease(self, key: EnvironmentKey) -> str:
        """The object of the environment's lease."""
        return f"{self.environment(key)}lease"

    def journal(self, key: EnvironmentKey) -> str:
        """What the names of its journal's entries begin with."""
        return f"{self.environment(key)}journal/"

    def entry(self, key: EnvironmentKey, number: int) -> str:
        """The entry of that number."""
        return f"{self.journal(key)}{number:0{_DIGITS}}"

    def stacks(self, key: EnvironmentKey) -> str:
        """What the names of its snapshots begin with."""
        return f"{self.environment(key)}stacks/"

    def stack(self, stack: StackId) -> str:
        """The snapshot of the stack."""
        begin = self.stacks(stack.environment_key)
        return f"{begin}{quote(stack.name, safe='')}/{quote(stack.region, safe='')}"

    def number_of(self, name: str) -> int:
        """The number of the entry with this name."""
        return int(name.rpartition("/")[2])

    def environment_of(self, name: str) -> EnvironmentKey | None:
        """The environment whose object has this name; None if it is of no environment."""
        parts = name.removeprefix(self.prefix).split("/")
        if len(parts) < 3:
            return None
        return EnvironmentKey(repository=unquote(parts[0]), environment=unquote(parts[1]))
