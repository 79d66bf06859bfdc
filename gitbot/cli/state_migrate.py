"""``gitbot state migrate``: move all state from one store to another. Shell."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import click

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.no_server import no_server
from gitbot.bootstrap.stores import Stores, open_state, open_stores, store_exists
from gitbot.cli.clone import open_clone, repository_of
from gitbot.cli.common import json_option, note, say, show_json, tells_errors
from gitbot.cli.leaving_stores import refuse_held, tell_refusals
from gitbot.cli.refresh import ask
from gitbot.cli.state_import import same_place
from gitbot.cli.stores import StoreType, require_store
from gitbot.cli.targets import actor
from gitbot.decisions.state_migration import Names, Step, refuse_unknown_repositories
from gitbot.errors import UserError
from gitbot.jobs.steps.migrate_state import Fresh, Migration, Moving, Side, look, migrate
from gitbot.model.codec import to_full_data
from gitbot.model.names import EnvironmentKey
from gitbot.model.places import BucketPlace, Place, SqlitePlace

_TTL = timedelta(minutes=1)
Found = Mapping[EnvironmentKey, tuple[Moving, ...]]


@click.command("migrate", short_help="Move everything to another store.")
@click.argument("source", metavar="FROM", type=StoreType())
@click.argument("target", metavar="TO", type=StoreType())
@click.option("--new-store", is_flag=True, help="Create the store TO if it does not exist.")
@click.option(
    "--repo",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A clone of a repository that the two stores know by different ids; may be repeated "
    "[default: here, if this is a clone].",
)
@click.option("--dry-run", is_flag=True, help="Only show what would move.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@tells_errors
def migrate_(
    source: Place,
    target: Place,
    new_store: bool,
    folders: tuple[Path, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Move the state of all environments from the store FROM to the store TO.

    Each is a SQLite file, postgresql://user@host/database or s3://bucket/prefix?region=eu-west-1. Stop
    the servers of both first. Each environment is moved under its leases in both stores. What arrives
    is read back and compared, document by document, before FROM lets go of it, and again at the end. If the
    move is cut off, run the same command again: it goes on where it stopped.

    FROM keeps a copy that nothing can change, and refuses every apply with the name of TO. Records of a
    server (runs, holds, comments, timers, the audit trail) are no state: they stay where they are.
    """
    require_store(source, named_by="FROM")
    if same_place(source, target):
        raise UserError("FROM and TO are the same store")
    if not dry_run:
        require_store(target, new_store=new_store, named_by="TO")
    tell = (lambda line: None) if as_json else note
    with ExitStack() as opening:
        if dry_run:
            tell_refusals(source, target)
        else:
            opening.enter_context(no_server(source))
            opening.enter_context(no_server(target))
        run = opening.enter_context(_opened(source, target, folders, dry_run, tell))
        found = look(run)
        if not as_json:
            _show(found, run.names)
        if not dry_run:
            labels = [one.stack.label for one in _moving(found)]
            if labels and not yes:
                ask(f"move exactly this to {target}", labels)
            found = migrate(run)
    if as_json:
        show_json(_as_data(run.names, found, closed=not dry_run))
    elif not dry_run:
        note(
            f"All of {source} is in {target}, and equal. {source} refuses applies from now on: name the new "
            "store with GITBOT_STORE or --store"
        )


@contextmanager
def _opened(
    source: Place,
    target: Place,
    folders: Sequence[Path],
    dry_run: bool,
    tell: Callable[[str], None],
) -> Iterator[Migration]:
    """Both stores. A dry run does not make the second one: it looks at an empty one instead."""
    clock, processes = SystemClock(), LocalProcesses()
    with ExitStack() as opening:
        place = target
        if dry_run and not store_exists(target):
            folder = opening.enter_context(tempfile.TemporaryDirectory())
            place = SqlitePlace(Path(folder) / "none.db")
        ours = opening.enter_context(open_stores(source, clock, processes))
        theirs = opening.enter_context(open_stores(place, clock, processes))
        _refuse_moved(ours, source, target)
        keeps = not isinstance(target, BucketPlace)
        names = Names(
            source=str(source),
            target=str(target),
            repositories=_repositories(folders, ours, theirs, keeps),
        )
        refuse_held(ours, dry_run)
        used = {key.repository for key in ours.state.known() if ours.state.stacks(key)}
        known = theirs.records.journal.repositories() if keeps else None
        refuse_unknown_repositories(used, names, known=known)
        if keeps and not dry_run:
            _note_repositories(ours, theirs)
        yield Migration(
            source=Side(state=ours.state, journal=ours.records.journal, fresh=_fresh(source)),
            target=Side(state=theirs.state, journal=theirs.records.journal, fresh=_fresh(target)),
            names=names,
            holder=processes.name(actor()),
            actor=actor(),
            clock=clock,
            ttl=_TTL,
            tell=tell,
        )


def _refuse_moved(ours: Stores, source: Place, target: Place) -> None:
    moved_to = ours.state.moved_to()
    if moved_to not in (None, str(target)):
        raise UserError(f"all state of {source} was moved to {moved_to} before: move it from there")


def _fresh(place: Place) -> Fresh:
    return lambda: open_state(place, SystemClock(), LocalProcesses())


def _repositories(
    folders: Sequence[Path], ours: Stores, theirs: Stores, keeps: bool
) -> Mapping[str, str]:
    """The ids in the second store by those in the first, of the repositories of these clones.

    ``keeps``: the second store keeps GitHub's ids of repositories.
    """
    found = {}
    for folder in folders or (Path(),):
        try:
            clone = open_clone(folder)
            here = repository_of(clone, ours.records.journal)
        except UserError:
            if folders:
                raise
            continue
        there = repository_of(clone, theirs.records.journal)
        numbers = not here.startswith("commit:") and there.startswith("commit:")
        found[here] = here if numbers and keeps else there
    return found


def _note_repositories(ours: Stores, theirs: Stores) -> None:
    """Let the second store know the names of the repositories, as a server has noted them in the first."""
    known = theirs.records.journal.repositories()
    for id_, name in ours.records.journal.repositories().items():
        if id_ not in known and theirs.records.journal.repository_id(name) is None:
            theirs.records.journal.note_repository(id_, name)


def _moving(found: Found) -> Sequence[Moving]:
    left = (Step.COPY, Step.SETTLE)
    return [one for stacks in found.values() for one in stacks if one.step in left]


_WORDS = {
    Step.COPY: "moves",
    Step.SETTLE: "moves: its copy is there, and is settled",
    Step.THERE: "is there already",
    Step.ELSEWHERE: "stays: a third store has it",
}


def _show(found: Found, names: Names) -> None:
    say(f"{names.source} → {names.target}", "bold")
    for key, stacks in found.items():
        if not stacks:
            say(f"{key.environment}: no stacks", "default")
        for one in stacks:
            cut = f", {one.open_intents} changes cut off" if one.open_intents else ""
            what = f"serial {one.serial}, {one.objects} objects{cut}"
            say(f"  {one.stack.label}  {what}  {_WORDS[one.step]}", "default")
    if not found:
        say("There is no state in it.", "default")


def _as_data(names: Names, found: Found, *, closed: bool) -> object:
    return {
        "from": names.source,
        "to": names.target,
        "closed": closed,
        "environments": [
            {
                "repository": key.repository,
                "repository_there": names.repositories.get(key.repository, key.repository),
                "environment": key.environment,
                "stacks": to_full_data(stacks),
            }
            for key, stacks in found.items()
        ],
    }
