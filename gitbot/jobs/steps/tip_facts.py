"""Gather the facts for one apply of the tip, under its lease. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gitbot.decisions.claims import claim_on, names_of
from gitbot.decisions.rule_changes import same_place
from gitbot.jobs.steps.acceptance import accepted_with
from gitbot.jobs.steps.agreements import rules_at
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.commands import Command
from gitbot.model.desired import ChangedPlan
from gitbot.model.forge import PullRequest
from gitbot.model.keys import ApplyEnvironment
from gitbot.model.names import StackId
from gitbot.model.recorded import Lease, StackHeader
from gitbot.model.runs import Claim, RunKind, RunStatus
from gitbot.model.wanted import Wanted

LOOKS_BACK = 5
"""How many applies of each stack to look at for one that did something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipApply:
    """The facts for one apply of the tip, gathered under its lease.

    ``claims`` holds the claims by stack; ``open_claimants`` are the open pull requests that hold
    one. ``merged`` are the pull requests that the tip contains, newest merge first. ``place_known``:
    something was applied before to the environment where its rules lead now. ``commands`` of one
    comment asked for it.
    """

    ports: Ports
    seen: Look
    environment: str
    lease: Callable[[], Lease]
    wanted: Wanted
    recorded: Sequence[StackHeader]
    claims: Mapping[StackId, Claim]
    open_claimants: frozenset[int]
    merged: tuple[PullRequest, ...]
    place_known: bool
    actor: str
    commands: tuple[Command, ...] = ()

    def names(self, stack: StackId) -> tuple[StackId, ...]:
        """The names under which a claim may hold the stack."""
        return names_of(stack, self.wanted.stacks.get(stack.name), self.recorded)

    def claim(self, stack: StackId) -> Claim | None:
        """The claim that holds the stack."""
        return claim_on(self.names(stack), self.claims)


def read_tip_apply(
    ports: Ports,
    seen: Look,
    key: ApplyEnvironment,
    lease: Callable[[], Lease],
    merged: tuple[PullRequest, ...],
) -> TipApply:
    """Gather the facts for the apply."""
    claims = ports.records.claims.of_environment(key.environment_key)
    claimants = {claim.pull_request for claim in claims if not claim.closed}
    recorded = ports.engine.state.headers(key.repository, key.environment)
    return TipApply(
        ports=ports,
        seen=seen,
        environment=key.environment,
        lease=lease,
        wanted=seen.wanted(key.environment),
        recorded=recorded,
        claims={claim.stack: claim for claim in claims},
        open_claimants=frozenset(n for n in claimants if seen.forge.pull_request(n).open),
        merged=merged,
        place_known=_place_known(ports, seen, key.environment, recorded),
        actor=key.actor or f"a push to {seen.repository.tracked_branch}",
        commands=() if key.command is None else accepted_with(ports, key.command, key.environment),
    )


def _place_known(
    ports: Ports, seen: Look, environment: str, recorded: Sequence[StackHeader]
) -> bool:
    """Whether an apply that did something had the account, region and roles of today's rules.

    Only asked where the answer matters: where changed plans are applied.
    """
    rules = seen.at_tip.environments.get(environment)
    if rules is None or rules.changed_plan is not ChangedPlan.APPLY:
        return False
    tips = dict.fromkeys(
        run.tip
        for header in recorded
        for run in ports.records.runs.of_stack(
            header.id, RunKind.APPLY, (RunStatus.APPLIED,), limit=LOOKS_BACK
        )
        if run.does
    )
    return any(same_place(rules_at(seen, tip, environment), rules) for tip in tips)
