"""Keeps deliveries as rows inside their requests, and makes jobs of them beside. Shell."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import timedelta

from gitbot.adapters.queue import Turns
from gitbot.bootstrap.batches import Batches
from gitbot.decisions.deliveries import A_SECOND, choose
from gitbot.errors import TransientError
from gitbot.model.events import Delivery
from gitbot.model.keys import JobKey
from gitbot.ports import telemetry
from gitbot.ports.records import Inbox
from gitbot.ports.time import Clock

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
"""Longer than the three days for which GitHub lets a delivery be sent again:
https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
"""
_PRUNE_EVERY_S = 3600.0
# Another server may have died between the row and the job, so look also when nobody says anything.
_LOOK_S = 1.0
_SHORT_S = 0.05
# While deliveries wait for the next second's room, each turn takes what came meanwhile.
_FLOOD_S = 0.2
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    """The jobs of a delivery, and what lets them go on with its trace."""

    keys: tuple[JobKey, ...]
    carried: Mapping[str, str]


class Pump:
    """Takes deliveries, and turns what waits in the inbox into jobs, in a thread of its own.

    ``take`` may be called on any server; the servers of a database pump in ``turns``. A server may
    die anywhere: the row stays until its jobs are queued, and a job is queued once under its id.
    """

    def __init__(
        self,
        inbox: Inbox,
        *,
        note: Callable[[Delivery], tuple[JobKey, ...]],
        enqueue: Callable[[JobKey], bool],
        turns: Turns,
        clock: Clock,
        served: Container[str],
    ) -> None:
        """``note`` records what a delivery tells and names its jobs; it may be called again.

        ``served`` are the ids of the repositories that this server serves; deliveries of others are
        ignored.
        """
        self._inbox = inbox
        self._note = note
        self._enqueue = enqueue
        self._turns = turns
        self._clock = clock
        self._served = served
        self._batches: Batches[Delivery] = Batches(lambda some: inbox.put(some, clock.now()))
        self._noted: dict[str, _Noted] = {}
        self._pruned_at: float | None = None
        self._called = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)

    def start(self) -> None:
        """Begin to make jobs. The queue must run."""
        self._thread.start()

    def stop(self) -> None:
        """Make no more jobs; what waits is for the next process, or for another server."""
        self._stopping.set()
        self._called.set()
        if self._thread.is_alive():
            self._thread.join()
        self._turns.end()

    def take(self, delivery: Delivery) -> None:
        """Keep a delivery as a row. The same one again does nothing.

        Raises:
            TransientError: the store is not available now; GitHub shows the delivery as failed.
        """
        if getattr(delivery.event, "repository", None) in self._served:
            self._batches.add(delivery)
            self._called.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                waits_s = self._turn()
            except TransientError as error:
                log.warning("deliveries wait: %s", error)
                waits_s = 0.0
            except Exception:  # the boundary: whatever it is, the deliveries must not wait for ever
                log.exception("deliveries wait")
                waits_s = 0.0
            # Deliveries that come meanwhile wait for each other, and one job stands for them.
            self._stopping.wait(waits_s or _SHORT_S)
            if not waits_s:
                self._called.wait(_LOOK_S)
            self._called.clear()

    def _turn(self) -> float:
        """Pump once. Returns after how many seconds to look again; 0: when somebody calls."""
        if not self._turns.take():
            return 2 * _SHORT_S
        try:
            self._prune_when_due()
            return _FLOOD_S if self._pump() else 0.0
        finally:
            self._turns.give()

    def _pump(self) -> bool:
        """Queue the jobs that are due; whether deliveries go on waiting."""
        noted = [(one.id, self._note_once(one)) for one in self._inbox.waiting(_MOST)]
        if not noted:
            return False
        waiting = [(id_, one.keys) for id_, one in noted]
        carried = {key: one.carried for _, one in noted for key in one.keys}
        now = self._clock.now()
        chosen = choose(waiting, A_SECOND - self._inbox.woke_since(now - timedelta(seconds=1)))
        for key in chosen.keys:
            with telemetry.resumed(carried[key]):
                self._enqueue(key)
        self._inbox.settle(chosen.woke, woke_at=now)
        self._inbox.settle(chosen.settled, woke_at=None)
        left = {id_ for id_, _ in waiting} - chosen.woke - chosen.settled
        self._noted = {id_: one for id_, one in self._noted.items() if id_ in left}
        return bool(left)

    def _note_once(self, delivery: Delivery) -> _Noted:
        """The jobs of a delivery, after recording what it tells; once in this process."""
        if delivery.id not in self._noted:
            about = {"delivery": delivery.id, "event": delivery.event_name}
            with telemetry.doing("delivery", None, **about):
                keys = self._keys(delivery)
                self._noted[delivery.id] = _Noted(keys=keys, carried=telemetry.carried())
        return self._noted[delivery.id]

    def _keys(self, delivery: Delivery) -> tuple[JobKey, ...]:
        try:
            return self._note(delivery)
        except TransientError:
            raise
        except Exception:  # one delivery that cannot be handled must not hold up the others
            log.exception("delivery %s failed; the sweep finds what it was about", delivery.id)
            return ()

    def _prune_when_due(self) -> None:
        now_s = time.monotonic()
        if self._pruned_at is None or now_s - self._pruned_at > _PRUNE_EVERY_S:
            self._inbox.prune(self._clock.now() - KEPT)
            self._pruned_at = now_s
