"""Tests for removing sensitive values from views."""

from __future__ import annotations

from gitbot.model.secrets import Secrets
from gitbot.render.plan_comments import plan_comment
from gitbot.render.secrecy import CONCEALED, conceals_plan, explained, without_secrets
from gitbot.render.views import EnvironmentPlanView, Excerpts, PlanCommentView, StackPlanView
from tests.unit.render.plans_by_hand import HEAD, TIP, created, plan

SECRET = "hunter2_[x]_hunter2"


def view(*stacks: StackPlanView, **more: str) -> PlanCommentView:
    return PlanCommentView(
        head=HEAD,
        tip=TIP,
        tracked_branch="main",
        environments=(EnvironmentPlanView(name="dev", stacks=stacks),),
        excerpts=Excerpts(lines={("specs/dev/a.yaml", 3): f"  token: {SECRET}"}),
        notes=(f"a note with {SECRET}",),
    )


def test_every_text_of_a_view_is_cleaned_before_it_is_escaped() -> None:
    """The kind: a filter after the escape, which no longer finds what was escaped."""
    blocked = f"it could not be planned: {SECRET}"
    shown = view(
        StackPlanView(name="one", blocked=blocked),
        StackPlanView(name="two", plan=plan(created(GroupDescription=["x", {"y": SECRET}]))),
    )
    cleaned = without_secrets(shown, Secrets(texts=frozenset({SECRET})))
    assert SECRET not in str(cleaned)
    assert "hunter2" not in "".join(plan_comment(cleaned).pages)


def test_a_plan_that_repeats_a_secret_does_not_count_as_shown_and_says_so() -> None:
    """The kind: a change that a filter hides from the people who agree to it."""
    secrets = Secrets(texts=frozenset({SECRET}))
    leaks = StackPlanView(name="one", plan=plan(created(GroupDescription=SECRET)))
    clean = StackPlanView(name="two", plan=plan(created(GroupDescription="fine")), blocked=SECRET)
    (before,) = view(leaks, clean).environments
    after = without_secrets(before, secrets)
    assert conceals_plan(before, after)
    told = explained(before, after)
    assert [one.blocked for one in told.stacks] == [CONCEALED, "(sensitive)"]
    (only,) = view(clean).environments
    assert not conceals_plan(only, without_secrets(only, secrets))


def test_a_view_without_secrets_is_not_copied() -> None:
    shown = view(StackPlanView(name="one"))
    assert without_secrets(shown, Secrets()) is shown
    assert without_secrets(shown, Secrets(texts=frozenset({"elsewhere"}))) is shown
