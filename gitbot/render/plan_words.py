"""Says in one line what a plan does and what people lose by it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitbot.model.plan import Action, Change, Plan
from gitbot.render.access import hidden, opened
from gitbot.render.views import PlanCommentView

MOST_NAMES = 3


def count_changes(plans: Sequence[Plan]) -> str:
    """What the plans do together: ``2 to create, 1 to update``."""
    words = [f"{len(changes)} {what}" for what, changes in _groups(plans)]
    words += _besides(plans)
    if words:
        return ", ".join(words)
    if any(change.settings for plan in plans for change in plan.changes):
        return "only lifecycle settings change"
    if any(plan.moves_end for plan in plans):
        return "only the expiry changes"
    if any(plan.outputs for plan in plans):
        return "only outputs change"
    looks = any(plan.new_lookups for plan in plans)
    return "only what is looked up changes" if looks else "nothing to do"


def unplanned(view: PlanCommentView) -> str:
    """How many stacks have no plan, as the end of a sentence; empty for none. They count as nothing otherwise."""
    count = sum(stack.plan is None for each in view.environments for stack in each.stacks)
    return f"; {count} stack{'s have' if count > 1 else ' has'} no plan" if count else ""


def plan_summary(plan: Plan) -> str:
    """The plan in a few words: ``2 to create, 1 to update`` or ``nothing to do``."""
    counts = [f"{len(changes)} {what}" for what, changes in _groups([plan])]
    counts += _besides([plan])
    if counts:
        return ", ".join(counts)
    if plan.outputs:
        return "only outputs change"
    if any(change.settings for change in plan.changes):
        return "only lifecycle settings change: nothing in the cloud does"
    if plan.moves_end:
        return "only the expiry changes: nothing in the cloud does"
    if plan.new_lookups:
        return "only what is looked up changes: nothing in the cloud does"
    return "nothing to do: the cloud is as the specs say"


def plan_headline(plan: Plan) -> str:
    """Like ``plan_summary``, and what people lose and open: ``1 to replace: its disk is lost``."""
    opens = what_opens([plan])
    return f"{_with_losses(plan)}; {opens}" if opens else _with_losses(plan)


def what_opens(plans: Sequence[Plan]) -> str:
    """What the plans open to everybody: ``opens 0.0.0.0/0``; empty for nothing."""
    found = [each for plan in plans for change in plan.effective for each in opened(change)]
    names = list(dict.fromkeys(found))
    return f"opens {_names(names)}" if names else ""


def _with_losses(plan: Plan) -> str:
    lost = [change for change in plan.changes if change.loses and change.action is not Action.NOOP]
    if not lost:
        return plan_summary(plan)
    counts = [
        _count(f"{len(changes)} {what}", changes, [one for one in changes if one.loses])
        for what, changes in _groups([plan])
    ]
    return "; ".join((*counts, *_besides([plan])))


def _besides(plans: Sequence[Plan]) -> tuple[str, ...]:
    """What happens to objects whose properties do not change."""
    starts = sum(plan.starts for plan in plans)
    renames = sum(plan.renames for plan in plans)
    words = (
        f"{starts} to start" if starts else "",
        f"{renames} to rename in state" if renames else "",
    )
    return tuple(filter(None, words))


def _groups(plans: Sequence[Plan]) -> Iterator[tuple[str, Sequence[Change]]]:
    """What happens to the changes, and these. What only may be replaced is apart."""
    every = [change for plan in plans for change in plan.effective]
    for action in Action:
        same = [one for one in every if one.action is action]
        open_ = [one for one in same if one.decided_by]
        if len(same) > len(open_):
            yield f"to {action.value}", [one for one in same if not one.decided_by]
        if open_:
            yield "may be replaced", open_


def _count(words: str, changes: Sequence[Change], lost: Sequence[Change]) -> str:
    if len(changes) == 1 and lost:
        return f"{words}: {lost[0].loses}"
    by_loss: dict[str, list[str]] = {}
    for change in lost:
        by_loss.setdefault(change.loses, []).append(f"`{change.address}`")
    groups = [f"{_names(names)}: {loses}" for loses, names in by_loss.items()]
    return f"{words} ({'; '.join(groups)})" if groups else words


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"


def hides_access(plan: Plan) -> bool:
    """Whether the plan hides who may do what, or what runs: nobody can review that."""
    return any(hidden(change) for change in plan.changes)
