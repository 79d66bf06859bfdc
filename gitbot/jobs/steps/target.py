"""The environment, or the part of it, that a command works on without a pull request. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gitbot.decisions.claims import names_of
from gitbot.errors import SpecError, UserError
from gitbot.jobs.steps.ahead import Undone
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.planning import Planned
from gitbot.model.desired import Environment, LoadedTree
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import EnvironmentKey, Sha, StackId, region_of, written_name
from gitbot.model.recorded import StackHeader
from gitbot.model.wanted import Wanted
from gitbot.reconciler.across import in_order
from gitbot.reconciler.focus import NO_FOCUS, Focus


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The environment, or some stacks of it (``only``), that a command works on.

    ``towards_nothing``: destroy the stacks. ``commit`` is None for the files of the work tree,
    which can be planned but not applied. ``refresh`` False: do not read the cloud. ``focus``: what
    of the stacks is left out, or replaced. Answers of lookups that are older than ``lookups_since``
    are looked up again. ``reviewed`` False: nobody may have seen the tree, as that of a branch.
    """

    repository: str
    environment: str
    tree: LoadedTree
    commit: Sha | None
    only: tuple[str, ...] = ()
    towards_nothing: bool = False
    refresh: bool = True
    focus: Focus = NO_FOCUS
    lookups_since: datetime | None = None
    reviewed: bool = True

    @property
    def key(self) -> EnvironmentKey:
        """The environment's key in the stores."""
        return EnvironmentKey(repository=self.repository, environment=self.environment)

    def rules(self) -> Environment:
        """The environment. Raises SpecError for its errors, UserError when there is none.

        Errors of stacks that are not in ``only`` do not count.
        """
        own = filter(self._is_about, self.tree.errors(self.environment))
        errors = self.tree.with_causes(own)
        found = self.tree.environments.get(self.environment)
        if found is None or (errors and not self.towards_nothing):
            if errors:
                raise SpecError(errors)
            known = ", ".join(sorted(self.tree.environments)) or "none"
            raise UserError(f"there is no environment {self.environment!r}; there is: {known}")
        return found

    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the environment's specs are warned of, those of stacks aside that are not in ``only``."""
        return tuple(
            found
            for found in self.tree.diagnostics
            if not found.is_error
            and found.environment == self.environment
            and self._is_about(found)
        )

    def _is_about(self, found: Diagnostic) -> bool:
        names = map(written_name, self.only)
        return not self.only or found.stack is None or found.stack in names


def order_of_turns(
    engine: Engine, target: Target, planned: Sequence[Planned], unread: Mapping[str, str]
) -> Undone:
    """Which of the stacks come before which, and that those without a plan are not applied."""
    names = {each.plan.stack.name for each in planned} | unread.keys()
    recorded = engine.state.headers(target.repository, target.environment)
    before = in_order(names, wanted_of(engine, target).stacks, recorded)
    return Undone(before=before, words=dict.fromkeys(unread, "could not be planned"))


def target_stacks(engine: Engine, target: Target) -> Mapping[StackId, str | None]:
    """The stacks that a change of the target touches, under every name that they have.

    Each is mapped to the hash of what it becomes; None when it is destroyed.

    Raises:
        SpecError, UserError: there is no such environment or stack.
    """
    recorded = engine.state.headers(target.repository, target.environment)
    wanted = wanted_of(engine, target)
    stacks = stacks_of(target, target.rules(), wanted, recorded)
    return {
        known: None if (desired := wanted.stacks.get(name)) is None else desired.hash
        for name, stack in stacks.items()
        for known in names_of(stack, wanted.stacks.get(name), recorded)
    }


def stacks_of(
    target: Target, rules: Environment, wanted: Wanted, recorded: Sequence[StackHeader]
) -> Mapping[str, StackId]:
    """The stacks to plan, by name: those that are wanted, and those that state still has."""
    # A stack in another region is another stack. If it has resources, that is an error before.
    here = [
        header for header in recorded if header.id.region == region_of(header.id.name, rules.region)
    ]
    known = {header.id.name: header.id for header in here}
    moved = {stack.moved_from for stack in wanted.stacks.values()}
    # A destroy that died just before its end has nothing to delete, but must still be recorded.
    left = {each.id.name for each in here if not (each.empty and each.complete)} - moved
    return {
        name: known.get(name)
        or StackId(
            repository=target.repository,
            environment=rules.name,
            name=name,
            region=region_of(name, rules.region),
        )
        for name in _names(target, (set(wanted.stacks) | left) - wanted.entombed)
    }


def wanted_of(engine: Engine, target: Target) -> Wanted:
    """The stacks that the target wants; none of them for a destroy."""
    found = engine.wanted(target.tree, target.key)
    return replace(found, stacks={}) if target.towards_nothing else found


def _names(target: Target, known: set[str]) -> tuple[str, ...]:
    unknown = sorted(set(target.only) - known)
    if unknown:
        raise UserError(
            f"{target.environment} has no stack {', '.join(unknown)}; it has: "
            f"{', '.join(sorted(known)) or 'none'}"
        )
    return tuple(sorted(target.only or known))
