"""Applies the stacks that a person agreed to, side by side where they do not need each other. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gitbot.bootstrap.engine import Opened
from gitbot.cli.changes import Results, ask_consent, show_plans
from gitbot.cli.common import note
from gitbot.cli.signals import Interrupt
from gitbot.cli.targets import actor, leased, plans_of, readable
from gitbot.decisions.claims import refuse_command_line
from gitbot.decisions.consent import check_agreed
from gitbot.errors import CloudError, RefusedError, TransientError, UserError
from gitbot.jobs.steps.ahead import Undone, turn_of
from gitbot.jobs.steps.obstacles import refuse_frozen
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.side_by_side import AT_ONCE, side_by_side
from gitbot.jobs.steps.target import Target, order_of_turns, target_stacks
from gitbot.jobs.steps.target_plans import apply_planned, open_cloud
from gitbot.model.cloud import Purpose
from gitbot.model.freeze import Act
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.recorded import Lease
from gitbot.ports.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turns:
    """One change of an environment at the command line, under its lease.

    ``done`` has the result of each stack that was begun, ``unread`` why others are left as they are.
    Both are filled by several threads, each for stacks of its own.
    """

    opened: Opened
    target: Target
    cloud: Cloud
    lease: Callable[[], Lease]
    undone: Undone
    unread: dict[str, str]
    done: dict[str, tuple[Planned, WalkResult]] = field(default_factory=dict)

    def take(self, plan: Planned) -> None:
        """Apply one plan, unless it has to wait for another stack or is frozen by now."""
        stack, engine, target = plan.plan.stack, self.opened.engine, self.target
        now = engine.wanted(target.tree, target.key).stacks.get(stack.name)
        each, why = turn_of(plan, now, self.undone)
        try:
            if why:
                raise RefusedError(why)
            # Somebody may have frozen it since this command began: what has not begun waits.
            refuse_frozen(
                self.opened, target.rules(), stack, each.plan.desired_hash, act=act_of(target)
            )
        except RefusedError as error:
            self.unread[stack.name] = str(error)
            self.undone.note(stack.name, "is not applied now")
            return
        result = apply_planned(
            engine, self.opened, target, self.cloud, self.lease, each, actor=actor()
        )
        self.done[stack.name] = (each, result)
        self.undone.take(each, result)


def act_of(target: Target) -> Act:
    """What the change does, for the windows that forbid it."""
    return Act.DESTROY if target.towards_nothing else Act.APPLY


def change(
    opened: Opened,
    target: Target,
    interrupt: Interrupt,
    unread: dict[str, str],
    *,
    yes: bool,
    digest: str | None,
    as_json: bool,
) -> Results:
    """Plan the target under its lease, ask for consent, and apply; the results in the order of the plans.

    At most four stacks are applied at a time, and no more than resources may be changed. After Ctrl-C
    no other is begun; those that are not are named.

    Raises:
        UserError, CloudError, TransientError: nothing was agreed to, or a plan could not be made.
        LeaseLostError: another process took over the environment.
    """
    cloud = open_cloud(opened.engine, target, Purpose.APPLY)
    with leased(opened, target) as lease:
        # Ask before planning: under the lease, a plan gives renamed stacks their new names.
        refuse_blocked(opened, target)
        unsettled = _unsettled(opened, target, cloud) if digest else {}
        planned = plans_of(opened, target, cloud, unread, lease)
        if not as_json:
            show_plans(readable(target, planned), as_json=False)
        ask_consent(planned, yes, digest, unsettled)
        turns = _Turns(
            opened=opened,
            target=target,
            cloud=cloud,
            lease=lease,
            undone=order_of_turns(opened.engine, target, planned, unread),
            unread=unread,
        )
        turns = _take_with_more(turns, planned, interrupt)
    done = [turns.done[name] for name in _names(planned) if name in turns.done]
    plans = readable(target, [each for each, _ in done])
    return [(each, result) for each, (_, result) in zip(plans, done, strict=True)]


def _unsettled(opened: Opened, target: Target, cloud: Cloud) -> Mapping[str, Plan]:
    """The plans, by label, of stacks of which an apply has begun what it has not recorded, as `gitbot plan` shows them.

    An apply settles that first, and then has another plan than the one that somebody has read.
    """
    if not any(state.intents for state in opened.engine.state.read_all(target.key)):
        return {}
    found = plans_of(opened, target, cloud, {}, problems=[])
    return {each.plan.stack.label: each.plan for each in found if each.plan.begun is not None}


def _take_with_more(turns: _Turns, planned: Sequence[Planned], interrupt: Interrupt) -> _Turns:
    """Take all turns, and more as long as one can delete what users have left in the one before."""
    _take_all(turns, planned, interrupt)
    while turns.undone.another_turn and not interrupt():
        note(turns.undone.another_turn)
        turns = _another(turns, interrupt)
    return turns


def _another(turns: _Turns, interrupt: Interrupt) -> _Turns:
    """Take the turns of the stacks that could not delete all that leaves, once users have moved away.

    That is the rest of what was agreed to; who would do anything else is left as it is.
    """
    opened, target = turns.opened, turns.target
    unread: dict[str, str] = {}
    rest = []
    for each in _planned_again(turns, unread):
        name = each.plan.stack.name
        if name in turns.undone.left_over and _is_agreed(turns.done[name][0].plan, each.plan):
            rest.append(each)
    undone = order_of_turns(opened.engine, target, rest, unread)
    more = replace(turns, undone=undone, done={})
    _take_all(more, rest, interrupt)
    for name, (_, result) in more.done.items():
        before, done = turns.done[name]
        turns.done[name] = (before, done.followed_by(result))
    return replace(more, done=turns.done)


def _planned_again(turns: _Turns, unread: dict[str, str]) -> Sequence[Planned]:
    """The plans of another turn. What cannot be planned is told: what was done stands, and is shown."""
    engine = turns.opened.engine
    try:
        return plans_of(turns.opened, turns.target, turns.cloud, unread, turns.lease)
    except (UserError, CloudError, TransientError) as error:
        note(f"The next turn cannot be planned: {engine.hide(str(error))}")
        return ()
    finally:
        for name in sorted(turns.undone.left_over & unread.keys()):
            note(f"The next turn of {name} cannot be planned: {unread[name]}")


def _is_agreed(agreed: Plan, plan: Plan) -> bool:
    try:
        check_agreed(agreed, plan)
    except RefusedError as error:
        note(str(error))
        return False
    return True


def refuse_blocked(opened: Opened, target: Target) -> None:
    """Return when nobody claims, and nothing freezes, what the target changes.

    Raises:
        RefusedError: somebody or something does.
    """
    stacks = target_stacks(opened.engine, target)
    refuse_command_line(opened.records.claims.of_environment(target.key), stacks)
    for stack, wanted in sorted(stacks.items()):
        refuse_frozen(opened, target.rules(), stack, wanted, act=act_of(target))


def _take_all(turns: _Turns, planned: Sequence[Planned], interrupt: Interrupt) -> None:
    plans = {each.plan.stack.name: each for each in planned}
    before = turns.undone.before
    left: list[str] = []

    def take(name: str) -> None:
        if interrupt():
            left.append(name)
        else:
            turns.take(plans[name])

    side_by_side(
        {name: before[name] & plans.keys() for name in plans},
        take,
        at_once=min(AT_ONCE, turns.opened.engine.parallelism),
    )
    if left:
        named = [plans[name].plan for name in _names(planned) if name in left]
        labels = [plan.stack.label for plan in named if not plan.empty]
        note(f"Not begun: {', '.join(labels) or 'nothing'}.")


def _names(planned: Sequence[Planned]) -> list[str]:
    return [each.plan.stack.name for each in planned]
