"""Take over state that is in another store. Shell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gitbot.decisions.state_import import Offer
from gitbot.jobs.steps.look import Engine
from gitbot.model.recorded import Lease
from gitbot.ports.records import Records


def bring(
    engine: Engine,
    records: Records,
    lease: Callable[[], Lease],
    offers: Sequence[Offer],
    *,
    actor: str,
    source: str,
) -> None:
    """Take over the offered states, each with a row in the audit trail. ``source`` says from where.

    Raises:
        ConflictError: this store has state of a stack by now; those before it were taken over.
    """
    for offer in offers:
        taken = engine.state.bring(lease(), offer.state)
        records.journal.audit(
            at=engine.clock.now(),
            actor=actor,
            action="state import",
            subject=str(taken.id),
            detail={
                "source": source,
                "lineage": taken.lineage,
                "objects": {address: remote_id for address, _, remote_id in offer.objects},
            },
        )
