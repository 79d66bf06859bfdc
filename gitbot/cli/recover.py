"""``gitbot recover``: rebuild state from the ownership tags of what is in the cloud. Shell."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.cli.change_options import stacks_option
from gitbot.cli.clone import open_clean_clone
from gitbot.cli.common import (
    EXIT_CHANGES,
    EXIT_ERROR,
    folder_option,
    hash_key,
    json_option,
    note,
    say,
    show,
    show_json,
    tells_errors,
)
from gitbot.cli.refresh import ask
from gitbot.cli.stores import require_store, store_option
from gitbot.cli.targets import actor, committed, leased, no_stacks, open_for_planning
from gitbot.decisions.claims import refuse_command_line
from gitbot.decisions.recovering import doubtful
from gitbot.jobs.steps.proving_state import Recovery
from gitbot.jobs.steps.recovering import Recovered, record, recover_state
from gitbot.jobs.steps.target import Target, target_stacks
from gitbot.jobs.steps.target_plans import open_cloud
from gitbot.model.cloud import Purpose
from gitbot.model.codec import to_full_data
from gitbot.model.places import Place
from gitbot.render.recovering import recovery_lines, stranger_lines, twice_lines
from gitbot.render.terminal import diagnostic_lines, plan_lines


@click.command()
@click.argument("environment")
@stacks_option
@store_option
@click.option("--new-store", is_flag=True, help="Create the store if it does not exist.")
@folder_option
@click.option("--lineage", help="Only objects of this state, if several carry the stack's name.")
@click.option("--dry-run", is_flag=True, help="Only show what would be recorded.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@tells_errors
def recover(
    environment: str,
    stacks: tuple[str, ...],
    store: Place,
    new_store: bool,
    folder: Path,
    lineage: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Rebuild the state of ENVIRONMENT, which was lost or restored from an older backup.

    Looks for the objects whose tags name the stacks of your specs, and for what belongs to them, shows
    what it would record and what the next plan would say then, and asks. Check out the commit that was
    applied last. Nothing is changed in the cloud.

    Exit codes: 0 the next plan is empty, which proves the state; 2 it is not, and shows what differs;
    1 there is an error, or a stack is not recorded since its objects may be another repository's.
    """
    clone = open_clean_clone(folder)
    if dry_run:
        with open_for_planning(store) as opened:
            target = committed(opened, clone, environment, stacks)
            found = _look(opened, target, lineage)
            _tell(found, as_json, lineage, written=False)
            if not as_json:
                _tell_proof(found.stacks, environment)
    else:
        require_store(store, new_store=new_store)
        with open_engine(store, hash_key=hash_key()) as opened:
            target = committed(opened, clone, environment, stacks)
            found = _recover(opened, target, lineage, yes, as_json)
    if doubts := [*filter(None, (_doubt(one, lineage) for one in found.stacks))]:
        for one in doubts:
            note(one)
        sys.exit(EXIT_ERROR)
    if not all(one.proven for one in found.stacks):
        sys.exit(EXIT_CHANGES)


def _recover(
    opened: Opened, target: Target, lineage: str | None, yes: bool, as_json: bool
) -> Recovered:
    with leased(opened, target) as lease:
        claims = opened.records.claims.of_environment(target.key)
        refuse_command_line(claims, target_stacks(opened.engine, target))
        found = _look(opened, target, lineage)
        if not as_json:
            _tell(found, False, lineage, written=False)
        changed = [one for one in found.stacks if one.changes and not _doubt(one, lineage)]
        if changed and not yes:
            ask("record exactly this", [one.after.id.label for one in changed])
        for one in changed:
            record(opened.engine, opened.records, lease, one, actor=actor())
    if as_json:
        _tell(found, True, lineage, written=True)
    else:
        _tell_end(found.stacks, changed, target.environment)
    return found


def _doubt(one: Recovery, lineage: str | None) -> str:
    """Why the stack is not recorded; "" where it is."""
    return doubtful(one.after, one.plan) if one.before.empty and lineage is None else ""


def _look(opened: Opened, target: Target, lineage: str | None) -> Recovered:
    cloud = open_cloud(opened.engine, target, Purpose.PLAN)
    return recover_state(opened.engine, target, cloud, lineage)


def _tell(found: Recovered, as_json: bool, lineage: str | None, *, written: bool) -> None:
    if as_json:
        show_json(_as_data(found, lineage, written))
        return
    for one in found.stacks:
        show(recovery_lines(one.after.id, one.after.lineage, one.found.findings()))
        if one.plan is not None and not one.proven:
            say("What the next plan would say then:", "bold")
            show(plan_lines(one.plan))
            show(twice_lines(one.twice))
        if one.refusal is not None:
            say("The next plan would be refused then:", "bold")
            show(diagnostic_lines(one.refusal.diagnostics))
    show(stranger_lines(found.strangers))


def _tell_end(stacks: Sequence[Recovery], changed: Sequence[Recovery], environment: str) -> None:
    if changed:
        names = ", ".join(one.after.id.label for one in changed)
        say("Recorded", "green", f": {names}")
    else:
        note("There is nothing to record.")
    _tell_proof(stacks, environment)


def _tell_proof(stacks: Sequence[Recovery], environment: str) -> None:
    if not stacks:
        note(no_stacks(environment))
        return
    open_ = ", ".join(one.after.id.label for one in stacks if not one.proven)
    if open_:
        note(
            f"Not proven: {open_}. Above is what differs; gitbot plan {environment} shows it again"
        )
    else:
        say("Proven", "green", ": the next plan is empty.")


def _as_data(found: Recovered, lineage: str | None, written: bool) -> dict[str, Any]:
    return {
        "written": written,
        "stacks": [
            {
                "stack": one.after.id.label,
                "lineage": one.after.lineage,
                "proven": one.proven,
                "changes": one.changes,
                "doubt": _doubt(one, lineage),
                "resources": {at: each.remote_id for at, each in one.after.resources.items()},
                "findings": to_full_data(one.found.findings()),
                "maybe_there": {change.address: change.type for change in one.twice},
                "plan": None if one.plan is None else to_full_data(one.plan),
                "diagnostics": to_full_data(one.refusal.diagnostics if one.refusal else ()),
            }
            for one in found.stacks
        ],
        "left_alone": to_full_data(found.strangers),
    }
