"""``gitbot plan``, ``apply`` and ``destroy``: one environment, from a clone. Shell."""

from __future__ import annotations

import getpass
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from gitbot.adapters.git import LocalRepository, local_specs
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.cli.common import (
    EXIT_CHANGES,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    console,
    folder_option,
    hash_key,
    json_option,
    show,
    show_json,
    store_option,
    tells_errors,
)
from gitbot.errors import RefusedError, UserError
from gitbot.jobs.lease import hold, new_holder
from gitbot.jobs.local import (
    Target,
    apply_planned,
    open_cloud,
    plan_target,
    refuse_claimed,
)
from gitbot.jobs.planning import Planned
from gitbot.model.codec import to_data
from gitbot.model.names import Address
from gitbot.model.plan import WalkResult
from gitbot.ports import Purpose
from gitbot.render.terminal import plan_lines, walk_lines

stack_option = click.option(
    "--stack", "stacks", multiple=True, help="Only this stack; may be given several times."
)
parallelism_option = click.option(
    "--parallelism",
    default=10,
    show_default=True,
    type=click.IntRange(1, 100),
    help="Resources changed at the same time.",
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask. Guards still need --digest.")
digest_option = click.option(
    "--digest",
    help="Apply only if the plan's digest begins with this (8 digits or more): what was reviewed "
    "is what is applied. One for each stack with changes, separated by commas.",
)


@dataclass(slots=True)
class Interrupt:
    """Set by the first Ctrl-C: what runs is finished and recorded, nothing new is begun."""

    asked: bool = False

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.asked


@click.command()
@click.argument("environment")
@stack_option
@store_option
@folder_option
@click.option("--no-refresh", is_flag=True, help="Do not read the cloud: compare with state only.")
@click.option("--detailed-exitcode", is_flag=True, help="0: no changes, 1: error, 2: changes.")
@json_option
@tells_errors
def plan(
    environment: str,
    stacks: tuple[str, ...],
    store: Path,
    folder: Path,
    no_refresh: bool,
    detailed_exitcode: bool,
    as_json: bool,
) -> None:
    """Show what an apply of ENVIRONMENT would change. Changes nothing.

    Plans the files as they lie in the clone, committed or not.
    """
    with open_engine(store, hash_key=hash_key()) as opened:
        target = _target(
            opened, folder, environment, stacks, committed=False, refresh=not no_refresh
        )
        cloud = open_cloud(opened.engine, target, Purpose.PLAN)
        planned = plan_target(opened.engine, target, cloud)
    _show_plans(planned, as_json)
    changes = any(not each.plan.empty for each in planned)
    sys.exit(EXIT_CHANGES if changes and detailed_exitcode else 0)


@click.command()
@click.argument("environment")
@stack_option
@store_option
@folder_option
@yes_option
@digest_option
@parallelism_option
@json_option
@tells_errors
def apply(
    environment: str,
    stacks: tuple[str, ...],
    store: Path,
    folder: Path,
    yes: bool,
    digest: str | None,
    parallelism: int,
    as_json: bool,
) -> None:
    """Make ENVIRONMENT equal to the checked-out commit, after showing the plan and asking.

    Works only from a clean commit. An apply that was interrupted or killed is gone on with by
    running the same command again.
    """
    _change(environment, stacks, store, folder, yes, digest, parallelism, as_json, nothing=False)


@click.command()
@click.argument("environment")
@stack_option
@store_option
@folder_option
@yes_option
@digest_option
@parallelism_option
@json_option
@tells_errors
def destroy(
    environment: str,
    stacks: tuple[str, ...],
    store: Path,
    folder: Path,
    yes: bool,
    digest: str | None,
    parallelism: int,
    as_json: bool,
) -> None:
    """Delete what state knows of ENVIRONMENT (or of one --stack), in reverse order.

    The stacks' files are not needed: state remembers what depends on what.
    """
    _change(environment, stacks, store, folder, yes, digest, parallelism, as_json, nothing=True)


def _change(
    environment: str,
    stacks: tuple[str, ...],
    store: Path,
    folder: Path,
    yes: bool,
    digest: str | None,
    parallelism: int,
    as_json: bool,
    *,
    nothing: bool,
) -> None:
    interrupt = Interrupt()
    with (
        _interruptible(interrupt),
        open_engine(
            store,
            hash_key=hash_key(),
            stop=interrupt,
            progress=_Progress(quiet=as_json),
            parallelism=parallelism,
        ) as opened,
    ):
        engine = opened.engine
        target = _target(opened, folder, environment, stacks, committed=True, nothing=nothing)
        cloud = open_cloud(engine, target, Purpose.APPLY)
        with hold(
            engine.state,
            target.key,
            new_holder(f"{getpass.getuser()} at a command line"),
            ttl=timedelta(seconds=60),
            clock=engine.clock,
        ) as lease:
            planned = plan_target(engine, target, cloud, lease=lease)
            refuse_claimed(opened.runs, target, planned)
            wanted = [each for each in planned if not each.plan.empty]
            if not as_json:
                _show_plans(planned, as_json=False)
            if wanted:
                _consent(wanted, yes, digest)
            results = []
            for each in planned:
                if interrupt.asked:
                    break
                results.append((each, apply_planned(engine, target, cloud, lease, each)))
    _show_results(results, as_json)
    if interrupt.asked:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(0 if all(result.ok for _, result in results) else EXIT_ERROR)


def _target(
    opened: Opened,
    folder: Path,
    environment: str,
    stacks: tuple[str, ...],
    *,
    committed: bool,
    nothing: bool = False,
    refresh: bool = True,
) -> Target:
    clone = LocalRepository(folder)
    if committed and not clone.is_clean():
        raise UserError(
            f"{clone.root} has changes that are not committed: only a commit is applied, so that "
            "what was done can be found again. Commit them first"
        )
    tree = clone.specs(clone.head()) if committed else local_specs(clone.root)
    full_name = clone.origin_full_name() or clone.root.name
    return Target(
        repository=opened.runs.repository_id(full_name) or full_name,
        environment=environment,
        tree=opened.engine.loader.load(tree),
        commit=clone.head() if committed else None,
        only=stacks,
        towards_nothing=nothing,
        refresh=refresh,
    )


def _show_plans(planned: tuple[Planned, ...], as_json: bool) -> None:
    if as_json:
        show_json({"plans": [to_data(each.plan) for each in planned]})
        return
    for each in planned:
        show(plan_lines(each.plan))


def _consent(wanted: list[Planned], yes: bool, digest: str | None) -> None:
    """Nothing, where the person agreed to exactly these plans.

    Raises:
        RefusedError: they did not.
    """
    blocking = [hit.detail for each in wanted for hit in each.plan.guards if hit.blocks]
    if blocking:
        raise RefusedError("; ".join(blocking))
    named = [part.strip().lower() for part in (digest or "").split(",") if part.strip()]
    if any(len(part) < 8 for part in named):
        raise UserError("--digest takes 8 digits or more of each digest")
    unnamed = [
        each for each in wanted if not any(each.plan.digest.startswith(part) for part in named)
    ]
    if named and unnamed:
        words = ", ".join(f"{e.plan.stack.label} is {e.plan.digest[:8]}" for e in unnamed)
        raise RefusedError(
            f"the plan is not the one that --digest names: {words}. Nothing was changed"
        )
    guarded = [each for each in unnamed if each.plan.guards]
    if not unnamed or (yes and not guarded):
        return
    if not sys.stdin.isatty():
        words = ",".join(each.plan.digest[:8] for each in wanted)
        why = "; ".join(hit.detail for each in guarded for hit in each.plan.guards)
        raise RefusedError(
            f"{why + '. ' if why else ''}There is no terminal to ask at: agree with --digest {words}"
            + ("" if guarded else " or --yes")
        )
    expected = guarded[0].plan.digest[:8] if guarded else "yes"
    answer = click.prompt(f"Type {expected} to do exactly this", default="", show_default=False)
    if answer.strip().lower() != expected:
        raise RefusedError("not agreed to: nothing was changed")


def _show_results(results: list[tuple[Planned, WalkResult]], as_json: bool) -> None:
    if as_json:
        show_json(
            {
                "results": [
                    {"stack": each.plan.stack.label, "plan": to_data(each.plan)}
                    | {"result": to_data(result), "ok": result.ok}
                    for each, result in results
                ]
            }
        )
        return
    for each, result in results:
        show(walk_lines(each.plan, result))


class _Progress:
    """Says on stderr what a walk does, while it does it."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._console = console(stderr=True)
        self._lock = threading.Lock()

    def __call__(self, address: Address, action: str, phase: str, detail: str) -> None:
        """One line an event."""
        if self._quiet:
            return
        words = {"start": f"{action} …", "done": f"{action} done"}.get(phase, f"{action} {phase}")
        style = {"done": "green", "failed": "red", "skipped": "yellow"}.get(phase, "dim")
        with self._lock:
            self._console.print(
                f"  {address}: {words}{' ' + detail if detail else ''}", style=style, markup=False
            )


@contextmanager
def _interruptible(interrupt: Interrupt) -> Iterator[None]:
    def first(*_: object) -> None:
        interrupt.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        console(stderr=True).print(
            "stopping: what runs is finished and recorded; once more to break off", style="yellow"
        )

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
