"""Load what an open pull request proposes: the merge of tip and head. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gitbot.decisions.freshness import Touched, is_shared, touched_files
from gitbot.decisions.scope import problems_of
from gitbot.errors import RefusedError
from gitbot.jobs.steps.look import Engine, Glance, Look, Ports
from gitbot.model.commands import CommandRef
from gitbot.model.desired import LoadedTree
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.forge import PullRequest
from gitbot.model.names import EnvironmentKey
from gitbot.model.tree import SpecTree
from gitbot.model.wanted import Wanted
from gitbot.reconciler.affected import affected_by_pull_request, environment_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pull request, and the specs in the merge of its head with the tip.

    ``before`` are the specs that it is compared with: those at the tip. A pull request against
    another branch is neither merged nor compared with the tip: ``tree`` is then that of its head,
    and ``before`` are the specs of its base. ``asked`` is the command that asked to plan it.
    ``alongside`` are further pull requests that the tree contains, in a merge queue.
    """

    engine: Engine
    repository: str
    pull_request: PullRequest
    tree: SpecTree
    merged: LoadedTree
    before: LoadedTree
    asked: CommandRef | None = None
    alongside: tuple[int, ...] = ()

    def wanted(self, environment: str) -> Wanted:
        """The stacks of the environment that the merge wants."""
        return self.engine.wanted(self.merged, self._key(environment))

    def wanted_before(self, environment: str) -> Wanted:
        """The stacks of the environment that the specs before it want."""
        return self.engine.wanted(self.before, self._key(environment))

    def _key(self, environment: str) -> EnvironmentKey:
        return EnvironmentKey(repository=self.repository, environment=environment)

    def affected(self, environment: str) -> tuple[str, ...]:
        """The names of the stacks that the pull request changes there, in the order of an apply."""
        return affected_by_pull_request(self.wanted_before(environment), self.wanted(environment))

    def environments(self) -> tuple[str, ...]:
        """The environments of both sides, those with problems included, sorted."""
        broken = {d.environment for d in self.merged.diagnostics if d.environment}
        return tuple(sorted({*self.before.environments, *self.merged.environments, *broken}))

    def problems(self, environment: str | None) -> tuple[Diagnostic, ...]:
        """The problems that the pull request brings to the environment; None: to no environment."""
        return problems_of(self.before, self.merged, environment).own

    def touched(self, seen: Look) -> tuple[Touched, ...]:
        """The parts of each environment that it touches. Changes of these make its plan stale."""
        files = touched_files(seen.tree.entries, self.tree.entries)
        return tuple(
            part for name in self.environments() if (part := self._touched(name, files)) is not None
        )

    def _touched(self, environment: str, files: Collection[str]) -> Touched | None:
        names = self.affected(environment)
        sides = (self.wanted_before(environment).stacks, self.wanted(environment).stacks)
        used = {each for name in names if name in sides[1] for each in sides[1][name].depends_on}
        own = {side[name].source.file for side in sides for name in names if name in side}
        rules = self.merged.environments.get(environment)
        problems = problems_of(self.before, self.merged, environment)
        broken = any(one.is_error for one in (*problems.own, *(problems.known if names else ())))
        shared = broken or is_shared(environment, files, own, rules)
        return (
            Touched(
                environment=environment, stacks=(*names, *sorted(used - {*names})), shared=shared
            )
            if names or shared
            else None
        )


def touches_specs(seen: Glance, pull_request: PullRequest) -> bool:
    """Whether the pull request changes anything that specs are made of."""
    if pull_request.base_ref == seen.repository.tracked_branch:
        return seen.mirror.touches_specs(seen.tip, pull_request.head)
    seen.mirror.fetch((pull_request.number,), (pull_request.base_ref,))
    return bool(seen.mirror.changed_folders(pull_request.base, pull_request.head))


def propose(ports: Ports, seen: Look, pull_request: PullRequest) -> Proposal | None:
    """The proposal of the pull request; None when tip and head conflict."""
    if pull_request.base_ref == seen.repository.tracked_branch:
        tree_id = seen.mirror.merge(seen.tip, pull_request.head)
        if tree_id is None:
            return None
        before = seen.at_tip
    else:
        tree_id = pull_request.head
        before = ports.engine.loader.load(seen.mirror.specs(pull_request.base))
    against_tip = pull_request.base_ref == seen.repository.tracked_branch
    tree = seen.mirror.specs(tree_id, seen.tip if against_tip else None)
    return Proposal(
        repository=seen.repository.id,
        engine=ports.engine,
        pull_request=pull_request,
        tree=tree,
        merged=ports.engine.loader.load(tree),
        before=before,
    )


def applicable(
    ports: Ports, seen: Look, pull_request: PullRequest
) -> tuple[Proposal, Mapping[str, tuple[str, ...]]]:
    """The proposal, and the affected stacks of each environment that may be applied from it.

    Raises:
        RefusedError: the pull request is only validated, or conflicts with the tip.
    """
    if pull_request.base_ref != seen.repository.tracked_branch:
        raise RefusedError(
            f"it is against `{pull_request.base_ref}`, not against the tracked branch "
            f"`{seen.repository.tracked_branch}`: nothing is applied from it"
        )
    if pull_request.from_fork and not has_leave(ports, seen, pull_request):
        raise RefusedError(
            "it comes from a fork and this commit was not planned: write `/plan` first"
        )
    proposal = propose(ports, seen, pull_request)
    if proposal is None:
        raise RefusedError(f"it conflicts with `{pull_request.base_ref}`: merge or rebase it")
    affected = {}
    for name, rules in sorted(seen.at_tip.environments.items()):
        reason = environment_changes(rules, proposal.merged.environments.get(name))
        names = proposal.affected(name)
        if names and not reason and not proposal.merged.errors(name):
            affected[name] = names
    return proposal, affected


def has_leave(ports: Ports, seen: Glance, pull_request: PullRequest) -> bool:
    """Whether somebody with write access allowed this head of a fork to be planned."""
    return leave_given(ports, seen.repository.id, pull_request)


def leave_given(ports: Ports, repository: str, pull_request: PullRequest) -> bool:
    """As ``has_leave``, by the id of the repository."""
    number, head = pull_request.number, pull_request.head
    known = ports.records.pull_requests.fork_head(repository, number, head)
    return known is not None and known.leave is not None
