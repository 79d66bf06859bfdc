"""Says who holds a lease, since when, and what was done under it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gitbot.errors import LeaseUnavailableError, UserError
from gitbot.model.begun import Begun, BegunChange
from gitbot.model.names import EnvironmentKey
from gitbot.model.recorded import Intent, IntentKind, Lease, RecordedStack

_MOST_NAMED = 3
_WORDS = {"create": "made", "update": "updated", "delete": "deleted", "power": "switched"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The parts of a holder's name (``Processes.name``). ``process`` is empty if it has no such parts."""

    host: str
    process: str
    purpose: str

    def __str__(self) -> str:
        if not self.process:
            return " ".join(part for part in (self.host, self.purpose) if part)
        who = self.purpose or "a process"
        return f"{who} (process {self.process} on {self.host})"


def holder_of(name: str) -> Holder:
    """The parts of the name: ``host:pid:nonce purpose``."""
    process, _, purpose = name.partition(" ")
    host, _, rest = process.partition(":")
    return Holder(host=host, process=rest.partition(":")[0], purpose=purpose)


def begun_under(lease: Lease, intent: Intent) -> bool:
    """Whether the intent was begun under this lease, and not under one of another store."""
    return intent.epoch == lease.epoch and (lease.since is None or intent.begun_at >= lease.since)


def begun_of(intents: Sequence[Intent], lease: Lease | None) -> Begun | None:
    """What an apply has begun of a stack and not recorded; None where there is nothing.

    Switches of machines are left out: a plan says itself what it starts. The holder of the ``lease`` is named only where
    all of it was begun under that very lease: of an earlier one nobody knows the holder any more.
    """
    found = [one for one in intents if one.kind is not IntentKind.POWER]
    if not found:
        return None
    held = lease is not None and all(begun_under(lease, one) for one in found)
    holder = lease.holder if lease is not None and held else ""
    return Begun(
        changes=tuple(BegunChange(address=one.address, kind=one.kind.value) for one in found),
        since=min(one.begun_at for one in found),
        by=holder_of(holder).purpose if holder else "",
        may_run=bool(holder),
    )


def finished_under(lease: Lease, states: Iterable[RecordedStack]) -> Mapping[str, int]:
    """How many changes of each kind were finished under the lease."""
    counts: Counter[str] = Counter()
    for state in states:
        if state.done is not None and state.done.epoch == lease.epoch:
            counts.update(state.done.finished)
    return dict(sorted(counts.items()))


def finished_words(finished: Mapping[str, int]) -> str:
    """What was finished, in words: ``3 made, 1 deleted``; ``nothing`` if nothing was."""
    return ", ".join(f"{n} {_WORDS.get(kind, kind)}" for kind, n in finished.items()) or "nothing"


def busy(lease: Lease, states: Sequence[RecordedStack], now: datetime) -> LeaseUnavailableError:
    """The error that somebody holds the lease: who, where, since when, and what they did.

    ``states`` are those stacks of the environment that have ``done`` or intents; others do not matter.
    """
    since = "" if lease.since is None else f" since {_time(lease.since)}"
    intents = [one for state in states for one in state.intents if begun_under(lease, one)]
    named = ", ".join(f"{one.kind} of {one.address}" for one in intents[:_MOST_NAMED])
    more = f" and {len(intents) - _MOST_NAMED} more" if len(intents) > _MOST_NAMED else ""
    under_way = f", under way: {named}{more}" if named else ""
    done = f"finished so far: {finished_words(finished_under(lease, states))}{under_way}"
    return LeaseUnavailableError(
        f"{lease.environment.environment} is being applied by {holder_of(lease.holder)}{since}; {done}. Its "
        f"lease ends at {_time(lease.expires_at)} unless it is renewed.",
        retry_after_s=max(1.0, min(10.0, (lease.expires_at - now).total_seconds())),
    )


def refuse_moved_store(environment: EnvironmentKey, moved_to: str | None) -> None:
    """Return when the store gives out leases. Raises UserError when all of its state was moved."""
    if moved_to:
        raise UserError(
            f"the state of {environment.environment} is not kept here any more: all of this store was moved "
            f"to {moved_to}. Name that one with GITBOT_STORE or --store"
        )


def refuse_moved(state: RecordedStack) -> None:
    """Return when the state is kept here. Raises UserError when another store has it."""
    if state.moved is not None:
        raise UserError(
            f"the state of {state.id.label} is kept in {state.moved.to}, and only a copy of it is here: name "
            "that store with GITBOT_STORE or --store. If a move was cut off, run the same "
            "`gitbot state migrate` again"
        )


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
