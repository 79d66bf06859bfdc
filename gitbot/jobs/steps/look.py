"""The ports that jobs use, and the first look at a repository. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gitbot.decisions.environments import unknown_environment
from gitbot.decisions.wanted import wanted
from gitbot.errors import UserError
from gitbot.language.files import home_path_of
from gitbot.model.cloud import TURN
from gitbot.model.desired import Environment, LoadedTree
from gitbot.model.events import TextWritten
from gitbot.model.forge import Repository
from gitbot.model.names import Address, EnvironmentKey, Sha, StackId, region_of
from gitbot.model.secrets import Secrets
from gitbot.model.tree import SpecTree
from gitbot.model.values import Redactor
from gitbot.model.wanted import TimeFacts, Wanted
from gitbot.ports.cloud import Clouds
from gitbot.ports.forge import Forge, Forges
from gitbot.ports.jobs import Hiding, JobQueue, StackProgress, Stop
from gitbot.ports.processes import Processes
from gitbot.ports.records import Records
from gitbot.ports.specs import Loader, SpecRepository
from gitbot.ports.state import StateStore
from gitbot.ports.time import Calendar, Clock
from gitbot.reconciler.across import supplied


def _silent(stack: StackId, address: Address, action: str, phase: str, detail: str) -> None:
    """Ignore the progress of a walk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Everything that planning and applying need. The command line has only this.

    ``clock`` gives the real time, ``calendar`` the time for decisions about schedules. ``hide``
    removes the sensitive values of the loaded specs from the text of an error, and while a block of
    ``hiding`` lasts its secrets too. ``turn`` is how long
    work may take that can go on in another apply. ``facts`` reads what time has done to the stacks
    of an environment.
    """

    clock: Clock
    calendar: Calendar
    processes: Processes
    loader: Loader
    clouds: Clouds
    state: StateStore
    redactor: Redactor
    hide: Callable[[str], str]
    hiding: Hiding
    facts: Callable[[EnvironmentKey, datetime], TimeFacts]
    stop: Stop = lambda: False
    progress: StackProgress = _silent
    parallelism: int = 10
    lease_ttl: timedelta = timedelta(seconds=60)
    turn: timedelta = TURN

    def wanted(self, tree: LoadedTree, key: EnvironmentKey) -> Wanted:
        """The stacks of the environment that the tree wants now, with the outputs that they use."""
        now = self.calendar.now()
        found = wanted(tree, key.environment, self.facts(key, now), now)
        if not any(stack.uses for stack in found.stacks.values()):
            return found
        return supplied(found, self.state.outputs(key), self.redactor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything through which a job of the server reaches the outside.

    ``hear`` records the commands of a comment or review and wakes their job. Idempotent.
    """

    engine: Engine
    forges: Forges
    records: Records
    queue: JobQueue
    hear: Callable[[TextWritten], None]
    keep_runs: timedelta = timedelta(days=180)

    @property
    def clock(self) -> Clock:
        """Real time: for leases, deadlines, waits and comparisons with GitHub."""
        return self.engine.clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A repository as it was just read: its tip, before any spec is loaded."""

    engine: Engine
    repository: Repository
    forge: Forge
    mirror: SpecRepository
    tip: Sha

    @property
    def secrets(self) -> Secrets:
        """The sensitive values of the specs at the tip, if they were loaded."""
        return Secrets()

    def load(self) -> Look:
        """The same with the specs at the tip."""
        tree = self.mirror.specs(self.tip)
        return Look(
            engine=self.engine,
            repository=self.repository,
            forge=self.forge,
            mirror=self.mirror,
            tip=self.tip,
            tree=tree,
            at_tip=self.engine.loader.load(tree, reviewed=True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Glance):
    """A repository as it was just read: its tip, and the specs at the tip."""

    tree: SpecTree
    at_tip: LoadedTree

    @property
    def secrets(self) -> Secrets:
        """The sensitive values of the specs at the tip."""
        return self.at_tip.secrets

    def key(self, environment: str) -> EnvironmentKey:
        """The environment's key in the stores."""
        return EnvironmentKey(repository=self.repository.id, environment=environment)

    def stack_id(self, environment: Environment, name: str) -> StackId:
        """The identity of a stack of that name in the environment."""
        return StackId(
            repository=self.repository.id,
            environment=environment.name,
            name=name,
            region=region_of(name, environment.region),
        )

    def wanted(self, environment: str) -> Wanted:
        """The stacks of the environment that the tip wants."""
        return self.engine.wanted(self.at_tip, self.key(environment))

    def rules(self, environment: str) -> Environment:
        """The environment at the tip. No other version of its rules counts.

        Raises:
            UserError: the tip has no such environment, or its file has errors.
        """
        found = self.at_tip.environments.get(environment)
        if found is None:
            broken = home_path_of(environment) in self.tree.entries
            known = self.at_tip.environments
            raise UserError(unknown_environment(environment, known, broken=broken))
        return found


def look_at_tip(ports: Ports, repository: str) -> Look:
    """Load the specs at the tip, fetching only where the mirror does not have it: for reading alone.

    GitHub is asked for the branch, which costs less than a fetch and keeps no job waiting for one.
    """
    forge = ports.forges.open(repository)
    mirror = ports.forges.mirror(repository)
    found = forge.repository()
    mirror.follow(found.tracked_branch)
    tip = forge.branch(found.tracked_branch)
    if tip is None or not _is_at(mirror, tip):
        mirror.fetch()
    seen = Glance(
        engine=ports.engine, repository=found, forge=forge, mirror=mirror, tip=mirror.tip()
    )
    return seen.load()


def _is_at(mirror: SpecRepository, tip: Sha) -> bool:
    try:
        return mirror.tip() == tip
    except UserError:
        return False  # never fetched


def glance(ports: Ports, repository: str, *pulls: int) -> Glance:
    """Fetch the repository and find its tip, without loading a spec.

    ``pulls`` are the pull requests whose heads the job reads.
    """
    forge = ports.forges.open(repository)
    mirror = ports.forges.mirror(repository)
    # The default branch can be renamed at any time: ask for it each time.
    found = forge.repository()
    mirror.follow(found.tracked_branch)
    mirror.fetch(pulls)
    return Glance(
        engine=ports.engine,
        repository=found,
        forge=forge,
        mirror=mirror,
        tip=mirror.tip(),
    )


def look(ports: Ports, repository: str, *pulls: int) -> Look:
    """Fetch the repository and load the specs at its tip. ``pulls`` as for ``glance``."""
    return glance(ports, repository, *pulls).load()
