"""What a claim keeps from being done, and when it ends. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from gitbot.errors import RefusedError
from gitbot.model.names import StackId
from gitbot.model.runs import Claim


def of_others(claims: Iterable[Claim], number: int) -> tuple[StackId, ...]:
    """Stacks that other pull requests than this one hold."""
    return tuple(claim.stack for claim in claims if claim.pull_request != number)


def blocks_plan(claims: Iterable[Claim], stack: StackId, number: int) -> str:
    """Why the stack's plan on this pull request cannot be applied for now; empty: it can."""
    for claim in claims:
        if claim.stack == stack and claim.pull_request != number:
            return (
                f"#{claim.pull_request} has applied this stack before merging and holds it "
                f"(claimed by {claim.claimed_by}): nothing else is applied to it until that pull "
                "request is merged, or closed and settled"
            )
    return ""


def blocks_tip(claim: Claim | None, open_claimants: Collection[int]) -> str:
    """Why the tip is not applied to a claimed stack; empty: it is.

    ``open_claimants`` are the pull requests that hold a claim and are still open.
    """
    if claim is None or claim.closed or claim.pull_request not in open_claimants:
        return ""
    return (
        f"#{claim.pull_request} has applied it before merging (claimed by {claim.claimed_by}) and "
        "holds it until it is merged, or closed and settled"
    )


def ended_by_tip(
    claims: Iterable[Claim], affected: Collection[StackId], open_claimants: Collection[int]
) -> tuple[StackId, ...]:
    """Claimed stacks that equal the tip and whose pull request is no longer open."""
    return tuple(
        claim.stack
        for claim in claims
        if claim.stack not in affected
        and (claim.closed or claim.pull_request not in open_claimants)
    )


def never_used(
    claims: Iterable[Claim], environment: str, applied: Collection[StackId]
) -> tuple[StackId, ...]:
    """Stacks of the environment that are claimed though nothing was ever applied to them."""
    return tuple(
        claim.stack
        for claim in claims
        if claim.stack.environment == environment and claim.stack not in applied
    )


def standing_in_the_way(
    claims: Iterable[Claim], stacks: Collection[StackId], number: int
) -> Mapping[StackId, Claim]:
    """The claims that other pull requests hold on these stacks, by stack."""
    return {
        claim.stack: claim
        for claim in claims
        if claim.stack in stacks and claim.pull_request != number
    }


def refuse_taken(standing: Mapping[StackId, Claim]) -> None:
    """Do nothing when no other pull request holds what was to be claimed.

    Raises:
        RefusedError: names who holds what.
    """
    if standing:
        words = ", ".join(
            f"{stack.label} is held by #{claim.pull_request} (claimed by {claim.claimed_by})"
            for stack, claim in standing.items()
        )
        raise RefusedError(f"{words}: merge it, or close it and settle it, or `/unlock` there")


def refuse_command_line(claims: Iterable[Claim], stacks: Collection[StackId]) -> None:
    """Do nothing when no pull request holds any of the stacks.

    Raises:
        RefusedError: names the claimant.
    """
    for claim in claims:
        if claim.stack in stacks:
            raise RefusedError(
                f"#{claim.pull_request} has applied {claim.stack.label} before merging (claimed by "
                f"{claim.claimed_by}): merge it, or close it and settle it, first"
            )
