"""``gitbot state import``: take over state that is in another store. Shell."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.bootstrap.no_server import no_server
from gitbot.bootstrap.stores import open_stores
from gitbot.cli.change_options import stacks_option
from gitbot.cli.clone import open_clean_clone, open_clone, repository_of
from gitbot.cli.common import (
    console,
    folder_option,
    hash_key,
    json_option,
    note,
    show_json,
    tells_errors,
)
from gitbot.cli.stores import StoreType, require_store, store_option
from gitbot.cli.targets import actor, committed, leased
from gitbot.decisions.claims import refuse_command_line
from gitbot.decisions.state_import import Offer, offers_of
from gitbot.errors import RefusedError, UserError
from gitbot.jobs.steps.bring_state import bring
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.target import Target
from gitbot.model.names import EnvironmentKey
from gitbot.model.places import Place, SqlitePlace
from gitbot.model.recorded import Moved


@click.command("import", short_help="Take an environment over from another store.")
@click.argument("environment")
@stacks_option
@store_option
@click.option("--new-store", is_flag=True, help="Create the store if it does not exist.")
@folder_option
@click.option(
    "--from",
    "source",
    type=StoreType(),
    required=True,
    help="Take the state from this store, which cannot apply any more afterwards.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@tells_errors
def import_(
    environment: str,
    stacks: tuple[str, ...],
    store: Place,
    new_store: bool,
    folder: Path,
    source: Place,
    yes: bool,
    as_json: bool,
) -> None:
    """Take over the state of ENVIRONMENT that is in another store.

    Shows first what would be taken over, and asks. Changes nothing in the cloud. For state that was lost
    there is `gitbot recover`.
    """
    require_store(store, new_store=new_store)
    require_store(source, named_by="--from")
    if same_place(source, store):
        raise UserError("--from names the store itself")
    clone = open_clean_clone(folder)
    with open_engine(store, hash_key=hash_key()) as opened:
        target = committed(opened, clone, environment, stacks)
        done = _move(opened, target, source, store, folder, yes, as_json)
    if as_json:
        show_json(_as_data(done))
    elif done:
        note(f"Taken over. Now run: gitbot plan {environment}")
    else:
        note(f"There is nothing to take over in {environment}.")


def same_place(one: Place, other: Place) -> bool:
    """Whether both name the same store."""
    if isinstance(one, SqlitePlace) and isinstance(other, SqlitePlace):
        return one.path.resolve() == other.path.resolve()
    return str(one) == str(other)


def _move(
    opened: Opened,
    target: Target,
    source: Place,
    store: Place,
    folder: Path,
    yes: bool,
    as_json: bool,
) -> Sequence[Offer]:
    """Copy the state of another store, and retire it there, under the leases of both."""
    with no_server(source), open_stores(source, SystemClock(), LocalProcesses()) as stores:
        states, journal = stores.state, stores.records.journal
        repository = repository_of(open_clone(folder), journal)
        key = EnvironmentKey(repository=repository, environment=target.environment)
        engine = opened.engine
        holder = engine.processes.name(actor())
        refuse_command_line(
            stores.records.claims.of_environment(key), frozenset(states.stacks(key))
        )
        with hold(states, key, holder, ttl=engine.lease_ttl, clock=engine.clock) as theirs:
            offers = offers_of(states.read_all(key), target.repository, target.only)
            done = _take(opened, target, offers, str(source), yes, as_json)
            here = {offer.state.id.name: engine.state.read(offer.state.id) for offer in done}
            for stack in states.stacks(key):
                if (taken := here.get(stack.name)) is not None:
                    moved = Moved(to=str(store), lineage=taken.lineage, serial=taken.serial)
                    states.retire(theirs(), stack, moved)
                    journal.audit(
                        at=engine.clock.now(),
                        actor=actor(),
                        action="state retired",
                        subject=str(stack),
                        detail={"taken_over_by": "another store"},
                    )
        return done


def _take(
    opened: Opened,
    target: Target,
    offers: Sequence[Offer],
    source: str,
    yes: bool,
    as_json: bool,
) -> Sequence[Offer]:
    """Show, ask, and take over; returns what was taken over."""
    if not offers:
        return ()
    if not as_json:
        _show(offers)
    if not yes:
        _ask(offers)
    with leased(opened, target) as lease:
        bring(opened.engine, opened.records, lease, offers, actor=actor(), source=source)
    return offers


def _show(offers: Sequence[Offer]) -> None:
    out = console()
    for offer in offers:
        words = f"{offer.state.id.label}  copied, lineage {offer.state.lineage}"
        out.print(words, style="bold", markup=False)
        for address, type_, remote_id in offer.objects:
            out.print(f"  {address}  {type_}  {remote_id}", markup=False)


def _ask(offers: Sequence[Offer]) -> None:
    names = ", ".join(offer.state.id.label for offer in offers)
    if not sys.stdin.isatty():
        raise RefusedError(
            f"the state of {names} can be taken over. There is no terminal to ask you: agree with --yes"
        )
    answer = click.prompt("Type yes to take over exactly this", default="", show_default=False)
    if answer.strip().lower() != "yes":
        raise RefusedError("you did not agree: nothing was changed")


def _as_data(done: Sequence[Offer]) -> object:
    return {
        "imported": [
            {
                "stack": offer.state.id.label,
                "lineage": offer.state.lineage,
                "objects": {address: remote_id for address, _, remote_id in offer.objects},
            }
            for offer in done
        ]
    }
