"""What a command works on in a clone, and the lease under which it changes it. Shell."""

from __future__ import annotations

import getpass
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.bootstrap.stores import store_exists
from gitbot.cli.clone import repository_of
from gitbot.cli.common import hash_key, show
from gitbot.cli.patience import telling
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.target import Target
from gitbot.jobs.steps.target_plans import plan_target
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.places import Place, SqlitePlace
from gitbot.model.recorded import Lease
from gitbot.ports.cloud import Cloud
from gitbot.render.secrecy import without_secrets
from gitbot.render.terminal import diagnostic_lines

if TYPE_CHECKING:
    from gitbot.adapters.git.local import LocalRepository

_LOADING = "loading the specs"


def committed(
    opened: Opened, clone: LocalRepository, environment: str, stacks: tuple[str, ...]
) -> Target:
    """The stacks as the checked-out commit has them; all of the environment when none is named."""
    with telling(_LOADING):
        tree = opened.engine.loader.load(clone.specs(clone.head()), reviewed=True)
    return Target(
        repository=repository_of(clone, opened.records.journal),
        environment=environment,
        tree=tree,
        commit=clone.head(),
        only=stacks,
    )


def in_work_tree(
    opened: Opened, clone: LocalRepository, environment: str, stacks: tuple[str, ...] = ()
) -> Target:
    """The same for the files in the clone, committed or not. They can only be planned."""
    with telling(_LOADING):
        tree = opened.engine.loader.load(clone.working_specs(), reviewed=True)
    return Target(
        repository=repository_of(clone, opened.records.journal),
        environment=environment,
        tree=tree,
        commit=None,
        only=stacks,
    )


def show_warnings(target: Target) -> None:
    """Print on stderr what the specs of the target are warned of; nothing when it is to be destroyed."""
    if not target.towards_nothing:
        show(diagnostic_lines(target.warnings()), stderr=True)


def no_stacks(environment: str) -> str:
    """Why nothing was looked at."""
    return f"{environment} has no stacks: its specs declare none, and state has none."


@contextmanager
def open_for_planning(store: Place) -> Iterator[Opened]:
    """The engine on the store, for a command that writes no state; on an empty one if it does not exist."""
    with ExitStack() as opening:
        if not store_exists(store):
            folder = opening.enter_context(tempfile.TemporaryDirectory())
            store = SqlitePlace(Path(folder) / "none.db")
        yield opening.enter_context(open_engine(store, hash_key=hash_key()))


def plans_of(
    opened: Opened,
    target: Target,
    cloud: Cloud,
    unread: dict[str, str],
    lease: Callable[[], Lease] | None = None,
    problems: list[Diagnostic] | None = None,
) -> tuple[Planned, ...]:
    """As ``plan_target``; who waits for it is told that it goes on."""
    with telling(f"reading what {target.environment} has"):
        return plan_target(
            opened.engine, target, cloud, unread=unread, problems=problems, lease=lease
        )


def readable(target: Target, planned: Sequence[Planned]) -> tuple[Planned, ...]:
    """The plans as people read them: without the sensitive values of the specs, wherever a text repeats one."""
    secrets = target.tree.secrets
    return tuple(replace(each, plan=without_secrets(each.plan, secrets)) for each in planned)


def actor() -> str:
    """Whoever types the command, as leases, runs and the audit name them."""
    return f"{getpass.getuser()} at a command line"


def leased(opened: Opened, target: Target) -> AbstractContextManager[Callable[[], Lease]]:
    """Hold the lease of the target's environment while the block lasts.

    Raises:
        LeaseUnavailableError: another apply of the environment is running.
    """
    engine = opened.engine
    holder = engine.processes.name(actor())
    return hold(engine.state, target.key, holder, ttl=engine.lease_ttl, clock=engine.clock)
