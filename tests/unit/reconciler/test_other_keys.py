"""Plans where hashes in state were made with another key."""

from __future__ import annotations

import pytest

from gitbot.model.desired import DesiredOutput
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import RecordedOutput
from gitbot.model.values import Redacted, Redactor, Sensitive, redactor
from gitbot.render.plan_comments import plan_comment
from gitbot.render.terminal import plan_lines
from gitbot.render.views import EnvironmentPlanView, PlanCommentView, StackPlanView
from tests.unit.reconciler.planning_world import (
    MACHINE,
    REDACT,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)
from tests.unit.render.plans_by_hand import HEAD, TIP

OTHER = redactor(b"other", "0ther000")
WORDS = (
    "Another GITBOT_HASH_KEY: state has hashes of sensitive values under the key 0ther000, and this process has the "
    "key k1. So every sensitive value counts as changed here, also where it is the same."
)


def planned(*hashes: Redacted, desired: str = "p", with_: Redactor = REDACT) -> Plan:
    """A plan of machines with the same password, which state has in these hashes."""
    names = [f"m{at}" for at in range(len(hashes))]
    return plan_of(
        stack(*(resource(one, MACHINE, {"Password": Sensitive(desired)}) for one in names)),
        state(
            *(
                record(one, MACHINE, {"Password": known})
                for one, known in zip(names, hashes, strict=True)
            )
        ),
        {address: seen for one in names for address, seen in present(one).items()},
        redactor=with_,
    )


def test_a_plan_with_another_key_says_so_right_after_its_headline() -> None:
    plan = planned(OTHER("p"), OTHER("p"))
    told = [line.text for line in plan_lines(plan)]
    assert told[1].startswith("2 to update")
    assert told[2].startswith(WORDS)
    assert "apply nothing" in told[2]
    shown = StackPlanView(name="one", plan=plan)
    page = plan_comment(
        PlanCommentView(
            head=HEAD,
            tip=TIP,
            tracked_branch="main",
            environments=(EnvironmentPlanView(name="dev", stacks=(shown,)),),
        )
    ).pages[0]
    assert "0ther000, and this process has the key k1" in page


def test_a_key_that_only_an_output_shows_is_told_too() -> None:
    """The kind: two people with two keys, and each apply makes the state the other way round."""
    token = DesiredOutput(value=Sensitive("t"), sensitive=True)
    was = RecordedOutput(value=OTHER("t"), sensitive=True)
    plan = plan_of(stack(outputs={"token": token}), state(outputs={"token": was}))
    assert "under the key 0ther000, and this process has the key k1" in plan.other_key
    same = RecordedOutput(value=REDACT("older"), sensitive=True)
    assert plan_of(stack(outputs={"token": token}), state(outputs={"token": same})).other_key == ""


@pytest.mark.parametrize("known", [REDACT("p"), REDACT("q"), Redacted(digest="", key_id="")])
def test_a_value_that_changes_under_the_same_key_is_told_as_ever(known: Redacted) -> None:
    assert planned(known).other_key == ""


def test_a_key_that_was_replaced_is_told_until_all_values_were_sent_again() -> None:
    half = planned(REDACT("p"), OTHER("p"))
    assert "under the key 0ther000" in half.other_key
    assert (change_of(half, "m0").action, change_of(half, "m1").action) == (
        Action.NOOP,
        Action.UPDATE,
    )
    after = planned(REDACT("p"), REDACT("p"))
    assert (after.other_key, change_of(after, "m1").action) == ("", Action.NOOP)


def test_it_does_not_move_the_digest() -> None:
    """The same is done of it, whatever key the hashes had before."""
    assert planned(OTHER("p")).digest == planned(REDACT("q")).digest
