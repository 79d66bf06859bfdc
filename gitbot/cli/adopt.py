"""``gitbot adopt``: write specs for what is there already. Shell."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from gitbot.adapters.clock import SystemClock
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.cli.changes import show_plans
from gitbot.cli.clone import open_clone, repository_of
from gitbot.cli.common import (
    EXIT_ERROR,
    folder_option,
    hash_key,
    note,
    say,
    store_option,
    tells_errors,
)
from gitbot.errors import UserError
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.target import Target, open_cloud, plan_target
from gitbot.language.cloudformation.adopting import RunningStack
from gitbot.language.cloudformation.converting import convert
from gitbot.language.types import Types
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.plan import Action
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.cloudformation import read_stack
from gitbot.providers.aws.clouds import AwsClouds


@click.group()
def adopt() -> None:
    """Write specs for what is there already, so that gitbot keeps it from now on."""


@adopt.command()
@click.argument("stack")
@click.argument("environment")
@click.option("--name", help="The name of gitbot's stack  [default: like STACK].")
@store_option
@folder_option
@tells_errors
def cloudformation(
    stack: str, environment: str, name: str | None, store: Path, folder: Path
) -> None:
    """Write a spec for the running CloudFormation STACK into ENVIRONMENT, and plan it.

    The spec says what the stack's template says, with the stack's parameters, and imports its objects.
    The plan then proves that nothing would change, or shows what would. Nothing is changed in the
    cloud. Afterwards this says how to take the objects out of CloudFormation.

    Exit codes: 0 the plan adopts everything and changes nothing, 1 it does not, or there is an error.
    """
    own = name or re.sub(r"[^a-z0-9-]+", "-", stack.lower()).strip("-")
    clone = open_clone(folder)
    file = clone.root / "specs" / environment / f"{own}.yaml"
    if file.exists():
        raise UserError(f"{file} is there already: move it away, or give another --name")
    with ExitStack() as opening:
        if not store.exists():
            store = Path(opening.enter_context(tempfile.TemporaryDirectory())) / "none.db"
        opened = opening.enter_context(open_engine(store, hash_key=hash_key()))
        repository = repository_of(clone, opened.records.journal)
        tree = opened.engine.loader.load(clone.working_specs(), reviewed=True)
        before = Target(repository=repository, environment=environment, tree=tree, commit=None)
        running = _read(before.rules(), stack)
        lost = _write(file, running, own)
        after = Target(
            repository=repository,
            environment=environment,
            tree=opened.engine.loader.load(clone.working_specs(), reviewed=True),
            commit=None,
            only=(own,),
        )
        say("wrote", "green", f" {file.relative_to(clone.root)}")
        planned = _plan(opened, after)
    show_plans(planned, as_json=False)
    tags = tree.environments[environment].tags
    changed = _changed(planned, tags)
    for line in changed:
        note(line)
    if changed or lost:
        note(
            "This plan would do more than adopt. Change the spec until it does not: "
            f"gitbot plan {environment} --stack {own}"
        )
        sys.exit(EXIT_ERROR)
    more = f", and gives them the tags of {environment}" if tags else ""
    note(f"The plan adopts every object and changes none{more}.")
    note(_how_to_leave(stack, environment, own))


def _read(environment: Environment, stack: str) -> RunningStack:
    clouds = AwsClouds(open_catalog(), SystemClock(), hide=lambda text: text)
    return read_stack(clouds.open(environment, Purpose.PLAN).aws, stack)


def _write(file: Path, running: RunningStack, name: str) -> int:
    """Write the spec; how many things are not in it."""
    catalog = open_catalog()
    made = convert(
        running.template,
        name=name,
        kind="Stack",
        types=Types(
            lookup=catalog.lookup, all_names=catalog.names, served_names=catalog.native_names
        ),
        file=f"the template of {running.name}",
        running=running,
    )
    if made.text is None:
        why = made.lost[0]
        raise UserError(f"the template of {running.name} cannot be read: {why.detail} {why.fix}")
    file.write_text(made.text, encoding="utf-8")
    return made.text.count("# NOT CARRIED OVER")


def _plan(opened: Opened, target: Target) -> Sequence[Planned]:
    cloud = open_cloud(opened.engine, target, Purpose.PLAN)
    unread: dict[str, str] = {}
    planned = plan_target(opened.engine, target, cloud, unread=unread)
    for why in unread.values():
        raise UserError(f"the stack cannot be planned: {why}")
    return planned


def _changed(planned: Sequence[Planned], tags: Mapping[str, str]) -> list[str]:
    """What the plan does beside adopting objects, and giving them the tags of the environment."""
    found: list[str] = []
    for change in (change for each in planned for change in each.plan.changes):
        paths = [one.path for one in change.paths if not (one.added and _is_tag(one.path, tags))]
        adopts = change.action is Action.ADOPT
        if paths or change.action not in (Action.NOOP, Action.ADOPT):
            what = "changed" if adopts else f"planned as {change.action}"
            found.append(f"{change.address} would be {what}: {', '.join(paths)}".rstrip(": "))
    return found


def _is_tag(path: str, tags: Mapping[str, str]) -> bool:
    above, _, key = path.rpartition("/")
    return above.endswith("Tags") and key in tags


def _how_to_leave(stack: str, environment: str, own: str) -> str:
    return (
        f"To take the objects out of CloudFormation, in this order:\n"
        f"  1. Write `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` at each resource of the\n"
        f"     template of {stack}, and update that stack. This changes no object.\n"
        f"  2. Commit specs/{environment}/{own}.yaml, and merge it or run: gitbot apply {environment} "
        f"--stack {own}\n"
        f"     From then on gitbot owns the objects. Do not update {stack} any more.\n"
        f"  3. Delete the stack {stack}: aws cloudformation delete-stack --stack-name {stack}\n"
        "     CloudFormation forgets its objects and leaves them alone. Look at the events: each one\n"
        "     must say DELETE_SKIPPED.\n"
        "  4. Remove the lines `import:` from the spec whenever you like."
    )
