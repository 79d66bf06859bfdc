"""Decides what a claim blocks, and when a claim ends. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from gitbot.errors import RefusedError
from gitbot.model.commands import AppliesWhat, Command
from gitbot.model.desired import DesiredStack
from gitbot.model.names import StackId
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import Claim


def of_others(claims: Iterable[Claim], number: int) -> tuple[StackId, ...]:
    """The stacks that other pull requests hold."""
    return tuple(claim.stack for claim in claims if claim.pull_request != number)


def names_of(
    stack: StackId, desired: DesiredStack | None, recorded: Iterable[StackHeader]
) -> tuple[StackId, ...]:
    """The names under which a claim may hold the stack: its own, and the recorded one.

    A stack that ``metadata.moved`` renames is recorded under its former name until it is applied.
    """
    if desired is None or desired.moved_from is None:
        return (stack,)
    if any(header.id == stack and not header.empty for header in recorded):
        return (stack,)
    return (stack, replace(stack, name=desired.moved_from))


def claim_on(names: Iterable[StackId], claims: Mapping[StackId, Claim]) -> Claim | None:
    """The claim that holds the stack under one of its names."""
    return next((claims[name] for name in names if name in claims), None)


def blocks_plan(claims: Iterable[Claim], names: Collection[StackId], number: int) -> str:
    """Why the plan of the stack on this pull request cannot be applied now; empty when it can.

    ``names`` are those of ``names_of``.
    """
    for claim in claims:
        if claim.stack in names and claim.pull_request != number:
            return (
                f"#{claim.pull_request} has applied this stack before merging and holds it "
                f"(claimed by {claim.claimed_by}): nothing else is applied to it until that pull "
                "request is merged, or closed and settled"
            )
    return ""


def blocks_tip(claim: Claim | None, open_claimants: Collection[int]) -> str:
    """Why the tip cannot be applied to a claimed stack; empty when it can.

    ``open_claimants`` are the open pull requests that hold a claim.
    """
    if claim is None or claim.closed or claim.pull_request not in open_claimants:
        return ""
    return (
        f"#{claim.pull_request} has applied it before merging (claimed by {claim.claimed_by}) and "
        "holds it until it is merged, or closed and settled"
    )


def words_of_claims(claims: Iterable[Claim], environment: str) -> str:
    """Which stacks of the environment these claims of one pull request keep, and until when.

    Empty when there are none.
    """
    mine = [claim for claim in claims if claim.stack.environment == environment]
    if not mine:
        return ""
    names = ", ".join(f"`{claim.stack.label}`" for claim in mine)
    return (
        f"From now on only #{mine[0].pull_request} can change {names} (claimed by "
        f"{mine[0].claimed_by}): other merges and commands leave it alone. That ends when this pull "
        "request is merged and applied, or closed and set back, or when somebody comments `/unlock` here."
    )


def ended_by_tip(
    claims: Iterable[Claim], affected: Collection[StackId], open_claimants: Collection[int]
) -> tuple[StackId, ...]:
    """The claimed stacks that equal the tip, and whose pull request is not open any more."""
    return tuple(
        claim.stack
        for claim in claims
        if claim.stack not in affected
        and (claim.closed or claim.pull_request not in open_claimants)
    )


def never_used(
    claims: Iterable[Claim], environment: str, applied: Collection[StackId]
) -> tuple[StackId, ...]:
    """The claimed stacks of the environment to which nothing was ever applied."""
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
    """Return when no other pull request holds a stack that was to be claimed.

    Raises:
        RefusedError: names each stack and who holds it.
    """
    if standing:
        words = ", ".join(
            f"{stack.label} is held by #{claim.pull_request} (claimed by {claim.claimed_by})"
            for stack, claim in standing.items()
        )
        raise RefusedError(f"{words}: merge it, or close it and settle it, or `/unlock` there")


def refuse_unclaimed(claims: Iterable[Claim], stacks: Collection[StackId], number: int) -> None:
    """Return when the pull request holds every one of the stacks. Ask this under the lease.

    Raises:
        RefusedError: another pull request holds one, or the claim was given back meanwhile.
    """
    known = tuple(claims)
    refuse_taken(standing_in_the_way(known, stacks, number))
    missing = sorted(set(stacks) - {claim.stack for claim in known})
    if missing:
        labels = ", ".join(stack.label for stack in missing)
        raise RefusedError(
            f"the claim on {labels} was given back (`/unlock`) before the apply began: nothing was "
            "changed there"
        )


def refuse_while_applying(claims: Iterable[Claim], waiting: Iterable[Command]) -> None:
    """Return when no accepted ``/apply`` of the claims' pull requests still needs them.

    Raises:
        RefusedError: one does; names the environment.
    """
    needed = {
        (command.number, command.accepted.environment)
        for command in waiting
        if command.accepted is not None and command.accepted.what is AppliesWhat.PULL_REQUEST
    }
    for claim in claims:
        if (claim.pull_request, claim.stack.environment) in needed:
            raise RefusedError(
                f"`/apply {claim.stack.environment}` was accepted here and has not ended: give the "
                "stacks back when it has"
            )


def refuse_command_line(claims: Iterable[Claim], stacks: Collection[StackId]) -> None:
    """Return when no pull request holds any of the stacks.

    Raises:
        RefusedError: a pull request does; the message names it.
    """
    for claim in claims:
        if claim.stack in stacks:
            raise RefusedError(
                f"#{claim.pull_request} has applied {claim.stack.label} before merging (claimed by "
                f"{claim.claimed_by}): merge it, or close it and settle it, first"
            )
