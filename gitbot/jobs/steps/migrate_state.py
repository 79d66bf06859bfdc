"""Move the state of all environments from one store to another, and close the first. Shell.

At every instant one store has a stack, and refuses to change what the other one has. A stack is brought to
the other store as a copy that nobody may change; then the first store lets go of it; then the copy is settled.
After a crash the same run goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

from gitbot.decisions.state_migration import (
    Names,
    Step,
    as_it_was,
    check_arrived,
    check_copy,
    copy_of,
    digest_of,
    left_behind,
    step_of,
)
from gitbot.jobs.steps.lease import hold
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.ports.records import Journal
from gitbot.ports.state import StateStore
from gitbot.ports.time import Clock

Fresh = Callable[[], AbstractContextManager[StateStore]]
States = Mapping[StackId, RecordedStack]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two stores. ``fresh`` opens it anew, so that nothing is read that is only in memory."""

    state: StateStore
    journal: Journal
    fresh: Fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What moves where, on whose behalf. ``tell`` gets a line for each step."""

    source: Side
    target: Side
    names: Names
    holder: str
    actor: str
    clock: Clock
    ttl: timedelta
    tell: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """A stack that moves, is there, or stays: what was left to do, how much it is, and its hash."""

    stack: StackId
    step: Step
    serial: int
    objects: int
    open_intents: int
    digest: str


def look(run: Migration) -> Mapping[EnvironmentKey, tuple[Moving, ...]]:
    """What is left to do with each stack of the store. Changes nothing.

    Raises:
        ConflictError: the other store has another state of a stack.
    """
    return {
        key: tuple(
            _moving(state, step)
            for state, step in _steps(
                run, run.source.state.read_all(key), run.target.state.read_all(_there(run, key))
            )
        )
        for key in run.source.state.known()
    }


def migrate(run: Migration) -> Mapping[EnvironmentKey, tuple[Moving, ...]]:
    """Move everything, prove that it has arrived, and close the store. Returns what was left to do.

    Raises:
        LeaseUnavailableError: somebody changes an environment; those before it are moved.
        ConflictError: the other store has another state of a stack.
        InvariantError: a copy is not equal to its original; nothing of its environment was moved.
    """
    run.target.state.reopen()
    done: dict[EnvironmentKey, tuple[Moving, ...]] = {}
    while not run.source.state.moved_to() or _is_left(run):
        run.source.state.reopen()
        for key in run.source.state.known():
            # What a second round finds was moved by the first, or is new.
            moved = move_environment(run, key)
            known = {one.stack for one in done.get(key, ())}
            done[key] = (*done.get(key, ()), *(one for one in moved if one.stack not in known))
        # Who took a lease before this line is seen by the next look, and nobody can take one after it.
        run.source.state.close(run.names.target)
    for key in run.source.state.known():
        _prove(run, key)
    return done or look(run)


def _is_left(run: Migration) -> bool:
    """Whether the store has a stack that did not move, or somebody who may be making one."""
    state = run.source.state
    for key in state.known():
        lease = state.lease(key)
        if (lease and lease.holder) or any(one.moved is None for one in state.read_all(key)):
            return True
    return False


def move_environment(run: Migration, key: EnvironmentKey) -> tuple[Moving, ...]:
    """Move the stacks of the environment under the leases of both stores."""
    source, target = run.source.state, run.target.state
    with hold(source, key, run.holder, ttl=run.ttl, clock=run.clock) as ours:
        states = source.read_all(key)
        if not states:
            run.tell(f"{key.environment}: no stacks")
            return ()
        there = _there(run, key)
        with hold(target, there, run.holder, ttl=run.ttl, clock=run.clock) as theirs:
            steps = _steps(run, states, target.read_all(there))
            copies = _copy(run, [one for one, step in steps if step is Step.COPY], theirs)
            _switch(run, steps, copies, ours, theirs)
            _prove(run, key)
        return tuple(_moving(state, step) for state, step in steps)


def _steps(
    run: Migration, states: Sequence[RecordedStack], there: Sequence[RecordedStack]
) -> Sequence[tuple[RecordedStack, Step]]:
    found = {one.id: one for one in there}
    return [
        (state, step_of(state, found.get(run.names.there(state.id)), run.names)) for state in states
    ]


def _copy(run: Migration, states: Sequence[RecordedStack], theirs: Callable[[], Lease]) -> States:
    """Bring copies of the states, and check what can be read of them then; the copies."""
    for at, state in enumerate(states, 1):
        run.target.state.bring(theirs(), copy_of(state, run.names))
        run.tell(f"{state.id.label}: copied ({at} of {len(states)})")
    if not states:
        return {}
    there = _read(run.target, run.names.there(states[0].id).environment_key)
    for state in states:
        check_copy(state, there.get(run.names.there(state.id)), run.names)
    return there


def _switch(
    run: Migration,
    steps: Sequence[tuple[RecordedStack, Step]],
    copies: States,
    ours: Callable[[], Lease],
    theirs: Callable[[], Lease],
) -> None:
    """Let go of each stack here, and keep it there."""
    for state, step in steps:
        there = run.names.there(state.id)
        if step is Step.COPY:
            # If the other lease was lost, nothing may leave this store any more.
            theirs()
            run.source.state.retire(ours(), state.id, left_behind(copies[there], run.names))
        if step in (Step.COPY, Step.SETTLE):
            run.target.state.settle(theirs(), there)
            _audit(run, state, there)
            run.tell(f"{state.id.label}: moved")
        else:
            run.tell(f"{state.id.label}: {_STANDING[step]}")


_STANDING = {Step.THERE: "is there already", Step.ELSEWHERE: "is kept in a third store"}


def _prove(run: Migration, key: EnvironmentKey) -> None:
    """Compare the documents of all stacks that moved, read anew from both stores."""
    there = _read(run.target, _there(run, key))
    for state in _read(run.source, key).values():
        if state.moved is not None and state.moved.to == run.names.target:
            found = there.get(run.names.there(state.id))
            if found is None or found.moved is None:
                check_arrived(state, found, run.names)


def _read(side: Side, key: EnvironmentKey) -> States:
    with side.fresh() as store:
        return {state.id: state for state in store.read_all(key)}


def _there(run: Migration, key: EnvironmentKey) -> EnvironmentKey:
    repository = run.names.repositories.get(key.repository, key.repository)
    return replace(key, repository=repository)


def _moving(state: RecordedStack, step: Step) -> Moving:
    return Moving(
        stack=state.id,
        step=step,
        serial=state.serial,
        objects=len(state.resources) + len(state.deposed),
        open_intents=len(state.intents),
        digest=digest_of(as_it_was(state)),
    )


def _audit(run: Migration, state: RecordedStack, there: StackId) -> None:
    detail = {"from": run.names.source, "to": run.names.target, "digest": digest_of(state)}
    for journal, stack in ((run.source.journal, state.id), (run.target.journal, there)):
        journal.audit(
            at=run.clock.now(),
            actor=run.actor,
            action="state migrated",
            subject=str(stack),
            detail=detail,
        )
