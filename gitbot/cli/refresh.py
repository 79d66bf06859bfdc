"""``gitbot refresh``, and ``--refresh-only`` of plan and apply: bring state up to the cloud. Shell."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.cli.change_options import stacks_option
from gitbot.cli.changes import agreed_by_digest
from gitbot.cli.clone import open_clean_clone, open_clone
from gitbot.cli.common import (
    folder_option,
    hash_key,
    json_option,
    note,
    show,
    show_json,
    tells_errors,
    with_cost,
)
from gitbot.cli.stores import require_store, store_option
from gitbot.cli.targets import actor, committed, in_work_tree, leased
from gitbot.decisions.claims import refuse_command_line
from gitbot.errors import RefusedError, UserError
from gitbot.jobs.steps.state_edits import look_again, record_refresh
from gitbot.jobs.steps.target import Target, target_stacks
from gitbot.jobs.steps.target_plans import open_cloud
from gitbot.model.cloud import Purpose
from gitbot.model.codec import to_full_data
from gitbot.model.places import Place
from gitbot.model.plan import short_digest
from gitbot.reconciler.focus import Focus
from gitbot.reconciler.refreshing import Refresh
from gitbot.render.refreshing import refresh_lines


@click.command()
@click.argument("environment")
@stacks_option
@store_option
@folder_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--digest",
    help="Do not ask, but record only what has these 16 digits in `gitbot plan --refresh-only`. One "
    "for each stack that differs, separated by commas.",
)
@json_option
@tells_errors
def refresh(
    environment: str,
    stacks: tuple[str, ...],
    store: Place,
    folder: Path,
    yes: bool,
    digest: str | None,
    as_json: bool,
) -> None:
    """Record what the cloud has now of ENVIRONMENT, without changing the cloud.

    Shows first how it differs from state, and asks. The next plan compares the specs with that.
    """
    refresh_environment(environment, stacks, store, folder, yes, digest, as_json)


def show_refresh(
    environment: str, stacks: tuple[str, ...], store: Place, folder: Path, as_json: bool
) -> bool:
    """Show what a refresh would record; returns whether there is anything."""
    require_store(store)
    clone = open_clone(folder)
    with open_engine(store, hash_key=hash_key()) as opened:
        target = in_work_tree(opened, clone, environment, stacks)
        found = _look(opened, target, Purpose.PLAN)
    _show(found, as_json)
    return any(each.taken for each in found)


def refresh_environment(
    environment: str,
    stacks: tuple[str, ...],
    store: Place,
    folder: Path,
    yes: bool,
    digest: str | None,
    as_json: bool,
) -> None:
    """Show what differs, ask, and record it, under the lease of the environment.

    Raises:
        RefusedError: nobody agreed, what differs has another digest, or a pull request holds a stack.
    """
    require_store(store)
    clone = open_clean_clone(folder)
    with open_engine(store, hash_key=hash_key()) as opened:
        target = committed(opened, clone, environment, stacks)
        with leased(opened, target) as lease:
            claims = opened.records.claims.of_environment(target.key)
            refuse_command_line(claims, target_stacks(opened.engine, target))
            found = _look(opened, target, Purpose.PLAN)
            if not as_json:
                _show(found, as_json=False)
            differs = [each for each in found if each.taken]
            _ask_to_record(differs, yes, digest)
            for each in found:
                if not each.empty:
                    record_refresh(opened.engine, opened.records, lease, each, actor=actor())
    if as_json:
        _show(found, as_json=True)
    elif differs:
        note(f"Recorded. The next plan compares the specs with it: gitbot plan {environment}")


def refuse_with_refresh(flags: Mapping[str, object], focus: Focus) -> None:
    """Raises UserError where a flag is given that says nothing about a refresh."""
    given = [name for name, value in flags.items() if value]
    if focus.names:
        given.append("--target, --exclude and --replace")
    if given:
        raise UserError(f"--refresh-only does not go with {', '.join(given)}")


def _ask_to_record(differs: Sequence[Refresh], yes: bool, digest: str | None) -> None:
    shown = {each.before.id.label: each.digest for each in differs}
    if shown.keys() - agreed_by_digest(shown, digest) and not yes:
        given = ",".join(short_digest(each) for each in shown.values())
        ask("record exactly this", list(shown), f"--digest {given} or --yes")


def ask(what: str, labels: Sequence[str], how: str = "--yes") -> None:
    """Return when the person agrees. Raises RefusedError otherwise."""
    if not sys.stdin.isatty():
        raise RefusedError(
            f"this changes the state of {', '.join(labels)}. There is no terminal to ask you: agree "
            f"with {how}"
        )
    answer = click.prompt(f"Type yes to {what}", default="", show_default=False)
    if answer.strip().lower() != "yes":
        raise RefusedError("you did not agree: nothing was changed")


def _look(opened: Opened, target: Target, purpose: Purpose) -> tuple[Refresh, ...]:
    engine = opened.engine
    states = [engine.state.read(stack) for stack in sorted(target_stacks(engine, target))]
    cloud = open_cloud(engine, target, purpose)
    return look_again(engine, cloud, [one for one in states if not one.empty])


def _show(found: Sequence[Refresh], as_json: bool) -> None:
    if as_json:
        data = {
            each.before.id.label: {
                "recorded": to_full_data(each.taken),
                "left": to_full_data(each.kept),
                "digest": each.digest if each.taken else None,
            }
            for each in found
        }
        show_json(with_cost({"refresh": data}))
        return
    if not found:
        note("State has no resources to compare with the cloud.")
    for each in found:
        show(refresh_lines(each.before.id, each.taken, each.kept, each.digest))
