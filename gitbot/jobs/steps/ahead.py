"""Keep in mind which outputs the applies that come first change, while stacks are planned. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gitbot.jobs.steps.planning import Planned
from gitbot.model.desired import DesiredStack
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.uses import producer_of
from gitbot.model.values import Value
from gitbot.reconciler.across import changed_outputs, lacking, pending, withhold
from gitbot.reconciler.output_parts import agrees, parts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The outputs that the plans so far change, by key, and the stacks that got no plan.

    ``parts`` are what stays of outputs of which a part is changed.
    """

    changed: set[str] = field(default_factory=set)
    unplanned: set[str] = field(default_factory=set)
    parts: dict[str, Value] = field(default_factory=dict)

    def note(self, plan: Plan) -> None:
        """Take in a plan: who uses an output that it changes does not know the value yet."""
        self.changed.update(changed_outputs(plan))
        self.parts.update(parts_of(plan.stack.name, plan.outputs))

    def waits(self, desired: DesiredStack) -> frozenset[str]:
        """The outputs that the stack uses and that are not known before the applies of others."""
        return frozenset(
            use.key
            for use in desired.uses
            if use.key in self.changed or use.producer in self.unplanned
        )

    def of(self, desired: DesiredStack | None) -> DesiredStack | None:
        """The stack as it is planned now, with these outputs unknown."""
        return None if desired is None else withhold(desired, self.waits(desired), self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """The stacks of one apply that are not as their specs say, by name, each with a few words why.

    ``before`` are the stacks that come before each. ``failed`` are those whose apply began and gave
    no outputs; ``left_over`` those that gave them, and could not delete all that leaves.
    ``changed`` are all stacks whose apply changed something, or recorded other outputs as used.
    """

    before: Mapping[str, frozenset[str]]
    words: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    left_over: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def note(self, name: str, why: str) -> None:
        """Take in a stack that is not applied."""
        self.words[name] = why

    def take(self, each: Planned, result: WalkResult) -> None:
        """Take in how the apply of a stack ended."""
        name, wanted = each.plan.stack.name, each.desired
        # What an apply that died has changed may be recorded by one that changes nothing.
        catches_up = wanted is not None and wanted.marks != each.recorded.uses
        if result.done or (result.ok and catches_up):
            self.changed.add(name)
        if not result.ok or result.goes_on:
            self.words[name] = "is not applied whole"
            (self.left_over if result.left_over else self.failed).add(name)

    @property
    def another_turn(self) -> str:
        """What another turn can delete now that users have moved away, in words; empty: nothing."""
        free = sorted(
            name
            for name in self.left_over
            if any(name in self.before.get(user, ()) for user in self.changed)
        )
        if not free:
            return ""
        names = ", ".join(f"`{name}`" for name in free)
        return f"The stacks that used what {names} replaced have moved: the next turn deletes it."

    def holds(self, each: Planned) -> str:
        """Why the plan has to wait for another stack; empty when it does not have to.

        It waits for a stack that comes before it if the apply of that one failed, if it needs an
        output that such an apply gives, or if it deletes what that one uses.
        """
        plan = each.plan
        waits_for = {producer_of(key) for key in pending(plan)}
        for name in sorted(self.before.get(plan.stack.name, frozenset()) & self.words.keys()):
            if plan.destroys:
                return f"`{name}`, which used it, {self.words[name]}"
            if name in self.failed or (name in waits_for and name not in self.left_over):
                return f"it uses outputs of `{name}`, which {self.words[name]}"
        return ""


def turn_of(each: Planned, now: DesiredStack | None, undone: Undone) -> tuple[Planned, str]:
    """The plan with the outputs that it uses as they are now, and why it has to wait; else empty.

    ``now`` is the stack as it is wanted now.
    """
    fresh = _with_outputs(each, now)
    return fresh, undone.holds(fresh) or _missing_outputs(fresh) or _other_outputs(fresh)


def _with_outputs(each: Planned, now: DesiredStack | None) -> Planned:
    """The plan with the values that its unknown outputs have now; the others stay as planned."""
    desired = each.desired
    if desired is None or now is None or not desired.uses:
        return each
    open_ = pending(each.plan)
    kept = {key: value for key, value in desired.given.items() if key not in open_}
    marks = {key: mark for key, mark in desired.marks.items() if key not in open_}
    fresh = {key: value for key, value in now.given.items() if key in open_}
    news = {key: mark for key, mark in now.marks.items() if key in open_}
    return replace(each, desired=replace(desired, given={**kept, **fresh}, marks={**marks, **news}))


def _other_outputs(each: Planned) -> str:
    """Why the plan cannot be applied: what was to stay of an output is another one now; else empty."""
    given = each.desired.given if each.desired is not None else {}
    names = sorted(
        key
        for key in pending(each.plan) & given.keys()
        if not agrees(each.plan.uses[key], given[key])
    )
    if not names:
        return ""
    return (
        f"{', '.join(f'`{key}`' for key in names)} became another than was planned: plan it again"
    )


def _missing_outputs(each: Planned) -> str:
    """Why the plan cannot be applied: it uses an output that no apply has recorded; else empty."""
    missing = lacking(each.desired) if each.desired is not None else ()
    if not missing:
        return ""
    names = ", ".join(f"`{key}`" for key in missing)
    return f"it uses {names}, which no apply has recorded yet: apply that stack first"
