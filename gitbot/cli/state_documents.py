"""``gitbot state pull`` and ``gitbot state push``: state as a document, out of a store and into it. Shell."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import click

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.stores import Stores, open_stores
from gitbot.cli.clone import open_clone, repository_of
from gitbot.cli.common import folder_option, json_option, note, say, show_json, tells_errors
from gitbot.cli.refresh import ask
from gitbot.cli.stores import require_store, store_option
from gitbot.cli.targets import actor
from gitbot.decisions.claims import refuse_command_line
from gitbot.decisions.state_documents import (
    Document,
    Push,
    document_of,
    push_of,
    read_document,
    refuse_repository,
)
from gitbot.decisions.state_doubles import refuse_doubles
from gitbot.errors import UserError
from gitbot.jobs.steps.lease import hold
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.places import Place
from gitbot.model.recorded import Lease

_TTL = timedelta(minutes=1)


@click.command("pull", short_help="Print the state as a document for `push`.")
@click.argument("environment")
@click.argument("stack", required=False)
@store_option
@folder_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write this file, which must not exist, readable by you alone [default: print it].",
)
@click.option(
    "--json", is_flag=True, expose_value=False, help="No effect: the document is always JSON."
)
@tells_errors
def pull(environment: str, stack: str | None, store: Place, folder: Path, out: Path | None) -> None:
    """Print the state of ENVIRONMENT, or of its STACK, as a document that `gitbot state push` takes.

    Values that the specs or AWS call sensitive are in it as hashes. All else is in it in plain text: the properties
    of each resource, everything that AWS says about it, outputs, and answers of lookups. AWS
    may keep there what nobody has called sensitive, such as the user data of machines: treat the
    document as a secret, also if the store is encrypted.
    """
    require_store(store)
    with open_stores(store, SystemClock(), LocalProcesses()) as stores:
        key = EnvironmentKey(
            repository=repository_of(open_clone(folder), stores.records.journal),
            environment=environment,
        )
        states = [one for one in stores.state.read_all(key) if stack in (None, one.id.name)]
    if not states:
        raise UserError(
            f"{store} has no state of {environment}{'' if stack is None else f'/{stack}'} of this repository"
        )
    for state in states:
        if state.moved is not None:
            note(
                f"{state.id.label} is kept in {state.moved.to}: this is how it was when it went there"
            )
    text = json.dumps(document_of(key, states), indent=2, sort_keys=True, ensure_ascii=False)
    if out is None:
        click.echo(text)
        return
    _write(out, f"{text}\n")
    note(f"{len(states)} stacks are in {out}, which only you can read")


def _write(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise UserError(f"{path} is there already: name another file, or delete it") from error
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


@click.command("push", short_help="Make state what a document says.")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@store_option
@click.option("--new-store", is_flag=True, help="Create the store if it does not exist.")
@folder_option
@click.option(
    "--force",
    is_flag=True,
    help="Also push a document of another lineage, or one whose serial is not higher. Nothing else is overridden.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@tells_errors
def push(
    file: IO[str],
    store: Place,
    new_store: bool,
    folder: Path,
    force: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Make state what the document FILE says, which `gitbot state pull` wrote and you changed (- is the standard input).

    The document needs a higher serial than the store has, and the same lineage. A stack in which an apply was cut off is
    refused, one that a pull request holds too, and an environment that is being applied. Stacks
    that the document does not have, and those that are the same, are left alone. Shows what changes, and asks.
    Changes nothing in the cloud; the next plan compares with it.
    """
    require_store(store, new_store=new_store)
    document = read_document(_text(file))
    processes = LocalProcesses()
    with open_stores(store, SystemClock(), processes) as stores:
        repository = repository_of(open_clone(folder), stores.records.journal)
        refuse_repository(document, repository)
        key = replace(document.environment, repository=repository)
        with hold(
            stores.state, key, processes.name(actor()), ttl=_TTL, clock=SystemClock()
        ) as lease:
            ids = [replace(one.id, repository=repository) for one in document.stacks]
            refuse_command_line(stores.records.claims.of_environment(key), ids)
            _refuse_doubles(stores, document, ids)
            found = [
                push_of(one, stores.state.read(id_), force=force)
                for one, id_ in zip(document.stacks, ids, strict=True)
            ]
            pushes = [one for one in found if one is not None]
            if not as_json:
                _show(pushes)
            if pushes and not yes:
                ask("make state exactly so", [one.after.id.label for one in pushes])
            for one in pushes:
                _push(stores, lease(), one)
    _tell(key.environment, pushes, as_json=as_json)


def _refuse_doubles(stores: Stores, document: Document, ids: Sequence[StackId]) -> None:
    """Return when nothing of the document would be in the store twice. Raises UserError."""
    stacks = [replace(one, id=id_) for one, id_ in zip(document.stacks, ids, strict=True)]
    objects = [(one.type, one.remote_id) for each in stacks for one in each.resources.values()]
    holders = stores.state.holders(objects) if objects else ()
    repositories = {one.repository for one in ids}
    headers = [one for name in repositories for one in stores.state.headers(name)]
    refuse_doubles(stacks, holders, headers)


def _text(file: IO[str]) -> str:
    try:
        return file.read()
    except (OSError, ValueError) as error:
        raise UserError(f"{file.name} cannot be read: {error}") from error


def _push(stores: Stores, lease: Lease, one: Push) -> None:
    if one.before.serial == 0:
        stores.state.bring(lease, one.after)
    else:
        stores.state.rebuild(lease, one.before, one.after)
    stores.records.journal.audit(
        at=SystemClock().now(),
        actor=actor(),
        action="state push",
        subject=str(one.after.id),
        detail={
            "lineage": one.after.lineage,
            "serial": one.after.serial,
            "differences": list(one.differences),
            "overrides": list(one.overrides),
        },
    )


def _show(pushes: Sequence[Push]) -> None:
    for one in pushes:
        say(f"{one.after.id.label}: what changes in state", "bold")
        for line in one.differences:
            say(f"  {line}", "default")
        for line in one.overrides:
            say(f"  overridden by --force: {line}", "yellow")


def _tell(environment: str, pushes: Sequence[Push], *, as_json: bool) -> None:
    if as_json:
        data: list[dict[str, Any]] = [
            {
                "stack": one.after.id.label,
                "lineage": one.after.lineage,
                "differences": one.differences,
                "overrides": one.overrides,
            }
            for one in pushes
        ]
        show_json({"pushed": data})
    elif pushes:
        note(f"State is as the document says. Now run: gitbot plan {environment}")
    else:
        note("State was as the document says: nothing was changed.")
