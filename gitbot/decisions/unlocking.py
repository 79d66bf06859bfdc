"""Says who holds the lease of an environment and what they did, and whether it may be taken from them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gitbot.errors import RefusedError, UserError
from gitbot.model.names import Address
from gitbot.model.recorded import IntentKind, Lease, RecordedStack
from gitbot.reconciler.leases import begun_under, finished_under, holder_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIntent:
    """A change that may have been sent to the cloud. ``by_holder``: it was begun under the present lease."""

    address: Address
    kind: IntentKind
    begun_at: datetime
    by_holder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldStack:
    """A stack of the environment, with its serial and the intents that are open."""

    stack: str
    serial: int
    complete: bool
    intents: tuple[OpenIntent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Who holds a lease: the machine, the number of the process there, and what it does.

    ``finished`` counts the changes of each kind that were finished under the lease.
    """

    environment: str
    epoch: int
    holder: str
    host: str
    process: str
    purpose: str
    since: datetime | None
    until: datetime
    expired: bool
    finished: Mapping[str, int]
    stacks: tuple[HeldStack, ...]


def holding_of(
    environment: str, lease: Lease | None, states: Sequence[RecordedStack], now: datetime
) -> Holding:
    """Who holds the lease, and what is open in the states of the environment.

    Raises:
        UserError: nobody holds it.
    """
    if lease is None or not lease.holder:
        raise UserError(f"nobody holds the lease of {environment}: there is nothing to unlock")
    holder = holder_of(lease.holder)
    return Holding(
        environment=environment,
        epoch=lease.epoch,
        holder=lease.holder,
        host=holder.host,
        process=holder.process,
        purpose=holder.purpose,
        since=lease.since,
        until=lease.expires_at,
        expired=lease.expires_at <= now,
        finished=finished_under(lease, states),
        stacks=tuple(_held(state, lease) for state in states),
    )


def refuse_unlock(held: Holding, *, alive_here: bool, epoch: int | None) -> None:
    """Return when the lease may be taken from its holder.

    ``alive_here``: the holder is a process of this machine that has not ended. ``epoch`` is that of
    the lease which was looked at; None if it was not named.

    Raises:
        RefusedError: the holder lives here, or the lease has another epoch by now.
    """
    if epoch is not None and epoch != held.epoch:
        raise RefusedError(
            f"the lease of {held.environment} has epoch {held.epoch} now, not {epoch}: it was taken or "
            "given back since. Nothing was changed; look at it again"
        )
    if alive_here:
        raise RefusedError(
            f"process {held.process} on this machine holds the lease of {held.environment} and is "
            "alive: let it finish, or end it. The next apply then takes over by itself"
        )


def _held(state: RecordedStack, lease: Lease) -> HeldStack:
    return HeldStack(
        stack=state.id.label,
        serial=state.serial,
        complete=state.complete,
        intents=tuple(
            OpenIntent(
                address=intent.address,
                kind=intent.kind,
                begun_at=intent.begun_at,
                by_holder=begun_under(lease, intent),
            )
            for intent in state.intents
        ),
    )
