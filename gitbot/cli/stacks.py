"""``gitbot plan``, ``apply`` and ``destroy``, for one environment of a clone. Shell."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from gitbot.bootstrap.engine import Walking, open_engine
from gitbot.bootstrap.stores import store_exists
from gitbot.cli.change_options import change_options, new_store_option, stacks_option
from gitbot.cli.changes import PrintedProgress, exit_status, show_plans, show_results, show_unread
from gitbot.cli.clone import open_clean_clone, open_clone
from gitbot.cli.common import (
    EXIT_CHANGES,
    EXIT_ERROR,
    folder_option,
    hash_key,
    json_option,
    note,
    tells_errors,
)
from gitbot.cli.focus import destroy_options, focus_of, focus_options, refuse_replacing
from gitbot.cli.refresh import refresh_environment, refuse_with_refresh, show_refresh
from gitbot.cli.signals import Interrupt, interruptible
from gitbot.cli.stores import require_store, store_option
from gitbot.cli.targets import (
    committed,
    in_work_tree,
    no_stacks,
    open_for_planning,
    plans_of,
    readable,
    show_warnings,
)
from gitbot.cli.turns import change
from gitbot.cli.where import (
    AtServer,
    Where,
    refuse_with_server,
    refuse_with_store,
    where_options,
)
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.target_plans import open_cloud
from gitbot.model.cloud import Purpose
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.places import Place
from gitbot.reconciler.focus import Focus

_ONLY_WITH_STORE = (
    *("targets", "excludes", "replaces", "nothing"),
    *("refresh_only", "no_refresh", "refresh_lookups"),
)
_REFRESH_LOOKUPS = "Look up again what stacks look up, whatever was recorded."


@click.command()
@click.argument("environment")
@stacks_option
@where_options
@folder_option
@focus_options
@click.option("--destroy", "nothing", is_flag=True, help="Show what a destroy would delete.")
@click.option("--refresh-only", is_flag=True, help="Show only what a refresh would record.")
@click.option("--no-refresh", is_flag=True, help="Do not read the cloud: compare with state only.")
@click.option("--refresh-lookups", is_flag=True, help=_REFRESH_LOOKUPS)
@click.option("--detailed-exitcode", is_flag=True, help="0: no changes, 1: error, 2: changes.")
@json_option
@tells_errors
def plan(
    environment: str,
    stacks: tuple[str, ...],
    where: Where,
    folder: Path,
    targets: tuple[str, ...],
    excludes: tuple[str, ...],
    replaces: tuple[str, ...],
    nothing: bool,
    refresh_only: bool,
    no_refresh: bool,
    refresh_lookups: bool,
    detailed_exitcode: bool,
    as_json: bool,
) -> None:
    """Show what an apply of ENVIRONMENT would change. Changes nothing.

    With a store: plans the files in the clone, committed or not. Guarded changes (deleting or
    replacing what holds data, deleting much at once, ...) are marked. To apply them, give --digest or
    type the digest.

    With a server: it plans the checked-out commit, which must be pushed, merged with the tracked
    branch, with its own role and state.
    """
    if isinstance(where, AtServer):
        from gitbot.cli.remote_changes import plan_at_server

        refuse_with_server(*_ONLY_WITH_STORE)
        exits = {"detailed_exitcode": detailed_exitcode, "as_json": as_json}
        plan_at_server(environment, stacks, where, folder, **exits)
    store, focus = where, focus_of(targets, excludes, replaces)
    if refresh_only:
        refuse_with_refresh({"--destroy": nothing, "--no-refresh": no_refresh}, focus)
        changes = show_refresh(environment, stacks, store, folder, as_json)
        sys.exit(EXIT_CHANGES if changes and detailed_exitcode else 0)
    if nothing:
        refuse_replacing(focus)
    asked = {"towards_nothing": nothing, "refresh": not no_refresh, "focus": focus}
    problems: list[Diagnostic] = []
    planned, unread = _plan(environment, stacks, store, folder, refresh_lookups, problems, **asked)
    show_plans(planned, as_json, problems)
    show_unread(environment, unread)
    if not (planned or unread or problems):
        note(no_stacks(environment))
    elif no_refresh:
        note("The cloud was not read (--no-refresh): this compares with the last apply only.")
    changes = any(not each.plan.empty for each in planned)
    sys.exit(EXIT_ERROR if unread else EXIT_CHANGES if changes and detailed_exitcode else 0)


def _plan(
    environment: str,
    stacks: tuple[str, ...],
    store: Place,
    folder: Path,
    refresh_lookups: bool,
    problems: list[Diagnostic],
    **asked: Any,
) -> tuple[Sequence[Planned], Mapping[str, str]]:
    """The plans of the files in the clone, and by stack why there is none.

    What is wrong with specs is put into ``problems``. ``asked`` are fields of the ``Target``.
    """
    clone = open_clone(folder)
    if not store_exists(store):
        note(f"There is no state at {store} yet, so everything looks new.")
    with open_for_planning(store) as opened:
        target = replace(
            in_work_tree(opened, clone, environment, stacks),
            lookups_since=opened.engine.clock.now() if refresh_lookups else None,
            **asked,
        )
        show_warnings(target)
        cloud = open_cloud(opened.engine, target, Purpose.PLAN)
        unread: dict[str, str] = {}
        planned = plans_of(opened, target, cloud, unread, problems=problems)
        return readable(target, planned), unread


@click.command()
@click.option(
    "--pull-request",
    "number",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="With a server: the pull request that shows the plan of --digest.",
)
@where_options
@new_store_option
@change_options
@focus_options
@click.option("--refresh-lookups", is_flag=True, help=_REFRESH_LOOKUPS)
@click.option(
    "--refresh-only", is_flag=True, help="Only record what the cloud has now: see gitbot refresh."
)
@tells_errors
def apply(
    environment: str, refresh_only: bool, where: Where, number: int | None, **options: Any
) -> None:
    """Make ENVIRONMENT equal to the checked-out commit, after showing the plan and asking.

    The clone must have no uncommitted changes. After Ctrl-C or SIGTERM, changes that run finish and are
    recorded. After an interrupted or killed apply, run the same command again: it continues.

    With a server: it does what the comment `/apply ENVIRONMENT DIGEST` on --pull-request does.
    """
    if isinstance(where, AtServer):
        from gitbot.cli.remote_changes import apply_at_server

        refuse_with_server(*_ONLY_WITH_STORE, "stacks", "new_store", "yes", "parallelism")
        asked = {name: options[name] for name in ("digest", "as_json")}
        apply_at_server(environment, where, options["folder"], number=number, **asked)
        return
    refuse_with_store("number")
    options["store"] = where
    focus = focus_of(*(options.pop(name) for name in ("targets", "excludes", "replaces")))
    if refresh_only:
        refuse_with_refresh({"--new-store": options["new_store"]}, focus)
        wanted = ("stacks", "store", "folder", "yes", "digest", "as_json")
        refresh_environment(environment, **{name: options[name] for name in wanted})
        return
    _change(environment, nothing=False, focus=focus, **options)


@click.command()
@store_option
@change_options
@destroy_options
@tells_errors
def destroy(environment: str, **options: Any) -> None:
    """Delete the resources of ENVIRONMENT, of one --stack or --target, that are in state.

    The files of the stacks are not needed: state remembers what depends on what. `gitbot plan
    --destroy` shows the plan first.
    """
    focus = focus_of(options.pop("targets"), options.pop("excludes"), ())
    _change(environment, nothing=True, focus=focus, **options)


def _change(
    environment: str,
    *,
    nothing: bool,
    focus: Focus,
    stacks: tuple[str, ...],
    store: Place,
    folder: Path,
    yes: bool,
    digest: str | None,
    parallelism: int,
    as_json: bool,
    new_store: bool = False,
    refresh_lookups: bool = False,
) -> None:
    require_store(store, new_store=new_store)
    clone = open_clean_clone(folder)
    interrupt, progress = Interrupt(), PrintedProgress(quiet=as_json)
    pace: Walking = {"stop": interrupt, "progress": progress, "parallelism": parallelism}
    with interruptible(interrupt), open_engine(store, hash_key=hash_key(), **pace) as opened:
        target = replace(
            committed(opened, clone, environment, stacks),
            towards_nothing=nothing,
            focus=focus,
            lookups_since=opened.engine.clock.now() if refresh_lookups else None,
        )
        show_warnings(target)
        unread: dict[str, str] = {}
        results = change(opened, target, interrupt, unread, yes=yes, digest=digest, as_json=as_json)
    show_results(results, as_json)
    show_unread(environment, unread)
    if not (results or unread or interrupt()):
        note(f"Nothing to destroy in {environment}." if nothing else no_stacks(environment))
    sys.exit(exit_status(results, unread, interrupt))
