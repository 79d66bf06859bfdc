"""How long a mutation of one resource may take. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from gitbot.model.durations import duration_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """``lifecycle.timeouts``: None means as long as gitbot waits by itself."""

    create: timedelta | None = None
    update: timedelta | None = None
    delete: timedelta | None = None

    def __str__(self) -> str:
        """In words: ``create 1h, delete 30m``; empty for none."""
        said = ((one.name, getattr(self, one.name)) for one in fields(self))
        return ", ".join(
            f"{name} {duration_words(given)}" for name, given in said if given is not None
        )


NO_TIMEOUTS = Timeouts()


def minutes(
    *, create: int | None = None, update: int | None = None, delete: int | None = None
) -> Timeouts:
    """So many minutes for each kind of mutation; None as in ``Timeouts``."""
    given = {"create": create, "update": update, "delete": delete}
    return Timeouts(
        **{name: timedelta(minutes=one) for name, one in given.items() if one is not None}
    )
