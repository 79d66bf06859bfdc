"""Load what an open pull request proposes: the merge of tip and head. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gitbot.decisions.freshness import Touched, is_shared, touched_files
from gitbot.errors import RefusedError
from gitbot.jobs.steps.look import Engine, Look, Ports
from gitbot.model.desired import LoadedTree
from gitbot.model.forge import PullRequest
from gitbot.model.tree import SpecTree
from gitbot.model.wanted import Wanted
from gitbot.reconciler.affected import affected_by_pull_request, environment_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pull request, and the specs in the merge of its head with the tip."""

    engine: Engine
    pull_request: PullRequest
    tree: SpecTree
    merged: LoadedTree

    def wanted(self, environment: str) -> Wanted:
        """The stacks of the environment that the merge wants."""
        return self.engine.wanted(self.merged, environment)

    def affected(self, seen: Look, environment: str) -> tuple[str, ...]:
        """The names of the stacks that the pull request changes there, in the order of an apply."""
        return affected_by_pull_request(seen.wanted(environment), self.wanted(environment))

    def environments(self, seen: Look) -> tuple[str, ...]:
        """The environments of the tip and the merge, those with problems included, sorted."""
        broken = {d.environment for d in self.merged.diagnostics if d.environment}
        return tuple(sorted({*seen.at_tip.environments, *self.merged.environments, *broken}))

    def touched(self, seen: Look) -> tuple[Touched, ...]:
        """The parts of each environment that it touches. Changes of these make its plan stale."""
        files = touched_files(seen.tree.entries, self.tree.entries)
        return tuple(
            part
            for name in self.environments(seen)
            if (part := self._touched(seen, name, files)) is not None
        )

    def _touched(self, seen: Look, environment: str, files: Collection[str]) -> Touched | None:
        names = self.affected(seen, environment)
        sides = (seen.wanted(environment).stacks, self.wanted(environment).stacks)
        own = {side[name].source.file for side in sides for name in names if name in side}
        rules = self.merged.environments.get(environment)
        problems = any(d.environment == environment for d in self.merged.diagnostics)
        shared = problems or is_shared(environment, files, own, rules)
        return (
            Touched(environment=environment, stacks=names, shared=shared)
            if names or shared
            else None
        )


def propose(ports: Ports, seen: Look, pull_request: PullRequest) -> Proposal | None:
    """The proposal of the pull request; None when tip and head conflict."""
    tree_id = seen.mirror.merge(seen.tip, pull_request.head)
    if tree_id is None:
        return None
    tree = seen.mirror.specs(tree_id)
    return Proposal(
        engine=ports.engine,
        pull_request=pull_request,
        tree=tree,
        merged=ports.engine.loader.load(tree),
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
        raise RefusedError("it conflicts with the tracked branch: merge or rebase it")
    affected = {}
    for name, rules in sorted(seen.at_tip.environments.items()):
        reason = environment_changes(rules, proposal.merged.environments.get(name))
        names = proposal.affected(seen, name)
        if names and not reason and not proposal.merged.errors(name):
            affected[name] = names
    return proposal, affected


def has_leave(ports: Ports, seen: Look, pull_request: PullRequest) -> bool:
    """Whether somebody with write access allowed this head of a fork to be planned."""
    known = ports.records.pull_requests.fork_head(
        seen.repository.id, pull_request.number, pull_request.head
    )
    return known is not None and known.leave is not None
