"""Everything that a job may ask the outside through, and the first look that most jobs begin with. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from gitbot.errors import UserError
from gitbot.model.desired import Environment, LoadedTree
from gitbot.model.events import CommentCreated
from gitbot.model.forge import Repository
from gitbot.model.names import EnvironmentKey, Sha, StackId
from gitbot.model.recorded import RecordedStack
from gitbot.model.values import Redactor
from gitbot.ports import (
    Clock,
    Clouds,
    Forge,
    Forges,
    JobQueue,
    Loader,
    Progress,
    RunStore,
    SpecRepository,
    StateStore,
    Stop,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What planning and applying need: the command line has no more than this."""

    clock: Clock
    loader: Loader
    clouds: Clouds
    state: StateStore
    redactor: Redactor
    stop: Stop
    progress: Progress
    parallelism: int = 10
    lease_ttl: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that a job of the server may ask the outside through.

    ``hear`` keeps a comment's commands and wakes their job; hearing twice does nothing.
    """

    engine: Engine
    forges: Forges
    runs: RunStore
    queue: JobQueue
    hear: Callable[[CommentCreated], None]

    @property
    def clock(self) -> Clock:
        """The time that decisions are made by."""
        return self.engine.clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One repository, read just now: the tip and what it says."""

    repository: Repository
    forge: Forge
    mirror: SpecRepository
    tip: Sha
    at_tip: LoadedTree

    def key(self, environment: str) -> EnvironmentKey:
        """The environment's key in the stores."""
        return EnvironmentKey(repository=self.repository.id, environment=environment)

    def stack_id(self, environment: Environment, name: str) -> StackId:
        """The identity of a stack of that name in the environment."""
        return StackId(
            repository=self.repository.id,
            environment=environment.name,
            name=name,
            region=environment.region,
        )

    def rules(self, environment: str) -> Environment:
        """The environment as the tip has it: the only rules that count.

        Raises:
            UserError: the tip has no such environment, or its file has errors.
        """
        found = self.at_tip.environments.get(environment)
        if found is None:
            known = ", ".join(sorted(self.at_tip.environments)) or "none"
            raise UserError(
                f"the tracked branch has no working environment {environment!r} (it has: {known}); "
                f"see specs/{environment}/environment.yaml"
            )
        return found


def look(world: World, repository: str) -> Look:
    """Fetch the repository and load its tip."""
    forge = world.forges.open(repository)
    mirror = world.forges.mirror(repository)
    mirror.fetch()
    tip = mirror.tip()
    return Look(
        repository=forge.repository(),
        forge=forge,
        mirror=mirror,
        tip=tip,
        at_tip=world.engine.loader.load(mirror.specs(tip), reviewed=True),
    )


def claimed_by_others(world: World, environment: EnvironmentKey, number: int) -> list[StackId]:
    """Stacks of the environment that other pull requests hold."""
    claims = world.runs.claims(environment)
    return [claim.stack for claim in claims if claim.pull_request != number]


def recorded_stacks(engine: Engine, environment: EnvironmentKey) -> tuple[RecordedStack, ...]:
    """The state of every stack of the environment that state knows."""
    return tuple(engine.state.read(stack) for stack in engine.state.stacks(environment))
