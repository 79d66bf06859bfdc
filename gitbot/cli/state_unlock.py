"""``gitbot state unlock``: take the lease of an environment from a holder that is gone. Shell."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import DeclaredDead, LocalProcesses
from gitbot.bootstrap.stores import Stores, open_stores
from gitbot.cli.clone import open_clone, repository_of
from gitbot.cli.common import folder_option, json_option, note, say, show_json, tells_errors
from gitbot.cli.stores import require_store, store_option
from gitbot.cli.targets import actor
from gitbot.decisions.unlocking import Holding, holding_of, refuse_unlock
from gitbot.errors import RefusedError
from gitbot.model.codec import to_full_data
from gitbot.model.names import EnvironmentKey
from gitbot.model.places import Place
from gitbot.reconciler.leases import finished_words

_TTL = timedelta(minutes=1)


@click.command("unlock", short_help="Take the lease from a process that is gone.")
@click.argument("environment")
@store_option
@folder_option
@click.option(
    "--epoch",
    type=int,
    help="Do not ask, and take over only the lease with this epoch, which --json shows.",
)
@json_option
@tells_errors
def unlock(environment: str, store: Place, folder: Path, epoch: int | None, as_json: bool) -> None:
    """Take the lease of ENVIRONMENT from a process that is gone and cannot give it back.

    You rarely need it: a lease that nobody renews ends by itself within a minute or two, and that of a
    process that ended on this machine is taken over at once. Shows who holds the lease, on which
    machine, since and until when, how many changes it has finished and which it has left open; then asks
    for the environment's name.
    If the holder is alive after all, its next write is refused, and the next apply finishes what it
    left open. A holder that is alive on this machine is refused: end it first.

    With --json and without --epoch it only shows the lease.
    """
    require_store(store)
    local, clock = LocalProcesses(), SystemClock()
    processes = DeclaredDead(local)
    with open_stores(store, clock, processes) as stores:
        repository = repository_of(open_clone(folder), stores.records.journal)
        key = EnvironmentKey(repository=repository, environment=environment)
        held = holding_of(
            environment, stores.state.lease(key), stores.state.read_all(key), clock.now()
        )
        if as_json and epoch is None:
            show_json({**to_full_data(held), "unlocked": False})
            return
        alive = local.is_here(held.holder) and not local.is_dead(held.holder)
        if not as_json:
            _show(held)
        refuse_unlock(held, alive_here=alive, epoch=epoch)
        if epoch is None:
            _ask(held)
        _take_over(stores, processes, key, held)
    if as_json:
        show_json({**to_full_data(held), "unlocked": True})
    else:
        note(f"The lease of {environment} is free. Now run: gitbot plan {environment}")


def _take_over(stores: Stores, processes: DeclaredDead, key: EnvironmentKey, held: Holding) -> None:
    """Take the lease with the next epoch and give it back, with a row in the audit trail."""
    newest = stores.state.lease(key)
    # The person may have thought for long.
    refuse_unlock(
        holding_of(key.environment, newest, (), SystemClock().now()),
        alive_here=False,
        epoch=held.epoch,
    )
    processes.declare(held.holder)
    lease = stores.state.acquire(key, processes.name(actor()), _TTL)
    stores.records.journal.audit(
        at=SystemClock().now(),
        actor=actor(),
        action="state unlock",
        subject=f"{key.repository}/{key.environment}",
        detail={"holder": held.holder, "epoch": held.epoch},
    )
    stores.state.release(lease)


def _show(held: Holding) -> None:
    what = f": {held.purpose}" if held.purpose else ""
    say(f"The lease of {held.environment}, epoch {held.epoch}", "bold")
    say(f"  held by process {held.process} on {held.host}{what}", "default")
    if held.since is not None:
        say(f"  since {held.since:%Y-%m-%d %H:%M:%S} UTC", "default")
    say(f"  finished under this lease: {finished_words(held.finished)}", "default")
    ends = "ended" if held.expired else "ends, unless it is renewed,"
    say(f"  {ends} at {held.until:%Y-%m-%d %H:%M:%S} UTC", "default")
    for stack in held.stacks:
        standing = "" if stack.complete else ", not finished"
        say(f"  {stack.stack}  serial {stack.serial}{standing}", "default")
        for intent in stack.intents:
            whose = "under this lease" if intent.by_holder else "under an earlier lease"
            say(
                f"    {intent.kind} of {intent.address} begun {whose} at "
                f"{intent.begun_at:%Y-%m-%d %H:%M:%S} UTC, result unknown",
                "default",
            )


def _ask(held: Holding) -> None:
    if not sys.stdin.isatty():
        raise RefusedError(
            f"this takes the lease of {held.environment} from {held.holder}. There is no terminal to "
            f"ask you: agree with --epoch {held.epoch}"
        )
    answer = click.prompt(
        f"Type {held.environment} if that process is gone", default="", show_default=False
    )
    if answer.strip() != held.environment:
        raise RefusedError("you did not agree: nothing was changed")
