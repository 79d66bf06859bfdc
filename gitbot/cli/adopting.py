"""Prove by a plan that a spec which was written for what exists changes nothing. Shell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gitbot.bootstrap.engine import Opened
from gitbot.cli.changes import show_plans
from gitbot.cli.clone import open_clone
from gitbot.cli.common import EXIT_ERROR, note, say
from gitbot.cli.targets import (
    in_work_tree,
    open_for_planning,
    plans_of,
    readable,
    show_warnings,
)
from gitbot.errors import SpecError, UserError
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.target import Target
from gitbot.jobs.steps.target_plans import open_cloud
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.places import Place
from gitbot.model.plan import Action


def write_and_plan(
    folder: Path,
    store: Place,
    environment: str,
    name: str,
    write: Callable[[Environment], tuple[str, int]],
) -> None:
    """Write the spec of the stack ``name`` into the environment, and plan it. Exits with 1 if it changes more.

    ``write`` gets the environment, and returns the text and how many things are not in it.

    Raises:
        UserError: the spec is there already, or cannot be planned.
        SpecError: the environment has errors already; nothing is written then.
    """
    clone = open_clone(folder)
    file = clone.root / "specs" / environment / f"{name}.yaml"
    if file.exists():
        raise UserError(f"{file} is there already: move it away, or give another --name")
    with open_for_planning(store) as opened:
        before = in_work_tree(opened, clone, environment, (name,))
        rules = _rules(before)
        text, lost = write(rules)
        file.write_text(text, encoding="utf-8")
        after = in_work_tree(opened, clone, environment, (name,))
        show_warnings(after)
        say("wrote", "green", f" {file.relative_to(clone.root)}")
        try:
            planned = _plan(opened, after)
        except UserError:
            note(
                f"correct {file.name}, then run gitbot plan {environment} --stack {name}; or delete it"
            )
            raise
    show_plans(readable(after, planned), as_json=False)
    _judge(planned, lost, rules.tags, f"{environment} --stack {name}")


def _rules(target: Target) -> Environment:
    """The environment's rules. Says that nothing is adopted where its specs have errors."""
    try:
        return target.rules()
    except SpecError:
        note(
            f"Nothing was adopted, and no file written: the specs of {target.environment} have errors. "
            "Correct them, then adopt again:"
        )
        raise


def _judge(planned: Sequence[Planned], lost: int, tags: Mapping[str, str], stack: str) -> None:
    changed = _changed(planned, tags)
    for line in changed:
        note(line)
    if changed or lost:
        note(
            "This plan would do more than adopt. Change the spec until it does not: "
            f"gitbot plan {stack}"
        )
        sys.exit(EXIT_ERROR)
    more = f", and gives them the tags of {stack.partition(' ')[0]}" if tags else ""
    note(f"The plan adopts every object and changes none{more}.")


def _plan(opened: Opened, target: Target) -> Sequence[Planned]:
    cloud = open_cloud(opened.engine, target, Purpose.PLAN)
    unread: dict[str, str] = {}
    planned = plans_of(opened, target, cloud, unread)
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
