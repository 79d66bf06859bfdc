"""Stacks side by side, and what waits for what."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from gitbot.errors import UserError
from gitbot.jobs.steps.ahead import Ahead, Undone, turn_of
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.side_by_side import AT_ONCE, side_by_side
from gitbot.model.names import Address
from gitbot.model.plan import Action, OutputChange, ResourceFailure, WalkResult
from gitbot.reconciler.across import pending, withhold
from tests.unit.reconciler.planning_world import STACK, plan_of, state
from tests.unit.reconciler.test_across import destroying, give, using


def test_what_needs_nothing_runs_at_the_same_time_and_no_more_than_allowed() -> None:
    together = threading.Barrier(AT_ONCE, timeout=20)
    names = [f"s{number}" for number in range(2 * AT_ONCE)]
    lock, running, most = threading.Lock(), [0], [0]

    def do(name: str) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        together.wait()
        with lock:
            running[0] -= 1

    side_by_side({name: () for name in names}, do)
    assert most == [AT_ONCE]


def test_what_is_needed_comes_first_and_nothing_is_begun_after_an_error() -> None:
    done: list[str] = []
    side_by_side({"c": ["b"], "a": [], "b": ["a"]}, done.append)
    assert done == ["a", "b", "c"]

    def fail(name: str) -> None:
        done.append(name)
        raise UserError(name)

    done.clear()
    with pytest.raises(UserError, match="a"):
        side_by_side({"a": [], "b": ["a"]}, fail)
    assert done == ["a"]


def test_an_output_that_a_plan_before_changes_is_unknown() -> None:
    ahead, web = Ahead(), give(using("web", "net.id"))
    assert ahead.of(web) == web
    assert ahead.of(None) is None
    ahead.note(replace(plan_of(using("net")), stack=replace(STACK, name="net")))
    assert ahead.waits(web) == {"net.id"}
    assert Ahead(unplanned={"net"}).waits(web) == {"net.id"}


def planned(*, withheld: bool) -> Planned:
    web = withhold(give(using("web", "net.id")), {"net.id"} if withheld else (), {})
    return Planned(plan=plan_of(web), desired=web, recorded=state())


FROZEN = "it uses outputs of `net`, which is frozen"
NOT_WHOLE = "it uses outputs of `net`, which is not applied whole"
FAILED = (ResourceFailure(address=Address("subnet"), action=Action.CREATE, message="refused"),)
CHANGED = ((Address("subnet"), Action.REPLACE),)


@pytest.mark.parametrize(("withheld", "why"), [(True, FROZEN), (False, "")])
def test_who_needs_an_output_of_what_is_not_applied_waits_for_it(withheld: bool, why: str) -> None:
    undone = Undone(before={"web": frozenset({"net", "other"})})
    undone.note("net", "is frozen")
    assert undone.holds(planned(withheld=withheld)) == why
    assert Undone(before={}, words={"net": "x"}, failed={"net"}).holds(planned(withheld=True)) == ""


@pytest.mark.parametrize("withheld", [True, False])
@pytest.mark.parametrize(
    ("result", "why"),
    [
        (WalkResult(done=CHANGED), ""),
        (WalkResult(failures=FAILED), NOT_WHOLE),
        (WalkResult(goes_on="half is done"), NOT_WHOLE),
        (WalkResult(failures=FAILED, left_over=True), ""),
        (WalkResult(failures=FAILED, left_over=True, goes_on="half is deleted"), ""),
    ],
    ids=["done", "failed", "goes on", "only an old object is left", "an old bucket is emptied"],
)
def test_who_uses_a_stack_waits_while_its_outputs_are_not_recorded(
    withheld: bool, result: WalkResult, why: str
) -> None:
    undone = Undone(before={"web": frozenset({"net"})})
    undone.take(applied("net"), result)
    assert undone.holds(planned(withheld=withheld)) == why


def applied(name: str, *, caught_up: bool = True) -> Planned:
    """A plan of the stack, which was applied before with the outputs that it uses, or not."""
    wanted = replace(using("web", "net.id"), marks={"net.id": "new"})
    plan = replace(plan_of(wanted), stack=replace(STACK, name=name))
    uses = {"net.id": "new" if caught_up else "old"}
    return Planned(plan=plan, desired=wanted, recorded=replace(state(), uses=uses))


def test_another_turn_deletes_what_a_user_that_has_moved_no_longer_needs() -> None:
    undone = Undone(before={"web": frozenset({"net"}), "job": frozenset()})
    undone.take(applied("net"), WalkResult(failures=FAILED, left_over=True))
    undone.take(applied("job"), WalkResult(done=CHANGED))
    undone.take(applied("web"), WalkResult())
    assert undone.another_turn == "", "no user of it has changed"
    undone.take(applied("web"), WalkResult(done=CHANGED))
    assert "`net`" in undone.another_turn


def test_a_user_has_moved_too_whose_change_an_apply_that_died_has_made() -> None:
    undone = Undone(before={"web": frozenset({"net"})})
    undone.take(applied("net"), WalkResult(failures=FAILED, left_over=True))
    undone.take(applied("web", caught_up=False), WalkResult(failures=FAILED))
    assert undone.another_turn == "", "it failed"
    undone.take(applied("web", caught_up=False), WalkResult())
    assert "`net`" in undone.another_turn


def test_what_failed_takes_no_other_turn() -> None:
    undone = Undone(before={"web": frozenset({"net"})})
    undone.take(applied("net"), WalkResult(failures=FAILED))
    undone.take(applied("web"), WalkResult(done=CHANGED))
    assert undone.another_turn == ""


def test_what_has_an_old_object_left_is_still_in_the_way_of_who_is_destroyed() -> None:
    plan = replace(destroying("net"), stack=replace(STACK, name="web"))
    undone = Undone(before={"web": frozenset({"job"})})
    undone.take(applied("job"), WalkResult(failures=FAILED, left_over=True))
    each = Planned(plan=plan, desired=None, recorded=state())
    assert undone.holds(each) == "`job`, which used it, is not applied whole"


def test_nothing_is_deleted_before_who_used_it_is_done() -> None:
    plan = replace(destroying("net"), stack=replace(STACK, name="web"))
    each = Planned(plan=plan, desired=None, recorded=state())
    undone = Undone(before={"web": frozenset({"job"})}, words={"job": "waits for consent"})
    assert undone.holds(each) == "`job`, which used it, waits for consent"
    assert turn_of(each, None, Undone(before={})) == (each, "")


def test_an_unknown_output_is_bound_at_its_turn_and_a_known_one_stays_as_reviewed() -> None:
    undone = Undone(before={})
    now = give(using("web", "net.id"), "sg-2")
    fresh, why = turn_of(planned(withheld=True), now, undone)
    assert (fresh.desired and fresh.desired.given, why) == ({"net.id": "sg-2"}, "")
    fresh, _ = turn_of(planned(withheld=False), now, undone)
    assert fresh.desired is not None
    assert fresh.desired.given == {"net.id": "sg-1"}
    _, why = turn_of(planned(withheld=True), using("web", "net.id"), undone)
    assert why == "it uses `net.id`, which no apply has recorded yet: apply that stack first"


def test_what_stays_of_an_output_is_known_and_must_be_so_at_its_turn() -> None:
    ahead, web = Ahead(), give(using("web", "net.id"), ["a", "b"])
    change = OutputChange(name="id", before=["a", "b"], after=["a", "c"])
    plan = replace(plan_of(using("net")), outputs=(change,), stack=replace(STACK, name="net"))
    ahead.note(plan)
    held = ahead.of(web)
    assert held is not None
    (known, _) = held.parts["net.id"]
    assert known == "a"
    made = plan_of(held)
    assert pending(made) == {"net.id"}
    again = withhold(give(using("web", "net.id"), ["a", "c"]), pending(made), made.uses)
    assert plan_of(again).digest == made.digest, "whoever agreed to it agreed to this"
    each = Planned(plan=made, desired=held, recorded=state())
    for value, why in (
        (["a", "x"], ""),
        (["x", "c"], "`net.id` became another than was planned: plan it again"),
    ):
        assert turn_of(each, give(using("web", "net.id"), value), Undone(before={}))[1] == why


def test_what_two_turns_did_is_told_as_one() -> None:
    first = WalkResult(done=CHANGED, failures=FAILED, left_over=True, kept=("snap-1 is kept",))
    rest = WalkResult(done=((Address("old"), Action.DELETE),), kept=("snap-2 is kept",))
    both = first.followed_by(rest)
    assert both.ok
    assert both.done == (*CHANGED, (Address("old"), Action.DELETE))
    assert both.kept == ("snap-1 is kept", "snap-2 is kept")
