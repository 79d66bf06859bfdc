"""Decides which commands a plan comment offers: those that would be accepted now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitbot.model.desired import Environment, Requirement, Trigger
from gitbot.model.freeze import Act
from gitbot.model.plan import Plan, short_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedStack:
    """What is known about a stack that the pull request changes.

    ``plan`` is None when it could not be planned. ``blocked``: it cannot be applied now, because
    another pull request holds it. ``renamed``: only the merge can rename it. ``unread``: its plan
    hides something, so it must be named. ``frozen``: a freeze keeps it from being applied now.
    """

    name: str
    plan: Plan | None = None
    blocked: bool = False
    renamed: bool = False
    unread: bool = False
    frozen: bool = False

    @property
    def named(self) -> bool:
        """Whether an ``/apply`` must give the digest of this stack's plan."""
        return self.plan is not None and (self.unread or bool(self.plan.guards))

    @property
    def ready(self) -> bool:
        """Whether an ``/apply`` of this stack would be accepted, with its digest or without."""
        if self.plan is None or self.blocked or self.renamed or self.frozen:
            return False
        return not any(hit.blocks for hit in self.plan.guards)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFacts:
    """The facts about one environment of a pull request.

    ``missing`` says which requirements do not hold. ``errors``: its specs have errors.
    """

    rules: Environment
    stacks: Sequence[ChangedStack]
    missing: Sequence[str] = ()
    errors: bool = False


def offers(facts: OfferFacts) -> tuple[str, ...]:
    """The commands that apply the plans before the merge, in the order of the stacks.

    One command for all of them where that is enough; else one for each stack that is ready. A plan
    that meets a guard, or hides something, is named by its digest.
    """
    if Trigger.COMMENT not in facts.rules.triggers or facts.errors or facts.missing:
        return ()
    ready = [each for each in facts.stacks if each.ready]
    if all(each.plan is None or each.plan.empty for each in ready):
        return ()
    if len(ready) == len(facts.stacks) and not any(each.named for each in ready):
        return (f"/apply {facts.rules.name}",)
    return tuple(_of_stack(facts.rules.name, each) for each in ready)


def without_offer(facts: OfferFacts) -> tuple[str, ...]:
    """Why no command is offered for stacks that change, in Markdown; empty where one is.

    What stands in the comment anyway is left out: the errors, and which requirements do not hold.
    """
    rules, found = facts.rules, facts.stacks
    changed = [each for each in found if each.plan is not None and not each.plan.empty]
    if not changed or offers(facts) or facts.errors or facts.missing:
        return ()
    if Trigger.COMMENT not in rules.triggers:
        return (f"{rules.name} is applied by merges only (`apply.on`)",)
    reasons = {
        "another pull request holds it": any(each.blocked for each in changed),
        "it is frozen": any(each.frozen for each in changed),
        "only a merge can rename a stack": any(each.renamed for each in changed),
        "a guard stands that nobody can release": any(
            hit.blocks for each in changed if each.plan is not None for hit in each.plan.guards
        ),
    }
    return tuple(why for why, holds in reasons.items() if holds)


def conditions(rules: Environment) -> str:
    """What must hold at the time of the command and changes without a new plan; or empty."""
    words = {
        Requirement.CHECKS: "the other checks have passed",
        Requirement.UP_TO_DATE: "the branch contains the newest commit of the tracked branch",
    }
    found = [says for each, says in words.items() if each in rules.requirements]
    if any(Act.APPLY in window.acts for window in rules.freezes):
        found.append("no window of `freeze` forbids it")
    return " and ".join(found)


def _of_stack(environment: str, stack: ChangedStack) -> str:
    command = f"/apply {environment}/{stack.name}"
    if stack.plan is None or not stack.named:
        return command
    return f"{command} {short_digest(stack.plan.digest)}"
