"""``gitbot state mv`` and ``gitbot state rm``: change what state has, by hand. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.cli.clone import open_clean_clone
from gitbot.cli.common import (
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
from gitbot.cli.targets import actor, committed, leased
from gitbot.decisions.claims import refuse_command_line
from gitbot.errors import SpecError
from gitbot.jobs.steps.observing import observe
from gitbot.jobs.steps.planning import plan_stack
from gitbot.jobs.steps.state_edits import record_edit
from gitbot.jobs.steps.target import Target, target_stacks
from gitbot.jobs.steps.target_plans import open_cloud
from gitbot.model.cloud import Purpose
from gitbot.model.codec import to_full_data
from gitbot.model.names import Address
from gitbot.model.places import Place
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.state_edits import Edit, as_tagged, move, remove
from gitbot.render.terminal import diagnostic_lines, plan_lines

F = TypeVar("F", bound=Callable[..., Any])


def _options(command: F) -> F:
    for option in (
        tells_errors,
        json_option,
        click.option("--yes", is_flag=True, help="Do not ask."),
        folder_option,
        store_option,
    ):
        command = option(command)
    return command


@click.command("mv", short_help="Give a resource another address.")
@click.argument("environment")
@click.argument("stack")
@click.argument("before", metavar="FROM")
@click.argument("after", metavar="TO")
@_options
def mv(
    environment: str,
    stack: str,
    before: str,
    after: str,
    store: Place,
    folder: Path,
    yes: bool,
    as_json: bool,
) -> None:
    """Give what STACK has at the address FROM, and everything below it, the address TO.

    The objects get the tag of their new address. Where the specs can say it, write `moved` there
    instead: then the change is reviewed. Shows what the next plan would say, and asks.
    """

    def edit(recorded: RecordedStack) -> Edit:
        return move(recorded, Address(before), Address(after))

    _edit(environment, stack, edit, store, folder, yes, as_json)


@click.command("rm", short_help="Forget a resource; its object stays.")
@click.argument("environment")
@click.argument("stack")
@click.argument("address")
@_options
def rm(
    environment: str,
    stack: str,
    address: str,
    store: Place,
    folder: Path,
    yes: bool,
    as_json: bool,
) -> None:
    """Take what STACK has at ADDRESS, and everything below it, out of state.

    The objects stay in the cloud, and gitbot does not know them any more. Where the specs can say it,
    write `removed` with `keep: true` there instead. Shows what the next plan would say, and asks.
    """

    def edit(recorded: RecordedStack) -> Edit:
        return remove(recorded, Address(address))

    _edit(environment, stack, edit, store, folder, yes, as_json)


def _edit(
    environment: str,
    name: str,
    change: Callable[[RecordedStack], Edit],
    store: Place,
    folder: Path,
    yes: bool,
    as_json: bool,
) -> None:
    require_store(store)
    clone = open_clean_clone(folder)
    with open_engine(store, hash_key=hash_key()) as opened:
        target = committed(opened, clone, environment, (name,))
        engine = opened.engine
        with leased(opened, target) as lease:
            stacks = target_stacks(engine, target)
            refuse_command_line(opened.records.claims.of_environment(target.key), stacks)
            (stack,) = (one for one in stacks if one.name == name)
            before = engine.state.read(stack)
            edit = change(before)
            cloud = open_cloud(engine, target, Purpose.APPLY)
            plan, refusal = _next_plan(opened, target, cloud, edit)
            if not as_json:
                _show(before, edit, plan, refusal)
            if not yes:
                ask("change the state exactly so", [stack.label])
            record_edit(engine, opened.records, cloud, lease, before, edit, actor=actor())
    if as_json:
        show_json(
            {
                "stack": stack.label,
                "moved": dict(edit.moved),
                "removed": dict(edit.removed),
                "plan": None if plan is None else to_full_data(plan),
                "diagnostics": to_full_data(refusal.diagnostics if refusal else ()),
            }
        )
    else:
        note(f"The state of {stack.label} is changed. Now run: gitbot plan {environment}")


def _next_plan(
    opened: Opened, target: Target, cloud: Cloud, edit: Edit
) -> tuple[Plan | None, SpecError | None]:
    """The plan that the edited state would give; or why it would be refused."""
    engine, stack = opened.engine, edit.after.id
    desired = engine.wanted(target.tree, target.key).stacks.get(stack.name)
    (seen,) = observe(engine, cloud, [(desired, edit.after)])
    seen = replace(seen, observed=as_tagged(edit, seen.observed))
    try:
        plan = plan_stack(
            engine,
            cloud,
            stack=stack,
            desired=desired,
            recorded=edit.after,
            commit=target.commit,
            reviewed=True,
            seen=seen,
        )
    except SpecError as error:
        return None, error
    return plan, None


def _show(before: RecordedStack, edit: Edit, plan: Plan | None, refusal: SpecError | None) -> None:
    say(f"{before.id.label}: what changes in state", "bold")
    for former, address in sorted(edit.moved.items()):
        say(f"  {former} → {address}  {before.resources[former].remote_id}", "default")
    for place, remote_id in edit.removed.items():
        say(f"  {place}  {remote_id}  leaves state and stays in the cloud", "default")
    say("What the next plan would say then:", "bold")
    if plan is not None:
        show(plan_lines(plan))
    if refusal is not None:
        show(diagnostic_lines(refusal.diagnostics))
