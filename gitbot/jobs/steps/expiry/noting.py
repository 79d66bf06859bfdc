"""Record what has happened to a stack that expires, beside whoever else writes its row. Shell."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from gitbot.errors import RowChangedError
from gitbot.jobs.steps.look import Ports
from gitbot.model.expiry import Expiry

_TRIES = 5


def note(
    ports: Ports, row: Expiry, change: Callable[[Expiry], Expiry], at: datetime, reason: str = ""
) -> Expiry:
    """Record what has happened in the row as it is by now. Returns the row as it is then.

    A decision that was made from an older row must be made again, and is put as it is. But what has
    happened stays true whatever others wrote meanwhile: ``change`` adds it to that. A row that is
    gone stays gone.

    Raises:
        RowChangedError: others have written at every try.
    """
    expiries = ports.records.expiries
    for _ in range(_TRIES):
        now = expiries.of_stack(row.stack)
        if now is None:
            return row
        after = change(now)
        if after == now:
            return now
        with suppress(RowChangedError):
            return expiries.put(after, reason, at)
    raise RowChangedError(f"The expiry of {row.stack.label} is written by others all the time.")
