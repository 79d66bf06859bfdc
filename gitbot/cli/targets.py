"""What a command works on in a clone, and the lease under which it changes it. Shell."""

from __future__ import annotations

import getpass
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.bootstrap.stores import store_exists
from gitbot.cli.clone import repository_of
from gitbot.cli.common import hash_key
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.target import Target
from gitbot.model.places import Place, SqlitePlace
from gitbot.model.recorded import Lease

if TYPE_CHECKING:
    from gitbot.adapters.git.local import LocalRepository


def committed(
    opened: Opened, clone: LocalRepository, environment: str, stacks: tuple[str, ...]
) -> Target:
    """The stacks as the checked-out commit has them; all of the environment when none is named."""
    return Target(
        repository=repository_of(clone, opened.records.journal),
        environment=environment,
        tree=opened.engine.loader.load(clone.specs(clone.head()), reviewed=True),
        commit=clone.head(),
        only=stacks,
    )


def in_work_tree(
    opened: Opened, clone: LocalRepository, environment: str, stacks: tuple[str, ...] = ()
) -> Target:
    """The same for the files in the clone, committed or not. They can only be planned."""
    return Target(
        repository=repository_of(clone, opened.records.journal),
        environment=environment,
        tree=opened.engine.loader.load(clone.working_specs(), reviewed=True),
        commit=None,
        only=stacks,
    )


@contextmanager
def open_for_planning(store: Place) -> Iterator[Opened]:
    """The engine on the store, for a command that writes no state; on an empty one if it does not exist."""
    with ExitStack() as opening:
        if not store_exists(store):
            folder = opening.enter_context(tempfile.TemporaryDirectory())
            store = SqlitePlace(Path(folder) / "none.db")
        yield opening.enter_context(open_engine(store, hash_key=hash_key()))


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
